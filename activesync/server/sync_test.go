package server_test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

const mail = activesync.ClassEmail

func TestWindowsAndTheirOrder(t *testing.T) {
	for _, oldest := range []bool{false, true} {
		versions(t, server.Config{OldestFirst: oldest}, func(t *testing.T, c *conn) {
			now := time.Now()
			var want []string
			for _, i := range []int{3, 0, 4, 1, 2} {
				c.deliver("Inbox", fmt.Sprintf("message %d", i), now.Add(-time.Duration(i)*time.Hour))
			}
			for i := range 5 {
				want = append(want, fmt.Sprintf("message %d", i))
			}
			if oldest {
				slices.Reverse(want)
			}
			inbox := c.folders()["Inbox"]
			in := c.collection(inbox, c.prime(inbox, mail), mail)
			in.WindowSize = 2
			var got []string
			for more := true; more; {
				res := c.sync(in)
				more = res.MoreAvailable
				s := subjects(t, res)
				if len(s) > 2 || more != (len(got)+len(s) < 5) {
					t.Fatalf("%v after %v, more is %v", s, got, more)
				}
				got = append(got, s...)
				in.SyncKey = res.SyncKey
			}
			if !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
			if res := c.sync(in); res.SyncKey != in.SyncKey || res.Commands != nil {
				t.Errorf("nothing is new, yet: %+v", res)
			}
		})
	}
}

func TestWindowOverAllFolders(t *testing.T) {
	c := newConn(t, activesync.V161, server.Config{})
	for i := range 5 {
		c.deliver("Inbox", fmt.Sprint("in ", i), time.Now())
		c.deliver("Archive", fmt.Sprint("ar ", i), time.Now())
	}
	ids := c.folders()
	req := wire.SyncRequest{WindowSize: 7}
	for _, path := range []string{"Inbox", "Archive"} {
		req.Collections = append(req.Collections, c.collection(ids[path], c.prime(ids[path], mail), mail))
	}
	var res wire.SyncResponse
	c.call("Sync", &req, &res)
	for i, want := range []int{5, 2} {
		got := res.Collections[i]
		if len(got.Commands.Adds) != want || got.MoreAvailable != (want < 5) {
			t.Errorf("folder %d: %d items, more %v", i, len(got.Commands.Adds), got.MoreAvailable)
		}
	}
}

func TestKeys(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		inbox := c.folders()["Inbox"]
		c.deliver("Inbox", "one", time.Now())
		for _, key := range []activesync.SyncKey{"1", "nonsense", ""} {
			if res := c.sync(c.collection(inbox, key, mail)); res.Status != 3 || res.SyncKey != "0" && res.SyncKey != "" {
				t.Errorf("key %q before the first: %+v", key, res)
			}
		}
		in := c.collection(inbox, "0", mail)
		in.GetChanges = wire.Bool(true)
		if res := c.sync(in); res.Status != 4 {
			t.Errorf("key 0 with GetChanges: status %d", res.Status)
		}
		first := c.prime(inbox, mail)
		one := c.sync(c.collection(inbox, first, mail))
		c.deliver("Inbox", "two", time.Now())
		// The answer was lost: the device asks again with the key it has.
		again := c.sync(c.collection(inbox, first, mail))
		if again.SyncKey != one.SyncKey || !slices.Equal(subjects(t, again), []string{"one"}) {
			t.Errorf("the same request brings %+v, %v", again, subjects(t, again))
		}
		two := c.sync(c.collection(inbox, one.SyncKey, mail))
		if !slices.Equal(subjects(t, two), []string{"two"}) {
			t.Errorf("then %v", subjects(t, two))
		}
		// Another request with that key: the state goes back with it.
		in = c.collection(inbox, one.SyncKey, mail)
		in.WindowSize = 9
		if back := c.sync(in); back.Status != 1 || back.SyncKey == two.SyncKey || !slices.Equal(subjects(t, back), []string{"two"}) {
			t.Errorf("one key back brings %+v", back)
		}
		if res := c.sync(c.collection(inbox, first, mail)); res.Status != 3 {
			t.Errorf("two keys back: status %d", res.Status)
		}
		c.box.ForgetKeys()
		if code, b := c.post("Sync", mustMarshal(t, &wire.SyncRequest{Collections: []wire.SyncCollection{c.collection(inbox, one.SyncKey, mail)}})); c.statusOf(code, b) != 12 {
			t.Errorf("all keys forgotten: %d %x", code, b)
		}
	})
}

func TestRequestsForSyncThatAreRefused(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		if got := c.refused("Sync", &wire.SyncRequest{Collections: []wire.SyncCollection{c.collection("1", "0", mail)}}); got != 12 {
			t.Errorf("before FolderSync: status %d", got)
		}
		ids := c.folders()
		options := func(o ...wire.SyncOptions) wire.SyncCollection {
			in := c.collection(ids["Inbox"], "0", mail)
			in.Options = o
			return in
		}
		preference := func(list ...wire.BodyPreference) wire.SyncCollection {
			return options(wire.SyncOptions{BodyPreferences: list})
		}
		for name, tt := range map[string]struct {
			in   wire.SyncCollection
			want int
		}{
			"no such folder":      {c.collection("999", "0", mail), 12},
			"3 months of mail":    {options(wire.SyncOptions{FilterType: wire.Int(6)}), 4},
			"a MIME support of 3": {options(wire.SyncOptions{MIMESupport: wire.Int(3)}), 4},
			"a truncation of 9":   {options(wire.SyncOptions{MIMETruncation: wire.Int(9)}), 4},
			"a conflict of 2":     {options(wire.SyncOptions{Conflict: wire.Int(2)}), 4},
			"two blocks of mail":  {options(wire.SyncOptions{}, wire.SyncOptions{}), 4},
			"one type twice":      {preference(wire.BodyPreference{Type: 1}, wire.BodyPreference{Type: 1}), 4},
			"type 5":              {preference(wire.BodyPreference{Type: 5}), 4},
			"all is well":         {preference(wire.BodyPreference{Type: 1}, wire.BodyPreference{Type: 4}), 1},
		} {
			if got := c.sync(tt.in); got.Status != tt.want {
				t.Errorf("%s: status %d, want %d", name, got.Status, tt.want)
			}
		}
		drafts := c.sync(c.collection(ids["Drafts"], "0", mail))
		if want := map[bool]int{false: 4, true: 1}[c.v >= activesync.V160]; drafts.Status != want {
			t.Errorf("drafts: status %d, want %d", drafts.Status, want)
		}
		if got := c.refused("Sync", &wire.SyncRequest{Collections: []wire.SyncCollection{c.collection(ids["Inbox"], "0", mail)}, Partial: true}); got != 13 {
			t.Errorf("partial: status %d", got)
		}
		if got := c.refused("Sync", &wire.SyncRequest{}); got != 4 {
			t.Errorf("without folders: status %d", got)
		}
	})
}

func TestOptionsAreRemembered(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		c.deliver("Inbox", "new", time.Now())
		c.deliver("Inbox", "old", time.Now().AddDate(0, 0, -5))
		inbox := c.folders()["Inbox"]
		o := wholeText()
		o.FilterType = wire.Int(2)
		key := c.prime(inbox, mail, o)
		res := c.sync(c.collection(inbox, key, mail))
		items, _ := res.Changes(mail)
		if got := subjects(t, res); !slices.Equal(got, []string{"new"}) || !strings.Contains(string(items[0].Message.Body.Data), "Text of new") {
			t.Errorf("3 days: %v, %q", got, items[0].Message.Body.Data)
		}
		// A new block replaces the old one whole: no FilterType is all of it, and
		// no preference no text.
		in := c.collection(inbox, res.SyncKey, mail)
		in.Options = []wire.SyncOptions{{MIMESupport: wire.Int(0)}}
		res = c.sync(in)
		items, _ = res.Changes(mail)
		if got := subjects(t, res); !slices.Equal(got, []string{"old"}) || len(items[0].Message.Body.Data) != 0 || !items[0].Message.Body.Truncated {
			t.Errorf("all: %v, %+v", got, items[0].Message.Body)
		}
		in = c.collection(inbox, res.SyncKey, mail)
		in.Options = []wire.SyncOptions{{FilterType: wire.Int(9)}}
		if res := c.sync(in); res.Status != 4 {
			t.Errorf("wrong options: status %d", res.Status)
		}
		c.deliver("Inbox", "last", time.Now().AddDate(0, 0, -40))
		if got := subjects(t, c.sync(c.collection(inbox, in.SyncKey, mail))); !slices.Equal(got, []string{"last"}) {
			t.Errorf("wrong options were remembered: %v", got)
		}
	})
}

func TestWhatLeavesThePeriod(t *testing.T) {
	c := newConn(t, activesync.V161, server.Config{})
	old := c.deliver("Inbox", "old", time.Now().AddDate(0, 0, -5))
	c.deliver("Inbox", "new", time.Now())
	inbox := c.folders()["Inbox"]
	res := c.sync(c.collection(inbox, c.prime(inbox, mail), mail))
	in := c.collection(inbox, res.SyncKey, mail)
	in.Options = []wire.SyncOptions{{FilterType: wire.Int(1)}}
	res = c.sync(in)
	if res.Commands == nil || len(res.Commands.SoftDeletes) != 1 || res.Commands.SoftDeletes[0].ServerID != old || len(res.Commands.Deletes) != 0 {
		t.Fatalf("got %+v", res.Commands)
	}
	in = c.collection(inbox, res.SyncKey, mail)
	in.Options = []wire.SyncOptions{{FilterType: wire.Int(0)}}
	if got := subjects(t, c.sync(in)); !slices.Equal(got, []string{"old"}) {
		t.Errorf("widened again: %v", got)
	}
}

// A calendar shows what goes on in its period: also a series that began long
// before it, and a meeting that has not ended.
func TestPeriodOfACalendar(t *testing.T) {
	c := newConn(t, activesync.V161, server.Config{})
	day := 24 * time.Hour
	now := time.Now().UTC().Truncate(time.Hour)
	weekly := activesync.Recurrence{Set: true, Type: 1, Interval: 1, DayOfWeek: 2}
	until, counted, short := weekly, weekly, weekly
	until.Until, counted.Occurrences, short.Occurrences = now.Add(-60*day), 20, 2
	for _, e := range []activesync.Event{
		{Subject: "past", Start: now.Add(-40 * day), End: now.Add(-40*day + time.Hour)},
		{Subject: "future", Start: now.Add(400 * day), End: now.Add(401 * day)},
		{Subject: "long", Start: now.Add(-40 * day), End: now.Add(day)},
		{Subject: "endless", Start: now.Add(-100 * day), End: now.Add(-100 * day), Recurrence: weekly},
		{Subject: "ended", Start: now.Add(-100 * day), End: now.Add(-100 * day), Recurrence: until},
		{Subject: "counted", Start: now.Add(-100 * day), End: now.Add(-100 * day), Recurrence: counted},
		{Subject: "short", Start: now.Add(-100 * day), End: now.Add(-100 * day), Recurrence: short},
	} {
		if _, err := c.box.AddEvent("Calendar", e); err != nil {
			t.Fatal(err)
		}
	}
	id := c.folders()["Calendar"]
	res := c.sync(c.collection(id, c.prime(id, activesync.ClassCalendar, wire.SyncOptions{FilterType: wire.Int(4)}), activesync.ClassCalendar))
	items, _ := res.Changes(activesync.ClassCalendar)
	var got []string
	for _, it := range items {
		got = append(got, it.Event.Subject)
	}
	slices.Sort(got)
	if want := []string{"counted", "endless", "future", "long"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

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

func TestSyncThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newConn(t, activesync.V161, server.Config{})
		inbox := c.folders()["Inbox"]
		in := c.collection(inbox, c.prime(inbox, mail), mail)
		req := &wire.SyncRequest{Collections: []wire.SyncCollection{in}, HeartbeatInterval: 300}
		begin := time.Now()
		var res wire.SyncResponse
		if c.call("Sync", req, &res); time.Since(begin) != 300*time.Second || len(res.Collections) != 0 {
			t.Errorf("nothing new: after %v %+v", time.Since(begin), res)
		}
		begin = time.Now()
		time.AfterFunc(time.Minute, func() { c.deliver("Inbox", "hello", time.Now()) })
		if c.call("Sync", req, &res); time.Since(begin) != time.Minute || len(res.Collections) != 1 || !slices.Equal(subjects(t, &res.Collections[0]), []string{"hello"}) {
			t.Errorf("new mail: after %v %+v", time.Since(begin), res)
		}
		for _, tt := range []struct {
			req   wire.SyncRequest
			limit int
		}{
			{wire.SyncRequest{HeartbeatInterval: 5}, 60}, {wire.SyncRequest{HeartbeatInterval: 3541}, 3540},
			{wire.SyncRequest{Wait: 60}, 59},
		} {
			tt.req.Collections = req.Collections
			var res wire.SyncResponse
			if c.call("Sync", &tt.req, &res); res.Status != 14 || res.Limit != tt.limit {
				t.Errorf("%+v: status %d, limit %d, want %d", tt.req, res.Status, res.Limit, tt.limit)
			}
		}
		if got := c.refused("Sync", &wire.SyncRequest{Collections: req.Collections, Wait: 1, HeartbeatInterval: 60}); got != 4 {
			t.Errorf("both: status %d", got)
		}
	})
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

func TestEstimate(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		for i := range 6 {
			c.deliver("Inbox", fmt.Sprint(i), time.Now().AddDate(0, 0, -2*i))
		}
		inbox := c.folders()["Inbox"]
		estimate := func(id activesync.ServerID, key activesync.SyncKey, filter int) (status, n int) {
			var res wire.GetItemEstimateResponse
			c.call("GetItemEstimate", wire.NewEstimate(c.v, id, key, mail, filter).At(c.v), &res)
			if len(res.Responses) != 1 {
				t.Fatalf("got %+v", res)
			}
			if r := res.Responses[0]; r.Collection != nil {
				n = r.Collection.Estimate
			}
			return res.Responses[0].Status, n
		}
		if status, _ := estimate(inbox, "0", 0); status != 3 {
			t.Errorf("key 0: status %d", status)
		}
		key := c.prime(inbox, mail)
		for _, tt := range []struct {
			id             activesync.ServerID
			key            activesync.SyncKey
			filter, status int
			n              int
		}{{inbox, key, 0, 1, 6}, {inbox, key, 2, 1, 2}, {inbox, "77", 0, 4, 0}, {"77", key, 0, 2, 0}, {inbox, key, 6, 110, 0}} {
			if status, n := estimate(tt.id, tt.key, tt.filter); status != tt.status || n != tt.n {
				t.Errorf("%+v: status %d, %d items", tt, status, n)
			}
		}
		if got := c.refused("GetItemEstimate", wire.NewEstimate(c.v, inbox, key, mail, 9).At(c.v)); got != c.common(103, 400) {
			t.Errorf("FilterType 9: status %d", got)
		}
	})
}
