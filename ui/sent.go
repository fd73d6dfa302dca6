package ui

import (
	"context"
	"crypto/rand"
	"slices"
	"strconv"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
)

// sent is a message that was sent from this screen and of which it was not
// told yet what became of it.
type sent struct {
	subject string
	told    activesync.OpState // of it already
}

// defaultUndoSend is how long a message can be taken back.
const defaultUndoSend = 10 * time.Second

// undoSend is how long a message can be taken back, 0 for not at all.
func (s Settings) undoSend() time.Duration {
	if s.UndoSend == "" {
		return defaultUndoSend
	}
	d, err := time.ParseDuration(s.UndoSend)
	if err != nil {
		return 0
	}
	return max(d, 0)
}

// nowSending remembers a message that the journal just took, and reads the
// accounts again: a look that began before does not know it yet and would take
// it for gone.
func (a *App) nowSending(id activesync.OpID, d activesync.Draft) tea.Cmd {
	s := sent{subject: clean(d.Subject)}
	a.sending[id] = s
	a.reload.gen++
	switch {
	case d.Due.After(a.now.Add(d.Hold)):
		return tea.Batch(a.readAccounts(), a.offerBack(id, s, "Goes out "+a.dateTime(d.Due)+": "+s.name()))
	case d.Hold > 0:
		return tea.Batch(a.readAccounts(), a.offerBack(id, s, "Goes out in "+seconds(d.Hold)+": "+s.name()))
	}
	return tea.Batch(a.readAccounts(), a.say("Sending"+a.theme.Ellipsis))
}

// seconds writes a short time.
func seconds(d time.Duration) string {
	if d < 2*time.Minute {
		return strconv.Itoa(int(d.Round(time.Second).Seconds())) + " s"
	}
	return strconv.Itoa(int(d.Round(time.Minute).Minutes())) + " min"
}

// offerBack says that a message waits, and lets z bring it back.
func (a *App) offerBack(id activesync.OpID, s sent, words string) tea.Cmd {
	n := note{text: words, offer: a.undoOffer(), stays: max(noteStays, a.settings.undoSend())}
	a.undo = append(a.undo, undoEntry{what: "send " + s.name(), message: id, back: func(a *App) tea.Cmd { return a.takeBack(id) }})
	a.undo = a.undo[max(len(a.undo)-undoDepth, 0):]
	return a.tell(n)
}

// heldStill offers messages to be taken back that another screen sent, which
// may have broken off, and that are not on their way yet.
func (a *App) heldStill() tea.Cmd {
	var cmds []tea.Cmd
	for _, c := range a.accounts {
		for _, op := range c.outbox {
			if _, known := a.sending[op.ID]; !known && op.Held(a.now) && op.Send.Due.Before(a.now.Add(a.settings.undoSend())) {
				s := sent{subject: clean(op.Send.Subject)}
				a.sending[op.ID] = s
				cmds = append(cmds, a.offerBack(op.ID, s, "Goes out in "+seconds(op.Send.Due.Sub(a.now))+": "+s.name()))
			}
		}
	}
	return tea.Batch(cmds...)
}

// takeBack takes a message out of the outbox and goes on writing it.
func (a *App) takeBack(id activesync.OpID) tea.Cmd {
	b, again := a.backend, a.withdraw(id)
	return a.call(quick, func(ctx context.Context) answer {
		d, err := b.TakeDraft(ctx, id)
		return func(a *App) tea.Cmd {
			if err != nil {
				again()
				return tea.Batch(a.fail("Could not take it back", err), a.readAccounts())
			}
			a.noLonger(id)
			key := d.Key
			if key == "" {
				key = rand.Text()
			}
			w := newCompose(a, key, d, textPart)
			w.keeping.restored, w.keeping.stamp = true, d.Stamp
			before := a.setAside()
			return tea.Batch(before, a.showCompose(w), a.readAccounts(), a.say("Not sent. It is here again."))
		}
	})
}

// noLonger ends the offer to take a message back.
func (a *App) noLonger(id activesync.OpID) {
	a.undo = slices.DeleteFunc(a.undo, func(u undoEntry) bool { return u.message == id })
}

// sentOrNot tells once of each message that was sent from here what became of
// it, by what is left in the outbox.
func (a *App) sentOrNot() tea.Cmd {
	if len(a.sending) == 0 {
		return nil
	}
	waiting := map[activesync.OpID]activesync.Op{}
	for _, c := range a.accounts {
		for _, op := range c.outbox {
			waiting[op.ID] = op
		}
	}
	var gone []sent
	alert := ""
	for id, s := range a.sending {
		op, ok := waiting[id]
		if !ok {
			gone = append(gone, s)
			delete(a.sending, id)
			a.noLonger(id)
			continue
		}
		if op.State != activesync.OpPending {
			a.noLonger(id)
		}
		if op.State != s.told {
			switch op.State {
			case activesync.OpParked:
				alert = "Not sent: " + s.name() + ": " + sentence(op.Reason)
			case activesync.OpUncertain:
				alert = "May have been sent: " + s.name() + "."
			}
		}
		s.told = op.State
		a.sending[id] = s
	}
	switch {
	case alert != "":
		return a.tell(note{text: alert + " See Outbox " + a.keys.Key(action.GoOutbox), alert: true})
	case len(gone) == 1:
		return a.say("Sent: " + gone[0].name())
	case len(gone) > 1:
		return a.say("Sent: " + number(len(gone)) + " messages")
	}
	return nil
}

// name is the subject, or what stands for it.
func (s sent) name() string {
	if s.subject == "" {
		return noSubject
	}
	return s.subject
}

// withdraw forgets messages that are taken out of the outbox, so that they are
// not told as sent; again remembers them, where they could not be.
func (a *App) withdraw(ids ...activesync.OpID) (again func()) {
	were := map[activesync.OpID]sent{}
	for _, id := range ids {
		if s, ok := a.sending[id]; ok {
			were[id] = s
			delete(a.sending, id)
		}
	}
	return func() {
		for id, s := range were {
			a.sending[id] = s
		}
	}
}
