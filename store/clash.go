package store

import (
	"maps"
	"slices"
	"strings"

	"eas.example/securemail/activesync"
)

// makeRoom lets the server's side of an entry stand where it, which was another,
// and the person changed the same fields. The person's side of those is set aside
// as a record of its own, for them to decide.
func (a *account) makeRoom(r *row, was entry) error {
	is, err := a.entry(r)
	if err != nil {
		return err
	}
	ops, err := a.opsOf(r)
	if err != nil || r.kind == kindContact && (change{before: was, after: is}).empty() {
		return err
	}
	for _, op := range ops {
		if entryKind(op.Kind) == 0 || op.Kind.Makes() || op.Aside {
			continue
		}
		mine, err := a.change(op.ID)
		if err != nil {
			return err
		}
		switch {
		case mine.before.none() || mine.after.none():
		case r.kind == kindContact:
			err = a.makeRoomForContact(op, mine, mine.before.contact, was.contact, is.contact)
		default:
			err = a.makeRoomForEvent(op, mine, mine.before.event, was.event, is.event)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// makeRoomForUnseen is makeRoom for what the server had changed already when a
// change was made by somebody who still saw what was before. Where changes of the
// person's own stand between the two, they are what the person saw.
func (a *account) makeRoomForUnseen(op *activesync.Op, c change, saw, is entry, own []activesync.Op) error {
	if saw.none() || c.after.none() || slices.ContainsFunc(own, func(op activesync.Op) bool { return entryKind(op.Kind) != 0 }) {
		return nil
	}
	if saw.kind() == kindContact {
		return a.makeRoomForContact(*op, c, saw.contact, saw.contact, is.contact)
	}
	return a.makeRoomForEvent(*op, c, saw.event, saw.event, is.event)
}

// makeRoomForContact takes the fields that clash out of a record into one that
// waits for the person, who saw another contact than the server has now.
func (a *account) makeRoomForContact(op activesync.Op, mine change, saw, was, is *activesync.Contact) error {
	before, after := mine.before.contact, mine.after.contact
	theirs, differ, unseen := activesync.DiffContact(was, is).Fields, activesync.DiffContact(is, after).Fields, activesync.DiffContact(saw, is).Fields
	clash := map[string]bool{}
	for f := range activesync.DiffContact(before, after).Fields {
		if theirs[f] && differ[f] && unseen[f] {
			clash[f] = true
		}
	}
	if len(clash) == 0 {
		return nil
	}
	local, left := *is, *after
	(&activesync.ContactPatch{Contact: *after, Fields: clash}).Apply(&local)
	(&activesync.ContactPatch{Contact: *before, Fields: clash}).Apply(&left)
	kept := change{before: entry{contact: is}.bare(), after: entry{contact: &local}.bare()}
	rest := change{before: mine.before, after: entry{contact: &left}}
	reason := "changed on Exchange too, which stays: " + fieldWords(clash)
	if rest.empty() {
		if err := a.setAside(op.ID, reason); err != nil {
			return err
		}
		return a.putChange(op.ID, kept)
	}
	if err := a.putChange(op.ID, rest); err != nil {
		return err
	}
	return a.addChange(&activesync.Op{Account: op.Account, Kind: op.Kind, Item: op.Item, Folder: op.Folder, Name: op.Name, Created: op.Created,
		State: activesync.OpParked, Aside: true, Reason: reason}, kept)
}

// makeRoomForEvent sets the whole record aside where a field clashes: the times of
// an event mean little one by one.
func (a *account) makeRoomForEvent(op activesync.Op, mine change, saw, was, is *activesync.Event) error {
	if !mine.clashes(saw, was, is) {
		return nil
	}
	return a.setAside(op.ID, "the event was changed on Exchange too, which stays")
}

// clashes reports whether the server, which made is of was, changed what the
// person did to something that they had not seen: of a change that was taken back it
// may tell what that had made. An occurrence is another one once its series has other
// times.
func (c change) clashes(saw, was, is *activesync.Event) bool {
	series, mine, left := activesync.DiffEvent(was, is).Fields, c.before.event, c.after.event
	if c.instance.IsZero() {
		return series&activesync.DiffEvent(mine, left).Fields&activesync.DiffEvent(is, left).Fields&activesync.DiffEvent(saw, is).Fields != 0
	}
	one := *is // with what was particular of it before
	one.Exceptions = was.Exceptions
	before, _ := one.Occurrence(c.instance)
	now, there := is.Occurrence(c.instance)
	from, _ := mine.Occurrence(c.instance)
	seen, _ := saw.Occurrence(c.instance)
	to, stays := left.Occurrence(c.instance)
	switch {
	case series&(activesync.EventStart|activesync.EventAllDay|activesync.EventRecurrence) != 0:
		return true
	case !stays || !there:
		return stays
	}
	return activesync.DiffEvent(&before, &now).Fields&activesync.DiffEvent(&from, &to).Fields&activesync.DiffEvent(&now, &to).Fields&activesync.DiffEvent(&seen, &now).Fields != 0
}

// cancels reports whether a change takes an occurrence out of a series.
func (c change) cancels() bool {
	if c.instance.IsZero() || c.after.event == nil {
		return false
	}
	_, there := c.after.event.Occurrence(c.instance)
	return !there
}

// setAside takes a record out of what is played, until the person decides.
func (a *account) setAside(id activesync.OpID, reason string) error {
	op, err := a.op(id)
	if err != nil {
		return err
	}
	op.Aside, op.State, op.Reason = true, activesync.OpParked, reason
	return a.putOp(op)
}

// fieldWords names fields for a person: "mobile phone number".
func fieldWords(fields map[string]bool) string {
	var out []string
	for _, f := range slices.Sorted(maps.Keys(fields)) {
		_, name, _ := strings.Cut(f, ":")
		var b strings.Builder
		for i, r := range name {
			if r >= 'A' && r <= 'Z' {
				if i > 0 {
					b.WriteByte(' ')
				}
				r += 'a' - 'A'
			}
			b.WriteRune(r)
		}
		out = append(out, b.String())
	}
	return strings.Join(out, ", ")
}

// outlived keeps what the person made or changed of an entry that is removed: as
// one that is made anew in a folder if the person wants that.
func (a *account) outlived(r *row, to activesync.FolderID, why string) error {
	ops, err := a.opsOf(r)
	if err != nil || r.shown == 0 {
		return err
	}
	changed := slices.ContainsFunc(ops, func(op activesync.Op) bool { return entryKind(op.Kind) != 0 })
	if !changed {
		return nil
	}
	for i := range ops {
		ops[i].Aside = false
	}
	e, err := a.shownEntry(r, ops)
	if err != nil {
		return err
	}
	anew := activesync.Op{Kind: activesync.OpContactAdd, To: to, Contact: e.contact, Event: e.event, State: activesync.OpParked, Reason: why}
	if e.event != nil {
		anew.Kind = activesync.OpEventAdd
	}
	return a.t.queueEntry(&anew)
}
