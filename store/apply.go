package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

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
		ap := &application{a: a, folder: b.Folder, brake: b.Brake, announce: b.Announce}
		if err := ap.run(b, st); err != nil {
			return err
		}
		out = ap.applied
		st.Key, st.Request, st.RequestOps = orNone(b.To), nil, nil
		if b.InStep {
			st.Resync = false
			st.Had = int(a.count(b.Folder).total)
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
	applied  activesync.Applied
}

func (ap *application) run(b activesync.Batch, st activesync.SyncState) error {
	// Ids and rows mostly grow at the end: full pages are right for them.
	ap.a.in(inRows).FillPercent, ap.a.in(inContents).FillPercent = 0.9, 0.9
	for _, id := range b.Done {
		err := ap.a.finish(id, b.Named[id])
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
		} else if p, _ := fingerprintIn(c); !ap.a.matches(id, p) {
			if err := ap.unname(id); err != nil {
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

// removed takes in that the server no longer has an item. With a brake it waits
// to be seen how many there are.
func (ap *application) removed(id activesync.ItemID, soft bool) error {
	if soft || ap.brake.Items == 0 {
		ap.applied.Removed++
		return ap.gone(id, soft)
	}
	r, err := ap.a.row(id)
	if err != nil {
		return err
	}
	own, err := ap.a.ownDoing(r)
	if err != nil {
		return err
	}
	if own != 0 {
		ap.applied.Removed++
		return ap.gone(id, false)
	}
	ap.waiting = true
	return ap.a.doom(r)
}

// unname takes an item's name away; it goes on waiting.
func (ap *application) unname(id activesync.ItemID) error {
	r, err := ap.a.row(id)
	if err != nil {
		return err
	}
	if err := ap.a.bind(r, r.home, ""); err != nil {
		return err
	}
	return ap.a.save(r, r.listed())
}

// add takes in an item that the server names: one that is known, one that
// waits, or a new one.
func (ap *application) add(id activesync.ItemID, c *activesync.ItemChange) error {
	if id == 0 && c.Contact != nil && ap.waiting {
		op, made, err := ap.a.claimMade(ap.folder, &c.Contact.Contact)
		if err != nil {
			return err
		}
		if op != 0 {
			if err := ap.a.finish(op, c.ServerID); err != nil {
				return err
			}
			ap.applied.Updated++
			return ap.update(made, c)
		}
	}
	if id == 0 && c.Event != nil && ap.waiting {
		op, made, err := ap.a.claimMadeEvent(ap.folder, &c.Event.Event)
		if err != nil {
			return err
		}
		if op != 0 {
			if err := ap.a.finish(op, c.ServerID); err != nil {
				return err
			}
			ap.applied.Updated++
			return ap.update(made, c)
		}
	}
	if id == 0 && ap.waiting {
		p, size := fingerprintIn(c)
		if id = ap.a.claim(ap.folder, p, size); id != 0 {
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
		return ap.create(c)
	}
	ap.applied.Updated++
	return ap.update(id, c)
}

func fingerprintIn(c *activesync.ItemChange) (fingerprint, int64) {
	switch {
	case c.Contact != nil:
		return contactFingerprint(&c.Contact.Contact), 0
	case c.Event != nil:
		return eventFingerprint(&c.Event.Event), 0
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
	var was activesync.Contact
	edited := r.kind == kindContact && r.pending > 0
	if edited {
		if was, err = a.contact(r); err != nil && !errors.Is(err, ErrCorrupt) {
			return err
		}
	}
	var eventWas activesync.Event
	moved := r.kind == kindEvent && r.pending > 0
	if moved {
		if eventWas, err = a.event(r); err != nil && !errors.Is(err, ErrCorrupt) {
			return err
		}
	}
	if err := a.write(r, c); err != nil {
		return err
	}
	if moved {
		if err := a.makeRoomForEvent(r, &eventWas); err != nil {
			return err
		}
	}
	if edited {
		is, err := a.contact(r)
		if err != nil {
			return err
		}
		if err := a.makeRoom(r, &was, &is); err != nil {
			return err
		}
	}
	ops, err := a.opsOf(r)
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

func kindIn(c *activesync.ItemChange) kind {
	switch {
	case c.Message != nil:
		return kindMessage
	case c.Contact != nil:
		return kindContact
	case c.Event != nil:
		return kindEvent
	}
	return 0
}

// gone takes away an item that the server no longer has in the folder, or, if
// soft, no longer syncs.
func (ap *application) gone(id activesync.ItemID, soft bool) error {
	a := ap.a
	r, err := a.row(id)
	if err != nil {
		return err
	}
	if soft && r.pending > 0 {
		// It still is on the server, so what the person did to it holds.
		before := r.listed()
		r.leaving = true
		return a.save(r, before)
	}
	own, err := a.ownDoing(r)
	if err != nil {
		return err
	}
	if own != 0 {
		return a.finishGone(id, own)
	}
	if r.kind == kindContact && r.pending > 0 {
		if err := a.outlived(r); err != nil {
			return err
		}
	}
	if r.kind == kindEvent && r.pending > 0 {
		if err := a.outlivedEvent(r); err != nil {
			return err
		}
	}
	dropped, err := a.drop(id)
	ap.applied.Dropped = append(ap.applied.Dropped, dropped...)
	return err
}

// sweep ends the waiting in a folder that is in step. What waits since Reset
// is gone from the server. What was moved here and was never told of gets one
// more chance, because the answer may be older than the move; then it is gone
// too, unless it may be older than the period, of which the server does not tell.
func (ap *application) sweep(st activesync.SyncState) error {
	a := ap.a
	var removed []activesync.ItemID
	for id, why := range a.waiting(ap.folder) {
		r, err := a.row(id)
		if err != nil {
			return err
		}
		switch {
		case why == waitWithheld || why == waitKept || why == waitMade:
		case why == waitDoomed || why == waitResync && st.Resync:
			own, err := a.ownDoing(r)
			if err != nil {
				return err
			}
			if own == 0 {
				removed = append(removed, id)
				continue
			}
			ap.applied.Removed++
			if err := a.unwait(id); err != nil {
				return err
			}
			if err := a.finishGone(id, own); err != nil {
				return err
			}
		case why == waitMoved:
			if err := a.wait(r, waitMoved2); err != nil {
				return err
			}
		case r.pending > 0:
			if err := a.parkOf(r, "the message was not found where it was moved to"); err != nil {
				return err
			}
		case r.serverID != "" && !r.hidden && mayBeOlder(r, st.Filter):
			if err := a.unwait(id); err != nil {
				return err
			}
		default:
			dropped, err := a.drop(id)
			if err != nil {
				return err
			}
			ap.applied.Dropped = append(ap.applied.Dropped, dropped...)
		}
	}
	return ap.remove(removed, st)
}

// mayBeOlder reports whether a message may be too old for the period of a
// folder; where clocks and time zones leave a doubt, it may.
func mayBeOlder(r *row, filter int) bool {
	days := [...]int{1: 1, 2: 3, 3: 7, 4: 14, 5: 31}
	if filter &= 0xff; filter == 0 {
		return false
	}
	return filter >= len(days) || r.header.Date.Before(time.Now().AddDate(0, 0, 1-days[filter]))
}

// write files what a change says of an item, in its row and beside it.
func (a *account) write(r *row, c *activesync.ItemChange) error {
	switch {
	case c.Message != nil:
		return a.writeMessage(r, c.Message)
	case c.Contact != nil:
		return a.writeContact(r, c.Contact)
	case c.Event != nil:
		return a.writeEvent(r, c.Event)
	}
	return nil
}

// inRow are the fields of a message that its row holds.
const inRow = activesync.HasFrom | activesync.HasTo | activesync.HasCc | activesync.HasSubject | activesync.HasDate |
	activesync.HasRead | activesync.HasFlag | activesync.HasImportance | activesync.HasVerb | activesync.HasMessageClass |
	activesync.HasConversation | activesync.HasCategories | activesync.HasPreview | activesync.HasDraft

func (a *account) writeMessage(r *row, p *activesync.MessagePatch) error {
	isNew := r.kind == 0
	r.kind = kindMessage
	if r.whole && !r.header.Draft && p.Body.Truncated && p.Fields&activesync.HasBody != 0 {
		// Only a draft's text ever changes; a part of it is not worth the whole.
		short := *p
		short.Fields &^= activesync.HasBody
		p = &short
	}
	if !isNew && p.Fields&^inRow == 0 && p.Note == "" {
		m := activesync.Message{Header: r.header}
		p.Apply(&m)
		r.header = m.Header
		return nil
	}
	var m activesync.Message
	if !isNew {
		var err error
		if m, err = a.message(r, true); err != nil && !errors.Is(err, ErrCorrupt) {
			return err
		}
	}
	p.Apply(&m)
	return a.putMessage(r, &m)
}

func (a *account) writeContact(r *row, p *activesync.ContactPatch) error {
	var c activesync.Contact
	if r.kind != 0 {
		var err error
		if c, err = a.contact(r); err != nil && !errors.Is(err, ErrCorrupt) {
			return err
		}
	}
	r.kind = kindContact
	p.Apply(&c)
	c.ID, c.Folder = 0, 0
	r.contact = contactRow(&c)
	return a.putContent(r, &c)
}

func (a *account) writeEvent(r *row, p *activesync.EventPatch) error {
	var e activesync.Event
	if r.kind != 0 {
		var err error
		if e, err = a.event(r); err != nil && !errors.Is(err, ErrCorrupt) {
			return err
		}
	}
	r.kind = kindEvent
	p.Apply(&e)
	e.ID, e.Folder = 0, 0
	r.first, r.last, r.series = eventSpan(&e)
	return a.putContent(r, &e)
}

func (a *account) putContent(r *row, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode item: %w", err)
	}
	return a.putPacked(inContents, idKey(uint64(r.id)), b)
}
