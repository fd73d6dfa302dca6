package ui

import (
	"context"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
)

// invited is what is known here of an invitation besides its message. It does
// not change once made.
type invited struct {
	uid       string
	event     *activesync.Event // the event itself, where it is in the calendar already
	conflicts []activesync.Occurrence
	more      int // conflicts that are not named
	// before is what the invitation said when it came last, nil where this is the
	// first.
	before *activesync.MeetingRequest
}

// How many events at the same time are named, and of how many appearances of a
// series within how many days such are looked for.
const (
	mostConflicts = 4
	mostAhead     = 60
	daysOfSeries  = 183
	mostEarlier   = 500 // messages of the mailbox looked at for an earlier invitation
)

// askCalendar finds out what else there is at the time of an invitation, and
// draws it.
func (r *reader) askCalendar(a *App) tea.Cmd {
	m := r.msg.Meeting
	if m == nil || m.Start.IsZero() || r.invited != nil && r.invited.uid == m.UID {
		return nil
	}
	_, acct := a.folder(r.msg.Folder)
	if acct == nil {
		acct = a.current()
	}
	if acct == nil {
		return nil
	}
	look := inquiry{b: a.backend, account: acct.ID, loc: a.loc, now: a.now, msg: r.msg, meeting: *m}
	gen := r.lane.gen
	return a.call(quick, func(ctx context.Context) answer {
		found := look.up(ctx)
		return func(a *App) tea.Cmd {
			r := &a.mail.reader
			if gen != r.lane.gen || r.msg.Meeting == nil || r.msg.Meeting.UID != found.uid {
				return nil
			}
			r.invited = found
			r.edition++
			return r.render(a)
		}
	})
}

// askAgain is askCalendar where the calendar has changed.
func (r *reader) askAgain(a *App) tea.Cmd {
	if !r.have || r.msg.Meeting == nil {
		return nil
	}
	r.invited = nil
	return r.askCalendar(a)
}

// inquiry asks what is known of an invitation, on any goroutine.
type inquiry struct {
	b       Backend
	account activesync.AccountID
	loc     *time.Location
	now     time.Time
	msg     activesync.Message
	meeting activesync.MeetingRequest
}

func (q inquiry) up(ctx context.Context) *invited {
	out := &invited{uid: q.meeting.UID, before: q.before(ctx)}
	times := q.times()
	if len(times) == 0 {
		return out
	}
	list, err := q.b.Agenda(ctx, q.account, times[0].Start, slices.MaxFunc(times, func(x, y activesync.Occurrence) int { return x.End.Compare(y.End) }).End)
	if err != nil {
		return out
	}
	events := map[activesync.ItemID]activesync.Event{}
	for _, o := range list {
		e, ok := events[o.Event]
		if !ok {
			if e, err = q.b.Event(ctx, o.Event); err != nil {
				continue
			}
			events[o.Event] = e
		}
		if q.same(&e) {
			out.event = &e
			continue
		}
		free := o.BusyStatus == 0 || o.Cancelled || o.ResponseType == 4
		if free || !slices.ContainsFunc(times, func(t activesync.Occurrence) bool { return o.Start.Before(t.End) && o.End.After(t.Start) }) {
			continue
		}
		if len(out.conflicts) < mostConflicts {
			out.conflicts = append(out.conflicts, o)
		} else {
			out.more++
		}
	}
	return out
}

// same reports whether an event is that of the invitation. From 16.0 on one that
// was put into the calendar here has got another UID.
func (q inquiry) same(e *activesync.Event) bool {
	return q.meeting.UID != "" && e.UID == q.meeting.UID || e.Start.Equal(q.meeting.Start) && e.End.Equal(q.meeting.End) && e.Subject == q.msg.Subject
}

// times are when the meeting takes place: of a series those of the next half
// year, and of one that says that it takes longer its first half year. What of the
// person's own series lies in centuries would fill the memory.
func (q inquiry) times() []activesync.Occurrence {
	m := q.meeting
	e := activesync.Event{Start: m.Start, End: m.End, AllDay: m.AllDay, TimeZone: m.TimeZone, Recurrence: m.Recurrence}
	if !e.End.After(e.Start) {
		e.End = e.Start.Add(time.Minute)
	}
	if most := e.Start.AddDate(0, 0, daysOfSeries); e.End.After(most) {
		e.End = most
	}
	from := m.Start.AddDate(0, 0, -1)
	if m.Recurrence.Set && from.Before(q.now) {
		from = q.now
	}
	to := from.AddDate(0, 0, daysOfSeries)
	if !m.Recurrence.Set {
		to = e.End.AddDate(0, 0, 1)
	}
	all := calendar.Expand([]activesync.Event{e}, from, to, q.loc)
	return all[:min(len(all), mostAhead)]
}

// before is the invitation to the same meeting that came before this message.
func (q inquiry) before(ctx context.Context) *activesync.MeetingRequest {
	if q.meeting.UID == "" {
		return nil
	}
	near, err := q.b.Window(ctx, q.msg.Folder, activesync.WindowQuery{Count: mostEarlier})
	if err != nil {
		return nil
	}
	for _, h := range near.Rows {
		if h.ID == q.msg.ID || h.Date.After(q.msg.Date) || !strings.HasPrefix(strings.ToUpper(h.MessageClass), "IPM.SCHEDULE.MEETING.REQUEST") {
			continue
		}
		if m, err := q.b.Message(ctx, h.ID); err == nil && m.Meeting != nil && m.Meeting.UID == q.meeting.UID {
			return m.Meeting
		}
	}
	return nil
}
