package engine_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

// dates are the events here by subject, and those on the server.
func (w *world) dates() (here map[string]activesync.Event, there map[string]activesync.Event) {
	w.t.Helper()
	here, there = map[string]activesync.Event{}, map[string]activesync.Event{}
	list, err := w.store.Events(w.t.Context(), w.account.ID, time.Time{}, time.Now().AddDate(10, 0, 0))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range list {
		if _, twice := here[e.Subject]; twice {
			w.t.Errorf("%q is here twice", e.Subject)
		}
		here[e.Subject] = e
	}
	all, err := w.box.Items("Calendar")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, it := range all {
		if _, twice := there[it.Event.Subject]; twice {
			w.t.Errorf("%q is there twice", it.Event.Subject)
		}
		there[it.Event.Subject] = *it.Event
	}
	return here, there
}

// sameDates compares what a person sees of the events with the server's.
func (w *world) sameDates(what string) {
	w.t.Helper()
	here, there := w.dates()
	if len(here) != len(there) {
		w.t.Errorf("%s: %d events here, %d there", what, len(here), len(there))
	}
	for subject, e := range here {
		o, ok := there[subject]
		if d := activesync.DiffEvent(&e, &o).Fields &^ (activesync.EventUID | activesync.EventOrganizer | activesync.EventTimeZone); !ok || d != 0 {
			w.t.Errorf("%s: %q differs in %b: here %+v, there %+v", what, subject, d, e, o)
		}
	}
	if err := w.store.Check(w.t.Context()); err != nil {
		w.t.Errorf("%s: %v", what, err)
	}
	if ops, err := w.store.Pending(w.t.Context(), w.account.ID); err != nil || len(ops) > 0 {
		w.t.Errorf("%s: %d records wait: %+v, %v", what, len(ops), ops, err)
	}
}

// do queues changes of events.
func (w *world) dateOps(ops ...activesync.Op) []activesync.Op {
	w.t.Helper()
	out, err := w.store.QueueEntries(w.t.Context(), ops)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func tideTable(subject string, at time.Time) *activesync.Event {
	ten := 10
	return &activesync.Event{UID: subject + "@here", Subject: subject, Location: "Room 4", Start: at, End: at.Add(time.Hour), BusyStatus: 2, Reminder: &ten, DTStamp: at,
		Body: activesync.Body{Type: activesync.BodyPlain, Data: []byte("Bring tables."), Size: 13}, Categories: []string{"Harbour"}}
}

// settled syncs until nothing waits: a portal's page or new policies may come
// in between.
func (w *world) settled() {
	w.t.Helper()
	for range 6 {
		_, err := w.engine.Sync(w.t.Context(), nil, true, nil)
		if ops, perr := w.store.Pending(w.t.Context(), w.account.ID); err == nil && perr == nil && len(ops) == 0 {
			return
		}
		time.Sleep(20 * time.Minute)
	}
}

func TestEventsGoInBothDirections(t *testing.T) {
	for _, p := range server.Personalities() {
		for _, v := range activesync.Versions() {
			t.Run(p.Name+" "+v.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p.Portal = 0
					w := newWorld(t, server.Config{Personality: p, Versions: []activesync.Version{v}})
					w.sync()
					time.Sleep(2 * time.Second) // see SecondKeys
					eventsGoInBothDirections(t, w)
				})
			})
		}
	}
}

func eventsGoInBothDirections(t *testing.T, w *world) {
	at := time.Date(2000, 1, 5, 9, 0, 0, 0, time.UTC)
	cal := w.folder(activesync.FolderCalendar)
	made := w.dateOps(activesync.Op{Kind: activesync.OpEventAdd, To: cal.ID, Event: tideTable("low", at)},
		activesync.Op{Kind: activesync.OpEventAdd, To: cal.ID, Event: tideTable("high", at.Add(6*time.Hour))},
		activesync.Op{Kind: activesync.OpEventAdd, To: cal.ID, Event: tideTable("neap", at.Add(24*time.Hour))})
	if here, there := w.dates(); len(here) != 3 || len(there) != 0 {
		t.Fatalf("before it is told: %d here, %d there", len(here), len(there))
	}
	w.settled()
	w.sameDates("made")
	time.Sleep(2 * time.Second)

	before, err := w.store.Event(t.Context(), made[0].Item)
	if err != nil {
		t.Fatal(err)
	}
	after := before
	after.Subject, after.Location, after.Reminder, after.End = "low water", "", nil, before.End.Add(time.Hour)
	w.dateOps(activesync.Op{Kind: activesync.OpEventChange, Item: made[0].Item, Event: &after, EventBefore: &before},
		activesync.Op{Kind: activesync.OpDelete, Item: made[1].Item})
	if here, _ := w.dates(); len(here) != 2 || here["low water"].Location != "" {
		t.Errorf("before it is told: %+v", here)
	}
	w.settled()
	w.sameDates("changed and deleted")
	time.Sleep(2 * time.Second)

	if _, err := w.box.AddEvent("Calendar", *tideTable("spring", at.Add(72*time.Hour))); err != nil {
		t.Fatal(err)
	}
	w.settled()
	w.sameDates("another device's")
}

func TestEventThatIsTakenBackIsNotMade(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		w.sync()
		op := w.dateOps(activesync.Op{Kind: activesync.OpEventAdd, To: w.folder(activesync.FolderCalendar).ID, Event: tideTable("low", time.Now().Add(time.Hour))})[0]
		if err := w.store.RevertOp(t.Context(), op.ID); err != nil {
			t.Fatal(err)
		}
		w.settled()
		if here, there := w.dates(); len(here)+len(there) != 0 {
			t.Errorf("here %v, there %v", here, there)
		}
		w.sameDates("taken back")
	})
}

// The answer to an Add may be lost: the event is known again, whatever the
// server makes of Adds that come twice.
func TestLostAnswerToEventAddDoublesNothing(t *testing.T) {
	// From 16.0 on ClientUid protects, before nothing does.
	for _, v := range []activesync.Version{activesync.V141, activesync.V161} {
		for _, p := range server.Personalities() {
			lostAnswerToEventAdd(t, p, v)
		}
	}
}

func lostAnswerToEventAdd(t *testing.T, p server.Personality, v activesync.Version) {
	t.Run(p.Name+" "+v.String(), func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p.Portal = 0
			w := newWorld(t, server.Config{Personality: p, Versions: []activesync.Version{v}})
			w.sync()
			time.Sleep(2 * time.Second)
			w.dateOps(activesync.Op{Kind: activesync.OpEventAdd, To: w.folder(activesync.FolderCalendar).ID, Event: tideTable("low", time.Now().Add(time.Hour))})
			lost := 0
			cal := w.folder(activesync.FolderCalendar).ServerID
			w.setFault(func(q *server.Request) *server.Fault {
				if q.Command == "Sync" && len(q.Collections) == 1 && q.Collections[0] == cal && lost == 0 {
					lost++
					return &server.Fault{Drop: true}
				}
				return nil
			})
			w.settled()
			if lost == 0 && p.RenamesFolders == false {
				t.Error("nothing was lost")
			}
			w.sameDates("after a lost answer")
		})
	})
}

// bothChange has the person and another device change the place of one event, and
// bring checks what came of it after whatever it does.
func bothChange(t *testing.T, w *world, bring func()) {
	w.sync()
	time.Sleep(2 * time.Second) // see SecondKeys
	op := w.dateOps(activesync.Op{Kind: activesync.OpEventAdd, To: w.folder(activesync.FolderCalendar).ID, Event: tideTable("low", time.Now().Add(time.Hour))})[0]
	w.settled()
	before, err := w.store.Event(t.Context(), op.Item)
	if err != nil {
		t.Fatal(err)
	}
	mine := before
	mine.Location = "Room 5"
	w.dateOps(activesync.Op{Kind: activesync.OpEventChange, Item: op.Item, Event: &mine, EventBefore: &before})
	items, err := w.box.Items("Calendar")
	if err != nil || len(items) != 1 {
		t.Fatalf("%+v, %v", items, err)
	}
	theirs := before
	theirs.ID, theirs.Folder, theirs.Location = 0, 0, "Quay 4"
	if err := w.box.SetEvent(items[0].ID, theirs); err != nil {
		t.Fatal(err)
	}
	bring()
	w.sync()
	here, there := w.dates()
	if here["low"].Location != "Quay 4" || there["low"].Location != "Quay 4" {
		t.Errorf("here %q, there %q", here["low"].Location, there["low"].Location)
	}
	ops, err := w.store.Pending(t.Context(), w.account.ID)
	if err != nil || len(ops) != 1 || !ops[0].Aside || ops[0].Reason == "" {
		t.Fatalf("the person's side: %+v, %v", ops, err)
	}
}

// Where both sides changed the same, the server's stands and the person's is
// kept for them to see.
func TestEventThatChangedOnBothSides(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) { bothChange(t, w, func() {}) })
}

// What was set aside stays so where the pull that did it fails in the end.
func TestWhatWasSetAsideStaysSo(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		bothChange(t, w, func() {
			n, cal := 0, w.folder(activesync.FolderCalendar).ServerID
			w.setFault(func(q *server.Request) *server.Fault {
				if q.Command != "Sync" || !slices.Contains(q.Collections, cal) {
					return nil
				}
				switch n++; n {
				case 1: // it is repeated, and asked once more after that
					return &server.Fault{Drop: true}
				case 2:
					return nil
				}
				return &server.Fault{Status: 503}
			})
			for range 3 {
				_ = w.engine.Push(t.Context())
				time.Sleep(time.Hour)
			}
			w.setFault(nil)
		})
	})
}

// An event that was made here, and whose UID the server has not told yet, stays
// the one that it is when its folder starts anew.
func TestAnEventWhoseUIDIsNotKnownYet(t *testing.T) {
	for _, v := range activesync.Versions() {
		t.Run(v.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, server.Config{Versions: []activesync.Version{v}})
				w.sync()
				cal := w.folder(activesync.FolderCalendar)
				op := w.dateOps(activesync.Op{Kind: activesync.OpEventAdd, To: cal.ID, Event: tideTable("low", time.Now().Add(time.Hour))})[0]
				w.setFault(func(*server.Request) *server.Fault { // once it is made, nothing is told
					if all, _ := w.box.Items("Calendar"); len(all) > 0 {
						return &server.Fault{Status: 503}
					}
					return nil
				})
				_ = w.engine.Push(t.Context())
				w.setFault(nil)
				before, err := w.store.Event(t.Context(), op.Item)
				if err != nil {
					t.Fatal(err)
				}
				if all, _ := w.box.Items("Calendar"); len(all) != 1 {
					t.Fatalf("%d events were made", len(all))
				}
				w.box.ForgetKeys()
				mine := before
				mine.Location = "Room 5"
				w.dateOps(activesync.Op{Kind: activesync.OpEventChange, Item: op.Item, Event: &mine, EventBefore: &before})
				time.Sleep(time.Hour)
				w.sync()
				w.sync()
				w.sameDates("anew")
				here, there := w.dates()
				if here["low"].Location != "Room 5" || there["low"].Location != "Room 5" {
					t.Errorf("here %q, there %q", here["low"].Location, there["low"].Location)
				}
				if _, err := w.store.Event(t.Context(), op.Item); err != nil {
					t.Error(err)
				}
			})
		})
	}
}
