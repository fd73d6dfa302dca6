package engine

import (
	"context"
	"fmt"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/wire"
)

// pushRespond answers one invitation (MS-ASCMD 2.2.1.11). Up to 14.1 the server
// tells nobody: once it has the answer, the mail to the organiser takes the
// record's place in the journal.
func (e *Engine) pushRespond(ctx context.Context, op activesync.Op) error {
	if !op.Respond.Done {
		if later, err := e.answeredLater(ctx, op); err != nil || later {
			return err
		}
		if done, err := e.respond(ctx, op); err != nil || !done {
			return err
		}
		e.markAnswered(ctx, op.Folder)
	}
	ops, err := e.current(ctx, []activesync.Op{op})
	if err != nil || len(ops) == 0 || !ops[0].Respond.Done {
		return err
	}
	state, err := e.state(ctx)
	if err != nil {
		return err
	}
	if !ops[0].Respond.Aside && state.Quirk(activesync.QuirkMailsAnswers) != "" {
		return e.store.FinishOp(ctx, op.ID, "")
	}
	return e.mailAnswer(ctx, ops[0])
}

// answeredLater drops an answer that was changed before the server got it.
func (e *Engine) answeredLater(ctx context.Context, op activesync.Op) (bool, error) {
	if op.State == activesync.OpSending {
		return false, nil
	}
	all, err := e.store.Pending(ctx, e.account.ID)
	if err != nil {
		return false, err
	}
	for _, o := range all {
		if o.ID > op.ID && o.Kind == activesync.OpRespond && o.Item == op.Item && o.State == activesync.OpPending && o.Respond.Instance.Equal(op.Respond.Instance) {
			return true, e.store.RevertOp(ctx, op.ID)
		}
	}
	return false, nil
}

// respond gives the answer to the server. It reports false where that has to
// wait or was refused.
func (e *Engine) respond(ctx context.Context, op activesync.Op) (done bool, err error) {
	if op.Respond.Aside {
		return true, e.store.FinishOp(ctx, op.ID, "")
	}
	tried := op.State == activesync.OpSending
	if err := e.settleNames(ctx, op.Folder, op); err != nil {
		return false, e.failed(ctx, []activesync.Op{op}, err)
	}
	named, err := e.refresh(ctx, []activesync.Op{op})
	if err != nil || len(named) == 0 {
		return tried, err // an invitation that was answered is gone from the Inbox
	}
	op = named[0]
	f, err := e.store.Folder(ctx, op.Folder)
	if err != nil {
		return false, err
	}
	if f.Class == activesync.ClassEmail && op.Respond.Mail && op.Respond.Sequence == 0 {
		answer := *op.Respond
		answer.Sequence = e.sequence(ctx, op.Item)
		op.Respond = &answer
	}
	if err := e.store.SetOp(ctx, sending([]activesync.Op{op})...); err != nil {
		return false, err
	}
	var answer *wire.MeetingResponseResponse
	err = e.exchange(ctx, func(ctx context.Context) error {
		state, err := e.state(ctx)
		if err != nil {
			return err
		}
		answer, err = e.server.MeetingResponse(ctx, meetingAnswer(state.Version, f, op))
		return err
	})
	if err != nil {
		return false, e.failed(ctx, outcome([]activesync.Op{op}, err), err)
	}
	if code := answer.Results[0].Status; code != 1 {
		if code == 2 && tried { // the answer to an earlier try was lost, and the invitation is gone
			return true, e.store.FinishOp(ctx, op.ID, "")
		}
		err := &activesync.StatusError{Command: "MeetingResponse", Code: code}
		return false, e.failed(ctx, []activesync.Op{op}, err)
	}
	return true, e.store.FinishOp(ctx, op.ID, "")
}

func meetingAnswer(v activesync.Version, f activesync.Folder, op activesync.Op) *wire.MeetingResponseRequest {
	code := map[activesync.Answer]int{activesync.AnswerAccept: wire.MeetingAccept, activesync.AnswerTentative: wire.MeetingTentative,
		activesync.AnswerDecline: wire.MeetingDecline}[op.Respond.Answer]
	instance := op.Respond.Instance
	if f.Class == activesync.ClassEmail {
		instance = time.Time{} // the message says itself which occurrence it is about
	}
	req := wire.NewMeetingAnswer(v, f.ServerID, op.ServerID, code, op.Respond.Comment, instance)
	if op.Respond.Silent {
		req.Requests[0].SendResponse = nil
	}
	return req
}

// sequence is the version of the invitation in a message, which only its MIME
// tells; 0 where it cannot be had.
func (e *Engine) sequence(ctx context.Context, id activesync.ItemID) int {
	if id == 0 {
		return 0
	}
	mime, err := e.fetchMIME(ctx, id)
	if err != nil {
		e.log.Info("answer goes out without the sequence of its invitation", "item", id, "error", err)
		return 0
	}
	file, err := calendar.ReadICS(message.ParseBytes(mime).Calendar, time.UTC)
	if err != nil || len(file.Items) == 0 {
		return 0
	}
	return file.Items[0].Sequence
}

// markAnswered has the folders looked at in which an answer shows.
func (e *Engine) markAnswered(ctx context.Context, folder activesync.FolderID) {
	folders, err := e.store.Folders(ctx, e.account.ID)
	if err != nil {
		return
	}
	for _, f := range folders {
		if f.ID == folder || f.Class == activesync.ClassCalendar || f.Type == activesync.FolderDeleted {
			e.dirty(f.ID)
			e.tell(activesync.Notice{Kind: activesync.NoticeFolder, Folder: f.ID})
		}
	}
}

// mailAnswer puts the mail to the organiser in place of the record.
func (e *Engine) mailAnswer(ctx context.Context, op activesync.Op) error {
	r := op.Respond
	now := time.Now()
	reply := calendar.Reply{From: activesync.Address{Address: e.account.Email}, Answer: r.Answer, Comment: r.Comment, Time: now,
		Invitation: calendar.Item{Sequence: r.Sequence, RecurrenceID: r.Instance, Event: activesync.Event{UID: r.UID, Subject: r.Subject, Location: r.Location,
			Organizer: r.Organizer, Start: r.Start, End: r.End, AllDay: r.AllDay, TimeZone: r.TimeZone}}}
	d := &activesync.Draft{To: []activesync.Address{r.Organizer}, Subject: reply.Subject(), Text: r.Comment}
	id := message.NewMessageID(message.DomainOf(e.account.Email))
	mime, err := message.ComposeSchedule(d, calendar.WriteReply(reply), "REPLY", message.ComposeOptions{From: reply.From, Date: now, MessageID: id})
	if err != nil {
		return e.park(ctx, op, fmt.Sprintf("the answer cannot be written: %v", err))
	}
	send := activesync.Op{Account: e.account.ID, Kind: activesync.OpSend, State: activesync.OpPending,
		Send: &activesync.Outgoing{ClientID: activesync.NewClientID(), MessageID: id, To: d.To, Subject: d.Subject, Size: int64(len(mime))}}
	if send.ID, err = e.store.QueueInstead(ctx, op.ID, send, mime); err != nil {
		return err
	}
	return e.pushSend(ctx, send)
}
