package wbxml

import (
	"bytes"
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"unicode/utf8"
)

// Unmarshal reads a document into the struct that v points to. All values are
// copied out of data. Elements that v has no field for are passed over.
func Unmarshal(data []byte, v any) error { return UnmarshalLimits(data, v, Limits{}) }

// UnmarshalLimits is Unmarshal with other limits than the defaults.
func UnmarshalLimits(data []byte, v any, l Limits) error {
	rv, err := target(v)
	if err != nil {
		return err
	}
	r, err := NewReaderLimits(data, l)
	if err != nil {
		return err
	}
	t, err := r.Next()
	if err != nil {
		return err
	}
	p := planOf(rv.Type())
	if t.Kind != Start || p.root != 0 && t.Tag != p.root {
		return &SyntaxError{int64(r.pos), fmt.Errorf("%w: the document is a %v, not a %v", ErrStructure, t.Tag, p.root)}
	}
	return r.members(p, rv)
}

// members reads the elements inside the innermost element up to its End.
func (r *Reader) members(p *plan, rv reflect.Value) error {
	next := 0 // elements mostly come in the order of the fields
	for {
		t, err := r.Next()
		if err != nil {
			return err
		}
		switch t.Kind {
		case End:
			return nil
		case Start:
			if err := r.member(p, rv, t.Tag, &next); err != nil {
				return err
			}
		}
	}
}

// member reads the element that has just begun. next is where in the plan it
// is looked for first.
func (r *Reader) member(p *plan, rv reflect.Value, tag Tag, next *int) error {
	i := *next
	if i >= len(p.fields) || p.fields[i].tag != tag {
		var ok bool
		if i, ok = p.byTag[tag]; !ok {
			return r.Skip()
		}
	}
	f := &p.fields[i]
	*next = i + 1
	if f.within != nil {
		return r.members(f.within, rv)
	}
	v := rv.Field(f.index)
	switch {
	case f.slice:
		*next = i // repeated elements follow each other
		n := v.Len()
		if n < v.Cap() {
			v.SetLen(n + 1)
			v.Index(n).SetZero()
		} else {
			v.Set(reflect.Append(v, reflect.Zero(f.elem)))
		}
		return r.value(f, v.Index(n))
	case f.pointer:
		if v.IsNil() {
			v.Set(reflect.New(f.elem))
		}
		return r.value(f, v.Elem())
	}
	return r.value(f, v)
}

func (r *Reader) value(f *field, v reflect.Value) error {
	switch f.shape {
	case shapeStruct:
		return r.members(f.inner, v)
	case shapeAny:
		return r.Skip()
	case shapeRaw:
		raw, err := r.capture()
		if err == nil {
			v.Set(reflect.ValueOf(raw))
		}
		return err
	}
	text, err := r.text()
	if err != nil {
		return err
	}
	if err := setText(f, v, text); err != nil {
		return &SyntaxError{int64(r.pos), fmt.Errorf("%w: %s: %w", ErrValue, f.name, err)}
	}
	return nil
}

func setText(f *field, v reflect.Value, text []byte) error {
	switch f.shape {
	case shapeString:
		v.SetString(validString(text))
	case shapeBytes:
		v.SetBytes(bytes.Clone(text))
	case shapeBool:
		b, err := parseBool(text)
		if err != nil {
			return err
		}
		v.SetBool(b)
	case shapeInt:
		n, err := strconv.ParseInt(string(bytes.TrimSpace(text)), 10, v.Type().Bits())
		if err != nil {
			return err
		}
		v.SetInt(n)
	case shapeUint:
		n, err := strconv.ParseUint(string(bytes.TrimSpace(text)), 10, v.Type().Bits())
		if err != nil {
			return err
		}
		v.SetUint(n)
	case shapeText:
		return v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText(bytes.Clone(text))
	}
	return nil
}

// validString is a copy of text in which nothing but UTF-8 is left.
func validString(text []byte) string {
	if utf8.Valid(text) {
		return string(text)
	}
	return string(bytes.ToValidUTF8(text, []byte("\uFFFD")))
}

// parseBool takes an element without content as true, as Exchange does.
func parseBool(text []byte) (bool, error) {
	switch string(bytes.ToLower(bytes.TrimSpace(text))) {
	case "", "1", "true":
		return true, nil
	case "0", "false":
		return false, nil
	}
	return false, fmt.Errorf("%.20q is neither 0 nor 1", text)
}
