package server_test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

func TestMarksAreToldToOtherDevicesOnly(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		id := c.deliver("Inbox", "one", time.Now())
		inbox := c.folders()["Inbox"]
		res := c.sync(c.collection(inbox, c.prime(inbox, mail), mail))
		in := c.collection(inbox, res.SyncKey, mail)
		in.GetChanges = wire.Bool(false)
		in.ChangeRead(id, true)
		res = c.sync(in)
		if res.Status != 1 || res.Commands != nil || res.Responses != nil {
			t.Fatalf("marked read: %+v", res)
		}
		if stored, _ := c.box.Items("Inbox"); !stored[0].Read {
			t.Error("not marked on the server")
		}
		if res := c.sync(c.collection(inbox, res.SyncKey, mail)); res.Commands != nil {
			t.Errorf("told of its own change: %+v", res.Commands)
		}
		if err := c.box.MarkRead(id, false); err != nil {
			t.Fatal(err)
		}
		res = c.sync(c.collection(inbox, res.SyncKey, mail))
		items, _ := res.Changes(mail)
		if len(items) != 1 || items[0].Message.Fields != activesync.HasRead|activesync.HasFlag || items[0].Message.Read {
			t.Errorf("another device marked it: %+v", items)
		}
	})
}

// A reply sets the verb, which is no mark: a mark that is set after it must
// not make the device miss it.
func TestMarkAfterAReplyLosesNothing(t *testing.T) {
	c := newConn(t, activesync.V161, server.Config{})
	id := c.deliver("Inbox", "one", time.Now())
	inbox := c.folders()["Inbox"]
	res := c.sync(c.collection(inbox, c.prime(inbox, mail), mail))
	if got := c.refused("SmartReply", &smartReply{ClientID: "1", Folder: inbox, Item: id, MIME: letter("Re: one", time.Now(), "Yes.")}); got != 0 {
		t.Fatalf("reply: status %d", got)
	}
	if err := c.box.MarkRead(id, true); err != nil {
		t.Fatal(err)
	}
	items, _ := c.sync(c.collection(inbox, res.SyncKey, mail)).Changes(mail)
	if i := slices.IndexFunc(items, func(ch activesync.ItemChange) bool { return ch.ServerID == id }); i < 0 || items[i].Message.Verb != activesync.VerbReply || !items[i].Message.Read {
		t.Errorf("got %+v", items)
	}
}

func TestCommandsThatFail(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		id := c.deliver("Inbox", "one", time.Now())
		inbox := c.folders()["Inbox"]
		res := c.sync(c.collection(inbox, c.prime(inbox, mail), mail))
		in := c.collection(inbox, res.SyncKey, mail)
		in.ChangeRead(inbox+":99", true)
		in.Delete("nonsense")
		subject := "another"
		raw, err := wire.Pack(&wire.Email{Subject: &subject})
		if err != nil {
			t.Fatal(err)
		}
		in.Commands.Changes = append(in.Commands.Changes, wire.SyncChange{ServerID: id, ApplicationData: raw})
		in.Commands.Adds = []wire.SyncAdd{{ClientID: "new", ApplicationData: raw}}
		in.Commands.Fetches = []wire.SyncFetch{{ServerID: inbox + ":98"}}
		res = c.sync(in)
		if res.Status != 1 || res.Responses == nil {
			t.Fatalf("got %+v", res)
		}
		want := map[activesync.ServerID]int{inbox + ":99": 8, "nonsense": 8, id: 6}
		if got := res.Failures(); len(got) != 3 || got[inbox+":99"] != 8 || got["nonsense"] != 8 || got[id] != 6 {
			t.Errorf("got %v, want %v", got, want)
		}
		if a := res.Responses.Adds; len(a) != 1 || a[0].Status != 6 || a[0].ServerID != "" {
			t.Errorf("mail cannot be added: %+v", a)
		}
		if f := res.Responses.Fetches; len(f) != 1 || f[0].Status != 8 || f[0].ApplicationData != nil {
			t.Errorf("fetched: %+v", f)
		}
		in = c.collection(inbox, res.SyncKey, mail)
		in.ChangeRead(id, true)
		in.Delete(id)
		if got := c.refused("Sync", &wire.SyncRequest{Collections: []wire.SyncCollection{in}}); got != 16 {
			t.Errorf("two commands for one item: status %d", got)
		}
		in = c.collection(inbox, res.SyncKey, mail)
		for i := range 201 {
			in.Delete(activesync.ServerID(fmt.Sprint(i)))
		}
		if res := c.sync(in); res.Status != 4 {
			t.Errorf("201 commands: status %d", res.Status)
		}
	})
}

func TestDeletedGoesToDeletedItems(t *testing.T) {
	for _, forGood := range []bool{false, true} {
		versions(t, server.Config{}, func(t *testing.T, c *conn) {
			id := c.deliver("Inbox", "one", time.Now())
			inbox := c.folders()["Inbox"]
			res := c.sync(c.collection(inbox, c.prime(inbox, mail), mail))
			in := c.collection(inbox, res.SyncKey, mail)
			if forGood {
				in.DeletesAsMoves = wire.Bool(false)
			}
			in.Delete(id)
			if res := c.sync(in); res.Status != 1 || res.Commands != nil || res.Responses != nil {
				t.Errorf("got %+v", res)
			}
			left, _ := c.box.Items("Inbox")
			bin, _ := c.box.Items("Deleted Items")
			if len(left) != 0 || (len(bin) == 1) == forGood {
				t.Errorf("for good %v: %d left, %d in Deleted Items", forGood, len(left), len(bin))
			}
		})
	}
}

// An Add whose answer was lost comes again with the same ClientId, perhaps in
// another request.
func TestAddThatIsRepeated(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		id := c.folders()["Contacts"]
		add := c.collection(id, c.prime(id, activesync.ClassContacts), activesync.ClassContacts)
		raw, err := wire.Pack(wire.EncodeContact(&activesync.Contact{FirstName: "Ana", LastName: "Souza"}, c.v))
		if err != nil {
			t.Fatal(err)
		}
		add.Commands = &wire.SyncCommands{Adds: []wire.SyncAdd{{ClientID: "c1", ApplicationData: raw}}}
		first := c.sync(add)
		for _, window := range []int{0, 7} {
			add.WindowSize = window
			again := c.sync(add)
			if a := again.Responses.Adds; len(a) != 1 || a[0].Status != 1 || a[0].ServerID != first.Responses.Adds[0].ServerID {
				t.Errorf("again: %+v", a)
			}
		}
		if all, _ := c.box.Items("Contacts"); len(all) != 1 || all[0].Contact.Name() != "Ana Souza" {
			t.Errorf("%d contacts", len(all))
		}
	})
}

func TestConflict(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		for _, deviceWins := range []bool{false, true} {
			if _, err := c.box.AddContact("Contacts", activesync.Contact{FirstName: "Ana"}); err != nil {
				t.Fatal(err)
			}
			all, _ := c.box.Items("Contacts")
			item := all[len(all)-1].ID
			id := c.folders()["Contacts"]
			one := &device{c, "one", ""}
			two := &device{c, "two", ""}
			one.start(id, deviceWins)
			two.start(id, deviceWins)
			if res := one.rename(id, item, "Bea"); res.Failures()[item] != 0 {
				t.Fatalf("the first: %v", res.Failures())
			}
			want, name := 7, "Bea"
			if deviceWins {
				want, name = 0, "Cleo"
			}
			if res := two.rename(id, item, "Cleo"); res.Failures()[item] != want {
				t.Errorf("device wins %v: status %v, want %d", deviceWins, res.Failures(), want)
			}
			all, _ = c.box.Items("Contacts")
			if got := all[len(all)-1].Contact.FirstName; got != name {
				t.Errorf("device wins %v: %s, want %s", deviceWins, got, name)
			}
		}
	})
}

// device is one of two devices of a conn's user.
type device struct {
	c    *conn
	name string
	key  activesync.SyncKey
}

func (d *device) sync(in wire.SyncCollection) *wire.SyncCollectionResponse {
	d.c.t.Helper()
	send := func(command string, in any) []byte {
		r := d.c.request(command, mustMarshal(d.c.t, in))
		r.URL.RawQuery = strings.ReplaceAll(r.URL.RawQuery, "dev1", d.name)
		res, b := d.c.roundTrip(r)
		if res.StatusCode != http.StatusOK {
			d.c.t.Fatalf("%s: HTTP %d", command, res.StatusCode)
		}
		return b
	}
	send("FolderSync", &wire.FolderSyncRequest{SyncKey: "0"})
	var res wire.SyncResponse
	if err := wbxml.Unmarshal(send("Sync", &wire.SyncRequest{Collections: []wire.SyncCollection{in}}), &res); err != nil {
		d.c.t.Fatal(err)
	}
	d.key = res.Collections[0].SyncKey
	return &res.Collections[0]
}

func (d *device) start(id activesync.ServerID, wins bool) {
	in := d.c.collection(id, "0", activesync.ClassContacts)
	in.Options = []wire.SyncOptions{{Conflict: wire.Int(map[bool]int{true: 0, false: 1}[wins])}}
	d.sync(in)
	d.sync(d.c.collection(id, d.key, activesync.ClassContacts))
}

func (d *device) rename(id, item activesync.ServerID, name string) *wire.SyncCollectionResponse {
	raw, err := wire.Pack(&wire.Contact{FirstName: &name})
	if err != nil {
		d.c.t.Fatal(err)
	}
	in := d.c.collection(id, d.key, activesync.ClassContacts)
	in.Commands = &wire.SyncCommands{Changes: []wire.SyncChange{{ServerID: item, ApplicationData: raw}}}
	return d.sync(in)
}

// Deleting one occurrence must not take the series along.
func TestOneOccurrenceIsDeleted(t *testing.T) {
	c := newConn(t, activesync.V160, server.Config{})
	start := time.Date(2026, 9, 7, 8, 0, 0, 0, time.UTC)
	item, err := c.box.AddEvent("Calendar", activesync.Event{Subject: "stand-up", Start: start, End: start.Add(time.Hour),
		Recurrence: activesync.Recurrence{Set: true, Interval: 1}})
	if err != nil {
		t.Fatal(err)
	}
	id := c.folders()["Calendar"]
	const class = activesync.ClassCalendar
	res := c.sync(c.collection(id, c.prime(id, class), class))
	in := c.collection(id, res.SyncKey, class)
	in.Commands = &wire.SyncCommands{Deletes: []wire.SyncDelete{{ServerID: item, InstanceID: "20260908T080000Z"}}}
	res = c.sync(in)
	subject := "stand-up, longer"
	raw, err := wire.Pack(&wire.Calendar{Subject: &subject})
	if err != nil {
		t.Fatal(err)
	}
	in = c.collection(id, res.SyncKey, class)
	in.Commands = &wire.SyncCommands{Changes: []wire.SyncChange{{ServerID: item, InstanceID: "20260909T080000Z", ApplicationData: raw}}}
	if res = c.sync(in); len(res.Failures()) != 0 {
		t.Fatalf("failures %v", res.Failures())
	}
	all, _ := c.box.Items("Calendar")
	if len(all) != 1 || all[0].Event.Subject != "stand-up" || len(all[0].Event.Exceptions) != 2 {
		t.Fatalf("got %+v", all)
	}
	x := all[0].Event.Exceptions
	if !x[0].Deleted || !x[0].Start.Equal(start.AddDate(0, 0, 1)) || x[1].Deleted || *x[1].Subject != subject {
		t.Errorf("got %+v", x)
	}
}

// Answers to a repeated request are the same bytes, commands included.
func TestRepeatedRequestWithCommands(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		id := c.deliver("Inbox", "one", time.Now())
		inbox := c.folders()["Inbox"]
		res := c.sync(c.collection(inbox, c.prime(inbox, mail), mail))
		in := c.collection(inbox, res.SyncKey, mail)
		in.Delete(id)
		in.ChangeRead("none", true)
		body := mustMarshal(t, &wire.SyncRequest{Collections: []wire.SyncCollection{in}})
		_, first := c.post("Sync", body)
		_, again := c.post("Sync", body)
		if !bytes.Equal(first, again) {
			t.Errorf("%x, then %x", first, again)
		}
		if bin, _ := c.box.Items("Deleted Items"); len(bin) != 1 {
			t.Errorf("%d in Deleted Items", len(bin))
		}
	})
}
