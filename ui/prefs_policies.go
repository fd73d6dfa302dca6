package ui

import (
	"eas.example/securemail/activesync/policy"
	"eas.example/securemail/ui/style"
)

// policyRows are what servers ask of this device, with what is done about it.
func (p *prefs) policyRows(a *App, s *prefSheet) {
	if len(a.accounts) == 0 {
		s.words(style.Dim, 0, "Set up an account first.")
		return
	}
	s.words(style.Dim, 0, "What the server asks of this device, and what of it is carried out here.")
	for _, c := range a.accounts {
		s.blank()
		if len(a.accounts) > 1 {
			s.heading(clean(c.Name))
		}
		p.serverRows(a, s, c)
	}
}

func (p *prefs) serverRows(a *App, s *prefSheet, c *account) {
	server := policy.FromServer(c.state.Policy)
	rules := server.Rules()
	switch {
	case !c.state.Provisioned && len(c.state.Policy) == 0:
		s.words(style.Text, 0, "The server has not told its policies yet.")
		return
	case len(rules) == 0:
		s.words(style.Text, 0, "The server demands nothing of this device.")
		return
	case !c.state.Provisioned:
		s.words(style.Warn, 0, a.theme.Warning+" The policies are not acknowledged yet.")
	case server.Acknowledgement() == 1:
		s.words(style.Text, 0, "All of it is carried out here, and the server was told so.")
	default:
		s.words(style.Warn, 0, a.theme.Warning+" Not all of it is carried out here. The server was told so; it decides whether it lets this device in.")
	}
	for _, r := range rules {
		s.blank()
		s.entryWide(clean(r.Label), clean(r.Words))
		if r.Met {
			s.words(style.Dim, 1, a.theme.Done+" Enforced here: "+clean(r.How)+".")
		} else {
			s.words(style.Warn, 1, a.theme.Warning+" Not enforced here: "+clean(r.How)+".")
		}
	}
}

// ruleColumn is where the values of policies begin.
const ruleColumn = 34

// entryWide writes a policy and its value in two columns, or below each other
// where there is no room.
func (s *prefSheet) entryWide(name, value string) {
	if style.Width(name) >= ruleColumn || ruleColumn+style.Width(value) > s.room {
		s.words(style.Strong, 0, name)
		s.words(style.Text, 1, value)
		return
	}
	s.add(prefRow{kind: prefRule, label: name, value: value, role: style.Text})
}
