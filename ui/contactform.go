package ui

import (
	"context"
	"os"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/contacts"
	"eas.example/securemail/ui/edit"
)

// largestPictureFile is as much of a file as is read for a picture.
const largestPictureFile = 32 << 20

// contactForm is the page on which a contact is made or changed.
type contactForm struct {
	account activesync.AccountID
	before  activesync.Contact // as it was read; without an id it is made
	start   activesync.Contact // what the form began with
	picture []byte
	fields  []*contactField
	at      int    // the field that has the keys
	failed  string // why it was not kept
	busy    bool   // it is being kept

	top    int     // first line of the fields on screen
	box    rect    // as it was drawn last
	cells  []rect  // of the fields, in cells of the box
	spots  []zone  // of the buttons
	places []place // of the fields and headings among the lines
	high   int     // lines of the fields on screen
}

// editContact opens the form: of a contact that is before now and shall be
// start to begin with.
func (a *App) editContact(account activesync.AccountID, before, start activesync.Contact) tea.Cmd {
	f := &contactForm{account: account, before: before, start: start, picture: start.Picture, fields: contactFields()}
	for _, x := range f.fields {
		x.read(&start)
	}
	return a.push(f)
}

func (f *contactForm) changed() bool {
	return !slices.Equal(f.picture, f.before.Picture) || f.before.ID == 0 && f.start.Name() != "" ||
		slices.ContainsFunc(f.fields, (*contactField).changed)
}

// written is the contact as it stands in the form. Where something cannot be,
// the keys go to it.
func (f *contactForm) written() (c activesync.Contact, ok bool) {
	c, ok = f.start, true
	c.Children, c.Categories = slices.Clone(c.Children), slices.Clone(c.Categories)
	for i, x := range f.fields {
		if !x.write(&c) && ok {
			f.at, ok = i, false
		}
	}
	c.Picture = f.picture
	refile(f.start, &c)
	if ok && c.Name() == "" {
		f.at, ok = 0, false
		f.fields[0].wrong = "A contact needs a name, a company, an address or a number."
	}
	return c, ok
}

// refile files a contact under its new name where it was filed under its old
// one.
func refile(old activesync.Contact, c *activesync.Contact) {
	if c.FileAs != old.FileAs || old.FileAs == "" {
		return
	}
	for _, as := range []func(activesync.Contact) string{
		func(c activesync.Contact) string { return c.LastName + ", " + c.FirstName },
		func(c activesync.Contact) string { return strings.TrimSpace(c.FirstName + " " + c.LastName) },
		func(c activesync.Contact) string { c.FileAs = ""; return c.Name() },
	} {
		if as(old) == old.FileAs {
			c.FileAs = strings.Trim(as(*c), ", ")
			return
		}
	}
}

func (f *contactForm) key(a *App, k tea.KeyMsg, name string) tea.Cmd {
	if f.busy {
		return nil
	}
	x := f.fields[f.at]
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
		f.at = 0
	case "ctrl+end":
		f.at = len(f.fields) - 1
	case "enter":
		if x.lines || x.picture {
			return f.open(a, x)
		}
		f.move(1)
	default:
		if x.lines || x.picture {
			if k.Type == tea.KeyRunes && !k.Alt || name == "space" || name == "backspace" || name == "delete" {
				return f.open(a, x)
			}
			return nil
		}
		if typeInto(x.field, k, name) {
			x.wrong, f.failed = "", ""
		}
	}
	return nil
}

// move goes n fields on; the ends hold.
func (f *contactForm) move(n int) { f.at = min(max(f.at+n, 0), len(f.fields)-1) }

// open goes to what is not written in its line: a text of several, or the
// picture.
func (f *contactForm) open(a *App, x *contactField) tea.Cmd {
	if x.lines {
		return a.textbox(x.label, "", x.long, func(_ *App, s string) tea.Cmd {
			x.long, f.failed = s, ""
			return nil
		})
	}
	if len(f.picture) == 0 {
		return f.askPicture(a, "", "")
	}
	return a.ask(question{title: "Picture", text: "There is a picture: " + pictureKind(f.picture) + ", " + size(int64(len(f.picture))) + ".",
		no: "Keep it", yes: "Another", also: "Remove it",
		do:    func(a *App) tea.Cmd { return f.askPicture(a, "", "") },
		other: func(*App) tea.Cmd { f.picture = nil; return nil }})
}

// askPicture asks for the file of a picture.
func (f *contactForm) askPicture(a *App, typed, wrong string) tea.Cmd {
	home := a.home()
	return a.prompt(&prompt{title: "Picture", label: "Path of a JPEG, PNG or GIF file", hint: "tab completes, ~ is your home", field: edit.NewField(typed), wrong: wrong,
		complete: func(s string) []string { return completePath(s, home) },
		do: func(a *App, s string) tea.Cmd {
			path := expandHome(strings.TrimSpace(s), home)
			return a.call(quick, func(context.Context) answer {
				b, wrong := readPicture(path)
				return func(a *App) tea.Cmd {
					if wrong != "" {
						return f.askPicture(a, s, wrong)
					}
					f.picture, f.failed = b, ""
					return nil
				}
			})
		}})
}

// readPicture reads a picture, made small enough for the server.
func readPicture(path string) (picture []byte, wrong string) {
	if info, err := os.Stat(path); err != nil {
		return nil, explain(err)
	} else if !info.Mode().IsRegular() || info.Size() > largestPictureFile {
		return nil, "This is no picture that could be kept."
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, explain(err)
	}
	var c activesync.Contact
	if contacts.SetField(&c, "Picture", string(b)) != nil || len(b) == 0 {
		return nil, "This is no picture. JPEG, PNG and GIF are."
	}
	fit, ok := contacts.FitPicture(b)
	if !ok {
		return nil, "The picture is too large, and of a kind that cannot be made smaller."
	}
	return fit, ""
}

// close leaves the form. What was written is not lost without a question.
func (f *contactForm) close(a *App) tea.Cmd {
	if !f.changed() {
		a.pop()
		return nil
	}
	return a.ask(question{title: "Keep the contact?", text: "What you wrote is not kept yet.", yes: "Keep", no: "Go on", also: "Drop",
		do:    f.keep,
		other: func(a *App) tea.Cmd { f.leave(a); return nil }})
}

// leave takes the form off the screen, wherever it lies.
func (f *contactForm) leave(a *App) {
	a.overlays = slices.DeleteFunc(a.overlays, func(o overlay) bool { return o == overlay(f) })
}

// keep writes the contact to the journal. The form stays until that is done.
func (f *contactForm) keep(a *App) tea.Cmd {
	after, ok := f.written()
	if !ok || f.busy {
		return nil
	}
	f.busy, f.failed = true, ""
	b, before, account := a.backend, f.before, f.account
	return a.call(quick, func(ctx context.Context) answer {
		id, op, err := before.ID, activesync.OpID(0), error(nil)
		if id == 0 {
			id, op, err = b.AddContact(ctx, account, after)
		} else {
			op, err = b.ChangeContact(ctx, before, after)
		}
		return func(a *App) tea.Cmd {
			f.busy = false
			if err != nil {
				f.failed = explain(err)
				return nil
			}
			f.leave(a)
			return a.people.kept(a, id, op, before.ID == 0, cleanName(after))
		}
	})
}

// kept shows a contact that was made or changed, and offers to take that back.
func (p *people) kept(a *App, id activesync.ItemID, op activesync.OpID, made bool, name string) tea.Cmd {
	if op == 0 {
		return a.say("Nothing of it was changed.")
	}
	said, what := "Kept: ", "change "
	if made {
		said, what = "Made: ", "make "
		p.then = id
	}
	a.undoable(undoEntry{ops: []activesync.OpID{op}, what: what + name})
	p.known = true // it is read now
	return tea.Batch(a.sayUndo(said+name), p.load(a))
}

func (f *contactForm) paste(_ *App, s string) tea.Cmd {
	switch x := f.fields[f.at]; {
	case f.busy || x.picture:
	case x.lines:
		x.long += edit.Clean(s)
	default:
		x.field.Insert(s)
		x.wrong = ""
	}
	f.failed = ""
	return nil
}

func (f *contactForm) click(a *App, x, y int) tea.Cmd {
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
	for i, r := range f.cells {
		if r.has(x, y) {
			f.at = i
			if o := f.fields[i]; o.lines || o.picture {
				return f.open(a, o)
			}
			return nil
		}
	}
	return nil
}

func (f *contactForm) wheel(_ *App, n int) tea.Cmd {
	f.move(n)
	return nil
}
