package ui

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
)

// reportPhishing reports the message at hand to those whom the organisation
// named for it, once the person agrees: a report cannot be taken back.
func (a *App) reportPhishing() tea.Cmd {
	h, ok := a.messageAtHand()
	if !ok {
		return nil
	}
	subject := strings.TrimSpace(clean(h.Subject))
	if subject == "" {
		subject = noSubject
	}
	return a.ask(question{title: "Report phishing?", yes: "Report it",
		text: "“" + subject + "” is sent as it is to those whom your organisation named for this, and moved to Junk. A report cannot be taken back.",
		do:   func(a *App) tea.Cmd { return a.report(h.ID, h.Folder, subject) }})
}

func (a *App) report(id activesync.ItemID, folder activesync.FolderID, subject string) tea.Cmd {
	b := a.backend
	return tea.Batch(a.say("Reporting"+a.theme.Ellipsis), a.call(network, func(ctx context.Context) answer {
		done, err := b.ReportPhishing(ctx, id)
		return func(a *App) tea.Cmd {
			if err != nil {
				return a.fail("Not reported", err)
			}
			said := "Reported to " + clean(strings.Join(done.To, ", "))
			if len(done.Ops) == 0 {
				return a.say(said)
			}
			a.undoable(undoEntry{ops: done.Ops, what: "move " + subject, folder: folder, item: id})
			return tea.Batch(a.sayUndo(said+", moved to "+clean(done.Into)), a.mail.list.refresh(a))
		}
	}))
}
