package notify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

// manyReminders is how many reminders at once are told of one by one.
const manyReminders = 3

// overKept is how many reminders of events that are over are remembered, in case
// the clock is set back.
const overKept = 64

// remembered are the reminders of events that are not over, and the last ones of
// those that are.
func remembered(list []activesync.Reminded, now time.Time) []activesync.Reminded {
	over := 0
	for _, m := range list {
		if !m.Ends.After(now) {
			over++
		}
	}
	return slices.DeleteFunc(slices.Clone(list), func(m activesync.Reminded) bool {
		if m.Ends.After(now) || over <= overKept {
			return false
		}
		over--
		return true
	})
}

// remind reminds of events: of each occurrence once, and again when the person
// put it off. After a long sleep it reminds of what is not over yet.
func (t *Teller) remind(ctx context.Context, id activesync.AccountID, s activesync.Notifications) (next time.Time, err error) {
	now := time.Now()
	of := s.Accounts[id]
	if quiet := of.QuietUntil(now); !quiet.IsZero() {
		return quiet, nil
	}
	all, err := t.House.Reminders(ctx, id, now)
	if err != nil {
		return time.Time{}, err
	}
	folders, err := t.House.Folders(ctx, id)
	if err != nil {
		return time.Time{}, err
	}
	told, err := t.told(ctx, id)
	if err != nil {
		return time.Time{}, err
	}
	known := remembered(told.Reminders, now)
	changed := len(known) != len(told.Reminders)
	next = now.Add(lookAgain)
	var due []activesync.Reminder
	for _, r := range all {
		i := slices.IndexFunc(known, func(m activesync.Reminded) bool { return m.Of(r) })
		switch {
		case r.Due.After(now):
			sooner(&next, r.Due)
			if i >= 0 { // it was moved since, or a clock was ahead that was set back
				known, changed = slices.Delete(known, i, i+1), true
			}
			continue
		case i < 0:
			known = append(known, remindedOf(r))
		case known[i].Again.IsZero():
			continue
		case againOf(known[i], r, now, s).After(now):
			if at := againOf(known[i], r, now, s); !at.Equal(known[i].Again) {
				known[i].Again, changed = at, true
			}
			sooner(&next, known[i].Again)
			continue
		default:
			known[i].Again = time.Time{}
		}
		due, changed = append(due, r), true
	}
	if changed {
		if err := t.House.UpdateTold(ctx, id, func(told *activesync.Told) { told.Reminders = known }); err != nil {
			return time.Time{}, err
		}
	}
	if of.Off || of.RemindersOff {
		return next, nil
	}
	return next, t.tellReminders(ctx, id, s, folders, due, now)
}

// longestSnooze is how long a reminder is put off at most on the screen, if the
// event has begun.
const longestSnooze = time.Hour

// againOf is again for a reminder, which may be put off until the event begins.
func againOf(m activesync.Reminded, r activesync.Reminder, now time.Time, s activesync.Notifications) time.Time {
	most := now.Add(max(s.SnoozeFor(), longestSnooze))
	if r.Start.After(most) {
		most = r.Start.UTC()
	}
	if m.Again.After(most) {
		return most
	}
	return m.Again
}

func (t *Teller) tellReminders(ctx context.Context, id activesync.AccountID, s activesync.Notifications, folders []activesync.Folder, due []activesync.Reminder,
	now time.Time) error {
	most, levels := activesync.ContentAllow, map[activesync.FolderID]activesync.NotifyContent{}
	due = slices.DeleteFunc(due, func(r activesync.Reminder) bool {
		f := folderOf(folders, r.Folder)
		at := level(s, id, f.NotifyContent)
		if f.Notified() == activesync.NotifyNever || at == activesync.ContentBlock {
			return true
		}
		most, levels[r.Folder] = most.Stricter(at), at
		return false
	})
	if len(due) > manyReminders {
		n := Notice{ID: "event" + due[0].Event.String(), Kind: activesync.NotifyReminder, Account: id, Content: most, Title: fmt.Sprintf("%d events", len(due)),
			Actions: []Action{{ActSnooze, "Snooze"}}, Urgent: true}
		of := activesync.Shown{}
		for _, r := range due {
			n.Items = append(n.Items, r.Event)
			of.Events = append(of.Events, remindedOf(r))
		}
		if most != activesync.ContentCount {
			var names []string
			for _, r := range due[:manyReminders] {
				names = append(names, cleanLine(r.Subject, 40))
			}
			n.Body = fmt.Sprintf("%s and %d more", strings.Join(names, ", "), len(due)-manyReminders)
		}
		return t.show(ctx, s, n, of)
	}
	for _, r := range due {
		n := reminderNotice(id, r, levels[r.Folder], now)
		m := remindedOf(r)
		if err := t.show(ctx, s, n, activesync.Shown{Event: &m}); err != nil {
			return err
		}
	}
	return nil
}

func remindedOf(r activesync.Reminder) activesync.Reminded {
	return activesync.Reminded{Event: r.Event, Start: r.OriginalStart, Ends: r.End.UTC()}
}

// folderOf is the folder of that id, one without choices where it has gone.
func folderOf(folders []activesync.Folder, id activesync.FolderID) activesync.Folder {
	if i := slices.IndexFunc(folders, func(f activesync.Folder) bool { return f.ID == id }); i >= 0 {
		return folders[i]
	}
	return activesync.Folder{}
}

func reminderNotice(id activesync.AccountID, r activesync.Reminder, level activesync.NotifyContent, now time.Time) Notice {
	n := Notice{ID: fmt.Sprintf("event%sx%x", r.Event, r.OriginalStart.Unix()), Kind: activesync.NotifyReminder, Account: id,
		Items: []activesync.ItemID{r.Event}, Actions: []Action{{ActSnooze, "Snooze"}}, Content: level, Urgent: true}
	if level == activesync.ContentCount {
		n.Title = "1 event"
		return n
	}
	if n.Title = cleanLine(r.Subject, maxTitle); n.Title == "" {
		n.Title = "Event"
	}
	if level == activesync.ContentAllow {
		n.Body = when(r.Occurrence, now)
		if place := strings.TrimSpace(r.Location); place != "" {
			n.Body += ", " + place
		}
		n.Body = cleanLine(n.Body, maxBody)
	}
	return n
}

// when puts the time of an occurrence into words, where the person is.
func when(o activesync.Occurrence, now time.Time) string {
	day := ""
	if start := o.Start.In(now.Location()); start.Format(time.DateOnly) != now.Format(time.DateOnly) {
		day = start.Format("Mon 2 Jan") + " "
	}
	if o.AllDay {
		return strings.TrimSpace(day + "all day")
	}
	return day + o.Start.In(now.Location()).Format("15:04") + "–" + o.End.In(now.Location()).Format("15:04")
}
