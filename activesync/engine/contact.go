package engine

import (
	"context"
	"slices"

	"eas.example/securemail/activesync"
)

// beforeChanges pulls a folder before contacts, events or drafts in it are made or
// changed. A change replaces the whole item, so what was changed elsewhere has to be
// in it. Where the answer to a making was lost the folder starts anew: not
// every server tells a device of what it made itself, and the ClientId is no
// protection everywhere.
func (e *Engine) beforeChanges(ctx context.Context, f activesync.Folder, step []activesync.Op) error {
	lost := slices.ContainsFunc(step, func(op activesync.Op) bool {
		return op.Kind.Makes() && op.State == activesync.OpSending
	})
	changed := slices.ContainsFunc(step, func(op activesync.Op) bool { return merges(op.Kind) })
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

// FindPeople searches the organisation's address list for the first n whose
// name or address begins with words.
func (e *Engine) FindPeople(ctx context.Context, words string, n int) (people activesync.People, err error) {
	err = e.exchange(ctx, func(ctx context.Context) error {
		people, err = e.server.FindPeople(ctx, words, n)
		return err
	})
	return people, err
}
