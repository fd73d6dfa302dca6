package agent

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
)

// Send makes MIME of a draft and puts it into the journal, where it waits until
// it is due. Until it is sent, TakeDraft gives it back.
func (l *Local) Send(ctx context.Context, d activesync.Draft) (activesync.OpID, error) {
	m, err := l.member(d.Account)
	if err != nil {
		return 0, err
	}
	to := d.Recipients()
	if len(to) == 0 {
		return 0, fmt.Errorf("%w: the message has no recipient", activesync.ErrRejected)
	}
	var source *activesync.Message
	if d.Source != 0 {
		if s, err := l.Store.Message(ctx, d.Source); err == nil {
			source = &s
		}
	}
	from := d.From
	from.Address = cmp.Or(from.Address, m.account.Email)
	if err := message.CheckAddress(from.Address); err != nil {
		return 0, fmt.Errorf("%w: the address that it is from: %w", activesync.ErrRejected, err)
	}
	id := message.NewMessageID(message.DomainOf(from.Address))
	date := time.Now()
	if d.Due.After(date) {
		date = d.Due.Local()
	}
	out := activesync.Outgoing{MessageID: id, To: to, Subject: d.Subject, Verb: d.Verb, Source: d.Source}
	switch held := time.Now().Add(d.Hold); {
	case d.Due.After(held):
		out.Due = d.Due.UTC()
	case d.Hold > 0:
		out.Due = held.UTC()
	}
	d.Hold = 0
	now := leave(&d, source, &out)
	if out.Lacks() {
		d.Key = cmp.Or(d.Key, rand.Text()) // it is put together of the draft
	}
	return l.queueMail(ctx, m, out, d, func(w io.Writer, _ *activesync.Outgoing) error {
		return message.Write(w, &now, message.ComposeOptions{From: from, Date: date, MessageID: id, Source: source})
	})
}

// leave notes what of a draft lies with the server and stays there for now, and
// gives what is written of it. A message that passes on all of another, as it is,
// is completed by the server.
func leave(d *activesync.Draft, source *activesync.Message, out *activesync.Outgoing) activesync.Draft {
	now := *d
	if source != nil && d.Verb == activesync.VerbForward && wholly(d.Attachments, len(source.Attachments)) {
		now.Text, out.Merge = message.AboveSource(d.Text, source)
	}
	if !out.Merge {
		now.Text = d.Text
	}
	d.Attachments = slices.Clone(d.Attachments)
	now.Attachments = nil
	for i := range d.Attachments {
		f := &d.Attachments[i]
		if out.Merge && f.Part > 0 {
			f.Data = nil
		}
		if f.Elsewhere() {
			out.Left = append(out.Left, *f)
		} else {
			now.Attachments = append(now.Attachments, *f)
		}
	}
	return now
}

// wholly reports whether files are all n, at least one, of the original, beside
// those that are the person's. Among these are no texts: SOGo ends their last line
// as it puts the two together.
func wholly(files []activesync.DraftAttachment, n int) bool {
	seen := map[int]bool{}
	for _, f := range files {
		if f.Part < 0 || f.Of != 0 || f.Part == 0 && strings.HasPrefix(message.FileType(&f), "text/") {
			return false
		}
		if f.Part > 0 {
			seen[f.Part] = true
		}
	}
	return n > 0 && len(seen) == n
}

// SendMIME puts a finished message into the journal as it comes in, to be sent
// when it is due, or at once where that is zero. Date, Message-ID, From and
// MIME-Version are filled in where they are missing.
func (l *Local) SendMIME(ctx context.Context, account activesync.AccountID, due time.Time, mime io.Reader) (activesync.OpID, error) {
	m, err := l.member(account)
	if err != nil {
		return 0, err
	}
	date := time.Now()
	if due.After(date) {
		date = due.Local()
	}
	return l.queueMail(ctx, m, activesync.Outgoing{Due: due.UTC()}, activesync.Draft{}, func(w io.Writer, out *activesync.Outgoing) error {
		mail, err := message.FillIn(w, mime, message.ComposeOptions{
			From: activesync.Address{Address: m.account.Email}, Date: date, MessageID: message.NewMessageID(message.DomainOf(m.account.Email)),
		})
		if err != nil {
			return err
		}
		out.MessageID, out.To, out.Subject = mail.MessageID, slices.Concat(mail.To, mail.Cc, mail.Bcc), mail.Subject
		if len(out.To) == 0 {
			return fmt.Errorf("%w: the message has no recipient", activesync.ErrRejected)
		}
		return nil
	})
}

// queueMail puts a message into the journal, beside it the draft that it was
// made of where that has a key. write may add to what the record says of it.
func (l *Local) queueMail(ctx context.Context, m *member, out activesync.Outgoing, d activesync.Draft,
	write func(io.Writer, *activesync.Outgoing) error) (activesync.OpID, error) {
	out.ClientID = activesync.NewClientID()
	id, err := l.Store.QueueMail(ctx, activesync.Op{
		Account: m.account.ID, Kind: activesync.OpSend, Created: time.Now().UTC(), State: activesync.OpPending, Send: &out,
	}, d, func(w io.Writer) error { return write(w, &out) })
	if err != nil {
		return 0, fmt.Errorf("put the message into the outbox: %w", err)
	}
	l.publish(activesync.Notice{Kind: activesync.NoticeOp, Account: m.account.ID, Op: id, Time: time.Now().UTC()})
	m.engine.Wake()
	return id, nil
}

// TakeDraft takes a message that is not under way out of the outbox and gives
// it back as it was written. It is one that is being written again from then on.
func (l *Local) TakeDraft(ctx context.Context, id activesync.OpID) (activesync.Draft, error) {
	var d activesync.Draft
	err := l.stopped(ctx, id, func(op activesync.Op, m *member) error {
		kept, err := l.Store.TakeDraft(ctx, id)
		switch {
		case err != nil:
			return err
		case kept != nil:
			d = *kept
			return nil
		}
		// It was not written here: what can be told from its MIME is all there is.
		f, err := l.Store.OpMIME(ctx, id)
		if err != nil {
			return err
		}
		mime, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size()))
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
		d = message.DraftOf(mime)
		d.Account, d.Source, d.Verb = m.account.ID, op.Send.Source, op.Send.Verb
		d.Key = "outbox." + id.String()
		// First kept, then dropped: broken off between the two it is in both places.
		if _, err := l.Store.KeepDraft(ctx, d.Key, d); err != nil {
			return err
		}
		return l.Store.RevertOp(ctx, id)
	})
	if err == nil {
		if m, merr := l.member(d.Account); merr == nil {
			l.draftDue(m)
		}
	}
	return d, err
}

// Postpone changes when a message of the outbox is sent; zero is at once.
func (l *Local) Postpone(ctx context.Context, id activesync.OpID, due time.Time) error {
	return l.stopped(ctx, id, func(_ activesync.Op, m *member) error {
		date := time.Now()
		if due.After(date) {
			date = due.Local()
		}
		if err := l.Store.Postpone(ctx, id, due, date); err != nil {
			return err
		}
		m.engine.Wake()
		return nil
	})
}

// stopped changes a message of the outbox while nothing is being sent, and
// tells of it.
func (l *Local) stopped(ctx context.Context, id activesync.OpID, change func(activesync.Op, *member) error) error {
	_, m, err := l.pending(ctx, id)
	if err != nil {
		return err
	}
	err = m.engine.TakeBack(ctx, func() error {
		op, _, err := l.pending(ctx, id)
		switch {
		case errors.Is(err, ErrDone):
			return fmt.Errorf("%w: the message was sent already", ErrDone)
		case err != nil:
			return err
		case op.Send == nil:
			return fmt.Errorf("%w: it is no message", activesync.ErrRejected)
		case op.State == activesync.OpSending:
			return fmt.Errorf("%w: it may be on its way already", ErrDone)
		}
		return change(op, m)
	})
	if err == nil {
		l.publish(activesync.Notice{Kind: activesync.NoticeOp, Account: m.account.ID, Op: id, Time: time.Now().UTC()})
	}
	return err
}
