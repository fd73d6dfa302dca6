package ui

import (
	"context"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
)

// doPeople carries out what is done to people, in the list and on the card.
func (p *people) doPeople(a *App, id action.ID) (cmd tea.Cmd, mine bool) {
	switch id {
	case action.NewPerson:
		near := activesync.AccountID("")
		if r, ok := p.list.Current(); ok {
			near = r.account
		}
		return a.whichAccount("Keep the contact in which account?", near, func(a *App, account activesync.AccountID) tea.Cmd {
			return a.editContact(account, activesync.Contact{}, activesync.Contact{})
		}), true
	case action.AddPerson:
		return p.addListed(a), true
	case action.ImportPeople:
		return a.importPeople(), true
	case action.EditPerson:
		return p.edit(a), true
	case action.DeletePerson:
		return p.remove(a), true
	case action.MarkPerson:
		return p.mark(a), true
	case action.UnmarkPeople:
		p.unmark()
		return nil, true
	case action.Share:
		return p.share(a), true
	case action.Export:
		return p.export(a), true
	}
	return nil, false
}

// whichAccount goes on with the account that is meant: the only one, else that
// which is chosen.
func (a *App) whichAccount(title string, near activesync.AccountID, do func(*App, activesync.AccountID) tea.Cmd) tea.Cmd {
	if len(a.accounts) == 1 {
		return do(a, a.accounts[0].ID)
	}
	m := &menu{title: title, digits: true}
	for _, c := range a.accounts {
		id := c.ID
		m.items = append(m.items, item{label: clean(c.Name), value: clean(c.Email), chosen: id == near, do: func(a *App) tea.Cmd { return do(a, id) }})
	}
	return a.menu(m)
}

// mark marks the person under the cursor, or takes the mark away, and goes on.
func (p *people) mark(a *App) tea.Cmd {
	r, ok := p.list.Current()
	if !ok {
		return nil
	}
	if p.marked[r.ID] {
		delete(p.marked, r.ID)
	} else {
		p.marked[r.ID] = true
	}
	p.list.Move(1)
	return p.moved(a)
}

func (p *people) unmark() {
	clear(p.marked)
	p.stale = true
}

// chosen are those marked, in the order of the list, else the one at hand.
func (p *people) chosen() []person {
	if len(p.marked) > 0 {
		var out []person
		for _, r := range p.all {
			if p.marked[r.ID] {
				out = append(out, r)
			}
		}
		return out
	}
	if r, ok := p.list.Current(); ok {
		return []person{r}
	}
	return nil
}

// edit reads the person at hand as they are now, and opens the form.
func (p *people) edit(a *App) tea.Cmd {
	r, ok := p.list.Current()
	if !ok {
		return nil
	}
	b := a.backend
	return a.call(quick, func(ctx context.Context) answer {
		c, err := b.Contact(ctx, r.ID)
		return func(a *App) tea.Cmd {
			if err != nil {
				return a.fail("Not opened", err)
			}
			return a.editContact(r.account, c, c)
		}
	})
}

// remove deletes people; they vanish at once and can be brought back.
func (p *people) remove(a *App) tea.Cmd {
	gone := p.chosen()
	if len(gone) == 0 {
		return nil
	}
	what := gone[0].Name
	if len(gone) > 1 {
		what = number(len(gone)) + " contacts"
	}
	ops := make([]activesync.Op, len(gone))
	for i, r := range gone {
		ops[i] = activesync.Op{Kind: activesync.OpDelete, Item: r.ID, Folder: r.Folder}
	}
	p.unmark()
	p.all = slices.DeleteFunc(slices.Clone(p.all), func(r person) bool {
		return slices.ContainsFunc(gone, func(g person) bool { return g.ID == r.ID })
	})
	p.filter(a)
	b, next := a.backend, p.follow(a)
	return tea.Batch(next, a.call(quick, func(ctx context.Context) answer {
		ids, err := b.Do(ctx, ops...)
		return func(a *App) tea.Cmd {
			if len(ids) > 0 {
				a.undoable(undoEntry{ops: ids, what: "delete " + what, folder: gone[0].Folder})
			}
			if err != nil {
				return tea.Batch(a.fail("Not deleted", err), a.people.load(a))
			}
			return a.sayUndo("Deleted: " + what)
		}
	}))
}

// undoable offers a change to be taken back.
func (a *App) undoable(u undoEntry) {
	a.undo = append(a.undo, u)
	a.undo = a.undo[max(len(a.undo)-undoDepth, 0):]
}

// share begins a message with the vCards of those marked, or of the person
// under the cursor.
func (p *people) share(a *App) tea.Cmd {
	var items []activesync.ItemID
	for _, r := range p.chosen() {
		items = append(items, r.ID)
	}
	if len(items) == 0 {
		return nil
	}
	b := a.backend
	return a.call(quick, func(ctx context.Context) answer {
		d, err := b.ShareDraft(ctx, items...)
		return func(a *App) tea.Cmd {
			if err != nil {
				return a.fail("Not shared", err)
			}
			a.people.unmark()
			return a.openCompose(d, "to")
		}
	})
}

// export writes the vCard of the person under the cursor into the local address
// book.
func (p *people) export(a *App) tea.Cmd {
	r, ok := p.list.Current()
	if !ok {
		return nil
	}
	b := a.backend
	return a.call(quick, func(ctx context.Context) answer {
		path, err := b.ExportContact(ctx, r.ID)
		return func(a *App) tea.Cmd {
			if err != nil {
				return a.fail("Not exported", err)
			}
			return a.say("Exported: " + r.Name + " is in " + strings.TrimSpace(path))
		}
	})
}
