package engine

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/wire"
)

// errNotMerged: the server did not take a message that it was to complete. It was
// not sent.
var errNotMerged = errors.New("the server does not send the original on")

// merges reports whether the server is to put what a message lacks into it.
func (e *Engine) merges(ctx context.Context, op activesync.Op, smart *wire.SmartSource) bool {
	if !op.Send.Merge || smart == nil {
		return false
	}
	state, err := e.state(ctx)
	return err == nil && state.Quirk(activesync.QuirkDropsFiles) != yes && state.Quirk(activesync.QuirkBreaksSource) != yes
}

// A message that is held for longer than that gets what it lacks as soon as it can:
// by the time it is due, what lies with other messages may be gone.
const heldLong = 10 * time.Minute

// completeHeld completes a message that is held for long. again is when to try
// once more.
func (e *Engine) completeHeld(ctx context.Context, op activesync.Op, now time.Time) (again time.Time) {
	if !op.Send.Lacks() || op.Send.Due.Sub(now) < heldLong {
		return time.Time{}
	}
	if err := e.journal.enter(ctx); err != nil {
		return time.Time{}
	}
	defer e.journal.leave()
	ops, err := e.store.Pending(ctx, e.account.ID)
	if err != nil {
		return time.Time{}
	}
	for _, is := range ops { // it may have been put off or taken back meanwhile
		if is.ID != op.ID || !is.Held(now) {
			continue
		}
		if _, err := e.fill(ctx, is); err != nil {
			e.log.Info("message for later is not whole yet", "op", op.ID, "error", err)
			return now.Add(heldLong)
		}
	}
	return time.Time{}
}

// complete puts into a message what the server was to add, or what lies with
// another message: the files are fetched. It gives the record as it is then, which
// still lacks them where it was left to the person.
func (e *Engine) complete(ctx context.Context, op activesync.Op) (activesync.Op, error) {
	whole, err := e.fill(ctx, op)
	switch {
	case err == nil:
		return whole, nil
	case errors.Is(err, errNoParts), errors.Is(err, activesync.ErrPolicy):
		return op, e.park(ctx, op, err.Error())
	}
	return op, e.failed(ctx, []activesync.Op{op}, err)
}

// errNoParts: it cannot be known what a message is made of.
var errNoParts = errors.New("the message cannot be put together")

// fill writes the message of a record anew with what it lacks.
func (e *Engine) fill(ctx context.Context, op activesync.Op) (activesync.Op, error) {
	d, mail, err := e.parts(ctx, op)
	if err != nil {
		return op, fmt.Errorf("%w: %w", errNoParts, err)
	}
	if err := e.fetchLeft(ctx, op); err != nil {
		return op, fmt.Errorf("find what is to be attached: %w", err)
	}
	out := *op.Send
	out.Left, out.Merge = nil, false
	// It is another message than one that went without them.
	_, domain, _ := strings.Cut(out.MessageID, "@")
	out.ClientID, out.MessageID = activesync.NewClientID(), message.NewMessageID(domain)
	whole := op
	whole.Send = &out
	o := message.ComposeOptions{Date: mail.Date.Local(), MessageID: out.MessageID, Part: func(a *activesync.DraftAttachment) (io.ReadCloser, error) { return e.openPart(ctx, d.Source, a) }}
	if len(mail.From) > 0 {
		o.From = mail.From[0]
	}
	return whole, e.store.ReplaceMIME(ctx, whole, func(w io.Writer) error { return message.Write(w, &d, o) })
}

// fetchLeft brings the files here that a message takes along. They may take long, by
// names that do not hold that long: then they are asked for by the new ones.
func (e *Engine) fetchLeft(ctx context.Context, op activesync.Op) error {
	for range 3 {
		if err := e.settleLeft(ctx, op); err != nil {
			return err
		}
		known, began := e.lastDoubt(), wall()
		for i := range op.Send.Left {
			f := &op.Send.Left[i]
			if f.Part == activesync.WholeMessage {
				continue // it is not kept, and fetched as it is written
			}
			r, err := e.openPart(ctx, op.Send.Source, f)
			if err != nil {
				return err
			}
			if err := r.Close(); err != nil {
				return err
			}
		}
		if wall().Sub(began).Abs() < aWhile {
			return nil
		}
		if err := e.settleLeft(ctx, op); err != nil {
			return err
		}
		if e.lastDoubt().Equal(known) {
			return nil
		}
	}
	return fmt.Errorf("%w: the server names its messages anew again and again", activesync.ErrBusy)
}

// settleLeft makes sure of the names of the messages whose files a message takes
// along: by one that is out of date the server would give another's.
func (e *Engine) settleLeft(ctx context.Context, op activesync.Op) error {
	done := map[activesync.FolderID]bool{}
	for _, f := range op.Send.Left {
		id := cmp.Or(f.Of, op.Send.Source)
		home, _, err := e.store.ServerID(ctx, id)
		if err != nil || done[home] {
			continue // one that is gone is told of where it is opened
		}
		if err := e.settleNames(ctx, home, op); err != nil {
			if !e.isStill(ctx, id) {
				return err
			}
			continue // its mailbox may not be brought in step for long
		}
		done[home] = true
	}
	return nil
}

// isStill reports whether the server means a message that is here by what it is
// called here.
func (e *Engine) isStill(ctx context.Context, id activesync.ItemID) bool {
	found, err := e.fetchItems(ctx, []activesync.ItemID{id}, 2, func(activesync.AccountState) []wire.BodyPreference { return []wire.BodyPreference{headOnly()} })
	return err == nil && e.isOf(ctx, id, found[id])
}

// parts is what a message is made of, its own files as they were when it was
// written.
func (e *Engine) parts(ctx context.Context, op activesync.Op) (activesync.Draft, *message.Mail, error) {
	d, err := e.store.OutgoingDraft(ctx, op.ID)
	if err != nil {
		return d, nil, err
	}
	kept, err := e.store.OpMIME(ctx, op.ID)
	if err != nil {
		return d, nil, err
	}
	mail, err := message.Parse(io.NewSectionReader(kept, 0, kept.Size()))
	if err := errors.Join(err, kept.Close()); err != nil {
		return d, nil, err
	}
	d, err = message.WithFiles(d, mail)
	return d, mail, err
}

// openPart gets an attachment of another message, or that message.
func (e *Engine) openPart(ctx context.Context, source activesync.ItemID, a *activesync.DraftAttachment) (io.ReadCloser, error) {
	if a.Of != 0 {
		source = a.Of
	}
	if _, err := e.store.Header(ctx, source); err != nil && ctx.Err() == nil {
		return nil, fmt.Errorf("%w: the message that it is in is gone: %w", activesync.ErrNotFound, err)
	}
	if a.Part == activesync.WholeMessage {
		began := wall()
		mime, err := e.FetchMIME(ctx, source)
		if err == nil && wall().Sub(began).Abs() >= aWhile && !e.isStill(ctx, source) {
			return nil, fmt.Errorf("%w: the server may call the message otherwise by now", activesync.ErrBusy)
		}
		// Who got a copy of a message of the person's own in secret stays a secret.
		return io.NopCloser(bytes.NewReader(message.WithoutField(mime, "Bcc"))), err
	}
	r, err := e.Attachment(ctx, source, a.Part-1, nil)
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.NewSectionReader(r, 0, r.Size()), r}, nil
}

// lost reports whether the server sent a message on without the files of the
// original. It looks into Sent, until it is known how this server does it.
func (e *Engine) lost(ctx context.Context, op activesync.Op) bool {
	state, err := e.state(ctx)
	if err != nil || state.Quirk(activesync.QuirkDropsFiles) != "" {
		return false
	}
	id, err := e.sentItem(ctx, op, e.fetchHead)
	if err != nil || id == 0 {
		return false // the next one tells
	}
	copied, err := e.store.Message(ctx, id)
	if err != nil {
		return false
	}
	d, err := e.store.OutgoingDraft(ctx, op.ID)
	if err != nil {
		return false
	}
	dropped := len(copied.Attachments) <= len(d.Attachments)-len(op.Send.Left)
	if err := e.learn(ctx, activesync.QuirkDropsFiles, map[bool]string{true: yes, false: "no"}[dropped]); err != nil {
		return false
	}
	return dropped
}

// wentWithout leaves a message that went without the files of the original to the
// person: sent again, it is sent whole.
func (e *Engine) wentWithout(ctx context.Context, op activesync.Op) error {
	e.log.Warn("a message was sent on without its attachments", "op", op.ID)
	return e.park(ctx, op, "the server sent it without the attachments of the original; trying again sends it once more, with them")
}
