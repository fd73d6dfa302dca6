package engine_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/store"
)

// tides is a series of ten weeks, in which the second one was changed by another
// device.
func tides(at time.Time, allDay bool) activesync.Event {
	e := *tideTable("tides", at)
	if e.AllDay = allDay; allDay {
		e.Start = at.Truncate(24 * time.Hour)
		e.End = e.Start.AddDate(0, 0, 1)
	}
	room := "Room 9"
	e.Recurrence = activesync.Recurrence{Set: true, Type: activesync.Weekly, Interval: 1, Occurrences: 10, DayOfWeek: 1 << e.Start.Weekday()}
	e.Exceptions = []activesync.Exception{{Start: e.Start.AddDate(0, 0, 7), Location: &room}}
	return e
}

// putDate lets another device make an event, not in the second of a Sync.
func (w *world) putDate(e activesync.Event) {
	w.t.Helper()
	w.sync()
	time.Sleep(2 * time.Second) // see SecondKeys
	if _, err := w.box.AddEvent("Calendar", e); err != nil {
		w.t.Fatal(err)
	}
	time.Sleep(2 * time.Second)
	w.settled()
	w.sync()
	time.Sleep(2 * time.Second)
}

// agendaOf is a series as a person sees it.
func agendaOf(e activesync.Event) (out []activesync.Occurrence) {
	e.ID, e.Folder = 0, 0
	for _, o := range calendar.Expand([]activesync.Event{e}, e.Start.AddDate(0, 0, -7), e.Start.AddDate(1, 0, 0), time.UTC) {
		o.Start, o.End = o.Start.UTC(), o.End.UTC()
		out = append(out, o)
	}
	return out
}

// sameAgenda compares what a person sees of a series here and there.
func (w *world) sameAgenda(what, subject string) (here, there activesync.Event) {
	w.t.Helper()
	w.sameDates(what)
	h, t := w.dates()
	if here, there := agendaOf(h[subject]), agendaOf(t[subject]); !slices.Equal(here, there) {
		w.t.Errorf("%s:\n here %+v\nthere %+v", what, here, there)
	}
	return h[subject], t[subject]
}

// changeOne changes the occurrence at a time of the series at hand.
func (w *world) changeOne(at time.Time, change func(one *activesync.Event)) activesync.Op {
	w.t.Helper()
	here, _ := w.dates()
	before := here["tides"]
	one, _ := before.Occurrence(at)
	change(&one)
	after := before.WithOccurrence(at, one)
	return w.dateOps(activesync.Op{Kind: activesync.OpEventChange, Item: before.ID, Instance: at, Event: &after, EventBefore: &before})[0]
}

func (w *world) cancelOne(at time.Time) activesync.Op {
	w.t.Helper()
	here, _ := w.dates()
	before := here["tides"]
	after := before.WithoutOccurrence(at)
	return w.dateOps(activesync.Op{Kind: activesync.OpEventChange, Item: before.ID, Instance: at, Event: &after, EventBefore: &before})[0]
}

// One occurrence is changed, moved and cancelled in both directions; its series
// and the others stay.
func TestOccurrencesGoInBothDirections(t *testing.T) {
	for _, p := range server.Personalities() {
		for _, v := range activesync.Versions() {
			for _, allDay := range []bool{false, true} {
				if allDay && v != activesync.V141 && v != activesync.V161 {
					continue
				}
				name := p.Name + " " + v.String()
				if allDay {
					name += " whole days"
				}
				t.Run(name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						p.Portal = 0
						w := newWorld(t, server.Config{Personality: p, Versions: []activesync.Version{v}})
						e := tides(time.Now().Add(48*time.Hour).UTC().Truncate(time.Hour), allDay)
						w.putDate(e)
						occurrencesGo(t, w, e.Start)
					})
				})
			}
		}
	}
}

func occurrencesGo(t *testing.T, w *world, start time.Time) {
	week := func(n int) time.Time { return start.AddDate(0, 0, 7*n) }
	w.changeOne(week(1), func(one *activesync.Event) {
		one.Subject = "spring tide"
		one.Start, one.End = one.Start.AddDate(0, 0, 1), one.End.AddDate(0, 0, 1)
	})
	w.changeOne(week(2), func(one *activesync.Event) { one.Location, one.Reminder, one.BusyStatus = "", nil, 3 })
	w.cancelOne(week(3))
	here, _ := w.dates()
	if got := agendaOf(here["tides"]); len(got) != 9 || got[1].Subject != "spring tide" || got[1].Location != "Room 9" || !got[1].Start.Equal(week(1).AddDate(0, 0, 1)) || got[2].Location != "" {
		t.Fatalf("before it is told: %+v", got)
	}
	w.settled()
	_, there := w.sameAgenda("changed here", "tides")
	if got := agendaOf(there); len(got) != 9 || got[1].Subject != "spring tide" || got[1].Location != "Room 9" || got[2].BusyStatus != 3 || there.Subject != "tides" || there.Location != "Room 4" {
		t.Fatalf("the server has %+v, %+v", got, there)
	}
	if one, _ := there.Occurrence(week(2)); one.Reminder != nil {
		t.Errorf("the reminder is %v", *one.Reminder)
	}
	time.Sleep(2 * time.Second)

	// The other device does as much.
	items, err := w.box.Items("Calendar")
	if err != nil {
		t.Fatal(err)
	}
	one, _ := there.Occurrence(week(1))
	one.Location = "Lock"
	theirs := there.WithOccurrence(week(1), one).WithoutOccurrence(week(4))
	if err := w.box.SetEvent(items[0].ID, theirs); err != nil {
		t.Fatal(err)
	}
	w.settled()
	last, _ := w.sameAgenda("changed there", "tides")
	if got := agendaOf(last); len(got) != 8 || got[1].Location != "Lock" || got[1].Subject != "spring tide" {
		t.Errorf("here is %+v", got)
	}
}

// What differs in one field each is joined; what was changed on both sides is
// told, and the server's stands.
func TestOccurrenceThatChangedOnBothSides(t *testing.T) {
	for _, c := range []struct {
		name   string
		theirs func(e activesync.Event, at time.Time) activesync.Event
		aside  bool
	}{
		{"another field", func(e activesync.Event, at time.Time) activesync.Event {
			one, _ := e.Occurrence(at)
			one.Subject = "spring tide"
			return e.WithOccurrence(at, one)
		}, false},
		{"another one", func(e activesync.Event, at time.Time) activesync.Event {
			return e.WithoutOccurrence(at.AddDate(0, 0, 7))
		}, false},
		{"the series", func(e activesync.Event, at time.Time) activesync.Event { e.Location = "Lock"; return e }, false},
		{"the same field", func(e activesync.Event, at time.Time) activesync.Event {
			one, _ := e.Occurrence(at)
			one.Location = "Lock"
			return e.WithOccurrence(at, one)
		}, true},
		{"cancelled", func(e activesync.Event, at time.Time) activesync.Event { return e.WithoutOccurrence(at) }, true},
		{"the times of the series", func(e activesync.Event, at time.Time) activesync.Event {
			e.Start, e.End, e.Exceptions = e.Start.Add(time.Hour), e.End.Add(time.Hour), nil
			return e
		}, true},
	} {
		for _, v := range []activesync.Version{activesync.V141, activesync.V161} {
			t.Run(c.name+" "+v.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, server.Config{Versions: []activesync.Version{v}})
					e := tides(time.Now().Add(48*time.Hour).UTC().Truncate(time.Hour), false)
					id, err := w.box.AddEvent("Calendar", e)
					if err != nil {
						t.Fatal(err)
					}
					w.sync()
					at := e.Start.AddDate(0, 0, 14)
					w.changeOne(at, func(one *activesync.Event) { one.Location = "Quay 7" })
					if err := w.box.SetEvent(id, c.theirs(e, at)); err != nil {
						t.Fatal(err)
					}
					w.sync()
					w.sync()
					ops, err := w.store.Pending(t.Context(), w.account.ID)
					if err != nil || (len(ops) == 1 && ops[0].Aside && ops[0].Reason != "") != c.aside {
						t.Fatalf("the person's side: %+v, %v", ops, err)
					}
					here, there := w.dates()
					if h, t2 := agendaOf(here["tides"]), agendaOf(there["tides"]); !slices.Equal(h, t2) {
						t.Errorf("here %+v\nthere %+v", h, t2)
					}
					if one, _ := func() (activesync.Event, bool) { e := there["tides"]; return e.Occurrence(at) }(); !c.aside && one.Location != "Quay 7" {
						t.Errorf("there it is at %q", one.Location)
					}
				})
			})
		}
	}
}

// A change of an occurrence is taken back as long as it waits, a cancellation too.
func TestOccurrenceThatIsTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, server.Config{})
		e := tides(time.Now().Add(48*time.Hour).UTC().Truncate(time.Hour), false)
		w.putDate(e)
		for _, op := range []activesync.Op{w.changeOne(e.Start, func(one *activesync.Event) { one.Subject = "ebb" }), w.cancelOne(e.Start.AddDate(0, 0, 14))} {
			if err := w.store.RevertOp(t.Context(), op.ID); err != nil {
				t.Fatal(err)
			}
		}
		w.settled()
		if here, _ := w.sameAgenda("taken back", "tides"); len(agendaOf(here)) != 10 || len(here.Exceptions) != 1 {
			t.Errorf("here is %+v", here)
		}
	})
}

// It is taken back after the server may have carried it out, too: that goes to the
// server, which does not tell the device of what it did itself.
func TestOccurrenceThatIsTakenBackAfterALostAnswer(t *testing.T) {
	for _, p := range server.Personalities() {
		for _, v := range []activesync.Version{activesync.V141, activesync.V161} {
			t.Run(p.Name+" "+v.String(), func(t *testing.T) {
				carriedOut := 0
				for nth := range 3 { // the answer that is lost: of a pull or of the change
					synctest.Test(t, func(t *testing.T) {
						p.Portal = 0
						w := newWorld(t, server.Config{Personality: p, Versions: []activesync.Version{v}})
						e := tides(time.Now().Add(48*time.Hour).UTC().Truncate(time.Hour), false)
						w.putDate(e)
						n, cal := 0, w.folder(activesync.FolderCalendar).ServerID
						w.setFault(func(q *server.Request) *server.Fault {
							if q.Command != "Sync" || !slices.Contains(q.Collections, cal) {
								return nil
							}
							if n++; n-1 == nth {
								return &server.Fault{Drop: true}
							}
							return nil
						})
						op := w.changeOne(e.Start.AddDate(0, 0, 14), func(one *activesync.Event) { one.Location = "Quay 9" })
						_ = w.engine.Push(t.Context())
						if _, there := w.dates(); slices.Contains(placesOf(there["tides"]), "Quay 9") {
							carriedOut++
						}
						if err := w.store.RevertOp(t.Context(), op.ID); err != nil && !errors.Is(err, store.ErrNoOp) {
							t.Fatal(err)
						} else if err != nil {
							return // it was told to be done
						}
						w.settled()
						if here, there := w.sameAgenda("taken back", "tides"); slices.Contains(placesOf(there), "Quay 9") {
							t.Errorf("here %v, there %v", placesOf(here), placesOf(there))
						}
					})
				}
				if carriedOut == 0 {
					t.Error("the server never carried it out")
				}
			})
		}
	}
}

// placesOf are the places of the occurrences that have one of their own.
func placesOf(e activesync.Event) (out []string) {
	for _, x := range e.Exceptions {
		if x.Location != nil {
			out = append(out, *x.Location)
		}
	}
	return out
}

// The answer to a cancellation may be lost: it is not cancelled twice, which a
// server refuses.
func TestLostAnswerToACancelledOccurrence(t *testing.T) {
	for _, p := range server.Personalities() {
		for _, v := range []activesync.Version{activesync.V141, activesync.V161} {
			t.Run(p.Name+" "+v.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p.Portal = 0
					w := newWorld(t, server.Config{Personality: p, Versions: []activesync.Version{v}})
					e := tides(time.Now().Add(48*time.Hour).UTC().Truncate(time.Hour), false)
					w.putDate(e)
					lost, cal := 0, w.folder(activesync.FolderCalendar).ServerID
					w.setFault(func(q *server.Request) *server.Fault {
						if q.Command == "Sync" && len(q.Collections) == 1 && q.Collections[0] == cal && lost == 0 {
							lost++
							return &server.Fault{Drop: true}
						}
						return nil
					})
					w.cancelOne(e.Start)
					w.changeOne(e.Start.AddDate(0, 0, 21), func(one *activesync.Event) { one.Subject = "ebb" })
					w.settled()
					if here, _ := w.sameAgenda("after a lost answer", "tides"); len(agendaOf(here)) != 9 {
						t.Errorf("here is %+v", here)
					}
				})
			})
		}
	}
}
