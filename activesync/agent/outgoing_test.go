package agent_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/message"
)

func (h *house) letter(due time.Time) activesync.Draft {
	return activesync.Draft{Account: h.acc.ID, To: []activesync.Address{{Address: "bob@example.test"}}, Bcc: []activesync.Address{{Address: "carol@example.test"}},
		Subject: "Harbour", Text: "As it was written.\n", Key: "k", Stamp: "a1", Due: due}
}

// sentAt are the messages that left: what lies in Sent.
func (h *house) sentAt() []*message.Mail {
	h.t.Helper()
	items, err := h.box.Items("Sent Items")
	if err != nil {
		h.t.Fatal(err)
	}
	var out []*message.Mail
	for _, it := range items {
		out = append(out, message.ParseBytes(it.MIME))
	}
	return out
}

func (h *house) outbox() []activesync.Op {
	h.t.Helper()
	ops, err := h.agent.Outbox(h.t.Context(), h.acc.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return ops
}

func TestAMessageWaitsUntilItIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.add()
		h.run()
		time.Sleep(time.Minute)
		due := time.Now().Add(3 * time.Hour)
		if _, err := h.agent.Send(t.Context(), h.letter(due)); err != nil {
			t.Fatal(err)
		}
		// Looking by hand does not send it before its time.
		if err := h.agent.Push(t.Context(), h.acc.ID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Until(due) - time.Second)
		synctest.Wait()
		if got := h.sentAt(); len(got) != 0 || len(h.outbox()) != 1 {
			t.Fatalf("%d sent, %d in the outbox before its time", len(got), len(h.outbox()))
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		got := h.sentAt()
		if len(got) != 1 || len(h.outbox()) != 0 || !got[0].Date.Equal(due.Truncate(time.Second)) {
			t.Fatalf("sent %d, outbox %d, date %v, want %v", len(got), len(h.outbox()), got, due)
		}
	})
}

func TestAMessageIsTakenBackAsItWasWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.add()
		h.run()
		time.Sleep(time.Minute)
		id, err := h.agent.Send(t.Context(), h.letter(time.Now().Add(10*time.Second)))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(9 * time.Second)
		d, err := h.agent.TakeDraft(t.Context(), id)
		if err != nil || d.Text != "As it was written.\n" || d.Key != "k" || len(d.Bcc) != 1 {
			t.Fatalf("%+v, %v", d, err)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(h.sentAt()) != 0 || len(h.outbox()) != 0 {
			t.Errorf("sent nevertheless: %v", h.sentAt())
		}
		if kept, err := h.agent.Drafts(t.Context()); err != nil || kept["k"].Text != d.Text {
			t.Errorf("kept %v, %v", kept, err)
		}
		d.Due = time.Time{}
		if id, err = h.agent.Send(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if _, err := h.agent.TakeDraft(t.Context(), id); !errors.Is(err, agent.ErrDone) {
			t.Errorf("taken back after it was sent: %v", err)
		}
		if kept, err := h.agent.Drafts(t.Context()); err != nil || len(kept) != 0 {
			t.Errorf("after it was sent there is still %v, %v", kept, err)
		}
		if got := h.sentAt(); len(got) != 1 {
			t.Errorf("sent %d times", len(got))
		}
	})
}

func TestAMessageOfACommandIsTakenBackFromItsMIME(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.add()
		id, err := h.agent.SendMIME(t.Context(), h.acc.ID, time.Time{},
			strings.NewReader("To: bob@example.test\nSubject: From a pipe\nContent-Type: text/plain; charset=utf-8\n\nGrüße\n"))
		if err != nil {
			t.Fatal(err)
		}
		d, err := h.agent.TakeDraft(t.Context(), id)
		if err != nil || d.Subject != "From a pipe" || strings.TrimSpace(d.Text) != "Grüße" || d.To[0].Address != "bob@example.test" {
			t.Fatalf("%+v, %v", d, err)
		}
		if kept, err := h.agent.Drafts(t.Context()); err != nil || len(kept) != 1 || len(h.outbox()) != 0 {
			t.Errorf("kept %v, %v", kept, err)
		}
	})
}

func TestWhenItIsSentCanBeChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.add()
		h.run()
		time.Sleep(time.Minute)
		id, err := h.agent.Send(t.Context(), h.letter(time.Now().Add(48*time.Hour)))
		if err != nil {
			t.Fatal(err)
		}
		due := time.Now().Add(time.Hour)
		if err := h.agent.Postpone(t.Context(), id, due); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour - time.Second)
		synctest.Wait()
		if len(h.sentAt()) != 0 {
			t.Fatal("sent too early")
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if got := h.sentAt(); len(got) != 1 || !got[0].Date.Equal(due.Truncate(time.Second)) {
			t.Fatalf("sent %v, want the date %v", got, due)
		}
		if id, err = h.agent.Send(t.Context(), h.letter(time.Now().Add(48*time.Hour))); err != nil {
			t.Fatal(err)
		}
		if err := h.agent.Postpone(t.Context(), id, time.Time{}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if got := h.sentAt(); len(got) != 2 || time.Since(got[1].Date) > time.Minute {
			t.Errorf("at once: %d sent", len(got))
		}
	})
}
