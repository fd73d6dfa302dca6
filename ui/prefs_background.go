package ui

import (
	"context"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/policy"
	"eas.example/securemail/ui/edit"
	"eas.example/securemail/ui/style"
)

// backgrounder is a backend that goes on while no screen is there.
type backgrounder interface {
	Background(ctx context.Context) (activesync.Background, error)
	SetBackground(ctx context.Context, b activesync.Background) error
	Presence(ctx context.Context) (activesync.Presence, error)
}

// openBackground opens Settings at Background.
func (a *App) openBackground() tea.Cmd { return a.prefs.show(a, backgroundSection) }

// backgroundShort is what stands beside the name of the section.
func backgroundShort(b activesync.Background) string {
	if b.RefreshOff {
		return "Off"
	}
	name := string(b.Chosen())
	return strings.ToUpper(name[:1]) + name[1:]
}

// backgroundRows are the section Background.
func (p *prefs) backgroundRows(a *App, s *prefSheet) {
	g := &p.background
	s.lead("How mail comes in while no screen of securemail is there. While one is, there always is a connection.")
	if !g.ready(a, s) {
		return
	}
	if why := a.forbidden(policy.BackgroundRefresh); why != "" {
		s.heading("Background refresh")
		s.words(style.Warn, 0, a.theme.Warning+" Locked: "+clean(why)+". Nothing is received while no screen is there; what is to be sent goes out.")
		p.presenceRows(a, s)
		return
	}
	choice := func(key, label, mark string, on bool, set func(*activesync.Background)) {
		s.choice("background"+key, label, mark, on, func(a *App) tea.Cmd { return a.prefs.background.wish(a, set) })
	}
	s.heading("Background refresh")
	choice("on", "On", "", !g.chosen.RefreshOff, func(b *activesync.Background) { b.RefreshOff = false })
	choice("off", "Off", "nothing is received; what is to be sent goes out", g.chosen.RefreshOff, func(b *activesync.Background) { b.RefreshOff = true })
	if !g.chosen.RefreshOff {
		s.blank()
		s.heading("Mode")
		p.modeRows(s, choice)
	}
	s.blank()
	s.link("backgroundgrace", "Grace period", "after the last screen has gone", spell(g.chosen.GracePeriod()), (*App).openGrace)
	s.link("backgroundtopic", "Push channel", "an ntfy topic", topicWords(g.chosen.Topic), (*App).openTopic)
	p.presenceRows(a, s)
}

func (p *prefs) modeRows(s *prefSheet, choice func(key, label, mark string, on bool, set func(*activesync.Background))) {
	now := p.background.chosen.Mode
	if now == "" {
		now = activesync.ModePersistent
	}
	for _, m := range []struct {
		mode       activesync.BackgroundMode
		name, mark string
	}{
		{activesync.ModePersistent, "Persistent", "the connection stays open"},
		{activesync.ModeRefresh, "Refresh", "wakes at intervals that fit battery and mail"},
		{activesync.ModePush, "Push", "woken over the push channel"},
	} {
		set := func(b *activesync.Background) { b.Mode = m.mode }
		if m.mode == activesync.ModePush && p.background.chosen.Topic == "" {
			s.choice("backgroundpush", m.name, m.mark, false, func(a *App) tea.Cmd { return a.askTopic(set) })
			continue
		}
		choice(string(m.mode), m.name, m.mark, now == m.mode, set)
	}
}

// presenceRows say what the agent does now and why.
func (p *prefs) presenceRows(a *App, s *prefSheet) {
	n := p.background.presence
	s.blank()
	s.heading("Now")
	state := map[activesync.PresenceState]string{
		activesync.Foreground: "in the foreground: a screen is there", activesync.InGrace: "in the grace period", activesync.InBackground: "in the background",
	}[n.State]
	if !n.Until.IsZero() {
		state += " until " + a.clock(n.Until)
	}
	s.entry("securemail is", style.Text, state)
	s.entry("Push channel", style.Text, clean(n.Push))
	for _, w := range n.Accounts {
		if len(n.Accounts) > 1 {
			s.entry(clean(w.Name), style.Text, string(w.Mode))
		} else {
			s.entry("Mode", style.Text, string(w.Mode))
		}
		s.entry("Next look", style.Text, a.nextLook(w))
		s.entry("because", style.Dim, clean(strings.Join(w.Why, "; ")))
	}
}

// nextLook is when an account is looked at again, in words.
func (a *App) nextLook(w activesync.AccountWatch) string {
	switch live := w.Phase == activesync.PhaseLive; {
	case live && w.Next.IsZero():
		return "when the server says so"
	case live:
		return "when the server says so, at the latest " + a.clockOrDay(w.Next)
	case w.Next.IsZero():
		return "none by itself"
	}
	return "at " + a.clockOrDay(w.Next)
}

// openGrace lets the person choose the grace period.
func (a *App) openGrace() tea.Cmd {
	now := a.prefs.background.chosen.GracePeriod()
	return pick(a, "Grace period", []time.Duration{0, 10 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour}, spell,
		func(d time.Duration) bool { return d == now }, func(a *App, d time.Duration) tea.Cmd {
			return a.prefs.background.wish(a, func(b *activesync.Background) { b.Grace = &d })
		})
}

// openTopic asks for the address of the push channel.
func (a *App) openTopic() tea.Cmd { return a.askTopic(func(*activesync.Background) {}) }

// askTopic asks for the address, and with it changes what else is to be.
func (a *App) askTopic(also func(*activesync.Background)) tea.Cmd {
	return a.prompt(&prompt{
		title: "Push channel", label: "The address of an ntfy topic, such as https://ntfy.example/a-long-secret-word. An always-on machine with securemail push relay publishes to it; nothing of a message is in what it says. A token that the topic needs is kept by securemail agent set --token-stdin.",
		field: edit.NewField(a.prefs.background.chosen.Topic),
		check: func(s string) string {
			if s = strings.TrimSpace(s); s != "" && !strings.HasPrefix(s, "https://") && !strings.HasPrefix(s, "http://127.0.0.1") && !strings.HasPrefix(s, "http://localhost") {
				return "The address must begin with https://."
			}
			return ""
		},
		do: func(a *App, s string) tea.Cmd {
			return a.prefs.background.wish(a, func(b *activesync.Background) {
				if b.Topic = strings.TrimSpace(s); b.Topic != "" {
					also(b)
				}
			})
		},
	})
}

// topicWords show that there is a topic, not which: whoever knows it can tell
// when mail arrives.
func topicWords(topic string) string {
	if topic == "" {
		return "none"
	}
	host := hostOf(topic)
	if host == "" {
		return "set"
	}
	return clean(host)
}

// spell writes a short time in words.
func spell(d time.Duration) string {
	switch {
	case d == 0:
		return "none"
	case d%time.Hour == 0:
		return plural(int(d/time.Hour), "1 hour", "%d hours")
	case d%time.Minute == 0:
		return plural(int(d/time.Minute), "1 minute", "%d minutes")
	}
	return plural(int(d/time.Second), "1 second", "%d seconds")
}
