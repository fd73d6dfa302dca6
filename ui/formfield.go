package ui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/ui/edit"
)

// formField is a line of a form: a field of a T as text.
type formField[T any] struct {
	section string // the heading above it, "" for that of the line before
	label   string
	text    func(*T) *string
	// get and set are for what is no text; set says why a text cannot be.
	get func(*T) string
	set func(*T, string) (wrong string)
	// people says that it is a list of addresses.
	people bool
	// lines says that it has several; it is written in a box of its own.
	lines bool
	// open is for what is chosen, not typed: it sets the value, which show puts into
	// words.
	open func(a *App, set func(string)) tea.Cmd
	show func(string) string

	field *edit.Field
	long  string // of what is not typed in the line
	was   string // what it began with
	wrong string
}

// boxed reports whether the value is not typed in the line.
func (f *formField[T]) boxed() bool { return f.lines || f.open != nil }

// value is what stands in the line.
func (f *formField[T]) value() string {
	if f.boxed() {
		return f.long
	}
	return f.field.Text()
}

// words are what stands in the line of a field that is not typed there.
func (f *formField[T]) words() string {
	if f.show != nil {
		return f.show(f.long)
	}
	return strings.ReplaceAll(strings.TrimSpace(f.long), "\n", ", ")
}

func (f *formField[T]) changed() bool { return f.value() != f.was }

// read begins the line with what a T has.
func (f *formField[T]) read(t *T) {
	if f.text != nil {
		f.long = *f.text(t)
	} else {
		f.long = f.get(t)
	}
	if f.open == nil {
		f.field = edit.NewField(clean(f.long))
	}
	if f.lines {
		f.long = edit.Clean(f.long)
	}
	f.was = f.value()
}

// write puts the line into a T where it was changed: what was not stays as the
// server has it, to the byte. It reports whether what stands there can be.
func (f *formField[T]) write(t *T) bool {
	f.wrong = ""
	if !f.changed() {
		return true
	}
	v := f.value()
	if f.open == nil {
		v = strings.TrimSpace(v)
	}
	if f.text != nil {
		*f.text(t) = v
		return true
	}
	f.wrong = f.set(t, v)
	return f.wrong == ""
}
