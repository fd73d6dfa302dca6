package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wire"
)

// behaves runs a test against a server with and without a behaviour; with says
// which.
func behaves(t *testing.T, p server.Personality, test func(t *testing.T, c *conn, with bool)) {
	for _, with := range []bool{true, false} {
		name, cfg := "with", server.Config{Personality: p}
		if !with {
			name, cfg = "without", server.Config{}
		}
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, newConn(t, activesync.V141, cfg), with) })
		})
	}
}

// started is a conn whose Inbox holds one message that the device has.
func (c *conn) started() (inbox, item activesync.ServerID, key activesync.SyncKey) {
	c.t.Helper()
	c.deliver("Inbox", "one", time.Now())
	inbox = c.folders()["Inbox"]
	res := c.sync(c.collection(inbox, c.prime(inbox, mail), mail))
	if res.Commands == nil || len(res.Commands.Adds) != 1 {
		c.t.Fatalf("first Sync: %+v", res)
	}
	return inbox, res.Commands.Adds[0].ServerID, res.SyncKey
}

func (c *conn) mark(inbox, item activesync.ServerID, key activesync.SyncKey) wire.SyncCollection {
	in := c.collection(inbox, key, mail)
	in.GetChanges = wire.Bool(false)
	in.ChangeRead(item, true)
	return in
}

func TestSteadyKeys(t *testing.T) {
	behaves(t, server.Personality{SteadyKeys: true}, func(t *testing.T, c *conn, with bool) {
		inbox, item, key := c.started()
		res := c.sync(c.mark(inbox, item, key))
		if (res.SyncKey == key) != with || res.Status != 1 {
			t.Errorf("key %q after a command at %q, status %d", res.SyncKey, key, res.Status)
		}
		if all, _ := c.box.Items("Inbox"); !all[0].Read {
			t.Error("not carried out")
		}
		if res := c.sync(c.collection(inbox, res.SyncKey, mail)); res.Commands != nil {
			t.Errorf("told of its own change: %+v", res.Commands)
		}
	})
}

func TestForgetful(t *testing.T) {
	behaves(t, server.Personality{Forgetful: true}, func(t *testing.T, c *conn, with bool) {
		inbox, item, key := c.started()
		in := c.collection(inbox, key, mail)
		in.Delete(item)
		c.sync(in)
		res := c.sync(in)
		if refused := len(res.Failures()) > 0; refused != with {
			t.Errorf("the same deletion again: %+v", res.Responses)
		}
	})
}

func TestSendsAgain(t *testing.T) {
	behaves(t, server.Personality{SendsAgain: true}, func(t *testing.T, c *conn, with bool) {
		m := "To: alice@example.test\nSubject: twice\n\nText\n"
		if status := c.send("c1", m, true); status != 0 {
			t.Fatalf("status %d", status)
		}
		if status := c.send("c1", m, true); (status == 0) != with || !with && status != 118 {
			t.Errorf("again: status %d", status)
		}
		if all, _ := c.box.Items("Inbox"); (len(all) == 2) != with {
			t.Errorf("%d messages came", len(all))
		}
	})
}

func TestNoSentCopy(t *testing.T) {
	behaves(t, server.Personality{NoSentCopy: true}, func(t *testing.T, c *conn, with bool) {
		c.send("c1", "To: alice@example.test\nSubject: once\n\nText\n", true)
		if all, _ := c.box.Items("Sent Items"); (len(all) == 0) != with {
			t.Errorf("%d messages in Sent", len(all))
		}
	})
}

func TestBareIDs(t *testing.T) {
	behaves(t, server.Personality{BareIDs: true}, func(t *testing.T, c *conn, with bool) {
		inbox, item, key := c.started()
		c.deliver("Archive", "other", time.Now())
		archive, _ := c.box.FolderID("Archive")
		there := c.sync(c.collection(archive, c.prime(archive, mail), mail)).Commands.Adds[0].ServerID
		if (item == "1" && there == "1") != with || (item == there) != with {
			t.Errorf("the ids are %q and %q", item, there)
		}
		c.sync(c.mark(inbox, item, key))
		if in, _ := c.box.Items("Inbox"); !in[0].Read {
			t.Error("the one is not marked")
		}
		if in, _ := c.box.Items("Archive"); in[0].Read {
			t.Error("the other one is")
		}
		if f := c.operations(wire.FetchItem(archive, there, nil, 0)); len(f) != 1 || f[0].Status != 1 {
			t.Errorf("fetched: %+v", f)
		}
		reply := &wire.SmartReplyRequest{ClientID: "c2", Source: wire.SmartSource{FolderID: archive, ItemID: there}, MIME: []byte("To: bob@example.test\r\nSubject: Re\r\n\r\nText")}
		if status := c.refused("SmartReply", reply); status != 0 {
			t.Errorf("answered: status %d", status)
		}
	})
}

func TestRenamesFolders(t *testing.T) {
	behaves(t, server.Personality{RenamesFolders: true}, func(t *testing.T, c *conn, with bool) {
		inbox, _, key := c.started()
		var again wire.FolderSyncResponse
		c.call("FolderSync", &wire.FolderSyncRequest{SyncKey: "0"}, &again)
		kept := slices.ContainsFunc(again.FolderChanges(), func(f activesync.FolderChange) bool { return f.ServerID == inbox })
		if kept == with {
			t.Errorf("the Inbox kept its id %q: %v", inbox, kept)
		}
		if res := c.sync(c.collection(inbox, key, mail)); (res.Status == 12) != with {
			t.Errorf("the old id gives status %d", res.Status)
		}
		for _, f := range again.FolderChanges() {
			if f.Type == activesync.FolderInbox {
				c.prime(f.ServerID, mail)
			}
		}
	})
}

func TestRenamesItems(t *testing.T) {
	behaves(t, server.Personality{RenamesItems: true}, func(t *testing.T, c *conn, with bool) {
		inbox, item, _ := c.started()
		res := c.sync(c.collection(inbox, c.prime(inbox, mail), mail))
		now := res.Commands.Adds[0].ServerID
		if (now != item) != with {
			t.Errorf("the item was %q and is %q", item, now)
		}
		if res := c.sync(c.mark(inbox, item, res.SyncKey)); (len(res.Failures()) > 0) != with {
			t.Errorf("marked by the old id: %+v", res.Responses)
		}
	})
}

func TestUnnamedMoves(t *testing.T) {
	behaves(t, server.Personality{UnnamedMoves: true}, func(t *testing.T, c *conn, with bool) {
		inbox, item, _ := c.started()
		archive, _ := c.box.FolderID("Archive")
		var res wire.MoveItemsResponse
		c.call("MoveItems", &wire.MoveItemsRequest{Moves: []wire.Move{{SrcMsgID: item, SrcFldID: inbox, DstFldID: archive}}}, &res)
		if r := res.Responses[0]; r.Status != wire.MoveSuccess || (r.DstMsgID == "") != with {
			t.Errorf("moved: %+v", r)
		}
	})
}

func TestTrustsIDs(t *testing.T) {
	behaves(t, server.Personality{TrustsIDs: true}, func(t *testing.T, c *conn, with bool) {
		inbox, _, key := c.started()
		if res := c.sync(c.mark(inbox, inbox+":99", key)); (len(res.Failures()) == 0) != with {
			t.Errorf("an item that does not exist: %+v", res.Responses)
		}
	})
}

func TestInventsItems(t *testing.T) {
	versions(t, server.Config{Personality: server.Personality{InventsItems: true}}, func(t *testing.T, c *conn) {
		inbox := c.folders()["Inbox"]
		for _, multipart := range []string{"", "T"} {
			c.header.Set("MS-ASAcceptMultiPart", multipart)
			got := c.operations(wire.FetchItem(inbox, inbox+":99", nil, 0), wire.FetchFile(string(inbox)+":99:0"))
			p, err := got[0].Email()
			if err != nil || got[0].Status != 1 || p.Fields&activesync.HasBody != 0 || p.Subject != "" {
				t.Errorf("a message: status %d, %v, %+v", got[0].Status, err, p)
			}
			var file wire.AttachmentProperties
			if err := got[1].Properties.Unmarshal(&file); err != nil || got[1].Status != 1 || (file.Part != nil) != (multipart != "") {
				t.Errorf("a file: status %d, %v, %+v", got[1].Status, err, file)
			}
		}
	})
}

func TestEchoesAndWholeItems(t *testing.T) {
	behaves(t, server.Personality{Echoes: true, WholeItems: true}, func(t *testing.T, c *conn, with bool) {
		inbox, item, key := c.started()
		res := c.sync(c.collection(inbox, c.sync(c.mark(inbox, item, key)).SyncKey, mail))
		if items, _ := res.Changes(mail); (len(items) == 1 && items[0].Message.Subject == "one" && items[0].Message.Read) != with {
			t.Errorf("told %+v", items)
		}
	})
}

func TestSpeaksOfNothing(t *testing.T) {
	behaves(t, server.Personality{SpeaksOfNothing: true}, func(t *testing.T, c *conn, with bool) {
		inbox, _, key := c.started()
		var res wire.SyncResponse
		said := c.call("Sync", &wire.SyncRequest{Collections: []wire.SyncCollection{c.collection(inbox, key, mail)}}, &res)
		if said != with || said && (res.Collections[0].SyncKey != key || res.Collections[0].Status != 1) {
			t.Errorf("nothing new: %v, %+v", said, res)
		}
	})
}

func TestTeases(t *testing.T) {
	behaves(t, server.Personality{Teases: true}, func(t *testing.T, c *conn, with bool) {
		c.deliver("Inbox", "one", time.Now())
		inbox := c.folders()["Inbox"]
		in := c.collection(inbox, c.prime(inbox, mail), mail)
		in.GetChanges = wire.Bool(true)
		res := c.sync(in)
		if teased := res.MoreAvailable && res.Commands == nil && res.SyncKey != in.SyncKey; teased != with {
			t.Errorf("first: %+v", res)
		}
		if in.SyncKey = res.SyncKey; with {
			if res = c.sync(in); res.Commands == nil || res.MoreAvailable {
				t.Errorf("then: %+v", res)
			}
		}
	})
}

func TestNoWait(t *testing.T) {
	behaves(t, server.Personality{NoWait: true}, func(t *testing.T, c *conn, with bool) {
		inbox, _, key := c.started()
		begin := time.Now()
		var res wire.SyncResponse
		c.call("Sync", &wire.SyncRequest{Collections: []wire.SyncCollection{c.collection(inbox, key, mail)}, HeartbeatInterval: 300}, &res)
		if (time.Since(begin) == 0) != with || len(res.Collections) != 0 {
			t.Errorf("after %v %+v", time.Since(begin), res)
		}
	})
}

func TestRefusesMinutes(t *testing.T) {
	behaves(t, server.Personality{RefusesMinutes: true}, func(t *testing.T, c *conn, with bool) {
		inbox, _, key := c.started()
		for _, again := range []bool{false, true} {
			in := c.collection(inbox, key, mail)
			var res wire.SyncResponse
			c.call("Sync", &wire.SyncRequest{Collections: []wire.SyncCollection{in}, Wait: 1}, &res)
			if got := res.Status == 4; got != (with && again) {
				t.Errorf("after a HeartbeatInterval %v: status %d", again, res.Status)
			}
			c.call("Sync", &wire.SyncRequest{Collections: []wire.SyncCollection{in}, HeartbeatInterval: 60}, &res)
		}
	})
}

func TestPoisonStops(t *testing.T) {
	behaves(t, server.Personality{PoisonStops: true}, func(t *testing.T, c *conn, with bool) {
		inbox, _, key := c.started()
		c.deliver("Inbox", "bad \uFFFE one", time.Now())
		res := c.sync(c.collection(inbox, key, mail))
		if (res.Commands == nil && res.SyncKey == key) != with {
			t.Errorf("synced: %+v", res)
		}
		want := time.Duration(0)
		if with {
			want = 100 * time.Millisecond
		} else {
			c.deliver("Inbox", "third", time.Now())
		}
		if ping, after := c.ping(watch(600, inbox)); ping.Status != 2 || after != want {
			t.Errorf("Ping: %+v after %v, want %v", ping, after, want)
		}
	})
}

func TestSecondKeys(t *testing.T) {
	behaves(t, server.Personality{SecondKeys: true}, func(t *testing.T, c *conn, with bool) {
		id := c.folders()["Contacts"]
		add := func(name string) {
			if _, err := c.box.AddContact("Contacts", activesync.Contact{FirstName: name}); err != nil {
				t.Fatal(err)
			}
		}
		add("First")
		first := c.sync(c.collection(id, c.prime(id, activesync.ClassContacts), activesync.ClassContacts))
		key := first.SyncKey
		if len(key) > 8 != with || first.Commands == nil || len(first.Commands.Adds) != 1 {
			t.Errorf("key %q, %+v", key, first.Commands)
		}
		add("Same second")
		time.Sleep(1100 * time.Millisecond)
		add("Later")
		res := c.sync(c.collection(id, key, activesync.ClassContacts))
		want := 2
		if with {
			want = 1
		}
		if n := len(res.Commands.Adds); n != want {
			t.Errorf("%d contacts, want %d", n, want)
		}
	})
}

// Two answers in one second have two keys: else a repeated request would be taken
// for the next one, and what its answer brought be lost.
func TestAnswersOfOneSecondHaveTwoKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newConn(t, activesync.V141, server.Config{Personality: server.Personality{SecondKeys: true, Forgetful: true}})
		if _, err := c.box.AddContact("Contacts", activesync.Contact{FirstName: "Ana"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		id := c.folders()["Contacts"]
		in := c.collection(id, c.prime(id, activesync.ClassContacts), activesync.ClassContacts)
		for range 2 {
			if res := c.sync(in); res.SyncKey == in.SyncKey || res.Commands == nil || len(res.Commands.Adds) != 1 {
				t.Errorf("asked at %s: %+v", in.SyncKey, res)
			}
		}
	})
}

func TestWipesContacts(t *testing.T) {
	behaves(t, server.Personality{WipesContacts: true}, func(t *testing.T, c *conn, with bool) {
		if _, err := c.box.AddContact("Contacts", activesync.Contact{FirstName: "Ana", CompanyName: "Harbour", Note: "tall"}); err != nil {
			t.Fatal(err)
		}
		id := c.folders()["Contacts"]
		res := c.sync(c.collection(id, c.prime(id, activesync.ClassContacts), activesync.ClassContacts))
		name := "Anna"
		raw, err := wire.Pack(&wire.Contact{FirstName: &name})
		if err != nil {
			t.Fatal(err)
		}
		in := c.collection(id, res.SyncKey, activesync.ClassContacts)
		in.Commands = &wire.SyncCommands{Changes: []wire.SyncChange{{ServerID: res.Commands.Adds[0].ServerID, ApplicationData: raw}}}
		c.sync(in)
		all, _ := c.box.Items("Contacts")
		if got := all[0].Contact; got.FirstName != "Anna" || (got.CompanyName == "") != with || got.Note != "tall" {
			t.Errorf("the contact is %+v", got)
		}
	})
}

func TestFirstAddForgets(t *testing.T) {
	behaves(t, server.Personality{FirstAddForgets: true, SteadyKeys: true}, func(t *testing.T, c *conn, with bool) {
		contacts := c.folders()["Contacts"]
		key := c.prime(contacts, activesync.ClassContacts)
		for i, want := range []int{map[bool]int{true: 3, false: 1}[with], 1} {
			in := c.collection(contacts, key, activesync.ClassContacts)
			in.AddContact(fmt.Sprint("c", i), &activesync.Contact{FirstName: fmt.Sprint("c", i)}, c.v)
			res := c.sync(in)
			if res.Status != 1 || res.Made()[fmt.Sprint("c", i)].Status != 1 {
				t.Fatalf("add %d: %+v", i, res)
			}
			next := c.sync(c.collection(contacts, res.SyncKey, activesync.ClassContacts))
			if next.Status != want {
				t.Errorf("after add %d: status %d, want %d", i, next.Status, want)
			}
			if key = next.SyncKey; next.Status == 3 {
				key = c.sync(c.collection(contacts, c.prime(contacts, activesync.ClassContacts), activesync.ClassContacts)).SyncKey
			} else if key == "" {
				key = res.SyncKey
			}
		}
	})
}

func TestSilentFolders(t *testing.T) {
	behaves(t, server.Personality{SilentFolders: true}, func(t *testing.T, c *conn, with bool) {
		c.folders()
		code, b := c.post("Sync", mustMarshal(t, &wire.SyncRequest{Collections: []wire.SyncCollection{c.collection("999", "5", mail)}}))
		if code != 200 || (len(b) == 0) != with {
			t.Errorf("HTTP %d, %d bytes", code, len(b))
		}
	})
}

func TestBareMIME(t *testing.T) {
	behaves(t, server.Personality{BareMIME: true}, func(t *testing.T, c *conn, with bool) {
		inbox, item, _ := c.started()
		f := c.operations(wire.FetchItem(inbox, item, []wire.BodyPreference{{Type: 4}}, 2))
		m, err := f[0].Email()
		if err != nil {
			t.Fatal(err)
		}
		if s := string(m.Body.Data); strings.Contains(s, "\nsubject: one\n") != with || strings.Contains(s, "\r\n") == with || !strings.Contains(s, "Text of one.") {
			t.Errorf("the source is %q", s)
		}
	})
}

func TestPoliciesByHTTP(t *testing.T) {
	for _, page := range []bool{false, true} {
		cfg := withPolicies()
		cfg.Personality = server.Personality{PolicyHTTP: true, PolicyPage: page, PolicyDrops: 3}
		versions(t, cfg, func(t *testing.T, c *conn) {
			body := mustMarshal(t, &wire.FolderSyncRequest{SyncKey: "0"})
			if code, b := c.post("FolderSync", body); code != 449 || strings.Contains(string(b), "PROVISION") != page {
				t.Errorf("before: HTTP %d %q", code, b)
			}
			c.provision()
			for i := range 7 {
				want := http.StatusOK
				if i%3 == 2 {
					want = 449
				}
				if code, _ := c.post("FolderSync", body); code != want {
					t.Errorf("request %d: HTTP %d, want %d", i, code, want)
				} else if code == 449 {
					c.provision()
				}
			}
		})
	}
}

func TestPortal(t *testing.T) {
	c := newConn(t, activesync.V141, server.Config{Personality: server.Personality{Portal: 2}})
	body := mustMarshal(t, &wire.FolderSyncRequest{SyncKey: "0"})
	for i := range 4 {
		code, b := c.post("FolderSync", body)
		if page := strings.HasPrefix(string(b), "<html>"); code != http.StatusOK || page != (i%2 == 1) {
			t.Errorf("request %d: HTTP %d, a page: %v", i, code, page)
		}
	}
}

// What a server is like does not keep a device that behaves from being served.
func TestPersonalitiesServe(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range server.Personalities() {
		if p.Name == "" || seen[p.Name] {
			t.Errorf("a personality is called %q", p.Name)
		}
		if seen[p.Name] = true; p.Portal > 0 || p.Teases {
			continue // not without asking again
		}
		t.Run(p.Name, func(t *testing.T) {
			versions(t, server.Config{Personality: p}, func(t *testing.T, c *conn) {
				inbox, item, key := c.started()
				if res := c.sync(c.mark(inbox, item, key)); res.Status != 1 || len(res.Failures()) > 0 {
					t.Errorf("marked: %+v", res)
				}
			})
		})
	}
}
