package server

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

// Mailbox is all that one user has on the server.
type Mailbox struct {
	name, password, email string
	davCalendars          bool // they are named after their kind

	mu      sync.Mutex
	folders map[string]*folder
	order   []string // folder ids as they were made
	nextID  int
	rev     uint64        // of the last change of anything
	changed chan struct{} // closed at the next change; nil while nobody waits
	devices map[string]*device
	wipe    wipe // asked for
	wiped   wipe // confirmed
	oof     wire.Oof
	always  map[string]string // folder ids of conversations that are moved as they come
}

// The folders that every mailbox has.
var standard = []struct {
	name string
	kind activesync.FolderType
}{
	{"Inbox", activesync.FolderInbox}, {"Drafts", activesync.FolderDrafts}, {"Deleted Items", activesync.FolderDeleted},
	{"Sent Items", activesync.FolderSent}, {"Outbox", activesync.FolderOutbox}, {"Tasks", activesync.FolderTasks},
	{"Calendar", activesync.FolderCalendar}, {"Contacts", activesync.FolderContacts}, {"Notes", activesync.FolderNotes},
	{"Junk Email", activesync.FolderUserMail}, {"Archive", activesync.FolderUserMail},
}

func newMailbox(name, password, email string, p Personality) *Mailbox {
	m := &Mailbox{name: name, password: password, email: email, davCalendars: p.MailsAnswers, folders: map[string]*folder{}, devices: map[string]*device{}, oof: emptyOof(), always: map[string]string{}}
	for _, f := range standard {
		m.addFolder("0", f.name, f.kind)
	}
	return m
}

// Email is the address of the user.
func (m *Mailbox) Email() string { return m.email }

// touch notes a change. The caller holds mu.
func (m *Mailbox) touch() uint64 {
	m.rev++
	if m.changed != nil {
		close(m.changed)
		m.changed = nil
	}
	return m.rev
}

func (m *Mailbox) addFolder(parent, name string, kind activesync.FolderType) *folder {
	m.nextID++
	id := strconv.Itoa(m.nextID)
	if m.davCalendars && kind.Class() == activesync.ClassCalendar {
		id = "vevent%2F" + id
	}
	f := &folder{id: id, parent: parent, name: name, kind: kind, rev: m.touch()}
	m.folders[f.id] = f
	m.order = append(m.order, f.id)
	return f
}

// Errors of the methods by which tests and samples change a mailbox.
var (
	ErrNoFolder = errors.New("the mailbox has no such folder")
	ErrNoItem   = errors.New("the folder has no such item")
)

// AddFolder makes a folder of that path, such as Projects/Harbour, with the
// folders above it, and returns its id.
func (m *Mailbox) AddFolder(path string, kind activesync.FolderType) activesync.ServerID {
	m.mu.Lock()
	defer m.mu.Unlock()
	parent := "0"
	for name := range strings.SplitSeq(path, "/") {
		if f := m.child(parent, name); f != nil {
			parent = f.id
			continue
		}
		parent = m.addFolder(parent, name, kind).id
	}
	return activesync.ServerID(parent)
}

func (m *Mailbox) child(parent, name string) *folder {
	for _, id := range m.order {
		if f := m.folders[id]; !f.gone && f.parent == parent && strings.EqualFold(f.name, name) {
			return f
		}
	}
	return nil
}

// path finds a folder by its path. The caller holds mu.
func (m *Mailbox) path(path string) (*folder, error) {
	parent, f := "0", (*folder)(nil)
	for name := range strings.SplitSeq(path, "/") {
		if f = m.child(parent, name); f == nil {
			return nil, fmt.Errorf("%w: %s", ErrNoFolder, path)
		}
		parent = f.id
	}
	return f, nil
}

// kind is the first folder of a type. The caller holds mu.
func (m *Mailbox) kind(t activesync.FolderType) *folder {
	for _, id := range m.order {
		if f := m.folders[id]; f.kind == t && !f.gone {
			return f
		}
	}
	return nil
}

// FolderID is the id of the folder with that path.
func (m *Mailbox) FolderID(path string) (activesync.ServerID, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f, err := m.path(path)
	if err != nil {
		return "", err
	}
	return activesync.ServerID(f.id), nil
}

// AddContact puts a contact into a folder.
func (m *Mailbox) AddContact(path string, c activesync.Contact) (activesync.ServerID, error) {
	return m.add(path, &item{contact: &c})
}

// AddEvent puts an event into a folder.
func (m *Mailbox) AddEvent(path string, e activesync.Event) (activesync.ServerID, error) {
	return m.add(path, &item{event: &e, date: e.Start})
}

func (m *Mailbox) add(path string, it *item) (activesync.ServerID, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f, err := m.path(path)
	if err != nil {
		return "", err
	}
	return f.itemID(m.put(f, it)), nil
}

// SetContact makes a contact what another device of the user made of it.
func (m *Mailbox) SetContact(id activesync.ServerID, c activesync.Contact) error {
	return m.edit(id, func(_ *folder, it *item) { it.contact, it.changed = &c, m.touch(); it.whole = it.changed })
}

// SetEvent makes an event what another device of the user made of it.
func (m *Mailbox) SetEvent(id activesync.ServerID, e activesync.Event) error {
	return m.edit(id, func(_ *folder, it *item) {
		it.event, it.date, it.changed = &e, e.Start, m.touch()
		it.whole = it.changed
	})
}

func (m *Mailbox) remove(f *folder, it *item) {
	m.touch()
	f.items[it.number-1] = nil
	f.untidy = true
}

// move puts an item into another folder, where it gets another id.
func (m *Mailbox) move(from, to *folder, it *item) *item {
	copied := *it
	m.remove(from, it)
	return m.keep(to, &copied)
}

// find locates an item of any folder. The caller holds mu.
func (m *Mailbox) find(id activesync.ServerID) (*folder, *item) {
	folder, _, _ := strings.Cut(string(id), ":")
	f := m.folders[folder]
	if f == nil || f.gone {
		return nil, nil
	}
	return f, f.item(id)
}

// edit changes an item that is there.
func (m *Mailbox) edit(id activesync.ServerID, do func(*folder, *item)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	f, it := m.find(id)
	if it == nil {
		return fmt.Errorf("%w: %s", ErrNoItem, id)
	}
	do(f, it)
	return nil
}

// MarkRead is what another device of the user does.
func (m *Mailbox) MarkRead(id activesync.ServerID, read bool) error {
	return m.edit(id, func(_ *folder, it *item) { it.read, it.changed = read, m.touch() })
}

// MarkFlag is what another device of the user does.
func (m *Mailbox) MarkFlag(id activesync.ServerID, flag activesync.FlagStatus) error {
	return m.edit(id, func(_ *folder, it *item) { it.flag, it.changed = flag, m.touch() })
}

// SetDraft makes a draft what another device of the user made of it.
func (m *Mailbox) SetDraft(id activesync.ServerID, mime []byte) error {
	return m.edit(id, func(f *folder, it *item) {
		it.source, it.date, it.changed = Mail(mime), time.Now().UTC().Truncate(time.Second), m.touch()
		it.whole, f.untidy = it.changed, true
	})
}

// Delete removes an item for good, as another device of the user does.
func (m *Mailbox) Delete(id activesync.ServerID) error {
	return m.edit(id, func(f *folder, it *item) { m.remove(f, it) })
}

// DeleteAll is Delete for many items at one moment; those that are gone are
// passed over.
func (m *Mailbox) DeleteAll(ids []activesync.ServerID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range ids {
		if f, it := m.find(id); it != nil {
			m.remove(f, it)
		}
	}
}

// Move moves an item to the folder of that path, as another device does.
func (m *Mailbox) Move(id activesync.ServerID, path string) (moved activesync.ServerID, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f, it := m.find(id)
	if it == nil {
		return "", fmt.Errorf("%w: %s", ErrNoItem, id)
	}
	to, err := m.path(path)
	if err != nil {
		return "", err
	}
	return to.itemID(m.move(f, to, it)), nil
}

// Renumber gives all items other ids, as a server does that has made a folder
// anew: an id may mean another item now. It forgets all keys with them.
func (m *Mailbox) Renumber() {
	m.mu.Lock()
	for _, f := range m.folders {
		var left []*item
		for _, it := range f.items {
			if it != nil {
				left = append(left, it)
			}
		}
		slices.Reverse(left)
		f.items, f.byDate, f.untidy = left, nil, true
		for i, it := range left {
			it.number = i + 1
			f.byDate = append(f.byDate, int32(it.number))
		}
	}
	m.mu.Unlock()
	m.ForgetKeys()
}

// ForgetKeys makes the server forget what all devices have, as after a repair:
// every SyncKey is refused from now on.
func (m *Mailbox) ForgetKeys() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, d := range m.devices {
		d.collections = map[string]*collection{}
		d.hierarchy = nil
		d.hierarchyKey = ""
	}
}
