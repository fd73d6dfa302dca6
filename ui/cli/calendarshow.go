package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/ui"
)

func (a *app) calendarShow() *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Show an event", Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ids, err := parseItems(args)
			if err != nil {
				return err
			}
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error {
				e, err := l.Event(ctx, ids[0])
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(e)
				}
				return a.showEvent(e)
			})
		},
	}
}

// showEvent writes what is known of an event, one thing a line, and below it
// its text.
func (a *app) showEvent(e activesync.Event) error {
	rows := [][2]string{{"Subject", e.Subject}, {"When", span(e)}, {"Repeats", ui.RepeatWords(e, time.Local, time.Now())}, {"Where", e.Location}, {"Online", e.OnlineMeeting},
		{"Organiser", named(e.Organizer)}, {"Your answer", activesync.Answer(e.ResponseType).String()}, {"Shown as", busyWord(e.BusyStatus)}, {"Categories", strings.Join(e.Categories, ", ")}}
	if e.Reminder != nil && *e.Reminder >= 0 {
		rows = append(rows, [2]string{"Reminder", fmt.Sprintf("%d minutes before", *e.Reminder)})
	}
	for _, p := range e.Attendees {
		who := named(p.Address)
		if w := activesync.Answer(p.Status).String(); w != "" {
			who += ", " + w
		}
		rows = append(rows, [2]string{"Invited", who})
	}
	for _, r := range rows {
		if strings.TrimSpace(r[1]) == "" {
			continue
		}
		if err := a.line("%-12s %s", r[0], r[1]); err != nil {
			return err
		}
	}
	text := strings.TrimSpace(message.PlainText(e.Body))
	if text == "" {
		return nil
	}
	if err := a.line(""); err != nil {
		return err
	}
	for l := range strings.SplitSeq(text, "\n") {
		if err := a.line("%s", l); err != nil {
			return err
		}
	}
	return nil
}

// span is when an event takes place, here.
func span(e activesync.Event) string {
	if e.AllDay {
		last := e.End.AddDate(0, 0, -1)
		if !last.After(e.Start) {
			return e.Start.UTC().Format("Mon 2006-01-02") + ", all day"
		}
		return e.Start.UTC().Format("Mon 2006-01-02") + " to " + last.UTC().Format("Mon 2006-01-02")
	}
	from, to := e.Start.Local(), e.End.Local()
	if from.Format(dayFormat) == to.Format(dayFormat) {
		return from.Format("Mon 2006-01-02 15:04") + "-" + to.Format("15:04")
	}
	return from.Format("Mon 2006-01-02 15:04") + " to " + to.Format("Mon 2006-01-02 15:04")
}

func busyWord(status uint8) string {
	for word, n := range busyStates {
		if n == status {
			return word
		}
	}
	return ""
}

func named(p activesync.Address) string {
	if p.Name != "" && p.Address != "" && p.Name != p.Address {
		return p.Name + " <" + p.Address + ">"
	}
	return p.Label()
}
