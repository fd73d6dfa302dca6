package ui

import (
	"context"
	"os"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
	"eas.example/securemail/ui/style"
	"eas.example/securemail/ui/term"
)

// App is the screens. Make it with New.
type App struct {
	deps    Deps
	backend Backend
	moving  *transfer // a file on its way here, nil for none
	ctx     context.Context
	cancel  context.CancelFunc
	work    work
	loc     *time.Location
	now     time.Time // when the last message came; what the screen calls now

	settings    Settings
	keys        *action.Keymap
	theme       *style.Theme
	graphics    term.GraphicsMsg // how the terminal draws pictures by the pixel
	lightScreen bool             // the terminal said that its background is light
	detach      func()

	width, height int
	lay           layout
	frame         string   // the last View, "" when it has to be made anew
	joined        []joined // lines of the body in the last frame

	accounts []*account
	loaded   bool // the accounts were read at least once
	reload   lane // of accounts, folders and status
	heard    uint64

	screen     screen
	mail       mail
	people     people
	agenda     agenda
	prefs      prefs
	outbox     outbox
	everywhere findAll
	write      *compose // on screen, nil when none is
	aside      []*compose
	setup      *setup // on screen, nil when it is not

	overlays []overlay
	lock     *screenLock // over everything, nil while it is open
	// reminders are those of events that stand before the person.
	reminders     []reminder
	remindersLane lane
	note          note
	undo          []undoEntry
	newMail       map[activesync.ItemID]activesync.FolderID
	locked        bool // the person is asked to unlock what is kept here
	check         check
	stopped       bool   // the person ended the agent
	erased        string // what is said of an account that the organisation had erased
	sending       map[activesync.OpID]sent
	prefix        string // the first key of a sequence
	click         lastClick
	foot          []zone // what can be clicked in the last line
	leaving       bool
	pages         []string        // directories of pages for the browser, removed at the end
	piped         string          // the command that got a message last
	blurred       bool            // the terminal said that another window has the keyboard
	touched       time.Time       // the last key or click
	locks         time.Time       // when it is looked whether the screen has to lock, zero for not at all
	looked        activesync.Look // what the backend was told of that
	looking       lane
}

// screen is one of the places of the first line.
type screen int

const (
	mailScreen screen = iota
	peopleScreen
	calendarScreen
	settingsScreen
	outboxScreen
)

// New makes the screens. Nothing is asked of the backend before Init's
// commands run.
func New(d Deps) *App {
	if d.Getenv == nil {
		d.Getenv = os.Getenv
	}
	if d.Location == nil {
		d.Location = time.Local
	}
	ctx, cancel := context.WithCancel(context.Background())
	a := &App{deps: d, backend: d.Backend, ctx: ctx, cancel: cancel, loc: d.Location, now: time.Now(), touched: time.Now(), settings: d.Settings,
		newMail: map[activesync.ItemID]activesync.FolderID{}, sending: map[activesync.OpID]sent{}, width: 80, height: 24}
	var err error
	a.keys, err = action.NewKeymap(d.Settings.Keys)
	if err != nil {
		a.note = note{text: "Settings: " + err.Error(), alert: true, seq: 1}
	} else if d.Notice != "" {
		a.note = note{text: clean(d.Notice), seq: 1}
	}
	a.restyle()
	a.mail.init(a)
	a.people.init(a)
	a.agenda.init(a)
	a.prefs.init(a)
	a.outbox.init(a)
	a.arrange()
	return a
}

// Init starts reading what is to be shown, and listening to what happens.
func (a *App) Init() tea.Cmd {
	a.detach = a.backend.Attach(true)
	return tea.Batch(a.readAccounts(), a.keptDrafts(), a.listen(a.backend.Subscribe(a.ctx)), a.minute(), a.awaitAlerts(), a.firstAlert(), a.readReminders())
}

// Close stops everything that the screens started and waits for it.
func (a *App) Close() {
	a.cancel()
	a.work.close()
	if a.detach != nil {
		a.detach()
		a.detach = nil
	}
	for _, w := range append(a.aside, a.write) {
		if w != nil {
			w.close()
		}
	}
	for _, dir := range a.pages {
		_ = os.RemoveAll(dir) // the next screens sweep what is left
	}
}

// restyle makes the theme that settings and environment ask for.
func (a *App) restyle() {
	name := a.settings.Theme
	if name == "" || name == "auto" {
		name = style.Dark
		if a.lightScreen {
			name = style.Light
		}
		if a.deps.Getenv("NO_COLOR") != "" || a.deps.Getenv("TERM") == "dumb" {
			name = style.NoHue
		}
	}
	ascii := a.settings.Symbols == "ascii"
	if a.settings.Symbols == "" || a.settings.Symbols == "auto" {
		ascii = !utf8Locale(a.deps.Getenv) || a.deps.Getenv("TERM") == "linux"
	}
	a.theme = style.New(name, ascii)
}

// utf8Locale reports whether the locale says UTF-8, or nothing at all: a
// service or container without a locale has a UTF-8 terminal nowadays.
func utf8Locale(getenv func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := getenv(name); v != "" {
			return v == "C" || v == "POSIX" || hasUTF8(v)
		}
	}
	return true
}
