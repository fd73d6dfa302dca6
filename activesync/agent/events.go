package agent

import (
	"context"
	"fmt"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
	"eas.example/securemail/activesync/message"
)

// ChangeEvents writes to the journal that events are made, changed and deleted,
// all or none, and shows it at once. An event that is made without a UID gets
// one, and one with times the time zone of this machine, so that a series
// keeps its hour over a change of the clocks.
func (l *Local) ChangeEvents(ctx context.Context, ops ...activesync.Op) ([]activesync.OpID, error) {
	ops = append([]activesync.Op(nil), ops...)
	var letters []activesync.Letter
	for i := range ops {
		op := &ops[i]
		if op.Event == nil {
			more, err := l.letters(ctx, *op)
			if err != nil {
				return nil, err
			}
			letters = append(letters, more...)
			continue
		}
		e := *op.Event
		if err := checkEvent(&e); err != nil {
			return nil, err
		}
		if op.Kind == activesync.OpEventAdd {
			m, err := l.of(ctx, op.To)
			if err != nil {
				return nil, err
			}
			e.UID = orUID(e.UID, m.account.Email)
			e.DTStamp = time.Now().UTC().Truncate(time.Second)
			e.Organizer = activesync.Address{Address: m.account.Email}
			if len(e.TimeZone) == 0 && !e.AllDay {
				e.TimeZone = calendar.EncodeTimeZone(time.Local, e.Start.Year())
			}
		}
		hold(&e)
		op.Event = &e
		more, err := l.letters(ctx, *op)
		if err != nil {
			return nil, err
		}
		letters = append(letters, more...)
	}
	done, err := l.doEntries(ctx, ops, letters...)
	if err != nil {
		return nil, err
	}
	return recorded(done), nil
}

// orUID is a UID for an event that has none.
func orUID(uid, address string) string {
	if uid != "" {
		return uid
	}
	return activesync.NewClientID() + "@" + message.DomainOf(address)
}

// checkEvent says what is wrong with an event before it is written down.
func checkEvent(e *activesync.Event) error {
	switch {
	case e.Start.IsZero() || e.End.IsZero():
		return fmt.Errorf("%w: an event needs a begin and an end", activesync.ErrRejected)
	case e.End.Before(e.Start), e.AllDay && !e.End.After(e.Start):
		return fmt.Errorf("%w: the event ends before it begins", activesync.ErrRejected)
	}
	return nil
}

type span struct {
	Account activesync.AccountID `json:"account"`
	From    time.Time            `json:"from"`
	To      time.Time            `json:"to"`
}

// agendaCalls are the calls about events.
type agendaCalls struct {
	events       call[span, []activesync.Event]
	event        call[ofItem, activesync.Event]
	changeEvents call[changes, made]
}

func newAgendaCalls(t *table) agendaCalls {
	return agendaCalls{
		events: on(t, "events/agenda", again, func(ctx context.Context, l *Local, q span) ([]activesync.Event, error) {
			return l.outlines(ctx, q.Account, q.From, q.To)
		}),
		event: byItem(t, "event", again, (*Local).Event),
		changeEvents: on(t, "events/change", once, func(ctx context.Context, l *Local, q changes) (made, error) {
			ids, err := l.ChangeEvents(ctx, q.Ops...)
			return made{ids, newFault(err)}, nil
		}),
	}
}

// ChangeEvents is Local.ChangeEvents.
func (c *Client) ChangeEvents(ctx context.Context, ops ...activesync.Op) ([]activesync.OpID, error) {
	m, err := c.calls.changeEvents.ask(ctx, c, changes{ops})
	if err != nil {
		return nil, err
	}
	return m.Ops, m.Fault.err()
}
