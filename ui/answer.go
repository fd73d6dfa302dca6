package ui

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/message/unwrap"
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
	known, u := a.opened(id), a.unpacker()
	// The text may have to come over the network, whose time is its own limit.
	return a.call(network, func(ctx context.Context) answer {
		if how.enclosed {
			m, err := b.Message(ctx, id)
			if err != nil {
				return func(a *App) tea.Cmd { return a.fail("Not opened", err) }
			}
			d := enclosing(&m, settings, account)
			return func(a *App) tea.Cmd { return a.answerWith(d, 0, "") }
		}
		o := original{parcel: known}
		var err error
		if o.Message, o.short, err = wholeMessage(ctx, b, id); err != nil {
			return func(a *App) tea.Cmd { return a.fail("Not opened", err) }
		}
		o.takeApart(ctx, b, u)
		if how.verb == activesync.VerbNone {
			d := again(o)
			d.Account, d.Markdown = account, settings.Format == markdown
			return func(a *App) tea.Cmd { return a.answerWith(d, 0, o.lacks(how.verb)) }
		}
		d, line := answerDraft(o, how, own, settings, account)
		d.From = writtenTo(&o.Message, here)
		return func(a *App) tea.Cmd { return a.answerWith(d, line, o.lacks(how.verb)) }
	})
}

// opened is a message taken apart as the reading pane has it, nil where it has not.
func (a *App) opened(id activesync.ItemID) *parcel {
	r := &a.mail.reader
	if r.id != id || r.within() || r.parcel == nil || r.parcel.msg.Body.Type != activesync.BodyMIME {
		return nil
	}
	return r.parcel
}

// original is a message that is answered or begun anew.
type original struct {
	activesync.Message
	parcel *parcel // what was inside, where it is signed, encrypted or packed
	short  error   // why the text is not whole
}

// takeApart fetches what is only to be read when it is taken apart, unless it is
// known.
func (o *original) takeApart(ctx context.Context, b Backend, u unpacker) {
	apart, protected := unwrap.Needed(o.Message)
	s, can := b.(sourcer)
	switch {
	case !can || !apart || !protected && strings.TrimSpace(message.PlainText(o.Body)) != "":
		o.parcel = nil // the server's text is the whole of it
		return
	case o.parcel != nil, unwrap.TooLarge(o.Message):
		return
	}
	ctx, cancel := context.WithTimeout(ctx, quick)
	defer cancel()
	raw, err := s.Source(ctx, o.ID)
	if o.short = err; err == nil {
		o.parcel = u.unpack(ctx, o.Message, raw)
	}
}

// secret reports whether the message was encrypted: what is written now is not.
func (o *original) secret() bool { return o.parcel != nil && o.parcel.secret }

// lacks says why not all of the message is in the answer, "" where it is.
func (o *original) lacks(verb activesync.Verb) string {
	switch {
	case o.secret() && verb == activesync.VerbForward:
		return "It was encrypted, and goes on as it is: only who has its key can read it."
	case o.secret():
		return "It was encrypted and this will not be, so nothing of it is quoted."
	case o.short != nil:
		return "Only the part of the message that is here is quoted. " + explain(o.short)
	}
	return ""
}

// text is the message as it is quoted.
func (o *original) text() *activesync.Message {
	m := o.Message
	if o.parcel != nil {
		m.Body = o.parcel.msg.Body
	}
	return &m
}

// attached are the files that are taken along: those that were inside, else those
// that the server has.
func (o *original) attached(of activesync.ItemID, pictures bool) []activesync.DraftAttachment {
	if o.secret() {
		return nil
	}
	if o.parcel == nil || o.parcel.files == nil {
		return partsOf(&o.Message, of, pictures)
	}
	var out []activesync.DraftAttachment
	for i, f := range o.parcel.files {
		if !f.Inline || pictures {
			name := fileName(o.parcel.msg.Attachments[i])
			out = append(out, activesync.DraftAttachment{Name: name, ContentType: f.ContentType, Data: f.Content, Size: int64(len(f.Content))})
		}
	}
	return out
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
// too, as the text that goes out has no place for them; a reply carries them where
// that is wished for. What was encrypted is passed on as the server has it.
func answerDraft(o original, how reply, own []activesync.Address, s Settings, account activesync.AccountID) (activesync.Draft, int) {
	forward := how.verb == activesync.VerbForward
	if forward && o.secret() {
		o.parcel = nil
	}
	d := message.ReplyDraft(o.text(), how.verb, own...)
	d.Account, d.Markdown = account, s.Format == markdown
	if o.secret() {
		d.Text = ""
	}
	var line int
	d.Text, line = s.answerText(account, how.verb, strings.TrimLeft(d.Text, "\n"))
	if forward || how.files {
		d.Attachments = o.attached(0, forward)
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
func again(o original) activesync.Draft {
	d := activesync.Draft{To: o.To, Cc: o.Cc, Bcc: o.Bcc, Subject: o.Subject, Importance: o.Importance, Attachments: o.attached(o.ID, true)}
	if !o.secret() {
		d.Text = strings.TrimRight(message.PlainText(o.text().Body), "\n") + "\n"
	}
	return d
}

// answerWith opens an answer that is ready; lacks says what is not in it. When the
// person began something else meanwhile it waits aside.
func (a *App) answerWith(d activesync.Draft, line int, lacks string) tea.Cmd {
	if a.write != nil {
		a.aside = append(a.aside, newCompose(a, rand.Text(), d, textPart))
		return a.say("The answer is ready; " + a.keys.Key(action.Resume) + " goes on with it once this message is closed.")
	}
	focus := "text"
	if d.Verb == activesync.VerbForward {
		focus = "to"
	}
	var said tea.Cmd
	if lacks != "" {
		said = a.tell(note{text: lacks, alert: true})
	}
	open := a.openCompose(d, focus)
	a.write.text().Go(edit.Pos{Line: line})
	return tea.Batch(open, said)
}
