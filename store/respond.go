package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"eas.example/securemail/activesync"
)

// ErrNoInvitation: there is nothing in the item that could be answered.
var ErrNoInvitation = errors.New("it is no invitation")

// queueRespond records the answer to an invitation, which is a message or an
// event. It shows at once in both.
func (t *txn) queueRespond(op activesync.Op) (activesync.OpID, error) {
	a, r, err := t.findItem(op.Item)
	if err != nil {
		return 0, err
	}
	if op.Respond == nil {
		return 0, errors.New("there is no answer")
	}
	answer := *op.Respond
	op.Before = nil
	switch r.kind {
	case kindMessage:
		m, err := a.message(r, true)
		if err != nil {
			return 0, err
		}
		if err := a.answerShown(r, &m); err != nil {
			return 0, err
		}
		answer.OfMessage(&m)
		before := r.seen()
		op.Before = &before
	case kindEvent:
		e, err := a.event(r)
		if err != nil {
			return 0, err
		}
		pending, err := a.answers()
		if err != nil {
			return 0, err
		}
		pending.show(&e)
		answer.OfEvent(&e)
	default:
		return 0, ErrClass
	}
	if answer.UID == "" && answer.Organizer.Address == "" {
		return 0, ErrNoInvitation
	}
	if op.Account, err = a.accountID(); err != nil {
		return 0, err
	}
	op.Respond, op.Send = &answer, nil
	op.Folder, op.ServerID = r.home, r.serverID
	if err := a.addOp(&op); err != nil {
		return 0, err
	}
	return op.ID, a.replay(op.Item)
}

// answers are those in the journal that the server does not know yet, in order.
type answers []activesync.Response

func (a *account) answers() (answers, error) {
	ops, err := a.journal()
	out := answers{}
	for i := range ops {
		if op := &ops[i]; op.Kind == activesync.OpRespond && !op.Respond.Done {
			out = append(out, *op.Respond)
		}
	}
	return out, err
}

// show plays the answers over an event.
func (l answers) show(e *activesync.Event) {
	for i := range l {
		if l[i].UID == e.UID && e.UID != "" {
			l[i].Apply(e)
		}
	}
}

// answerShown puts the answer to an invitation into the message that it came in.
func (a *account) answerShown(r *row, m *activesync.Message) error {
	ops, err := a.opsOf(r)
	if err != nil || m.Meeting == nil {
		return err
	}
	for i := range ops {
		if ops[i].Kind == activesync.OpRespond {
			m.Meeting.Answer = ops[i].Respond.Answer
		}
	}
	return nil
}

// keepAnswer notes an answer that the server has in the message that it was
// given to and in the event, until the server tells of both.
func (a *account) keepAnswer(r *row, answer *activesync.Response) error {
	if r.kind == kindMessage {
		m, err := a.message(r, true)
		if err != nil && !isCorrupt(err) {
			return err
		}
		if err == nil && m.Meeting != nil {
			m.Meeting.Answer = answer.Answer
			if err := a.putMessage(r, &m); err != nil {
				return err
			}
		}
	}
	folders, err := a.folders()
	if err != nil || answer.UID == "" {
		return err
	}
	for f, rec := range folders {
		if rec.Type.Class() != activesync.ClassCalendar {
			continue
		}
		for _, id := range a.listedIn(f) {
			if err := a.answerEvent(id, answer); err != nil && !isCorrupt(err) {
				return err
			}
		}
	}
	return nil
}

func (a *account) answerEvent(id activesync.ItemID, answer *activesync.Response) error {
	r, err := a.row(id)
	if err != nil || r.kind != kindEvent {
		return err
	}
	e, err := a.event(r)
	if err != nil || e.UID != answer.UID {
		return err
	}
	answer.Apply(&e)
	e.ID, e.Folder = 0, 0
	return a.putContent(r, &e)
}

// listedIn are the items in the list of a folder.
func (a *account) listedIn(f activesync.FolderID) (out []activesync.ItemID) {
	prefix := idKey(uint64(f))
	c := a.in(inList).Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		_, id := splitListKey(k)
		out = append(out, id)
	}
	return out
}

// mailDue leaves of a record that the server carried out what is still to be
// done: the mail to the organiser.
func (a *account) mailDue(op *activesync.Op) error {
	item := op.Item
	r, err := a.row(item)
	if err != nil {
		return err
	}
	before := r.listed()
	if err := a.keepAnswer(r, op.Respond); err != nil {
		return err
	}
	op.Item, op.Folder, op.ServerID = 0, 0, ""
	op.Respond.Done, op.State, op.Attempts, op.Reason = true, activesync.OpPending, 0, ""
	if err := a.putOp(op); err != nil {
		return err
	}
	return a.replayRow(r, before)
}

// QueueInstead puts a message to be sent in place of a record: the mail with the
// answer to an invitation that the server has already.
func (s *Store) QueueInstead(ctx context.Context, id activesync.OpID, send activesync.Op, mime []byte) (made activesync.OpID, err error) {
	err = s.update(ctx, func(t *txn) error {
		a, op, err := t.findOp(id)
		if err != nil {
			return err
		}
		send.Account, send.Created = op.Account, op.Created
		if err := a.deleteOp(id); err != nil {
			return err
		}
		made, err = t.queueSend(send, smallSpool(mime))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("put a message in place of record %s: %w", id, err)
	}
	return made, nil
}
