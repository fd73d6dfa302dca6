package agent

import (
	"context"
	"fmt"
	"slices"
	"time"

	"eas.example/securemail/activesync"
)

// Reminding are the reminders that stand before the person: told of, not put off,
// not dismissed, of events that are not over.
func (l *Local) Reminding(ctx context.Context, id activesync.AccountID) ([]activesync.Reminder, error) {
	s, err := l.Notifications(ctx)
	if err != nil {
		return nil, err
	}
	if of := s.Accounts[id]; of.Off || of.RemindersOff {
		return nil, nil
	}
	now := time.Now()
	state, err := l.Store.State(ctx, id)
	if err != nil {
		return nil, err
	}
	all, err := l.Reminders(ctx, id, now)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(r activesync.Reminder) bool {
		i := slices.IndexFunc(state.Told.Reminders, func(m activesync.Reminded) bool { return m.Of(r) })
		return i < 0 || r.Due.After(now) || state.Told.Reminders[i].Dismissed || state.Told.Reminders[i].Again.After(now)
	}), nil
}

// PutOff reminds of an occurrence again at a time, or no more where that is zero.
// It is the Teller that takes what stands on the desktop away.
func (l *Local) PutOff(ctx context.Context, id activesync.AccountID, r activesync.Reminder, until time.Time) error {
	found := false
	err := l.UpdateTold(ctx, id, func(told *activesync.Told) {
		for i := range told.Reminders {
			if m := &told.Reminders[i]; m.Of(r) {
				m.Again, m.Dismissed, found = until.UTC().Truncate(time.Second), until.IsZero(), true
				if until.IsZero() {
					m.Again = time.Time{}
				}
			}
		}
	})
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("%w: nobody was reminded of it", activesync.ErrNotFound)
	}
	return nil
}

type putOff struct {
	Account  activesync.AccountID `json:"account"`
	Reminder activesync.Reminder  `json:"reminder"`
	Until    time.Time            `json:"until,omitzero"`
}

// reminderCalls are the calls about reminders.
type reminderCalls struct {
	reminding call[ofAccount, []activesync.Reminder]
	putOff    call[putOff, nothing]
}

func newReminderCalls(t *table) reminderCalls {
	return reminderCalls{
		reminding: byAccount(t, "reminders", again, (*Local).Reminding),
		putOff: on(t, "reminders/put-off", again, func(ctx context.Context, l *Local, q putOff) (nothing, error) {
			return nothing{}, l.PutOff(ctx, q.Account, q.Reminder, q.Until)
		}),
	}
}

// Reminding is Local.Reminding.
func (c *Client) Reminding(ctx context.Context, id activesync.AccountID) ([]activesync.Reminder, error) {
	return c.calls.reminding.ask(ctx, c, ofAccount{id})
}

// PutOff is Local.PutOff.
func (c *Client) PutOff(ctx context.Context, id activesync.AccountID, r activesync.Reminder, until time.Time) error {
	return tell(ctx, c.calls.putOff, c, putOff{id, r, until})
}
