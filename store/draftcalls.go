package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"eas.example/securemail/activesync"
)

// DraftChange is what a record is to write to the server, and the identities of
// the attachments that this has of it. Where the draft is gone since, found is
// false and so is the record.
func (s *Store) DraftChange(ctx context.Context, id activesync.OpID) (d activesync.Draft, had []string, found bool, err error) {
	err = s.changeOp(ctx, id, func(a *account, op *activesync.Op) error {
		if op.Draft == nil {
			return ErrNoOp
		}
		r, have, err := a.t.findDraft(op.Draft.Key)
		switch {
		case err != nil && !isCorrupt(err):
			return err
		case err == nil && have && r.Item == op.Item:
			d, had, found = r.Draft, r.Files, true
			return errNothing
		case op.Kind == activesync.OpDraftAdd:
			_, err := a.drop(op.Item)
			return err
		}
		item := op.Item
		if err := a.deleteOp(id); err != nil {
			return err
		}
		return a.replay(item)
	})
	if err != nil {
		return d, nil, false, fmt.Errorf("read the draft of record %s: %w", id, err)
	}
	return d, had, found, nil
}

// NoteDraft notes what a record is about to write, before it is sent.
func (s *Store) NoteDraft(ctx context.Context, id activesync.OpID, d activesync.Draft, files []string) error {
	err := s.changeOp(ctx, id, func(a *account, op *activesync.Op) error {
		if op.Draft == nil {
			return ErrNoOp
		}
		sent := *op.Draft
		sent.Stamp, sent.Print, sent.Files = d.Stamp, (&draftRecord{Draft: d}).print(), files
		op.Draft = &sent
		return a.putOp(op)
	})
	if err != nil {
		return fmt.Errorf("note the draft of record %s: %w", id, err)
	}
	return nil
}

// DraftOf is what is kept of a message in Drafts; found is false where nothing
// is. One that is to be sent is ErrOutgoing.
func (s *Store) DraftOf(ctx context.Context, item activesync.ItemID) (d activesync.Draft, found bool, err error) {
	err = s.view(ctx, func(t *txn) error {
		a, _, err := t.findItem(item)
		if err != nil {
			return err
		}
		if r := a.draftOf(item); r != nil {
			d, found = r.Draft, true
			d.Key = r.Key
			if r.Op != 0 {
				return activesync.ErrOutgoing
			}
		}
		return nil
	})
	if err != nil {
		return d, false, fmt.Errorf("read the draft %s: %w", item, err)
	}
	return d, found, nil
}

// OpenDraft keeps what another program wrote into Drafts, so that it can be gone
// on with; d is made of the message. Where one is kept of it already, that is
// given.
func (s *Store) OpenDraft(ctx context.Context, item activesync.ItemID, d activesync.Draft) (activesync.Draft, error) {
	err := s.update(ctx, func(t *txn) error {
		a, w, err := t.findItem(item)
		if err != nil {
			return err
		}
		if r := a.draftOf(item); r != nil {
			d, d.Key = r.Draft, r.Key
			if r.Op != 0 {
				return activesync.ErrOutgoing
			}
			return errNothing
		}
		if !w.header.Draft || w.shown == 0 {
			return ErrClass
		}
		r := draftRecord{Key: strings.ToLower(rand.Text()), Item: item}
		for i := range d.Attachments {
			r.Files = append(r.Files, d.Attachments[i].Identity(item))
		}
		d.MarkElsewhere(strings.ToLower(rand.Text()[:12]))
		d.Key, r.Draft = r.Key, d
		r.Print = r.print()
		return a.putDraft(r)
	})
	if err != nil {
		return d, fmt.Errorf("open the draft %s: %w", item, err)
	}
	return d, nil
}

// WriteDrafts has those drafts written to the server that it does not have yet:
// it carries them only since now.
func (s *Store) WriteDrafts(ctx context.Context, id activesync.AccountID) error {
	err := s.update(ctx, func(t *txn) error {
		a := t.account(id)
		if a == nil {
			return errNothing
		}
		if folder, err := a.draftsFolder(); err != nil || folder == 0 {
			return errOr(err, errNothing)
		}
		var waiting []draftRecord
		a.eachDraft(func(r *draftRecord) bool {
			if r.Item == 0 && r.Op == 0 {
				waiting = append(waiting, *r)
			}
			return false
		})
		if len(waiting) == 0 {
			return errNothing
		}
		for i := range waiting {
			if _, err := a.writeDraft(&waiting[i]); err != nil {
				return err
			}
			if err := a.putDraft(waiting[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write the drafts of account %s: %w", id, err)
	}
	return nil
}

func errOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}
