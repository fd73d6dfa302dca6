package ui

import (
	"encoding/binary"
	"hash/maphash"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/style"
)

// row is a message as the list shows it. Its words are clean.
type row struct {
	activesync.Header
	who     string
	day     int    // in the person's time zone
	at      string // time of day
	rev     uint64 // changes with whatever is drawn
	invited bool
	talk    activesync.Conversation // what it stands for; without Items for itself
}

// unread reports whether the message is, or one further down in its conversation.
func (r row) unread() bool { return !r.Read || r.talk.Unread > 0 }

var rowSeed = maphash.MakeSeed()

// makeRows makes rows of what came from the backend. sent says that those it
// went to matter, not the one it is from.
func makeRows(w activesync.Window, loc *time.Location, sent bool) []row {
	rows := make([]row, len(w.Rows))
	for i, h := range w.Rows {
		var talk activesync.Conversation
		if i < len(w.Conversations) {
			talk = w.Conversations[i]
		}
		rows[i] = makeRow(h, talk, loc, sent)
	}
	return rows
}

func makeRow(h activesync.Header, talk activesync.Conversation, loc *time.Location, sent bool) row {
	h.Subject, h.Preview = clean(h.Subject), preview(h.Preview)
	h.From = cleanAddress(h.From)
	r := row{Header: h, talk: talk, who: h.From.Label(), day: dayOf(h.Date, loc), at: h.Date.In(loc).Format("15:04")}
	if len(talk.People) > 1 {
		people := make([]string, len(talk.People))
		for i, p := range talk.People {
			people[i] = shortName(clean(p))
		}
		r.who = strings.Join(people, ", ")
	}
	if sent {
		r.who = "To: " + labels(h.To, 3)
	}
	if r.who == "" {
		r.who = "(no sender)"
	}
	if strings.TrimSpace(h.Subject) == "" {
		r.Subject = noSubject
	}
	r.invited = strings.HasPrefix(h.MessageClass, "IPM.Schedule.Meeting")
	var m maphash.Hash
	m.SetSeed(rowSeed)
	for _, s := range []string{r.who, r.Subject, r.Preview, r.at} {
		m.WriteString(s)
		m.WriteByte(0)
	}
	m.Write(binary.LittleEndian.AppendUint64(nil, uint64(r.day)))
	bits := byte(0)
	for i, set := range []bool{h.Read, h.HasAttachments, h.Pending, h.Draft, r.invited} {
		if set {
			bits |= 1 << i
		}
	}
	m.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(talk.Items))<<32|uint64(talk.Unread)))
	m.Write([]byte{bits, byte(h.Flag), byte(h.Importance), byte(h.Verb)})
	r.rev = m.Sum64()
	return r
}

// shortName is the first name of a person, where several stand side by side.
func shortName(name string) string {
	if last, first, ok := strings.Cut(name, ", "); ok && last != "" && first != "" {
		name = first
	}
	if first, _, ok := strings.Cut(strings.TrimSpace(name), " "); ok && first != "" {
		return first
	}
	return name
}

// labels names the first n of those a message went to.
func labels(list []activesync.Address, n int) string {
	var out []string
	for i, a := range list {
		if i == n {
			out = append(out, plural(len(list)-n, "one more", "%d more"))
			break
		}
		out = append(out, clean(a.Label()))
	}
	return strings.Join(out, ", ")
}

// group is what the row stands under: its day within a week, else its month.
// Groups are compared, never ordered.
func (r row) group(today int) int {
	if r.day > today-7 {
		return r.day
	}
	y, m, _ := dateOf(r.day).Date()
	return -(y*12 + int(m))
}

// heading is the words above a group.
func (r row) heading(today int) string {
	if r.day > today-7 {
		return dayHeading(r.day, today)
	}
	d := dateOf(r.day)
	if d.Year() == dateOf(today).Year() {
		return d.Format("January")
	}
	return d.Format("January 2006")
}

// when is the time that stands in the row: the hour under the heading of a
// day, the date under that of a month.
func (r row) when(today int) string {
	if r.day > today-7 {
		return r.at
	}
	return dateOf(r.day).Format("2 Jan")
}

// lines are the pane as it is drawn.
func (m *messages) lines(a *App) []string {
	if !m.stale {
		return m.drawn
	}
	m.stale = false
	m.newDay(a)
	m.drawn = append(m.drawn[:0], m.head...)
	if m.list.Len() == 0 {
		m.drawn = append(m.drawn, m.emptyLines(a)...)
		m.drawn = a.fill(m.drawn, m.rect.w, m.rect.h)
		return m.drawn
	}
	focus := a.mail.focus == onList
	for _, s := range m.list.Visible() {
		r, ok := m.list.At(s.Index)
		if !ok {
			for range s.Lines {
				m.drawn = append(m.drawn, a.theme.Line(m.rect.w, style.Plain).Skip(3).Put(style.Faint, a.theme.Ellipsis).String())
			}
			continue
		}
		lines := m.row(a, r, s.Index == m.list.Cursor(), focus)
		n := s.Lines
		if m.headed(s.Index, s.Index == m.list.Top()) {
			m.drawn = append(m.drawn, a.theme.Line(m.rect.w, style.Plain).Skip(1).Put(style.Title, r.heading(m.today)).String())
			n--
		}
		m.drawn = append(m.drawn, lines[:min(n, len(lines))]...)
	}
	m.drawn = a.fill(m.drawn, m.rect.w, m.rect.h)
	return m.drawn
}

func (m *messages) emptyLines(a *App) []string {
	f, c := a.folder(m.folder)
	text := ""
	switch {
	case m.err != "":
		text = a.theme.Warning + " " + m.err
	case !m.known || f == nil:
		text = "Reading" + a.theme.Ellipsis
		if a.loaded && len(a.accounts) > 0 && f == nil {
			text = "The mailboxes come from the server" + a.theme.Ellipsis
		}
	case m.unread:
		text = "No unread messages. " + a.keys.Key("unread-only") + " shows all again."
	case f.Type == activesync.FolderDrafts && c.draftsLocal(): // above is said why
		text = "No messages."
	case f.LastSync.IsZero() && c.status.Phase == activesync.PhaseOffline:
		text = "The messages have not come yet: the server is not reached."
	case f.LastSync.IsZero() && f.Automatic(c.state) == activesync.CheckManual:
		text = "This mailbox is checked by hand only and was not checked yet. " + a.keys.Key("check-now") + " checks it now."
	case f.LastSync.IsZero():
		text = "The messages come from the server" + a.theme.Ellipsis
	default:
		text = "No messages."
	}
	out := []string{style.Blanks(m.rect.w)}
	for _, s := range wrap(text, m.rect.w-4) {
		out = append(out, a.theme.Line(m.rect.w, style.Plain).Skip(2).Put(style.Dim, s).String())
	}
	return out
}

// row draws a message, or finds it drawn.
func (m *messages) row(a *App, r row, cursor, focus bool) []string {
	look := uint8(0)
	if cursor {
		look |= 1
		if focus {
			look |= 2
		}
	}
	if _, on := m.marked[r.ID]; on {
		look |= 4
	}
	key := cacheKey{r.ID, r.rev, look}
	if lines, ok := m.cache[key]; ok {
		return lines
	}
	on := style.Plain
	if cursor && focus {
		on = style.Selected
	} else if cursor {
		on = style.Resting
	}
	p := rowPainter{t: a.theme, r: r, on: on, cursor: cursor, marked: look&4 != 0, width: m.rect.w, when: r.when(m.today)}
	lines := p.paint(m.per)
	m.cache[key] = lines
	return lines
}

// rowPainter draws one message.
type rowPainter struct {
	t      *style.Theme
	r      row
	on     style.Surface
	cursor bool
	marked bool
	width  int
	when   string
}

func (p *rowPainter) paint(per int) []string {
	if per == 1 {
		return []string{p.single()}
	}
	lines := []string{p.first(), p.second()}
	if per == 3 {
		lines = append(lines, p.third())
	}
	return lines
}

// start is the left edge: the bar of the cursor, and unread or marked.
func (p *rowPainter) start(signs bool) *style.Line {
	l := p.t.Line(p.width, p.on)
	if p.cursor {
		l.Put(style.Accent, p.t.Bar)
	} else {
		l.Skip(1)
	}
	switch {
	case signs && p.marked:
		l.Put(style.Warn, p.t.Mark)
	case signs && !p.r.Read:
		l.Put(style.Accent, p.t.Dot)
	default:
		l.Skip(1)
	}
	return l.Skip(1)
}

// weight is the role of the words of a message.
func (p *rowPainter) weight() style.Role {
	if p.r.Read {
		return style.Text
	}
	return style.Unread
}

// signs are what a message has: waiting, answered, files, a flag.
func (p *rowPainter) signs() (text string, width int) {
	g := &p.t.Glyphs
	add := func(s string) {
		if text != "" {
			text += " "
		}
		text += s
	}
	if n := len(p.r.talk.Items); n > 1 {
		add(number(n))
	}
	if p.r.Pending {
		add(g.Waiting)
	}
	switch p.r.Verb {
	case activesync.VerbReply, activesync.VerbReplyAll:
		add(g.Reply)
	case activesync.VerbForward:
		add(g.Forward)
	}
	if p.r.Importance == activesync.ImportanceHigh {
		add(g.High)
	}
	if p.r.invited {
		add(g.Invite)
	}
	if p.r.HasAttachments {
		add(g.Clip)
	}
	switch p.r.Flag {
	case activesync.FlagActive:
		add(g.Flag)
	case activesync.FlagComplete:
		add(g.Done)
	}
	return text, style.Width(text)
}

func (p *rowPainter) first() string {
	l := p.start(true)
	tw := style.Width(p.when)
	l.Cell(p.weight(), p.r.who, l.Room()-tw-2).Skip(1).Put(style.Dim, p.when)
	return l.String()
}

func (p *rowPainter) second() string {
	l := p.start(false)
	signs, sw := p.signs()
	room := l.Room() - 1
	if sw > 0 {
		room -= sw + 1
	}
	l.Cell(p.weight(), p.r.Subject, room)
	if sw > 0 {
		l.Skip(1).Put(style.Accent, signs)
	}
	return l.String()
}

func (p *rowPainter) third() string {
	l := p.start(false)
	return l.Cell(style.Dim, p.r.Preview, l.Room()-1).String()
}

// single draws all in one line: who, subject and first words, signs, time.
func (p *rowPainter) single() string {
	l := p.start(true)
	signs, sw := p.signs()
	tw := max(style.Width(p.when), 6)
	who := min(max(p.width/4, 14), 28)
	if p.width < 60 {
		who = max(p.width/3, 8)
	}
	l.Cell(p.weight(), p.r.who, min(who, l.Room())).Skip(2)
	room := l.Room() - tw - 2
	if sw > 0 {
		room -= sw + 1
	}
	subject := style.Width(p.r.Subject)
	if subject+4 < room && p.r.Preview != "" {
		l.Put(p.weight(), p.r.Subject).Skip(2).Cell(style.Dim, p.r.Preview, room-subject-2)
	} else {
		l.Cell(p.weight(), p.r.Subject, room)
	}
	if sw > 0 {
		l.Skip(1).Put(style.Accent, signs)
	}
	l.Skip(1).Right(style.Dim, p.when, tw)
	return l.String()
}
