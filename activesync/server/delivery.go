package server

import (
	"bytes"
	"net/mail"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
)

// Delivery is a message on its way into a folder.
type Delivery struct {
	Source Source
	// Date is when it arrived; zero is that of its header, else now.
	Date       time.Time
	Read       bool
	Flag       activesync.FlagStatus
	Verb       activesync.Verb
	Categories []string
}

// Deliver puts a message into a folder, unread unless read says otherwise, and
// returns its id.
func (m *Mailbox) Deliver(path string, source Source, read bool) (activesync.ServerID, error) {
	return m.Put(path, Delivery{Source: source, Read: read})
}

// DeliverDated is Deliver for a message whose date is known, so that it need
// not be read now.
func (m *Mailbox) DeliverDated(path string, source Source, date time.Time, read bool) (activesync.ServerID, error) {
	return m.Put(path, Delivery{Source: source, Date: date, Read: read})
}

// Put is Deliver for a message that something was already done with.
func (m *Mailbox) Put(path string, d Delivery) (activesync.ServerID, error) {
	if d.Date.IsZero() {
		d.Date = dateOf(d.Source())
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	f, err := m.path(path)
	if err != nil {
		return "", err
	}
	it := m.put(f, &item{source: d.Source, date: d.Date.UTC(), read: d.Read, flag: d.Flag, verb: d.Verb, cats: d.Categories})
	return f.itemID(it), nil
}

// PutAll is Put for many messages that come at the same moment.
func (m *Mailbox) PutAll(path string, list []Delivery) error {
	for i := range list {
		if list[i].Date.IsZero() {
			list[i].Date = dateOf(list[i].Source())
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	f, err := m.path(path)
	if err != nil {
		return err
	}
	for _, d := range list {
		m.put(f, &item{source: d.Source, date: d.Date.UTC(), read: d.Read, flag: d.Flag, verb: d.Verb, cats: d.Categories})
	}
	return nil
}

// dateOf is the date in the header of a message, now where there is none.
func dateOf(mime []byte) time.Time {
	head := mime[:min(len(mime), 1<<16)]
	for _, end := range []string{"\r\n\r\n", "\n\n"} {
		if i := bytes.Index(head, []byte(end)); i >= 0 {
			head = head[:i+len(end)]
		}
	}
	p := message.ParseBytes(head)
	if !p.Date.IsZero() {
		return p.Date
	}
	// The topmost Received field ends with when the message came.
	received := p.Header.Raw("Received")
	if t, err := mail.ParseDate(strings.TrimSpace(received[strings.LastIndexByte(received, ';')+1:])); err == nil {
		return t.UTC()
	}
	return time.Now().UTC().Truncate(time.Second)
}

// put is keep for an item that comes in; it may go to another folder.
func (m *Mailbox) put(f *folder, it *item) *item { return m.keep(m.redirect(f, it), it) }

// keep puts an item behind the others of a folder, where it gets its id.
func (m *Mailbox) keep(f *folder, it *item) *item {
	m.touch()
	it.number, it.came = len(f.items)+1, time.Now()
	it.draft = f.kind == activesync.FolderDrafts
	if it.date.Before(f.latest) {
		f.untidy = true
	} else {
		f.latest = it.date
	}
	f.items = append(f.items, it)
	f.byDate = append(f.byDate, int32(it.number))
	return it
}
