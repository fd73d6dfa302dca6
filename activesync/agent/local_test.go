package agent_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/client"
	"eas.example/securemail/activesync/engine"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/store"
	"eas.example/securemail/store/storetest"
)

// shelf is a Book in memory.
type shelf struct {
	mu        sync.Mutex
	accounts  []activesync.Account
	passwords map[activesync.AccountID]string
	locked    error // nothing can be added
}

func (s *shelf) Accounts() ([]activesync.Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.accounts), nil
}

func (s *shelf) Change(a activesync.Account, password string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.passwords[a.ID] = password
	return nil
}

func (s *shelf) Password(id activesync.AccountID) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.passwords[id], nil
}

func (s *shelf) Add(a activesync.Account, password string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.locked != nil {
		return s.locked
	}
	s.accounts = append(s.accounts, a)
	s.passwords[a.ID] = password
	return nil
}

func (s *shelf) Remove(id activesync.AccountID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accounts = nil
	delete(s.passwords, id)
	return nil
}

type house struct {
	t     *testing.T
	box   *server.Mailbox
	store *store.Store
	agent *agent.Local
	acc   activesync.Account
	shut  func() // ends what run began
}

func newHouse(t *testing.T) *house {
	t.Helper()
	return newHouseOn(t, server.Config{})
}

func newHouseOn(t *testing.T, c server.Config) *house {
	t.Helper()
	srv := server.New(c)
	h := &house{t: t, box: srv.AddUser("alice", "pw", "alice@example.test"), store: storetest.Open(t)}
	l, err := agent.NewLocal(agent.Config{Store: h.store, Book: &shelf{passwords: map[activesync.AccountID]string{}},
		Dial: func(a activesync.Account, password string) (engine.Server, error) {
			return client.New(client.Config{Endpoint: a.Server, User: a.Login(), Password: password, DeviceID: h.store.DeviceID(), DeviceType: "securemail", Transport: srv.Transport()})
		}})
	if err != nil {
		t.Fatal(err)
	}
	h.agent = l
	return h
}

func (h *house) add() {
	h.t.Helper()
	acc, err := h.agent.AddAccount(h.t.Context(), activesync.Account{Email: "alice@example.test", Server: "http://127.0.0.1/Microsoft-Server-ActiveSync", User: "alice"}, "pw")
	if err != nil {
		h.t.Fatal(err)
	}
	h.acc = acc
}

func (h *house) deliver(n int) {
	h.t.Helper()
	for i := range n {
		mail := fmt.Sprintf("From: ana@example.test\r\nTo: alice@example.test\r\nSubject: m%d\r\nDate: %s\r\nMessage-ID: <%d@example.test>\r\n\r\nText.\r\n",
			i, time.Now().Add(-time.Duration(i)*time.Hour).Format(time.RFC1123Z), i)
		if _, err := h.box.Deliver("Inbox", server.Mail([]byte(mail)), false); err != nil {
			h.t.Fatal(err)
		}
	}
}

func (h *house) run() {
	h.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.agent.Run(ctx) }()
	h.shut = sync.OnceFunc(func() {
		stop()
		if err := <-done; err != nil {
			h.t.Error(err)
		}
	})
	h.t.Cleanup(h.shut)
}

func (h *house) inbox() (activesync.Folder, []activesync.Header) {
	h.t.Helper()
	all, err := h.agent.Folders(context.Background(), h.acc.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, f := range all {
		if f.Type == activesync.FolderInbox {
			win, err := h.agent.Window(context.Background(), f.ID, activesync.WindowQuery{Count: 1000})
			if err != nil {
				h.t.Fatal(err)
			}
			return f, win.Rows
		}
	}
	h.t.Fatal("no Inbox")
	return activesync.Folder{}, nil
}

func TestAnAccountThatCannotSignInIsNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		_, err := h.agent.AddAccount(t.Context(), activesync.Account{Email: "alice@example.test", Server: "http://127.0.0.1/Microsoft-Server-ActiveSync", User: "alice"}, "wrong")
		if !errors.Is(err, activesync.ErrAuth) || strings.Contains(err.Error(), "wrong") {
			t.Fatalf("error %v", err)
		}
		if all, err := h.agent.Accounts(t.Context()); err != nil || len(all) != 0 {
			t.Errorf("accounts %v, %v", all, err)
		}
	})
}

// An account whose password cannot be kept leaves nothing in the store.
func TestAnAccountThatCannotBeKeptLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.agent.Book.(*shelf).locked = errors.New("the keyring is locked")
		a := activesync.Account{ID: "one", Email: "alice@example.test", Server: "http://127.0.0.1/Microsoft-Server-ActiveSync", User: "alice"}
		if _, err := h.agent.AddAccount(t.Context(), a, "pw"); err == nil || !strings.Contains(err.Error(), "keyring") {
			t.Fatalf("error %v", err)
		}
		if f, err := h.store.Folders(t.Context(), "one"); err != nil || len(f) != 0 {
			t.Errorf("%d folders are left, %v", len(f), err)
		}
	})
}

func TestUndoBeforeAndAfterTheServerKnows(t *testing.T) {
	for _, after := range []bool{false, true} {
		for _, kind := range []activesync.OpKind{activesync.OpRead, activesync.OpFlag, activesync.OpDelete, activesync.OpMove} {
			t.Run(fmt.Sprintf("%s after %v", kind, after), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					h := newHouse(t)
					h.deliver(3)
					h.add()
					h.run()
					time.Sleep(time.Minute)
					inbox, rows := h.inbox()
					op := activesync.Op{Kind: kind, Item: rows[1].ID, Read: true, Flag: activesync.FlagActive}
					all, err := h.agent.Folders(t.Context(), h.acc.ID)
					if err != nil {
						t.Fatal(err)
					}
					for _, f := range all {
						if f.Type == activesync.FolderDeleted && kind == activesync.OpMove {
							op.To = f.ID
						}
					}
					ids, err := h.agent.Do(t.Context(), op)
					if err != nil {
						t.Fatal(err)
					}
					if after {
						time.Sleep(5 * time.Minute)
					}
					if err := h.agent.Undo(t.Context(), ids...); err != nil {
						t.Fatal(err)
					}
					time.Sleep(5 * time.Minute)
					synctest.Wait()
					_, again := h.inbox()
					if len(again) != 3 || again[1].ID != rows[1].ID || again[1].Read != rows[1].Read || again[1].Flag != rows[1].Flag {
						t.Errorf("the Inbox holds %+v", again)
					}
					stored, err := h.box.Items("Inbox")
					if err != nil || len(stored) != 3 {
						t.Errorf("the server has %d messages in the Inbox, want 3; %v", len(stored), err)
					}
					if f, err := h.store.Folder(t.Context(), inbox.ID); err != nil || f.Unread != 3 {
						t.Errorf("%d unread, want 3; %v", f.Unread, err)
					}
				})
			})
		}
	}
}

func TestDraftIsSentOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.add()
		h.run()
		time.Sleep(time.Minute)
		if _, err := h.agent.Send(t.Context(), activesync.Draft{Account: h.acc.ID, Subject: "x"}); !errors.Is(err, activesync.ErrRejected) {
			t.Errorf("without recipients: %v", err)
		}
		_, err := h.agent.Send(t.Context(), activesync.Draft{Account: h.acc.ID, To: []activesync.Address{{Address: "alice@example.test"}}, Subject: "Grüße", Text: "Hallo\n",
			Attachments: []activesync.DraftAttachment{{Name: "a.txt", Data: []byte("data")}}})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		_, rows := h.inbox()
		if len(rows) != 1 || rows[0].Subject != "Grüße" || !rows[0].HasAttachments {
			t.Fatalf("the Inbox holds %+v", rows)
		}
		var file strings.Builder
		if err := h.agent.Attachment(t.Context(), rows[0].ID, 0, &file); err != nil || file.String() != "data" {
			t.Errorf("attachment %q, %v", file.String(), err)
		}
		if ops, err := h.agent.Outbox(t.Context(), h.acc.ID); err != nil || len(ops) != 0 {
			t.Errorf("outbox %v, %v", ops, err)
		}
	})
}

func TestDraftsAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.add()
		if err := h.agent.KeepDraft(t.Context(), "k", activesync.Draft{Account: "nobody", Text: "x"}); !errors.Is(err, agent.ErrNoAccount) {
			t.Errorf("kept for an account that is not there: %v", err)
		}
		if err := h.agent.KeepDraft(t.Context(), "k", activesync.Draft{Account: h.acc.ID, Text: "half a sen"}); err != nil {
			t.Fatal(err)
		}
		if d, err := h.agent.Drafts(t.Context()); err != nil || len(d) != 1 || d["k"].Text != "half a sen" {
			t.Errorf("drafts %v, %v", d, err)
		}
		if err := h.agent.DropDraft(t.Context(), "k", ""); err != nil {
			t.Fatal(err)
		}
		if d, err := h.agent.Drafts(t.Context()); err != nil || len(d) != 0 {
			t.Errorf("drafts %v, %v", d, err)
		}
	})
}

func TestRemovedAccountLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.deliver(5)
		h.add()
		h.run()
		time.Sleep(time.Minute)
		if err := h.agent.RemoveAccount(t.Context(), h.acc.ID); err != nil {
			t.Fatal(err)
		}
		if f, err := h.store.Folders(t.Context(), h.acc.ID); err == nil && len(f) > 0 {
			t.Errorf("folders are left: %v", f)
		}
		if items, err := h.box.Items("Inbox"); err != nil || len(items) != 5 {
			t.Errorf("the server has %d messages, want 5; %v", len(items), err)
		}
	})
}

func TestASlowListenerIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.deliver(1)
		h.add()
		ctx, stop := context.WithCancel(t.Context())
		notices := h.agent.Subscribe(ctx)
		folder, _ := h.inbox()
		for range 2000 {
			if err := h.agent.SetFolderOptions(t.Context(), folder.ID, folder.FolderOptions); err != nil {
				t.Fatal(err)
			}
		}
		stop()
		synctest.Wait()
		overflow := false
		for n := range notices {
			overflow = overflow || n.Kind == activesync.NoticeOverflow
		}
		if !overflow {
			t.Error("nothing told of what was lost")
		}
	})
}
