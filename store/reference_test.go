package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"eas.example/securemail/activesync"
	"eas.example/securemail/store"
	"eas.example/securemail/store/storetest"
	"pgregory.net/rapid"
)

// headed is message n under a subject, of which the server names no
// conversation.
func headed(n int, subject string) activesync.ItemChange {
	c := added(activesync.ServerID(fmt.Sprintf("1:%d", n)), n)
	c.Message.Subject = subject
	return c
}

// heads tells of messages by their place among the rows, the oldest is 0, what
// they are answers to.
func (m *mailbox) heads(heads map[int]activesync.Head) {
	m.t.Helper()
	rows := m.rows(m.inbox)
	slices.Reverse(rows)
	put := map[activesync.ItemID]activesync.Head{}
	for n, h := range heads {
		put[rows[n].ID] = h
	}
	ok(m.t, m.PutHeads(m.t.Context(), put))
}

// groups are the conversations of the Inbox as numbers of messages, oldest
// first.
func (m *mailbox) groups() (out []string) {
	m.t.Helper()
	at := map[activesync.ItemID]int{}
	rows := m.rows(m.inbox)
	for i, r := range rows {
		at[r.ID] = len(rows) - 1 - i
	}
	for _, c := range m.window(activesync.WindowQuery{Count: 1000, Conversations: true}).Conversations {
		var of []int
		for _, id := range c.Items {
			of = append(of, at[id])
		}
		slices.Sort(of)
		out = append(out, fmt.Sprint(of))
	}
	slices.Sort(out)
	return out
}

func (m *mailbox) wantGroups(what string, want ...string) {
	m.t.Helper()
	if got := m.groups(); !slices.Equal(got, want) {
		m.t.Errorf("%s: the conversations are %v, want %v", what, got, want)
	}
}

func TestConversationsByReferences(t *testing.T) {
	m := newMailbox(t)
	m.sync(m.inbox, true, headed(0, "Report"), headed(1, "RE: Report"), headed(2, "Report"), headed(3, "Another subject"), headed(4, "AW: Report"), headed(5, "Re: Old"), headed(6, "Old"))
	m.wantGroups("by topic", "[0 1 2 4]", "[3]", "[5 6]")
	missing, err := m.MissingHeads(t.Context(), m.inbox, 3)
	ok(t, err)
	if rows := m.rows(m.inbox); len(missing) != 3 || missing[0] != rows[0].ID {
		t.Errorf("missing are %v, want the three newest", missing)
	}
	m.heads(map[int]activesync.Head{
		0: {MessageID: "a"}, 1: {MessageID: "b", References: []string{"a"}}, 2: {MessageID: "c"}, 3: {MessageID: "d", References: []string{"a", "b"}},
		4: {MessageID: "e"}, // answers nothing that it names
		5: {MessageID: "f", References: []string{"gone"}}, 6: {}})
	m.wantGroups("by references", "[0 1 3]", "[2]", "[4]", "[5]", "[6]")
	if missing, err = m.MissingHeads(t.Context(), m.inbox, 10); err != nil || len(missing) != 0 {
		t.Errorf("missing are still %v, %v", missing, err)
	}
	m.sync(m.inbox, true, removed("1:0"))
	m.wantGroups("the first one is gone", "[0 2]", "[1]", "[3]", "[4]", "[5]")
	storetest.Close(t, m.Store)
	s, err := store.Open(m.Path(), options())
	ok(t, err)
	m = resume(t, s)
	defer storetest.Close(t, s)
	m.wantGroups("opened again", "[0 2]", "[1]", "[3]", "[4]", "[5]")
}

// The server's own word counts before that of headers.
func TestConversationIdBeforeReferences(t *testing.T) {
	m := newMailbox(t)
	m.sync(m.inbox, true, said("1:1", 1, "A", "Ana"), said("1:2", 2, "B", "Ben"))
	if missing, err := m.MissingHeads(t.Context(), m.inbox, 10); err != nil || len(missing) != 0 {
		t.Errorf("headers of %v are asked for, %v", missing, err)
	}
	m.heads(map[int]activesync.Head{0: {MessageID: "a"}, 1: {MessageID: "b", References: []string{"a"}}})
	m.wantGroups("named by the server", "[0]", "[1]")
}

// In whatever order headers are learned, and whether they name the whole way or
// only what they answer, a conversation is one.
func TestReferencesInAnyOrder(t *testing.T) {
	m := newMailbox(t)
	rapid.Check(t, func(rt *rapid.T) {
		var items []activesync.ItemChange
		for i := range 10 {
			items = append(items, removed(activesync.ServerID(fmt.Sprintf("1:%d", i))))
		}
		m.sync(m.inbox, true, items...)
		items = nil
		n := rapid.IntRange(1, 10).Draw(rt, "messages")
		heads, root, path := make([]activesync.Head, n), make([]int, n), make([][]string, n)
		for i := range n {
			heads[i].MessageID = fmt.Sprint("m", i)
			root[i] = i
			if i > 0 && rapid.IntRange(0, 3).Draw(rt, "answers") > 0 {
				p := rapid.IntRange(0, i-1).Draw(rt, "parent")
				root[i], path[i] = root[p], append(slices.Clone(path[p]), heads[p].MessageID)
				heads[i].References = path[i]
				if rapid.Bool().Draw(rt, "short") {
					heads[i].References = path[i][len(path[i])-1:]
				}
			}
			items = append(items, headed(i, strings.Repeat("x", i+1)))
		}
		m.sync(m.inbox, true, items...)
		for some := range slices.Chunk(rapid.Permutation(indices(n)).Draw(rt, "order"), rapid.IntRange(1, n).Draw(rt, "at once")) {
			put := map[int]activesync.Head{}
			for _, i := range some {
				put[i] = heads[i]
			}
			m.heads(put)
		}
		of := map[int][]int{}
		for i, r := range root {
			of[r] = append(of[r], i)
		}
		var want []string
		for _, g := range of {
			want = append(want, fmt.Sprint(g))
		}
		slices.Sort(want)
		if got := m.groups(); !slices.Equal(got, want) {
			rt.Fatalf("the conversations are %v, want %v", got, want)
		}
	})
}

func indices(n int) (out []int) {
	for i := range n {
		out = append(out, i)
	}
	return out
}
