package wbxml

import "bytes"

// Node is an element with all that is in it. Text that came in parts, or beside
// elements, is joined.
type Node struct {
	Tag      Tag
	Children []*Node
	Text     []byte
	Opaque   bool // Text was opaque data
}

// Parse reads a whole document as a tree. Errors are those of Unmarshal.
func Parse(data []byte) (*Node, error) { return ParseLimits(data, Limits{}) }

// ParseLimits is Parse with other limits than the defaults.
func ParseLimits(data []byte, l Limits) (*Node, error) {
	r, err := open(data, l)
	if err != nil {
		return nil, err
	}
	t, err := r.Next() // always a Start
	if err != nil {
		return nil, err
	}
	n := &Node{Tag: t.Tag}
	if err := n.fill(&r); err != nil {
		return nil, err
	}
	return n, nil
}

// fill reads up to the end of the element.
func (n *Node) fill(r *Reader) error {
	for {
		t, err := r.Next()
		if err != nil {
			return err
		}
		switch t.Kind {
		case End:
			return nil
		case Text:
			n.Text = append(n.Text, t.Text...)
			n.Opaque = n.Opaque || t.Opaque
		case Start:
			c := &Node{Tag: t.Tag}
			n.Children = append(n.Children, c)
			if err := c.fill(r); err != nil {
				return err
			}
		}
	}
}

// Child is the first child of that name, nil when there is none or n is nil.
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

// Append writes the document of which n is the root behind dst. Text is written
// before the children, without the characters that XML 1.0 does not have.
func (n *Node) Append(dst []byte) ([]byte, error) {
	w := Writer{buf: append(dst, header[:]...)}
	n.write(&w)
	return w.buf, w.Close()
}

func (n *Node) write(w *Writer) {
	w.Start(n.Tag)
	if w.err != nil {
		return
	}
	if n.Opaque {
		w.Opaque(n.Text)
	} else {
		w.TextBytes(n.Text)
	}
	for _, c := range n.Children {
		c.write(w)
	}
	w.End()
}

// Equal reports whether two trees have the same elements and texts, however
// those were written.
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
