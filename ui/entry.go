package ui

import (
	"context"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
	"eas.example/securemail/activesync/message"
)

// meetingEntry is what can be done with the event that a message tells of.
type meetingEntry uint8

const (
	noEntry   meetingEntry = iota
	addEntry               // it is not in the calendar, and no server puts it there
	dropEntry              // it is in the calendar, and was cancelled
)

func (e meetingEntry) words() string {
	return [...]string{"", "add to calendar", "remove from calendar"}[e]
}

// takeEvent takes the event from a calendar part or file in which the server sees
// no invitation, and says of what class the message is by it.
func (p *parcel) takeEvent(mail *message.Mail, loc *time.Location) {
	file, err := calendar.ReadICS(mail.Schedule(), loc)
	if err != nil || len(file.Items) == 0 {
		return
	}
	it := &file.Items[0]
	e := &it.Event
	p.event, p.sequence = e, it.Sequence
	p.msg.Meeting = &activesync.MeetingRequest{UID: e.UID, AllDay: e.AllDay, Start: e.Start, End: e.End, Location: e.Location, Organizer: e.Organizer,
		ResponseRequested: e.ResponseRequested, Recurrence: e.Recurrence, TimeZone: e.TimeZone, RecurrenceID: it.RecurrenceID, MessageType: 1}
	if it.Sequence > 0 {
		p.msg.Meeting.MessageType = 2
	}
	if strings.HasPrefix(strings.ToUpper(p.msg.MessageClass), "IPM.SCHEDULE.") {
		return
	}
	switch {
	case file.Method == "CANCEL":
		p.msg.MessageClass = "IPM.Schedule.Meeting.Canceled"
	case file.Method == "REPLY":
		p.msg.MessageClass = "IPM.Schedule.Meeting.Resp" + replyClass(e, p.msg.From)
	case file.Method != "REQUEST" || e.Organizer.Address == "":
		p.msg.MessageClass = entryClass
	}
}

// replyClass is how the class of an answer by a person ends.
func replyClass(e *activesync.Event, who activesync.Address) string {
	for _, a := range e.Attendees {
		if strings.EqualFold(a.Address.Address, who.Address) || len(e.Attendees) == 1 {
			return map[uint8]string{2: ".Tent", 3: ".Pos", 4: ".Neg"}[a.Status]
		}
	}
	return ""
}

// calendarEntry tells what can be done with the event of the message shown.
func (r *reader) calendarEntry() meetingEntry {
	if r.invited == nil || r.msg.Meeting == nil {
		return noEntry
	}
	switch kind := about(r.msg); {
	case kind == isCancellation && r.invited.event != nil:
		return dropEntry
	case kind != isCancellation && kind != isAnswer && r.invited.event == nil && r.parcel != nil && r.parcel.event != nil:
		return addEntry
	}
	return noEntry
}

// enterEvent puts the event of the message shown into the calendar, or takes it out.
func (r *reader) enterEvent(a *App) tea.Cmd {
	_, acct := a.folder(r.msg.Folder)
	if acct == nil {
		return nil
	}
	b, account, does := a.backend, acct.ID, r.calendarEntry()
	subject, said, what := clean(r.msg.Subject), "In your calendar: ", "add "
	var op activesync.Op
	switch does {
	case addEntry:
		op = addOf(*r.parcel.event)
		subject = orElse(clean(op.Event.Subject), noSubject)
	case dropEntry:
		op = activesync.Op{Kind: activesync.OpDelete, Item: r.invited.event.ID}
		subject, said, what = clean(r.invited.event.Subject), "Removed from your calendar: ", "remove "
	default:
		return nil
	}
	return a.call(quick, func(ctx context.Context) answer {
		ops, err := changeEntry(ctx, b, account, op)
		return func(a *App) tea.Cmd {
			if err != nil {
				return a.fail("The calendar was not changed", err)
			}
			a.undoable(undoEntry{ops: ops, what: what + subject})
			return tea.Batch(a.sayUndo(said+subject), a.mail.reader.askAgain(a))
		}
	})
}

// addOf is the record that keeps an event of a message.
func addOf(e activesync.Event) activesync.Op {
	e = e.Private()
	return activesync.Op{Kind: activesync.OpEventAdd, Event: &e}
}

// changeEntry writes a change of an account's calendar to the journal.
func changeEntry(ctx context.Context, b Backend, account activesync.AccountID, op activesync.Op) ([]activesync.OpID, error) {
	if op.Kind == activesync.OpEventAdd {
		var err error
		if op.To, err = calendarOf(ctx, b, account); err != nil {
			return nil, err
		}
	}
	return b.ChangeEvents(ctx, op)
}
