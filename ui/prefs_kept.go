package ui

import (
	"context"
	"reflect"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/style"
)

// kept is a part of Settings that the agent keeps: the choices of it, and what
// the agent does because of them. read is nil where the backend has no such part.
type kept[T any] struct {
	name  string
	read  func(context.Context) (T, error)
	write func(context.Context, T) error

	known    bool
	chosen   T
	presence activesync.Presence
	err      string
	lane     lane

	wishes  []func(*T) // that are not kept yet
	granted int        // how many were before these
	writing lane
}

// load reads the choices.
func (g *kept[T]) load(a *App) tea.Cmd {
	if g.read == nil {
		return nil
	}
	return a.read(&g.lane, quick, func(ctx context.Context) answer {
		chosen, err := g.read(ctx)
		var now activesync.Presence
		if b, ok := a.backend.(backgrounder); ok && err == nil {
			now, err = b.Presence(ctx)
		}
		return func(a *App) tea.Cmd {
			if g.known, g.err = err == nil, ""; err != nil {
				g.err = explain(err)
			} else {
				g.chosen, g.presence = chosen, now
				for _, change := range g.wishes {
					change(&g.chosen)
				}
			}
			a.prefs.rebuild(a)
			return nil
		}
	})
}

// wish keeps a change at once; z takes it back. change sets something to a value,
// and alters nothing that the choices before it share. It may run on any goroutine,
// and more than once.
func (g *kept[T]) wish(a *App, change func(*T)) tea.Cmd {
	was, next := g.chosen, g.chosen
	change(&next)
	a.canUndo("change "+g.name, func(a *App) tea.Cmd {
		return g.save(a, func(now *T) { revert(now, was, next) })
	})
	return g.save(a, change)
}

// revert takes back what makes next of was, and leaves what others changed since.
func revert[T any](now *T, was, next T) {
	to, from, by := reflect.ValueOf(now).Elem(), reflect.ValueOf(was), reflect.ValueOf(next)
	for i := range to.NumField() {
		if !reflect.DeepEqual(from.Field(i).Interface(), by.Field(i).Interface()) {
			to.Field(i).Set(from.Field(i))
		}
	}
}

// save makes a change of what is kept by then, which others change too.
func (g *kept[T]) save(a *App, change func(*T)) tea.Cmd {
	if g.write == nil {
		return nil
	}
	change(&g.chosen)
	g.wishes = append(g.wishes, change)
	todo, all := slices.Clone(g.wishes), g.granted+len(g.wishes)
	a.prefs.rebuild(a)
	return a.read(&g.writing, quick, func(ctx context.Context) answer {
		now, err := g.read(ctx)
		if err == nil {
			for _, change := range todo {
				change(&now)
			}
			err = g.write(ctx, now)
		}
		return func(a *App) tea.Cmd {
			g.wishes, g.granted = g.wishes[all-g.granted:], all
			if err != nil {
				return tea.Batch(a.fail("Not kept", err), g.load(a))
			}
			return g.load(a)
		}
	})
}

// ready writes why there is nothing to choose yet, and reports whether there is.
func (g *kept[T]) ready(a *App, s *prefSheet) bool {
	switch {
	case g.err != "":
		s.words(style.Warn, 0, a.theme.Warning+" "+g.err)
	case !g.known:
		s.words(style.Dim, 0, "Reading"+a.theme.Ellipsis)
	default:
		return true
	}
	return false
}

// choice is a row of one of several.
func (s *prefSheet) choice(key, label, mark string, on bool, do func(*App) tea.Cmd) {
	s.add(prefRow{key: key, kind: prefChoice, label: label, mark: mark, on: on, do: do, toggle: do})
}

// tick is a row of what is on or off.
func (s *prefSheet) tick(key, label, mark string, on bool, do func(*App) tea.Cmd) {
	s.add(prefRow{key: key, kind: prefTick, label: label, mark: mark, on: on, do: do, toggle: do})
}

// link is a row that leads on to where a value is changed.
func (s *prefSheet) link(key, label, mark, value string, do func(*App) tea.Cmd) {
	s.add(prefRow{key: key, kind: prefLink, label: label, mark: mark, value: value + " " + s.theme.Open, role: style.Dim, do: do})
}

// pick lets the person choose one of several values.
func pick[T any](a *App, title string, values []T, name func(T) string, chosen func(T) bool, set func(*App, T) tea.Cmd) tea.Cmd {
	m := &menu{title: title}
	for _, v := range values {
		m.items = append(m.items, item{label: name(v), radio: true, chosen: chosen(v), do: func(a *App) tea.Cmd { return set(a, v) }})
	}
	return a.menu(m)
}
