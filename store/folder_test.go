package store_test

import (
	"errors"
	"slices"
	"testing"

	"eas.example/securemail/activesync"
	"eas.example/securemail/store"
)

func (m *mailbox) folder(id activesync.FolderID) activesync.Folder {
	m.t.Helper()
	f, err := m.Folder(m.t.Context(), id)
	ok(m.t, err)
	return f
}

func (m *mailbox) paths() (out []string) {
	m.t.Helper()
	all, err := m.Folders(m.t.Context(), alice)
	ok(m.t, err)
	names := map[activesync.FolderID]string{}
	for _, f := range all {
		names[f.ID] = names[f.Parent] + "/" + f.Name
		out = append(out, names[f.ID])
	}
	return out
}

func TestFolderCountsFollowTheList(t *testing.T) {
	m := newMailbox(t)
	m.sync(m.inbox, true, added("1:1", 1), added("1:2", 2), added("1:3", 3))
	m.sync(m.archive, true)
	count := func(what string, id activesync.FolderID, total, unread int) {
		t.Helper()
		if f := m.folder(id); f.Total != total || f.Unread != unread {
			t.Errorf("%s: %s counts %d messages, %d unread; want %d, %d", what, f.Name, f.Total, f.Unread, total, unread)
		}
	}
	count("new", m.inbox, 3, 3)
	m.sync(m.inbox, true, readMark("1:1", true), readMark("1:1", true))
	count("read twice", m.inbox, 3, 2)
	op := m.queue(activesync.Op{Kind: activesync.OpMove, Item: m.rows(m.inbox)[0].ID, To: m.archive})
	count("moved", m.inbox, 2, 1)
	count("moved", m.archive, 1, 1)
	ok(t, m.RevertOp(t.Context(), op))
	count("taken back", m.inbox, 3, 2)
	count("taken back", m.archive, 0, 0)
	m.sync(m.inbox, true, removed("1:1"), removed("1:1"), removed("1:9"))
	count("removed", m.inbox, 2, 2)
}

func TestFolderThatCameBackUnderAnotherIdKeepsItsItems(t *testing.T) {
	m := newMailbox(t)
	m.sync(m.archive, true, added("2:1", 1))
	id := m.rows(m.archive)[0].ID
	ok(t, m.SetFolderOptions(t.Context(), m.archive, activesync.FolderOptions{AutoRefresh: true, Check: activesync.CheckManual}))
	again := tree()
	for i := range again {
		again[i].ServerID = "g" + again[i].ServerID
	}
	ok(t, m.ApplyFolders(t.Context(), alice, activesync.KeyNone, "h9", again))
	if f := m.folder(m.archive); f.ServerID != "gf2" || f.Check != activesync.CheckManual {
		t.Errorf("the folder is %+v", f)
	}
	if st, err := m.SyncState(t.Context(), m.archive); err != nil || st.Key != activesync.KeyNone || !st.Resync {
		t.Errorf("it stands at %+v, %v; want that it starts anew", st, err)
	}
	if rows := m.rows(m.archive); len(rows) != 1 || rows[0].ID != id {
		t.Errorf("its list is %+v while it starts anew", rows)
	}
	m.sync(m.archive, true, added("gf2:7", 1))
	if rows := m.rows(m.archive); len(rows) != 1 || rows[0].ID != id {
		t.Errorf("its list is %+v afterwards, want item %d", rows, id)
	}
}

// A folder came back under another id and another name. What it held is known again
// when the server tells of it, with what was to be done to it; the rest goes.
func TestFolderThatCameBackUnderAnotherIdAndName(t *testing.T) {
	m := newMailbox(t)
	m.sync(m.archive, true, added("2:1", 1), added("2:2", 2), added("2:3", 3))
	ids := map[string]activesync.ItemID{}
	for _, h := range m.rows(m.archive) {
		ids[h.Subject] = h.ID
	}
	m.queue(activesync.Op{Kind: activesync.OpFlag, Item: ids["Subject 1"], Flag: activesync.FlagActive})
	again := tree()
	again[1].ServerID, again[1].Name = "gf2", "Old letters"
	ok(t, m.ApplyFolders(t.Context(), alice, activesync.KeyNone, "h9", again))
	ok(t, m.Check(t.Context()))
	all, err := m.Folders(t.Context(), alice)
	ok(t, err)
	var folder activesync.FolderID
	for _, f := range all {
		if f.ServerID == "gf2" {
			folder = f.ID
		}
	}
	if rows := m.rows(folder); folder == m.archive || len(rows) > 0 {
		t.Errorf("folder %v holds %+v before the server tells of it", folder, rows)
	}
	out := m.sync(folder, true, added("gf2:1", 1), added("gf2:2", 2), added("gf2:9", 9))
	if len(out.Arrived) != 1 || out.Arrived[0].Subject != "Subject 9" {
		t.Errorf("%+v arrived, want the ninth alone", out.Arrived)
	}
	rows := m.rows(folder)
	if len(rows) != 3 {
		t.Errorf("the folder holds %+v", rows)
	}
	for _, h := range rows {
		if was := ids[h.Subject]; was != 0 && was != h.ID {
			t.Errorf("%s was item %v and is %v", h.Subject, was, h.ID)
		}
	}
	if ops := m.pending(); len(ops) != 1 || ops[0].ServerID != "gf2:1" || m.header(ids["Subject 1"]).Flag != activesync.FlagActive {
		t.Errorf("the journal holds %+v, want the flag", ops)
	}
	m.sync(folder, true)
	if _, err := m.Header(t.Context(), ids["Subject 3"]); !errors.Is(err, store.ErrNoItem) {
		t.Errorf("what was not told of: %v", err)
	}
	ok(t, m.Check(t.Context()))
}

// Of two new folders neither takes what one that vanished held.
func TestFolderThatVanishesBesideTwoNewOnes(t *testing.T) {
	m := newMailbox(t)
	m.sync(m.archive, true, added("2:1", 1))
	id := m.rows(m.archive)[0].ID
	again := tree()
	again[1].ServerID, again[1].Name = "gf2", "Old letters"
	again = append(again, again[1])
	again[5].ServerID, again[5].Name = "gf6", "New letters"
	ok(t, m.ApplyFolders(t.Context(), alice, activesync.KeyNone, "h9", again))
	if _, err := m.Header(t.Context(), id); !errors.Is(err, store.ErrNoItem) {
		t.Errorf("the message: %v", err)
	}
	ok(t, m.Check(t.Context()))
}

// A whole list that named a folder twice made two of it under one ServerId.
func TestAListThatNamesAFolderTwice(t *testing.T) {
	m := newMailbox(t)
	m.sync(m.archive, true, added("2:1", 1))
	again := tree()
	twice := again[1]
	twice.Name = "Old letters"
	again = append(again, twice)
	fresh := activesync.FolderChange{Kind: activesync.Added, ServerID: "n1", Parent: "0", Name: "New", Type: activesync.FolderUserMail}
	again = append(again, fresh, fresh)
	for _, key := range []activesync.SyncKey{"h9", "h10"} {
		ok(t, m.ApplyFolders(t.Context(), alice, activesync.KeyNone, key, again))
		ok(t, m.Check(t.Context()))
	}
	want := []string{"/Inbox", "/New", "/Old letters", "/Deleted Items", "/Calendar", "/Contacts"}
	if got := m.paths(); !slices.Equal(got, want) {
		t.Errorf("the tree is %v, want %v", got, want)
	}
	if n := len(m.rows(m.archive)); n != 1 {
		t.Errorf("%d messages in the folder that was named twice", n)
	}
}

func TestFolderTree(t *testing.T) {
	m := newMailbox(t)
	add := func(id, parent activesync.ServerID, name string) activesync.FolderChange {
		return activesync.FolderChange{Kind: activesync.Added, ServerID: id, Parent: parent, Name: name, Type: activesync.FolderUserMail}
	}
	ok(t, m.ApplyFolders(t.Context(), alice, "h1", "h2", []activesync.FolderChange{add("p2", "p1", "Harbour"), add("p1", "0", "Projects"), add("p3", "p2", "Plans")}))
	want := []string{"/Inbox", "/Archive", "/Projects", "/Projects/Harbour", "/Projects/Harbour/Plans", "/Deleted Items", "/Calendar", "/Contacts"}
	if got := m.paths(); !slices.Equal(got, want) {
		t.Errorf("the tree is %v, want %v", got, want)
	}
	if err := m.ApplyFolders(t.Context(), alice, "h1", "h3", nil); !errors.Is(err, store.ErrStaleKey) {
		t.Errorf("an answer to an older key gives %v", err)
	}
	// A whole list that is empty is no answer; one without a folder is.
	ok(t, m.ApplyFolders(t.Context(), alice, activesync.KeyNone, "h3", nil))
	if got := m.paths(); len(got) != len(want) {
		t.Errorf("after an empty list the tree is %v", got)
	}
	ring := []activesync.FolderChange{{Kind: activesync.Updated, ServerID: "p1", Parent: "p3", Name: "Projects", Type: activesync.FolderUserMail}}
	ok(t, m.ApplyFolders(t.Context(), alice, "h3", "h4", ring))
	ok(t, m.Check(t.Context()))
	if got := m.paths(); len(got) != len(want) {
		t.Errorf("with a ring of parents the tree is %v", got)
	}
	ok(t, m.ApplyFolders(t.Context(), alice, "h4", "h5", []activesync.FolderChange{{Kind: activesync.Updated, ServerID: "p1", Parent: "0", Name: "Projects", Type: activesync.FolderUserMail},
		{Kind: activesync.Removed, ServerID: "p2"}}))
	want = []string{"/Inbox", "/Archive", "/Projects", "/Deleted Items", "/Calendar", "/Contacts"}
	if got := m.paths(); !slices.Equal(got, want) {
		t.Errorf("with a folder go those below it: the tree is %v, want %v", got, want)
	}
}

// A record that was to move a message into a folder that is gone is left to
// the person, and the message stands where the server has it.
func TestFolderGoneWithAMoveIntoIt(t *testing.T) {
	m := newMailbox(t)
	m.sync(m.inbox, true, added("1:1", 1))
	m.queue(activesync.Op{Kind: activesync.OpMove, Item: m.rows(m.inbox)[0].ID, To: m.archive})
	ok(t, m.ApplyFolders(t.Context(), alice, "h1", "h2", []activesync.FolderChange{{Kind: activesync.Removed, ServerID: "f2"}}))
	if rows := m.rows(m.inbox); len(rows) != 1 {
		t.Errorf("the Inbox holds %+v, want the message back", rows)
	}
	if ops := m.pending(); len(ops) != 1 || ops[0].State != activesync.OpParked || ops[0].Reason == "" {
		t.Errorf("the journal holds %+v, want a parked record with its reason", ops)
	}
}

// What a person made or changed in a folder that the server deletes is left to
// them, in the folder that the server makes itself.
func TestFolderGoneWithWhatWasMadeInIt(t *testing.T) {
	m := newMailbox(t)
	ok(t, m.ApplyFolders(t.Context(), alice, "h1", "h2", []activesync.FolderChange{
		{Kind: activesync.Added, ServerID: "f8", Name: "Suppliers", Type: activesync.FolderUserContacts},
		{Kind: activesync.Added, ServerID: "f9", Name: "Rota", Type: activesync.FolderUserCalendar}}))
	of := map[string]activesync.FolderID{}
	all, err := m.Folders(t.Context(), alice)
	ok(t, err)
	for _, f := range all {
		of[f.Name] = f.ID
	}
	_, err = m.QueueEntries(t.Context(), []activesync.Op{
		{Kind: activesync.OpContactAdd, To: of["Suppliers"], Contact: &activesync.Contact{FirstName: "Ana"}},
		{Kind: activesync.OpEventAdd, To: of["Rota"], Event: &activesync.Event{Subject: "Early shift"}}})
	ok(t, err)
	ok(t, m.ApplyFolders(t.Context(), alice, "h2", "h3", []activesync.FolderChange{
		{Kind: activesync.Removed, ServerID: "f8"}, {Kind: activesync.Removed, ServerID: "f9"}}))
	ops := m.pending()
	if len(ops) != 2 {
		t.Fatalf("the journal holds %+v, want both records", ops)
	}
	for _, op := range ops {
		name, usual := "Ana", of["Contacts"]
		if op.Kind == activesync.OpEventAdd {
			name, usual = "Early shift", of["Calendar"]
		}
		if op.State != activesync.OpParked || op.Reason == "" || op.To != usual || op.Name != name {
			t.Errorf("%+v is not %s, set aside for folder %v with a reason", op, name, usual)
		}
	}
	ok(t, m.Check(t.Context()))
}

func TestTwoAccountsShareNothing(t *testing.T) {
	m := newMailbox(t)
	other := fill(t, m.Store, "bob")
	m.sync(m.inbox, true, added("1:1", 1))
	other.sync(other.inbox, true, added("1:1", 1), added("1:2", 2))
	m.sync(m.inbox, true, removed("1:1"))
	if len(m.rows(m.inbox)) != 0 || len(other.rows(other.inbox)) != 2 {
		t.Errorf("alice has %d messages, bob %d; want 0 and 2", len(m.rows(m.inbox)), len(other.rows(other.inbox)))
	}
	ok(t, m.RemoveAccount(t.Context(), "bob"))
	ok(t, m.Check(t.Context()))
	if _, err := m.Folder(t.Context(), other.inbox); !errors.Is(err, store.ErrNoFolder) {
		t.Errorf("a folder of the removed account gives %v", err)
	}
	if len(m.paths()) != 5 {
		t.Errorf("alice has the folders %v", m.paths())
	}
}

// What a server calls an item is found in whichever account the folder is.
func TestItemsAreFoundByTheirServerIDInEveryAccount(t *testing.T) {
	m := newMailbox(t)
	m.sync(m.inbox, true, added("1:1", 1))
	other := fill(t, m.Store, "bob")
	other.sync(other.inbox, true, added("1:1", 2), added("1:2", 3))
	for _, x := range []struct {
		*mailbox
		id    activesync.ServerID
		known bool
	}{{m, "1:1", true}, {other, "1:1", true}, {other, "1:2", true}, {m, "1:2", false}} {
		got, err := m.ItemOf(t.Context(), x.inbox, x.id)
		ok(t, err)
		h := activesync.Header{}
		for _, row := range x.rows(x.inbox) {
			if row.ID == got {
				h = row
			}
		}
		if (got != 0) != x.known || x.known && h.ID == 0 {
			t.Errorf("%s of folder %s is item %s", x.id, x.inbox, got)
		}
	}
}
