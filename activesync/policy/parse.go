package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// allowUser is the key by which a system's file lets the user's fill in what it
// does not name.
const allowUser = "allow_user_policy"

// FileError is something wrong in a policy file. Line and Column count from 1;
// they are 0 where the file could not be read at all.
type FileError struct {
	Path         string
	Line, Column int
	Reason       string
}

func (e *FileError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.Path, e.Reason)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.Path, e.Line, e.Column, e.Reason)
}

// document is what one file says.
type document struct {
	values    map[string]value
	allowUser bool
}

// parse reads a file; its errors are *FileError. Keys that are not known are
// errors, and so are values that are not.
func parse(path string, content []byte) (document, error) {
	d := document{values: map[string]value{}}
	var whole map[string]any
	if err := toml.Unmarshal(content, &whole); err != nil {
		if e, ok := errors.AsType[*toml.DecodeError](err); ok {
			line, column := e.Position()
			return d, &FileError{path, line, column, strings.TrimPrefix(e.Error(), "toml: ")}
		}
		return d, &FileError{Path: path, Reason: strings.TrimPrefix(err.Error(), "toml: ")}
	}
	var p unstable.Parser
	p.Reset(content)
	for p.NextExpression() {
		if err := d.take(path, &p, p.Expression()); err != nil {
			return d, err
		}
	}
	if err := p.Error(); err != nil {
		return d, &FileError{Path: path, Reason: err.Error()}
	}
	return d, nil
}

// take takes one line.
func (d *document) take(path string, p *unstable.Parser, e *unstable.Node) error {
	var parts []string
	var at unstable.Position
	for it := e.Key(); it.Next(); {
		if len(parts) == 0 {
			at = p.Shape(it.Node().Raw).Start
		}
		parts = append(parts, string(it.Node().Data))
	}
	key := strings.Join(parts, ".")
	wrong := func(format string, args ...any) error {
		return &FileError{path, at.Line, at.Column, fmt.Sprintf(format, args...)}
	}
	policy, known := policyNamed(key)
	if e.Kind != unstable.KeyValue || !known && key != allowUser {
		return wrong("unknown key %q", key)
	}
	v := e.Value()
	at = p.Shape(v.Raw).Start
	if v.Raw.Length == 0 { // arrays have no place of their own
		it := e.Key()
		it.Next()
		at = p.Shape(it.Node().Raw).Start
	}
	if key == allowUser || policy.words != nil {
		words := policy.words
		if key == allowUser {
			words = onOff
		}
		word, ok := wordOf(v, words)
		if !ok {
			return wrong("%s is not one of %q", key, words)
		}
		if key == allowUser {
			d.allowUser = word == On
			return nil
		}
		d.values[key] = value{word: word, by: path}
		return nil
	}
	list, ok := listOf(v)
	if !ok {
		return wrong(`%s is not a list such as ["example.test"]`, key)
	}
	d.values[key] = value{list: list, by: path}
	return nil
}

// wordOf reads a value that is one of some words, whatever their case. true and
// false are on and off.
func wordOf(v *unstable.Node, words []string) (string, bool) {
	s := strings.ToLower(string(v.Data))
	switch v.Kind {
	case unstable.String:
	case unstable.Bool:
		s = map[string]string{"true": On, "false": Off}[s]
	default:
		return "", false
	}
	return s, slices.Contains(words, s)
}

func listOf(v *unstable.Node) ([]string, bool) {
	if v.Kind != unstable.Array {
		return nil, false
	}
	list := []string{}
	for it := v.Children(); it.Next(); {
		if n := it.Node(); n.Kind == unstable.String {
			list = append(list, string(n.Data))
		} else if n.Kind != unstable.Comment {
			return nil, false
		}
	}
	return list, true
}
