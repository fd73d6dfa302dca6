package engine_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

// texts are the first words of the messages in a folder.
func (w *world) texts(f activesync.Folder) (out []string) {
	w.t.Helper()
	win, err := w.store.Window(w.t.Context(), f.ID, activesync.WindowQuery{Count: 100})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, h := range win.Rows {
		m, err := w.store.Message(w.t.Context(), h.ID)
		if err != nil {
			w.t.Fatal(err)
		}
		text, _, _ := strings.Cut(string(m.Body.Data), "\r\n")
		out = append(out, text)
	}
	slices.Sort(out)
	return out
}

// Two messages that are alike in all but their text, and are deleted one after
// the other, arrive in Deleted Items each with its own text and none doubled.
func TestTwoThatAreAlikeAreNotTakenForEachOther(t *testing.T) {
	for _, p := range server.Personalities() {
		t.Run(p.Name, func(t *testing.T) { synctest.Test(t, func(t *testing.T) { deleteTwoAlike(t, p) }) })
	}
}

func deleteTwoAlike(t *testing.T, p server.Personality) {
	w := newWorld(t, server.Config{Versions: []activesync.Version{activesync.V141}, Personality: p})
	date := time.Now().Add(-time.Hour).Truncate(time.Second)
	one := mime("alike", date)
	list := []server.Delivery{{Source: server.Mail(one), Date: date}, {Source: server.Mail(bytes.Replace(one, []byte("Text of"), []byte("Copy of"), 1)), Date: date}}
	if err := w.box.PutAll("Inbox", list); err != nil {
		t.Fatal(err)
	}
	w.settle()
	win, err := w.store.Window(t.Context(), w.folder(activesync.FolderInbox).ID, activesync.WindowQuery{Count: 10})
	if err != nil || len(win.Rows) != 2 {
		t.Fatalf("%d messages, %v", len(win.Rows), err)
	}
	for _, h := range win.Rows {
		if _, err := w.store.Queue(t.Context(), activesync.Op{Kind: activesync.OpDelete, Item: h.ID}, nil); err != nil {
			t.Fatal(err)
		}
		w.settle()
	}
	if got, want := w.texts(w.folder(activesync.FolderDeleted)), []string{"Copy of alike.", "Text of alike."}; !slices.Equal(got, want) {
		t.Errorf("Deleted Items holds %q, want %q", got, want)
	}
}

// What is moved into a folder that a message has stopped is not told of. It stays
// here nevertheless: the server has it.
func TestMessageMovedIntoAStuckFolderStays(t *testing.T) {
	for _, unnamed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, server.Config{Personality: server.Personality{PoisonStops: true, UnnamedMoves: unnamed}})
			w.fill(1)
			w.sync()
			if _, err := w.box.Deliver("Deleted Items", server.Mail(mime("bad \uFFFE", time.Now())), false); err != nil {
				t.Fatal(err)
			}
			to, id := w.folder(activesync.FolderDeleted), w.rows(activesync.FolderInbox)[0].ID
			w.do(activesync.Op{Kind: activesync.OpMove, Item: id, To: to.ID})
			for range 4 {
				w.sync()
			}
			if h, err := w.store.Header(t.Context(), id); err != nil || h.Folder != to.ID {
				t.Errorf("it is in %v, %v; want it in %v", h.Folder, err, to.ID)
			}
			if n := w.requests("MoveItems", ""); n != 1 {
				t.Errorf("moved %d times", n)
			}
		})
	}
}

// A server numbers its items anew, and of two that are alike each has the other's
// number. Each keeps its marks.
func TestTwoThatAreAlikeSwapTheirNumbers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, server.Config{Personality: server.Personality{BareIDs: true}})
		date := time.Now().Add(-time.Hour).Truncate(time.Second)
		one := mime("alike", date)
		list := []server.Delivery{{Source: server.Mail(one), Date: date}, {Source: server.Mail(bytes.Replace(one, []byte("Text of"), []byte("Copy of"), 1)), Date: date, Read: true}}
		if err := w.box.PutAll("Inbox", list); err != nil {
			t.Fatal(err)
		}
		w.sync()
		before := map[activesync.ItemID]bool{}
		for _, h := range w.rows(activesync.FolderInbox) {
			before[h.ID] = h.Read
		}
		w.box.Renumber()
		w.sync()
		for _, h := range w.rows(activesync.FolderInbox) {
			if read, ok := before[h.ID]; !ok || read != h.Read {
				t.Errorf("item %v is read %v, and was %v, %v", h.ID, h.Read, read, ok)
			}
		}
	})
}

// Two messages that are alike to the last byte are moved one after the other, and
// the server does not say what they are called then. The second is not taken for
// the first, which it has told of: that would go from the list, and come as new.
func TestTwoThatAreEqualAreMovedOneAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, server.Config{Personality: server.Personality{UnnamedMoves: true}})
		date := time.Now().Add(-time.Hour).Truncate(time.Second)
		same := server.Delivery{Source: server.Mail(mime("alike", date)), Date: date}
		if err := w.box.PutAll("Inbox", []server.Delivery{same, same}); err != nil {
			t.Fatal(err)
		}
		w.sync()
		to := w.folder(activesync.FolderUserMail)
		for n, h := range w.rows(activesync.FolderInbox) {
			w.do(activesync.Op{Kind: activesync.OpMove, Item: h.ID, To: to.ID})
			w.push()
			if rows := w.rows(activesync.FolderUserMail); len(rows) != n+1 || !slices.ContainsFunc(rows, func(r activesync.Header) bool { return r.ID == h.ID }) {
				t.Errorf("after %d moves the list holds %+v", n+1, rows)
			}
			w.sync()
		}
		w.sync()
		if rows := w.rows(activesync.FolderUserMail); len(rows) != 2 || rows[0].ID+rows[1].ID != 3 {
			t.Errorf("in the end the list holds %+v, want the items 1 and 2", rows)
		}
	})
}

// Two messages that are alike but for being read are moved together, and the server
// does not say what they are called then. Each stays what it was, with what was
// done to it since.
func TestTwoThatAreAlikeAreKnownByTheirMarks(t *testing.T) {
	for _, flagged := range []bool{false, true} { // the one that is read, or the other
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, server.Config{Personality: server.Personality{UnnamedMoves: true}})
			date := time.Now().Add(-time.Hour).Truncate(time.Second)
			one := server.Delivery{Source: server.Mail(mime("alike", date)), Date: date}
			other := one
			other.Read = true
			if err := w.box.PutAll("Inbox", []server.Delivery{one, other}); err != nil {
				t.Fatal(err)
			}
			w.sync()
			rows, to := w.rows(activesync.FolderInbox), w.folder(activesync.FolderDeleted)
			for _, h := range rows {
				w.do(activesync.Op{Kind: activesync.OpMove, Item: h.ID, To: to.ID})
			}
			w.push()
			for _, h := range rows {
				if h.Read == flagged {
					w.do(activesync.Op{Kind: activesync.OpFlag, Item: h.ID, Flag: activesync.FlagActive})
				}
			}
			w.sync()
			w.sync()
			there, err := w.box.Items("Deleted Items")
			if err != nil || len(there) != 2 {
				t.Fatalf("on the server are %v, %v", there, err)
			}
			for _, it := range there {
				if (it.Flag == activesync.FlagActive) != (it.Read == flagged) {
					t.Errorf("the one that is read %v has flag %d, and read %v was flagged", it.Read, it.Flag, flagged)
				}
			}
		})
	}
}
