package store_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"eas.example/securemail/activesync"
	"eas.example/securemail/store"
	"eas.example/securemail/store/storetest"
	"pgregory.net/rapid"
)

func (m *mailbox) window(q activesync.WindowQuery) activesync.Window {
	m.t.Helper()
	w, err := m.Window(m.t.Context(), m.inbox, q)
	ok(m.t, err)
	return w
}

func numbers(rows []activesync.Header) (out []int) {
	for _, h := range rows {
		var n int
		fmt.Sscanf(h.Subject, "Subject %d", &n)
		out = append(out, n)
	}
	return out
}

func TestWindowHasTheRowsOnScreenOnly(t *testing.T) {
	m := newMailbox(t)
	var items []activesync.ItemChange
	for n := range 100 {
		items = append(items, added(activesync.ServerID(fmt.Sprint("1:", n)), n))
	}
	m.sync(m.inbox, true, items...)
	for _, c := range []struct {
		q    activesync.WindowQuery
		from int // number of the first message, counting down
		n    int
	}{
		{activesync.WindowQuery{Count: 3}, 99, 3},
		{activesync.WindowQuery{Offset: 10, Count: 5}, 89, 5},
		{activesync.WindowQuery{Offset: 98, Count: 5}, 1, 2},
		{activesync.WindowQuery{Offset: 500, Count: 5}, 0, 0},
		{activesync.WindowQuery{Offset: -7, Count: 1}, 99, 1},
		{activesync.WindowQuery{Count: 0}, 0, 0},
		{activesync.WindowQuery{Count: -1}, 0, 0},
	} {
		w := m.window(c.q)
		var want []int
		for i := range c.n {
			want = append(want, c.from-i)
		}
		if got := numbers(w.Rows); !slices.Equal(got, want) || w.Total != 100 || w.Anchored != -1 {
			t.Errorf("%+v gives %v of %d, anchored at %d; want %v", c.q, got, w.Total, w.Anchored, want)
		}
	}
	if _, err := m.Window(t.Context(), 77, activesync.WindowQuery{Count: 1}); !errors.Is(err, store.ErrNoFolder) {
		t.Errorf("a folder that is not here gives %v", err)
	}
	m.sync(m.people, true, activesync.ItemChange{Kind: activesync.Added, ServerID: "4:1", Contact: &activesync.ContactPatch{Whole: true}})
	if _, err := m.Window(t.Context(), m.people, activesync.WindowQuery{Count: 1}); !errors.Is(err, store.ErrClass) {
		t.Errorf("a folder of contacts gives %v", err)
	}
}

// The row that the person looks at stays where it is on the screen, whatever
// arrives above it or goes.
func TestWindowKeepsTheAnchor(t *testing.T) {
	m := newMailbox(t)
	m.sync(m.inbox, true, added("1:10", 10), added("1:11", 11), added("1:12", 12), added("1:13", 13))
	anchor := m.rows(m.inbox)[2].ID // number 11
	at := activesync.WindowQuery{Anchor: anchor, Before: 1, Count: 3}
	look := func(what string, want []int, offset, anchored int) {
		t.Helper()
		w := m.window(at)
		if got := numbers(w.Rows); !slices.Equal(got, want) || w.Offset != offset || w.Anchored != anchored {
			t.Errorf("%s: rows %v from %d, the anchor at %d; want %v from %d, at %d", what, got, w.Offset, w.Anchored, want, offset, anchored)
		}
	}
	look("at first", []int{12, 11, 10}, 1, 1)
	m.sync(m.inbox, true, added("1:20", 20), added("1:21", 21))
	look("two arrived above", []int{12, 11, 10}, 3, 1)
	m.sync(m.inbox, true, removed("1:12"))
	look("the one above is gone", []int{13, 11, 10}, 2, 1)
	m.sync(m.inbox, true, removed("1:20"), removed("1:21"), removed("1:13"))
	look("it is the first", []int{11, 10}, 0, 0)
	m.queue(activesync.Op{Kind: activesync.OpDelete, Item: anchor})
	look("it is gone", []int{10}, 0, -1)
}

// A read mark takes the anchor out of the list of unread messages.
func TestWindowUnread(t *testing.T) {
	m := newMailbox(t)
	m.sync(m.inbox, true, added("1:1", 1), added("1:2", 2), added("1:3", 3), readMark("1:2", true))
	anchor := m.rows(m.inbox)[2].ID
	q := activesync.WindowQuery{Unread: true, Anchor: anchor, Before: 5, Count: 5}
	if w := m.window(q); !slices.Equal(numbers(w.Rows), []int{3, 1}) || w.Total != 2 || w.Anchored != 1 {
		t.Errorf("unread are %v of %d, anchored at %d", numbers(w.Rows), w.Total, w.Anchored)
	}
	m.queue(activesync.Op{Kind: activesync.OpRead, Item: anchor, Read: true})
	if w := m.window(q); !slices.Equal(numbers(w.Rows), []int{3}) || w.Total != 1 || w.Anchored != -1 {
		t.Errorf("after the mark unread are %v of %d, anchored at %d", numbers(w.Rows), w.Total, w.Anchored)
	}
}

// line is one message of the list against which windows are held.
type line struct {
	n    int
	date int
	id   activesync.ItemID
	read bool
}

// Windows of a list long enough for all the ways in which they are made, with
// changes between them.
func TestWindowAgainstASlice(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := storetest.Open(t)
		defer storetest.Close(t, s)
		s.NoSync()
		m := fill(t, s, alice)
		var list []line
		lastN := 0
		arrive := func(k int) {
			var items []activesync.ItemChange
			dates := map[int]int{}
			seed := rapid.Uint64().Draw(rt, "dates")
			for range k {
				lastN++
				dates[lastN] = int(seed>>1) * lastN % 1999 // some have the same
				c := added(activesync.ServerID(fmt.Sprint("1:", lastN)), dates[lastN])
				c.Message.Subject = fmt.Sprint("Subject ", lastN)
				items = append(items, c)
			}
			for _, h := range m.sync(m.inbox, true, items...).Arrived {
				var n int
				fmt.Sscanf(h.Subject, "Subject %d", &n)
				list = append(list, line{n: n, date: dates[n], id: h.ID})
			}
			slices.SortFunc(list, func(a, b line) int { return cmp.Or(cmp.Compare(b.date, a.date), cmp.Compare(a.id, b.id)) })
		}
		arrive(rapid.SampledFrom([]int{3, 40, 40, 700}).Draw(rt, "first"))
		rt.Repeat(map[string]func(*rapid.T){
			"arrive": func(*rapid.T) { arrive(rapid.IntRange(1, 5).Draw(rt, "n")) },
			"remove": func(*rapid.T) {
				if len(list) > 0 {
					i := rapid.IntRange(0, len(list)-1).Draw(rt, "i")
					m.sync(m.inbox, true, removed(activesync.ServerID(fmt.Sprint("1:", list[i].n))))
					list = slices.Delete(list, i, i+1)
				}
			},
			"read": func(*rapid.T) {
				if len(list) > 0 {
					i := rapid.IntRange(0, len(list)-1).Draw(rt, "i")
					list[i].read = !list[i].read
					m.sync(m.inbox, true, readMark(activesync.ServerID(fmt.Sprint("1:", list[i].n)), list[i].read))
				}
			},
			"": func(*rapid.T) {
				q := activesync.WindowQuery{Offset: rapid.IntRange(0, len(list)+3).Draw(rt, "offset"), Count: rapid.IntRange(0, 60).Draw(rt, "count"),
					Before: rapid.IntRange(0, 20).Draw(rt, "before"), Unread: rapid.Bool().Draw(rt, "unread")}
				if len(list) > 0 && rapid.Bool().Draw(rt, "anchored") {
					q.Anchor = rapid.SampledFrom(list).Draw(rt, "anchor").id
				}
				compareWindow(rt, m.window(q), q, list)
			},
		})
	})
}

func compareWindow(t *rapid.T, w activesync.Window, q activesync.WindowQuery, list []line) {
	if q.Unread {
		list = slices.DeleteFunc(slices.Clone(list), func(l line) bool { return l.read })
	}
	start, anchored := min(q.Offset, len(list)), -1
	if i := slices.IndexFunc(list, func(l line) bool { return l.id == q.Anchor }); i >= 0 {
		start = max(i-q.Before, 0)
		if i-start < q.Count {
			anchored = i - start
		}
	}
	want := list[start:min(start+q.Count, len(list))]
	same := slices.EqualFunc(w.Rows, want, func(h activesync.Header, l line) bool { return h.ID == l.id && h.Read == l.read })
	if !same || w.Offset != start || w.Total != len(list) || w.Anchored != anchored {
		t.Fatalf("%+v gives %v from %d of %d, anchored at %d; want %v from %d of %d, at %d", q, numbers(w.Rows), w.Offset, w.Total, w.Anchored,
			want, start, len(list), anchored)
	}
}

// Readers see the list before or after a change, never one between.
func TestWindowWhileWriting(t *testing.T) {
	m := newMailbox(t)
	m.NoSync()
	const rounds, each = 60, 7
	var wait sync.WaitGroup
	done := make(chan struct{})
	for range 3 {
		wait.Go(func() {
			for {
				w, err := m.Window(t.Context(), m.inbox, activesync.WindowQuery{Count: rounds * each})
				if err != nil || w.Total != len(w.Rows) || w.Total%each != 0 {
					t.Errorf("a window of %d rows says there are %d, %v", len(w.Rows), w.Total, err)
					return
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for r := range rounds {
		var items []activesync.ItemChange
		for i := range each {
			items = append(items, added(activesync.ServerID(fmt.Sprint("1:", r*each+i)), r*each+i))
		}
		m.sync(m.inbox, false, items...)
	}
	close(done)
	wait.Wait()
}
