package ui

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
	"eas.example/securemail/ui/edit"
)

// onServer carries out what is done on the server at once.
func (a *App) onServer(id action.ID) (cmd tea.Cmd, mine bool) {
	switch id {
	case action.NewFolder:
		return a.newMailbox(), true
	case action.RenameFolder:
		return a.withFolder((*App).renameMailbox), true
	case action.DropFolder:
		return a.withFolder((*App).dropMailbox), true
	case action.OutOfOffice:
		return a.askOutOfOffice(), true
	}
	return nil, false
}

// nameWrong says why a text is no name of a mailbox.
func nameWrong(s string) string {
	if strings.TrimSpace(s) == "" {
		return "A mailbox needs a name."
	}
	return ""
}

// onFolders has the server change the mailboxes and says what was done.
func (a *App) onFolders(said, failed string, do func(context.Context) error) tea.Cmd {
	return tea.Batch(a.say("Asking the server…"), a.call(network, func(ctx context.Context) answer {
		err := do(ctx)
		return func(a *App) tea.Cmd {
			if err != nil {
				return a.fail(failed, err)
			}
			return tea.Batch(a.say(said), a.readAccounts())
		}
	}))
}

func (a *App) newMailbox() tea.Cmd {
	c := a.current()
	if c == nil {
		return nil
	}
	account, parent, label := c.ID, activesync.FolderID(0), "Its name"
	if f := a.facts().Folder; f != nil && f.Class == activesync.ClassEmail && f.Type.UserMade() {
		parent, label = f.ID, "Its name; it will lie below "+f.Name
	}
	return a.prompt(&prompt{title: "New mailbox", label: label, field: edit.NewField(""), check: nameWrong, do: func(a *App, name string) tea.Cmd {
		b := a.backend
		return a.onFolders("Made "+clean(strings.TrimSpace(name))+".", "Not made", func(ctx context.Context) error {
			_, err := b.MakeFolder(ctx, account, parent, name, activesync.ClassEmail)
			return err
		})
	}})
}

func (a *App) renameMailbox(id activesync.FolderID) tea.Cmd {
	f, _ := a.folder(id)
	if f == nil {
		return nil
	}
	parent := f.Parent
	return a.prompt(&prompt{title: "Rename " + clean(f.Name), label: "Its new name", field: edit.NewField(f.Name), check: nameWrong, do: func(a *App, name string) tea.Cmd {
		b := a.backend
		return a.onFolders("Renamed.", "Not renamed", func(ctx context.Context) error { return b.ChangeFolder(ctx, id, parent, name) })
	}})
}

func (a *App) dropMailbox(id activesync.FolderID) tea.Cmd {
	f, c := a.folder(id)
	if f == nil || c == nil {
		return nil
	}
	name := f.Name
	bin := c.ofType(activesync.FolderDeleted)
	within := bin != nil && c.below(f, bin.ID)
	b := a.backend
	if bin == nil || within || f.Class != activesync.ClassEmail {
		return a.ask(question{title: "Delete " + clean(name), text: "It is deleted for good, with all that is in it.", yes: "Delete", do: func(a *App) tea.Cmd {
			return a.onFolders("Deleted.", "Not deleted", func(ctx context.Context) error { return b.DropFolder(ctx, id) })
		}})
	}
	to := bin.ID
	return a.ask(question{title: "Delete " + clean(name), text: "It goes to " + clean(bin.Name) + ", with all that is in it.", yes: "Delete", do: func(a *App) tea.Cmd {
		return a.onFolders("Moved to Deleted Items.", "Not deleted", func(ctx context.Context) error { return b.ChangeFolder(ctx, id, to, name) })
	}})
}

// below reports whether a folder lies somewhere below another.
func (c *account) below(f *activesync.Folder, above activesync.FolderID) bool {
	parents := map[activesync.FolderID]activesync.FolderID{}
	for i := range c.folders {
		parents[c.folders[i].ID] = c.folders[i].Parent
	}
	for id, depth := f.Parent, 0; id != 0 && depth < len(c.folders); id, depth = parents[id], depth+1 {
		if id == above {
			return true
		}
	}
	return false
}

// askOutOfOffice asks the server what it answers, and then the person what it
// is to be.
func (a *App) askOutOfOffice() tea.Cmd {
	c := a.current()
	if c == nil {
		return nil
	}
	b, account := a.backend, c.ID
	said := a.say("Asking the server…")
	seq := a.note.seq
	return tea.Batch(said, a.call(network, func(ctx context.Context) answer {
		have, err := b.OutOfOffice(ctx, account)
		return func(a *App) tea.Cmd {
			if err != nil {
				return a.fail("The out-of-office message is not known", err)
			}
			a.unsay(seq)
			return a.changeOutOfOffice(account, have)
		}
	}))
}

func (a *App) changeOutOfOffice(account activesync.AccountID, have activesync.OutOfOffice) tea.Cmd {
	if have.State != activesync.OofOff {
		text := "Out of office is on"
		if have.State == activesync.OofTimed {
			text += " from " + a.dateTime(have.From) + " to " + a.dateTime(have.To)
		}
		return a.ask(question{title: "Out of office", text: text + ". Switch it off?", yes: "Off", also: "Other text",
			do: func(a *App) tea.Cmd {
				return a.setOutOfOffice(account, activesync.OutOfOffice{State: activesync.OofOff}, "Out of office is off.")
			},
			other: func(a *App) tea.Cmd { return a.writeOutOfOffice(account, have) }})
	}
	return a.writeOutOfOffice(account, have)
}

func (a *App) writeOutOfOffice(account activesync.AccountID, have activesync.OutOfOffice) tea.Cmd {
	text := have.Inside
	if text == "" {
		text = have.Outside
	}
	return a.prompt(&prompt{title: "Out of office", label: "What everybody who writes to you is told until you switch it off. securemail out-of-office knows days and a text for others.",
		field: edit.NewField(strings.Join(strings.Fields(text), " ")),
		check: func(s string) string {
			if strings.TrimSpace(s) == "" {
				return "It needs a text."
			}
			return ""
		},
		do: func(a *App, s string) tea.Cmd {
			return a.setOutOfOffice(account, activesync.OutOfOffice{State: activesync.OofOn, Inside: s, Outside: s}, "Out of office is on.")
		}})
}

func (a *App) setOutOfOffice(account activesync.AccountID, o activesync.OutOfOffice, said string) tea.Cmd {
	b := a.backend
	return a.onFolders(said, "Not set", func(ctx context.Context) error { return b.SetOutOfOffice(ctx, account, o) })
}
