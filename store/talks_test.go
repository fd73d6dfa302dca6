package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/store"
	"eas.example/securemail/store/storetest"
	"go.etcd.io/bbolt"
)

// said is message n of a conversation, by a person.
func said(id activesync.ServerID, n int, conversation, who string) activesync.ItemChange {
	c := added(id, n)
	c.Message.Conversation, c.Message.From = []byte(conversation), activesync.Address{Name: who, Address: who + "@example.test"}
	c.Message.Fields |= activesync.HasConversation
	return c
}

func (m *mailbox) talks(q activesync.WindowQuery) (w activesync.Window, told []string) {
	m.t.Helper()
	q.Conversations = true
	w = m.window(q)
	if len(w.Rows) != len(w.Conversations) {
		m.t.Fatalf("%d rows for %d conversations", len(w.Rows), len(w.Conversations))
	}
	for i, c := range w.Conversations {
		told = append(told, fmt.Sprint(numbers(w.Rows[i : i+1])[0], " ", len(c.Items), "/", c.Unread, " ", c.People))
	}
	return w, told
}

func (m *mailbox) wantTalks(what string, q activesync.WindowQuery, want ...string) activesync.Window {
	m.t.Helper()
	w, got := m.talks(q)
	if !slices.Equal(got, want) {
		m.t.Errorf("%s: the conversations are %q, want %q", what, got, want)
	}
	return w
}

func TestConversationsAreOneRowEach(t *testing.T) {
	m := newMailbox(t)
	m.sync(m.inbox, true, said("1:1", 1, "A", "Ana"), said("1:2", 2, "B", "Ben"), said("1:3", 3, "A", "Cy"), said("1:4", 4, "A", "Ana"), added("1:5", 5))
	all := activesync.WindowQuery{Count: 10}
	m.wantTalks("at first", all, "5 1/1 [Ana Souza]", "4 3/3 [Cy Ana]", "2 1/1 [Ben]")
	m.sync(m.inbox, true, readMark("1:4", true), said("1:6", 6, "B", "Cy"))
	w := m.wantTalks("one came, one was read", all, "6 2/2 [Ben Cy]", "5 1/1 [Ana Souza]", "4 3/2 [Cy Ana]")
	if c := w.Conversations[2]; w.Rows[2].Read || c.Show != c.Items[1] {
		t.Errorf("shown is %v of %v, read %t; want the newest unread one", c.Show, c.Items, w.Rows[2].Read)
	}
	m.queue(activesync.Op{Kind: activesync.OpDelete, Item: w.Conversations[0].Items[0]})
	m.wantTalks("the newest was deleted", all, "5 1/1 [Ana Souza]", "4 3/2 [Cy Ana]", "2 1/1 [Ben]")
	m.sync(m.inbox, true, readMark("1:2", true), removed("1:5"))
	w = m.wantTalks("all of one read, another gone", all, "4 3/2 [Cy Ana]", "2 1/0 [Ben]")
	if c := w.Conversations[1]; !w.Rows[1].Read || c.Show != c.Items[0] {
		t.Errorf("of a conversation that was read %v is shown", c.Show)
	}
	if w := m.wantTalks("unread only", activesync.WindowQuery{Count: 10, Unread: true}, "4 3/2 [Cy Ana]"); w.Total != 1 {
		t.Errorf("there are %d unread conversations", w.Total)
	}
}

// Any message of a conversation is an anchor for its row.
func TestConversationsKeepTheAnchor(t *testing.T) {
	m := newMailbox(t)
	var items []activesync.ItemChange
	for n := range 40 {
		items = append(items, said(activesync.ServerID(fmt.Sprint("1:", n)), n, fmt.Sprint(n%20), "Ana"))
	}
	m.sync(m.inbox, true, items...)
	oldest := m.rows(m.inbox)[39].ID // number 0, of the conversation whose newest is 20
	w := m.wantTalks("around it", activesync.WindowQuery{Anchor: oldest, Before: 1, Count: 3}, "21 2/2 [Ana]", "20 2/2 [Ana]")
	if w.Anchored != 1 || w.Offset != 18 || w.Total != 20 {
		t.Errorf("the anchor is at %d from %d of %d", w.Anchored, w.Offset, w.Total)
	}
	m.sync(m.inbox, true, said("1:99", 99, "0", "Ben"))
	if w := m.wantTalks("it moved up", activesync.WindowQuery{Anchor: oldest, Before: 1, Count: 1}, "99 3/3 [Ana Ben]"); w.Anchored != 0 || w.Offset != 0 {
		t.Errorf("the anchor is at %d from %d", w.Anchored, w.Offset)
	}
}

// A server of version 12.1 names no conversations: the topic does.
func TestConversationsByTopic(t *testing.T) {
	m := newMailbox(t)
	of := func(id activesync.ServerID, n int, subject string) activesync.ItemChange {
		c := added(id, n)
		c.Message.Subject = subject
		return c
	}
	m.sync(m.inbox, true, of("1:1", 1, "Quay"), of("1:2", 2, "Re: Quay"), of("1:3", 3, "AW: Re: quay"), of("1:4", 4, ""), of("1:5", 5, ""))
	m.wantTalks("by topic", activesync.WindowQuery{Count: 10}, "0 1/1 [Ana Souza]", "0 1/1 [Ana Souza]", "0 3/3 [Ana Souza]")
}

// The page of a conversation has what lies in other folders too, but not what
// was deleted there.
func TestThreadOverFolders(t *testing.T) {
	m := newMailbox(t)
	m.sync(m.inbox, true, said("1:1", 1, "A", "Ana"), said("1:3", 3, "A", "Ana"), said("1:4", 4, "B", "Ben"), said("1:5", 5, "A", "Cy"))
	m.sync(m.archive, true, said("2:2", 2, "A", "Alice"))
	rows := m.rows(m.inbox)
	m.queue(activesync.Op{Kind: activesync.OpDelete, Item: rows[2].ID}) // number 3
	list, err := m.Thread(t.Context(), rows[0].ID)
	ok(t, err)
	if got := numbers(list); !slices.Equal(got, []int{1, 2, 5}) {
		t.Errorf("the conversation has messages %v, want 1, 2, 5", got)
	}
}

// A file from before there were conversations gets them when it is opened.
func TestMigrateToConversations(t *testing.T) {
	m := newMailbox(t)
	m.sync(m.inbox, true, said("1:1", 1, "A", "Ana"), said("1:2", 2, "A", "Ben"), added("1:3", 3))
	ok(t, m.Edit(func(tx *bbolt.Tx) error {
		accounts := tx.Bucket([]byte("accounts"))
		return accounts.ForEach(func(k, _ []byte) error {
			a := accounts.Bucket(k)
			counts := a.Bucket([]byte("counts"))
			err := counts.ForEach(func(k, v []byte) error { return counts.Put(slices.Clone(k), slices.Clone(v[:16])) })
			for _, b := range []string{"threads", "heads"} {
				if err == nil {
					err = a.DeleteBucket([]byte(b))
				}
			}
			if err == nil {
				err = tx.Bucket([]byte("meta")).Put([]byte("schema"), []byte{0, 0, 0, 0, 0, 0, 0, 1})
			}
			return err
		})
	}))
	ok(t, m.Store.Close())
	s, err := store.Open(m.Path(), options())
	ok(t, err)
	m = resume(t, s)
	m.wantTalks("after the migration", activesync.WindowQuery{Count: 5}, "3 1/1 [Ana Souza]", "2 2/2 [Ana Ben]")
	storetest.Close(t, s)
}

// talkative is a message of the benchmarks, four of which are a conversation.
func talkative(n int) activesync.ItemChange {
	c := added(activesync.ServerID(fmt.Sprint("1:", n)), n)
	c.Message.Date = noon.Add(time.Duration(n) * time.Minute)
	c.Message.Conversation, c.Message.Fields = fmt.Append(nil, n*7919%large/4), c.Message.Fields|activesync.HasConversation
	return c
}

func BenchmarkConversations(b *testing.B) {
	m := newLarge(b, talkative)
	ask := func(b *testing.B, q activesync.WindowQuery) activesync.Window {
		q.Conversations = true
		w, err := m.Window(b.Context(), m.inbox, q)
		if err != nil || len(w.Rows) != 60 {
			b.Fatalf("%d rows, %v", len(w.Rows), err)
		}
		return w
	}
	b.Run("newest", func(b *testing.B) {
		for b.Loop() {
			ask(b, activesync.WindowQuery{Count: 60})
		}
	})
	anchor := ask(b, activesync.WindowQuery{Offset: large / 8, Count: 60}).Rows[0].ID
	b.Run("middle", func(b *testing.B) {
		for b.Loop() {
			ask(b, activesync.WindowQuery{Anchor: anchor, Before: 20, Count: 60})
		}
	})
	b.Run("middle after a change", func(b *testing.B) {
		for n := large; b.Loop(); n++ {
			b.StopTimer()
			m.sync(m.inbox, true, talkative(n))
			b.StartTimer()
			ask(b, activesync.WindowQuery{Anchor: anchor, Before: 20, Count: 60})
		}
	})
	b.Run("the messages of one", func(b *testing.B) {
		for b.Loop() {
			if list, err := m.Thread(b.Context(), anchor); err != nil || len(list) < 4 {
				b.Fatalf("%d messages, %v", len(list), err)
			}
		}
	})
}

// BenchmarkMigrateToConversations is the opening of a large file from before.
func BenchmarkMigrateToConversations(b *testing.B) {
	m := newLarge(b, talkative)
	var took time.Duration
	for b.Loop() {
		ok(b, m.Edit(func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte("accounts")).ForEach(func(k, _ []byte) error {
				a := tx.Bucket([]byte("accounts")).Bucket(k)
				if err := a.DeleteBucket([]byte("threads")); err != nil {
					return err
				}
				return a.DeleteBucket([]byte("heads"))
			})
		}))
		began := time.Now()
		ok(b, m.Remake())
		took += time.Since(began)
	}
	b.ReportMetric(took.Seconds()/float64(b.N), "s/migration")
}
