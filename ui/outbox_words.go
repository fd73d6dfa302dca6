package ui

import (
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
)

// outboxRow is a journal record as the outbox shows it. Its words are clean.
type outboxRow struct {
	op      activesync.Op
	account *account
	what    string // what is to be done: Send, Move, …
	subject string // what with
	whither string // to whom, or where to
}

// lateChange is how long a change may be under way before the outbox tells of
// it: on a line that works it is carried out within seconds, and a read mark
// must not flash up at every message that is opened.
const lateChange = time.Minute

// visibleOps are the records that count as waiting: all messages to be sent,
// and of other changes those that were refused, failed, or are late.
func visibleOps(ops []activesync.Op) []activesync.Op {
	var out []activesync.Op
	late := time.Now().Add(-lateChange)
	for _, op := range ops {
		if op.Kind == activesync.OpSend || op.State == activesync.OpParked || op.Attempts > 0 || op.Created.Before(late) {
			out = append(out, op)
		}
	}
	return out
}

// outboxRow puts a record into words.
func (a *App) outboxRow(c *account, op activesync.Op) outboxRow {
	r := outboxRow{op: op, account: c}
	if op.Send != nil {
		r.subject, r.whither = clean(op.Send.Subject), "to "+labels(op.Send.To, 3)
	} else if op.Before != nil {
		r.subject = clean(op.Before.Subject)
		if from := clean(op.Before.From.Label()); from != "" {
			r.whither = "from " + from
		}
	}
	if strings.TrimSpace(r.subject) == "" {
		r.subject = noSubject
	}
	switch op.Kind {
	case activesync.OpSend:
		r.what = "Send"
	case activesync.OpDelete:
		r.what = "Delete"
	case activesync.OpMove:
		r.what = "Move"
		if f := c.folder(op.To); f != nil {
			r.what = "Move to " + f.Name
		}
	case activesync.OpRead:
		r.what = "Mark as unread"
		if op.Read {
			r.what = "Mark as read"
		}
	case activesync.OpFlag:
		switch op.Flag {
		case activesync.FlagActive:
			r.what = "Flag"
		case activesync.FlagComplete:
			r.what = "Mark as done"
		default:
			r.what = "Remove the flag"
		}
	case activesync.OpDraftAdd, activesync.OpDraftChange:
		r.what, r.subject = "Write to Drafts", clean(op.Name)
	default:
		r.what = changeWord(op)
		if op.Name != "" {
			r.subject = clean(op.Name)
		}
	}
	return r
}

// changeWord is what a record does to a contact or an event.
func changeWord(op activesync.Op) string {
	switch op.Kind {
	case activesync.OpContactAdd, activesync.OpEventAdd:
		return "Make"
	case activesync.OpContactChange:
		return "Change"
	case activesync.OpEventChange:
		if !op.Instance.IsZero() {
			return "Change one of"
		}
		return "Change"
	case activesync.OpRespond:
		return "Answer"
	}
	return clean(string(op.Kind))
}

// state says in words where a record stands. wrong says that it needs the
// person.
func (a *App) opState(r outboxRow) (words string, wrong bool) {
	reason := clean(activesync.Unreached(r.op.Reason))
	switch r.op.State {
	case activesync.OpParked:
		if reason == "" {
			return "refused", true
		}
		if r.op.Aside {
			return reason, true
		}
		return "refused: " + reason, true
	case activesync.OpUncertain:
		return "may have been sent: look into Sent", true
	case activesync.OpSending:
		if reason != "" {
			return "looking into Sent whether it was sent", false
		}
		return "being sent", false
	}
	if r.op.Held(a.now) {
		if left := r.op.Send.Due.Sub(a.now); left < 2*time.Minute {
			return "goes out " + r.op.Send.Due.In(a.loc).Format("15:04:05"), false
		}
		return "goes out " + a.dateTime(r.op.Send.Due), false
	}
	if reason != "" {
		return "waiting: " + reason, false
	}
	return "waiting", false
}

// title names a record.
func (r outboxRow) title() string {
	return r.what + " “" + r.subject + "”"
}

// without says what follows when a record is discarded.
func (a *App) without(r outboxRow) string {
	home := "its mailbox"
	if r.op.Before != nil {
		if f, _ := a.folder(r.op.Before.Folder); f != nil {
			home = f.Name
		}
	}
	switch r.op.Kind {
	case activesync.OpSend:
		if r.op.State == activesync.OpUncertain {
			return "it is taken out of the Outbox and not sent again. If it was sent, it stays sent; if not, what was written is lost."
		}
		return "it is not sent, and what was written is lost."
	case activesync.OpDelete:
		return "it is not deleted and comes back to " + home + "."
	case activesync.OpMove:
		return "it is not moved and comes back to " + home + "."
	case activesync.OpRead:
		if r.op.Read {
			return "it becomes unread again."
		}
		return "it becomes read again."
	case activesync.OpFlag:
		return "its flag becomes again what it was."
	}
	return "the change is taken back."
}

// advice says what one can do about a record.
func (a *App) advice(r outboxRow) string {
	if r.op.Held(a.now) {
		return "It waits here for its time, also when the screens are closed. " + a.keys.Key(action.Retry) + " sends it now, " + a.keys.Key(action.EditSent) +
			" takes it back to write on, " + a.keys.Key(action.Postpone) + " changes the time, " + a.keys.Key(action.Discard) + " discards it."
	}
	retry, discard := a.keys.Key(action.Retry), a.keys.Key(action.Discard)
	give := discard + " discards it: " + a.without(r)
	if r.op.Send != nil {
		give = a.keys.Key(action.EditSent) + " takes it back to write on; " + give
	}
	switch r.op.State {
	case activesync.OpParked:
		if r.op.Aside {
			return "Exchange's side stands. " + retry + " puts yours in its place; " + discard + " drops yours."
		}
		return "It is not tried again by itself. " + retry + " tries again; " + give
	case activesync.OpUncertain:
		return "The connection broke while the message was being sent, and whether it arrived cannot be told from here. Look into Sent, or ask one of those it went to. Then choose: " +
			retry + " sends it again, " + discard + " forgets it. It is never sent again by itself."
	case activesync.OpSending:
		if r.op.Reason != "" {
			return "The last try ended unclearly. The message is looked for in Sent before anything is sent again."
		}
		return "It is on its way to the server."
	}
	return "It is carried out by itself as soon as the server can be reached. " + retry + " tries at once; " + give
}

// addresses writes all addresses with their names.
func addresses(list []activesync.Address) string {
	var out []string
	for _, a := range cleanAddresses(list) {
		if a.Name != "" {
			out = append(out, a.Name+" <"+a.Address+">")
		} else {
			out = append(out, a.Address)
		}
	}
	return strings.Join(out, ", ")
}
