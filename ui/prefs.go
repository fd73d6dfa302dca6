package ui

import (
	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/policy"
	"eas.example/securemail/ui/action"
	"eas.example/securemail/ui/list"
)

// section is a part of Settings.
type section int

// The sections in their order.
const (
	refreshSection section = iota
	backgroundSection
	notifySection
	accountsSection
	policiesSection
	securitySection
	looksSection
	writingSection
	localSection
	aboutSection
)

// prefs is the screen of settings: its sections on the left, what is in the
// one under the cursor on the right.
type prefs struct {
	onDetail bool // the focus is on the right
	sections *list.List[section, section]
	rows     *list.List[string, prefRow]
	// open is the account whose list of mailboxes Auto Refresh shows, "" while
	// it shows On and Off; begun says that it was the first On of the account.
	open  activesync.AccountID
	begun bool

	background    kept[activesync.Background]
	notifications kept[activesync.Notifications]
	local         localContacts
	policies      policies
	key           keyPrefs
	mailKeys      mailKeyPrefs
	saves         map[string]*saving // what is being kept, by what it belongs to
	left          rect
	right         rect
	stale         bool
	drawn         [2][]string
}

func (p *prefs) init(a *App) {
	p.sections = list.New(func(s section) section { return s }, nil)
	p.list(a)
	p.rows = list.New(func(r prefRow) string { return r.key }, nil)
	p.saves = map[string]*saving{}
	p.background.name, p.notifications.name = "Background", "Notifications"
	if b, ok := a.backend.(backgrounder); ok {
		p.background.read, p.background.write = b.Background, b.SetBackground
	}
	if b, ok := a.backend.(notifier); ok {
		p.notifications.read, p.notifications.write = b.Notifications, b.SetNotifications
	}
	p.rebuild(a)
}

// list lists the sections that there are here, of which a policy takes one
// away, and gives their number.
func (p *prefs) list(a *App) int {
	all := []section{refreshSection}
	if _, ok := a.backend.(backgrounder); ok {
		all = append(all, backgroundSection)
	}
	if _, ok := a.backend.(notifier); ok {
		all = append(all, notifySection)
	}
	all = append(all, accountsSection, policiesSection)
	if _, ok := a.backend.(keyKeeper); ok {
		all = append(all, securitySection)
	}
	all = append(all, looksSection, writingSection)
	if a.forbidden(policy.ExportContacts) == "" {
		all = append(all, localSection)
	}
	all = append(all, aboutSection)
	if len(all) == p.sections.Len() {
		return len(all)
	}
	was, ok := p.sections.Current()
	p.sections.Clear()
	p.sections.Put(0, len(all), all)
	if !ok {
		return len(all)
	}
	i := p.sections.Find(was)
	if i < 0 { // it is this section that is gone
		p.onDetail = false
		i = p.sections.Find(policiesSection)
	}
	p.sections.To(max(i, 0))
	p.stale = true
	return len(all)
}

// prefPage is a section of Settings: its name, its rows, and what it reads when it is
// looked at, nil for nothing.
type prefPage struct {
	name string
	rows func(*App, *prefSheet)
	load func(*App) tea.Cmd
}

func (s section) page(p *prefs) prefPage {
	switch s {
	case refreshSection:
		return prefPage{"Auto Refresh", p.refreshRows, nil}
	case backgroundSection:
		return prefPage{"Background", p.backgroundRows, p.background.load}
	case notifySection:
		return prefPage{"Notifications", p.notifyRows, p.notifications.load}
	case accountsSection:
		return prefPage{"Accounts", p.accountRows, nil}
	case policiesSection:
		return prefPage{"Policies", p.policyRows, p.policies.load}
	case securitySection:
		return prefPage{"Security", p.securityRows, p.loadSecurity}
	case looksSection:
		return prefPage{"Appearance", p.lookRows, nil}
	case writingSection:
		return prefPage{"Writing", p.writingRows, nil}
	case localSection:
		return prefPage{"Sync with Local Contacts", p.localRows, p.local.load}
	}
	return prefPage{"About", p.aboutRows, nil}
}

// read reads what the page shows and is not here.
func (g prefPage) read(a *App) tea.Cmd {
	if g.load == nil {
		return nil
	}
	return g.load(a)
}

// at is the section under the cursor.
func (p *prefs) at() section {
	s, _ := p.sections.Current()
	return s
}

func (p *prefs) resize(a *App) {
	p.left, p.right = a.lay.parts[0], a.lay.parts[1]
	p.sections.Resize(p.left.h)
	p.rows.Resize(p.right.h)
	p.rebuild(a)
}

// rebuild makes the rows of the section anew and keeps the cursor.
func (p *prefs) rebuild(a *App) {
	p.stale = true
	p.list(a)
	p.asWished(a)
	if p.open != "" && a.account(p.open) == nil {
		p.open = ""
	}
	was, _ := p.rows.Current()
	s := &prefSheet{theme: a.theme, room: min(max(p.right.w-4, 10), widestWords), low: p.right.h < lowScreen}
	p.at().page(p).rows(a, s)
	p.rows.Put(0, len(s.rows), s.rows)
	if i := p.rows.Find(was.key); i >= 0 && !was.still() {
		p.rows.To(i)
	}
	p.land(1)
}

// turn shows a page of rows from its start, with the cursor on the row of a
// key, or else on the first that can be chosen.
func (p *prefs) turn(a *App, key string) {
	p.rows.Clear()
	p.rebuild(a)
	p.rows.To(max(p.rows.Find(key), 0))
	p.land(1)
}

// look moves the focus between the sections and what is in them.
func (p *prefs) look(a *App, detail bool) tea.Cmd {
	p.onDetail = detail
	return a.arrange()
}

// enter goes into a section.
func (p *prefs) enter(a *App, s section) tea.Cmd {
	p.sections.To(max(p.sections.Find(s), 0))
	p.open = ""
	p.turn(a, "")
	switch s {
	case refreshSection:
		p.turn(a, p.refreshKey(a))
	case looksSection:
		p.turn(a, "theme"+a.settings.theme())
	}
	return tea.Batch(p.look(a, true), s.page(p).read(a))
}

// show opens Settings at a section.
func (p *prefs) show(a *App, s section) tea.Cmd {
	return tea.Batch(a.goTo(settingsScreen), p.enter(a, s))
}

// openAutoRefresh opens Settings at Auto Refresh.
func (a *App) openAutoRefresh() tea.Cmd { return a.prefs.show(a, refreshSection) }

// openPolicies opens Settings at Policies.
func (a *App) openPolicies() tea.Cmd { return a.prefs.show(a, policiesSection) }

// canUndo lets z take a change of settings back.
func (a *App) canUndo(what string, back func(*App) tea.Cmd) {
	a.undo = append(a.undo, undoEntry{what: what, back: back})
	a.undo = a.undo[max(len(a.undo)-undoDepth, 0):]
}

// do carries an action out in the pane that has the focus.
func (p *prefs) do(a *App, id action.ID) (cmd tea.Cmd, mine bool) {
	switch id {
	case action.Back, action.Left:
		return p.back(a, id == action.Back), true
	case action.NextPane, action.PrevPane:
		if p.onDetail {
			return p.look(a, false), true
		}
		return p.enter(a, p.at()), true
	}
	if p.onDetail {
		return p.doDetail(a, id)
	}
	switch id {
	case action.Open, action.Right, action.Toggle:
		return p.enter(a, p.at()), true
	}
	if !moveList(p.sections, id) {
		return nil, false
	}
	p.open = ""
	p.turn(a, "")
	return p.needed(a), true
}

// needed reads what the section under the cursor shows and is not here.
func (p *prefs) needed(a *App) tea.Cmd {
	if p.right.w == 0 {
		return nil
	}
	return p.at().page(p).read(a)
}

// unread reads what the list of sections says of them and is not here.
func (p *prefs) unread(a *App) tea.Cmd {
	var cmds []tea.Cmd
	for s, known := range map[section]bool{backgroundSection: p.background.known, notifySection: p.notifications.known, securitySection: p.key.known,
		policiesSection: p.policies.known} {
		if !known {
			cmds = append(cmds, s.page(p).read(a))
		}
	}
	return tea.Batch(cmds...)
}

// moveList moves the cursor of a list. It reports whether the action was one
// of moving.
func moveList[K comparable, T any](l *list.List[K, T], id action.ID) bool {
	switch id {
	case action.Down:
		l.Move(1)
	case action.Up:
		l.Move(-1)
	case action.PageDown:
		l.Page(1)
	case action.PageUp:
		l.Page(-1)
	case action.HalfDown:
		l.Half(1)
	case action.HalfUp:
		l.Half(-1)
	case action.First:
		l.To(0)
	case action.Last:
		l.To(l.Len())
	default:
		return false
	}
	return true
}

// back goes up the path: the list of mailboxes, On and Off, the sections, Mail.
func (p *prefs) back(a *App, leave bool) tea.Cmd {
	switch {
	case p.onDetail && p.open != "" && p.at() == refreshSection:
		on := onKey(p.open)
		p.open = ""
		p.turn(a, on)
		return nil
	case p.onDetail:
		return p.look(a, false)
	case leave:
		return a.goTo(mailScreen)
	}
	return nil
}

func (p *prefs) click(a *App, pane, x, y int, double bool) tea.Cmd {
	if pane == 0 {
		s, ok := p.sections.At(p.sections.IndexAt(y))
		if !ok {
			return p.look(a, false)
		}
		return p.enter(a, s)
	}
	look := p.look(a, true)
	i := p.rows.IndexAt(y)
	r, ok := p.rows.At(i)
	if !ok || r.still() {
		return look
	}
	p.rows.To(i)
	p.stale = true
	switch {
	case r.folder == 0:
		return tea.Batch(look, r.do(a))
	case x < endOfSign:
		return tea.Batch(look, r.toggle(a))
	case double:
		return tea.Batch(look, r.do(a))
	}
	return look
}

func (p *prefs) wheel(a *App, pane, n int) tea.Cmd {
	p.stale = true
	if pane == 0 {
		p.sections.Scroll(n)
		return nil
	}
	p.rows.Scroll(n)
	_ = a
	return nil
}
