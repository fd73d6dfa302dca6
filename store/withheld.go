package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"eas.example/securemail/activesync"
)

// doom notes that the server has removed an item. It stays until its folder is
// in step, when it is known how many such there are.
func (a *account) doom(r *row) error {
	before := r.listed()
	if err := a.bind(r, r.home, ""); err != nil {
		return err
	}
	if err := a.wait(r, waitDoomed); err != nil {
		return err
	}
	return a.save(r, before)
}

// ownDoing reports whether the item leaves by a record of the person that was
// tried and whose answer was lost.
func (a *account) ownDoing(r *row) (activesync.OpID, error) {
	ops, err := a.opsOf(r)
	if err != nil {
		return 0, err
	}
	for _, op := range ops {
		leaves := op.Kind == activesync.OpDelete || op.Kind == activesync.OpMove && op.To != r.home || op.Kind == activesync.OpRespond
		if leaves && op.MayBeDone() {
			return op.ID, nil
		}
	}
	return 0, nil
}

// finishGone ends the record by which an item left its folder.
func (a *account) finishGone(id activesync.ItemID, own activesync.OpID) error {
	op, err := a.op(own)
	if err != nil {
		return err
	}
	answered := op.Kind == activesync.OpRespond
	if err := a.finish(own, "", false); err != nil || !answered {
		return err
	}
	_, err = a.drop(id) // an invitation that was answered leaves the Inbox
	return err
}

// remove carries out the removal of items that are gone from the server, or
// withholds it where there are too many at once.
func (ap *application) remove(ids []activesync.ItemID, st activesync.SyncState) error {
	had := st.Had
	if had == 0 {
		had = int(ap.a.count(ap.folder).total)
	}
	slices.Sort(ids)
	if !ap.brake.Stops(len(ids), had) {
		for _, id := range ids {
			ap.applied.Removed++
			if err := ap.a.unwait(id); err != nil {
				return err
			}
			if err := ap.gone(id, false); err != nil {
				return err
			}
		}
		return nil
	}
	for _, id := range ids {
		r, err := ap.a.row(id)
		if err != nil {
			return err
		}
		before := r.listed()
		if err := ap.a.bind(r, r.home, ""); err != nil {
			return err
		}
		if err := ap.a.wait(r, waitWithheld); err != nil {
			return err
		}
		if err := ap.a.save(r, before); err != nil {
			return err
		}
	}
	ap.applied.Withheld += len(ids)
	return nil
}

// Withheld are the items of an account that the server removed in such numbers
// that the person has to decide, by folder.
func (s *Store) Withheld(ctx context.Context, id activesync.AccountID) ([]activesync.Withheld, error) {
	var out []activesync.Withheld
	err := s.view(ctx, func(t *txn) error {
		a := t.account(id)
		if a == nil {
			return nil
		}
		folders, err := a.folders()
		if err != nil {
			return err
		}
		for f := range folders {
			w := activesync.Withheld{Folder: f}
			for item, why := range a.waiting(f) {
				switch why {
				case waitWithheld:
					w.Items = append(w.Items, item)
				case waitKept:
					w.Kept++
				}
			}
			if len(w.Items) > 0 || w.Kept > 0 {
				slices.Sort(w.Items)
				out = append(out, w)
			}
		}
		slices.SortFunc(out, func(a, b activesync.Withheld) int { return int(int64(a.Folder) - int64(b.Folder)) })
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list what was withheld of account %s: %w", id, err)
	}
	return out, nil
}

// Decide carries out what the person chose for the withheld items of a folder.
// Items that are kept stay on this machine; should the server name them again
// they are its own once more.
func (s *Store) Decide(ctx context.Context, folder activesync.FolderID, d activesync.Decision) error {
	err := s.update(ctx, func(t *txn) error {
		a, err := t.folderAccount(folder)
		if err != nil {
			return err
		}
		if d == activesync.DecideAgain {
			return a.reset(folder)
		}
		for item, why := range a.waiting(folder) {
			if why != waitWithheld {
				continue
			}
			if err := a.decide(item, d); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("decide about folder %s: %w", folder, err)
	}
	return nil
}

func (a *account) decide(item activesync.ItemID, d activesync.Decision) error {
	switch d {
	case activesync.DecideAccept:
		_, err := a.drop(item)
		return err
	case activesync.DecideKeep:
		r, err := a.row(item)
		if err != nil {
			return err
		}
		return a.wait(r, waitKept)
	}
	return errors.New("unknown decision " + string(d))
}
