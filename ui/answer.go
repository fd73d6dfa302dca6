package ui

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/ui/action"
	"eas.example/securemail/ui/edit"
)

// reply is how a message is answered or passed on.
type reply struct {
	verb activesync.Verb // none is a new message with what is in the other
	// files says that a reply takes the attachments along, enclosed that what is
	// passed on is attached as it is.
	files, enclosed bool
}

// answer begins a reply to the message under the cursor or opened, or passes
// it on. The whole text is fetched first; where that cannot be, what is here
// is quoted.
func (a *App) answer(verb activesync.Verb) tea.Cmd { return a.answerAs(reply{verb: verb}) }

func (a *App) answerAs(how reply) tea.Cmd {
	h, ok := a.messageAtHand()
	if !ok {
		return nil
	}
	return a.answerTo(h.ID, h.Folder, how)
}

// messageAtHand is the message opened, or the one under the cursor: of a row that
// is a conversation, the one that is shown of it.
func (a *App) messageAtHand() (h activesync.Header, ok bool) {
	r, ok := a.mail.list.list.Current()
	h = r.Header
	reader := &a.mail.reader
	if !ok || a.mail.focus != onReader || !reader.holds(r) {
		return h, ok
	}
	if i := slices.IndexFunc(reader.thread, func(h activesync.Header) bool { return h.ID == reader.id }); i >= 0 {
		return reader.thread[i], true
	}
	h.ID = reader.id
	return h, true
}

// answerTo is answerAs for a message of a mailbox.
func (a *App) answerTo(id activesync.ItemID, folder activesync.FolderID, how reply) tea.Cmd {
	account := activesync.AccountID("")
	if _, c := a.folder(folder); c != nil {
		account = c.ID
	}
	b, settings, own := a.backend, a.settings, a.ownAddresses()
	var here []activesync.Address
	if c := a.account(account); c != nil {
		here = settings.identities(c.Account)
	}
	// The text may have to come over the network, whose time is its own limit.
	return a.call(network, func(ctx context.Context) answer {
		if how.enclosed {
			m, err := b.Message(ctx, id)
			if err != nil {
				return func(a *App) tea.Cmd { return a.fail("Not opened", err) }
			}
			d := enclosing(&m, settings, account)
			return func(a *App) tea.Cmd { return a.answerWith(d, 0, nil) }
		}
		m, short, err := wholeMessage(ctx, b, id)
		if err != nil {
			return func(a *App) tea.Cmd { return a.fail("Not opened", err) }
		}
		if how.verb == activesync.VerbNone {
			d := again(&m)
			d.Account, d.Markdown = account, settings.Format == markdown
			return func(a *App) tea.Cmd { return a.answerWith(d, 0, short) }
		}
		d, line := answerDraft(&m, how, own, settings, account)
		d.From = writtenTo(&m, here)
		return func(a *App) tea.Cmd { return a.answerWith(d, line, short) }
	})
}

// ownAddresses are all that the person writes from.
func (a *App) ownAddresses() []activesync.Address {
	var own []activesync.Address
	for _, c := range a.accounts {
		own = append(own, a.settings.identities(c.Account)...)
	}
	return own
}

// nameOf is who writes with an account, zero where it has no name.
func (a *App) nameOf(c *account) activesync.Address {
	if c == nil {
		return activesync.Address{}
	}
	if p := a.settings.identities(c.Account)[0]; p.Name != "" {
		return p
	}
	return activesync.Address{}
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

// answerDraft is the draft of an answer, and the line on which one writes. What
// is passed on carries all attachments of the original, pictures in its text
// too, as the text that goes out has no place for them; a reply carries them
// where that is wished for.
func answerDraft(m *activesync.Message, how reply, own []activesync.Address, s Settings, account activesync.AccountID) (activesync.Draft, int) {
	d := message.ReplyDraft(m, how.verb, own...)
	d.Account, d.Markdown = account, s.Format == markdown
	var line int
	d.Text, line = s.answerText(account, how.verb, strings.TrimLeft(d.Text, "\n"))
	if how.verb == activesync.VerbForward || how.files {
		d.Attachments = partsOf(m, 0, how.verb == activesync.VerbForward)
	}
	return d, line
}

// partsOf are the attachments of a message, to be had from it.
func partsOf(m *activesync.Message, of activesync.ItemID, pictures bool) []activesync.DraftAttachment {
	var out []activesync.DraftAttachment
	for i, f := range m.Attachments {
		if f.Inline && !pictures {
			continue
		}
		out = append(out, activesync.DraftAttachment{Name: fileName(f), ContentType: f.ContentType, Part: i + 1, Of: of, Size: f.Size})
	}
	return out
}

// writtenTo is which of the person's addresses a message came to, from which it
// is answered; zero where that is the account's own and has no name.
func writtenTo(m *activesync.Message, own []activesync.Address) activesync.Address {
	for _, to := range append(slices.Clone(m.To), m.Cc...) {
		if i := slices.IndexFunc(own, func(p activesync.Address) bool { return strings.EqualFold(p.Address, to.Address) }); i > 0 || i == 0 && own[0].Name != "" {
			return own[i]
		}
	}
	if len(own) > 0 && own[0].Name != "" {
		return own[0]
	}
	return activesync.Address{}
}

// enclosing passes a message on as it is.
func enclosing(m *activesync.Message, s Settings, account activesync.AccountID) activesync.Draft {
	d := message.ReplyDraft(m, activesync.VerbForward)
	d.Account, d.Markdown = account, s.Format == markdown
	d.Text, _ = s.answerText(account, activesync.VerbForward, "")
	whole := wholeMail(m.Header).DraftAttachment
	whole.Of = 0
	d.Attachments = []activesync.DraftAttachment{whole}
	return d
}

// again is a new message with what is in another.
func again(m *activesync.Message) activesync.Draft {
	return activesync.Draft{To: m.To, Cc: m.Cc, Bcc: m.Bcc, Subject: m.Subject, Importance: m.Importance,
		Text: strings.TrimRight(message.PlainText(m.Body), "\n") + "\n", Attachments: partsOf(m, m.ID, true)}
}

// answerWith opens an answer that is ready. When the person began something
// else meanwhile it waits aside.
func (a *App) answerWith(d activesync.Draft, line int, short error) tea.Cmd {
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
	open := a.openCompose(d, focus)
	a.write.text().Go(edit.Pos{Line: line})
	return tea.Batch(open, said)
}
