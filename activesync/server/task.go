package server

import (
	"slices"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

// AddTask puts a task into a folder.
func (m *Mailbox) AddTask(path string, t activesync.Task) (activesync.ServerID, error) {
	return m.add(path, &item{task: &t, date: t.UTCDue})
}

// AddNote puts a note into a folder.
func (m *Mailbox) AddNote(path string, n activesync.Note) (activesync.ServerID, error) {
	if n.Modified.IsZero() {
		n.Modified = time.Now().UTC().Truncate(time.Second)
	}
	return m.add(path, &item{note: &n, date: n.Modified})
}

// readTask reads a task that a device sends; status is that of the item
// (MS-ASTASK 2.2.2, 3.2.5.1).
func readTask(raw wbxml.Raw) (*activesync.Task, bool) {
	var w wire.Task
	if raw.Unmarshal(&w) != nil {
		return nil, false
	}
	pair := func(a, b *wire.Stamp) bool { return (a == nil) == (b == nil) }
	switch {
	case w.Complete == nil, !pair(w.StartDate, w.UTCStartDate), !pair(w.DueDate, w.UTCDueDate):
		return nil, false
	case w.Complete.Bool() != (w.DateCompleted != nil):
		return nil, false
	case w.ReminderSet != nil && w.ReminderSet.Bool() && w.ReminderTime == nil:
		return nil, false
	case w.Recurrence != nil && (w.Recurrence.Type == nil || w.Recurrence.Start == nil):
		return nil, false
	}
	t, err := wire.DecodeTask(raw)
	return t, err == nil
}

// readNote reads a note that a device sends.
func readNote(raw wbxml.Raw) (*activesync.Note, bool) {
	n, err := wire.DecodeNote(raw)
	if err != nil || len(n.Categories) > maxNoteTags {
		return nil, false
	}
	n.Modified = time.Now().UTC().Truncate(time.Second)
	return n, true
}

// maxNoteTags is how many categories a note may have (MS-ASNOTE 2.2.2.2).
const maxNoteTags = 300

// next is the task that comes of a recurring one that is done: the same one
// period later, not done (MS-ASTASK 3.2.4.1).
func next(t activesync.Task) (activesync.Task, bool) {
	r := t.Recurrence
	if !r.Set || t.DeadOccurrence || r.Occurrences == 1 {
		return t, false
	}
	step := func(at time.Time) time.Time {
		if at.IsZero() {
			return at
		}
		n := max(r.Interval, 1)
		switch r.Type {
		case 0:
			return at.AddDate(0, 0, n)
		case 1:
			return at.AddDate(0, 0, 7*n)
		case 2, 3:
			return at.AddDate(0, n, 0)
		}
		return at.AddDate(n, 0, 0)
	}
	t.Start, t.UTCStart, t.Due, t.UTCDue = step(t.Start), step(t.UTCStart), step(t.Due), step(t.UTCDue)
	t.Begins, t.Reminder = step(t.Begins), step(t.Reminder)
	if r.Occurrences > 0 {
		t.Recurrence.Occurrences--
	}
	if !r.Until.IsZero() && t.Begins.After(r.Until) {
		return t, false
	}
	t.Complete, t.Completed = false, time.Time{}
	t.Categories = slices.Clone(t.Categories)
	return t, true
}

// changeTask replaces a task; one that recurs and is done now leaves its
// successor behind.
func (x *exchange) changeTask(f *folder, it *item, raw wbxml.Raw) (ok bool) {
	t, ok := readTask(raw)
	if !ok {
		return false
	}
	if t.Complete && !it.task.Complete {
		if successor, recurs := next(*t); recurs {
			x.m.put(f, &item{task: &successor, date: successor.UTCDue})
			t.Recurrence, t.Begins = activesync.Recurrence{}, time.Time{}
		}
	}
	it.task, it.date = t, t.UTCDue
	return true
}
