package wbxml

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
	"sync"
)

// Root is the type of the blank field whose tag names a document's element.
type Root struct{}

// shape is how a value is written and read.
type shape uint8

const (
	shapeString shape = iota + 1
	shapeBytes
	shapeBool
	shapeInt
	shapeUint
	shapeText   // encoding.TextMarshaler and TextUnmarshaler
	shapeStruct // elements inside
	shapeRaw
	shapeAny
)

// field is how one field of a struct stands in a document.
type field struct {
	tag       Tag
	index     int
	name      string // for errors
	shape     shape
	pointer   bool // *T: nil is absent
	slice     bool // []T: repeated
	omitEmpty bool
	empty     bool
	opaque    bool
	elem      reflect.Type // the type of one value, without pointer and slice
	inner     *plan        // of shapeStruct; its type may refer to itself, so it is filled in late
	within    *plan        // of a wrapper "A:B>…": the fields inside it
}

// plan is how a struct stands in a document.
type plan struct {
	root   Tag // 0 when the type names none
	fields []field
	byTag  map[Tag]int
}

var plans sync.Map // reflect.Type → *plan or error

var (
	rootType      = reflect.TypeFor[Root]()
	rawType       = reflect.TypeFor[Raw]()
	marshalerType = reflect.TypeFor[encoding.TextMarshaler]()
	unmarshalType = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// planOf makes the plan of a struct type once. A mistake in a struct's tags is
// a mistake in the program: it panics.
func planOf(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	p := makePlan(t, map[reflect.Type]*plan{})
	actual, _ := plans.LoadOrStore(t, p)
	return actual.(*plan)
}

func makePlan(t reflect.Type, making map[reflect.Type]*plan) *plan {
	if p := making[t]; p != nil {
		return p
	}
	p := &plan{byTag: map[Tag]int{}}
	making[t] = p
	for i := range t.NumField() {
		sf := t.Field(i)
		spec, ok := sf.Tag.Lookup("wbxml")
		switch {
		case sf.Type == rootType:
			p.root = mustTag(t, sf, spec)
		case !ok || spec == "-":
		case !sf.IsExported():
			panic(fmt.Sprintf("wbxml: %v.%s is not exported", t, sf.Name))
		default:
			p.add(t, sf, i, spec, making)
		}
	}
	return p
}

func mustTag(t reflect.Type, sf reflect.StructField, name string) Tag {
	tag, ok := LookupTag(name)
	if !ok {
		panic(fmt.Sprintf("wbxml: %v.%s: no element %q", t, sf.Name, name))
	}
	return tag
}

func (p *plan) add(t reflect.Type, sf reflect.StructField, index int, spec string, making map[reflect.Type]*plan) {
	path, options, _ := strings.Cut(spec, ",")
	f := field{index: index, name: t.Name() + "." + sf.Name}
	for o := range strings.SplitSeq(options, ",") {
		switch o {
		case "":
		case "omitempty":
			f.omitEmpty = true
		case "empty":
			f.empty = true
		case "opaque":
			f.opaque = true
		default:
			panic(fmt.Sprintf("wbxml: %s: no option %q", f.name, o))
		}
	}
	f.setType(sf.Type, making)
	outer, inner, nested := strings.Cut(path, ">")
	if !nested {
		f.tag = mustTag(t, sf, path)
		p.put(f)
		return
	}
	f.tag = mustTag(t, sf, inner)
	outerTag := mustTag(t, sf, outer)
	// Fields with the same wrapper share it.
	if i, ok := p.byTag[outerTag]; ok && p.fields[i].within != nil {
		p.fields[i].within.put(f)
		return
	}
	w := &plan{byTag: map[Tag]int{}}
	w.put(f)
	p.put(field{tag: outerTag, name: f.name, within: w})
}

func (p *plan) put(f field) {
	p.byTag[f.tag] = len(p.fields)
	p.fields = append(p.fields, f)
}

func (f *field) setType(t reflect.Type, making map[reflect.Type]*plan) {
	if t.Kind() == reflect.Pointer {
		f.pointer, t = true, t.Elem()
	} else if t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8 {
		f.slice, t = true, t.Elem()
	}
	f.elem = t
	switch {
	case t == rawType:
		f.shape = shapeRaw
	case reflect.PointerTo(t).Implements(unmarshalType) && t.Implements(marshalerType):
		f.shape = shapeText
	case t.Kind() == reflect.Interface:
		f.shape = shapeAny
	case t.Kind() == reflect.String:
		f.shape = shapeString
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		f.shape = shapeBytes
	case t.Kind() == reflect.Bool:
		f.shape = shapeBool
	case reflect.Int <= t.Kind() && t.Kind() <= reflect.Int64:
		f.shape = shapeInt
	case reflect.Uint <= t.Kind() && t.Kind() <= reflect.Uint64:
		f.shape = shapeUint
	case t.Kind() == reflect.Struct:
		f.shape = shapeStruct
		f.inner = makePlan(t, making)
	default:
		panic(fmt.Sprintf("wbxml: %s: no way to write a %v", f.name, t))
	}
	if f.empty && f.shape != shapeBool {
		panic(fmt.Sprintf("wbxml: %s: only a bool can be an empty element", f.name))
	}
}
