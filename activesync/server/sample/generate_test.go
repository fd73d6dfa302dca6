package sample

import (
	"bytes"
	"runtime"
	"testing"
	"time"

	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/server"
)

func TestGeneratedMail(t *testing.T) {
	now := moments(t)["a Tuesday"]
	const n = 800
	box := server.New(server.Config{}).AddUser("alice", "wonderland", "alice@example.test")
	g, err := NewGenerator(n, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Fill(box, "Inbox"); err != nil {
		t.Fatal(err)
	}
	all := items(t, box, "Inbox")
	ids, subjects, senders, answers, unread := map[string]bool{}, map[string]bool{}, map[string]bool{}, 0, 0
	for i, it := range all {
		m := message.ParseBytes(it.MIME)
		if m.Note != "" || !m.Date.Equal(it.Date) || it.Date.After(now) || i > 0 && it.Date.Before(all[i-1].Date) || bytes.ContainsAny(it.MIME, "{}") && m.HTML == "" {
			t.Fatalf("%d: note %q, dated %v, says %v\n%s", i, m.Note, it.Date, m.Date, it.MIME)
		}
		if m.InReplyTo != "" {
			answers++
			if !ids[m.InReplyTo] {
				t.Fatalf("%d answers %s, which has not come before", i, m.InReplyTo)
			}
		}
		ids[m.MessageID], subjects[m.Subject], senders[m.From[0].Address] = true, true, true
		if !it.Read {
			unread++
		}
	}
	if len(ids) != n || len(subjects) < n/4 || len(senders) < 30 || answers < n/3 || unread < n/40 || unread > n/8 {
		t.Errorf("%d ids, %d subjects, %d senders, %d answers, %d unread", len(ids), len(subjects), len(senders), answers, unread)
	}
	again, err := NewGenerator(n, now)
	if err != nil {
		t.Fatal(err)
	}
	if got := again.letter(77).source(); !bytes.Equal(got, all[n-1-77].MIME) {
		t.Error("not the same again")
	}
}

// A mailbox of 100,000 messages is there at once and small, as its messages
// are made when they are asked for.
func BenchmarkFill100000(b *testing.B) {
	now := time.Now()
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		box := server.New(server.Config{}).AddUser("alice", "wonderland", "alice@example.test")
		g, err := NewGenerator(100_000, now)
		if err != nil {
			b.Fatal(err)
		}
		if err := g.Fill(box, "Inbox"); err != nil {
			b.Fatal(err)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/100_000, "B/message")
		runtime.KeepAlive(box)
	}
}
