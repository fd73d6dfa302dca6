package engine_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/client"
	"eas.example/securemail/activesync/engine"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wire"
	"eas.example/securemail/store"
)

// emptySyncs answers each Sync of a folder with 200 and nothing, as SOGo does
// for a mailbox that only holds others.
func (w *world) emptySyncs(id activesync.ServerID) {
	w.setFault(func(r *server.Request) *server.Fault {
		if r.Command == "Sync" && slices.Contains(r.Collections, id) {
			return &server.Fault{Status: http.StatusOK}
		}
		return nil
	})
}

func (w *world) folderOf(id activesync.ServerID) activesync.Folder {
	w.t.Helper()
	all, err := w.store.Folders(w.t.Context(), w.account.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(f activesync.Folder) bool { return f.ServerID == id })
	if i < 0 {
		w.t.Fatalf("the folder %s is not here", id)
	}
	return all[i]
}

func TestMailboxWithoutAnswerEndsASyncByHand(t *testing.T) {
	w := newWorld(t, server.Config{})
	w.fill(3)
	id := w.box.AddFolder("Projects", activesync.FolderUserMail)
	w.emptySyncs(id)
	w.sync()
	if n := w.requests("Sync", id); n != 1 {
		t.Errorf("%d requests for a mailbox without an answer, want 1", n)
	}
	w.equal()
	if f := w.folderOf(id); !strings.Contains(f.Problem, "gives nothing") || !f.LastSync.IsZero() {
		t.Errorf("the mailbox has the problem %q and was in step %v", f.Problem, f.LastSync)
	}
	w.setFault(nil)
	w.sync()
	if f := w.folderOf(id); f.Problem != "" || f.LastSync.IsZero() {
		t.Errorf("after an answer it has the problem %q and was in step %v", f.Problem, f.LastSync)
	}
}

func TestMailboxWithoutAnswerIsAskedSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, server.Config{})
		w.fill(3)
		id := w.box.AddFolder("Projects", activesync.FolderUserMail)
		w.sync()
		w.options(activesync.FolderUserMail, activesync.CheckPush, activesync.CheckPush)
		if err := w.store.Reset(t.Context(), w.folderOf(id).ID); err != nil {
			t.Fatal(err)
		}
		w.emptySyncs(id)
		if _, err := w.box.Deliver("Projects", server.Mail(mime("never given", time.Now())), false); err != nil {
			t.Fatal(err)
		}
		w.forget()
		w.run()
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := w.requests("Sync", id); n < 2 || n > 12 {
			t.Errorf("%d requests in an hour for a mailbox without an answer", n)
		}
		if _, err := w.box.Deliver("Inbox", server.Mail(mime("fresh", time.Now())), false); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if rows := w.rows(activesync.FolderInbox); rows[0].Subject != "fresh" {
			t.Errorf("the Inbox begins with %q, want new mail", rows[0].Subject)
		}
	})
}

func TestWebPageInPlaceOfPoliciesIsNotNoPolicies(t *testing.T) {
	w := newWorld(t, server.Config{Policies: map[string]string{"DevicePasswordEnabled": "0"}})
	w.setFault(func(r *server.Request) *server.Fault {
		if r.Command == "Provision" {
			return &server.Fault{Status: http.StatusOK, Body: "<html><title>Sign in to the wi-fi</title></html>"}
		}
		return nil
	})
	if err := w.engine.Check(t.Context()); !errors.Is(err, activesync.ErrNotActiveSync) {
		t.Errorf("%v, want that it is no ActiveSync server", err)
	}
	st, err := w.store.State(t.Context(), w.account.ID)
	if err != nil || st.Provisioned {
		t.Errorf("the device counts as introduced: %+v, %v", st, err)
	}
	w.setFault(nil)
	w.sync()
}

// A message that the server cannot write into its answer: each Ping has news of
// the folder at once and each Sync of it is empty.
func TestPoisonMessageMakesNoLoopAndIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, server.Config{})
		w.fill(3)
		id := w.box.AddFolder("Poison", activesync.FolderUserMail)
		w.sync()
		w.options(activesync.FolderInbox, activesync.CheckPush, activesync.CheckPush)
		w.emptySyncs(id)
		if _, err := w.box.Deliver("Poison", server.Mail(mime("poison", time.Now())), false); err != nil {
			t.Fatal(err)
		}
		w.run()
		time.Sleep(time.Minute)
		w.forget()
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := w.requests("Sync", id) + w.requests("Ping", ""); n > 60 {
			t.Errorf("%d requests in an hour", n)
		}
		if f := w.folderOf(id); !strings.Contains(f.Problem, "gives none") {
			t.Errorf("the folder has the problem %q", f.Problem)
		}
		w.setFault(nil)
		time.Sleep(20 * time.Minute)
		synctest.Wait()
		if f := w.folderOf(id); f.Problem != "" || f.Total != 1 {
			t.Errorf("after the server could give it the folder has the problem %q and %d messages", f.Problem, f.Total)
		}
	})
}

// narrow is a store on a disk that is full.
type narrow struct{ *store.Store }

func (narrow) Apply(context.Context, activesync.Batch) (activesync.Applied, error) {
	return activesync.Applied{}, fmt.Errorf("apply: %w", syscall.ENOSPC)
}

func TestFullDiskEndsTheSyncOfAllFolders(t *testing.T) {
	w := newWorld(t, server.Config{})
	w.fill(3)
	c, err := client.New(client.Config{Endpoint: w.account.Server, User: testUser, Password: testPassword, DeviceID: w.store.DeviceID(), DeviceType: "securemail",
		Transport: w.server.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	e := engine.New(engine.Config{Account: w.account, Server: c, Store: narrow{w.store}, Device: wire.DeviceInformation{Model: "securemail"},
		Log: slog.New(slog.DiscardHandler), Notify: func(activesync.Notice) {}})
	if _, err := e.Sync(t.Context(), nil, true, nil); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("%v, want that there is no room", err)
	}
	if n := w.requests("Sync", ""); n != 1 {
		t.Errorf("%d requests, want none after the first that found no room", n)
	}
}

// A folder that a message has stopped says nothing when it starts anew, which
// must not take away what is here; one that is empty now says the same.
func TestSilenceAfterAFreshStartIsNotAnEmptyFolder(t *testing.T) {
	for _, v := range []activesync.Version{activesync.V121, activesync.V161} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, server.Config{Versions: []activesync.Version{v}, Personality: server.Personality{PoisonStops: true}})
			w.fill(5)
			w.sync()
			poison, err := w.box.Deliver("Inbox", server.Mail(mime("bad \uFFFE", time.Now())), false)
			if err != nil {
				t.Fatal(err)
			}
			w.box.ForgetKeys()
			sum, err := w.engine.Sync(t.Context(), nil, true, nil)
			if err != nil || sum.Problems["Inbox"] == nil {
				t.Errorf("%v, %+v", err, sum)
			}
			if n := len(w.rows(activesync.FolderInbox)); n != 5 {
				t.Fatalf("%d messages are left", n)
			}
			if err := w.box.Delete(poison); err != nil {
				t.Fatal(err)
			}
			w.sync()
			w.equal()
			items, err := w.box.Items("Inbox")
			if err != nil {
				t.Fatal(err)
			}
			for _, it := range items {
				if err := w.box.Delete(it.ID); err != nil {
					t.Fatal(err)
				}
			}
			w.box.ForgetKeys()
			w.sync()
			w.equal()
		})
	}
}
