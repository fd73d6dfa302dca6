package server

import (
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

// Stored is an item as the server has it, for comparing.
type Stored struct {
	ID      activesync.ServerID
	Read    bool
	Flag    activesync.FlagStatus
	Verb    activesync.Verb
	Date    time.Time
	Came    time.Time // into its folder
	MIME    []byte
	Contact *activesync.Contact
	Event   *activesync.Event
	Task    *activesync.Task
	Note    *activesync.Note
}

// Items are all items of a folder, in the order in which they came.
func (m *Mailbox) Items(path string) ([]Stored, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f, err := m.path(path)
	if err != nil {
		return nil, err
	}
	var out []Stored
	for _, it := range f.items {
		if it == nil {
			continue
		}
		s := Stored{ID: f.itemID(it), Read: it.read, Flag: it.flag, Verb: it.verb, Date: it.date, Came: it.came, Contact: it.contact, Event: it.event, Task: it.task, Note: it.note}
		if it.source != nil {
			s.MIME = it.source()
		}
		out = append(out, s)
	}
	return out, nil
}

// Folders are the paths of all folders, in the order in which they were made.
func (m *Mailbox) Folders() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []string
	for _, id := range m.order {
		if f := m.folders[id]; !f.gone {
			out = append(out, m.pathOf(f))
		}
	}
	return out
}

// Path is the path of the folder with that id, or the id where there is none.
func (m *Mailbox) Path(id activesync.ServerID) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	bare, _, _ := strings.Cut(string(id), ".") // see RenamesFolders
	if f := m.folders[bare]; f != nil {
		return m.pathOf(f)
	}
	return string(id)
}

func (m *Mailbox) pathOf(f *folder) string {
	path := []string{f.name}
	for p := m.folders[f.parent]; p != nil; p = m.folders[p.parent] {
		path = append(path, p.name)
	}
	slices.Reverse(path)
	return strings.Join(path, "/")
}
