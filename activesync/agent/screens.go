package agent

import (
	"slices"
	"sync"
	"time"

	"eas.example/securemail/activesync"
)

// screens are those that are attached, with what the person has before them.
type screens struct {
	mu  sync.Mutex
	all []*screen // the one that was used last at the end
	own chan activesync.Alert
}

// screen is one that is attached.
type screen struct {
	name string
	// look is nil until the screen says what it shows. One that never does, such
	// as a watcher, shows nothing to anybody.
	look *activesync.Look
	// show hands an alert over; false where the screen does not take it. It never
	// blocks.
	show func(activesync.Alert) bool
}

// alertsAhead is how many alerts a screen may be behind.
const alertsAhead = 16

func newScreens() screens { return screens{own: make(chan activesync.Alert, alertsAhead)} }

// offer hands an alert to a channel that may be full.
func offer(c chan<- activesync.Alert) func(activesync.Alert) bool {
	return func(a activesync.Alert) bool {
		select {
		case c <- a:
			return true
		default:
			return false
		}
	}
}

func (s *screens) add(n *screen) (remove func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, n)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.all = slices.DeleteFunc(s.all, func(o *screen) bool { return o == n })
	}
}

// look notes what a screen shows. One that the person turns to becomes the last.
func (s *screens) look(name string, l activesync.Look) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.all, func(o *screen) bool { return o.name == name })
	if i < 0 {
		return
	}
	n := s.all[i]
	n.look = &l
	if !l.Away {
		s.all = append(slices.Delete(s.all, i, i+1), n)
	}
}

// LooksAt reports whether the person has the list of a folder before them.
func (l *Local) LooksAt(folder activesync.FolderID) bool {
	l.screens.mu.Lock()
	defer l.screens.mu.Unlock()
	return slices.ContainsFunc(l.screens.all, func(s *screen) bool { return s.look != nil && !s.look.Away && s.look.Folder == folder })
}

// Alert hands an alert to the screen that was used last, a withdrawal to all.
// It reports false where no screen takes it.
func (l *Local) Alert(a activesync.Alert) bool {
	l.screens.mu.Lock()
	defer l.screens.mu.Unlock()
	taken := false
	for _, s := range slices.Backward(l.screens.all) {
		if taken = s.look != nil && s.show(a) || taken; taken && !a.Withdraw {
			return true
		}
	}
	return taken
}

// Screens reports whether a screen is attached.
func (l *Local) Screens() bool {
	l.screens.mu.Lock()
	defer l.screens.mu.Unlock()
	return slices.ContainsFunc(l.screens.all, func(s *screen) bool { return s.look != nil })
}

// Alerts are for the screens in this process.
func (l *Local) Alerts() <-chan activesync.Alert { return l.screens.own }

// Look says what the screens in this process show.
func (l *Local) Look(look activesync.Look) { l.screens.look("", look) }

// attachment is a client that is attached over the socket.
type attachment struct {
	detach func()
	alerts chan activesync.Alert
}

// attachScreen is Attach for one that takes alerts by a channel.
func (l *Local) attachScreen(foreground bool, name string, look *activesync.Look) attachment {
	a := attachment{alerts: make(chan activesync.Alert, alertsAhead)}
	a.detach = l.attach(foreground, &screen{name: name, look: look, show: offer(a.alerts)})
	return a
}

func (l *Local) attach(foreground bool, s *screen) (detach func()) {
	p := &l.presence
	p.count(foreground, 1)
	remove := func() {}
	if foreground {
		remove = l.screens.add(s)
	}
	var once sync.Once
	return func() {
		once.Do(func() {
			remove()
			p.count(foreground, -1)
		})
	}
}

// Attach says that a screen is there, or with foreground false one who only
// listens, until detach is called.
func (l *Local) Attach(foreground bool) (detach func()) {
	return l.attach(foreground, &screen{show: offer(l.screens.own)})
}

// lineAlert is a line of the stream of one who is attached that carries an alert.
const lineAlert activesync.NoticeKind = "alert"

func alertLine(a activesync.Alert) eventLine {
	return eventLine{Notice: activesync.Notice{Kind: lineAlert, Time: time.Now().UTC()}, Alert: &a}
}
