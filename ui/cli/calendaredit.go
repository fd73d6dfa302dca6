package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/calendar"
	"eas.example/securemail/activesync/message"
)

// eventFlags are what a command says of an event.
type eventFlags struct {
	cmd                                            *cobra.Command
	subject, start, end, place, note, busy, repeat string
	on                                             string // of a series only the one that begins then

	invite, drop []string
	silent       bool // nobody is told

	length   time.Duration
	reminder int // minutes
}

func (f *eventFlags) register(c *cobra.Command) {
	f.cmd = c
	s := c.Flags()
	s.StringVar(&f.start, "start", "", "`WHEN` it begins: 2026-11-24 14:30, or a day alone for the whole day")
	s.StringVar(&f.end, "end", "", "`WHEN` it ends; of whole days the last one")
	s.DurationVar(&f.length, "for", time.Hour, "how much `TIME` it takes, such as 90m, where --end is not given")
	s.StringVar(&f.place, "place", "", "`WHERE` it takes place")
	s.StringVar(&f.note, "note", "", "`TEXT` that goes with it")
	s.StringVar(&f.busy, "show-as", "", "how others see the time: `free|tentative|busy|out`")
	s.IntVar(&f.reminder, "reminder", 15, "remind `MINUTES` before; -1 for not at all")
	s.StringSliceVar(&f.invite, "invite", nil, "`ADDRESS` of somebody to invite; may be repeated")
	s.BoolVar(&f.silent, "silent", false, silentHelp)
	s.StringVar(&f.repeat, "repeat", "", "how often it takes place: `daily|weekly|monthly|yearly|never`")
}

const onHelp = "of a series only the one that begins on `DAY`, or then: 2026-11-24, 2026-11-24 14:30"

const silentHelp = "do not write to those who are invited"

const timeForm = dayFormat + " 15:04"

// when reads a time, or a day alone, which is a whole day.
func when(s string) (t time.Time, day bool, err error) {
	s = strings.Replace(strings.TrimSpace(s), "T", " ", 1)
	if t, err = time.ParseInLocation(timeForm, s, time.Local); err == nil {
		return t.UTC(), false, nil
	}
	if t, err = time.Parse(dayFormat, s); err == nil {
		return t, true, nil
	}
	return time.Time{}, false, usage(fmt.Errorf("%q is not a time such as 2026-11-24 14:30", s))
}

// times writes begin and end into an event.
func (f *eventFlags) times(e *activesync.Event) error {
	length := e.End.Sub(e.Start)
	if f.start != "" {
		t, day, err := when(f.start)
		if err != nil {
			return err
		}
		if e.Start, e.AllDay = t, day; day && (length <= 0 || length%(24*time.Hour) != 0) {
			length = 24 * time.Hour
		}
		e.End = t.Add(length)
	}
	if f.cmd.Flags().Changed("for") || length <= 0 {
		if e.End = e.Start.Add(f.length); e.AllDay {
			e.End = e.Start.AddDate(0, 0, 1)
		}
	}
	if f.end == "" {
		return nil
	}
	t, day, err := when(f.end)
	switch {
	case err != nil:
		return err
	case day != e.AllDay:
		return usage(errors.New("--start and --end are both days, or both times"))
	case day:
		t = t.AddDate(0, 0, 1) // the last day belongs to it
	}
	if e.End = t; t.Before(e.Start) {
		return usage(errors.New("--end lies before --start"))
	}
	return nil
}

// busyStates are the words for how an event is shown to others.
var busyStates = map[string]uint8{"free": 0, "tentative": 1, "busy": 2, "out": 3}

// repeats are the words for how an event recurs (MS-ASCAL 2.2.2.45).
var repeats = map[string]uint8{"daily": 0, "weekly": 1, "monthly": 2, "yearly": 5}

func (f *eventFlags) apply(e *activesync.Event) error {
	if err := f.times(e); err != nil {
		return err
	}
	said := f.cmd.Flags().Changed
	if said("place") {
		e.Location = f.place
	}
	if said("note") {
		e.Body = activesync.Body{Type: activesync.BodyPlain, Data: []byte(f.note), Size: int64(len(f.note))}
	}
	if said("show-as") {
		busy, ok := busyStates[f.busy]
		if !ok {
			return usage(fmt.Errorf("--show-as is free, tentative, busy or out, not %q", f.busy))
		}
		e.BusyStatus = busy
	}
	if said("reminder") {
		if e.Reminder = &f.reminder; f.reminder < 0 {
			e.Reminder = nil
		}
	}
	if err := f.guests(e); err != nil {
		return err
	}
	if said("repeat") {
		return f.recur(e)
	}
	return nil
}

// guests invites people to an event, and others no longer.
func (f *eventFlags) guests(e *activesync.Event) error {
	named := func(list []string, address string) bool {
		return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(activesync.ParseAddress(s).Address, address) })
	}
	had := e.Attendees
	e.Attendees = slices.DeleteFunc(slices.Clone(had), func(p activesync.Attendee) bool {
		return named(f.drop, p.Address.Address) || named(f.invite, p.Address.Address)
	})
	for _, s := range f.invite {
		p := activesync.ParseAddress(s)
		if message.CheckAddress(p.Address) != nil {
			return usage(fmt.Errorf("%q is not an e-mail address", s))
		}
		e.Attendees = append(e.Attendees, activesync.Attendee{Address: p, Type: 1})
	}
	e.Attendees = activesync.KeepAnswers(e.Attendees, had)
	return nil
}

// tellAndChange is changeEvents by which those who are invited are told, unless it
// is to be silent, which from 16.0 on the server is not.
func (a *app) tellAndChange(ctx context.Context, l agent.Service, silent bool, ops ...activesync.Op) error {
	acct, err := a.chosen(ctx, l)
	if err != nil {
		return err
	}
	state, err := l.State(ctx, acct.ID)
	if err != nil {
		return err
	}
	if silent && state.Version >= activesync.V160 {
		return fmt.Errorf("%w: this server writes to those who are invited by itself; leave out --silent", activesync.ErrRejected)
	}
	for i := range ops {
		if !silent {
			ops[i].Tell = &activesync.Tell{}
		}
	}
	return a.changeEvents(ctx, l, ops...)
}

func (f *eventFlags) recur(e *activesync.Event) error {
	if f.repeat == "never" {
		e.Recurrence = activesync.Recurrence{}
		return nil
	}
	kind, ok := repeats[f.repeat]
	if !ok {
		return usage(fmt.Errorf("--repeat is daily, weekly, monthly, yearly or never, not %q", f.repeat))
	}
	day := e.Start.In(time.Local)
	if e.AllDay {
		day = e.Start
	}
	r := activesync.Recurrence{Set: true, Type: kind, Interval: 1}
	switch kind {
	case 1:
		r.DayOfWeek = 1 << day.Weekday()
	case 5:
		r.MonthOfYear = int(day.Month())
		fallthrough
	case 2:
		r.DayOfMonth = day.Day()
	}
	e.Recurrence = r
	return nil
}

func (a *app) calendarAdd() *cobra.Command {
	var f eventFlags
	c := &cobra.Command{
		Use: "add SUBJECT --start WHEN", Short: "Put an event into the calendar", Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.start == "" {
				return usage(errors.New("say --start"))
			}
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error { return a.addEvent(ctx, l, args[0], &f) })
		},
	}
	f.register(c)
	return c
}

func (a *app) addEvent(ctx context.Context, l agent.Service, subject string, f *eventFlags) error {
	cal, err := a.folder(ctx, l, "calendar")
	if err != nil {
		return err
	}
	reminder := f.reminder
	e := activesync.Event{Subject: subject, BusyStatus: busyStates["busy"], Reminder: &reminder}
	if reminder < 0 {
		e.Reminder = nil
	}
	if err := f.apply(&e); err != nil {
		return err
	}
	return a.tellAndChange(ctx, l, f.silent, activesync.Op{Kind: activesync.OpEventAdd, To: cal.ID, Event: &e})
}

func (a *app) calendarEdit() *cobra.Command {
	var f eventFlags
	c := &cobra.Command{
		Use: "edit ID", Short: "Change an event: of a series all of them, or the one --on a day", Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error { return a.editEvent(ctx, l, args[0], &f) })
		},
	}
	f.register(c)
	for _, name := range []string{"for", "reminder"} { // what is not said stays as it is
		c.Flags().Lookup(name).DefValue = "0"
	}
	c.Flags().StringVar(&f.subject, "subject", "", "`TEXT` that it is called by")
	c.Flags().StringSliceVar(&f.drop, "uninvite", nil, "`ADDRESS` of somebody who is no longer invited; may be repeated")
	c.Flags().StringVar(&f.on, "on", "", onHelp)
	return c
}

func (a *app) editEvent(ctx context.Context, l agent.Service, id string, f *eventFlags) error {
	ids, err := parseItems([]string{id})
	if err != nil {
		return err
	}
	before, err := l.Event(ctx, ids[0])
	if err != nil {
		return err
	}
	if before.MeetingStatus&2 != 0 {
		return fmt.Errorf("%w: %q is a meeting; only its organizer's calendar program can change it for all", activesync.ErrRejected, before.Subject)
	}
	if f.on != "" {
		return a.editOccurrence(ctx, l, before, f)
	}
	after := before
	if f.cmd.Flags().Changed("subject") {
		after.Subject = f.subject
	}
	if err := f.apply(&after); err != nil {
		return err
	}
	return a.tellAndChange(ctx, l, f.silent, activesync.Op{Kind: activesync.OpEventChange, Item: ids[0], Event: &after, EventBefore: &before})
}

// editOccurrence changes one occurrence of a series.
func (a *app) editOccurrence(ctx context.Context, l agent.Service, series activesync.Event, f *eventFlags) error {
	if f.cmd.Flags().Changed("repeat") {
		return usage(errors.New("one of a series has no --repeat of its own"))
	}
	o, err := occurrenceOn(series, f.on)
	if err != nil {
		return err
	}
	at := calendar.Instance(&series, o.OriginalStart, time.Local)
	one, _ := series.Occurrence(at)
	if !one.AllDay {
		one.Start, one.End = o.Start.UTC(), o.End.UTC()
	}
	if f.cmd.Flags().Changed("subject") {
		one.Subject = f.subject
	}
	if err := f.apply(&one); err != nil {
		return err
	}
	if one.AllDay != o.AllDay {
		return usage(errors.New("one of a series is a whole day as they all are, or has times as they all have"))
	}
	after := series.WithOccurrence(at, one)
	return a.tellAndChange(ctx, l, f.silent, activesync.Op{Kind: activesync.OpEventChange, Item: series.ID, Instance: at, Event: &after, EventBefore: &series})
}

// occurrenceOn is the occurrence of a series that begins on a day, or at a time
// where there are several.
func occurrenceOn(e activesync.Event, word string) (o activesync.Occurrence, err error) {
	from, day, err := when(word)
	if err != nil {
		return o, err
	}
	if !e.Recurrence.Set {
		return o, usage(fmt.Errorf("%q does not repeat", e.Subject))
	}
	to := from.Add(time.Minute)
	if day {
		from = time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, time.Local)
		to = from.AddDate(0, 0, 1)
	}
	found := slices.DeleteFunc(calendar.Expand([]activesync.Event{e}, from, to, time.Local), func(o activesync.Occurrence) bool { return o.Start.Before(from) })
	switch len(found) {
	case 0:
		return o, fmt.Errorf("none of %q begins then", e.Subject)
	case 1:
		return found[0], nil
	}
	return o, usage(fmt.Errorf("%d of %q begin on that day: say the time too, such as %s", len(found), e.Subject, found[0].Start.Format(timeForm)))
}

func (a *app) calendarDelete() *cobra.Command {
	var on string
	var silent bool
	c := &cobra.Command{
		Use: "delete ID...", Short: "Take events out of the calendar: of a series all of them, or the one --on a day", Args: minArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ids, err := parseItems(args)
			if err != nil {
				return err
			}
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error {
				var ops []activesync.Op
				for _, id := range ids {
					op := activesync.Op{Kind: activesync.OpDelete, Item: id}
					if on != "" {
						var err error
						if op, err = cancelOn(ctx, l, id, on); err != nil {
							return err
						}
					}
					ops = append(ops, op)
				}
				return a.tellAndChange(ctx, l, silent, ops...)
			})
		},
	}
	c.Flags().StringVar(&on, "on", "", onHelp)
	c.Flags().BoolVar(&silent, "silent", false, silentHelp)
	return c
}

// cancelOn is the change that takes one occurrence out of a series.
func cancelOn(ctx context.Context, l agent.Service, id activesync.ItemID, on string) (activesync.Op, error) {
	series, err := l.Event(ctx, id)
	if err != nil {
		return activesync.Op{}, err
	}
	o, err := occurrenceOn(series, on)
	if err != nil {
		return activesync.Op{}, err
	}
	at := calendar.Instance(&series, o.OriginalStart, time.Local)
	after := series.WithoutOccurrence(at)
	return activesync.Op{Kind: activesync.OpEventChange, Item: id, Instance: at, Event: &after, EventBefore: &series}, nil
}

// changeEvents writes changes to the journal and then tries to tell the server.
func (a *app) changeEvents(ctx context.Context, l agent.Service, ops ...activesync.Op) error {
	done, err := l.ChangeEvents(ctx, ops...)
	if err != nil {
		return err
	}
	return a.changed(ctx, l, done)
}
