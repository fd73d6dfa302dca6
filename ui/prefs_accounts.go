package ui

import (
	"context"
	"net/url"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
	"eas.example/securemail/ui/style"
)

// accountRows tell of each account where it is and how it goes.
func (p *prefs) accountRows(a *App, s *prefSheet) {
	for _, c := range a.accounts {
		s.heading(clean(c.Name))
		s.entry("Address", style.Text, clean(c.Email))
		s.entry("Server", style.Text, serverName(c))
		if login := clean(c.Login()); login != clean(c.Email) {
			s.entry("Signs in as", style.Text, login)
		}
		if c.Auth == activesync.AuthOAuth {
			s.entry("Signs in", style.Text, "by OAuth 2.0")
		}
		version := "not known yet"
		if c.state.Version != 0 {
			version = "ActiveSync " + c.state.Version.String()
		}
		s.entry("Speaks", style.Text, version)
		sign, words, role := a.statusWords(c)
		s.entry("Connection", role, sign+" "+words)
		last := a.dateTime(c.status.LastSuccess)
		if last == "" {
			last = "never"
		}
		s.entry("Last success", style.Text, last)
		if c.status.Err != nil {
			s.entry("", style.Warn, a.theme.Warning+" "+clean(explain(c.status.Err)))
		}
		if _, ok := a.backend.(signer); ok {
			s.link("signin"+string(c.ID), "Sign in again"+a.theme.Ellipsis, "", "", func(a *App) tea.Cmd { return a.signInAgain(c) })
		}
		if _, ok := a.backend.(remover); ok {
			s.link("remove"+string(c.ID), "Remove this account"+a.theme.Ellipsis, "", "", func(a *App) tea.Cmd { return a.removeAccount(c) })
		}
		s.blank()
	}
	s.add(prefRow{key: "add", kind: prefLink, label: "Add an account" + a.theme.Ellipsis, value: a.theme.Open, role: style.Dim,
		do: func(a *App) tea.Cmd {
			a.openSetup(true)
			return a.arrange()
		}})
}

// remover is a backend that forgets accounts.
type remover interface {
	RemoveAccount(ctx context.Context, id activesync.AccountID) error
}

// removeAccount asks whether an account is to go, with all that is kept of it.
func (a *App) removeAccount(c *account) tea.Cmd {
	k, ok := a.backend.(remover)
	if !ok {
		return nil
	}
	text := "Its mail, contacts, calendar and drafts go from this machine. Nothing is deleted on the server."
	if n := len(c.outbox); n > 0 {
		text += " " + plural(n, "One thing waits to be sent or changed there, and is given up.", "%d things wait to be sent or changed there, and are given up.")
	}
	id, name := c.ID, clean(c.Name)
	return a.ask(question{title: "Remove " + name + "?", text: text, yes: "Remove", no: "Keep", do: func(a *App) tea.Cmd {
		return a.call(forever, func(ctx context.Context) answer {
			err := k.RemoveAccount(ctx, id)
			return func(a *App) tea.Cmd {
				if err != nil {
					return tea.Batch(a.fail("Not removed", err), a.readAccounts())
				}
				return tea.Batch(a.say("Removed "+name+"."), a.readAccounts())
			}
		})
	}})
}

// serverName is the host that an account speaks to, or the whole address where
// that is an unusual one.
func serverName(c *account) string {
	address := c.Server
	if c.state.Endpoint != "" {
		address = c.state.Endpoint
	}
	if u, err := url.Parse(address); err == nil && u.Host != "" && address == serverURL(u.Host) {
		return clean(u.Host)
	}
	return clean(address)
}

// aboutRows tell what this is.
func (p *prefs) aboutRows(a *App, s *prefSheet) {
	name := "securemail"
	if v := clean(a.deps.Version); v != "" {
		name += " " + v
	}
	s.heading(name)
	s.words(style.Text, 0, "Mail, contacts and calendar of an Exchange account in the terminal, kept in step over Exchange ActiveSync.")
	s.blank()
	s.words(style.Text, 0, notCarried)
	s.blank()
	s.words(style.Dim, 0, a.keys.Key(action.Help)+" shows all keys, "+a.keys.Key(action.Palette)+" finds any action, mailbox or setting.")
	s.words(style.Dim, 0, "Apache License 2.0.")
}
