package engine_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wire"
)

// What is particular of a server is learned from what it does, kept for the
// account, and told in words. A server that does nothing of it teaches nothing.
func TestQuirksAreLearnedFromBehaviour(t *testing.T) {
	move := func(w *world) {
		w.do(activesync.Op{Kind: activesync.OpMove, Item: w.rows(activesync.FolderInbox)[0].ID, To: w.folder(activesync.FolderUserMail).ID})
		w.tryPush()
	}
	mark := func(w *world) {
		h := w.rows(activesync.FolderInbox)[0]
		w.do(activesync.Op{Kind: activesync.OpRead, Item: h.ID, Read: !h.Read})
		w.tryPush()
	}
	anew := func(w *world) {
		w.box.ForgetKeys()
		w.sync()
	}
	policies := map[string]string{"DevicePasswordEnabled": "1"}
	faultOn := func(command string, f server.Fault) func(*world) {
		return func(w *world) {
			w.setFault(func(q *server.Request) *server.Fault {
				if q.Command == command {
					return &f
				}
				return nil
			})
		}
	}
	for _, tt := range []struct {
		quirk activesync.Quirk
		cfg   server.Config
		do    []func(*world)
	}{
		{activesync.QuirkSteadyKeys, server.Config{Personality: server.Personality{SteadyKeys: true}}, []func(*world){mark}},
		{activesync.QuirkUnnamedMoves, server.Config{Personality: server.Personality{UnnamedMoves: true}}, []func(*world){move}},
		{activesync.QuirkRenamesFolders, server.Config{Personality: server.Personality{RenamesFolders: true}}, []func(*world){anew}},
		{activesync.QuirkPages, server.Config{}, []func(*world){faultOn("Sync", server.Fault{Status: 200, Body: "<html>Sign in</html>"}), mark}},
		{activesync.QuirkNoOptions, server.Config{}, []func(*world){faultOn("OPTIONS", server.Fault{Status: 405}), func(w *world) {
			w.engine = w.newEngine(testPassword)
			w.sync()
		}}},
		{activesync.QuirkPoliciesAgain, server.Config{Policies: policies}, []func(*world){func(w *world) { w.box.DropPolicyKeys() }, mark}},
		{activesync.QuirkNoPolicies, server.Config{}, []func(*world){faultOn("Provision", server.Fault{Status: 501}), func(w *world) {
			w.box.DropPolicyKeys()
			if err := w.store.UpdateState(w.t.Context(), w.account.ID, func(s *activesync.AccountState) error {
				s.Provisioned = false
				return nil
			}); err != nil {
				w.t.Fatal(err)
			}
			w.engine = w.newEngine(testPassword)
			_ = w.engine.Check(w.t.Context())
		}}},
		{activesync.QuirkEmptyWakes, server.Config{Personality: server.Personality{PoisonStops: true}}, []func(*world){func(w *world) {
			w.run()
			time.Sleep(time.Minute)
			if _, err := w.box.Deliver("Inbox", server.Mail(mime("bad \uFFFE", time.Now())), false); err != nil {
				w.t.Fatal(err)
			}
			time.Sleep(2 * time.Hour)
		}}},
		{activesync.QuirkSilent, server.Config{}, []func(*world){faultOn("Sync", server.Fault{Status: 200}), mark}},
		{activesync.QuirkCutsWaits, server.Config{}, []func(*world){faultOn("Ping", server.Fault{Late: 4 * time.Minute, Drop: true}), func(w *world) {
			w.run()
			time.Sleep(20 * time.Minute)
		}}},
		{activesync.QuirkNoWaits, server.Config{}, []func(*world){faultOn("Ping", server.Fault{Delay: time.Second, Status: 200, Body: document(&wire.PingResponse{Status: 1})}), func(w *world) {
			w.run()
			time.Sleep(20 * time.Minute)
		}}},
		{activesync.QuirkKeepsSent, server.Config{Personality: server.Personality{SendsAgain: true}}, []func(*world){faultOn("SendMail", server.Fault{Drop: true}), func(w *world) {
			w.mailTo("kept@example.test")
			w.tryPush()
			w.setFault(nil)
			w.tryPush()
		}}},
		{activesync.QuirkKnowsSent, server.Config{Personality: server.Personality{NoSentCopy: true}}, []func(*world){func(w *world) {
			w.mailTo("same@example.test")
			w.setFault(func(q *server.Request) *server.Fault {
				if q.Command == "SendMail" {
					return &server.Fault{Twice: true}
				}
				return nil
			})
			w.tryPush()
		}}},
		{activesync.QuirkMailsAnswers, server.Config{Personality: server.Personality{MailsAnswers: true}}, nil},
		{activesync.QuirkForgetsEmpty, server.Config{Personality: server.Personality{MailsAnswers: true, ForgetsEmpty: true}}, nil},
		{activesync.QuirkEndsSync, server.Config{Personality: server.Personality{EndsSync: true}}, []func(*world){func(w *world) {
			w.run()
			time.Sleep(time.Minute)
			w.engine.CheckNow()
			synctest.Wait() // a Ping has begun
			w.sync()
		}}},
		{activesync.QuirkBreaksSource, server.Config{}, []func(*world){faultOn("SmartReply", server.Fault{Status: 501}), answerOnItsOwn}},
	} {
		t.Run(string(tt.quirk), func(t *testing.T) {
			for _, special := range []bool{false, true} {
				synctest.Test(t, func(t *testing.T) {
					cfg := tt.cfg
					if !special {
						cfg = server.Config{}
					}
					w := newWorld(t, cfg)
					w.fill(3)
					w.sync()
					if special {
						for _, do := range tt.do {
							do(w)
						}
					} else {
						mark(w)
						move(w)
						anew(w)
						w.answer(w.rows(activesync.FolderInbox)[0].ID, activesync.VerbReply, "an answer")
					}
					synctest.Wait()
					state, err := w.store.State(t.Context(), w.account.ID)
					if err != nil {
						t.Fatal(err)
					}
					if got := state.Quirk(tt.quirk) == "yes"; got != special {
						t.Errorf("learned: %v, want %v; of all %v", got, special, state.Quirks)
					}
					if does, about := tt.quirk.Words(); does == "" || about == "" {
						t.Error("there are no words for it")
					}
				})
			}
		})
	}
}

// answerOnItsOwn replies to a message, which has to arrive once although the
// server does not tie it to its source.
func answerOnItsOwn(w *world) {
	w.answer(w.rows(activesync.FolderInbox)[0].ID, activesync.VerbReply, "an answer")
	if got := message.ParseBytes(w.sentMIME()).Subject; got != "an answer" {
		w.t.Errorf("sent %q", got)
	}
}

// tryPush carries out what waits; that it fails is no matter.
func (w *world) tryPush() { _ = w.engine.Push(w.t.Context()) }

// A device that is blocked or waits to be allowed is told of with the id that
// the administrator has to know.
func TestBlockedDeviceIsNamed(t *testing.T) {
	for status, words := range map[int]string{129: "blocked by the administrator", 130: "an administrator can allow it", 177: "too many devices"} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, server.Config{})
				w.setFault(func(q *server.Request) *server.Fault {
					if q.Command != "FolderSync" {
						return nil
					}
					return &server.Fault{Garbage: folderSyncStatus(status)}
				})
				err := w.engine.Check(t.Context())
				device, ok := errors.AsType[*activesync.DeviceError](err)
				if !ok || device.ID != w.store.DeviceID() || !errors.Is(err, activesync.ErrForbidden) || !strings.Contains(err.Error(), words) || !strings.Contains(err.Error(), device.ID) {
					t.Errorf("%v", err)
				}
			})
		})
	}
}

// folderSyncStatus is the document of a FolderSync that is refused.
func folderSyncStatus(status int) []byte {
	var b bytes.Buffer
	b.Write([]byte{3, 1, 0x6A, 0, 0, 7, 0x56, 0x4C, 3})
	fmt.Fprintf(&b, "%d", status)
	b.Write([]byte{0, 1, 1})
	return b.Bytes()
}
