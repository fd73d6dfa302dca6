package ui

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/ui/action"
	"eas.example/securemail/ui/style"
	"eas.example/securemail/ui/term"
)

// look is what drawing a message depends on. It is a value, so that drawing
// can be done on any goroutine.
type look struct {
	theme   *style.Theme
	width   int
	loc     *time.Location
	now     time.Time
	self    []string
	view    view
	failed  string
	source  []byte
	set     *setting // the text as it was set before, where it may be used again
	open    []int    // how many messages of each chain are shown, nil as at first
	find    string   // what is searched for in the text
	unfold  string   // the key that unfolds
	giveKey string   // the key that opens what is encrypted, "" for none
	// pictures is the key that fetches pictures from elsewhere, "" for none.
	pictures   string
	album      album
	graphics   term.GraphicsMsg
	thread     []activesync.Header // the conversation, nil for none
	shown      activesync.ItemID   // which of it is shown
	parcel     *parcel             // the message taken apart, nil where it was not
	invited    *invited            // what the calendar says of an invitation, nil before it was asked
	keys       [4]string           // that accept, accept as tentative, decline, and answer with a comment
	toCalendar meetingEntry        // what can be done with the event of the message
	entryKey   string
	// checking says that it is being fetched to be verified or opened.
	checking bool
}

// rendered is a message as lines.
type rendered struct {
	lines   []string
	links   []link
	set     *setting
	open    []int
	folds   []foldedAt
	hits    []int     // the lines of matches
	entries []entryAt // the lines of the other messages of the conversation
	shots   []shotAt  // pictures drawn by the pixel
	spots   []spotAt  // what can be clicked of it
	head    int       // the line in which the message shown begins
}

// embedded are the pictures that came with the message.
func (t rendered) embedded() []string {
	if t.set == nil {
		return nil
	}
	return t.set.text.Embedded
}

// renderMessage draws a message: its head, what it carries, and its text.
func renderMessage(k look, m activesync.Message) rendered {
	if k.width <= 0 {
		return rendered{}
	}
	s := newSheet(k.theme, k.width)
	var out rendered
	at := k.place()
	if len(k.thread) < 2 || k.view != textView {
		at = -1
	}
	if at > 0 {
		k.entries(s, 0, at, &out)
		s.rule()
	}
	out.head = len(s.out)
	k.head(s, m)
	if deceit := message.SenderDeceit(m.From); deceit != "" {
		s.words(style.Warn, k.theme.Warning+" "+deceit)
	}
	switch k.view {
	case detailsView:
		k.allDetails(s, m)
		return rendered{lines: s.out}
	case sourceView:
		k.sourceLines(s)
		return rendered{lines: s.out}
	}
	k.invitation(s, m)
	k.files(s, m.Attachments)
	switch {
	case k.checking:
		s.words(style.Dim, "This message is signed or encrypted; it is being fetched to be checked"+k.theme.Ellipsis)
	case k.parcel != nil:
		k.verdict(s, k.parcel.words)
		if k.parcel.closed && k.giveKey != "" {
			l := s.line()
			s.button(l, k.giveKey, "open it with your key", action.GiveKey)
			s.add(l)
		}
	}
	if r := k.reported(m); r != nil {
		k.report(s, r)
	}
	if m.Note != "" {
		s.words(style.Warn, k.theme.Warning+" "+sentence(clean(m.Note)))
	}
	s.blank()
	k.body(s, m, &out)
	if join := joinOf(m); join != "" && k.invited != nil {
		out.links = append(slices.Clip(out.links), link{text: "Join the online meeting", url: join})
	}
	if at >= 0 && at+1 < len(k.thread) {
		s.blank()
		s.rule()
		k.entries(s, at+1, len(k.thread), &out)
	}
	out.lines, out.shots, out.spots = s.out, s.shots, s.spots
	return out
}

// head is the subject and who it is from and to.
func (k look) head(s *sheet, m activesync.Message) {
	subject := clean(m.Subject)
	if strings.TrimSpace(subject) == "" {
		subject = noSubject
	}
	if m.Flag == activesync.FlagActive {
		subject = k.theme.Flag + " " + subject
	}
	for i, w := range wrap(subject, s.room()) {
		if i == 3 {
			break
		}
		s.add(s.line().Put(style.Strong, w))
	}
	when := k.when(m.Date)
	l := s.line()
	from := cleanAddress(m.From)
	room := l.Room() - style.Width(when) - 1 - s.margin
	name, address := from.Label(), ""
	if from.Name != "" && from.Address != "" {
		address = "<" + from.Address + ">"
	}
	if name == "" {
		name = "(no sender)"
	}
	// However long the name is, the address is seen: anybody can call themselves
	// anything.
	kept := 0
	if address != "" {
		kept = min(style.Width(address)+1, room/2)
	}
	named := min(style.Width(name), max(room-kept, 4))
	l.Cell(style.Title, name, named)
	if left := room - named - 1; left > 6 && address != "" {
		l.Skip(1).Put(style.Dim, cutTo(address, left, k.theme))
	}
	l.Skip(l.Room()-style.Width(when)-s.margin).Put(style.Dim, when)
	s.add(l)
	to := k.people(m.To)
	if to != "" {
		to = "to " + to
	}
	if len(m.Cc) > 0 {
		to = strings.TrimPrefix(to+", cc "+k.people(m.Cc), ", ")
	}
	if len(m.Bcc) > 0 {
		to = strings.TrimPrefix(to+", bcc "+k.people(m.Bcc), ", ")
	}
	lines := wrap(to, s.room())
	for i, w := range lines {
		if i == 1 && len(lines) > 2 && k.view == textView {
			w = cutTo(w, s.room()-2, k.theme) + k.theme.Ellipsis
		}
		s.add(s.line().Put(style.Dim, w))
		if i == 1 && k.view == textView {
			break
		}
	}
}

// cutTo shortens s to width cells.
func cutTo(s string, width int, t *style.Theme) string {
	if style.Width(s) <= width {
		return s
	}
	s, _ = style.Cut(s, width, t.Ellipsis)
	return s
}

// people names those a message went to; the person is me.
func (k look) people(list []activesync.Address) string {
	var out []string
	for _, p := range list {
		name := clean(p.Label())
		for _, self := range k.self {
			if strings.EqualFold(self, p.Address) {
				name = "me"
			}
		}
		out = append(out, name)
	}
	return strings.Join(out, ", ")
}

func (k look) when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	local, now := t.In(k.loc), k.now.In(k.loc)
	switch day := dayOf(t, k.loc); {
	case day == dayOf(k.now, k.loc):
		return local.Format("15:04")
	case local.Year() == now.Year():
		return local.Format("Mon 2 Jan 15:04")
	}
	return local.Format("2 Jan 2006 15:04")
}

// files lists what is attached, with the numbers to save them by.
func (k look) files(s *sheet, files []activesync.Attachment) {
	n := 0
	for _, f := range files {
		if f.Inline {
			continue
		}
		n++
		l := s.line().Put(style.Accent, k.theme.Clip).Skip(1).Put(style.Dim, strconv.Itoa(n)).Skip(1)
		l.Put(style.Text, cutTo(fileName(f), max(l.Room()-10, 4), k.theme)).Skip(1).Put(style.Dim, size(f.Size))
		s.add(l)
		if risk := message.Risk(f.Name, f.ContentType); risk != "" {
			s.words(style.Warn, k.theme.Warning+" Think before you open "+fileName(f)+". "+risk)
		}
	}
}

// fileName is what an attachment is called.
func fileName(f activesync.Attachment) string {
	if n := strings.TrimSpace(clean(f.Name)); n != "" {
		return n
	}
	if f.Method == 5 {
		return "message.eml"
	}
	return "attachment"
}

// body is the text, with its links and folds.
func (k look) body(s *sheet, m activesync.Message, out *rendered) {
	if m.Body.Type != activesync.BodyNone {
		t := k.set
		if t == nil || t.width != min(s.room(), widestText) || t.theme != k.theme || t.graphics != k.graphics || !maps.Equal(t.album, k.album) {
			t = k.setText(m.Body, s.room())
		}
		out.set, out.links, out.open = t, t.links, k.open
		if len(out.open) != len(t.chains) {
			out.open = foldsAtFirst(t.chains, message.Forwards(m.Subject))
		}
		k.note(s, t)
		k.chained(s, t, out)
		k.remote(s, t)
	}
	if !m.Body.Whole() {
		s.blank()
		switch {
		case k.failed != "":
			s.words(style.Warn, k.theme.Warning+" The rest could not be fetched. "+k.failed)
		default:
			s.words(style.Dim, "The rest comes from the server"+k.theme.Ellipsis)
		}
	}
}

// allDetails is everything that is known of a message.
func (k look) allDetails(s *sheet, m activesync.Message) {
	s.blank()
	date := ""
	if !m.Date.IsZero() {
		date = m.Date.In(k.loc).Format(time.RFC1123Z)
	}
	for _, e := range [][2]string{
		{"From", named(m.From)}, {"Sender", named(m.Sender)}, {"Reply-To", named(m.ReplyTo...)}, {"To", named(m.To...)}, {"Cc", named(m.Cc...)},
		{"Bcc", named(m.Bcc...)}, {"Date", date}, {"Subject", clean(m.Subject)}, {"Kind", clean(m.MessageClass)},
		{"Categories", clean(strings.Join(m.Categories, ", "))}, {"Text", bodyWords(m.Body)}, {"Id", m.ID.String()},
	} {
		s.entry(e[0], e[1], 12)
	}
	for i, f := range m.Attachments {
		kind := clean(f.ContentType)
		if f.Inline {
			kind += " inline"
		}
		s.entry("File "+strconv.Itoa(i+1), strings.TrimSpace(fileName(f)+"  "+size(f.Size)+"  "+kind), 12)
	}
}

func bodyWords(b activesync.Body) string {
	kind := [...]string{"none", "plain", "HTML", "RTF", "MIME"}[min(int(b.Type), 4)]
	if b.Size > 0 {
		kind += ", " + size(b.Size)
	}
	if b.Truncated {
		kind += ", " + size(int64(len(b.Data))) + " of it here"
	}
	return kind
}
