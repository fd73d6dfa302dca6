package server_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
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
		if got := c.refused("Sync", &wire.SyncRequest{Collections: []wire.SyncCollection{c.collection(ids["Inbox"], "0", mail)}, Partial: true}); got != 13 {
			t.Errorf("partial before a whole one: status %d", got)
		}
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
		if c.v >= activesync.V140 {
			sms := options(wire.SyncOptions{Class: "SMS"}, wire.SyncOptions{Class: mail})
			twice := options(wire.SyncOptions{Class: mail}, wire.SyncOptions{Class: mail})
			talk, dates := c.collection(ids["Inbox"], "0", mail), c.collection(ids["Calendar"], "0", activesync.ClassCalendar)
			talk.ConversationMode, dates.ConversationMode = wire.Bool(true), wire.Bool(true)
			part := options(wire.SyncOptions{BodyPartPreference: &wire.BodyPartPreference{Type: 1}})
			for want, in := range map[int][]wire.SyncCollection{1: {sms, talk}, 4: {dates, twice}, 164: {part}} {
				for _, in := range in {
					if want == 164 && c.v < activesync.V141 {
						continue
					}
					if got := c.sync(in); got.Status != want {
						t.Errorf("%+v: status %d, want %d", in, got.Status, want)
					}
				}
			}
		}
		cache := c.collection(c.box.AddFolder("Recipient Cache", activesync.FolderRecipientCache), "0", activesync.ClassContacts)
		c.folders()
		if got := c.sync(cache); got.Status != 1 {
			t.Errorf("the recipient cache: status %d", got.Status)
		}
		cache.Options = []wire.SyncOptions{{BodyPreferences: []wire.BodyPreference{{Type: 1}}}}
		if got := c.sync(cache); got.Status != 4 {
			t.Errorf("the recipient cache with texts: status %d", got.Status)
		}
		drafts := c.sync(c.collection(ids["Drafts"], "0", mail))
		if want := map[bool]int{false: 4, true: 1}[c.v >= activesync.V160]; drafts.Status != want {
			t.Errorf("drafts: status %d, want %d", drafts.Status, want)
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
