package agent

import (
	"context"
	"io"
	"slices"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
)

// Accounts are those that are set up, in the order of the configuration.
func (l *Local) Accounts(context.Context) ([]activesync.Account, error) { return l.Book.Accounts() }

// Status is what the status line says of an account.
func (l *Local) Status(ctx context.Context, id activesync.AccountID) (activesync.Status, error) {
	m, err := l.member(id)
	if err != nil {
		return activesync.Status{}, err
	}
	s := m.engine.Status()
	ops, err := l.Store.Pending(ctx, id)
	if err != nil {
		return activesync.Status{}, err
	}
	for _, op := range ops {
		if op.Quiet() {
			continue
		}
		switch op.State {
		case activesync.OpParked, activesync.OpUncertain:
			s.Parked++
		default:
			s.Pending++
		}
	}
	if s.LastSuccess.IsZero() {
		if s.LastSuccess, err = l.lastSync(ctx, id); err != nil {
			return activesync.Status{}, err
		}
	}
	return s, nil
}

// lastSync is when any folder of the account was last in step.
func (l *Local) lastSync(ctx context.Context, id activesync.AccountID) (last time.Time, err error) {
	folders, err := l.Store.Folders(ctx, id)
	for _, f := range folders {
		if f.LastSync.After(last) {
			last = f.LastSync
		}
	}
	return last, err
}

// State is what is known of the server: version, policies, Auto Refresh.
func (l *Local) State(ctx context.Context, id activesync.AccountID) (activesync.AccountState, error) {
	s, err := l.Store.State(ctx, id)
	s.DeviceID = l.DeviceID
	return s, err
}

// Folders are those of an account in the order in which they are shown.
func (l *Local) Folders(ctx context.Context, id activesync.AccountID) ([]activesync.Folder, error) {
	return l.Store.Folders(ctx, id)
}

// Window reads the rows of a list that are on screen.
func (l *Local) Window(ctx context.Context, id activesync.FolderID, q activesync.WindowQuery) (activesync.Window, error) {
	return l.Store.Window(ctx, id, q)
}

// Thread are the messages of the conversation that one is in, oldest first.
func (l *Local) Thread(ctx context.Context, id activesync.ItemID) ([]activesync.Header, error) {
	return l.Store.Thread(ctx, id)
}

// Message is what is here of a message. It never waits for the network.
func (l *Local) Message(ctx context.Context, id activesync.ItemID) (activesync.Message, error) {
	return l.Store.Message(ctx, id)
}

// FetchBody is Message with the whole text, for which it may wait for the network.
func (l *Local) FetchBody(ctx context.Context, id activesync.ItemID) (activesync.Message, error) {
	m, err := l.Store.Message(ctx, id)
	if err != nil || m.Body.Whole() {
		return m, err
	}
	who, err := l.ofItem(ctx, id)
	if err != nil {
		return activesync.Message{}, err
	}
	if err := who.engine.FetchBody(ctx, id); err != nil {
		return activesync.Message{}, err
	}
	return l.Store.Message(ctx, id)
}

// Source is the message as MIME. It waits for the network.
func (l *Local) Source(ctx context.Context, id activesync.ItemID) ([]byte, error) {
	who, err := l.ofItem(ctx, id)
	if err != nil {
		return nil, err
	}
	return who.engine.FetchMIME(ctx, id)
}

// Attachment writes attachment n, counted from 0, to w. It waits for the network.
func (l *Local) Attachment(ctx context.Context, id activesync.ItemID, n int, w io.Writer) error {
	who, err := l.ofItem(ctx, id)
	if err != nil {
		return err
	}
	r, err := who.engine.Attachment(ctx, id, n, nil)
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.Copy(w, io.NewSectionReader(r, 0, r.Size()))
	return err
}

// Contacts are all people of an account, by name; whom the server notes as written to
// is none of them.
func (l *Local) Contacts(ctx context.Context, id activesync.AccountID) ([]activesync.ContactRow, error) {
	folders, err := l.Store.Folders(ctx, id)
	if err != nil {
		return nil, err
	}
	rows, err := l.Store.Contacts(ctx, id)
	for _, f := range folders {
		if f.Type == activesync.FolderRecipientCache {
			rows = slices.DeleteFunc(rows, func(r activesync.ContactRow) bool { return r.Folder == f.ID })
		}
	}
	return rows, err
}

// Contact is one person with all fields.
func (l *Local) Contact(ctx context.Context, id activesync.ItemID) (activesync.Contact, error) {
	return l.Store.Contact(ctx, id)
}

// Agenda is what happens between two times, series expanded, by start.
func (l *Local) Agenda(ctx context.Context, id activesync.AccountID, from, to time.Time) ([]activesync.Occurrence, error) {
	events, err := l.Store.Events(ctx, id, from, to)
	if err != nil {
		return nil, err
	}
	return calendar.Expand(events, from, to, from.Location()), nil
}

// outlines are the events that touch a span, without their texts.
func (l *Local) outlines(ctx context.Context, id activesync.AccountID, from, to time.Time) ([]activesync.Event, error) {
	events, err := l.Store.Events(ctx, id, from, to)
	for i := range events {
		events[i].Body = activesync.Body{}
		for j := range events[i].Exceptions {
			events[i].Exceptions[j].Body = nil
		}
	}
	return events, err
}

// Event is one event, of a series the whole.
func (l *Local) Event(ctx context.Context, id activesync.ItemID) (activesync.Event, error) {
	return l.Store.Event(ctx, id)
}

// Outbox are the journal records of an account that are not carried out yet,
// without those that do by themselves what nobody asked for, see Op.Quiet.
func (l *Local) Outbox(ctx context.Context, id activesync.AccountID) ([]activesync.Op, error) {
	ops, err := l.Store.Pending(ctx, id)
	if err != nil {
		return nil, err
	}
	ops = slices.DeleteFunc(ops, func(op activesync.Op) bool { return op.Quiet() })
	l.fillIn(ctx, id, ops)
	return ops, nil
}

// Subscribe tells what happens until ctx ends, which closes the channel.
func (l *Local) Subscribe(ctx context.Context) <-chan activesync.Notice { return l.hub.subscribe(ctx) }

// Traffic is what went over the wire for an account since the agent began.
func (l *Local) Traffic(_ context.Context, id activesync.AccountID) (Traffic, error) {
	if l.Config.Traffic == nil {
		return Traffic{}, nil
	}
	return l.Config.Traffic(id), nil
}
