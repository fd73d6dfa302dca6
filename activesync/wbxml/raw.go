package wbxml

import (
	"bytes"
)

// Raw is the content of an element as it came: to be decoded later, once it is
// known what it is, or to be passed on. It holds its own copy, but for what
// UnmarshalShared reads. Written, the zero Raw is an element without content; a
// nil *Raw is none.
type Raw struct {
	data []byte
	from byte // code page in force before data
	to   byte // and after
	// shared: data is a part of a document, and what is read of it likewise.
	shared bool
}

// MakeRaw is the content that the element of a struct would have.
func MakeRaw(v any) (Raw, error) {
	rv, err := structOf(v)
	if err != nil {
		return Raw{}, err
	}
	w := Writer{stack: make([]int, 1, 16)}
	w.stack[0] = -1
	if err := w.fields(planOf(rv.Type()), rv); err != nil {
		return Raw{}, err
	}
	return Raw{data: w.buf, to: w.page}, w.err
}

// Empty reports whether the element had no content.
func (r Raw) Empty() bool { return len(r.data) == 0 }

// Len is how many bytes the content has.
func (r Raw) Len() int { return len(r.data) }

// Equal reports whether both are the same bytes in the same code page.
func (r Raw) Equal(o Raw) bool {
	return bytes.Equal(r.data, o.data) && (r.from == o.from || len(r.data) == 0)
}

// Unmarshal reads the content into the struct that v points to, as the function
// Unmarshal does, or for a shared one UnmarshalShared. Offsets in errors count from the start of the content.
func (r Raw) Unmarshal(v any) error { return r.unmarshal(v, Limits{}) }

func (r Raw) unmarshal(v any, l Limits) error {
	rv, err := target(v)
	if err != nil {
		return err
	}
	d := r.reader(l)
	if err := d.members(planOf(rv.Type()), rv); err != nil {
		return err
	}
	return d.bad
}

// Node reads the content as a tree; the result stands for the element itself,
// whose tag it does not know.
func (r Raw) Node() (*Node, error) {
	d := r.reader(Limits{})
	n := &Node{}
	if err := n.fill(&d); err != nil {
		return nil, err
	}
	return n, nil
}

// Text is the content as text. Elements in it are passed over.
func (r Raw) Text() ([]byte, error) {
	d := r.reader(Limits{})
	text, err := d.Text()
	return bytes.Clone(text), err
}

func (r Raw) reader(l Limits) Reader {
	l = l.filled()
	return Reader{data: r.data, page: r.from, stack: make([]Tag, 1, 16), depth: l.Depth, elements: l.Elements, fragment: true, shares: r.shared}
}

func (w *Writer) raw(r Raw) {
	if len(r.data) == 0 {
		return
	}
	w.content()
	if w.page != r.from {
		w.buf = append(w.buf, switchPage, r.from)
	}
	w.buf = append(w.buf, r.data...)
	w.page = r.to
	w.settle()
}

// Raw reads the rest of the innermost element, its End included.
func (r *Reader) Raw() (Raw, error) {
	raw := Raw{from: r.page, to: r.page}
	if r.ended { // no content
		_, err := r.Next()
		return raw, err
	}
	begin := r.pos
	if err := r.Skip(); err != nil {
		return Raw{}, err
	}
	end := max(begin, r.pos-1) // without its END
	raw.data, raw.to, raw.shared = r.data[begin:end:end], r.page, r.shares
	if !r.shares {
		raw.data = bytes.Clone(raw.data)
	}
	return raw, nil
}

// Raw reads the rest of the innermost element, its End included, into memory.
// More than Limits.Size of it is ErrSize.
func (d *Decoder) Raw() (Raw, error) {
	raw := Raw{from: d.page}
	w := Writer{page: d.page, stack: make([]int, 1, 16)}
	w.stack[0] = -1
	for depth := len(d.stack); len(d.stack) >= depth && depth > 0; {
		t, err := d.Next()
		if err != nil {
			return Raw{}, err
		}
		switch t.Kind {
		case Start:
			w.Start(t.Tag)
		case End:
			if len(d.stack) >= depth {
				w.End()
			}
		case Text:
			if err := d.copyText(&w, t); err != nil {
				return Raw{}, err
			}
		}
		if len(w.buf) > d.limits.Size {
			return Raw{}, d.wrong(ErrSize)
		}
	}
	raw.data, raw.to = w.buf, w.page
	return raw, nil
}

// copyText writes the value of the last token as it came.
func (d *Decoder) copyText(w *Writer, t Token) error {
	if t.Opaque {
		n := d.value.left
		w.opaqueHead(n)
		return d.copyValue((*tail)(&w.buf), len(w.buf))
	}
	w.content()
	w.buf = append(w.buf, inline)
	err := d.copyValue((*tail)(&w.buf), len(w.buf))
	w.buf = append(w.buf, 0)
	return err
}
