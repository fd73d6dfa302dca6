package server

import (
	"slices"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

// changeOccurrence changes one occurrence of a series, or cancels it where data
// is nil; from 16.0 on (MS-ASCAL 2.2.2.23).
func (x *exchange) changeOccurrence(c *collection, it *item, at string, data *wbxml.Raw) (status int) {
	start, err := time.Parse("20060102T150405Z", at)
	if err != nil || it.event == nil || !it.event.Recurrence.Set || !hasOccurrence(it.event, start) {
		return 6
	}
	if c.state.stale(it) && !c.options.deviceWins && !x.personality().Overwrites {
		return 7
	}
	if _, there := it.event.Occurrence(start); !there {
		return 8 // it cannot be cancelled twice, nor be brought back
	}
	changed := it.event.WithoutOccurrence(start)
	if data != nil {
		var w wire.Calendar
		p, err := wire.DecodeEvent(*data)
		if err != nil || data.Unmarshal(&w) != nil || w.Timezone != nil || w.Recurrence != nil || w.Exceptions != nil ||
			w.AllDayEvent != nil && w.AllDayEvent.Bool() != it.event.AllDay || w.EndTime != nil && w.StartTime == nil {
			return 6
		}
		one := activesync.EventPatch{Event: activesync.Event{Exceptions: []activesync.Exception{p.Exception(start)}}, Fields: activesync.EventExceptions, Partial: true}
		changed = *it.event
		one.Apply(&changed)
	}
	x.invite(it.event, &changed, start)
	it.event = &changed
	x.own(c, it)
	it.whole = it.changed
	return 1
}

// takesExceptions reports whether a Change of a series may say that of its
// occurrences. From 16.0 on each has a command of its own (MS-ASCAL 2.2.2.21).
func (x *exchange) takesExceptions(was, is *activesync.Event, data wbxml.Raw) bool {
	var w wire.Calendar
	if data.Unmarshal(&w) != nil {
		return false
	}
	if w.Exceptions == nil {
		return true
	}
	if x.Version >= activesync.V160 || !is.Recurrence.Set {
		return false
	}
	for _, one := range w.Exceptions.Exceptions {
		at, ok := one.ExceptionStartTime.Time()
		known := slices.ContainsFunc(was.Exceptions, func(e activesync.Exception) bool { return e.Start.Equal(at) })
		switch {
		case !ok || one.InstanceID != nil || one.Location != nil || one.MeetingStatus != nil || one.ResponseType != nil:
			return false
		case one.Attendees != nil && x.Version < activesync.V140:
			return false
		case one.Deleted != nil && one.Deleted.Bool() && (one.Subject != nil || one.StartTime != nil || one.EndTime != nil || one.Body != nil):
			return false
		case !known && !hasOccurrence(is, at):
			return false
		}
	}
	return true
}

// hasOccurrence reports whether the rule of a series has an occurrence at a time.
func hasOccurrence(e *activesync.Event, at time.Time) bool {
	bare := *e
	bare.Exceptions = nil
	return slices.ContainsFunc(calendar.Expand([]activesync.Event{bare}, at, at.Add(time.Minute), time.UTC),
		func(o activesync.Occurrence) bool { return o.OriginalStart.Equal(at) })
}
