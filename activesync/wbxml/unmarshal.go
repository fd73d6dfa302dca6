package wbxml

import (
	"bytes"
	"encoding"
	"fmt"
	"io"
	"reflect"
	"strconv"
)

// Unmarshal reads a document into the struct that v points to. All values are
// copied out of data. Elements that v has no field for are passed over with all
// in them, repeated ones are appended to slices, and of those with one value
// the last counts.
//
// Errors are of type SyntaxError and wrap what is wrong: io.ErrUnexpectedEOF,
// ErrHeader, ErrRoot and so on. With ErrValue, a number or a switch that is
// none, the rest has been read all the same. Wrong struct tags panic.
func Unmarshal(data []byte, v any) error { return UnmarshalLimits(data, v, Limits{}) }

// UnmarshalLimits is Unmarshal with other limits than the defaults.
func UnmarshalLimits(data []byte, v any, l Limits) error { return unmarshal(data, v, l, false) }

// UnmarshalShared is Unmarshal of a document that nobody writes to any more: each
// Raw and []byte is a part of data, which lives as long as they do.
func UnmarshalShared(data []byte, v any) error { return unmarshal(data, v, Limits{}, true) }

func unmarshal(data []byte, v any, l Limits, shared bool) error {
	rv, err := target(v)
	if err != nil {
		return err
	}
	r, err := open(data, l)
	if err != nil {
		return err
	}
	r.shares = shared
	t, err := r.Next()
	if err != nil {
		return err
	}
	p := planOf(rv.Type())
	if p.root != 0 && t.Tag != p.root { // the first token is always a Start
		return r.fail(fmt.Errorf("%w: %v, not %v", ErrRoot, t.Tag, p.root))
	}
	if err := r.members(p, rv); err != nil {
		return err
	}
	return r.bad
}

// Decode reads the rest of the element that Next began last into the struct
// that v points to, or before the first Next the whole document, as Unmarshal
// does. What it reads is held in memory: at most Limits.Size of it.
func (d *Decoder) Decode(v any) error {
	if d.begun {
		raw, err := d.Raw()
		if err != nil {
			return err
		}
		return raw.unmarshal(v, d.limits)
	}
	d.begun, d.done = true, true
	data, err := io.ReadAll(io.LimitReader(d.in, int64(d.limits.Size)+1))
	d.off = int64(len(data))
	if err != nil {
		return d.fail(err)
	}
	return UnmarshalLimits(data, v, d.limits)
}

func target(v any) (reflect.Value, error) {
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Pointer || rv.IsNil() || rv.Elem().Kind() != reflect.Struct {
		return rv, fmt.Errorf("wbxml: read into a %T: only a pointer to a struct will do", v)
	}
	return rv.Elem(), nil
}

// members reads the elements inside the innermost element up to its End.
func (r *Reader) members(p *plan, rv reflect.Value) error {
	for {
		t, err := r.Next()
		if err != nil {
			return err
		}
		switch t.Kind {
		case End:
			return nil
		case Start:
			i := p.find(t.Tag)
			if i < 0 {
				err = r.Skip()
			} else {
				err = r.member(&p.fields[i], rv)
			}
			if err != nil {
				return err
			}
		}
	}
}

// member reads the element that has just begun.
func (r *Reader) member(f *field, rv reflect.Value) error {
	if f.within != nil {
		return r.members(f.within, rv)
	}
	v := rv.Field(f.index)
	if f.slice {
		n := v.Len()
		v.Grow(1)
		v.SetLen(n + 1)
		v = v.Index(n)
		v.SetZero() // an array that was used before is used again
	}
	if f.pointer {
		if v.IsNil() {
			v.Set(reflect.New(f.typ))
		}
		v = v.Elem()
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
		raw, err := r.Raw()
		if err == nil {
			*v.Addr().Interface().(*Raw) = raw
		}
		return err
	}
	text, err := r.Text()
	if err != nil {
		return err
	}
	if err := setText(f, v, text, r.shares); err != nil && r.bad == nil {
		r.bad = r.fail(fmt.Errorf("%w: %s: %w", ErrValue, f.name, err))
	}
	return nil
}

func setText(f *field, v reflect.Value, text []byte, shared bool) error {
	switch f.shape {
	case shapeString:
		v.SetString(readable(text))
	case shapeBytes:
		if !shared {
			text = bytes.Clone(text)
		}
		v.SetBytes(text)
	case shapeBool:
		b, err := f.empty, error(nil)
		if !b {
			b, err = parseBool(text)
		}
		if err != nil {
			return err
		}
		v.SetBool(b)
	case shapeInt:
		n, err := strconv.ParseInt(number(text), 10, v.Type().Bits())
		if err != nil {
			return err
		}
		v.SetInt(n)
	case shapeUint:
		n, err := strconv.ParseUint(number(text), 10, v.Type().Bits())
		if err != nil {
			return err
		}
		v.SetUint(n)
	case shapeText:
		return v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText(text)
	}
	return nil
}

// number takes an element without content as zero.
func number(text []byte) string {
	if text = bytes.TrimSpace(text); len(text) == 0 {
		return "0"
	}
	return string(text)
}

// parseBool takes an element without content as true, as GetChanges has it.
func parseBool(text []byte) (bool, error) {
	switch s := string(bytes.TrimSpace(text)); s {
	case "", "1", "true", "TRUE", "True":
		return true, nil
	case "0", "false", "FALSE", "False":
		return false, nil
	default:
		return false, fmt.Errorf("%.20q is neither 0 nor 1", s)
	}
}
