package ui

import (
	"strings"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/contacts"
	"eas.example/securemail/ui/action"
	"eas.example/securemail/ui/style"
)

// held are the fields that a record set aside gives a contact or an event, beside
// what Exchange has.
func (a *App) held(op *activesync.Op) []contacts.Difference {
	switch {
	case op.Contact != nil && op.ContactBefore != nil:
		return contacts.Differences(*op.ContactBefore, *op.Contact)
	case op.Event == nil || op.EventBefore == nil:
		return nil
	}
	was, is := *op.EventBefore, *op.Event
	if at := op.Instance; !at.IsZero() {
		there := false
		was, _ = was.Occurrence(at)
		if is, there = is.Occurrence(at); !there {
			return []contacts.Difference{{Label: "This one", File: "cancelled"}}
		}
	}
	left, right := a.eventFields(was), a.eventFields(is)
	var out []contacts.Difference
	for i, f := range right {
		if f.File != left[i].File {
			out = append(out, contacts.Difference{Label: f.Label, Exchange: left[i].File, File: f.File})
		}
	}
	return out
}

// eventFields are what an event says, as File of each.
func (a *App) eventFields(e activesync.Event) []contacts.Difference {
	var guests []string
	for _, g := range e.Attendees {
		guests = append(guests, g.Label())
	}
	when, repeats := "", "once"
	if !e.Start.IsZero() {
		o := plan(activesync.Occurrence{Start: e.Start, End: e.End, AllDay: e.AllDay}, "", a.loc)
		when = look{theme: a.theme, loc: a.loc, now: a.now}.spanWords(o, a.loc)
	}
	if e.Recurrence.Set {
		repeats = RepeatWords(e, a.loc, a.now)
	}
	return []contacts.Difference{
		{Label: "Title", File: e.Subject}, {Label: "When", File: when}, {Label: "Repeats", File: repeats}, {Label: "Where", File: e.Location},
		{Label: "Online", File: e.OnlineMeeting}, {Label: "Reminder", File: reminderWords(e.Reminder)}, {Label: "Shown as", File: busyWords(e.BusyStatus)},
		{Label: "Marked as", File: sensitivityWord(e.Sensitivity)}, {Label: "Categories", File: strings.Join(e.Categories, ", ")},
		{Label: "Invited", File: strings.Join(guests, ", ")}, {Label: "Text", File: strings.TrimSpace(message.PlainText(e.Body))},
	}
}

// heldRows shows what a record set aside holds.
func (a *App) heldRows(s *sheet, op *activesync.Op) {
	all := a.held(op)
	if op.State != activesync.OpParked || len(all) == 0 {
		return
	}
	s.blank()
	s.words(style.Heading, "Yours")
	for _, d := range all {
		mine := d.File
		if mine == "" {
			mine = a.theme.Dash
		}
		s.paragraphs(clean(d.Label), mine, outboxColumn, style.Text)
		if d.Exchange != "" {
			s.paragraphs("", "on Exchange: "+d.Exchange, outboxColumn, style.Dim)
		}
	}
	s.blank()
	s.words(style.Dim, a.keys.Key(action.ExportOp)+" writes it into a file.")
}
