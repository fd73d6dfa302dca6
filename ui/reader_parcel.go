package ui

import (
	"context"
	"errors"
	"io"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/message/pgp"
	"eas.example/securemail/activesync/message/unwrap"
)

// parcel is a message taken apart here, because text and files as the server
// gives them do not show all of it: what is signed or encrypted, reports, and
// winmail.dat. It does not change once made.
type parcel struct {
	msg    activesync.Message // as it is shown
	files  []message.File     // those of msg, with their content
	words  []message.Word     // what was verified
	secret bool               // it was encrypted on its way
	closed bool               // no key of the person opened it
	report *message.Report
	// event is that of a calendar file in which the server sees no invitation.
	event    *activesync.Event
	sequence int
}

// unpacker takes messages apart, on any goroutine.
type unpacker struct {
	opener unwrap.Opener
	loc    *time.Location
}

func (a *App) unpacker() unpacker {
	return unpacker{unwrap.Opener{Keys: a.deps.Keys, GPG: a.deps.GPG, Env: pgp.Environment(a.deps.Environ), Now: a.now}, a.loc}
}

// unpack takes a message in MIME apart. m is what the server says of it.
func (u unpacker) unpack(ctx context.Context, m activesync.Message, mime []byte) *parcel {
	letter := u.opener.Open(ctx, m, mime)
	p := &parcel{words: letter.Words, secret: letter.Secret, closed: letter.Closed}
	mail := message.ParseBytes(letter.MIME)
	p.report = message.ReadReport(mail)
	p.files = mail.Attachments
	p.msg = m
	p.msg.Body = activesync.Body{Type: activesync.BodyMIME, Data: letter.MIME, Size: int64(len(letter.MIME))}
	p.msg.Attachments = mail.Files()
	if p.msg.Meeting == nil {
		p.takeEvent(mail, u.loc)
	}
	return p
}

// messageOf is a message that lies in another one.
func messageOf(mail *message.Mail) activesync.Message {
	m := activesync.Message{Header: activesync.Header{To: mail.To, Cc: mail.Cc, Subject: mail.Subject, Date: mail.Date}, ReplyTo: mail.ReplyTo, Bcc: mail.Bcc, Note: mail.Note}
	if len(mail.From) > 0 {
		m.From = mail.From[0]
	}
	if len(mail.Sender) > 0 {
		m.Sender = mail.Sender[0]
	}
	return m
}

// takeApart fetches the message shown and takes it apart, where that is needed
// to read it. It reports false where it is not, or cannot be done.
func (r *reader) takeApart(a *App) (tea.Cmd, bool) {
	s, can := a.backend.(sourcer)
	apart, protected := unwrap.Needed(r.msg)
	if !can || !apart || r.parcel != nil || r.loading || r.within() {
		return nil, false
	}
	if unwrap.TooLarge(r.msg) {
		return nil, false
	}
	r.loading, r.checking = true, protected
	id, gen, m, u := r.id, r.lane.gen, r.msg, a.unpacker()
	look := r.look(a)
	fetch := a.read(&r.fetch, network, func(ctx context.Context) answer {
		raw, err := s.Source(ctx, id)
		if err != nil {
			return func(a *App) tea.Cmd { return a.mail.reader.notApart(a, gen, protected, err) }
		}
		p := u.unpack(ctx, m, raw)
		look.checking, look.set, look.open, look.parcel = false, nil, nil, p
		text := renderMessage(look, p.msg)
		return func(a *App) tea.Cmd {
			r := &a.mail.reader
			if gen != r.lane.gen {
				return nil
			}
			r.loading, r.checking, r.source = false, false, raw
			r.parcel, r.msg = p, p.msg
			r.edition++
			r.drawn(text)
			return tea.Batch(r.found(a), r.fetchPictures(a), r.askCalendar(a))
		}
	})
	return tea.Batch(r.render(a), fetch), true
}

// notApart goes on with the text as the server has it.
func (r *reader) notApart(a *App, gen uint64, protected bool, err error) tea.Cmd {
	if gen != r.lane.gen {
		return nil
	}
	r.loading, r.checking = false, false
	if protected {
		r.parcel = &parcel{msg: r.msg, words: []message.Word{{Tone: message.Doubt, Text: "This message is signed or encrypted; it could not be fetched to be checked. " + explain(err)}}}
	} else {
		r.parcel = &parcel{msg: r.msg}
	}
	return tea.Batch(r.render(a), r.fetchBody(a))
}

var errNoFile = errors.New("there is no such file in the message")

// content writes the nth file of a message, from the message taken apart or
// from the server.
type content func(ctx context.Context, n int, w io.Writer) error

// parts are the files of a message, and where they come from. What is asked of the
// person about one of them is about these, whatever is shown by then.
type parts struct {
	files []activesync.Attachment
	bring func(ctx context.Context, n int, t *transfer) error
	get   content
	gen   uint64 // of the reading pane that showed the message
}

func (r *reader) parts(b Backend) parts {
	return parts{files: r.msg.Attachments, bring: r.bringer(b), get: r.content(b), gen: r.lane.gen}
}

// content is where the files of the message shown come from.
func (r *reader) content(b Backend) content {
	if p := r.parcel; p != nil && p.files != nil {
		return func(_ context.Context, n int, w io.Writer) error {
			if n < 0 || n >= len(p.files) {
				return errNoFile
			}
			_, err := w.Write(p.files[n].Content)
			return err
		}
	}
	id := r.id
	return func(ctx context.Context, n int, w io.Writer) error { return b.Attachment(ctx, id, n, w) }
}
