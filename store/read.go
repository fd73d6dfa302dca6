package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

// Header is one row of a message list as it is shown; Folder is 0 while the
// message is in no list.
func (s *Store) Header(ctx context.Context, id activesync.ItemID) (activesync.Header, error) {
	var h activesync.Header
	err := s.viewItem(ctx, id, kindMessage, func(a *account, r *row) error {
		h = r.seen()
		return nil
	})
	if err != nil {
		return activesync.Header{}, fmt.Errorf("read header of item %s: %w", id, err)
	}
	return h, nil
}

// Message is all that is here of a message.
func (s *Store) Message(ctx context.Context, id activesync.ItemID) (activesync.Message, error) {
	var m activesync.Message
	err := s.viewItem(ctx, id, kindMessage, func(a *account, r *row) (err error) {
		m, err = a.message(r, true)
		m.Header = r.seen()
		if err != nil || r.pending == 0 {
			return err
		}
		return a.answerShown(r, &m)
	})
	if err != nil {
		return activesync.Message{}, fmt.Errorf("read item %s: %w", id, err)
	}
	return m, nil
}

// Contact is one contact as it is shown.
func (s *Store) Contact(ctx context.Context, id activesync.ItemID) (activesync.Contact, error) {
	var c activesync.Contact
	err := s.viewItem(ctx, id, kindContact, func(a *account, r *row) error {
		ops, err := a.opsOf(r)
		if err != nil {
			return err
		}
		shown, err := a.shownEntry(r, ops)
		c = *shown.contact
		return err
	})
	if err != nil {
		return activesync.Contact{}, fmt.Errorf("read item %s: %w", id, err)
	}
	return c, nil
}

// Event is one event, a series being one.
func (s *Store) Event(ctx context.Context, id activesync.ItemID) (activesync.Event, error) {
	var e activesync.Event
	err := s.viewItem(ctx, id, kindEvent, func(a *account, r *row) error {
		ops, err := a.opsOf(r)
		if err != nil {
			return err
		}
		shown, err := a.shownEntry(r, ops)
		if err != nil {
			return err
		}
		e = *shown.event
		pending, err := a.answers()
		pending.show(&e)
		return err
	})
	if err != nil {
		return activesync.Event{}, fmt.Errorf("read item %s: %w", id, err)
	}
	return e, nil
}

// ServerID is where the server has an item and what it calls it, "" while it
// has to name it.
func (s *Store) ServerID(ctx context.Context, id activesync.ItemID) (activesync.FolderID, activesync.ServerID, error) {
	var f activesync.FolderID
	var sid activesync.ServerID
	err := s.viewItem(ctx, id, 0, func(a *account, r *row) error {
		f, sid = r.home, r.serverID
		return nil
	})
	if err != nil {
		return 0, "", fmt.Errorf("find item %s: %w", id, err)
	}
	return f, sid, nil
}

// Unsure reports whether what the server calls an item is from before its folder
// started anew: it may mean another item by now.
func (s *Store) Unsure(ctx context.Context, id activesync.ItemID) (unsure bool, err error) {
	err = s.viewItem(ctx, id, 0, func(a *account, r *row) error {
		unsure = a.nameNow(r) != r.serverID
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("find item %s: %w", id, err)
	}
	return unsure, nil
}

// ItemOf is the item that the server calls that in a folder, 0 where there is
// none that is surely called so.
func (s *Store) ItemOf(ctx context.Context, folder activesync.FolderID, id activesync.ServerID) (activesync.ItemID, error) {
	var out activesync.ItemID
	err := s.view(ctx, func(t *txn) error {
		if a := t.holder(inFolders, idKey(uint64(folder))); a != nil {
			if out = a.lookup(folder, id); out != 0 && a.waitsFor(out) == waitResync {
				out = 0
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("find item %s of folder %s: %w", id, folder, err)
	}
	return out, nil
}

// viewItem reads an item of a kind; 0 is any.
func (s *Store) viewItem(ctx context.Context, id activesync.ItemID, k kind, fn func(*account, *row) error) error {
	return s.view(ctx, func(t *txn) error {
		a, r, err := t.findItem(id)
		if err != nil {
			return err
		}
		if k != 0 && r.kind != k {
			return ErrClass
		}
		return fn(a, r)
	})
}

// PutBody keeps the body of a message that was fetched by itself. Attachments,
// when there are any, replace those that are known.
func (s *Store) PutBody(ctx context.Context, id activesync.ItemID, body activesync.Body, attachments []activesync.Attachment) error {
	err := s.update(ctx, func(t *txn) error {
		a, r, err := t.findItem(id)
		if err != nil {
			return err
		}
		if r.kind != kindMessage {
			return ErrClass
		}
		before := r.listed()
		m, err := a.message(r, true)
		if err != nil && !isCorrupt(err) {
			return err
		}
		m.Body = body
		if attachments != nil {
			m.Attachments, m.HasAttachments = attachments, len(attachments) > 0
		}
		if err := a.putMessage(r, &m); err != nil {
			return err
		}
		return a.save(r, before)
	})
	if err != nil {
		return fmt.Errorf("keep body of item %s: %w", id, err)
	}
	return nil
}

// MissingBodies are messages in a folder's list whose whole body is not here and
// whose name is sure, the newest first, at most limit.
func (s *Store) MissingBodies(ctx context.Context, f activesync.FolderID, limit int) ([]activesync.ItemID, error) {
	var out []activesync.ItemID
	err := s.view(ctx, func(t *txn) error {
		a, err := t.folderAccount(f)
		if err != nil {
			return err
		}
		prefix := idKey(uint64(f))
		c := a.in(inList).Cursor()
		for k, v := c.Seek(prefix); len(out) < limit && bytes.HasPrefix(k, prefix); k, v = c.Next() {
			if _, id := splitListKey(k); v[0]&listPartial != 0 && a.waitsFor(id) != waitResync {
				out = append(out, id)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("find missing bodies of folder %s: %w", f, err)
	}
	return out, nil
}

// Contacts are the contacts of an account, by name.
func (s *Store) Contacts(ctx context.Context, id activesync.AccountID) ([]activesync.ContactRow, error) {
	var out []activesync.ContactRow
	err := s.eachOfClass(ctx, id, activesync.ClassContacts, func(a *account, item activesync.ItemID, _ uint64, _ []byte) error {
		r, err := a.row(item)
		if err != nil {
			return err
		}
		c := r.contact
		c.ID, c.Folder = r.id, r.shown
		out = append(out, c)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list contacts of account %s: %w", id, err)
	}
	type folded struct {
		name string
		row  activesync.ContactRow
	}
	sorted := make([]folded, len(out))
	for i, c := range out {
		sorted[i] = folded{strings.ToLower(c.Name), c}
	}
	slices.SortFunc(sorted, func(a, b folded) int {
		return cmp.Or(strings.Compare(a.name, b.name), cmp.Compare(a.row.ID, b.row.ID))
	})
	for i, c := range sorted {
		out[i] = c.row
	}
	return out, nil
}

// Events are the events of an account that may have an appearance which begins
// before to and ends after from; series are not expanded.
func (s *Store) Events(ctx context.Context, id activesync.AccountID, from, to time.Time) ([]activesync.Event, error) {
	var out []activesync.Event
	var answers answers
	err := s.eachOfClass(ctx, id, activesync.ClassCalendar, func(a *account, item activesync.ItemID, at uint64, v []byte) error {
		if answers == nil {
			var err error
			if answers, err = a.answers(); err != nil {
				return err
			}
		}
		if len(v) == 9 && (millis(at) >= to.UnixMilli() || int64(binary.BigEndian.Uint64(v[1:])) < from.UnixMilli()) {
			return nil
		}
		r, err := a.row(item)
		if err != nil {
			return err
		}
		ops, err := a.opsOf(r)
		if err != nil {
			return err
		}
		shown, err := a.shownEntry(r, ops)
		if err != nil {
			return err
		}
		answers.show(shown.event)
		out = append(out, *shown.event)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list events of account %s: %w", id, err)
	}
	slices.SortFunc(out, func(a, b activesync.Event) int { return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.ID, b.ID)) })
	return out, nil
}

// eachOfClass goes through the lists of all folders of a class.
func (s *Store) eachOfClass(ctx context.Context, id activesync.AccountID, class activesync.Class, fn func(*account, activesync.ItemID, uint64, []byte) error) error {
	return s.view(ctx, func(t *txn) error {
		a := t.account(id)
		if a == nil {
			return nil
		}
		folders, err := a.folders()
		if err != nil {
			return err
		}
		for f, r := range folders {
			if r.Type.Class() != class {
				continue
			}
			prefix := idKey(uint64(f))
			c := a.in(inList).Cursor()
			for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
				at, item := splitListKey(k)
				if err := fn(a, item, at, v); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// contactRow is what a list shows of a contact.
func contactRow(c *activesync.Contact) activesync.ContactRow {
	out := activesync.ContactRow{Name: c.Name(), Company: c.CompanyName}
	for _, a := range c.Emails() {
		out.Emails = append(out.Emails, a.Address)
	}
	for _, p := range []string{c.MobilePhone, c.BusinessPhone, c.HomePhone, c.Business2Phone, c.Home2Phone, c.CompanyMainPhone} {
		if p != "" {
			out.Phone = p
			break
		}
	}
	return out
}

// forever is later than any appearance of an event.
const forever = int64(1) << 62

// eventSpan is from when on, and until when, an event may appear, exceptions
// included; in milliseconds.
func eventSpan(e *activesync.Event) (first, last int64, series bool) {
	first, last = e.Start.UnixMilli(), e.End.UnixMilli()
	if e.Recurrence.Set {
		length := max(last-first, 0)
		last = forever
		if u := e.Recurrence.Until; !u.IsZero() {
			// Until may name the day only, and the series' clock may be another.
			last = u.UnixMilli() + length + 2*(24*time.Hour).Milliseconds()
		}
	}
	for _, x := range e.Exceptions {
		if x.NewStart != nil {
			first = min(first, x.NewStart.UnixMilli())
			last = max(last, x.NewStart.UnixMilli())
		}
		if x.NewEnd != nil {
			last = max(last, x.NewEnd.UnixMilli())
		}
	}
	return first, max(first, last), e.Recurrence.Set
}
