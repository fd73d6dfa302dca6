package agent

import (
	"context"

	"eas.example/securemail/activesync"
)

// doEntries writes to the journal that contacts or events are made, changed and
// deleted, all or none, and shows it at once. It gives the records as they are
// kept; one that would change nothing has no id.
func (l *Local) doEntries(ctx context.Context, ops []activesync.Op, letters ...activesync.Letter) ([]activesync.Op, error) {
	done, err := l.Store.QueueEntries(ctx, ops, letters...)
	if err != nil {
		return nil, err
	}
	told := map[activesync.FolderID]bool{}
	for _, op := range done {
		if op.ID == 0 {
			continue
		}
		if op.Kind == activesync.OpSend { // can be taken back only while it waits
			l.changed(op.Account, op)
			continue
		}
		l.remember(op)
		if told[op.Folder] {
			continue
		}
		told[op.Folder] = true
		shown := op
		shown.To = 0 // what is made is in Folder already
		if len(done) > 1 {
			shown.Item = 0
		}
		l.changed(op.Account, shown)
		if m, err := l.member(op.Account); err == nil {
			m.engine.Wake()
		}
	}
	return done, nil
}

// recorded are the ids of the records that doEntries wrote.
func recorded(done []activesync.Op) []activesync.OpID {
	ids := []activesync.OpID{}
	for _, op := range done {
		if op.ID != 0 {
			ids = append(ids, op.ID)
		}
	}
	return ids
}

// reverseEntry is what makes up for a change of a contact or event that the
// server has; ok is false for all other records.
func reverseEntry(op activesync.Op) (back activesync.Op, ok bool) {
	back = activesync.Op{Kind: op.Kind, Item: op.Item, Instance: op.Instance, Tell: op.Tell,
		Contact: op.ContactBefore, ContactBefore: op.Contact, Event: op.EventBefore, EventBefore: op.Event}
	switch {
	case op.Kind == activesync.OpContactAdd, op.Kind == activesync.OpEventAdd:
		return activesync.Op{Kind: activesync.OpDelete, Item: op.Item, Tell: op.Tell}, true
	case !op.Instance.IsZero() && !keeps(op):
		// No command brings an occurrence back: it comes as an event of its own.
		one, _ := op.EventBefore.Occurrence(op.Instance)
		one.UID = ""
		return activesync.Op{Kind: activesync.OpEventAdd, To: op.Folder, Event: &one, Tell: op.Tell}, true
	case op.Kind == activesync.OpContactChange, op.Kind == activesync.OpEventChange:
		return back, true
	case op.Kind == activesync.OpDelete && op.ContactBefore != nil:
		back.Kind = activesync.OpContactAdd
	case op.Kind == activesync.OpDelete && op.EventBefore != nil:
		back.Kind = activesync.OpEventAdd
	default:
		return activesync.Op{}, false
	}
	back.Item, back.To = 0, op.Folder
	return back, true
}

// keeps reports whether the occurrence that a record changes is there after that.
func keeps(op activesync.Op) bool {
	_, there := op.Event.Occurrence(op.Instance)
	return there
}
