package ui

import (
	"context"
	"crypto/rand"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/ui/action"
)

// answer begins a reply to the message under the cursor or opened, or passes
// it on. The whole text is fetched first; where that cannot be, what is here
// is quoted.
func (a *App) answer(verb activesync.Verb) tea.Cmd {
	r, ok := a.mail.list.list.Current()
	if !ok {
		return nil
	}
	id := r.ID
	if reader := &a.mail.reader; a.mail.focus == onReader && reader.holds(r) {
		id = reader.id
	}
	return a.answerTo(id, r.Folder, verb)
}

// answerTo is answer for a message of a mailbox.
func (a *App) answerTo(id activesync.ItemID, folder activesync.FolderID, verb activesync.Verb) tea.Cmd {
	var self []activesync.Address
	for _, c := range a.accounts {
		self = append(self, activesync.Address{Address: c.Email})
	}
	account := activesync.AccountID("")
	if _, c := a.folder(folder); c != nil {
		account = c.ID
	}
	b := a.backend
	// The text may have to come over the network, whose time is its own limit.
	return a.call(network, func(ctx context.Context) answer {
		m, short, err := wholeMessage(ctx, b, id)
		if err != nil {
			return func(a *App) tea.Cmd { return a.fail("Not opened", err) }
		}
		d := answerDraft(&m, verb, self)
		d.Account = account
		return func(a *App) tea.Cmd { return a.answerWith(d, short) }
	})
}

// wholeMessage is a message with its whole text; short says why it is not whole.
func wholeMessage(ctx context.Context, b Backend, id activesync.ItemID) (m activesync.Message, short, err error) {
	m, err = b.Message(ctx, id)
	if err != nil || m.Body.Whole() {
		return m, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, quick)
	defer cancel()
	whole, short := b.FetchBody(ctx, id)
	if short != nil {
		return m, short, nil
	}
	return whole, nil, nil
}

// answerDraft is the draft of an answer. What is passed on carries all
// attachments of the original, pictures in its text too, as the text that goes
// out has no place for them.
func answerDraft(m *activesync.Message, verb activesync.Verb, self []activesync.Address) activesync.Draft {
	d := message.ReplyDraft(m, verb, self...)
	if verb != activesync.VerbForward {
		return d
	}
	for i, f := range m.Attachments {
		d.Attachments = append(d.Attachments, activesync.DraftAttachment{Name: fileName(f), ContentType: f.ContentType, Part: i + 1})
	}
	return d
}

// answerWith opens an answer that is ready. When the person began something
// else meanwhile it waits aside.
func (a *App) answerWith(d activesync.Draft, short error) tea.Cmd {
	if a.write != nil {
		a.aside = append(a.aside, newCompose(a, rand.Text(), d, textPart))
		return a.say("The answer is ready; " + a.keys.Key(action.Resume) + " goes on with it once this message is closed.")
	}
	focus := "text"
	if d.Verb == activesync.VerbForward {
		focus = "to"
	}
	var said tea.Cmd
	if short != nil {
		said = a.tell(note{text: "Only the part of the message that is here is quoted. " + explain(short), alert: true})
	}
	return tea.Batch(a.openCompose(d, focus), said)
}
