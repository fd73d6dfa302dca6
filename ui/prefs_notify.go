package ui

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/notify"
	"eas.example/securemail/ui/edit"
	"eas.example/securemail/ui/style"
)

// notifier is a backend that tells of news.
type notifier interface {
	Notifications(ctx context.Context) (activesync.Notifications, error)
	SetNotifications(ctx context.Context, n activesync.Notifications) error
}

// openNotifications opens Settings at Notifications.
func (a *App) openNotifications() tea.Cmd { return a.prefs.show(a, notifySection) }

// lockedScreen is the name of what notifications may tell: they stay when the
// screen is locked, so it holds at all times.
const lockedScreen = "Control locked screen notifications"

func wayName(w activesync.NotifyWay) string {
	return map[activesync.NotifyWay]string{activesync.NotifyAuto: "Auto", activesync.NotifyDesktop: "Desktop", activesync.NotifyTerminal: "Terminal",
		activesync.NotifyCommand: "Command", activesync.NotifyNone: "Off"}[w]
}

// contentName is a level as the screens name it.
func contentName(c activesync.NotifyContent) string {
	switch c {
	case activesync.ContentSender:
		return "Sender or subject"
	case activesync.ContentCount:
		return "Count only"
	case activesync.ContentBlock:
		return "Nothing"
	}
	return "Everything"
}

// notifyOf keeps a change of the choices for one account.
func (a *App) notifyOf(id activesync.AccountID, change func(*activesync.AccountNotifications)) tea.Cmd {
	return a.prefs.notifications.wish(a, func(n *activesync.Notifications) {
		of := n.Accounts[id]
		change(&of)
		if n.Accounts = maps.Clone(n.Accounts); n.Accounts == nil {
			n.Accounts = map[activesync.AccountID]activesync.AccountNotifications{}
		}
		n.Accounts[id] = of
	})
}

// notifyRows are the section Notifications.
func (p *prefs) notifyRows(a *App, s *prefSheet) {
	g := &p.notifications
	s.lead("How you learn of new mail, invitations, events, and of what needs you. Of a mailbox that is on screen nothing is told.")
	if !g.ready(a, s) {
		return
	}
	s.heading("How")
	for _, w := range []struct {
		way  activesync.NotifyWay
		mark string
	}{
		{activesync.NotifyAuto, "the desktop where there is one, else the terminal"},
		{activesync.NotifyDesktop, "over D-Bus, with buttons"},
		{activesync.NotifyTerminal, "by the screen that was used last"},
		{activesync.NotifyCommand, "one of yours, with the event as JSON"},
		{activesync.NotifyNone, "nothing is told"},
	} {
		do := func(a *App) tea.Cmd {
			if w.way == activesync.NotifyCommand && len(a.prefs.notifications.chosen.Command) == 0 {
				return a.openNotifyCommand()
			}
			return a.prefs.notifications.wish(a, func(n *activesync.Notifications) { n.Way = w.way })
		}
		s.choice("notify"+string(w.way), wayName(w.way), w.mark, g.chosen.Chosen() == w.way, do)
	}
	s.blank()
	s.entry("Now", style.Text, clean(g.presence.Notify))
	s.link("notifycontent", lockedScreen, "", contentName(g.chosen.Content), func(a *App) tea.Cmd {
		return a.openContent("Notifications tell", a.prefs.notifications.chosen.Content, func(a *App, c activesync.NotifyContent) tea.Cmd {
			return a.prefs.notifications.wish(a, func(n *activesync.Notifications) { n.Content = c })
		})
	})
	if g.chosen.Limit != "" && g.chosen.Limit != activesync.ContentAllow {
		s.words(style.Warn, 1, a.theme.Warning+" Your organisation allows no more than: "+contentName(g.chosen.Limit)+". "+clean(g.chosen.LimitBy))
	}
	s.link("notifyterminal", "Terminal notifications use", "", kindName(g.chosen.Terminal), (*App).openNotifyTerminal)
	s.link("notifycommand", "Command", "", clean(orElse(strings.Join(g.chosen.Command, " "), "none")), (*App).openNotifyCommand)
	s.link("notifysnooze", "Snooze", "", spell(g.chosen.SnoozeFor()), (*App).openSnooze)
	s.link("notifyvips", "VIP senders", "", clean(orElse(strings.Join(g.chosen.VIPs, ", "), "none")), (*App).openVIPs)
	for _, c := range a.accounts {
		p.notifyAccountRows(a, s, c)
	}
	s.blank()
	s.words(style.Dim, 0, "For one mailbox or calendar: More "+a.theme.Path+" Sync options "+a.theme.Path+" Notifications.")
}

// notifyAccountRows are the choices for one account.
func (p *prefs) notifyAccountRows(a *App, s *prefSheet, c *account) {
	of := p.notifications.chosen.Accounts[c.ID]
	s.blank()
	s.heading(clean(c.Name))
	tick := func(key, label, mark string, on bool, set func(*activesync.AccountNotifications, bool)) {
		s.tick("notify"+key+string(c.ID), label, mark, on, func(a *App) tea.Cmd {
			return a.notifyOf(c.ID, func(of *activesync.AccountNotifications) { set(of, !on) })
		})
	}
	tick("on", "Notifications", "", !of.Off, func(of *activesync.AccountNotifications, on bool) { of.Off = !on })
	if of.Off {
		return
	}
	tick("vip", "VIP senders only", "of new mail", of.VIPOnly, func(of *activesync.AccountNotifications, on bool) { of.VIPOnly = on })
	tick("reminders", "Reminders of events", "", !of.RemindersOff, func(of *activesync.AccountNotifications, on bool) { of.RemindersOff = !on })
	s.link("notifycontent"+string(c.ID), lockedScreen, "", contentName(of.Content), func(a *App) tea.Cmd {
		return a.openContent(clean(c.Name)+": notifications tell", of.Content, func(a *App, level activesync.NotifyContent) tea.Cmd {
			return a.notifyOf(c.ID, func(of *activesync.AccountNotifications) { of.Content = level })
		})
	})
	s.link("notifyquiet"+string(c.ID), "Quiet hours", "", quietWords(of.Quiet), func(a *App) tea.Cmd { return a.openQuiet(c.ID) })
	if len(of.Quiet) > 0 {
		tick("quietserver", "Leave the server alone meanwhile", "while no screen is there", of.QuietServer, func(of *activesync.AccountNotifications, on bool) { of.QuietServer = on })
	}
}

func quietWords(hours []activesync.QuietHours) string {
	var out []string
	for _, q := range hours {
		out = append(out, q.String())
	}
	return orElse(strings.Join(out, "; "), "none")
}

func (a *App) openContent(title string, now activesync.NotifyContent, set func(*App, activesync.NotifyContent) tea.Cmd) tea.Cmd {
	return pick(a, title, activesync.NotifyContents(), contentName, func(c activesync.NotifyContent) bool { return c == now.Stricter("") }, set)
}

// kindName is a way of terminals as the screens name it.
func kindName(s string) string {
	switch notify.Kind(s) {
	case notify.KindOSC99:
		return "OSC 99 (kitty)"
	case notify.KindOSC777:
		return "OSC 777 (foot, Ghostty, WezTerm, urxvt)"
	case notify.KindOSC9:
		return "OSC 9 (iTerm2)"
	case notify.KindBell:
		return "the bell"
	case notify.KindNone:
		return "nothing"
	}
	return "what the terminal knows"
}

func (a *App) openNotifyTerminal() tea.Cmd {
	now, err := notify.ParseKind(a.prefs.notifications.chosen.Terminal)
	if err != nil {
		now = notify.KindAuto
	}
	return pick(a, "Terminal notifications use", notify.Kinds(), func(k notify.Kind) string { return kindName(string(k)) },
		func(k notify.Kind) bool { return k == now }, func(a *App, k notify.Kind) tea.Cmd {
			return a.prefs.notifications.wish(a, func(n *activesync.Notifications) { n.Terminal = string(k) })
		})
}

func (a *App) openSnooze() tea.Cmd {
	now := a.prefs.notifications.chosen.SnoozeFor()
	return pick(a, "Snooze puts off for", []time.Duration{5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 4 * time.Hour}, spell,
		func(d time.Duration) bool { return d == now }, func(a *App, d time.Duration) tea.Cmd {
			return a.prefs.notifications.wish(a, func(n *activesync.Notifications) { n.Snooze = &d })
		})
}

// openNotifyCommand asks for the words of the person's command.
func (a *App) openNotifyCommand() tea.Cmd {
	return a.prompt(&prompt{
		title: "Command", label: "The command and its words. It gets each event as one line of JSON on its standard input; no shell reads it.",
		field: edit.NewField(strings.Join(a.prefs.notifications.chosen.Command, " ")),
		do: func(a *App, s string) tea.Cmd {
			words := strings.Fields(s)
			return a.prefs.notifications.wish(a, func(n *activesync.Notifications) {
				n.Command = words
				switch {
				case len(words) > 0:
					n.Way = activesync.NotifyCommand
				case n.Way == activesync.NotifyCommand:
					n.Way = ""
				}
			})
		},
	})
}

// openVIPs asks for the addresses of the VIP senders.
func (a *App) openVIPs() tea.Cmd {
	return a.prompt(&prompt{
		title: "VIP senders", label: "Addresses with commas between them; @example.com is everybody there.",
		field: edit.NewField(strings.Join(a.prefs.notifications.chosen.VIPs, ", ")),
		check: func(s string) string {
			for _, v := range addressWords(s) {
				if !strings.Contains(v, "@") {
					return "\u201c" + v + "\u201d is no address."
				}
			}
			return ""
		},
		do: func(a *App, s string) tea.Cmd {
			return a.prefs.notifications.wish(a, func(n *activesync.Notifications) { n.VIPs = addressWords(s) })
		},
	})
}

// toggleVIP makes the sender of the message at hand a VIP, or no more.
func (a *App) toggleVIP() tea.Cmd {
	h, ok := a.messageAtHand()
	b, knows := a.backend.(notifier)
	address := strings.ToLower(strings.TrimSpace(clean(h.From.Address)))
	if !ok || !knows || address == "" {
		return a.say("The message names no sender.")
	}
	return a.call(quick, func(ctx context.Context) answer {
		n, err := b.Notifications(ctx)
		if err != nil {
			return func(a *App) tea.Cmd { return a.fail("Not kept", err) }
		}
		said := address + " is a VIP sender"
		switch {
		case !n.IsVIP(h.From):
			n.VIPs = append(slices.Clone(n.VIPs), address)
		case slices.ContainsFunc(n.VIPs, func(v string) bool { return strings.EqualFold(v, address) }):
			n.VIPs = slices.DeleteFunc(slices.Clone(n.VIPs), func(v string) bool { return strings.EqualFold(v, address) })
			said = address + " is no VIP sender any more"
		default:
			return func(a *App) tea.Cmd { return a.say("All of that domain are VIP senders; Settings changes that.") }
		}
		err = b.SetNotifications(ctx, n)
		return func(a *App) tea.Cmd {
			if err != nil {
				return a.fail("Not kept", err)
			}
			return a.say(said + ".")
		}
	})
}

// addressWords are the addresses of a text, each once.
func addressWords(s string) []string {
	var out []string
	for _, v := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || r == ' ' }) {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// openQuiet asks for the quiet hours of an account.
func (a *App) openQuiet(id activesync.AccountID) tea.Cmd {
	return a.prompt(&prompt{
		title: "Quiet hours", label: "Such as 22:00-07:00; sat,sun 00:00-24:00. What comes meanwhile is told of afterwards.",
		field: edit.NewField(strings.TrimPrefix(quietWords(a.prefs.notifications.chosen.Accounts[id].Quiet), "none")),
		check: func(s string) string {
			if _, err := parseQuiet(s); err != nil {
				return "Write them as 22:00-07:00 or sat,sun 00:00-24:00."
			}
			return ""
		},
		do: func(a *App, s string) tea.Cmd {
			hours, err := parseQuiet(s)
			if err != nil {
				return a.fail("Not kept", err)
			}
			return a.notifyOf(id, func(of *activesync.AccountNotifications) { of.Quiet = hours })
		},
	})
}

func parseQuiet(s string) (hours []activesync.QuietHours, err error) {
	for part := range strings.SplitSeq(s, ";") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		q, err := activesync.ParseQuietHours(part)
		if err != nil {
			return nil, err
		}
		hours = append(hours, q)
	}
	return hours, nil
}

// folderNotifyWords say of what of a mailbox or calendar the person is told.
func folderNotifyWords(c activesync.Class, f activesync.NotifyFolder) string {
	switch {
	case f == activesync.NotifyNever:
		return "None"
	case c == activesync.ClassCalendar:
		return "Reminders"
	case f == activesync.NotifyVIP:
		return "VIP senders"
	}
	return "All messages"
}

// openFolderNotify lets the person choose for a mailbox.
func (a *App) openFolderNotify(id activesync.FolderID) tea.Cmd {
	f, _ := a.folder(id)
	if f == nil {
		return nil
	}
	m := &menu{title: f.Name + ": Notifications", corner: true}
	for _, c := range activesync.NotifyFolders(f.Class) {
		words := folderNotifyWords(f.Class, c)
		m.items = append(m.items, item{label: words, radio: true, chosen: words == folderNotifyWords(f.Class, f.Notified()), do: func(a *App) tea.Cmd {
			return a.changeOptions(id, func(o *activesync.FolderOptions) { o.Notify = c }, f.Name+": Notifications: "+words)
		}})
	}
	for _, c := range activesync.NotifyContents() {
		m.items = append(m.items, item{label: "They tell: " + strings.ToLower(contentName(c)), radio: true, chosen: c == f.NotifyContent.Stricter(""), do: func(a *App) tea.Cmd {
			return a.changeOptions(id, func(o *activesync.FolderOptions) { o.NotifyContent = c }, f.Name+": Notifications tell "+strings.ToLower(contentName(c)))
		}})
	}
	return a.menu(m)
}
