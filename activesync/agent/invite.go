package agent

import (
	"context"
	"fmt"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
	"eas.example/securemail/activesync/message"
)

// hold makes a meeting of an event to which the person invites somebody, and none
// where nobody is left (MS-ASCAL 2.2.2.33).
func hold(e *activesync.Event) {
	if e.MeetingStatus&2 != 0 {
		return
	}
	if e.ResponseRequested = len(e.Attendees) > 0; e.ResponseRequested {
		e.MeetingStatus |= 1
	} else {
		e.MeetingStatus = 0
	}
}

// letters are the messages to those who are invited that a change of an event
// calls for where it says so. From 16.0 on the server writes them.
func (l *Local) letters(ctx context.Context, op activesync.Op) ([]activesync.Letter, error) {
	if op.Tell == nil {
		return nil, nil
	}
	m, before, err := l.beforeEvent(ctx, op)
	if err != nil {
		return nil, err
	}
	state, err := l.Store.State(ctx, m.account.ID)
	if err != nil || state.Version >= activesync.V160 {
		return nil, err
	}
	var out []activesync.Letter
	now := time.Now()
	from := activesync.Address{Address: m.account.Email}
	for _, i := range calendar.Invites(before, op.Event, op.Instance, now) {
		ics, method := i.ICS(from, now)
		id := message.NewMessageID(message.DomainOf(from.Address))
		d := &activesync.Draft{To: i.To, Subject: i.Subject(), Text: i.Text(time.Local, message.PlainText(i.Event.Body))}
		mime, err := message.ComposeSchedule(d, ics, method, message.ComposeOptions{From: from, Date: now, MessageID: id})
		if err != nil {
			return nil, fmt.Errorf("write to those who are invited: %w", err)
		}
		out = append(out, activesync.Letter{MIME: mime, Op: activesync.Op{Account: m.account.ID, Kind: activesync.OpSend, State: activesync.OpPending, Created: now.UTC(),
			Send: &activesync.Outgoing{ClientID: activesync.NewClientID(), MessageID: id, To: i.To, Subject: d.Subject, Size: int64(len(mime)), Due: op.Tell.Due}}})
	}
	return out, nil
}

// beforeEvent is the event that a record changes or deletes as it is here, nil
// where one is made.
func (l *Local) beforeEvent(ctx context.Context, op activesync.Op) (*member, *activesync.Event, error) {
	if op.Kind == activesync.OpEventAdd {
		m, err := l.of(ctx, op.To)
		return m, nil, err
	}
	m, err := l.ofItem(ctx, op.Item)
	if err != nil {
		return nil, nil, err
	}
	e, err := l.Store.Event(ctx, op.Item)
	return m, &e, err
}
