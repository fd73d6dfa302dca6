package wbxml

import (
	"bytes"
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"sync"
)

// Marshal writes a struct, or a pointer to one, whose Root names its element.
// Errors are those of a TextMarshaler, and ErrDepth for values that hold
// themselves. Wrong struct tags panic.
func Marshal(v any) ([]byte, error) {
	buf := scratch.Get().(*[]byte)
	b, err := AppendMarshal((*buf)[:0], v)
	if err != nil {
		return nil, err
	}
	out := bytes.Clone(b) // of the right size
	if cap(b) <= scratchSize {
		*buf = b
		scratch.Put(buf)
	}
	return out, nil
}

// scratch saves Marshal from growing a new buffer for each document.
var scratch = sync.Pool{New: func() any { return new([]byte) }}

const scratchSize = 4 << 20

// AppendMarshal is Marshal behind what dst holds already.
func AppendMarshal(dst []byte, v any) ([]byte, error) {
	w := Writer{buf: append(dst, header[:]...), stack: make([]int, 0, 16)}
	if err := w.Encode(v); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return w.buf, nil
}

// Encode writes a struct whose Root names its element at this place of the
// document: as a whole, or inside another element.
func (w *Writer) Encode(v any) error {
	rv, err := structOf(v)
	if err != nil {
		return err
	}
	p := planOf(rv.Type())
	if p.root == 0 {
		return fmt.Errorf("wbxml: write a %v: it names no root element", rv.Type())
	}
	w.Start(p.root)
	if err := w.fields(p, rv); err != nil {
		w.fail(err)
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
		return rv, fmt.Errorf("wbxml: write a %T: only a struct can be a document", v)
	}
	return rv, nil
}

func (w *Writer) fields(p *plan, rv reflect.Value) error {
	if w.err != nil { // also ends what holds itself
		return w.err
	}
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
		if f.within != nil {
			if anything(f.within, rv) {
				return true
			}
			continue
		}
		if v := rv.Field(f.index); f.slice && v.Len() > 0 || !f.slice && !v.IsZero() {
			return true
		}
	}
	return false
}

func (w *Writer) field(f *field, v reflect.Value) error {
	if !f.slice {
		return w.maybe(f, v)
	}
	for i := range v.Len() {
		if err := w.maybe(f, v.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

// maybe writes a value unless it is absent.
func (w *Writer) maybe(f *field, v reflect.Value) error {
	if f.pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	form := f.form
	if f.shape == shapeAny {
		for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return nil
			}
			v = v.Elem()
		}
		form = formOf(v.Type())
		form.opaque = f.opaque
	}
	if f.empty && !v.Bool() || f.omitEmpty && !f.slice && !f.pointer && isEmpty(form, v) {
		return nil
	}
	w.Start(f.tag)
	if err := w.value(form, v); err != nil {
		return fmt.Errorf("wbxml: write %s: %w", f.name, err)
	}
	w.End()
	return nil
}

func isEmpty(f form, v reflect.Value) bool {
	switch f.shape {
	case shapeBytes:
		return v.Len() == 0
	case shapeRaw:
		return v.Field(0).Len() == 0
	}
	return v.IsZero()
}

func (w *Writer) value(f form, v reflect.Value) error {
	switch f.shape {
	case shapeStruct:
		return w.fields(f.inner, v)
	case shapeRaw:
		w.raw(v.Interface().(Raw))
	case shapeString:
		if f.opaque {
			w.Opaque([]byte(v.String()))
		} else {
			w.Text(v.String())
		}
	case shapeBytes:
		w.bytes(f, v.Bytes())
	case shapeBool:
		if !f.empty {
			w.digit(v.Bool())
		}
	case shapeInt:
		w.TextBytes(strconv.AppendInt(make([]byte, 0, 20), v.Int(), 10))
	case shapeUint:
		w.TextBytes(strconv.AppendUint(make([]byte, 0, 20), v.Uint(), 10))
	case shapeText:
		b, err := marshaler(v).MarshalText()
		if err != nil {
			return err
		}
		w.bytes(f, b)
	}
	return nil
}

func (w *Writer) bytes(f form, b []byte) {
	if f.opaque {
		w.Opaque(b)
	} else {
		w.TextBytes(b)
	}
}

func (w *Writer) digit(b bool) {
	if b {
		w.Text("1")
	} else {
		w.Text("0")
	}
}

// marshaler finds the method also where it belongs to the pointer and v cannot
// be pointed to.
func marshaler(v reflect.Value) encoding.TextMarshaler {
	if m, ok := v.Interface().(encoding.TextMarshaler); ok {
		return m
	}
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	return p.Interface().(encoding.TextMarshaler)
}
