package ui

import (
	"context"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/edit"
)

// form is the page on which a contact or an event, a T, is made or changed.
type form[T any] struct {
	title  string
	kind   string // what it makes, in a question
	start  T      // what it began with
	fields []*formField[T]
	// fresh says that it began with something that is not kept yet.
	fresh bool
	// check completes what is written, and says what of it cannot be and in which
	// field.
	check func(after *T) (at int, wrong string)
	// tidy brings fields in line with one that was left; nil where there is nothing.
	tidy func()
	// put keeps what is written; what it gives shows that.
	put func(ctx context.Context, after T) (done answer, err error)
	// first asks what has to be known before; nil where nothing has.
	first func(a *App, after T, goOn func(*App) tea.Cmd) tea.Cmd
	// account is whose people are offered, in options.
	account activesync.AccountID
	options options

	at     int    // the field that has the keys
	failed string // why it was not kept
	busy   bool   // it is being kept

	top    int     // first line of the fields on screen
	box    rect    // as it was drawn last
	cells  []rect  // of the fields, in cells of the box
	spots  []zone  // of the buttons
	places []place // of the fields and headings among the lines
	high   int     // lines of the fields on screen
}

// openForm shows a form of what start has.
func openForm[T any](a *App, f *form[T], account activesync.AccountID) tea.Cmd {
	for _, x := range f.fields {
		x.read(&f.start)
	}
	f.account = account
	if acct := a.account(account); acct != nil && len(a.accounts) > 1 {
		f.title += ", " + clean(acct.Name)
	}
	return a.push(f)
}

func (f *form[T]) changed() bool {
	return f.fresh || slices.ContainsFunc(f.fields, (*formField[T]).changed)
}

// written is what stands in the form. Where something cannot be, the keys go to
// it.
func (f *form[T]) written() (after T, ok bool) {
	if f.tidy != nil {
		f.tidy()
	}
	after, ok = f.start, true
	for i, x := range f.fields {
		if !x.write(&after) && ok {
			f.at, ok = i, false
		}
	}
	if !ok {
		return after, false
	}
	if at, wrong := f.check(&after); wrong != "" {
		f.at, f.fields[at].wrong = at, wrong
		return after, false
	}
	return after, true
}

func (f *form[T]) key(a *App, k tea.KeyMsg, name string) tea.Cmd {
	if f.busy {
		return nil
	}
	x := f.fields[f.at]
	if x.people {
		switch take, mine := f.options.key(a.theme, k, name); {
		case take:
			return f.take(a)
		case mine:
			return nil
		}
	}
	switch name {
	case "esc":
		return f.close(a)
	case "ctrl+s", "alt+enter":
		return f.keep(a)
	case "tab", "down", "ctrl+n":
		f.move(1)
	case "shift+tab", "up", "ctrl+p":
		f.move(-1)
	case "pgdown":
		f.move(max(f.high-2, 1))
	case "pgup":
		f.move(-max(f.high-2, 1))
	case "ctrl+home":
		f.to(0)
	case "ctrl+end":
		f.to(len(f.fields) - 1)
	case "enter":
		if x.boxed() {
			return f.opens(a, x)
		}
		f.move(1)
	default:
		if x.boxed() {
			if k.Type == tea.KeyRunes && !k.Alt || name == "space" || name == "backspace" || name == "delete" {
				return f.opens(a, x)
			}
			return nil
		}
		if typeInto(x.field, k, name) {
			x.wrong, f.failed = "", ""
			return f.suggest(a)
		}
	}
	return nil
}

// move goes n fields on; the ends hold.
func (f *form[T]) move(n int) { f.to(min(max(f.at+n, 0), len(f.fields)-1)) }

// to gives the keys to a field.
func (f *form[T]) to(i int) {
	f.options.close()
	f.options.muted = false
	if f.at, i = i, f.at; f.at != i && f.tidy != nil {
		f.tidy()
	}
}

// open goes to what is not written in its line: a text of several, or what is
// chosen.
func (f *form[T]) opens(a *App, x *formField[T]) tea.Cmd {
	set := func(s string) {
		if x.long, x.wrong, f.failed = s, "", ""; f.tidy != nil {
			f.tidy()
		}
	}
	if x.open != nil {
		return x.open(a, set)
	}
	return a.textbox(x.label, "", x.long, func(_ *App, s string) tea.Cmd {
		set(s)
		return nil
	})
}

// close leaves the form. What was written is not lost without a question.
func (f *form[T]) close(a *App) tea.Cmd {
	if !f.changed() {
		a.pop()
		return nil
	}
	return a.ask(question{title: "Keep the " + f.kind + "?", text: "What you wrote is not kept yet.", yes: "Keep", no: "Go on", also: "Drop",
		do:    f.keep,
		other: func(a *App) tea.Cmd { a.drop(f); return nil }})
}

// keep has what is written kept. The form stays until that is done.
func (f *form[T]) keep(a *App) tea.Cmd {
	after, ok := f.written()
	if !ok || f.busy {
		return nil
	}
	if f.first != nil {
		return f.first(a, after, func(a *App) tea.Cmd { return f.store(a, after) })
	}
	return f.store(a, after)
}

func (f *form[T]) store(a *App, after T) tea.Cmd {
	f.busy, f.failed = true, ""
	return a.call(quick, func(ctx context.Context) answer {
		done, err := f.put(ctx, after)
		return func(a *App) tea.Cmd {
			f.busy = false
			if err != nil {
				f.failed = explain(err)
				return nil
			}
			a.drop(f)
			return done(a)
		}
	})
}

func (f *form[T]) paste(a *App, s string) tea.Cmd {
	switch x := f.fields[f.at]; {
	case f.busy || x.open != nil:
	case x.lines:
		x.long += edit.Clean(s)
	default:
		x.field.Insert(s)
		x.wrong = ""
	}
	f.failed = ""
	return f.suggest(a)
}

func (f *form[T]) click(a *App, x, y int) tea.Cmd {
	if f.busy {
		return nil
	}
	if y == f.box.h-2 {
		for i, z := range f.spots {
			if x >= z.from && x < z.to {
				return []func(*App) tea.Cmd{f.keep, f.close}[i](a)
			}
		}
	}
	if i := f.options.row(x, y); i >= 0 {
		f.options.at = i
		return f.take(a)
	}
	for i, r := range f.cells {
		if r.has(x, y) {
			f.to(i)
			if o := f.fields[i]; o.boxed() {
				return f.opens(a, o)
			}
			return nil
		}
	}
	return nil
}

func (f *form[T]) wheel(_ *App, n int) tea.Cmd {
	f.move(n)
	return nil
}

// suggest looks for people who fit what was typed.
func (f *form[T]) suggest(a *App) tea.Cmd {
	x := f.fields[f.at]
	if !x.people || !f.options.aim(x.field.Text(), x.field.At()) {
		return nil
	}
	return f.options.complete(a, f)
}

// completeAgain asks anew, since more may be known by now.
func (f *form[T]) completeAgain(a *App) tea.Cmd {
	if f.options.words == "" {
		return nil
	}
	return f.options.complete(a, f)
}

// take writes the person chosen instead of what was typed.
func (f *form[T]) take(*App) tea.Cmd {
	o, x := &f.options, f.fields[f.at].field
	x.Replace(o.from, o.to, o.chosen(len(x.Text())))
	o.close()
	return nil
}

func (f *form[T]) completes(a *App) (activesync.AccountID, *options, bool) {
	return f.account, &f.options, slices.Contains(a.overlays, overlay(f))
}

func (f *form[T]) named() (out []string) {
	for _, x := range f.fields {
		if x.people {
			out = append(out, x.field.Text())
		}
	}
	return out
}

func (f *form[T]) redraw() {}
