package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"eas.example/securemail/activesync"
)

// Apply commits one answer to a Sync request: its items, the outcome of the
// journal records that the request carried, and the new key, in one
// transaction and only if the folder still is at b.From (else ErrStaleKey).
//
// It may be repeated: an item that is added and known is updated, one that is
// removed and unknown is left out, and so is a change of an unknown one. An
// item that waits (after Reset or a move) is found again by its ServerId or its
// fingerprint. What the journal holds stays in force over what the server says.
// With b.InStep the items that wait since Reset and were not told of are gone.
func (s *Store) Apply(ctx context.Context, b activesync.Batch) (activesync.Applied, error) {
	var out activesync.Applied
	err := s.update(ctx, func(t *txn) error {
		a, err := t.folderAccount(b.Folder)
		if err != nil {
			return err
		}
		st, err := a.syncState(b.Folder)
		if err != nil {
			return err
		}
		if st.Key != orNone(b.From) {
			return ErrStaleKey
		}
		if unchanged(b, st) {
			return errNothing
		}
		ap := &application{a: a, folder: b.Folder, brake: b.Brake, announce: b.Announce, unsure: b.Unsure}
		if err := ap.run(b, st); err != nil {
			return err
		}
		out = ap.applied
		st.Key, st.Request, st.RequestOps = orNone(b.To), nil, nil
		if b.InStep {
			st.Resync = false
			st.Had = int(a.count(b.Folder).total)
		}
		if b.InStep && !b.Unsure {
			if err := a.draftsSeen(b.Folder); err != nil {
				return err
			}
		}
		return a.putSync(b.Folder, st)
	})
	if err != nil {
		return activesync.Applied{}, fmt.Errorf("apply changes to folder %s: %w", b.Folder, err)
	}
	slices.SortStableFunc(out.Arrived, func(x, y activesync.Header) int { return x.Date.Compare(y.Date) })
	return out, nil
}

// unchanged reports whether a batch says nothing at all.
func unchanged(b activesync.Batch, st activesync.SyncState) bool {
	return len(b.Items) == 0 && len(b.Done) == 0 && len(b.Failed) == 0 && !b.InStep && b.From == b.To &&
		len(st.Request) == 0 && len(st.RequestOps) == 0
}

// application is a batch while it is carried out.
type application struct {
	a        *account
	folder   activesync.FolderID
	brake    activesync.Brake
	waiting  bool // some item of the folder waits
	announce bool
	unsure   bool
	applied  activesync.Applied
}

func (ap *application) run(b activesync.Batch, st activesync.SyncState) error {
	// Ids and rows mostly grow at the end: full pages are right for them.
	ap.a.in(inRows).FillPercent, ap.a.in(inContents).FillPercent = 0.9, 0.9
	for _, id := range b.Done {
		err := ap.a.finish(id, b.Named[id], false)
		if err != nil && !errors.Is(err, ErrNoOp) { // confirmed before, or dropped with its item
			return fmt.Errorf("finish record %s: %w", id, err)
		}
	}
	ap.waiting = ap.a.waits(ap.folder)
	for i := range b.Items {
		if err := ap.item(&b.Items[i]); err != nil {
			return err
		}
	}
	for id, reason := range b.Failed {
		if err := ap.a.failOp(id, reason); err != nil && !errors.Is(err, ErrNoOp) {
			return fmt.Errorf("park record %s: %w", id, err)
		}
	}
	if b.InStep && ap.waiting {
		return ap.sweep(st)
	}
	return nil
}

func (ap *application) item(c *activesync.ItemChange) error {
	if c.Kind == activesync.Added && kindIn(c) == 0 {
		ap.applied.Unknown++
		return nil
	}
	id := ap.a.lookup(ap.folder, c.ServerID)
	if id != 0 && ap.waiting && ap.a.waitsFor(id) == waitResync {
		// The name is from before the folder started anew, when it may have meant
		// another item: only what the server adds under it says what it means now.
		if c.Kind != activesync.Added {
			id = 0
		} else if p, _ := fingerprintIn(c); !(ap.a.matches(id, p) && ap.a.mayBe(id, c)) && !ap.a.isDraft(id, c.Message) && !ap.a.isEvent(id, c) {
			if err := ap.a.unname(id); err != nil {
				return err
			}
			id = 0
		}
	}
	if id != 0 && ap.waiting && c.Kind == activesync.Added {
		if other, err := ap.a.isAnother(id, c); err != nil {
			return err
		} else if other {
			if err := ap.a.unname(id); err != nil {
				return err
			}
			id = 0
		}
	}
	switch c.Kind {
	case activesync.Added:
		return ap.add(id, c)
	case activesync.Updated:
		if id == 0 {
			ap.applied.Unknown++
			return nil
		}
		ap.applied.Updated++
		return ap.update(id, c)
	case activesync.Removed, activesync.SoftRemoved:
		if id == 0 {
			return nil
		}
		return ap.removed(id, c.Kind == activesync.SoftRemoved)
	}
	return fmt.Errorf("unknown kind of change %d", c.Kind)
}

// add takes in an item that the server names: one that is known, one that
// waits, or a new one.
func (ap *application) add(id activesync.ItemID, c *activesync.ItemChange) error {
	if id == 0 && ap.waiting {
		made, err := ap.made(c)
		if err != nil {
			return err
		}
		if made != 0 {
			ap.applied.Updated++
			return ap.update(made, c)
		}
	}
	if id == 0 && ap.waiting {
		var err error
		if id, err = ap.a.claim(ap.folder, c); err != nil {
			return err
		}
		if id != 0 {
			r, err := ap.a.row(id)
			if err != nil {
				return err
			}
			if err := ap.a.bind(r, ap.folder, c.ServerID); err != nil {
				return err
			}
			if err := ap.a.save(r, r.listed()); err != nil {
				return err
			}
		}
	}
	if id == 0 {
		var err error
		if id, err = ap.movedUnheard(c); err != nil {
			return err
		}
	}
	if id == 0 {
		return ap.create(c)
	}
	ap.applied.Updated++
	return ap.update(id, c)
}

// isEvent reports whether an event that is here is the one that the server tells of,
// by more than its UID: the server may have given it another one since it was made.
func (a *account) isEvent(id activesync.ItemID, c *activesync.ItemChange) bool {
	told := entryIn(c)
	if told.event == nil {
		return false
	}
	r, err := a.row(id)
	if err != nil || r.kind != kindEvent {
		return false
	}
	here, err := a.entry(r)
	return err == nil && here.alike(told)
}

// made finds what was made here and the server tells of under a name that is not
// known; 0 is none.
func (ap *application) made(c *activesync.ItemChange) (activesync.ItemID, error) {
	if c.Message != nil {
		return ap.claimDraft(c)
	}
	return ap.a.claimMade(ap.folder, entryIn(c), c.ServerID)
}

func fingerprintIn(c *activesync.ItemChange) (fingerprint, int64) {
	if e := entryIn(c); !e.none() {
		return e.fingerprint(), 0
	}
	return fingerprintOf(&c.Message.Header), c.Message.Size
}

// create makes a new item.
func (ap *application) create(c *activesync.ItemChange) error {
	a := ap.a
	r := &row{id: activesync.ItemID(a.t.next(keyLastItem))}
	if err := a.bind(r, ap.folder, c.ServerID); err != nil {
		return err
	}
	if err := a.write(r, c); err != nil {
		return err
	}
	r.show(nil, a)
	ap.applied.Added++
	if m := c.Message; m != nil && m.Note != "" && m.Fields == 0 {
		if err := a.noteUnreadable(r.id); err != nil {
			return err
		}
	}
	if r.kind == kindMessage {
		ap.applied.Arrived = append(ap.applied.Arrived, r.seen())
		if ap.announce && !r.header.Read {
			if err := a.announce(r); err != nil {
				return err
			}
		}
	}
	return a.save(r, listed{})
}

// update brings a known item up to what the server says and plays the journal
// over it.
func (ap *application) update(id activesync.ItemID, c *activesync.ItemChange) error {
	a := ap.a
	r, err := a.row(id)
	if err != nil {
		return err
	}
	if other := kindIn(c); other != 0 && other != r.kind {
		// The server gave the id to something else.
		dropped, err := a.drop(id)
		if err != nil {
			return err
		}
		ap.applied.Dropped = append(ap.applied.Dropped, dropped...)
		return ap.create(c)
	}
	before := r.listed()
	if ap.waiting {
		if err := a.unwait(id); err != nil {
			return err
		}
	}
	r.hidden, r.leaving = false, false
	edited := r.kind.entry() && r.pending > 0
	var was entry
	if edited {
		if was, err = a.entry(r); err != nil && !errors.Is(err, ErrCorrupt) {
			return err
		}
	}
	if err := a.write(r, c); err != nil {
		return err
	}
	if edited {
		if err := a.makeRoom(r, was); err != nil {
			return err
		}
	}
	if c.Message != nil {
		if err := a.cameTrue(r, c.Message.Fields); err != nil {
			return err
		}
	}
	ops, err := a.opsOf(r)
	if c.Message != nil && r.header.Draft {
		if err := ap.draftChanged(r, c.Message); err != nil {
			return err
		}
		ops, err = a.opsFor(r.id)
	}
	if err != nil {
		return err
	}
	r.show(ops, a)
	if len(ops) > 0 {
		if err := a.overlay(r, ops); err != nil {
			return err
		}
	}
	return a.save(r, before)
}

// isAnother reports whether what is added is surely another message than one that
// was moved here under its name: the server numbered them anew before it told of
// that.
func (a *account) isAnother(id activesync.ItemID, c *activesync.ItemChange) (bool, error) {
	why := a.waitsFor(id)
	if c.Message == nil || c.Message.Fields&activesync.HasSubject == 0 || why != waitMoved && why != waitMoved2 {
		return false, nil
	}
	r, err := a.row(id)
	return err == nil && r.kind == kindMessage && !r.header.Draft && r.header.Subject != c.Message.Subject, err
}

// cameTrue ends the marks of a message of which the server tells that they are as
// the person wanted them; the answers to them were lost. Where one was set several
// times the last counts. One that was taken back goes once more all the same: what
// tells of it may be older than its try.
func (a *account) cameTrue(r *row, told activesync.MessageFields) error {
	ops, err := a.opsOf(r)
	if err != nil {
		return err
	}
	ended := map[activesync.OpKind]bool{}
	for _, op := range ops {
		if !op.MayBeDone() {
			continue
		}
		switch op.Kind {
		case activesync.OpRead:
			ended[op.Kind] = told&activesync.HasRead != 0 && op.Read == r.header.Read && op.Before != nil && op.Before.Read != op.Read
		case activesync.OpFlag:
			ended[op.Kind] = told&activesync.HasFlag != 0 && op.Flag == r.header.Flag && op.Before != nil && op.Before.Flag != op.Flag
		}
	}
	for _, op := range ops {
		if !op.MayBeDone() || !ended[op.Kind] {
			continue
		}
		if err := a.deleteOp(op.ID); err != nil {
			return err
		}
		r.pending--
	}
	return nil
}

// kindIn is what the server tells of, 0 where it does not say.
func kindIn(c *activesync.ItemChange) kind {
	if c.Message != nil {
		return kindMessage
	}
	return entryIn(c).kind()
}
