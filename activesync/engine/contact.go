package engine

import (
	"context"
	"slices"

	"eas.example/securemail/activesync"
)

// beforeChanges pulls a folder before contacts, events or drafts in it are made or
// changed. A change replaces the whole item, so what was changed elsewhere has to be
// in it; and a draft that somebody else wrote on is not removed. Where the answer to a making was lost the folder starts anew: not
// every server tells a device of what it made itself, and the ClientId is no
// protection everywhere.
func (e *Engine) beforeChanges(ctx context.Context, f activesync.Folder, step []activesync.Op) error {
	lost := slices.ContainsFunc(step, func(op activesync.Op) bool {
		return op.Kind.Makes() && op.State == activesync.OpSending
	})
	changed := slices.ContainsFunc(step, func(op activesync.Op) bool { return merges(op.Kind) || op.Discards() })
	if !lost && !changed {
		return nil
	}
	if lost {
		if err := e.store.Reset(ctx, f.ID); err != nil {
			return err
		}
	}
	_, err := e.collect(ctx, f, nil)
	return err
}

// merges reports whether a record changes what may be changed elsewhere too.
func merges(k activesync.OpKind) bool {
	return k == activesync.OpContactChange || k == activesync.OpEventChange || k == activesync.OpDraftChange
}

// contactChanges are what records make of the contacts of a folder.
func (e *Engine) contactChanges(ctx context.Context, f activesync.Folder, ids []activesync.OpID) (map[activesync.OpID]activesync.ContactChange, error) {
	if f.Class != activesync.ClassContacts {
		return nil, nil
	}
	return e.store.ContactChanges(ctx, e.account.ID, ids...)
}

// eventChanges are what records make of the events of a folder.
func (e *Engine) eventChanges(ctx context.Context, f activesync.Folder, ids []activesync.OpID) (map[activesync.OpID]activesync.EventChange, error) {
	if f.Class != activesync.ClassCalendar {
		return nil, nil
	}
	return e.store.EventChanges(ctx, e.account.ID, ids...)
}

// withoutMoot ends the records of occurrences that are on the server as they are
// wanted already, and gives the others: an occurrence cannot be cancelled twice.
func (e *Engine) withoutMoot(ctx context.Context, f activesync.Folder, step []activesync.Op) (out []activesync.Op, err error) {
	for _, op := range step {
		if op.Kind == activesync.OpEventChange && !op.Instance.IsZero() {
			all, err := e.eventChanges(ctx, f, []activesync.OpID{op.ID})
			if err != nil {
				return nil, err
			}
			if ch, ok := all[op.ID]; ok && activesync.DiffOccurrence(&ch.Before, &ch.After, op.Instance).Fields == 0 {
				if err := e.store.FinishOp(ctx, op.ID, ""); err != nil {
					return nil, err
				}
				continue
			}
		}
		out = append(out, op)
	}
	return out, nil
}

// FindPeople searches the organisation's address list for the first n whose
// name or address begins with words.
func (e *Engine) FindPeople(ctx context.Context, words string, n int) (people activesync.People, err error) {
	err = e.knowingFolders(ctx, func() error {
		return e.exchange(ctx, func(ctx context.Context) error {
			people, err = e.server.FindPeople(ctx, words, n)
			return err
		})
	})
	return people, err
}
