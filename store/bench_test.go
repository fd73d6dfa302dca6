package store_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/store"
	"eas.example/securemail/store/storetest"
)

// large is how many messages the mailbox of the benchmarks holds.
const large = 100_000

// letter is a message as real ones are: some kilobytes that can be compressed.
func letter(n int) activesync.ItemChange {
	c := added(activesync.ServerID(fmt.Sprint("1:", n)), n)
	c.Message.Date = noon.Add(time.Duration(n) * time.Minute)
	c.Message.Preview = "Thanks, the new figures are in the attached sheet. Could you look at row 12 before Tuesday?"
	c.Message.Fields |= activesync.HasPreview
	for len(c.Message.Body.Data) < 3000 {
		c.Message.Body.Data = fmt.Appendf(c.Message.Body.Data, "Line %d of message %d says what has to be said, and then some more.\r\n", len(c.Message.Body.Data), n)
	}
	return c
}

// newLarge makes the mailbox of what item gives by its number.
func newLarge(b *testing.B, item func(n int) activesync.ItemChange) *mailbox {
	b.Helper()
	s := storetest.OpenAt(b, b.TempDir()+"/mail.db")
	s.NoSync()
	m := fill(b, s, alice)
	const batch = 500
	for from := 0; from < large; from += batch {
		items := make([]activesync.ItemChange, batch)
		for i := range items {
			items[i] = item(from + i)
		}
		m.sync(m.inbox, from+batch == large, items...)
	}
	return m
}

func BenchmarkWindow(b *testing.B) {
	m := newLarge(b, letter)
	ask := func(b *testing.B, q activesync.WindowQuery) activesync.Window {
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
	b.Run("middle", func(b *testing.B) {
		anchor := ask(b, activesync.WindowQuery{Offset: large / 2, Count: 60}).Rows[0].ID
		for b.Loop() {
			ask(b, activesync.WindowQuery{Anchor: anchor, Before: 20, Count: 60})
		}
	})
	b.Run("middle after a change", func(b *testing.B) {
		anchor := ask(b, activesync.WindowQuery{Offset: large / 2, Count: 60}).Rows[0].ID
		for n := large; b.Loop(); n++ {
			b.StopTimer()
			m.sync(m.inbox, true, letter(n))
			b.StartTimer()
			ask(b, activesync.WindowQuery{Anchor: anchor, Before: 20, Count: 60})
		}
	})
}

// BenchmarkApply is the commit of one answer with 100 messages, on the disk.
func BenchmarkApply(b *testing.B) {
	m := newLarge(b, letter)
	ok(b, m.Close())
	s, err := store.Open(m.Path(), options())
	ok(b, err)
	b.Cleanup(func() { s.Close() })
	m.Store = s
	for n := large; b.Loop(); n += 100 {
		b.StopTimer()
		items := make([]activesync.ItemChange, 100)
		for i := range items {
			items[i] = letter(n + i)
		}
		b.StartTimer()
		m.sync(m.inbox, true, items...)
	}
	b.ReportMetric(float64(b.N)*100/b.Elapsed().Seconds(), "messages/s")
}

// BenchmarkMark is one read mark of the person, written to the disk.
func BenchmarkMark(b *testing.B) {
	m := newLarge(b, letter)
	ok(b, m.Close())
	s, err := store.Open(m.Path(), options())
	ok(b, err)
	b.Cleanup(func() { s.Close() })
	m.Store = s
	rows := m.window(activesync.WindowQuery{Count: 60}).Rows
	for n := 0; b.Loop(); n++ {
		id := m.queue(activesync.Op{Kind: activesync.OpRead, Item: rows[n%60].ID, Read: true})
		b.StopTimer()
		ok(b, m.RevertOp(b.Context(), id))
		b.StartTimer()
	}
}

func BenchmarkCheck(b *testing.B) {
	m := newLarge(b, letter)
	info, err := os.Stat(m.Path())
	ok(b, err)
	for b.Loop() {
		ok(b, m.Check(b.Context()))
	}
	b.ReportMetric(float64(info.Size())/large, "B/message")
}

func BenchmarkOpen(b *testing.B) {
	m := newLarge(b, letter)
	ok(b, m.Close())
	for b.Loop() {
		s, err := store.Open(m.Path(), options())
		ok(b, err)
		ok(b, s.Close())
	}
}
