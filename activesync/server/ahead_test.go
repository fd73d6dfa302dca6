package server_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

// TestReadsAhead: while a device is busy with a window, the messages of the next
// are taken apart; what happens to them meanwhile is told as it is by then.
func TestReadsAhead(t *testing.T) {
	const n, window = 12, 4
	c := newConn(t, activesync.V161, server.Config{OldestFirst: true})
	web := httptest.NewServer(c.srv)
	defer web.Close()
	over := &http.Transport{MaxConnsPerHost: 1, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", web.Listener.Addr().String())
	}}
	defer over.CloseIdleConnections()
	c.over = over
	var read [n]atomic.Int32
	reading := make(chan int, 10*n)
	var ids []activesync.ServerID
	for i := range n {
		mime := letter(fmt.Sprintf("Letter %d", i), time.Date(2026, 11, 1, 12, i, 0, 0, time.UTC), "Dear all,\r\n")
		id, err := c.box.Deliver("Inbox", func() []byte {
			read[i].Add(1)
			reading <- i
			return mime
		}, false)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
		<-reading // for its date
	}
	inbox := c.folders()["Inbox"]
	in := c.collection(inbox, c.prime(inbox, activesync.ClassEmail, wholeText()), activesync.ClassEmail)
	in.WindowSize = window
	var got []string
	unread := 0
	for round, more := 0, true; more; round++ {
		res := c.sync(in)
		in.SyncKey, more = res.SyncKey, res.MoreAvailable
		got = append(got, subjects(t, res)...)
		items, _ := res.Changes(activesync.ClassEmail)
		for _, it := range items {
			if !it.Message.Read {
				unread++
			}
		}
		if round == 2 {
			break
		}
		for <-reading != window*(round+2)-1 { // until the last of those made ready
		}
		if round == 0 {
			if err := c.box.MarkRead(ids[5], true); err != nil {
				t.Fatal(err)
			}
			if err := c.box.Delete(ids[6]); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := []string{}
	for i := range n {
		if i != 6 {
			want = append(want, fmt.Sprintf("Letter %d", i))
		}
		times := int32(2) // for its date, and once to be told of
		if i == 5 {
			times = 3
		}
		if now := read[i].Load(); now != times {
			t.Errorf("message %d was read %d times, not %d", i, now, times)
		}
	}
	if !slices.Equal(got, want) || unread != len(want)-1 {
		t.Errorf("got %v with %d unread, want %v with %d", got, unread, want, len(want)-1)
	}
}
