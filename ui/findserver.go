package ui

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/ui/style"
)

// serverSearch is a backend that can have the server search, as far back as the
// policy Mail search limit lets it. Both wait for the network.
type serverSearch interface {
	Search(ctx context.Context, account activesync.AccountID, words string, folders []activesync.FolderID, n int) (activesync.FoundMail, error)
	FetchFound(ctx context.Context, account activesync.AccountID, found activesync.FoundMessage) (activesync.Message, error)
}

func (a *App) searchesServer() bool {
	_, can := a.backend.(serverSearch)
	return can && a.current() != nil
}

// findOnServer has the server search the account at hand.
func (a *App) findOnServer(words string) tea.Cmd {
	b, can := a.backend.(serverSearch)
	c := a.current()
	if !can || c == nil {
		return nil
	}
	s, account := &a.everywhere, c.ID
	gen := s.begin()
	return tea.Batch(a.say("Asking the server for “"+words+"”…"), a.read(&s.lane, network, func(ctx context.Context) answer {
		found, err := b.Search(ctx, account, words, nil, foundMost)
		return func(a *App) tea.Cmd {
			switch {
			case gen != a.everywhere.lane.gen:
				return nil
			case err != nil:
				return a.fail("Search on the server", err)
			case len(found.Messages) == 0:
				return a.say("The server finds no message with “" + words + "”.")
			case a.top() != nil || a.write != nil || a.setup != nil:
				return a.say("The server has found " + plural(found.Total, "1 message", "messages") + " with “" + words + "”.")
			}
			return a.showFoundOnServer(account, words, found)
		}
	}))
}

// showFoundOnServer lists what the server found. What is here too opens in its
// mailbox, all else is fetched to be read.
func (a *App) showFoundOnServer(account activesync.AccountID, words string, found activesync.FoundMail) tea.Cmd {
	a.note.text = ""
	title := plural(len(found.Messages), "1 message", "messages") + " on the server with “" + clean(words) + "”"
	if found.Total > len(found.Messages) {
		title = number(len(found.Messages)) + " of " + plural(found.Total, "1 message", "messages") + " on the server with “" + clean(words) + "”"
	}
	m := &menu{title: title}
	for _, f := range found.Messages {
		m.items = append(m.items, a.foundItem(f.Header, func(a *App) tea.Cmd {
			if f.Header.ID != 0 {
				return a.openFound(f.Header.ID, f.Header.Folder, words)
			}
			return a.readFound(account, f)
		}))
	}
	return a.menu(m)
}

// readFound fetches a message that is on the server only, and shows its text.
func (a *App) readFound(account activesync.AccountID, f activesync.FoundMessage) tea.Cmd {
	b := a.backend.(serverSearch)
	s := &a.everywhere
	gen := s.begin()
	return tea.Batch(a.say("Fetching “"+f.Header.Subject+"”…"), a.read(&s.lane, network, func(ctx context.Context) answer {
		m, err := b.FetchFound(ctx, account, f)
		return func(a *App) tea.Cmd {
			switch {
			case gen != a.everywhere.lane.gen:
				return nil
			case err != nil:
				return a.fail("The message was not fetched", err)
			}
			a.note.text = ""
			about := "From: " + named(m.From) + "\nTo: " + named(m.To...) + "\nDate: " + a.dateTime(m.Date) + "\n"
			for _, file := range m.Attachments {
				about += "Attachment: " + clean(file.Name) + "\n"
			}
			text := message.CleanText(strings.TrimRight(message.PlainText(m.Body), "\n"))
			return a.showText(m.Subject, passage{style.Dim, about}, passage{style.Text, text})
		}
	}))
}
