package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"eas.example/securemail/activesync"
)

// QueueMail is Queue for a message of any size. write writes it, and may fill in
// op.Send; nothing is kept where it fails.
//
// Where d, the draft that it was made of, has a key, it is kept beside it as it
// was written, in place of what was kept under that key, so that it can be taken
// back until it is sent. It goes when the record does.
func (s *Store) QueueMail(ctx context.Context, op activesync.Op, d activesync.Draft, write func(io.Writer) error) (id activesync.OpID, err error) {
	var p *spool
	if op.Send == nil {
		err = errNoMail
	} else if p, err = s.spoolMail(ctx, op.Account, write); err == nil {
		op.Send.Draft = d.Key
		if id, err = s.queueMail(ctx, op, d, p); err != nil {
			p.drop()
		}
	}
	if err != nil {
		return 0, fmt.Errorf("queue %q: %w", op.Kind, err)
	}
	return id, nil
}

var errNoMail = errors.New("there is nothing to send")

func (s *Store) queueMail(ctx context.Context, op activesync.Op, d activesync.Draft, p *spool) (id activesync.OpID, err error) {
	return id, s.update(ctx, func(t *txn) (err error) {
		if id, err = t.queueSend(op, p); err != nil || d.Key == "" {
			return err
		}
		r := draftRecord{Key: d.Key, Draft: d, Op: id}
		have, found, err := t.findDraft(d.Key)
		switch {
		case isCorrupt(err):
		case err != nil:
			return err
		case found && have.Op != 0:
			return activesync.ErrDraftChanged // it is being sent already
		case found && !follows(d, have.Draft):
			// Another screen wrote on; what it kept stays, as a message of its own.
			have.Key += "." + id.String()
			other, err := t.makeAccount(have.Draft.Account)
			if err != nil {
				return err
			}
			if err := other.putDraft(have); err != nil {
				return err
			}
			if err := other.renameDraftOps(d.Key, have.Key); err != nil {
				return err
			}
		case found && have.Draft.Account == op.Account:
			r.Item, r.Files, r.Print = have.Item, have.Files, have.Print
			if w, err := t.account(op.Account).row(r.Item); err == nil {
				m, err := t.account(op.Account).message(w, true)
				if err != nil && !isCorrupt(err) {
					return err
				}
				r.renumber(&m)
			}
			// What it is now goes out by itself.
			if err := t.account(op.Account).dropDraftOps(&r); err != nil {
				return err
			}
		case found:
			if err := t.account(have.Draft.Account).discardDraft(&have, false); err != nil {
				return err
			}
		}
		if _, err := t.dropDraft(d.Key); err != nil {
			return err
		}
		return t.account(op.Account).putDraft(r)
	})
}

// TakeDraft takes a message that is not under way out of the journal, in one
// transaction with its draft becoming one that is being written again. Where it
// was not written here, or the draft cannot be read, the draft is nil and the
// record stays.
func (s *Store) TakeDraft(ctx context.Context, id activesync.OpID) (*activesync.Draft, error) {
	var out *activesync.Draft
	err := s.changeOp(ctx, id, func(a *account, op *activesync.Op) error {
		switch {
		case op.Send == nil:
			return ErrNoOp
		case op.State == activesync.OpSending:
			return ErrUnderWay
		case op.Send.Draft == "":
			return errNothing
		}
		r, found, err := a.t.findDraft(op.Send.Draft)
		if !found || isCorrupt(err) {
			return errNothing
		}
		if err != nil {
			return err
		}
		r.Op = 0
		if _, err := a.writeDraft(&r); err != nil {
			return err
		}
		if err := a.putDraft(r); err != nil {
			return err
		}
		out = &r.Draft
		return a.deleteOp(id)
	})
	if err != nil {
		return nil, fmt.Errorf("take back record %s: %w", id, err)
	}
	return out, nil
}

// OutgoingDraft is what the message of a record was made of, as it was written.
func (s *Store) OutgoingDraft(ctx context.Context, id activesync.OpID) (d activesync.Draft, err error) {
	err = s.view(ctx, func(t *txn) error {
		_, op, err := t.findOp(id)
		if err != nil {
			return err
		}
		if op.Send == nil || op.Send.Draft == "" {
			return ErrNoDraft
		}
		r, found, err := t.findDraft(op.Send.Draft)
		if err == nil && !found {
			err = ErrNoDraft
		}
		d = r.Draft
		return err
	})
	if err != nil {
		return d, fmt.Errorf("read draft of record %s: %w", id, err)
	}
	return d, nil
}

// ErrNoDraft: a message was not written here.
var ErrNoDraft = errors.New("there is no draft of it")

// Postpone changes when a message that waits is sent; date is what it says then
// of when it is from.
func (s *Store) Postpone(ctx context.Context, id activesync.OpID, due, date time.Time) error {
	err := s.changeOp(ctx, id, func(a *account, op *activesync.Op) error {
		switch {
		case op.Send == nil:
			return ErrNoOp
		case op.State == activesync.OpSending:
			return ErrUnderWay
		}
		op.Send.Due, op.Send.Date = due.UTC(), date
		if due.IsZero() {
			op.Send.Due = time.Time{}
		}
		op.State, op.Reason, op.NotBefore = activesync.OpPending, "", time.Time{}
		return a.putOp(op)
	})
	if err != nil {
		return fmt.Errorf("change when record %s is sent: %w", id, err)
	}
	return nil
}

// dropSentDraft forgets the draft that a record sends. What the server has of it
// is removed too: for good once it is sent, else to Deleted Items.
func (a *account) dropSentDraft(id activesync.OpID, sent bool) error {
	op, err := a.op(id)
	if err != nil || op.Send == nil || op.Send.Draft == "" {
		return nil // nothing that could be found by it
	}
	r, found, err := a.t.findDraft(op.Send.Draft)
	if !found || err != nil || r.Op != id {
		return nil
	}
	if _, err = a.t.dropDraft(r.Key); err != nil {
		return err
	}
	return a.discardDraft(&r, sent)
}
