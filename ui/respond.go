package ui

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
	"eas.example/securemail/ui/edit"
)

// responder is a backend that can answer invitations.
type responder interface {
	Respond(ctx context.Context, item activesync.ItemID, answer activesync.Response) (activesync.OpID, error)
}

// answerOf is the answer that an action gives.
func answerOf(id action.ID) activesync.Answer {
	switch id {
	case action.Accept:
		return activesync.AnswerAccept
	case action.Tentative:
		return activesync.AnswerTentative
	case action.Decline:
		return activesync.AnswerDecline
	}
	return activesync.AnswerNone
}

// respondHere carries out the actions that answer the invitation at hand.
func (a *App) respondHere(id action.ID) (cmd tea.Cmd, mine bool) {
	if id == action.Comment {
		return a.respondWith(), true
	}
	if answer := answerOf(id); answer != activesync.AnswerNone {
		at, ok := a.invitationAt()
		if !ok {
			return nil, true
		}
		return a.whichOnes(at, activesync.Response{Answer: answer}), true
	}
	return nil, false
}

// invitation is what an answer is about, whatever is at hand once it is given.
type invitation struct {
	item    activesync.ItemID
	subject string
	// series says that it is an occurrence in the calendar: the one that begins at
	// instance, on a day.
	series   bool
	instance time.Time
	day      int
}

// whichOnes answers; at an occurrence in the calendar it asks first whether that
// alone is meant or its series.
func (a *App) whichOnes(at invitation, given activesync.Response) tea.Cmd {
	if !at.series {
		return a.respond(at, given)
	}
	one := given
	one.Instance = at.instance
	title := map[activesync.Answer]string{activesync.AnswerAccept: "Accept", activesync.AnswerTentative: "Accept as tentative", activesync.AnswerDecline: "Decline"}[given.Answer]
	return a.oneOrAll(title, at.day, func(a *App) tea.Cmd { return a.respond(at, one) }, func(a *App) tea.Cmd { return a.respond(at, given) })
}

// oneOrAll asks whether the occurrence on a day is meant or its series.
func (a *App) oneOrAll(title string, day int, one, all func(*App) tea.Cmd) tea.Cmd {
	return a.menu(&menu{title: title, digits: true, items: []item{
		{label: "1  This one, " + fullDay(day, dayOf(a.now, a.loc)), do: one},
		{label: "2  All of the series", do: all},
	}})
}

// respondWith asks for the answer, and then for what to say to the organiser.
func (a *App) respondWith() tea.Cmd {
	at, ok := a.invitationAt()
	if !ok {
		return nil
	}
	m := &menu{title: "Answer the invitation", digits: true, width: 44}
	add := func(label string, answer activesync.Answer, silent bool) {
		m.items = append(m.items, item{label: label, do: func(a *App) tea.Cmd {
			if silent {
				return a.whichOnes(at, activesync.Response{Answer: answer, Silent: true})
			}
			return a.prompt(&prompt{title: label, label: "What do you want to say to the organiser?", field: edit.NewField(""),
				do: func(a *App, text string) tea.Cmd {
					return a.whichOnes(at, activesync.Response{Answer: answer, Comment: text})
				}})
		}})
	}
	add("1  Accept, with a comment", activesync.AnswerAccept, false)
	add("2  Tentative, with a comment", activesync.AnswerTentative, false)
	add("3  Decline, with a comment", activesync.AnswerDecline, false)
	add("4  Accept, and do not tell anybody", activesync.AnswerAccept, true)
	add("5  Decline, and do not tell anybody", activesync.AnswerDecline, true)
	return a.menu(m)
}

// respond writes the answer to the journal and shows it.
func (a *App) respond(at invitation, given activesync.Response) tea.Cmd {
	b, can := a.backend.(responder)
	if !can {
		return a.say("Invitations cannot be answered here.")
	}
	item, subject := at.item, at.subject
	r := &a.mail.reader
	shown := a.screen == mailScreen && r.have && r.id == item && !r.within()
	var add *activesync.Op
	if shown && r.parcel != nil && r.parcel.event != nil {
		given.OfMessage(&r.msg)
		given.Aside, given.Sequence = false, r.parcel.sequence
		if r.calendarEntry() == addEntry && given.Answer != activesync.AnswerDecline { // no server does
			op := addOf(*r.parcel.event)
			op.Event.BusyStatus = given.Answer.BusyStatus()
			add = &op
		}
	}
	given.Wait = a.settings.undoSend()
	gen := r.lane.gen
	back, account := a.backend, activesync.AccountID("")
	if _, acct := a.folder(r.msg.Folder); acct != nil {
		account = acct.ID
	}
	return a.call(quick, func(ctx context.Context) answer {
		op, err := b.Respond(ctx, item, given)
		if err != nil {
			return func(a *App) tea.Cmd { return a.fail("Not answered", err) }
		}
		ops := []activesync.OpID{op}
		if add != nil {
			var entered []activesync.OpID
			entered, err = changeEntry(ctx, back, account, *add)
			ops = append(ops, entered...)
		}
		return func(a *App) tea.Cmd {
			a.undo = append(a.undo, undoEntry{what: "the answer to " + subject, item: item, folder: a.mail.list.folder, back: func(a *App) tea.Cmd {
				return a.takeAnswerBack(back, ops, item, subject)
			}})
			a.undo = a.undo[max(len(a.undo)-undoDepth, 0):]
			words := map[activesync.Answer]string{activesync.AnswerAccept: "Accepted: ", activesync.AnswerTentative: "Accepted as tentative: ", activesync.AnswerDecline: "Declined: "}
			said := a.sayUndo(words[given.Answer] + subject)
			if err != nil { // the answer goes out all the same
				said = a.fail("Answered, but not put into your calendar", err)
			}
			return tea.Batch(said, a.showAnswer(gen, item, given.Answer, true))
		}
	})
}

// takeAnswerBack takes an answer back that is not sent yet.
func (a *App) takeAnswerBack(b Backend, ops []activesync.OpID, item activesync.ItemID, subject string) tea.Cmd {
	gen := a.mail.reader.lane.gen
	return a.call(quick, func(ctx context.Context) answer {
		err := b.Undo(ctx, ops...)
		return func(a *App) tea.Cmd {
			if err != nil {
				return a.fail("Could not take it back", err)
			}
			return tea.Batch(a.say("Taken back: the answer to "+subject), a.showAnswer(gen, item, activesync.AnswerNone, false))
		}
	})
}

// showAnswer brings the card of an invitation up to date, where it is shown.
func (a *App) showAnswer(gen uint64, item activesync.ItemID, answer activesync.Answer, pending bool) tea.Cmd {
	r := &a.mail.reader
	if gen != r.lane.gen || r.id != item || r.msg.Meeting == nil {
		return nil
	}
	m := *r.msg.Meeting // what is drawn at the moment must not change
	m.Answer = answer
	r.msg.Meeting, r.msg.Pending = &m, pending
	r.invited = nil
	r.edition++
	return tea.Batch(r.render(a), r.askCalendar(a))
}

// invitationAt is the invitation at hand: the message shown or under the cursor,
// or the event.
func (a *App) invitationAt() (at invitation, ok bool) {
	switch a.screen {
	case calendarScreen:
		if r, ok := a.agenda.list.Current(); ok && !r.now {
			return invitation{item: r.occ.Event, subject: clean(r.occ.Subject), series: r.occ.Series, instance: r.occ.OriginalStart, day: r.day}, true
		}
	case mailScreen:
		r, ok := a.mail.list.list.Current()
		if m := &a.mail.reader; m.have && (a.mail.focus == onReader || ok && m.id == r.ID) {
			return invitation{item: m.id, subject: clean(m.msg.Subject)}, true // one of a conversation may be shown
		}
		if ok {
			return invitation{item: r.ID, subject: clean(r.Subject)}, true
		}
	}
	return invitation{}, false
}

// invitedAt reports whether what is at hand is an invitation that can be
// answered.
func (a *App) invitedAt() bool {
	switch a.screen {
	case calendarScreen:
		r, ok := a.agenda.list.Current()
		if !ok || r.now || r.occ.Cancelled {
			return false
		}
		if c := &a.agenda.card; c.have && c.occ.Event == r.occ.Event {
			return c.event.MeetingStatus&2 != 0
		}
		return r.occ.ResponseType >= 2
	case mailScreen:
		r, ok := a.mail.list.list.Current()
		if !ok || a.mail.focus == onBoxes {
			return false
		}
		if m := &a.mail.reader; m.have && (a.mail.focus == onReader || m.id == r.ID) {
			return !m.within() && answerable(m.msg)
		}
		return r.invited
	}
	return false
}
