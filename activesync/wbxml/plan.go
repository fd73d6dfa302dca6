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

// form is how one value of a type stands in an element.
type form struct {
	shape  shape
	typ    reflect.Type
	inner  *plan // of shapeStruct; a type may hold itself, so it is filled in late
	opaque bool
	empty  bool // a bool that is true by being there
}

// field is how one field of a struct stands in a document.
type field struct {
	form
	tag       Tag
	index     int
	name      string // for errors
	slice     bool   // []T: repeated
	pointer   bool   // *T, or []*T: nil is absent
	omitEmpty bool
	within    *plan // of a wrapper "A:B>…": the fields inside it
}

// plan is how a struct stands in a document.
type plan struct {
	root   Tag // 0 when the type names none
	fields []field
	byTag  [pageCount]*[tokens]uint16 // 1 + index in fields
}

// find gives the index of the field of a tag, -1 when there is none.
func (p *plan) find(t Tag) int {
	if int(t.Page()) < pageCount && p.byTag[t.Page()] != nil {
		return int(p.byTag[t.Page()][t.Token()&(tokens-1)]) - 1
	}
	return -1
}

var (
	plans sync.Map // reflect.Type → *plan, of structs
	forms sync.Map // reflect.Type → form, of what an any field holds
)

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

func formOf(t reflect.Type) form {
	if f, ok := forms.Load(t); ok {
		return f.(form)
	}
	f := makeForm(t.String(), t, map[reflect.Type]*plan{})
	forms.Store(t, f)
	return f
}

func makePlan(t reflect.Type, making map[reflect.Type]*plan) *plan {
	if p := making[t]; p != nil {
		return p
	}
	p := &plan{}
	making[t] = p
	for i := range t.NumField() {
		sf := t.Field(i)
		name := t.String() + "." + sf.Name
		spec, ok := sf.Tag.Lookup("wbxml")
		switch {
		case sf.Type == rootType:
			p.root = fieldTag(name, spec)
		case spec == "-":
		case sf.Anonymous:
			panic(fmt.Sprintf("wbxml: %s: embedded structs are not read; name the field, or tag it \"-\"", name))
		case !ok:
		case !sf.IsExported():
			panic(fmt.Sprintf("wbxml: %s is not exported", name))
		default:
			p.add(makeField(name, sf.Type, i, spec, making))
		}
	}
	return p
}

func fieldTag(name, element string) Tag {
	tag, ok := LookupTag(element)
	if !ok {
		panic(fmt.Sprintf("wbxml: %s: no element %q", name, element))
	}
	return tag
}

// makeField gives the field and the elements around it, the outermost first.
func makeField(name string, t reflect.Type, index int, spec string, making map[reflect.Type]*plan) (f field, path []Tag) {
	elements, options, _ := strings.Cut(spec, ",")
	for e := range strings.SplitSeq(elements, ">") {
		path = append(path, fieldTag(name, e))
	}
	if t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8 {
		f.slice, t = true, t.Elem()
	}
	if t.Kind() == reflect.Pointer {
		f.pointer, t = true, t.Elem()
	}
	f.form = makeForm(name, t, making)
	f.tag, f.index, f.name = path[len(path)-1], index, name
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
			panic(fmt.Sprintf("wbxml: %s: no option %q", name, o))
		}
	}
	if f.empty && f.shape != shapeBool {
		panic(fmt.Sprintf("wbxml: %s: only a bool can be an empty element", name))
	}
	return f, path[:len(path)-1]
}

func (p *plan) add(f field, path []Tag) {
	i := -1
	if len(path) > 0 {
		i = p.find(path[0])
		if i < 0 {
			i = p.put(field{tag: path[0], name: f.name, within: &plan{}})
		}
		if w := p.fields[i].within; w != nil { // fields with the same wrapper share it
			w.add(f, path[1:])
			return
		}
	} else if i = p.find(f.tag); i < 0 || p.fields[i].within == nil {
		p.put(f) // the last field of a tag is the one that is read into
		return
	}
	panic(fmt.Sprintf("wbxml: %s and %s are both %v", p.fields[i].name, f.name, p.fields[i].tag))
}

func (p *plan) put(f field) int {
	p.fields = append(p.fields, f)
	at := &p.byTag[f.tag.Page()]
	if *at == nil {
		*at = new([tokens]uint16)
	}
	(*at)[f.tag.Token()] = uint16(len(p.fields))
	return len(p.fields) - 1
}

func makeForm(name string, t reflect.Type, making map[reflect.Type]*plan) form {
	f := form{typ: t}
	p := reflect.PointerTo(t)
	switch k := t.Kind(); {
	case t == rawType:
		f.shape = shapeRaw
	case p.Implements(unmarshalType) && p.Implements(marshalerType):
		f.shape = shapeText
	case k == reflect.Interface:
		f.shape = shapeAny
	case k == reflect.String:
		f.shape = shapeString
	case k == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		f.shape = shapeBytes
	case k == reflect.Bool:
		f.shape = shapeBool
	case reflect.Int <= k && k <= reflect.Int64:
		f.shape = shapeInt
	case reflect.Uint <= k && k <= reflect.Uint64:
		f.shape = shapeUint
	case k == reflect.Struct:
		f.shape = shapeStruct
		f.inner = makePlan(t, making)
	default:
		panic(fmt.Sprintf("wbxml: %s: no way to write a %v", name, t))
	}
	return f
}
