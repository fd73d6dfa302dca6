package agent

import (
	"context"
	"fmt"
	"slices"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
	"eas.example/securemail/activesync/policy"
)

// Notifications is Settings › Notifications, with what the organisation limits
// it to.
func (l *Local) Notifications(context.Context) (activesync.Notifications, error) {
	var n activesync.Notifications
	var err error
	if l.Settings != nil {
		n, err = l.Settings.Notifications()
	} else {
		l.mu.Lock()
		n = l.notifications
		l.mu.Unlock()
	}
	n.Limit, n.LimitBy = notifyLimit(l.managed())
	if err != nil {
		return n, fmt.Errorf("read Settings › Notifications: %w", err)
	}
	return n, nil
}

// notifyLimit is the policy "Control locked screen notifications", and who says
// so. Where its file cannot be read nothing is told.
func notifyLimit(m policy.Managed) (activesync.NotifyContent, string) {
	if err := m.Err(); err != nil {
		return activesync.ContentBlock, "The policy file cannot be read: " + err.Error()
	}
	level, err := activesync.ParseNotifyContent(m.Word(policy.LockedScreen))
	if err != nil {
		level = activesync.ContentBlock
	}
	return level, "Control locked screen notifications (" + policy.LockedScreen + ") is set by " + m.SetBy(policy.LockedScreen) + "."
}

// SetNotifications changes Settings › Notifications and keeps it.
func (l *Local) SetNotifications(_ context.Context, n activesync.Notifications) error {
	n.Limit, n.LimitBy = "", ""
	switch {
	case !slices.Contains(activesync.NotifyWays(), n.Chosen()):
		return fmt.Errorf("%w: there is no way %q", ErrSetting, string(n.Way))
	case n.Chosen() == activesync.NotifyCommand && len(n.Command) == 0:
		return fmt.Errorf("%w: Command needs the words of a command", ErrSetting)
	case n.Snooze != nil && (*n.Snooze < time.Minute || *n.Snooze > 7*24*time.Hour):
		return fmt.Errorf("%w: Snooze lies between a minute and a week", ErrSetting)
	}
	if l.Settings != nil {
		if err := l.Settings.SetNotifications(n); err != nil {
			return fmt.Errorf("keep the setting: %w", err)
		}
	} else {
		l.mu.Lock()
		l.notifications = n
		l.mu.Unlock()
	}
	l.keepQuiet(n)
	l.hub.publish(activesync.Notice{Kind: activesync.NoticeNotifications, Time: time.Now().UTC()})
	return nil
}

// NotifiedBy says in words how the person is told of news now.
func (l *Local) NotifiedBy(words string) {
	l.presence.mu.Lock()
	defer l.presence.mu.Unlock()
	l.presence.notifiedBy = words
}

// TakeUntold hands out messages of which the person is to be told, each once.
func (l *Local) TakeUntold(ctx context.Context, id activesync.AccountID) ([]activesync.Header, error) {
	return l.Store.TakeUntold(ctx, id)
}

// ForgetTold drops what is remembered of messages told long ago.
func (l *Local) ForgetTold(ctx context.Context) error { return l.Store.ForgetTold(ctx) }

// Header is one row of a list.
func (l *Local) Header(ctx context.Context, id activesync.ItemID) (activesync.Header, error) {
	return l.Store.Header(ctx, id)
}

// UpdateTold changes what is remembered of what the person was told.
func (l *Local) UpdateTold(ctx context.Context, id activesync.AccountID, change func(*activesync.Told)) error {
	reminded := false
	err := l.Store.UpdateState(ctx, id, func(s *activesync.AccountState) error {
		before := slices.Clone(s.Told.Reminders)
		change(&s.Told)
		reminded = !slices.Equal(before, s.Told.Reminders)
		return nil
	})
	if err == nil && reminded {
		l.publish(activesync.Notice{Kind: activesync.NoticeReminder, Account: id, Time: time.Now().UTC()})
	}
	return err
}

// reminderAhead is how far ahead reminders are looked for: two weeks before an
// event is the earliest that calendars offer.
const reminderAhead = 15 * 24 * time.Hour

// Reminders are the reminders of events that are not over, soonest first: those
// that are due and those of the next two weeks.
func (l *Local) Reminders(ctx context.Context, id activesync.AccountID, now time.Time) ([]activesync.Reminder, error) {
	events, err := l.Store.Events(ctx, id, now, now.Add(reminderAhead))
	if err != nil {
		return nil, err
	}
	var out []activesync.Reminder
	for _, e := range events {
		for _, o := range calendar.Expand([]activesync.Event{e}, now, now.Add(reminderAhead), now.Location()) {
			minutes := reminderOf(e, o.OriginalStart, now.Location())
			if minutes < 0 || o.Cancelled || o.ResponseType == 4 || !o.End.After(now) {
				continue
			}
			out = append(out, activesync.Reminder{Occurrence: o, Due: o.Start.Add(-time.Duration(minutes) * time.Minute)})
		}
	}
	slices.SortStableFunc(out, func(x, y activesync.Reminder) int { return x.Due.Compare(y.Due) })
	return out, nil
}

// reminderOf is how many minutes before an occurrence the person wants to be
// reminded, -1 for not at all.
func reminderOf(e activesync.Event, start time.Time, loc *time.Location) int {
	if x := calendar.ExceptionOf(&e, start, loc); x != nil && x.Reminder != nil {
		return *x.Reminder
	}
	if e.Reminder == nil {
		return -1
	}
	return *e.Reminder
}
