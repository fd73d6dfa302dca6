package ui

import (
	"context"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/policy"
	"eas.example/securemail/ui/style"
)

// policies is what Settings › Policies knows of the managed policies.
type policies struct {
	known bool
	rows  []policy.Row
	err   string
	lane  lane
}

// load reads the managed policies.
func (g *policies) load(a *App) tea.Cmd {
	b := a.backend
	return a.read(&g.lane, quick, func(ctx context.Context) answer {
		rows, err := b.Policies(ctx)
		return func(a *App) tea.Cmd {
			g := &a.prefs.policies
			if g.known, g.rows, g.err = err == nil, nil, ""; err != nil {
				g.err = explain(err)
			}
			for _, r := range rows {
				if r.Managed() {
					g.rows = append(g.rows, r)
				}
			}
			a.prefs.rebuild(a)
			return nil
		}
	})
}

// holds reports whether a file of the organisation decided anything, and where a
// value is named, to that.
func (g *policies) holds(value string) bool {
	return slices.ContainsFunc(g.rows, func(r policy.Row) bool { return r.By != "default" && (value == "" || r.Value == value) })
}

// policyRows are what servers and the organisation ask of this device, with
// what is done about it.
func (p *prefs) policyRows(a *App, s *prefSheet) {
	if len(a.accounts) > 0 {
		s.words(style.Dim, 0, "What the server asks of this device, and what of it is carried out here.")
	}
	for _, c := range a.accounts {
		s.blank()
		if len(a.accounts) > 1 {
			s.heading(clean(c.Name))
		}
		p.serverRows(a, s, c)
	}
	p.managedRows(a, s)
}

// managedRows are what the organisation decided for this machine.
func (p *prefs) managedRows(a *App, s *prefSheet) {
	g := &p.policies
	if g.err != "" {
		s.blank()
		s.words(style.Warn, 0, a.theme.Warning+" "+clean(g.err))
	}
	if len(g.rows) == 0 {
		return
	}
	if len(s.rows) > 0 {
		s.blank()
	}
	s.words(style.Dim, 0, "What your organisation decided for this machine. Where the server asks for something stricter, that holds.")
	for _, r := range g.rows {
		s.blank()
		s.entryWide(clean(r.Label), clean(r.Value))
		if r.Enforced {
			s.words(style.Dim, 1, a.theme.Done+" Enforced here: "+clean(r.How)+".")
		} else {
			s.words(style.Warn, 1, a.theme.Warning+" Not enforced here: "+clean(r.How)+".")
		}
		if r.By == "default" {
			s.words(style.Dim, 1, "Nobody set it.")
		} else {
			s.words(style.Dim, 1, "Set by "+clean(r.By)+".")
		}
		for _, c := range a.accounts {
			if word := stricter(r, c); word != "" {
				s.words(style.Text, 1, "The server of "+clean(c.Name)+" is stricter: "+word+".")
			}
		}
	}
}

// stricter says what an account's server asks for beyond a managed policy, ""
// where it asks for no more.
func stricter(r policy.Row, c *account) string {
	server := policy.FromServer(c.state.Policy)
	switch r.Name {
	case policy.Attachments:
		if r.Value == policy.On && !server.AttachmentsAllowed() {
			return policy.Off
		}
	case policy.MaxInterval:
		managed := activesync.Period(r.Value)
		if p := server.ClampPeriod(activesync.ClassEmail, managed); p != managed {
			return periodWords(p)
		}
	}
	return ""
}

// tooLong says why a period cannot be chosen, "" where it can.
func tooLong(c *account, class activesync.Class, p activesync.Period, managed []policy.Row) string {
	if policy.FromServer(c.state.Policy).ClampPeriod(class, p) != p {
		return "The server of " + clean(c.Name) + " allows no longer period."
	}
	for _, r := range managed {
		if most := activesync.Period(r.Value); r.Name == policy.MaxInterval && class == activesync.ClassEmail && most.FilterType() > 0 && (p.FilterType() == 0 || p.FilterType() > most.FilterType()) {
			return "Locked: Max sync interval (" + r.Name + ") is " + periodWords(most) + ", set by " + clean(r.By) + "."
		}
	}
	return ""
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
const ruleColumn = 36

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
