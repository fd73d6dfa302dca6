package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/calendar"
	"eas.example/securemail/activesync/message"
)

func (a *app) calendarImport() *cobra.Command {
	return &cobra.Command{
		Use: "import FILE", Short: "Put the events of an iCalendar file into the calendar",
		Long: "Put the events of an iCalendar file (.ics) into the calendar; - is standard input. They become events of your own: nobody is invited.\n" +
			"An event of which the calendar has one with that UID is left out.",
		Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			data, err := a.readFile(args[0], "calendar")
			if err != nil {
				return err
			}
			file, err := calendar.ReadICS(data, time.Local)
			if err != nil {
				return err
			}
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error { return a.importEvents(ctx, l, file) })
		},
	}
}

func (a *app) importEvents(ctx context.Context, l agent.Service, file *calendar.File) error {
	if file.Method == "CANCEL" || file.Method == "REPLY" {
		return fmt.Errorf("%w: the file cancels or answers events; it has none for the calendar", activesync.ErrRejected)
	}
	cal, err := a.folder(ctx, l, "calendar")
	if err != nil {
		return err
	}
	var ops []activesync.Op
	for _, it := range file.Items {
		if known, err := a.hasEvent(ctx, l, &it.Event); err != nil {
			return err
		} else if known {
			continue
		}
		for _, note := range it.Notes {
			fmt.Fprintf(a.stderr, "securemail: %s\n", message.Clean(it.Event.Subject+": "+note))
		}
		e := it.Event.Private()
		ops = append(ops, activesync.Op{Kind: activesync.OpEventAdd, To: cal.ID, Event: &e})
	}
	return a.changeEvents(ctx, l, ops...)
}

// hasEvent reports whether the calendar has an event of that UID, or from 16.0
// on, where the server gives those, one of that name and time.
func (a *app) hasEvent(ctx context.Context, l agent.Service, e *activesync.Event) (bool, error) {
	acc, err := a.chosen(ctx, l)
	if err != nil {
		return false, err
	}
	until := e.End.AddDate(0, 0, 1)
	if most := e.Start.AddDate(1, 0, 0); until.After(most) {
		until = most // a file may say that an event never ends, and some series never do
	}
	list, err := l.Agenda(ctx, acc.ID, e.Start.AddDate(0, 0, -1), until)
	if err != nil {
		return false, err
	}
	for _, o := range list {
		have, err := l.Event(ctx, o.Event)
		if err != nil {
			return false, err
		}
		if have.UID == e.UID || have.Subject == e.Subject && have.Start.Equal(e.Start) && have.End.Equal(e.End) {
			return true, nil
		}
	}
	return false, nil
}
