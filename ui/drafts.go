package ui

import (
	"context"
	"crypto/rand"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
)

// draftOpener is a backend whose server carries drafts.
type draftOpener interface {
	// OpenDraft is a message in Drafts, to be gone on with.
	OpenDraft(context.Context, activesync.ItemID) (activesync.Draft, error)
}

// isDraft reports whether a message is one that is gone on with, not read.
func (a *App) isDraft(h *activesync.Header) bool {
	_, can := a.backend.(draftOpener)
	f, _ := a.folder(h.Folder)
	return can && h.Draft && f != nil && f.Type == activesync.FolderDrafts
}

// openOrWrite opens the message under the cursor; a draft is gone on with.
func (m *messages) openOrWrite(a *App) tea.Cmd {
	if r, ok := m.list.Current(); ok && a.isDraft(&r.Header) {
		return a.openDraft(r.ID)
	}
	return m.openCurrent(a)
}

// openDraft goes on with a message in Drafts.
func (a *App) openDraft(item activesync.ItemID) tea.Cmd {
	b, can := a.backend.(draftOpener)
	if !can {
		return nil
	}
	return a.call(network, func(ctx context.Context) answer {
		d, err := b.OpenDraft(ctx, item)
		return func(a *App) tea.Cmd {
			if err != nil {
				return a.fail("Not opened", err)
			}
			if a.write != nil && a.write.id != d.Key {
				return a.waitAside(d)
			}
			return a.writeOn(d)
		}
	})
}

// waitAside puts a draft aside that comes when something else is being written.
func (a *App) waitAside(d activesync.Draft) tea.Cmd {
	if !slices.ContainsFunc(a.aside, func(w *compose) bool { return w.id == d.Key }) {
		a.aside = append(a.aside, a.stored(d))
	}
	return a.say("The draft is ready; " + a.keys.Key(action.Resume) + " goes on with it once this message is closed.")
}

// stored is the writing screen of a draft that is kept.
func (a *App) stored(d activesync.Draft) *compose {
	key := d.Key
	if key == "" {
		key = rand.Text()
	}
	w := newCompose(a, key, d, textPart)
	w.keeping.stamp, w.keeping.stored = d.Stamp, true
	return w
}

// writeOn goes on with a draft that is kept; where that is on screen or put
// aside here, with that.
func (a *App) writeOn(d activesync.Draft) tea.Cmd {
	if a.write != nil && a.write.id == d.Key {
		return nil
	}
	if i := slices.IndexFunc(a.aside, func(w *compose) bool { return w.id == d.Key }); i >= 0 {
		return a.goOn(a.aside[i])
	}
	before := a.setAside()
	cmds := []tea.Cmd{before, a.showCompose(a.stored(d))}
	if d.Formatted {
		cmds = append(cmds, a.tell(note{text: "This draft is formatted: changed or sent from here, it is plain text.", alert: true}))
	}
	return tea.Batch(cmds...)
}

// draftsChanged takes over what other programs and screens made of the messages
// that are written here.
func (a *App) draftsChanged() tea.Cmd {
	var cmds []tea.Cmd
	for _, w := range append(slices.Clone(a.aside), a.write) {
		if w != nil && (w.keeping.stored || w.keeping.stamp != "") {
			cmds = append(cmds, w.catchUp(a))
		}
	}
	return tea.Batch(cmds...)
}

// sayForked tells that a draft became two.
func (a *App) sayForked() tea.Cmd {
	return a.tell(note{text: "A draft was changed elsewhere while you changed it here. Both are in Drafts.", alert: true})
}

// localDrafts are the words above the drafts of a server that carries none.
func (a *App) localDrafts(c *account) string {
	text := "Drafts stay local: this server speaks ActiveSync " + c.state.Version.String() + ", which carries drafts only from 16.0 on."
	if n := len(a.aside); n > 0 {
		text += " " + a.keys.Key(action.Resume) + " goes on with " + plural(n, "the message that you were writing.", "%d messages that you were writing.")
	}
	return text
}
