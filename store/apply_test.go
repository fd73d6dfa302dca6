package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/store"
	"eas.example/securemail/store/storetest"
)

const alice = activesync.AccountID("alice")

// noon is the date of the first test message.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// mailbox is a store with the folders of one account.
type mailbox struct {
	*store.Store
	t                                     testing.TB
	inbox, archive, bin, people, calendar activesync.FolderID
}

func tree() []activesync.FolderChange {
	add := func(id, parent activesync.ServerID, name string, t activesync.FolderType) activesync.FolderChange {
		return activesync.FolderChange{Kind: activesync.Added, ServerID: id, Parent: parent, Name: name, Type: t}
	}
	return []activesync.FolderChange{
		add("f1", "0", "Inbox", activesync.FolderInbox),
		add("f2", "0", "Archive", activesync.FolderUserMail),
		add("f3", "0", "Deleted Items", activesync.FolderDeleted),
		add("f4", "0", "Contacts", activesync.FolderContacts),
		add("f5", "0", "Calendar", activesync.FolderCalendar),
	}
}

func newMailbox(t testing.TB) *mailbox {
	t.Helper()
	return fill(t, storetest.Open(t), alice)
}

func fill(t testing.TB, s *store.Store, account activesync.AccountID) *mailbox {
	t.Helper()
	m := &mailbox{Store: s, t: t}
	ok(t, s.ApplyFolders(t.Context(), account, activesync.KeyNone, "h1", tree()))
	folders, err := s.Folders(t.Context(), account)
	ok(t, err)
	for _, f := range folders {
		switch f.ServerID {
		case "f1":
			m.inbox = f.ID
		case "f2":
			m.archive = f.ID
		case "f3":
			m.bin = f.ID
		case "f4":
			m.people = f.ID
		case "f5":
			m.calendar = f.ID
		}
	}
	return m
}

// withMessage is a mailbox with one message in the Inbox.
func withMessage(t testing.TB) (m *mailbox, id activesync.ItemID) {
	t.Helper()
	m = newMailbox(t)
	m.sync(m.inbox, true, added("1:1", 1))
	return m, m.rows(m.inbox)[0].ID
}

// kept is ok for what tells besides whether a record is due.
func kept(t testing.TB) func(bool, error) {
	t.Helper()
	return func(_ bool, err error) {
		t.Helper()
		ok(t, err)
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const allFields = activesync.HasFrom | activesync.HasTo | activesync.HasSubject | activesync.HasDate | activesync.HasRead | activesync.HasBody |
	activesync.HasFlag

// mail is the n-th test message as a server adds it.
func mail(n int) *activesync.MessagePatch {
	body := fmt.Sprintf("This is the text of message %d.", n)
	return &activesync.MessagePatch{Fields: allFields, Message: activesync.Message{
		Header: activesync.Header{
			From: activesync.Address{Name: "Ana Souza", Address: "ana@example.test"}, To: []activesync.Address{{Address: "alice@example.test"}},
			Subject: fmt.Sprintf("Subject %d", n), Date: noon.Add(time.Duration(n) * time.Minute), Size: int64(len(body)),
		},
		Body: activesync.Body{Type: activesync.BodyPlain, Data: []byte(body), Size: int64(len(body))},
	}}
}

func added(id activesync.ServerID, n int) activesync.ItemChange {
	return activesync.ItemChange{Kind: activesync.Added, ServerID: id, Message: mail(n)}
}

func readMark(id activesync.ServerID, read bool) activesync.ItemChange {
	p := &activesync.MessagePatch{Fields: activesync.HasRead}
	p.Read = read
	return activesync.ItemChange{Kind: activesync.Updated, ServerID: id, Message: p}
}

func removed(id activesync.ServerID) activesync.ItemChange {
	return activesync.ItemChange{Kind: activesync.Removed, ServerID: id}
}

// sync applies items to a folder from whatever key it is at.
func (m *mailbox) sync(f activesync.FolderID, inStep bool, items ...activesync.ItemChange) activesync.Applied {
	m.t.Helper()
	st, err := m.SyncState(m.t.Context(), f)
	ok(m.t, err)
	out, err := m.Apply(m.t.Context(), activesync.Batch{Folder: f, From: st.Key, To: st.Key + "+", Items: items, InStep: inStep})
	ok(m.t, err)
	return out
}

func (m *mailbox) rows(f activesync.FolderID) []activesync.Header {
	m.t.Helper()
	w, err := m.Window(m.t.Context(), f, activesync.WindowQuery{Count: 1000})
	ok(m.t, err)
	if w.Total != len(w.Rows) {
		m.t.Errorf("window says %d rows and has %d", w.Total, len(w.Rows))
	}
	return w.Rows
}

func TestApply_first(t *testing.T) {
	m := newMailbox(t)
	got := m.sync(m.inbox, true, added("1:2", 2), added("1:1", 1), added("1:3", 3))
	if got.Added != 3 || len(got.Arrived) != 3 || got.Arrived[0].Subject != "Subject 1" {
		t.Errorf("applied %+v", got)
	}
	rows := m.rows(m.inbox)
	if len(rows) != 3 || rows[0].Subject != "Subject 3" || rows[2].Subject != "Subject 1" {
		t.Fatalf("rows %+v", rows)
	}
	msg, err := m.Message(t.Context(), rows[1].ID)
	ok(t, err)
	if string(msg.Body.Data) != "This is the text of message 2." || msg.From.Name != "Ana Souza" || msg.Folder != m.inbox || msg.Pending {
		t.Errorf("message %+v", msg)
	}
	_, err = m.Apply(t.Context(), activesync.Batch{Folder: m.inbox, From: "0", To: "x", Items: []activesync.ItemChange{added("1:9", 9)}})
	if !errors.Is(err, store.ErrStaleKey) {
		t.Errorf("stale key gives %v", err)
	}
}
