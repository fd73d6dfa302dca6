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

// notifications is what Settings › Notifications knows.
type notifications struct {
	known  bool
	chosen activesync.Notifications
	by     string // how the person is told now
	err    string
	lane   lane
}

// openNotifications opens Settings at Notifications.
func (a *App) openNotifications() tea.Cmd { return a.prefs.show(a, notifySection) }

// short is what stands beside the name of the section.
func (g *notifications) short() string {
	if !g.known {
		return ""
	}
	return wayName(g.chosen.Chosen())
}

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

// load reads the choices.
func (g *notifications) load(a *App) tea.Cmd {
	b, ok := a.backend.(notifier)
	if !ok {
		return nil
	}
	return a.read(&g.lane, quick, func(ctx context.Context) answer {
		chosen, err := b.Notifications(ctx)
		by := ""
		if p, ok := a.backend.(backgrounder); ok && err == nil {
			if now, perr := p.Presence(ctx); perr == nil {
				by = now.Notify
			}
		}
		return func(a *App) tea.Cmd {
			g := &a.prefs.notifications
			if g.known, g.err = err == nil, ""; err != nil {
				g.err = explain(err)
			} else {
				g.chosen, g.by = chosen, by
			}
			a.prefs.rebuild(a)
			return nil
		}
	})
}

// wish keeps a change at once; z takes it back.
func (g *notifications) wish(a *App, change func(*activesync.Notifications)) tea.Cmd {
	was := g.chosen
	next := was
	next.Accounts = maps.Clone(was.Accounts)
	change(&next)
	a.canUndo("change Notifications", func(a *App) tea.Cmd { return a.prefs.notifications.save(a, was) })
	return g.save(a, next)
}

// wishFor is wish for the choices of one account.
func (g *notifications) wishFor(a *App, id activesync.AccountID, change func(*activesync.AccountNotifications)) tea.Cmd {
	return g.wish(a, func(n *activesync.Notifications) {
		of := n.Accounts[id]
		change(&of)
		if n.Accounts == nil {
			n.Accounts = map[activesync.AccountID]activesync.AccountNotifications{}
		}
		n.Accounts[id] = of
	})
}

func (g *notifications) save(a *App, next activesync.Notifications) tea.Cmd {
	b, ok := a.backend.(notifier)
	if !ok {
		return nil
	}
	g.chosen = next
	a.prefs.rebuild(a)
	return a.call(quick, func(ctx context.Context) answer {
		err := b.SetNotifications(ctx, next)
		return func(a *App) tea.Cmd {
			if err != nil {
				return tea.Batch(a.fail("Not kept", err), a.prefs.notifications.load(a))
			}
			return a.prefs.notifications.load(a)
		}
	})
}

// notifyRows are the section Notifications.
func (p *prefs) notifyRows(a *App, s *prefSheet) {
	g := &p.notifications
	s.lead("How you learn of new mail, invitations, events, and of what needs you. Of a mailbox that is on screen nothing is told.")
	switch {
	case g.err != "":
		s.words(style.Warn, 0, a.theme.Warning+" "+g.err)
		return
	case !g.known:
		s.words(style.Dim, 0, "Reading"+a.theme.Ellipsis)
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
		s.add(prefRow{key: "notify" + string(w.way), kind: prefChoice, label: wayName(w.way), mark: w.mark, on: g.chosen.Chosen() == w.way, do: do, toggle: do})
	}
	s.blank()
	s.entry("Now", style.Text, clean(g.by))
	link := func(key, label, mark, value string, do func(*App) tea.Cmd) {
		s.add(prefRow{key: key, kind: prefLink, label: label, mark: mark, value: clean(value) + " " + a.theme.Open, role: style.Dim, do: do})
	}
	link("notifycontent", "They tell", "also when the screen is locked", contentName(g.chosen.Content), func(a *App) tea.Cmd {
		return a.openContent("Notifications tell", a.prefs.notifications.chosen.Content, func(a *App, c activesync.NotifyContent) tea.Cmd {
			return a.prefs.notifications.wish(a, func(n *activesync.Notifications) { n.Content = c })
		})
	})
	if g.chosen.Limit != "" && g.chosen.Limit != activesync.ContentAllow {
		s.words(style.Warn, 1, a.theme.Warning+" Your organisation allows no more than: "+contentName(g.chosen.Limit)+". "+clean(g.chosen.LimitBy))
	}
	link("notifyterminal", "A terminal is told with", "", kindName(g.chosen.Terminal), (*App).openNotifyTerminal)
	link("notifycommand", "Command", "", orElse(strings.Join(g.chosen.Command, " "), "none"), (*App).openNotifyCommand)
	link("notifysnooze", "Snooze", "", spell(g.chosen.SnoozeFor()), (*App).openSnooze)
	link("notifyvips", "VIP senders", "", orElse(strings.Join(g.chosen.VIPs, ", "), "none"), (*App).openVIPs)
	for _, c := range a.accounts {
		p.notifyAccountRows(a, s, c)
	}
	s.blank()
	s.words(style.Dim, 0, "For one mailbox: More "+a.theme.Path+" Sync options "+a.theme.Path+" Notifications.")
}

// notifyAccountRows are the choices for one account.
func (p *prefs) notifyAccountRows(a *App, s *prefSheet, c *account) {
	of := p.notifications.chosen.Accounts[c.ID]
	s.blank()
	s.heading(clean(c.Name))
	tick := func(key, label, mark string, on bool, set func(*activesync.AccountNotifications, bool)) {
		do := func(a *App) tea.Cmd {
			return a.prefs.notifications.wishFor(a, c.ID, func(of *activesync.AccountNotifications) { set(of, !on) })
		}
		s.add(prefRow{key: "notify" + key + string(c.ID), kind: prefTick, label: label, mark: mark, on: on, do: do, toggle: do})
	}
	tick("on", "Notifications", "", !of.Off, func(of *activesync.AccountNotifications, on bool) { of.Off = !on })
	if of.Off {
		return
	}
	tick("vip", "VIP senders only", "of new mail", of.VIPOnly, func(of *activesync.AccountNotifications, on bool) { of.VIPOnly = on })
	tick("reminders", "Reminders of events", "", !of.RemindersOff, func(of *activesync.AccountNotifications, on bool) { of.RemindersOff = !on })
	s.add(prefRow{key: "notifycontent" + string(c.ID), kind: prefLink, label: "They tell", value: contentName(of.Content) + " " + a.theme.Open, role: style.Dim,
		do: func(a *App) tea.Cmd {
			return a.openContent(clean(c.Name)+": notifications tell", of.Content, func(a *App, level activesync.NotifyContent) tea.Cmd {
				return a.prefs.notifications.wishFor(a, c.ID, func(of *activesync.AccountNotifications) { of.Content = level })
			})
		}})
	s.add(prefRow{key: "notifyquiet" + string(c.ID), kind: prefLink, label: "Quiet hours", value: quietWords(of.Quiet) + " " + a.theme.Open, role: style.Dim,
		do: func(a *App) tea.Cmd { return a.openQuiet(c.ID) }})
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
	m := &menu{title: title}
	for _, c := range activesync.NotifyContents() {
		m.items = append(m.items, item{label: contentName(c), radio: true, chosen: c == now.Stricter(""), do: func(a *App) tea.Cmd { return set(a, c) }})
	}
	return a.menu(m)
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
	return "what it is known to do"
}

func (a *App) openNotifyTerminal() tea.Cmd {
	now, err := notify.ParseKind(a.prefs.notifications.chosen.Terminal)
	if err != nil {
		now = notify.KindAuto
	}
	m := &menu{title: "A terminal is told with"}
	for _, k := range notify.Kinds() {
		m.items = append(m.items, item{label: kindName(string(k)), radio: true, chosen: k == now, do: func(a *App) tea.Cmd {
			return a.prefs.notifications.wish(a, func(n *activesync.Notifications) { n.Terminal = string(k) })
		}})
	}
	return a.menu(m)
}

func (a *App) openSnooze() tea.Cmd {
	now := a.prefs.notifications.chosen.SnoozeFor()
	m := &menu{title: "Snooze puts off for"}
	for _, d := range []time.Duration{5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 4 * time.Hour} {
		m.items = append(m.items, item{label: spell(d), radio: true, chosen: d == now, do: func(a *App) tea.Cmd {
			return a.prefs.notifications.wish(a, func(n *activesync.Notifications) { n.Snooze = &d })
		}})
	}
	return a.menu(m)
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

// toggleVIP makes the sender of the message under the cursor a VIP, or no more.
func (a *App) toggleVIP() tea.Cmd {
	r, ok := a.mail.list.list.Current()
	b, knows := a.backend.(notifier)
	address := strings.ToLower(strings.TrimSpace(r.From.Address))
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
		case !n.IsVIP(r.From):
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
			return a.prefs.notifications.wishFor(a, id, func(of *activesync.AccountNotifications) { of.Quiet = hours })
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

// folderNotifyWords say of which messages of a mailbox the person is told.
func folderNotifyWords(f activesync.NotifyFolder) string {
	switch f {
	case activesync.NotifyAll:
		return "All messages"
	case activesync.NotifyVIP:
		return "VIP senders"
	}
	return "None"
}

// openFolderNotify lets the person choose for a mailbox.
func (a *App) openFolderNotify(id activesync.FolderID) tea.Cmd {
	f, _ := a.folder(id)
	if f == nil {
		return nil
	}
	m := &menu{title: f.Name + ": Notifications", corner: true}
	for _, c := range []activesync.NotifyFolder{activesync.NotifyAll, activesync.NotifyVIP, activesync.NotifyNever} {
		m.items = append(m.items, item{label: folderNotifyWords(c), radio: true, chosen: c == f.Notified(), do: func(a *App) tea.Cmd {
			o := f.FolderOptions
			o.Notify = c
			return a.setOptions(id, o, f.Name+": notifications of "+strings.ToLower(folderNotifyWords(c)))
		}})
	}
	for _, c := range activesync.NotifyContents() {
		m.items = append(m.items, item{label: "They tell: " + strings.ToLower(contentName(c)), radio: true, chosen: c == f.NotifyContent.Stricter(""), do: func(a *App) tea.Cmd {
			o := f.FolderOptions
			o.NotifyContent = c
			return a.setOptions(id, o, f.Name+": notifications tell "+strings.ToLower(contentName(c)))
		}})
	}
	return a.menu(m)
}
