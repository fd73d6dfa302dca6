package ui

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message/smime"
	"eas.example/securemail/ui/edit"
	"eas.example/securemail/ui/style"
)

// MailKeys sets up the person's keys for S/MIME, which lie in files.
type MailKeys interface {
	List(ctx context.Context) ([]MailKey, error)
	// Add takes a PKCS #12 file with its password, or a certificate and the file of
	// its key, "" for the same; one that is there already is opened with the
	// password. smime.ErrPassword and smime.ErrNoKey ask for what is missing.
	Add(ctx context.Context, file, key, password string) (MailKey, error)
	// Remove forgets a key and leaves its files.
	Remove(file string) error
}

// MailKey is one of them.
type MailKey struct {
	File    string
	Owner   string    // name and address, "" while it is not open
	Until   time.Time // its certificate is valid
	Locked  bool      // its password is needed
	Problem string    // why it cannot be used
}

// mailKeyPrefs is what Settings › Security knows of them.
type mailKeyPrefs struct {
	list []MailKey
	err  string
	lane lane
}

func (g *mailKeyPrefs) load(a *App) tea.Cmd {
	keys := a.deps.MailKeys
	if keys == nil {
		return nil
	}
	return a.read(&g.lane, network, func(ctx context.Context) answer { // a command may ask for the password
		list, err := keys.List(ctx)
		return func(a *App) tea.Cmd {
			g := &a.prefs.mailKeys
			if g.list, g.err = list, ""; err != nil {
				g.err = explain(err)
			}
			a.prefs.rebuild(a)
			return nil
		}
	})
}

// mailKeyRows are the keys for S/MIME in the section Security.
func (p *prefs) mailKeyRows(a *App, s *prefSheet) {
	if a.deps.MailKeys == nil {
		return
	}
	s.blank()
	s.heading("Your keys for encrypted mail (S/MIME)")
	if p.mailKeys.err != "" {
		s.words(style.Warn, 0, a.theme.Warning+" "+clean(p.mailKeys.err))
	}
	for _, k := range p.mailKeys.list {
		row := prefRow{key: "smime" + k.File, kind: prefLink, label: clean(orElse(k.Owner, filepath.Base(k.File))), value: a.theme.Open, role: style.Dim,
			do: func(a *App) tea.Cmd { return a.askRemoveKey(k) }}
		switch {
		case k.Locked:
			row.mark, row.role, row.do = "its password is needed", style.Warn, func(a *App) tea.Cmd { return a.askKeyPassword(k.File, "", nil) }
		case k.Problem == "":
			row.mark = "until " + k.Until.In(a.loc).Format("2 January 2006")
		}
		s.add(row)
		if k.Problem != "" {
			s.words(style.Warn, 1, a.theme.Warning+" "+clean(k.Problem))
		}
	}
	s.add(prefRow{key: "smimeadd", kind: prefLink, label: "Add a key" + a.theme.Ellipsis, value: a.theme.Open, role: style.Dim,
		do: func(a *App) tea.Cmd { return a.askKeyFile("", "", nil) }})
}

// askRemoveKey asks whether a key is to be forgotten.
func (a *App) askRemoveKey(k MailKey) tea.Cmd {
	return a.ask(question{title: "Use this key no more?", text: clean(orElse(k.Owner, k.File)) + "\n\nThe file stays: " + clean(k.File), yes: "Use it no more", do: func(a *App) tea.Cmd {
		keys := a.deps.MailKeys
		return a.call(quick, func(context.Context) answer {
			err := keys.Remove(k.File)
			return func(a *App) tea.Cmd {
				if err != nil {
					return a.fail("Nothing was changed", err)
				}
				return tea.Batch(a.say("The key is used no more."), a.prefs.mailKeys.load(a))
			}
		})
	}})
}

// askKeyFile asks for the file of a key; then is done once it is there.
func (a *App) askKeyFile(typed, wrong string, then func(*App) tea.Cmd) tea.Cmd {
	home := a.home()
	return a.prompt(&prompt{title: "Add a key", label: "A file with your certificate and key: .p12 or .pfx, or .pem", hint: "tab completes, ~ is your home", field: edit.NewField(typed), wrong: wrong,
		complete: func(s string) []string { return completePath(s, home) }, check: filled("Write the path of a file."),
		do: func(a *App, s string) tea.Cmd {
			path, err := absolute(s, home)
			if err != nil {
				return a.fail("Not added", err)
			}
			return a.addKey(path, "", "", then)
		}})
}

// askKeyPassword asks for the password of a PKCS #12 file. It is kept as long as
// the screens are there.
func (a *App) askKeyPassword(file, wrong string, then func(*App) tea.Cmd) tea.Cmd {
	return a.prompt(&prompt{title: "Password of " + clean(filepath.Base(file)), label: "Asked for once each time the screens start; it is kept nowhere.", field: edit.NewField(""), secret: true, wrong: wrong,
		check: filled("Type the password of the file."),
		do:    func(a *App, s string) tea.Cmd { return a.addKey(file, "", s, then) }})
}

// absolute is a path that was typed, so that it holds wherever the program starts.
func absolute(typed, home string) (string, error) {
	return filepath.Abs(expandHome(strings.TrimSpace(typed), home))
}

// filled wants a text that is not blank.
func filled(why string) func(string) string {
	return func(s string) string {
		if strings.TrimSpace(s) == "" {
			return why
		}
		return ""
	}
}

// addKey takes a key, and asks for what is missing.
func (a *App) addKey(file, key, password string, then func(*App) tea.Cmd) tea.Cmd {
	keys, home := a.deps.MailKeys, a.home()
	return a.call(network, func(ctx context.Context) answer {
		k, err := keys.Add(ctx, file, key, password)
		return func(a *App) tea.Cmd {
			switch {
			case errors.Is(err, smime.ErrPassword):
				wrong := ""
				if password != "" {
					wrong = "That password does not open it."
				}
				return a.askKeyPassword(file, wrong, then)
			case errors.Is(err, smime.ErrNoKey) && key == "":
				return a.prompt(&prompt{title: "Add a key", label: "The file holds a certificate. Where is the private key?", hint: "tab completes, ~ is your home", field: edit.NewField(filepath.Dir(file) + "/"),
					complete: func(s string) []string { return completePath(s, home) }, check: filled("Write the path of a file."),
					do: func(a *App, s string) tea.Cmd {
						path, err := absolute(s, home)
						if err != nil {
							return a.fail("Not added", err)
						}
						return a.addKey(file, path, "", then)
					}})
			case err != nil:
				return a.askKeyFile(file, explain(err), then)
			}
			said := a.say("Your key: " + clean(k.Owner) + ".")
			if then != nil {
				return tea.Batch(said, a.prefs.mailKeys.load(a), then(a))
			}
			return tea.Batch(said, a.prefs.mailKeys.load(a))
		}
	})
}

// giveKey opens the message shown, which is encrypted: by the password of a key that
// is set up, or by another key.
func (r *reader) giveKey(a *App) tea.Cmd {
	keys, id := a.deps.MailKeys, r.id
	again := func(a *App) tea.Cmd { return a.mail.reader.anew(a, id) }
	return a.call(network, func(ctx context.Context) answer {
		list, err := keys.List(ctx)
		return func(a *App) tea.Cmd {
			if err != nil {
				return a.fail("The keys cannot be read", err)
			}
			if i := slices.IndexFunc(list, func(k MailKey) bool { return k.Locked }); i >= 0 {
				return a.askKeyPassword(list[i].File, "", again)
			}
			return a.askKeyFile("", "", again)
		}
	})
}

// anew shows a message as if it had just been opened, where it still is shown.
func (r *reader) anew(a *App, id activesync.ItemID) tea.Cmd {
	if r.id != id {
		return nil
	}
	r.clear()
	r.id = id
	return r.load(a, r.lane.gen)
}
