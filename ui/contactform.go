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

// editContact opens the form: of a contact that is before now, or is made where
// that has no id, and shall be start to begin with.
func (a *App) editContact(account activesync.AccountID, before, start activesync.Contact) tea.Cmd {
	made := before.ID == 0
	title := "New contact"
	if !made {
		title = cleanName(before)
	}
	b := a.backend
	return openForm(a, &form[activesync.Contact]{title: title, kind: "contact", start: start, fields: contactFields(),
		fresh: made && start.Name() != "" || !slices.Equal(start.Picture, before.Picture),
		check: func(after *activesync.Contact) (int, string) {
			if refile(start, after); after.Name() == "" {
				return 0, "A contact needs a name, a company, an address or a number."
			}
			return 0, ""
		},
		put: func(ctx context.Context, after activesync.Contact) (done answer, err error) {
			id, op := before.ID, activesync.OpID(0)
			after.Children, after.Categories = slices.Clone(after.Children), slices.Clone(after.Categories)
			if made {
				id, op, err = b.AddContact(ctx, account, after)
			} else {
				op, err = b.ChangeContact(ctx, before, after)
			}
			return func(a *App) tea.Cmd { return a.people.kept(a, id, op, made, cleanName(after)) }, err
		}}, account)
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

// pictureField is the picture, which is no text: it is chosen by its file.
func pictureField() *contactField {
	f := &contactField{label: "Picture",
		get: func(c *activesync.Contact) string { return string(c.Picture) },
		set: func(c *activesync.Contact, s string) string {
			if c.Picture = []byte(s); s == "" {
				c.Picture = nil
			}
			return ""
		},
		show: func(s string) string {
			if s == "" {
				return "none"
			}
			return pictureKind([]byte(s)) + ", " + size(int64(len(s)))
		}}
	f.open = func(a *App, set func(string)) tea.Cmd {
		if f.long == "" {
			return a.askPicture("", "", set)
		}
		return a.ask(question{title: "Picture", text: "There is a picture: " + f.show(f.long) + ".",
			no: "Keep it", yes: "Another", also: "Remove it",
			do:    func(a *App) tea.Cmd { return a.askPicture("", "", set) },
			other: func(*App) tea.Cmd { set(""); return nil }})
	}
	return f
}

// askPicture asks for the file of a picture.
func (a *App) askPicture(typed, wrong string, set func(string)) tea.Cmd {
	home := a.home()
	return a.prompt(&prompt{title: "Picture", label: "Path of a JPEG, PNG or GIF file", hint: "tab completes, ~ is your home", field: edit.NewField(typed), wrong: wrong,
		complete: func(s string) []string { return completePath(s, home) },
		do: func(a *App, s string) tea.Cmd {
			path := expandHome(strings.TrimSpace(s), home)
			return a.call(quick, func(context.Context) answer {
				b, wrong := readPicture(path)
				return func(a *App) tea.Cmd {
					if wrong != "" {
						return a.askPicture(s, wrong, set)
					}
					set(string(b))
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
