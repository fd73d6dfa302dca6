package sample

import (
	"fmt"
	"math"
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

// daily are the letters that machines send day by day, and the answers to an
// invitation.
func (s *sampler) daily() []*letter {
	var out []*letter
	for d := range 45 {
		l := s.tide(s.on(-d, 5, 30))
		if d == 0 {
			l.date = s.ago(560)
		}
		l.folder, l.read = "Archive", true
		if d < 4 {
			l.folder, l.read = "Inbox", d > 1
		}
		out = append(out, l)
	}
	for n := range 25 {
		l := s.berthPlan(s.on(-s.workday(n+1), 17, 5))
		l.folder, l.read = "Projects/Harbour", n > 0
		out = append(out, l)
	}
	for n := range 40 {
		l := s.build(511-n, s.on(-s.workday(n/2+1), 10+3*(n%2), 12+n).Add(time.Duration(n)*time.Second))
		l.folder, l.read = "Projects/Website", n > 3
		out = append(out, l)
	}
	for n := range 30 {
		l := s.ticket(2290-n, s.on(-s.workday(n+1), 9+n%7, (n*13)%60))
		l.folder, l.read = "Archive", true
		if n < 5 {
			l.folder, l.read = "Inbox", n > 0
		}
		out = append(out, l)
	}
	return append(out, s.answers()...)
}

// routine is one more letter of a machine.
func (s *sampler) routine(n int, now time.Time) *letter {
	switch n % 3 {
	case 0:
		return s.build(513+n, now)
	case 1:
		return s.ticket(2292+n, now)
	}
	l := s.berthPlan(now)
	l.id += fmt.Sprint(".", n)
	return l
}

func (s *sampler) machine(key, name string, at time.Time, subject, text string) *letter {
	from := s.people[key]
	return &letter{id: fmt.Sprintf("%s.%08x", name, mix(name, at.YearDay())), from: from, to: []activesync.Address{s.people[self].address()},
		subject: subject, date: at, text: text, style: from.style, headers: []string{"Auto-Submitted: auto-generated"}}
}

// tide is the table of a day: high water comes 50 minutes later each day, and
// more of it at new and full moon.
func (s *sampler) tide(at time.Time) *letter {
	day := int(at.Unix() / 86400)
	first := time.Duration(day*50%745) * time.Minute
	spring := 0.7 * math.Cos(2*math.Pi*float64(day%15)/14.77)
	clock := func(d time.Duration) string { return fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60) }
	var table strings.Builder
	for i := range 4 {
		when := first + time.Duration(i)*372*time.Minute
		if when >= 24*time.Hour {
			break
		}
		kind, height := "high", 4.9+spring
		if i%2 == 1 {
			kind, height = "low ", 1.2-spring
		}
		fmt.Fprintf(&table, "  %s  %s  %.1f m\n", clock(when), kind, height)
	}
	winds := []string{"W 3 to 4, later 5. Fair.", "SW 5, gusts 7 in the evening. Rain at times.", "NE 2 to 3. Fog patches until noon.", "NW 4, backing W. Showers.",
		"S 3. Dry and mild.", "SW 6, increasing 7 for a time. Rough outside the moles.", "Variable 1 to 2. Haze."}
	notes := []string{"Pilots on channel 9 from 05:00.", "The dredger lies at beacon 4 until noon; keep east of it.", "Divers at Quay 4. No wash, please.",
		"The ferry has right of way between the moles, also if you are in a hurry.", "Buoy 7 is unlit.", "Nothing else to report."}
	text := fmt.Sprintf("Good morning,\n\ntides at the North Mole, local time:\n\n%s\nWind: %s\n\n%s\n\nWesthaven Pilots",
		table.String(), winds[mix("wind", day)%7], notes[mix("note", day)%6])
	return s.machine("tides", "tide", at, "Tides for "+at.Format("Monday, 2 January"), text)
}

var ships = []struct{ name, flag, from, note string }{
	{"Aegean Light", "Piraeus Lines", "Piraeus", "water"}, {"Baltika", "Baltic Freight", "Riga", "tug on the way in"}, {"Gulf Pearl", "Gulf Shipping", "Dubai", "power 400 V"},
	{"Atlantique II", "Port Atlantique", "Nantes", "pilot at the bend"}, {"Nordstern", "Kranbau Charter", "Hamburg", "heavy lift, 60 t"}, {"Kara Yel", "Kara Liman", "İstanbul", "bunkers"},
	{"Minato Maru", "Minato Lines", "Yokohama", "two pilots"}, {"Lingang 8", "Lingang", "Shanghai", "deep, 7.4 m"}, {"Ferry Westhaven", "Coastline", "Little Creek", "every two hours"},
	{"Bergen Tug", "Fjord Tug", "Bergen", "stays over night"}, {"Tema Star", "Tema Port Partners", "Tema", "reefers, 12"}, {"Puerto Azul", "Puerto Azul", "Cartagena", "waits for berth"},
}

// berthPlan is the table of the next day's ships.
func (s *sampler) berthPlan(at time.Time) *letter {
	next := at.AddDate(0, 0, 1)
	var b strings.Builder
	fmt.Fprintf(&b, "# Berths on %s\n\n| Time | Ship | Agent | From | Berth | Note |\n", next.Format("Monday, 2 January"))
	begin := int(mix("berth", at.YearDay()) % uint32(len(ships)))
	for i := range 5 + at.YearDay()%4 {
		ship := ships[(begin+i*5)%len(ships)]
		note := ship.note
		if i%2 == 1 {
			note = ""
		}
		fmt.Fprintf(&b, "| %02d:%02d | %s | %s | %s | %d | %s |\n", 5+i*2, int(mix(ship.name, at.YearDay())%6)*10, ship.name, ship.flag, ship.from, 1+(begin+i)%3, note)
	}
	b.WriteString("\nQuay 4, bollards 10 to 14: closed above 40 t.\n\nChanges to the tower, +44 1632 960030 or channel 12.")
	return s.machine("tower", "berths", at, "Berth plan for "+next.Format("Monday, 2 January"), b.String())
}

// build tells of a run of the website's tests.
func (s *sampler) build(n int, at time.Time) *letter {
	broken := []string{"", "", "", "", "1 link broken: /visitors/showers", "", "", "", "", "3 tests failed: search finds \"toilet\" too slowly"}[n%10]
	word, steps := "passed", "none broken"
	if broken != "" {
		word, steps = "failed", broken
	}
	branch := []string{"main", "go-live", "visitors", "warnings", "agents-login"}[mix("branch", n)%5]
	text := fmt.Sprintf("# Build #%d %s\n\n| Step | Time | Result |\n| Test | 2 min %02d s | %d passed |\n| Pages | %d s | %d written |\n| Links | 1 min %02d s | %s |\n\n"+
		"Branch %s, by %s. [See the log](https://brightpixel.example/builds/%d)", n, word, n*7%60, 340+n%97, 40+n%20, 150+n/8, n*3%60, steps, branch,
		[]string{"Leo", "Grace", "Priya"}[mix("by", n)%3], n)
	l := s.machine("builds", fmt.Sprint("build", n), at, fmt.Sprintf("[website] Build #%d %s", n, word), text)
	if broken != "" {
		l.priority = "high"
	}
	return l
}

// ticket tells of a problem that was reported to the service desk.
func (s *sampler) ticket(n int, at time.Time) *letter {
	list := []struct{ problem, answer string }{
		{"Printer on the second floor is out of paper", "Paper was in the printer's other drawer"}, {"Password of the chart computer has run out", "New password by telephone"},
		{"The tower's second screen is green", "Cable was loose, now it is blue, as it should be"}, {"Cannot open the file from the notary", "It was a picture of a fax; sent again as a text"},
		{"No network in the boat shed", "A hen had sat on the plug"}, {"The door card does not open Room 4", "Card was changed at the desk"}, {"Please restore last week's berth plan", "Restored from Tuesday"},
		{"New laptop for the trainee", "Ready to be fetched in Room 8"}, {"Mail to the notary comes back", "The address had two dots in a row"}, {"The projector shows everything upside down", "It hangs the right way round again"},
		{"Telephone in Room 14 rings twice", "It now rings once, but longer"}, {"The label printer prints in Finnish", "It speaks English again, mostly"},
	}
	t := list[mix("ticket", n)%uint32(len(list))]
	by := s.people[[]string{"joan", "ben", "dan", "samir", "olga", "priya"}[mix("who", n)%6]].contact.Name()
	text := fmt.Sprintf("# SD-%d is solved\n\n| Reported by | %s |\n| Problem | %s |\n| Solution | %s |\n\nIf it happens again, answer this mail.", n, by, t.problem, t.answer)
	return s.machine("desk", fmt.Sprint("ticket", n), at, fmt.Sprintf("[SD-%d] %s: solved", n, t.problem), text)
}

// answers are what those who were invited to the open day say.
func (s *sampler) answers() []*letter {
	var out []*letter
	e := s.meeting("openday")
	for i, a := range []struct {
		key, word, text string
		status          uint8
	}{
		{"ben", "Accepted", "I bring the hose.", 3}, {"olga", "Tentative", "If the eelgrass survey is done by then.", 2},
		{"priya", "Declined", "On leave that week, sorry! Grace takes the pictures.", 4}, {"dan", "Accepted", "The tower will be there, it always is.", 3},
	} {
		p := s.people[a.key]
		answer := e
		answer.Attendees = []activesync.Attendee{{Address: p.address(), Status: a.status, Type: 1}}
		out = append(out, &letter{id: fmt.Sprint("answer.", i), from: p, to: []activesync.Address{s.people[self].address()}, subject: a.word + ": " + e.Subject,
			date: s.on(-s.workday(3), 11+i, 7*i+4), text: a.text, style: "plain", invite: &answer, method: "REPLY", folder: "Inbox", read: i != 1})
	}
	return out
}
