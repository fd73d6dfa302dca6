package ui

import (
	"cmp"
	"context"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/edit"
)

// foundMost is how many messages a search of all mailboxes shows, the newest.
const foundMost = 200

// findAll is what is searched for in all mailboxes.
type findAll struct {
	words string
	lane  lane
}

// begin gives up what is searched for or fetched, for another question.
func (s *findAll) begin() (gen uint64) {
	s.lane.drop()
	s.lane.gen++
	return s.lane.gen
}

// openFindAll asks what to search all mailboxes for.
func (a *App) openFindAll() tea.Cmd {
	return a.prompt(&prompt{
		title: "Search all mailboxes", label: "In people, subject and first words of the mail that is kept on this machine.",
		field: edit.NewField(""), hint: searchAgain(a.everywhere.words),
		do: func(a *App, text string) tea.Cmd {
			s := &a.everywhere
			if s.words = cmp.Or(strings.TrimSpace(text), s.words); s.words == "" {
				return nil
			}
			return a.findAll(s.words)
		},
	})
}

// findAll searches the mailboxes of all accounts, and offers what it found.
func (a *App) findAll(words string) tea.Cmd {
	s := &a.everywhere
	gen, b, places := s.begin(), a.backend, a.mailboxes()
	return tea.Batch(a.say("Searching for “"+words+"”…"), a.read(&s.lane, network, func(ctx context.Context) answer {
		found, n, err := activesync.WordsOf(words).Find(ctx, b, places, foundMost)
		return func(a *App) tea.Cmd {
			switch {
			case gen != a.everywhere.lane.gen:
				return nil
			case err != nil:
				return a.fail("Search", err)
			case n == 0 && !a.searchesServer():
				return a.say("No message matches “" + words + "”.")
			case a.top() != nil || a.write != nil || a.setup != nil:
				return a.say(plural(n, "1 message matches", "messages match") + " “" + words + "”.")
			}
			return a.showFound(words, found, n)
		}
	}))
}

// mailboxes are those of all accounts.
func (a *App) mailboxes() (out []activesync.FolderID) {
	for _, c := range a.accounts {
		for _, f := range c.folders {
			if f.Class == activesync.ClassEmail {
				out = append(out, f.ID)
			}
		}
	}
	return out
}

// showFound lists messages, of which one leads to its mailbox, and offers to ask
// the server.
func (a *App) showFound(words string, found []activesync.Header, n int) tea.Cmd {
	a.note.text = ""
	title := plural(n, "1 message", "messages") + " with “" + clean(words) + "”"
	switch {
	case n == 0:
		title = "No message here has “" + clean(words) + "”"
	case n > len(found):
		title = "The newest " + number(len(found)) + " of " + title
	}
	m := &menu{title: title}
	for _, h := range found {
		m.items = append(m.items, a.foundItem(h, func(a *App) tea.Cmd { return a.openFound(h.ID, h.Folder, words) }))
	}
	if a.searchesServer() {
		m.items = append(m.items, item{label: "Search on the server", value: "whole texts, older mail", do: func(a *App) tea.Cmd { return a.findOnServer(words) }})
	}
	return a.menu(m)
}

// foundItem is the line of a message that was found.
func (a *App) foundItem(h activesync.Header, do func(*App) tea.Cmd) item {
	where, sent := "", false
	if f, of := a.folder(h.Folder); f != nil {
		where, sent = clean(f.Name)+"  ", f.Type == activesync.FolderSent || f.Type == activesync.FolderDrafts
		if len(a.accounts) > 1 {
			where = clean(f.Name) + ", " + clean(of.Name) + "  "
		}
	}
	r := makeRow(h, activesync.Conversation{}, a.loc, sent)
	return item{label: r.who + "  " + r.Subject, value: where + a.whenFound(h.Date), do: do}
}

// openFound opens a message that was found; n and N go on in its mailbox.
func (a *App) openFound(id activesync.ItemID, folder activesync.FolderID, words string) tea.Cmd {
	var all tea.Cmd
	if m := &a.mail.list; m.unread && m.folder == folder {
		all = m.showUnread(a, false)
	}
	open := a.openMessage(id, folder)
	a.mail.list.find.words, a.mail.list.find.last = words, id
	return tea.Batch(all, open)
}

// whenFound is the time of today's messages, the day of others.
func (a *App) whenFound(t time.Time) string {
	switch there := t.In(a.loc); {
	case dayOf(t, a.loc) == dayOf(a.now, a.loc):
		return a.clock(t)
	case there.Year() == a.now.In(a.loc).Year():
		return there.Format("2 Jan")
	default:
		return there.Format("2 Jan 2006")
	}
}
