package wbxml

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strconv"
)

// Marshal writes a struct, or a pointer to one, whose Root names its element.
func Marshal(v any) ([]byte, error) { return AppendMarshal(nil, v) }

// AppendMarshal is Marshal behind what dst holds already.
func AppendMarshal(dst []byte, v any) ([]byte, error) {
	rv, err := structOf(v)
	if err != nil {
		return nil, err
	}
	p := planOf(rv.Type())
	if p.root == 0 {
		return nil, fmt.Errorf("wbxml: %v names no root element", rv.Type())
	}
	w := Writer{buf: append(dst, header[:]...), stack: make([]int, 0, 16)}
	if err := w.element(p, rv); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return w.buf, nil
}

// Encode writes a struct whose Root names its element into the open document.
func (w *Writer) Encode(v any) error {
	rv, err := structOf(v)
	if err != nil {
		return err
	}
	return w.element(planOf(rv.Type()), rv)
}

func (w *Writer) element(p *plan, rv reflect.Value) error {
	w.Start(p.root)
	if err := w.fields(p, rv); err != nil {
		return err
	}
	w.End()
	return w.err
}

func structOf(v any) (reflect.Value, error) {
	rv := reflect.ValueOf(v)
	for rv.Kind() == reflect.Pointer && !rv.IsNil() {
		rv = rv.Elem()
	}
	if rv.Kind() != reflect.Struct {
		return rv, errors.New("wbxml: only a struct can be a document")
	}
	return rv, nil
}

func (w *Writer) fields(p *plan, rv reflect.Value) error {
	for i := range p.fields {
		f := &p.fields[i]
		if f.within != nil {
			if !anything(f.within, rv) {
				continue
			}
			w.Start(f.tag)
			if err := w.fields(f.within, rv); err != nil {
				return err
			}
			w.End()
			continue
		}
		if err := w.field(f, rv.Field(f.index)); err != nil {
			return err
		}
	}
	return nil
}

// anything reports whether a wrapper has something to wrap.
func anything(p *plan, rv reflect.Value) bool {
	for i := range p.fields {
		f := &p.fields[i]
		v := rv.Field(f.index)
		if f.slice && v.Len() > 0 || !f.slice && !v.IsZero() {
			return true
		}
	}
	return false
}

func (w *Writer) field(f *field, v reflect.Value) error {
	switch {
	case f.slice:
		for i := range v.Len() {
			if err := w.value(f, v.Index(i)); err != nil {
				return err
			}
		}
		return nil
	case f.pointer:
		if v.IsNil() {
			return nil
		}
		return w.value(f, v.Elem())
	case f.omitEmpty && v.IsZero(), f.omitEmpty && f.shape == shapeBytes && v.Len() == 0, f.empty && !v.Bool():
		return nil
	}
	return w.value(f, v)
}

func (w *Writer) value(f *field, v reflect.Value) error {
	if f.shape == shapeAny {
		if v.IsNil() {
			return nil
		}
		rv, err := structOf(v.Interface())
		if err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		w.Start(f.tag)
		if err := w.fields(planOf(rv.Type()), rv); err != nil {
			return err
		}
		w.End()
		return nil
	}
	w.Start(f.tag)
	switch f.shape {
	case shapeStruct:
		if err := w.fields(f.inner, v); err != nil {
			return err
		}
	case shapeRaw:
		w.raw(v.Interface().(Raw))
	case shapeString:
		if f.opaque {
			w.Opaque([]byte(v.String()))
		} else {
			w.Text(v.String())
		}
	case shapeBytes:
		if f.opaque {
			w.Opaque(v.Bytes())
		} else {
			w.textBytes(v.Bytes())
		}
	case shapeBool:
		if !f.empty {
			w.Text(boolText(v.Bool()))
		}
	case shapeInt:
		w.digits(strconv.AppendInt(make([]byte, 0, 20), v.Int(), 10))
	case shapeUint:
		w.digits(strconv.AppendUint(make([]byte, 0, 20), v.Uint(), 10))
	case shapeText:
		b, err := v.Interface().(encoding.TextMarshaler).MarshalText()
		if err != nil {
			return fmt.Errorf("wbxml: %s: %w", f.name, err)
		}
		w.textBytes(b)
	}
	w.End()
	return nil
}

func boolText(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

func (w *Writer) digits(b []byte) {
	w.fill()
	w.buf = append(w.buf, inline)
	w.buf = append(w.buf, b...)
	w.buf = append(w.buf, 0)
}
