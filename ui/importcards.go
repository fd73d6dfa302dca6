package ui

import (
	"context"
	"errors"
	"os"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/contacts"
	"eas.example/securemail/ui/edit"
	"eas.example/securemail/ui/list"
	"eas.example/securemail/ui/style"
)

// largestCards is as much of a file of vCards as is read.
const largestCards = 64 << 20

// importing shows what an import would do with each card of a file, and lets
// the person choose.
type importing struct {
	account activesync.AccountID
	cards   []byte
	rows    []cardRow
	list    *list.List[int, cardRow]
	wanted  map[int]bool // by the place in the file
	busy    bool

	above   int // lines over the rows
	choices choices
}

// cardRow is a card by its place in the file.
type cardRow struct {
	contacts.Import
	place int
}

// importable reports whether there is anything to take over from a card.
func (r cardRow) importable() bool { return r.Kind == contacts.New || r.Kind == contacts.Update }

// kindWords say what would become of a card.
func (r cardRow) kindWords() string {
	switch r.Kind {
	case contacts.New:
		return "new"
	case contacts.Update:
		return "differs: " + plural(len(r.Changes), "1 field", "fields")
	case contacts.Same:
		return "the same is here"
	}
	return "again in this file"
}

// importPeople asks for a file of vCards and previews it.
func (a *App) importPeople() tea.Cmd {
	near := activesync.AccountID("")
	if r, ok := a.people.list.Current(); ok {
		near = r.account
	}
	return a.whichAccount("Import into which account?", near, func(a *App, account activesync.AccountID) tea.Cmd {
		return a.askCards(account, "", "")
	})
}

func (a *App) askCards(account activesync.AccountID, typed, wrong string) tea.Cmd {
	home := a.home()
	return a.prompt(&prompt{title: "Import contacts", label: "Path of a file of vCards (.vcf)", hint: "tab completes, ~ is your home", field: edit.NewField(typed), wrong: wrong,
		complete: func(s string) []string { return completePath(s, home) },
		do: func(a *App, s string) tea.Cmd {
			path, b := expandHome(strings.TrimSpace(s), home), a.backend
			return a.call(quick, func(ctx context.Context) answer {
				cards, err := readCards(path)
				var found []contacts.Import
				if err == nil {
					found, err = b.PreviewImport(ctx, account, cards)
				}
				return func(a *App) tea.Cmd {
					switch {
					case err != nil:
						return a.askCards(account, s, explain(err))
					case len(found) == 0:
						return a.askCards(account, s, "There is no vCard in this file.")
					}
					return a.push(newImporting(account, cards, found))
				}
			})
		}})
}

// readCards reads a file of vCards. What is no file is not opened: a pipe that
// nobody writes to would never answer.
func readCards(path string) ([]byte, error) {
	switch info, err := os.Stat(path); {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("this is no file")
	case info.Size() > largestCards:
		return nil, errors.New("the file is too large to be one of vCards")
	}
	return os.ReadFile(path)
}

func newImporting(account activesync.AccountID, cards []byte, found []contacts.Import) *importing {
	m := &importing{account: account, cards: cards, wanted: map[int]bool{}, list: list.New(func(r cardRow) int { return r.place }, nil)}
	m.choices = choices{words: []string{"esc Cancel", "Import"}, at: 1}
	for i, in := range found {
		r := cardRow{in, i}
		m.rows = append(m.rows, r)
		m.wanted[i] = r.importable()
	}
	m.list.Put(0, len(m.rows), m.rows)
	return m
}

// only are the places of the cards that are wanted, in order.
func (m *importing) only() []int {
	out := []int{}
	for _, r := range m.rows {
		if m.wanted[r.place] {
			out = append(out, r.place)
		}
	}
	return out
}

func (m *importing) key(a *App, _ tea.KeyMsg, name string) tea.Cmd {
	switch name {
	case "esc", "q":
		a.pop()
	case "space", "x":
		m.tick()
		m.list.Move(1)
	case "a":
		all := len(m.only()) == 0
		for _, r := range m.rows {
			m.wanted[r.place] = all && r.importable()
		}
	default:
		if !moveKey(m.list, name) && m.choices.key(name) {
			return m.chosen(a)
		}
	}
	return nil
}

// chosen carries the choice out.
func (m *importing) chosen(a *App) tea.Cmd {
	if m.choices.at == 0 {
		a.pop()
		return nil
	}
	return m.take(a)
}

// tick chooses the card under the cursor, or leaves it out.
func (m *importing) tick() {
	if r, ok := m.list.Current(); ok && r.importable() {
		m.wanted[r.place] = !m.wanted[r.place]
	}
}

// take imports what is chosen. It can be taken back as one.
func (m *importing) take(a *App) tea.Cmd {
	only := m.only()
	if m.busy || len(only) == 0 {
		return nil
	}
	m.busy = true
	b := a.backend
	return a.call(network, func(ctx context.Context) answer {
		ops, err := b.ImportContacts(ctx, m.account, m.cards, only)
		return func(a *App) tea.Cmd {
			m.busy = false
			if err != nil {
				return a.fail("Not imported", err)
			}
			a.drop(m)
			what := plural(len(only), "1 card", "cards")
			a.undoable(undoEntry{ops: ops, what: "import " + what})
			a.people.known = true
			return tea.Batch(a.sayUndo("Imported: "+what), a.people.load(a))
		}
	})
}

func (m *importing) click(a *App, x, y int) tea.Cmd {
	if m.choices.click(x, y) {
		return m.chosen(a)
	}
	if i := m.list.IndexAt(y - 1 - m.above); y > m.above && i >= 0 && i < m.list.Len() {
		if again := i == m.list.Cursor(); again || x < 6 {
			m.list.To(i)
			m.tick()
		}
		m.list.To(i)
	}
	return nil
}

func (m *importing) wheel(_ *App, n int) tea.Cmd {
	m.list.Move(n)
	return nil
}

func (m *importing) draw(a *App) box {
	most, high := a.boxRoom()
	width := min(100, most)
	line := func() *style.Line { return a.theme.Line(width, style.Overlay) }
	var lines []string
	add := func(l *style.Line) { lines = append(lines, l.String()) }
	count := map[contacts.Kind]int{}
	for _, r := range m.rows {
		count[r.Kind]++
	}
	lead := number(count[contacts.New]) + " new, " + number(count[contacts.Update]) + " of whom more or other things would be known, " +
		number(count[contacts.Same]+count[contacts.Twice]) + " known already. space ticks, a all or none."
	for _, w := range wrap(lead, width-4) {
		add(line().Skip(2).Put(style.Text, w))
	}
	add(line())
	m.above = len(lines)
	m.choices.words[1] = "Import " + number(len(m.only()))
	below := m.choices.lines(a, width)
	const told = 5 // lines for what changes
	m.list.Resize(max(min(m.list.Len(), high-m.above-len(below)-told-2), 1))
	for _, s := range m.list.Visible() {
		r, _ := m.list.At(s.Index)
		on := style.Overlay
		if s.Index == m.list.Cursor() {
			on = style.Chosen
		}
		mark, role := "    ", style.Dim
		if r.importable() {
			mark, role = "[ ] ", style.Text
			if m.wanted[r.place] {
				mark = "[x] "
			}
		}
		l := a.theme.Line(width, on).Skip(2).Put(role, mark)
		name := min(30, width*2/5)
		l.Cell(role, strings.TrimSpace(clean(r.Name)), name).Skip(2)
		l.Cell(style.Dim, clean(strings.Join(r.Emails, ", ")), l.Room()-22).Skip(1).Cell(style.Dim, r.kindWords(), l.Room()-1)
		add(l)
	}
	add(line())
	r, _ := m.list.Current()
	more := m.changes(a, r, width)
	for i := range told {
		if i < len(more) {
			lines = append(lines, more[i])
		} else {
			add(line())
		}
	}
	m.choices.below(len(lines))
	lines = append(lines, below...)
	return a.framed("Import "+plural(len(m.rows), "1 card", "cards"), lines, width, false)
}

// changes are the fields of a known person that the card has differently.
func (m *importing) changes(a *App, r cardRow, width int) []string {
	var out []string
	put := func(role style.Role, label, text string) {
		out = append(out, a.theme.Line(width, style.Overlay).Skip(2).Cell(style.Dim, label, 18).Skip(1).Put(role, text).String())
	}
	for _, d := range r.Changes {
		text := clean(strings.ReplaceAll(d.File, "\n", " "))
		if d.Exchange != "" {
			text += "  instead of  " + clean(strings.ReplaceAll(d.Exchange, "\n", " "))
		}
		put(style.Text, clean(d.Label), text)
	}
	if r.Note != "" {
		put(style.Warn, "", clean(r.Note))
	}
	return out
}
