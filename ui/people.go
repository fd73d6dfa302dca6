package ui

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
	"eas.example/securemail/ui/edit"
	"eas.example/securemail/ui/list"
	"eas.example/securemail/ui/style"
)

// person is a row of the list of people. Its words are clean.
type person struct {
	activesync.ContactRow
	account activesync.AccountID
	letter  string             // under which the person stands
	order   string             // the name, folded
	text    string             // what a search looks through, folded
	phone   string             // the digits of the number
	listed  *activesync.Person // who is only in the directory, nil for a contact
}

// contact is all that is known of the person.
func (r person) contact(ctx context.Context, b Backend) (activesync.Contact, error) {
	if r.listed != nil {
		return r.listed.Contact(), nil
	}
	return b.Contact(ctx, r.ID)
}

// people is the screen of all contacts of all accounts, and the card of one.
type people struct {
	list    *list.List[activesync.ItemID, person]
	all     []person
	card    card
	field   *edit.Field // what is searched for
	found   int         // how many contacts it finds
	listing listing     // whom of the directory it finds

	marked    map[activesync.ItemID]bool
	then      activesync.ItemID // goes under the cursor once it is there
	searching bool              // letters go into the field
	onCard    bool
	known     bool // the first answer has come
	err       string
	lane      lane

	shown bool
	rect  rect // as it was when it was shown last
	head  bool // there is room for the field
	notes []string
	names map[activesync.AccountID]string // of the accounts, where there are several
	stale bool
	theme *style.Theme // it was drawn with
	drawn []string
}

func (p *people) init(*App) {
	p.list = list.New(func(r person) activesync.ItemID { return r.ID }, p.lineCount)
	p.field = edit.NewField("")
	p.marked = map[activesync.ItemID]bool{}
	p.stale = true
}

func (p *people) resize(a *App) tea.Cmd {
	if p.shown = a.lay.parts[0].w > 0; p.shown {
		p.rect = a.lay.parts[0]
	}
	p.card.resize(a.lay.parts[1])
	p.measure(a)
	return p.follow(a)
}

// load reads everyone.
func (p *people) load(a *App) tea.Cmd {
	b := a.backend
	return a.read(&p.lane, quick, func(ctx context.Context) answer {
		all, err := readPeople(ctx, b)
		return func(a *App) tea.Cmd { return a.people.have(a, all, err) }
	})
}

// readPeople are the contacts of all accounts by name. The recipient cache is
// left out: those whom one once wrote to are not in the address book.
func readPeople(ctx context.Context, b Backend) ([]person, error) {
	accounts, err := b.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	var all []person
	for _, acct := range accounts {
		rows, err := b.Contacts(ctx, acct.ID)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			all = append(all, makePerson(r, acct.ID))
		}
	}
	slices.SortFunc(all, func(x, y person) int {
		return cmp.Or(cmp.Compare(unlettered(x), unlettered(y)), strings.Compare(x.order, y.order), strings.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID))
	})
	return all, nil
}

// unlettered sorts those that begin with no letter behind the others.
func unlettered(p person) int {
	if p.letter == "#" {
		return 1
	}
	return 0
}

func makePerson(r activesync.ContactRow, account activesync.AccountID) person {
	r.Name, r.Company, r.Phone = strings.TrimSpace(clean(r.Name)), strings.TrimSpace(clean(r.Company)), strings.TrimSpace(clean(r.Phone))
	emails := make([]string, len(r.Emails))
	for i, e := range r.Emails {
		emails[i] = clean(e)
	}
	r.Emails = emails
	if r.Name == "" {
		r.Name = "(no name)"
	}
	p := person{ContactRow: r, account: account, order: fold(r.Name), phone: digits(r.Phone)}
	p.letter = initial(p.order)
	p.text = fold(strings.Join(append([]string{r.Name, r.Company, r.Phone}, emails...), "\n"))
	return p
}

func (p *people) have(a *App, all []person, err error) tea.Cmd {
	p.known, p.stale = true, true
	if err != nil {
		p.err = explain(err)
		p.measure(a)
		return nil
	}
	p.err, p.all = "", all
	here := make(map[activesync.ItemID]bool, len(all))
	for _, r := range all {
		here[r.ID] = true
	}
	maps.DeleteFunc(p.marked, func(id activesync.ItemID, _ bool) bool { return !here[id] })
	if here[p.then] && p.filtered() {
		p.field.SetText("") // it shows who was made just now
		p.listing.clear()
	}
	p.filter(a)
	if here[p.then] {
		p.list.To(p.list.Find(p.then))
		p.then = 0
	}
	return tea.Batch(p.follow(a), p.card.load(a))
}

// filter shows those that the field finds, and keeps the cursor on its person.
func (p *people) filter(a *App) {
	p.stale = true
	rows := p.all
	words := strings.Fields(fold(p.field.Text()))
	if len(words) > 0 {
		rows = nil
		for _, r := range p.all {
			if r.matches(words) {
				rows = append(rows, r)
			}
		}
	}
	p.found = len(rows)
	rows = append(rows[:len(rows):len(rows)], p.listing.besides(p.all, words)...)
	was, had := p.list.Current()
	at := slices.IndexFunc(rows, func(r person) bool { return r.ID == was.ID })
	if had && at >= 0 {
		p.list.PutAt(0, len(rows), rows, at)
	} else {
		p.list.Put(0, len(rows), rows)
	}
	p.measure(a)
}

// matches reports whether all words are somewhere in what is known of the
// person; numbers are found however they are written.
func (r person) matches(words []string) bool {
	for _, w := range words {
		if strings.Contains(r.text, w) {
			continue
		}
		if !dialled(w) || !strings.Contains(r.phone, digits(w)) {
			return false
		}
	}
	return true
}

// follow shows the person under the cursor on the card, if that is on screen.
func (p *people) follow(a *App) tea.Cmd {
	r, ok := p.list.Current()
	switch {
	case !ok:
		p.card.clear()
		if p.onCard && p.known {
			return p.turn(a, false)
		}
		return nil
	case a.screen != peopleScreen || p.card.rect.w == 0:
		return nil
	}
	return p.card.show(a, r)
}

// turn moves the focus to the card or to the list.
func (p *people) turn(a *App, onCard bool) tea.Cmd {
	p.onCard, p.stale = onCard, true
	return a.arrange()
}

// open goes to the card of the person under the cursor.
func (p *people) open(a *App) tea.Cmd {
	r, ok := p.list.Current()
	if !ok {
		return nil
	}
	p.searching = false
	return tea.Batch(p.turn(a, true), p.card.show(a, r))
}

func (p *people) do(a *App, id action.ID) (cmd tea.Cmd, mine bool) {
	switch id {
	case action.Find:
		return p.search(a), true
	case action.Write:
		r, ok := p.list.Current()
		if !ok {
			return nil, false
		}
		return p.writeTo(a, r, ""), true
	}
	if cmd, mine := p.doPeople(a, id); mine {
		return cmd, true
	}
	if p.onCard {
		return p.doCard(a, id)
	}
	switch id {
	case action.Open, action.Right, action.NextPane, action.PrevPane:
		return p.open(a), true
	case action.Back:
		if len(p.marked) > 0 {
			p.unmark()
			return nil, true
		}
		if p.field.Text() == "" {
			return nil, false
		}
		return p.endSearch(a), true
	}
	if !moveList(p.list, id) {
		return nil, false
	}
	return p.moved(a), true
}

func (p *people) doCard(a *App, id action.ID) (cmd tea.Cmd, mine bool) {
	switch id {
	case action.Back, action.Left, action.NextPane, action.PrevPane, action.Leave:
		return p.turn(a, false), true
	case action.Right:
		return nil, true
	}
	return nil, p.card.page.do(id)
}

// moved follows the cursor.
func (p *people) moved(a *App) tea.Cmd {
	p.stale = true
	return p.follow(a)
}

// search lets letters go into the field.
func (p *people) search(a *App) tea.Cmd {
	p.searching, p.stale = true, true
	if p.onCard {
		return p.turn(a, false)
	}
	p.measure(a)
	return nil
}

// endSearch shows everyone again.
func (p *people) endSearch(a *App) tea.Cmd {
	p.searching = false
	p.field.SetText("")
	p.listing.clear()
	p.filter(a)
	return p.follow(a)
}

// searchKey is a key while letters go into the field. What was found last stays
// when one goes on to it.
func (p *people) searchKey(a *App, k tea.KeyMsg, name string) tea.Cmd {
	switch name {
	case "esc":
		return p.endSearch(a)
	case "enter":
		return p.open(a)
	case "tab", "shift+tab":
		p.searching, p.stale = false, true
		p.measure(a)
		return nil
	case "down", "ctrl+n":
		moveList(p.list, action.Down)
	case "up", "ctrl+p":
		moveList(p.list, action.Up)
	case "pgdown":
		moveList(p.list, action.PageDown)
	case "pgup":
		moveList(p.list, action.PageUp)
	default:
		was := p.field.Text()
		if typeInto(p.field, k, name) && p.field.Text() != was {
			p.filter(a)
			return tea.Batch(p.moved(a), p.askListed(a))
		}
	}
	return p.moved(a)
}

func (p *people) searchPaste(a *App, s string) tea.Cmd {
	p.field.Insert(s)
	p.filter(a)
	return tea.Batch(p.moved(a), p.askListed(a))
}

// writeTo begins a message to a person: to an address, or to the first one.
func (p *people) writeTo(a *App, r person, address string) tea.Cmd {
	if address == "" && len(r.Emails) > 0 {
		address = r.Emails[0]
	}
	if address == "" {
		return a.say(r.Name + " has no e-mail address.")
	}
	to := activesync.Address{Name: r.Name, Address: address}
	if strings.EqualFold(to.Name, address) {
		to.Name = ""
	}
	return a.openCompose(activesync.Draft{Account: r.account, To: []activesync.Address{to}, Text: a.settings.newText(r.account), Markdown: a.settings.Format == markdown, From: a.nameOf(a.account(r.account))}, "text")
}

// click selects; a click on who is selected already, or a double click, opens
// the card. On the card, an address begins a message to it.
func (p *people) click(a *App, pane, x, y int, double bool) tea.Cmd {
	if pane == 1 {
		address := p.card.addressAt(y)
		if r, ok := p.list.Current(); ok && address != "" && !double {
			return tea.Batch(p.turn(a, true), p.writeTo(a, r, address))
		}
		return p.open(a)
	}
	if p.head && y == 0 {
		return p.search(a)
	}
	p.searching = false
	i := p.list.IndexAt(y - p.headLines())
	if i < 0 {
		return p.turn(a, false)
	}
	again := i == p.list.Cursor() && !p.onCard
	p.list.To(i)
	if again || double {
		return p.open(a)
	}
	return tea.Batch(p.turn(a, false), p.moved(a))
}

func (p *people) wheel(a *App, pane, n int) tea.Cmd {
	if pane == 1 {
		p.card.page.scroll(n)
		return nil
	}
	p.list.Scroll(n)
	return p.moved(a)
}
