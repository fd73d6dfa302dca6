package store

import (
	"encoding/json"
	"errors"
	"fmt"

	"eas.example/securemail/activesync"
)

// write files what a change says of an item, in its row and beside it.
func (a *account) write(r *row, c *activesync.ItemChange) error {
	switch kindIn(c) {
	case kindMessage:
		return a.writeMessage(r, c.Message)
	case kindContact, kindEvent:
		return a.writeEntry(r, c)
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

func (a *account) writeEntry(r *row, c *activesync.ItemChange) error {
	e := newEntry(kindIn(c))
	if r.kind != 0 {
		var err error
		if e, err = a.entry(r); err != nil && !errors.Is(err, ErrCorrupt) {
			return err
		}
	}
	r.kind = e.kind()
	if c.Contact != nil {
		c.Contact.Apply(e.contact)
	} else {
		c.Event.Apply(e.event)
	}
	e.show(r)
	return a.putEntry(r, e.bare())
}

func (a *account) putContent(r *row, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode item: %w", err)
	}
	return a.putPacked(inContents, idKey(uint64(r.id)), b)
}
