package engine_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

func TestMessageThatIsNeverAcceptedIsLeftToThePerson(t *testing.T) {
	answer, err := wbxml.Marshal(&wire.SendMailResponse{Status: 120})
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, server.Config{})
		w.sync()
		w.setFault(func(r *server.Request) *server.Fault {
			if r.Command == "SendMail" {
				return &server.Fault{Status: http.StatusOK, Body: string(answer)}
			}
			return nil
		})
		raw := mime("refused", time.Now())
		if _, err := w.store.Queue(t.Context(), activesync.Op{Account: w.account.ID, Kind: activesync.OpSend, Created: time.Now(), State: activesync.OpPending,
			Send: &activesync.Outgoing{ClientID: "c1", MessageID: "refused@example.test", Subject: "refused", Size: int64(len(raw))}}, raw); err != nil {
			t.Fatal(err)
		}
		w.run()
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if n := w.requests("SendMail", ""); n < 3 || n > 10 {
			t.Errorf("it was offered %d times", n)
		}
		ops, err := w.store.Pending(t.Context(), w.account.ID)
		if err != nil || len(ops) != 1 || ops[0].State != activesync.OpParked || !strings.Contains(ops[0].Reason, "not accepted") {
			t.Errorf("the outbox holds %+v, %v; want it parked with the reason", ops, err)
		}
	})
}

func TestSyncByHandDoesNotWaitForTheNextTry(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		w.sync()
		raw := mime("later", time.Now())
		if _, err := w.store.Queue(t.Context(), activesync.Op{Account: w.account.ID, Kind: activesync.OpSend, Created: time.Now(), State: activesync.OpPending,
			Send: &activesync.Outgoing{ClientID: "c1", MessageID: "later@example.test", Subject: "later", Size: int64(len(raw))}}, raw); err != nil {
			t.Fatal(err)
		}
		w.setFault(func(r *server.Request) *server.Fault {
			if r.Command == "SendMail" {
				return &server.Fault{Status: http.StatusServiceUnavailable}
			}
			return nil
		})
		if err := w.engine.Push(t.Context()); err == nil {
			t.Fatal("a busy server took the message")
		}
		w.setFault(nil)
		w.sync() // at once: the clock has not moved
		if came, err := w.box.Items("Inbox"); err != nil || len(came) != 1 {
			t.Errorf("%d messages came, %v; want one", len(came), err)
		}
	})
}

// What the server refuses before it comes to a record sets none aside, and makes
// none uncertain: all goes out once it serves again.
func TestARefusalOfWhatComesBeforeARecord(t *testing.T) {
	policies := func(w *world) { w.box.DropPolicyKeys() }
	for name, c := range map[string]struct {
		command string
		fault   server.Fault
		before  func(*world)
	}{
		"versions":                     {"OPTIONS", server.Fault{Status: http.StatusBadRequest}, func(w *world) { w.engine = w.newEngine(testPassword) }},
		"policies":                     {"Provision", server.Fault{Status: http.StatusBadRequest}, policies},
		"policies, by a status":        {"Provision", server.Fault{Status: http.StatusOK, Body: document(&wire.ProvisionResponse{Status: 2})}, policies},
		"policies, by a broken line":   {"Provision", server.Fault{Drop: true}, policies},
		"policies, by a broken server": {"Provision", server.Fault{Status: http.StatusInternalServerError}, policies},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, server.Config{Policies: map[string]string{"AttachmentsEnabled": "1"}})
				w.fill(4)
				w.sync()
				rows := w.rows(activesync.FolderInbox)
				w.do(activesync.Op{Kind: activesync.OpRead, Item: rows[0].ID, Read: !rows[0].Read})
				w.do(activesync.Op{Kind: activesync.OpMove, Item: rows[1].ID, To: w.folder(activesync.FolderDeleted).ID})
				raw := mime("mine", time.Now())
				if _, err := w.store.Queue(t.Context(), activesync.Op{Account: w.account.ID, Kind: activesync.OpSend, State: activesync.OpPending,
					Send: &activesync.Outgoing{ClientID: "c1", MessageID: "mine@example.test", Subject: "mine", Size: int64(len(raw))}}, raw); err != nil {
					t.Fatal(err)
				}
				c.before(w)
				w.setFault(func(r *server.Request) *server.Fault {
					if r.Command == c.command {
						return &c.fault
					}
					return nil
				})
				w.run()
				time.Sleep(time.Hour)
				w.setFault(nil)
				w.engine.Resume()
				time.Sleep(time.Hour)
				synctest.Wait()
				ops, err := w.store.Pending(t.Context(), w.account.ID)
				if err != nil || len(ops) != 0 {
					t.Errorf("the journal holds %+v, %v", ops, err)
				}
				w.equal()
				if came, err := w.box.Items("Sent Items"); err != nil || len(came) != 1 {
					t.Errorf("%d messages were sent, %v", len(came), err)
				}
			})
		})
	}
}
