package ui

import (
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

// nowSending remembers a message that the journal just took, and reads the
// accounts again: a look that began before does not know it yet and would take
// it for gone.
func (a *App) nowSending(id activesync.OpID, subject string) tea.Cmd {
	a.sending[id] = sent{subject: clean(subject)}
	a.reload.gen++
	return a.readAccounts()
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
			continue
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
