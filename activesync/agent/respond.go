package agent

import (
	"context"
	"fmt"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
	"eas.example/securemail/activesync/message"
)

// invitationsLooked is how many messages of the Inbox are looked at for the
// invitation to an event.
const invitationsLooked = 500

// Respond answers the invitation that an item, a message or an event, is. The
// answer is in the journal and shows; it is told to the server when that can be
// reached. What of the invitation answer names counts where neither the server
// nor the message says it.
func (l *Local) Respond(ctx context.Context, item activesync.ItemID, answer activesync.Response) (activesync.OpID, error) {
	m, err := l.ofItem(ctx, item)
	if err != nil {
		return 0, err
	}
	state, err := l.Store.State(ctx, m.account.ID)
	if err != nil {
		return 0, err
	}
	answer.Mail = state.Version < activesync.V160 && !answer.Silent
	if e, err := l.Store.Event(ctx, item); err == nil {
		if item, err = l.invitationTo(ctx, m, e, state.Version, !answer.Instance.IsZero()); err != nil {
			return 0, err
		}
	} else if err := l.answerable(ctx, item, &answer); err != nil {
		return 0, err
	}
	op := activesync.Op{Account: m.account.ID, Kind: activesync.OpRespond, Item: item, Respond: &answer, Created: time.Now().UTC(), State: activesync.OpPending}
	if answer.Wait > 0 {
		op.NotBefore = op.Created.Add(answer.Wait)
	}
	if op.ID, err = l.Store.Queue(ctx, op, nil); err != nil {
		return 0, err
	}
	l.remember(op)
	l.answerChanged(ctx, m, item)
	m.engine.Wake()
	return op.ID, nil
}

// answerable looks whether the invitation in a message may be answered. Where
// the server sees none it is read from the message itself, for which it may wait
// for the network.
func (l *Local) answerable(ctx context.Context, item activesync.ItemID, answer *activesync.Response) error {
	msg, err := l.Store.Message(ctx, item)
	if err != nil {
		return err
	}
	class := strings.ToUpper(msg.MessageClass)
	switch {
	case strings.HasPrefix(class, "IPM.SCHEDULE.MEETING.CANCELED"):
		return fmt.Errorf("%w: this meeting was cancelled", activesync.ErrRejected)
	case strings.HasPrefix(class, "IPM.SCHEDULE.MEETING.RESP"):
		return fmt.Errorf("%w: this is somebody's answer", activesync.ErrRejected)
	}
	if i := msg.Meeting; i != nil {
		switch i.MessageType { // MS-ASEMAIL 2.2.2.47
		case 4:
			return fmt.Errorf("%w: a newer invitation to this meeting has come", activesync.ErrRejected)
		case 5, 6:
			return fmt.Errorf("%w: another person answers this invitation", activesync.ErrRejected)
		}
		return nil
	}
	answer.Mail = !answer.Silent
	if answer.UID != "" {
		return nil
	}
	raw, err := l.Source(ctx, item)
	if err != nil {
		return err
	}
	found, err := Invitation(message.ParseBytes(raw))
	if err != nil {
		return err
	}
	e := found.Event
	answer.UID, answer.Subject, answer.Location, answer.Organizer = e.UID, e.Subject, e.Location, e.Organizer
	answer.Start, answer.End, answer.AllDay, answer.TimeZone = e.Start, e.End, e.AllDay, e.TimeZone
	answer.Sequence, answer.Instance = found.Sequence, found.RecurrenceID
	return nil
}

// Invitation is the one that a message asks to in a calendar part or file.
func Invitation(mail *message.Mail) (*calendar.Item, error) {
	none := fmt.Errorf("%w: the message is no invitation", activesync.ErrRejected)
	file, err := calendar.ReadICS(mail.Schedule(), time.Local)
	if err != nil || len(file.Items) == 0 || file.Method != "REQUEST" || file.Items[0].Event.Organizer.Address == "" {
		return nil, none
	}
	return &file.Items[0], nil
}

// invitationTo is what has to be answered where the person answers an event: the
// message in the Inbox where there is one, else, from 14.1 on, the event itself.
// One occurrence alone is answered in the event.
func (l *Local) invitationTo(ctx context.Context, m *member, e activesync.Event, v activesync.Version, one bool) (activesync.ItemID, error) {
	switch {
	case e.MeetingStatus&2 == 0:
		return 0, fmt.Errorf("%w: nobody else has invited you to this event", activesync.ErrRejected)
	case e.MeetingStatus&4 != 0:
		return 0, fmt.Errorf("%w: this meeting was cancelled", activesync.ErrRejected)
	case one && v < activesync.V141:
		return 0, fmt.Errorf("%w: this server takes an answer to the whole series only", activesync.ErrRejected)
	case one:
		return e.ID, nil
	}
	folders, err := l.Store.Folders(ctx, m.account.ID)
	if err != nil {
		return 0, err
	}
	for _, f := range folders {
		if f.Type != activesync.FolderInbox {
			continue
		}
		win, err := l.Store.Window(ctx, f.ID, activesync.WindowQuery{Count: invitationsLooked})
		if err != nil {
			return 0, err
		}
		for _, h := range win.Rows {
			if !strings.HasPrefix(strings.ToUpper(h.MessageClass), "IPM.SCHEDULE.MEETING.REQUEST") {
				continue
			}
			if msg, err := l.Store.Message(ctx, h.ID); err == nil && msg.Meeting != nil && msg.Meeting.UID == e.UID {
				return h.ID, nil
			}
		}
	}
	if v < activesync.V141 {
		return 0, fmt.Errorf("%w: this server takes an answer to the message with the invitation only, and that is not in the Inbox", activesync.ErrRejected)
	}
	return e.ID, nil
}

// answerChanged tells of what shows an answer: the item and the calendars.
func (l *Local) answerChanged(ctx context.Context, m *member, item activesync.ItemID) {
	now := time.Now().UTC()
	folders, err := l.Store.Folders(ctx, m.account.ID)
	if err != nil {
		return
	}
	home, _, _ := l.Store.ServerID(ctx, item)
	for _, f := range folders {
		if f.Class == activesync.ClassCalendar || f.ID == home {
			l.publish(activesync.Notice{Kind: activesync.NoticeFolder, Account: m.account.ID, Folder: f.ID, Item: item, Time: now})
		}
	}
	l.publish(activesync.Notice{Kind: activesync.NoticeFolders, Account: m.account.ID, Time: now})
}
