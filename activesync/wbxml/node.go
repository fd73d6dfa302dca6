package wbxml

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// Node is an element with all that is in it.
type Node struct {
	Tag      Tag
	Children []*Node
	Text     []byte
	Opaque   bool // Text was opaque data
}

// Parse reads a whole document as a tree.
func Parse(data []byte) (*Node, error) {
	r, err := NewReader(data)
	if err != nil {
		return nil, err
	}
	t, err := r.Next()
	if err != nil {
		return nil, err
	}
	if t.Kind != Start {
		return nil, r.fail(ErrStructure)
	}
	n := &Node{Tag: t.Tag}
	return n, n.fill(r)
}

// fill reads up to the end of the element.
func (n *Node) fill(r *Reader) error {
	for {
		t, err := r.Next()
		if err != nil {
			return err
		}
		if t.Kind == End {
			return nil
		}
		if err := n.take(r, t); err != nil {
			return err
		}
	}
}

func (n *Node) take(r *Reader, t Token) error {
	switch t.Kind {
	case Text:
		n.Text = append(n.Text, t.Text...)
		n.Opaque = n.Opaque || t.Opaque
	case Start:
		c := &Node{Tag: t.Tag}
		n.Children = append(n.Children, c)
		return c.fill(r)
	}
	return nil
}

// Child is the first child of that name, nil when there is none.
func (n *Node) Child(t Tag) *Node {
	if n == nil {
		return nil
	}
	for _, c := range n.Children {
		if c.Tag == t {
			return c
		}
	}
	return nil
}

// Append writes the document of which n is the root behind dst.
func (n *Node) Append(dst []byte) []byte {
	w := Writer{buf: append(dst, header[:]...)}
	n.write(&w)
	return w.buf
}

func (n *Node) write(w *Writer) {
	w.Start(n.Tag)
	if n.Opaque {
		w.Opaque(n.Text)
	} else {
		w.textBytes(n.Text)
	}
	for _, c := range n.Children {
		c.write(w)
	}
	w.End()
}

// Dump writes a document so that a person can read it: an element a line,
// indented, long values cut.
func Dump(out io.Writer, data []byte) error {
	n, err := Parse(data)
	if err != nil {
		return err
	}
	return n.dump(out, 0)
}

const dumpText = 200

func (n *Node) dump(out io.Writer, depth int) error {
	text := ""
	if len(n.Text) > 0 {
		text = fmt.Sprintf(" %q", n.Text[:min(len(n.Text), dumpText)])
		if len(n.Text) > dumpText {
			text += fmt.Sprintf(" … %d bytes", len(n.Text))
		}
		if n.Opaque {
			text = " opaque" + text
		}
	}
	if _, err := fmt.Fprintf(out, "%s%v%s\n", strings.Repeat("  ", depth), n.Tag, text); err != nil {
		return err
	}
	for _, c := range n.Children {
		if err := c.dump(out, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// Equal reports whether two trees are the same.
func (n *Node) Equal(o *Node) bool {
	if n.Tag != o.Tag || !bytes.Equal(n.Text, o.Text) || len(n.Children) != len(o.Children) {
		return false
	}
	for i, c := range n.Children {
		if !c.Equal(o.Children[i]) {
			return false
		}
	}
	return true
}
