package ui

import (
	"cmp"
	"context"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/contacts"
	"eas.example/securemail/ui/picture"
	"eas.example/securemail/ui/style"
)

// card is the pane that shows one person.
type card struct {
	row     person // whom it shows, or is about to show
	contact activesync.Contact
	face    *shot // the picture, nil for none that can be drawn
	have    bool  // contact is that of row
	failed  string
	page    page
	mails   map[int]string // lines of the page that are an address
	rect    rect
	lane    lane
	drawn   cardLook
}

// cardLook is what the page depends on besides the contact.
type cardLook struct {
	theme *style.Theme
	width int
	whose string // the account, where there are several
	face  *shot  // the picture, where it is drawn
}

func (c *card) clear() {
	gen, rect := c.lane.gen+1, c.rect
	c.row, c.contact, c.face, c.have, c.failed, c.mails = person{}, activesync.Contact{}, nil, false, "", nil
	c.lane.gen, c.rect = gen, rect
	c.page.set(nil)
	c.drawn = cardLook{}
}

func (c *card) resize(r rect) {
	c.rect = r
	c.page.resize(r.w, r.h)
}

// show puts a person on the card.
func (c *card) show(a *App, r person) tea.Cmd {
	if r.ID == c.row.ID {
		return nil
	}
	c.clear()
	c.page.top = 0
	c.row = r
	return c.load(a)
}

// load reads the person, anew where something has changed.
func (c *card) load(a *App) tea.Cmd {
	if c.row.ID == 0 {
		return nil
	}
	b, row, gen := a.backend, c.row, c.lane.gen
	return a.read(&c.lane, quick, func(ctx context.Context) answer {
		contact, err := row.contact(ctx, b)
		face := develop(contact.Picture, faceKeptSide)
		return func(a *App) tea.Cmd {
			c := &a.people.card
			if gen != c.lane.gen {
				return nil
			}
			c.drawn = cardLook{}
			c.have, c.failed = err == nil, explain(err)
			c.contact, c.face = contact, face
			return nil
		}
	})
}

func (c *card) title() string {
	if c.row.ID == 0 {
		return ""
	}
	s := c.row.Name
	if below := c.page.below(); below != "" {
		s += "  " + below
	}
	return s
}

// lines are the pane as it is drawn.
func (c *card) lines(a *App) []string {
	look := cardLook{theme: a.theme, width: c.rect.w}
	if look.whose = a.keptIn(c.row); c.row.listed != nil {
		look.whose = strings.TrimSuffix("the directory of the organisation, "+a.people.names[c.row.account], ", ")
	}
	if c.face != nil && draws(a.theme) && c.rect.w >= 40 {
		look.face = c.face
	}
	if c.have && look != c.drawn {
		c.drawn = look
		text, mails := drawCard(look, c.contact)
		c.mails = mails
		c.page.set(text)
	}
	if c.have {
		return c.page.lines(a)
	}
	s := newSheet(a.theme, c.rect.w)
	s.blank()
	switch {
	case c.failed != "":
		s.words(style.Warn, a.theme.Warning+" "+c.failed)
	case c.row.ID == 0 && a.people.known:
		s.words(style.Dim, "No one is selected.")
	}
	return a.fill(s.out, c.rect.w, c.rect.h)
}

// addressAt is the address in a line of the pane, "" where there is none.
func (c *card) addressAt(y int) string {
	if !c.have {
		return ""
	}
	return c.mails[c.page.top+y]
}

// drawCard draws all that is known of a person, and tells in which lines an
// address stands.
func drawCard(k cardLook, c activesync.Contact) (text []string, mails map[int]string) {
	s := newSheet(k.theme, k.width)
	name := cleanName(c)
	work := workOf(c)
	headed := s.nameplate(name, work, k.face)
	mails = map[int]string{}
	last := 0
	for _, f := range cardFields(k, c) {
		if headed && (f.Label == "Job title" || f.Label == "Company") {
			continue
		}
		if g := group(f.Label); g != last {
			s.blank()
			last = g
		}
		at := len(s.out)
		role := style.Text
		if f.Label == "E-mail" {
			role = style.Link
		}
		s.paragraphs(f.Label, f.Value, 16, role)
		if f.Label == "E-mail" {
			for i := at; i < len(s.out); i++ {
				mails[i] = clean(f.Value)
			}
		}
	}
	return s.out, mails
}

// cardFields are the fields below the name, what people look for first on top.
func cardFields(k cardLook, c activesync.Contact) []contacts.Field {
	var out []contacts.Field
	for _, f := range contacts.Fields(c) {
		// What the name says already is not said again.
		if f.Label == "Name" || f.Label == "Filed as" && strings.TrimSpace(f.Value) == strings.TrimSpace(c.Name()) {
			continue
		}
		out = append(out, f)
	}
	if n := len(c.Picture); n > 0 && k.face == nil {
		out = append(out, contacts.Field{Label: "Picture", Value: pictureKind(c.Picture) + ", " + size(int64(n)) + "; not shown here"})
	}
	if k.whose != "" {
		out = append(out, contacts.Field{Label: "Kept in", Value: k.whose})
	}
	slices.SortStableFunc(out, func(x, y contacts.Field) int { return cmp.Compare(group(x.Label), group(y.Label)) })
	return out
}

func pictureKind(b []byte) string {
	for _, k := range [][2]string{{"\xFF\xD8\xFF", "JPEG"}, {"\x89PNG", "PNG"}, {"GIF8", "GIF"}, {"BM", "BMP"}} {
		if strings.HasPrefix(string(b[:min(len(b), 8)]), k[0]) {
			return k[1]
		}
	}
	return "a picture"
}

func cleanName(c activesync.Contact) string {
	if name := strings.TrimSpace(clean(c.Name())); name != "" {
		return name
	}
	return "(no name)"
}

// workOf is what the person does and where.
func workOf(c activesync.Contact) []string {
	var out []string
	for _, s := range []string{c.JobTitle, c.CompanyName} {
		if s = strings.TrimSpace(clean(s)); s != "" && s != cleanName(c) {
			out = append(out, s)
		}
	}
	return out
}

// group tells which fields stand together, and in which order.
func group(label string) int {
	switch label {
	case "E-mail", "IM", "Web page":
		return 1
	case "Mobile", "Work", "Work 2", "Company main", "Home", "Home 2", "Work fax", "Home fax", "Car", "Pager", "Radio", "MMS":
		return 2
	case "Phonetic name", "Job title", "Department", "Company", "Office", "Assistant", "Assistant phone", "Manager":
		return 3
	case "Work address", "Home address", "Other address":
		return 4
	case "Birthday", "Anniversary", "Partner", "Children", "Nickname":
		return 5
	case "Note":
		return 7
	}
	return 6
}

const (
	// facePlate and faceHigh are how many cells a picture beside the name takes at
	// most, faceKeptSide how many pixels of it are kept.
	facePlate, faceHigh = 16, 8
	faceKeptSide        = 128
)

// nameplate writes the name beside its picture or initials, and what belongs to
// it below. It reports whether all of it had room.
func (s *sheet) nameplate(name string, below []string, face *shot) bool {
	s.blank()
	if s.room() < 24 {
		for _, w := range wrap(name, s.room()) {
			s.add(s.line().Put(style.Title, w))
		}
		return false
	}
	plate, badge := 6, s.badge(name)
	if face != nil {
		cols, rows := picture.Cells(face.width, face.height, facePlate, faceHigh)
		plate, badge = cols, picture.HalfBlocks(face.image, cols, rows, backOf(s.theme))
	}
	room := s.room() - plate - 2
	names := wrap(name, room)
	whole := true
	for _, b := range below {
		whole = whole && style.Width(b) <= room
	}
	for i := range max(len(names)+len(below), len(badge)) {
		l := s.line()
		if i < len(badge) {
			l.PutDrawn(badge[i], plate)
		} else {
			l.Skip(plate)
		}
		l.Skip(2)
		switch at := i - len(names); {
		case at < 0:
			l.Put(style.Title, names[i])
		case at < len(below):
			l.Put(style.Dim, below[at])
		}
		s.add(l)
	}
	return whole
}

// badge is what stands beside the name of who has no picture: the initials.
func (s *sheet) badge(name string) []string {
	const plate = 6
	mark := initials(name)
	gap := plate - style.Width(mark)
	var out []string
	for _, words := range []string{"", style.Blanks(gap/2) + mark, ""} {
		out = append(out, s.theme.Line(plate, style.Plain).Put(style.Badge, words+style.Blanks(plate-style.Width(words))).String())
	}
	return out
}

// initials are the first letters of the first and the last name.
func initials(name string) string {
	words := strings.Fields(name)
	if len(words) > 2 {
		words = []string{words[0], words[len(words)-1]}
	}
	out := ""
	for _, w := range words {
		n, width := style.Next(w)
		if style.Width(out)+width <= 4 {
			out += strings.ToUpper(w[:n])
		}
	}
	return out
}

// paragraphs writes a name and a text of several lines that belongs to it.
func (s *sheet) paragraphs(name, value string, column int, role style.Role) {
	if strings.TrimSpace(value) == "" {
		return
	}
	column = min(column, max(s.room()/3, 1))
	for _, p := range strings.Split(strings.ReplaceAll(strings.TrimSpace(value), "\r\n", "\n"), "\n") {
		for _, w := range wrap(clean(p), min(max(s.room()-column, 1), widestText)) {
			s.add(s.line().Cell(style.Dim, name, column-1).Skip(1).Put(role, w))
			name = ""
		}
	}
}
