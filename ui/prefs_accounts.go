package ui

import (
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
		s.blank()
	}
	s.add(prefRow{key: "add", kind: prefLink, label: "Add an account" + a.theme.Ellipsis, value: a.theme.Open, role: style.Dim,
		do: func(a *App) tea.Cmd {
			a.openSetup(true)
			return a.arrange()
		}})
	if len(a.accounts) > 0 {
		s.blank()
		s.words(style.Dim, 0, "To remove one, leave and type: securemail account remove NAME. Nothing is deleted on the server.")
	}
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
