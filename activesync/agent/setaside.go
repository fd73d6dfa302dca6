package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/policy"
	"eas.example/securemail/contacts"
)

// fillIn puts what the person wrote into the records of contacts and events that
// wait for them, with Before as the server has it now. They are told of also where
// that cannot be read.
func (l *Local) fillIn(ctx context.Context, account activesync.AccountID, ops []activesync.Op) {
	var ids []activesync.OpID
	for _, op := range ops {
		if op.State == activesync.OpParked && (op.Kind.Contacts() || op.Kind.Events()) {
			ids = append(ids, op.ID)
		}
	}
	if len(ids) == 0 {
		return
	}
	people, perr := l.Store.ContactChanges(ctx, account, ids...)
	events, eerr := l.Store.EventChanges(ctx, account, ids...)
	if err := errors.Join(perr, eerr); err != nil && ctx.Err() == nil {
		l.Log.Warn("what is set aside is not read", "account", string(account), "error", err)
	}
	for i := range ops {
		op := &ops[i]
		if c, ok := people[op.ID]; ok {
			op.Contact, op.ContactBefore = &c.After, &c.Before
		}
		if e, ok := events[op.ID]; ok {
			op.Event, op.EventBefore = &e.After, &e.Before
		}
	}
}

// OutboxSource writes what a record holds to w: a message as far as it is put
// together, a draft as it is written, a contact or an event as the person wants it.
// One that holds no more than its name is ErrNotFound.
func (l *Local) OutboxSource(ctx context.Context, id activesync.OpID, w io.Writer) error {
	op, m, err := l.pending(ctx, id)
	if err != nil {
		return err
	}
	switch {
	case op.Send != nil:
		f, err := l.Store.OpMIME(ctx, id)
		if err != nil {
			return err
		}
		_, err = io.Copy(w, io.NewSectionReader(f, 0, f.Size()))
		return errors.Join(err, f.Close())
	case op.Kind.Drafts():
		return l.writeDraft(ctx, m, op.Item, w)
	case op.Kind.Contacts():
		return l.writeCard(ctx, m, id, w)
	case op.Kind.Events():
		return l.writeEvent(ctx, m, id, w)
	}
	return fmt.Errorf("%w: it holds nothing but its name", activesync.ErrNotFound)
}

func (l *Local) writeDraft(ctx context.Context, m *member, item activesync.ItemID, w io.Writer) error {
	d, found, err := l.Store.DraftOf(ctx, item)
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("%w: the draft was given up", activesync.ErrNotFound)
	}
	from := d.From
	if from.Address == "" {
		from.Address = m.account.Email
	}
	return message.Write(w, &d, message.ComposeOptions{From: from, Date: time.Now(), MessageID: message.NewMessageID(message.DomainOf(from.Address))})
}

func (l *Local) writeCard(ctx context.Context, m *member, id activesync.OpID, w io.Writer) error {
	if err := l.managed().AsError(policy.ExportContacts); err != nil {
		return err
	}
	changes, err := l.Store.ContactChanges(ctx, m.account.ID, id)
	if err != nil {
		return err
	}
	card, err := contacts.ToVCard(changes[id].After, "4.0")
	if err != nil {
		return err
	}
	_, err = w.Write(card)
	return err
}

func (l *Local) writeEvent(ctx context.Context, m *member, id activesync.OpID, w io.Writer) error {
	changes, err := l.Store.EventChanges(ctx, m.account.ID, id)
	if err != nil {
		return err
	}
	_, err = w.Write(calendar.WriteICS(&calendar.File{Items: []calendar.Item{{Event: changes[id].After}}}))
	return err
}
