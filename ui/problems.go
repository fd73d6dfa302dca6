package ui

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/ui/edit"
)

// waitsForPerson reports whether a record is set aside until the person decides.
// Two versions of a person are decided about elsewhere.
func waitsForPerson(op *activesync.Op) bool {
	return !op.TwoVersions() && (op.State == activesync.OpParked || op.State == activesync.OpUncertain)
}

// problems are all that is set aside and needs the person, of all accounts: what
// the server refused, what may have been sent, what it removed in great numbers,
// two versions of a person, and mailboxes it gives nothing of.
func (a *App) problems() (out []item) {
	of := func(c *account, s string) string {
		if len(a.accounts) > 1 {
			return clean(c.Name) + " " + a.theme.Path + " " + s
		}
		return s
	}
	for _, c := range a.accounts {
		for i := range c.outbox {
			op := c.outbox[i]
			if !waitsForPerson(&op) {
				continue
			}
			r := a.outboxRow(c, op)
			words, _ := a.opState(r)
			out = append(out, item{label: of(c, r.title()), value: a.briefly(words), do: func(a *App) tea.Cmd { return a.outboxAt(op.ID) }})
		}
		for _, w := range c.withheld {
			if f := c.folder(w.Folder); f != nil && len(w.Items) > 0 {
				out = append(out, item{label: of(c, f.Name), value: number(len(w.Items)) + " removed at once", do: func(a *App) tea.Cmd { return a.reviewOf(w) }})
			}
		}
		out = append(out, a.unreadable(c, of)...)
		for i := range c.folders {
			if f := &c.folders[i]; f.Problem != "" && a.undecided(f.ID) == 0 {
				id := f.ID
				out = append(out, item{label: of(c, f.Name), value: a.briefly(f.Problem), do: func(a *App) tea.Cmd {
					return tea.Batch(a.goTo(mailScreen), a.mail.openFolder(a, id))
				}})
			}
		}
	}
	if n := a.undecidedPeople(); n > 0 {
		out = append(out, item{label: "People with two versions", value: number(n), do: (*App).openVersions})
	}
	return out
}

// unreadable are the mailboxes with messages that cannot be read, each leading to
// the last of these.
func (a *App) unreadable(c *account, of func(*account, string) string) (out []item) {
	for i := range c.folders {
		f, n, last := &c.folders[i], 0, activesync.ItemID(0)
		for _, h := range c.unreadable {
			if h.Folder == f.ID {
				n, last = n+1, h.ID
			}
		}
		if n > 0 {
			id := f.ID
			out = append(out, item{label: of(c, f.Name), value: plural(n, "1 not readable", "%d not readable"),
				do: func(a *App) tea.Cmd { return a.openMessage(last, id) }})
		}
	}
	return out
}

// briefly is a reason as short as a menu has room for.
func (a *App) briefly(s string) string { return cutTo(strings.TrimSpace(s), 34, a.theme) }

// openProblems lists what is set aside; each leads to where it is decided about.
func (a *App) openProblems() tea.Cmd {
	all := a.problems()
	if len(all) == 0 {
		return a.say("Nothing is set aside.")
	}
	return a.menu(&menu{title: "Set aside for you", items: all, digits: true})
}

// outboxAt shows a record in the outbox.
func (a *App) outboxAt(id activesync.OpID) tea.Cmd {
	show := a.goTo(outboxScreen)
	a.outbox.rebuild(a)
	if i := a.outbox.list.Find(id); i >= 0 {
		a.outbox.list.To(i)
	}
	a.outbox.show(a)
	return show
}

// outboxSource is a backend that gives what a record holds.
type outboxSource interface {
	OutboxSource(ctx context.Context, op activesync.OpID, w io.Writer) error
}

// askExport asks where a record of the outbox is to be written: the message, the
// contact or the event as the person has it; of another change what it is about, in words.
func (o *outbox) askExport(a *App) tea.Cmd {
	r, ok := o.list.Current()
	if !ok || a.deps.SaveFile == nil {
		return nil
	}
	home, b, save := a.home(), a.backend, a.deps.SaveFile
	words, _ := a.opState(r)
	return a.prompt(&prompt{title: "Export", label: "Into which directory? Nothing that is there is written over.",
		field: edit.NewField(a.downloads()), complete: func(s string) []string { return completeDirs(s, home) },
		check: func(dir string) string {
			if i, err := os.Stat(expandHome(dir, home)); err != nil || !i.IsDir() {
				return "There is no such directory."
			}
			return ""
		},
		do: func(a *App, dir string) tea.Cmd {
			return a.call(quick, func(ctx context.Context) answer {
				name, write := r.subject+".txt", func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "%s %s\n%s\n", r.title(), r.whither, words)
					return err
				}
				if src, can := b.(outboxSource); can && r.op.Extension() != "" {
					name, write = r.subject+r.op.Extension(), func(w io.Writer) error { return src.OutboxSource(ctx, r.op.ID, w) }
				}
				path, err := save(expandHome(dir, home), message.FileName(name), write)
				return func(a *App) tea.Cmd {
					if err != nil {
						return a.fail("Not exported", err)
					}
					return a.say("Exported: " + path)
				}
			})
		}})
}
