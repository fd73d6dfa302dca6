package ui

import (
	"slices"
	"strconv"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/ui/edit"
)

type eventField = formField[activesync.Event]

// How the form writes a day, and a time.
const (
	dayWord = "Mon " + time.DateOnly
	dayTime = dayWord + " 15:04"
)

// eventTimes are the fields that say when an event is; one follows the other.
type eventTimes struct {
	loc           *time.Location
	now           time.Time
	whole         *eventField // "yes" for whole days
	begin, end    *eventField
	repeat, until *eventField
	zone          *time.Location // by whose days the series goes
	length        time.Duration  // as it was when they were in line last
	begun         time.Time
	clock         time.Duration // of the begin, while it is whole days
	wasWhole      bool
}

// newEventTimes are the fields for the times of e, by the clock of loc.
func newEventTimes(e activesync.Event, loc *time.Location, now time.Time) *eventTimes {
	t := &eventTimes{loc: loc, now: now.In(loc), zone: zoneOf(e, loc), wasWhole: e.AllDay, clock: morning * time.Hour}
	t.whole = choiceField("Whole days", [][2]string{{"", "no"}, {"yes", "yes"}},
		func(e *activesync.Event) string { return map[bool]string{true: "yes"}[e.AllDay] },
		func(e *activesync.Event, v string) { e.AllDay = v == "yes" })
	t.begin = &eventField{section: "When", label: "Begins",
		get: func(e *activesync.Event) string { return t.write(e.Start, e.AllDay) },
		set: func(e *activesync.Event, s string) string {
			at, wrong := t.read(s, t.now, false)
			e.Start = at
			return wrong
		}}
	t.end = &eventField{label: "Ends",
		get: func(e *activesync.Event) string {
			if e.AllDay {
				return t.write(e.End.AddDate(0, 0, -1), true)
			}
			return t.write(e.End, false)
		},
		set: func(e *activesync.Event, s string) string {
			at, wrong := t.read(s, e.Start.In(t.loc), true)
			if e.End = at; t.days() {
				e.End = at.AddDate(0, 0, 1) // the last day belongs to it
			}
			return wrong
		}}
	t.repeat, t.until = t.repeating()
	t.begun, t.length = e.Start, e.End.Sub(e.Start)
	if !e.AllDay {
		h, m, _ := e.Start.In(loc).Clock()
		t.clock = time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
	}
	return t
}

// zoneOf is the zone of an event while it has times: one of whole days gets the
// person's with them.
func zoneOf(e activesync.Event, loc *time.Location) *time.Location {
	if e.AllDay {
		return loc
	}
	return seriesZone(e, loc)
}

func (t *eventTimes) days() bool { return t.whole.long == "yes" }

func (t *eventTimes) write(at time.Time, days bool) string {
	if days {
		return at.UTC().Format(dayWord)
	}
	return at.In(t.loc).Format(dayTime)
}

// read reads a time, or a day of an event of whole ones, as a person writes it
// at a time.
func (t *eventTimes) read(s string, now time.Time, end bool) (at time.Time, wrong string) {
	form := "2026-11-30 14:30, tomorrow 9:00, friday 16:00"
	if end {
		form += ", 90 min"
	}
	if t.days() {
		form = "2026-11-30, tomorrow, friday"
	}
	at, ok := ParseTime(withoutWeekday(s), now)
	if !ok {
		return at, "This is no time. One is written " + form + "."
	}
	if t.days() {
		return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC), ""
	}
	return at.UTC(), ""
}

// withoutWeekday is a date without the day of the week before it.
func withoutWeekday(s string) string {
	day, date, ok := strings.Cut(strings.TrimSpace(s), " ")
	if _, err := time.Parse("Mon", day); ok && err == nil && strings.Count(date, "-") == 2 {
		return date
	}
	return s
}

// tidy has the end follow the begin, and writes both in full.
func (t *eventTimes) tidy() {
	if t.wasWhole != t.days() {
		t.turn()
	}
	begin, wrong := t.read(t.begin.field.Text(), t.now, false)
	if wrong != "" {
		return
	}
	from := begin.In(t.loc)
	if t.days() {
		from = begin
	}
	end, wrong := t.read(t.end.field.Text(), from, true)
	switch {
	case !begin.Equal(t.begun):
		end = begin.Add(t.length)
		if t.days() {
			end = end.AddDate(0, 0, -1)
		}
	case wrong != "":
		return
	}
	t.put(begin, end)
}

// put writes the times into the fields. The end of whole days is the last one.
func (t *eventTimes) put(begin, end time.Time) {
	place := func(f *eventField, at time.Time) {
		if s := t.write(at, t.days()); s != f.field.Text() {
			f.field = edit.NewField(s)
		}
	}
	place(t.begin, begin)
	place(t.end, end)
	if t.begun, t.length = begin, end.Sub(begin); t.days() {
		t.length += 24 * time.Hour
	}
}

// turn makes whole days of times, and the other way round.
func (t *eventTimes) turn() {
	if t.wasWhole = t.days(); t.wasWhole {
		from, to := t.begun.In(t.loc), t.begun.Add(t.length).In(t.loc)
		h, m, _ := from.Clock()
		t.clock = time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
		day := func(at time.Time) time.Time { return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC) }
		t.put(day(from), day(to.Add(-1)))
		return
	}
	day := t.begun.UTC()
	begin := time.Date(day.Year(), day.Month(), day.Day(), int(t.clock/time.Hour), int(t.clock/time.Minute)%60, 0, 0, t.loc)
	t.put(begin, begin.Add(time.Hour))
}

// eventFields are all fields of an event that a person writes.
func eventFields(t *eventTimes, e activesync.Event) []*eventField {
	t.whole.section, t.begin.section = "When", ""
	return []*eventField{
		{section: "What", label: "Title", text: func(e *activesync.Event) *string { return &e.Subject }},
		{label: "Where", text: func(e *activesync.Event) *string { return &e.Location }},
		guestField("Invited", 1), guestField("Optional", 2),
		t.whole, t.begin, t.end, t.repeat, t.until,
		headed("How", reminderField()),
		numberField("Shown as", []string{"free", "tentative", "busy", "out of office"}, busyWords, func(e *activesync.Event) *uint8 { return &e.BusyStatus }),
		numberField("Marked as", []string{"normal", "personal", "private", "confidential"},
			func(n uint8) string {
				return [...]string{"normal", "personal", "private", "confidential"}[min(n, 3)]
			}, func(e *activesync.Event) *uint8 { return &e.Sensitivity }),
		{label: "Categories",
			get: func(e *activesync.Event) string { return strings.Join(e.Categories, ", ") },
			set: func(e *activesync.Event, s string) string { e.Categories = commaList(s); return "" }},
		notesField(e.Body.Truncated),
	}
}

// occurrenceFields are those that one occurrence of a series can have of its own.
func occurrenceFields(t *eventTimes, one activesync.Event) []*eventField {
	t.whole.read(&one) // it decides how times are written
	return slices.DeleteFunc(eventFields(t, one), func(f *eventField) bool {
		switch f.label {
		case "Whole days", "Repeats", "Until", "Marked as", "Categories", "Invited", "Optional":
			return true
		case "Begins":
			f.section = "When"
		}
		return false
	})
}

// guestField is who is invited, of a type: 1 required, 2 optional (MS-ASCAL
// 2.2.2.4). Rooms stay as they are.
func guestField(label string, kind uint8) *eventField {
	of := func(p activesync.Attendee) bool { return max(p.Type, 1) == kind }
	return &eventField{label: label, people: true,
		get: func(e *activesync.Event) string {
			var list []activesync.Address
			for _, p := range e.Attendees {
				if of(p) {
					list = append(list, p.Address)
				}
			}
			return addressText(list)
		},
		set: func(e *activesync.Event, s string) string {
			if names := notAddresses(s); len(names) > 0 {
				return plural(len(names), "Not an e-mail address: ", "%d are no e-mail addresses: ") + strings.Join(names, ", ")
			}
			had := e.Attendees
			e.Attendees = slices.DeleteFunc(slices.Clone(had), of)
			for _, p := range activesync.ParseAddresses(s) {
				e.Attendees = append(e.Attendees, activesync.Attendee{Address: p, Type: kind})
			}
			e.Attendees = activesync.KeepAnswers(e.Attendees, had)
			return ""
		}}
}

func headed(section string, f *eventField) *eventField { f.section = section; return f }

// choiceField is one of several values, each with its words.
func choiceField(label string, choices [][2]string, get func(*activesync.Event) string, set func(*activesync.Event, string)) *eventField {
	f := &eventField{label: label, get: get, set: func(e *activesync.Event, v string) string { set(e, v); return "" }}
	f.show = func(v string) string {
		for _, c := range choices {
			if c[0] == v {
				return c[1]
			}
		}
		return v
	}
	f.open = func(a *App, set func(string)) tea.Cmd { return a.choice(f.label, choices, f.long, set) }
	return f
}

// choice asks for one of several values.
func (a *App) choice(title string, choices [][2]string, now string, set func(string)) tea.Cmd {
	m := &menu{title: title, digits: true}
	for _, c := range choices {
		m.items = append(m.items, item{label: c[1], radio: true, chosen: c[0] == now, do: func(a *App) tea.Cmd {
			set(c[0])
			return nil
		}})
	}
	return a.menu(m)
}

// numberField is one of the values 0 and on.
func numberField(label string, words []string, show func(uint8) string, at func(*activesync.Event) *uint8) *eventField {
	var choices [][2]string
	for i, w := range words {
		choices = append(choices, [2]string{strconv.Itoa(i), w})
	}
	f := choiceField(label, choices, func(e *activesync.Event) string { return strconv.Itoa(int(*at(e))) },
		func(e *activesync.Event, v string) {
			n, _ := strconv.Atoi(v)
			*at(e) = uint8(n)
		})
	f.show = func(v string) string {
		n, _ := strconv.Atoi(v)
		return show(uint8(n))
	}
	return f
}

func reminderField() *eventField {
	choices := [][2]string{{"", "none"}}
	for _, n := range []int{0, 5, 10, 15, 30, 60, 2 * 60, 24 * 60, 7 * 24 * 60} {
		choices = append(choices, [2]string{strconv.Itoa(n), reminderWords(&n)})
	}
	f := choiceField("Reminder", choices,
		func(e *activesync.Event) string {
			if e.Reminder == nil || *e.Reminder < 0 {
				return ""
			}
			return strconv.Itoa(*e.Reminder)
		},
		func(e *activesync.Event, v string) {
			e.Reminder = nil
			if n, err := strconv.Atoi(v); err == nil {
				e.Reminder = &n
			}
		})
	f.show = func(v string) string {
		n, err := strconv.Atoi(v)
		if err != nil {
			return "none"
		}
		return reminderWords(&n)
	}
	return f
}

// notesField is the text of an event. One that is not all here is not changed:
// the rest of it would be lost.
func notesField(cut bool) *eventField {
	return &eventField{label: "Notes", lines: true,
		get: func(e *activesync.Event) string { return message.PlainText(e.Body) },
		set: func(e *activesync.Event, s string) string {
			if cut {
				return "The rest of the text is on the server only; it cannot be changed here."
			}
			e.Body = activesync.Body{Type: activesync.BodyPlain, Data: []byte(s), Size: int64(len(s))}
			return ""
		}}
}

// commaList is a list that is written with commas.
func commaList(s string) []string {
	var out []string
	for one := range strings.SplitSeq(s, ",") {
		if one = strings.TrimSpace(one); one != "" && !slices.Contains(out, one) {
			out = append(out, one)
		}
	}
	return out
}
