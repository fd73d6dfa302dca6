package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
)

func (a *app) calendarCommand() *cobra.Command {
	return group("calendar", "List, make and change events, answer invitations", a.calendarList(), a.calendarShow(), a.calendarAdd(), a.calendarEdit(), a.calendarDelete(), a.calendarImport(), a.calendarRespond())
}

func (a *app) calendarList() *cobra.Command {
	var from, to string
	c := &cobra.Command{
		Use: "list", Short: "List events, series expanded", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			now := time.Now()
			begin := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.Local)
			var err error
			if from != "" {
				if begin, err = parseDay(from); err != nil {
					return err
				}
			}
			end := begin.AddDate(0, 0, 14)
			if to != "" {
				if end, err = parseDay(to); err != nil {
					return err
				}
				end = end.AddDate(0, 0, 1) // the day itself belongs to it
			}
			if !end.After(begin) {
				return usage(errors.New("--to lies before --from"))
			}
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error { return a.agenda(ctx, l, begin, end) })
		},
	}
	c.Flags().StringVar(&from, "from", "", "first `DAY`, such as 2026-11-24; today when not given")
	c.Flags().StringVar(&to, "to", "", "last `DAY`; two weeks on when not given")
	return c
}

func (a *app) agenda(ctx context.Context, l agent.Service, from, to time.Time) error {
	acc, err := a.chosen(ctx, l)
	if err != nil {
		return err
	}
	list, err := l.Agenda(ctx, acc.ID, from, to)
	if err != nil {
		return err
	}
	if a.json {
		if list == nil {
			list = []activesync.Occurrence{}
		}
		for i := range list {
			o := &list[i]
			if o.AllDay { // a date is the same everywhere
				o.Start, o.End = utcDate(o.Start), utcDate(o.End)
			}
			o.Start, o.End, o.OriginalStart = o.Start.UTC(), o.End.UTC(), o.OriginalStart.UTC()
		}
		return a.printJSON(list)
	}
	for _, o := range list {
		when := o.Start.Local().Format("Mon 2006-01-02 15:04") + "-" + o.End.Local().Format("15:04")
		if o.AllDay {
			when = o.Start.Format("Mon 2006-01-02") + " all day    "
		}
		what := o.Subject
		if o.Location != "" {
			what += "  " + o.Location
		}
		if err := a.row([]int{8, 27}, o.Event.String(), when, what); err != nil {
			return err
		}
	}
	return nil
}

// utcDate is midnight UTC of the day that t shows.
func utcDate(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}
