package notify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

// acted does what a person asked for from a notification.
func (t *Teller) acted(ctx context.Context, e DesktopEvent) {
	name, err := t.desktopName(ctx)
	if err != nil {
		return
	}
	for id := range t.due {
		told, err := t.told(ctx, id)
		if err != nil {
			t.Log.Warn("what was told is not read", "error", err)
			continue
		}
		i := slices.IndexFunc(told.Shown, func(of activesync.Shown) bool { return of.ID == e.ID && of.Desktop == name })
		if i < 0 {
			continue
		}
		of := told.Shown[i]
		if e.Action == "" {
			err = t.forget(ctx, id, of.Name) // it went away
		} else {
			err = t.act(ctx, id, of, e)
		}
		if err != nil {
			t.Log.Warn("not done from a notification", "action", e.Action, "error", err)
			t.House.Alert(activesync.Alert{ID: "action", Title: "Not done from the notification", Body: cleanLine(err.Error(), maxBody)})
		}
		return
	}
}

func (t *Teller) act(ctx context.Context, id activesync.AccountID, of activesync.Shown, e DesktopEvent) error {
	s, err := t.House.Notifications(ctx)
	if err != nil {
		return err
	}
	switch e.Action {
	case ActOpen, ActReply:
		if len(of.Mail) == 0 {
			return nil
		}
		return t.open(ctx, of.Mail[len(of.Mail)-1].Item, e.Action == ActReply)
	case ActInline:
		err = t.answer(ctx, id, of, e.Text)
	case ActSnooze:
		err = t.snooze(ctx, id, of, time.Now().Add(s.SnoozeFor()))
	case ActAccept, ActTentative, ActDecline:
		err = t.respond(ctx, of, e.Action)
	default:
		err = t.change(ctx, id, of, e.Action)
	}
	if err != nil {
		return err
	}
	return t.withdraw(ctx, id, s, of)
}

// open shows a message on a screen that is attached, or on a new one.
func (t *Teller) open(ctx context.Context, item activesync.ItemID, reply bool) error {
	if t.House.Alert(activesync.Alert{Open: item, Reply: reply}) {
		return nil
	}
	if t.Open == nil {
		return fmt.Errorf("no screen is attached")
	}
	return t.Open(ctx, item, reply)
}

// change makes the change of an action to all messages that are still where
// they were told of.
func (t *Teller) change(ctx context.Context, id activesync.AccountID, of activesync.Shown, action string) error {
	var ops []activesync.Op
	for _, m := range of.Mail {
		h, err := t.House.Header(ctx, m.Item)
		if err != nil || h.Folder != m.Folder {
			continue
		}
		op := activesync.Op{Item: m.Item}
		switch action {
		case ActRead:
			op.Kind, op.Read = activesync.OpRead, true
		case ActDelete:
			op.Kind = activesync.OpDelete
		case ActArchive:
			if op.Kind, op.To = activesync.OpMove, t.archiveOf(ctx, id); op.To == 0 {
				return fmt.Errorf("there is no mailbox to archive into")
			}
		default:
			return fmt.Errorf("there is no action %q", action)
		}
		ops = append(ops, op)
	}
	_, err := t.House.Do(ctx, ops...)
	return err
}

// respondLimit is how long the text of an invitation may take to come.
const respondLimit = 20 * time.Second

// respond answers an invitation; the answer goes out at once.
func (t *Teller) respond(ctx context.Context, of activesync.Shown, action string) error {
	answer, err := activesync.ParseAnswer(action)
	if err != nil || len(of.Mail) != 1 {
		return fmt.Errorf("there is nothing to answer")
	}
	ctx, cancel := context.WithTimeout(ctx, respondLimit)
	defer cancel()
	_, err = t.House.Respond(ctx, of.Mail[0].Item, activesync.Response{Answer: answer})
	return err
}

// answer sends what the person wrote into the notification.
func (t *Teller) answer(ctx context.Context, id activesync.AccountID, of activesync.Shown, text string) error {
	if len(of.Mail) != 1 || strings.TrimSpace(text) == "" {
		return fmt.Errorf("there is nothing to send")
	}
	m, err := t.House.Message(ctx, of.Mail[0].Item)
	if err != nil {
		return err
	}
	to := m.ReplyTo
	if len(to) == 0 {
		to = []activesync.Address{m.From}
	}
	subject := m.Subject
	if !strings.HasPrefix(strings.ToLower(subject), "re:") {
		subject = "Re: " + subject
	}
	_, err = t.House.Send(ctx, activesync.Draft{Account: id, To: to, Subject: subject, Text: text + "\n", Source: m.ID, Verb: activesync.VerbReply})
	return err
}

// snooze puts a notification off.
func (t *Teller) snooze(ctx context.Context, id activesync.AccountID, of activesync.Shown, at time.Time) error {
	at = at.UTC().Truncate(time.Second)
	err := t.House.UpdateTold(ctx, id, func(told *activesync.Told) {
		for _, m := range of.Mail {
			told.Snoozed = append(told.Snoozed, activesync.SnoozedMail{Item: m.Item, At: at})
		}
		for i := range told.Reminders {
			if m := &told.Reminders[i]; slices.ContainsFunc(of.Reminds(), m.Same) {
				m.Again = at
			}
		}
	})
	if d := t.due[id]; d != nil {
		sooner(&d.mail, at)
		sooner(&d.events, at)
	}
	return err
}
