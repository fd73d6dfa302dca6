package wbxml

import (
	"fmt"
	"reflect"
)

// Raw is the content of an element as it came: to be decoded later, once it is
// known what it is, or to be passed on.
type Raw struct {
	data []byte
	from byte // code page in force before data
	to   byte // and after
}

// Empty reports whether the element had no content.
func (r Raw) Empty() bool { return len(r.data) == 0 }

// Len is how many bytes the content has.
func (r Raw) Len() int { return len(r.data) }

// Unmarshal reads the content into the struct that v points to.
func (r Raw) Unmarshal(v any) error {
	rv, err := target(v)
	if err != nil {
		return err
	}
	d := Reader{data: r.data, page: r.from, stack: make([]Tag, 1, 16), limit: defaultDepth}
	for d.pos < len(d.data) {
		t, err := d.Next()
		if err != nil {
			return err
		}
		if t.Kind != Start { // text beside elements; an End cannot be: Raw was cut at it
			continue
		}
		if err := d.member(planOf(rv.Type()), rv, t.Tag, new(int)); err != nil {
			return err
		}
	}
	return nil
}

// Node reads the content as a tree; the result stands for the element itself.
func (r Raw) Node() (*Node, error) {
	d := Reader{data: r.data, page: r.from, stack: make([]Tag, 1, 16), limit: defaultDepth}
	n := &Node{}
	for d.pos < len(d.data) || d.ended {
		t, err := d.Next()
		if err != nil {
			return nil, err
		}
		if err := n.take(&d, t); err != nil {
			return nil, err
		}
	}
	return n, nil
}

func (w *Writer) raw(r Raw) {
	if len(r.data) == 0 {
		return
	}
	w.fill()
	if w.page != r.from {
		w.buf = append(w.buf, switchPage, r.from)
	}
	w.buf = append(w.buf, r.data...)
	w.page = r.to
}

// captures the rest of the innermost element, its End excluded.
func (r *Reader) capture() (Raw, error) {
	raw := Raw{from: r.page, to: r.page}
	begin := r.pos
	if r.ended { // no content
		_, err := r.Next()
		return raw, err
	}
	if err := r.Skip(); err != nil {
		return Raw{}, err
	}
	raw.data = append([]byte(nil), r.data[begin:r.pos-1]...) // without the END
	raw.to = r.page
	return raw, nil
}

func target(v any) (reflect.Value, error) {
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Pointer || rv.IsNil() || rv.Elem().Kind() != reflect.Struct {
		return rv, fmt.Errorf("wbxml: cannot read into %T, only into a pointer to a struct", v)
	}
	return rv.Elem(), nil
}
