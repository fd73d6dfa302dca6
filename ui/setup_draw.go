package ui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/ui/edit"
	"eas.example/securemail/ui/style"
)

// Widths of the form: how wide it gets, where its fields begin, and what is
// left beside them to say that one may stay empty; and a height.
const (
	widestForm     = 72
	labelColumn    = 16
	optionalColumn = 10
	longestHint    = 3 // lines
)

// formSheet collects the lines of the form.
type formSheet struct {
	a     *App
	left  int // the margin that puts the form into the middle
	room  int
	lines []string
	spots []spot
	focus int // the line of the field that letters go into
}

func (f *formSheet) line() *style.Line { return f.a.theme.Line(f.a.width, style.Plain).Skip(f.left) }

func (f *formSheet) add(l *style.Line) { f.lines = append(f.lines, l.String()) }

func (f *formSheet) words(r style.Role, indent int, text string) {
	for _, w := range wrap(text, max(f.room-indent, 1)) {
		f.add(f.line().Skip(indent).Put(r, w))
	}
}

// gap is a blank line where there is room for it.
func (f *formSheet) gap() {
	if f.a.lay.body.h >= 24 {
		f.words(style.Dim, 0, "")
	}
}

// columns is the form in the middle of the screen. Where it is too high, the
// words above go first, then it moves with the field.
func (s *setup) columns(a *App) []column {
	body := a.lay.body
	f := s.form(a, true)
	if len(f.lines) > body.h {
		f = s.form(a, false)
	}
	top := 0
	if over := len(f.lines) - body.h; over > 0 {
		top = min(max(f.focus-body.h/2, 0), over)
		if s.wrong != "" || s.busy {
			top = over
		}
	}
	down := max((body.h-len(f.lines))/3, 0)
	s.spots = nil
	for _, p := range f.spots {
		s.spots = append(s.spots, spot{p.y - top + down, p.field})
	}
	lines := make([]string, 0, body.h)
	for range down {
		lines = append(lines, style.Blanks(body.w))
	}
	lines = append(lines, f.lines[top:min(top+body.h, len(f.lines))]...)
	title := "Set up an account"
	if s.more {
		title = "Settings " + a.theme.Path + " Accounts " + a.theme.Path + " Add an account"
	}
	return []column{{lines: a.fill(lines, body.w, body.h), width: body.w, title: title, focus: true}}
}

// form draws the whole form, with or without the words above it.
func (s *setup) form(a *App, welcome bool) *formSheet {
	room := max(min(widestForm, a.width-4), 1)
	f := &formSheet{a: a, room: room, left: (a.width - room) / 2}
	if welcome {
		s.welcome(f)
	}
	names := [wayRow]string{"E-mail address", "Password", "Server", "User name", "Name", "App id", "Tenant"}
	for _, i := range s.rows() {
		if i != emailField && i != signButton && welcome && a.lay.body.h >= 30 {
			f.words(style.Dim, 0, "")
		}
		switch {
		case i < wayRow:
			s.field(f, i, names[i], s.fields[i])
		case i == wayRow:
			s.chosenWay(f)
		}
	}
	if welcome {
		f.words(style.Dim, 0, "")
	}
	s.button(f)
	f.words(style.Dim, 0, "")
	end := len(f.lines) + longestHint
	switch {
	case s.wrong != "":
		f.words(style.Warn, 0, a.theme.Warning+" "+s.wrong)
	case s.busy && s.quit:
		f.words(style.Dim, 0, "Cancelling"+a.theme.Ellipsis)
	case s.busy:
		f.words(style.Dim, 0, "The server is asked for its version, its policies and the list of mailboxes.")
	default:
		f.words(style.Dim, 0, s.hint())
	}
	// So that the form stays where it is from field to field.
	for welcome && len(f.lines) < end {
		f.words(style.Dim, 0, "")
	}
	return f
}

func (s *setup) welcome(f *formSheet) {
	if s.more {
		f.words(style.Dim, 0, "One more Exchange account, beside those that are there.")
		f.words(style.Dim, 0, "")
		return
	}
	f.words(style.Title, 0, "Welcome to securemail")
	f.gap()
	f.words(style.Text, 0, "Mail, contacts and calendar of your Exchange account, in the terminal and in step with the server over ActiveSync. Everything is kept sealed on this machine.")
	f.gap()
	f.words(style.Dim, 0, "To look around first, leave and type: securemail demo. It shows a mailbox of samples, needs no account and leaves nothing behind.")
	f.words(style.Dim, 0, "")
}

// field draws a field with its name.
func (s *setup) field(f *formSheet, i int, name string, field *edit.Field) {
	l := f.line()
	focus := s.at == i && !s.busy
	role := style.Dim
	if focus {
		role = style.Title
		f.focus = len(f.lines)
	}
	f.spots = append(f.spots, spot{len(f.lines), i})
	column := min(labelColumn, f.room/2)
	l.Cell(role, name, column-1).Skip(1)
	width := f.room - column
	if f.room >= 48 {
		width -= optionalColumn
	}
	f.a.inputInto(l, field, max(width, 1), i == passwordField, focus)
	if i >= serverField && i != appField && f.room >= 48 {
		l.Skip(2).Put(style.Dim, "optional")
	}
	f.add(l)
}

// chosenWay draws the row that says how to sign in.
func (s *setup) chosenWay(f *formSheet) {
	l := f.line()
	role := style.Dim
	if s.at == wayRow && !s.busy {
		role = style.Title
		f.focus = len(f.lines)
	}
	f.spots = append(f.spots, spot{len(f.lines), wayRow})
	l.Cell(role, "Sign in", min(labelColumn, f.room/2)-1).Skip(1)
	on := style.Resting
	if s.at == wayRow && !s.busy {
		on = style.Chosen
	}
	l.PutOn(on, style.Text, s.way.name()).Skip(3).Put(style.Strong, "space").Skip(1).Put(style.Dim, "another way")
	f.add(l)
}

// inputInto draws a field as something to type into.
func (a *App) inputInto(l *style.Line, field *edit.Field, width int, secret, focus bool) {
	if secret {
		field = a.starred(field)
	}
	text, x := field.View(width)
	if !focus {
		text = cutTo(field.Text(), width, a.theme)
		l.Put(style.Input, text).Put(style.Input, style.Blanks(width-style.Width(text)))
		return
	}
	left, lw := style.Cut(text, x, "")
	under, after := " ", ""
	if rest := text[len(left):]; rest != "" {
		n, _ := style.Next(rest)
		under, after = rest[:n], rest[n:]
	}
	l.Put(style.Input, left+style.Blanks(x-lw)).Put(style.Cursor, under).Put(style.Input, after)
	l.Put(style.Input, style.Blanks(width-x-style.Width(under)-style.Width(after)))
}

func (s *setup) button(f *formSheet) {
	f.spots = append(f.spots, spot{len(f.lines), signButton})
	if s.at == signButton {
		f.focus = len(f.lines)
	}
	word := " Sign in "
	role, on := style.Strong, style.Resting
	switch {
	case s.busy:
		word = " Signing in" + f.a.theme.Ellipsis + " "
	case s.at == signButton:
		role, on = style.Strong, style.Chosen
	}
	l := f.line().Skip(min(labelColumn, f.room/2)).PutOn(on, role, word).Skip(3)
	switch {
	case s.busy:
		l.Put(style.Strong, "esc").Skip(1).Put(style.Dim, "cancel")
	case s.more:
		l.Put(style.Strong, "tab").Skip(1).Put(style.Dim, "next field").Skip(2).Put(style.Strong, "esc").Skip(1).Put(style.Dim, "back")
	default:
		l.Put(style.Strong, "tab").Skip(1).Put(style.Dim, "next field").Skip(2).Put(style.Strong, "esc").Skip(1).Put(style.Dim, "leave")
	}
	f.add(l)
}

// hint helps with the field at hand.
func (s *setup) hint() string {
	switch s.at {
	case emailField:
		return "The address that your mail is sent from."
	case passwordField:
		return "It is kept sealed on this machine and sent to your server only."
	case serverField:
		example := "mail.example.test"
		if _, domain, ok := strings.Cut(strings.TrimSpace(s.fields[emailField].Text()), "@"); ok && domain != "" {
			example = "mail." + clean(domain)
		}
		return "The name of your mail server is enough, often " + example + "; it becomes https://NAME/Microsoft-Server-ActiveSync. Left empty, it is looked up from your address (Autodiscover) when you sign in; nothing is asked of anyone before."
	case appField:
		return appHint
	case tenantField:
		return "The name or id of your organisation in Entra, such as example.com. Empty means that Microsoft finds it by your address."
	case wayRow:
		return "Exchange Online takes no passwords: there one signs in in the browser, or by a code that is typed on any device."
	case userField:
		return "What you sign in with, if it is not your address, such as DOMAIN\\user. Empty means the address."
	case nameField:
		return "What the account is called on the screens. Empty means the address."
	}
	return "Signing in asks the server for the list of mailboxes. The account is kept only when that works."
}

func (s *setup) click(a *App, _, _, y int, _ bool) tea.Cmd {
	if s.busy {
		return nil
	}
	for _, p := range s.spots {
		if p.y == y {
			switch s.at = p.field; p.field {
			case signButton:
				return s.signIn(a)
			case wayRow:
				s.turn("space")
			}
		}
	}
	return nil
}
