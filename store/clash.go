package store

import (
	"maps"
	"slices"
	"strings"

	"eas.example/securemail/activesync"
)

// makeRoom lets the server's side of a contact stand where it and the person
// changed the same fields. The person's side of those is set aside as a record
// of its own, for them to decide.
func (a *account) makeRoom(r *row, was, is *activesync.Contact) error {
	theirs := activesync.DiffContact(was, is).Fields
	ops, err := a.opsOf(r)
	if err != nil || len(theirs) == 0 {
		return err
	}
	for i := range ops {
		op := ops[i]
		if op.Kind != activesync.OpContactChange || op.Aside {
			continue
		}
		change, err := a.change(op.ID)
		if err != nil {
			return err
		}
		if change.Before == nil || change.Contact == nil {
			continue
		}
		mine := activesync.DiffContact(change.Before, change.Contact)
		differ := activesync.DiffContact(is, change.Contact).Fields
		clash := map[string]bool{}
		for f := range mine.Fields {
			if theirs[f] && differ[f] {
				clash[f] = true
			}
		}
		if len(clash) > 0 {
			if err := a.setAside(op, change, is, clash); err != nil {
				return err
			}
		}
	}
	return nil
}

// setAside takes the fields that clash out of a record into one that waits for
// the person.
func (a *account) setAside(op activesync.Op, change contactChange, is *activesync.Contact, clash map[string]bool) error {
	local := *is
	(&activesync.ContactPatch{Contact: *change.Contact, Fields: clash}).Apply(&local)
	left := *change.Contact
	(&activesync.ContactPatch{Contact: *change.Before, Fields: clash}).Apply(&left)
	aside := activesync.Op{Account: op.Account, Kind: op.Kind, Item: op.Item, Folder: op.Folder, Name: op.Name, Created: op.Created,
		State: activesync.OpParked, Aside: true, Reason: "changed on Exchange too, which stays: " + fieldWords(clash)}
	kept := contactChange{Before: bare(*is), Contact: bare(local)}
	if len(activesync.DiffContact(change.Before, &left).Fields) > 0 {
		if err := a.putChange(op.ID, contactChange{Before: change.Before, Contact: &left}); err != nil {
			return err
		}
		return a.addContactOp(&aside, kept)
	}
	mine, err := a.op(op.ID)
	if err != nil {
		return err
	}
	mine.Aside, mine.State, mine.Reason = true, aside.State, aside.Reason
	if err := a.putOp(mine); err != nil {
		return err
	}
	return a.putChange(op.ID, kept)
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

// outlived keeps what the person changed of a contact that the server removed:
// as one that is made anew if the person wants that.
func (a *account) outlived(r *row) error {
	ops, err := a.opsOf(r)
	if err != nil || r.shown == 0 {
		return err
	}
	changed := slices.ContainsFunc(ops, func(op activesync.Op) bool { return op.Kind == activesync.OpContactChange })
	if !changed {
		return nil
	}
	for i := range ops {
		ops[i].Aside = false
	}
	c, err := a.shownContact(r, ops)
	if err != nil {
		return err
	}
	return a.t.queueNewContact(&activesync.Op{Kind: activesync.OpContactAdd, To: r.home, Contact: &c, State: activesync.OpParked,
		Reason: "it was deleted on Exchange while you changed it"})
}
