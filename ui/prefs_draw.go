package ui

import (
	"strconv"
	"strings"

	"eas.example/securemail/activesync/policy"
	"eas.example/securemail/ui/style"
)

// lowScreen is the height below which only rows that can be chosen are shown.
const lowScreen = 12

// columns are the panes as they are drawn now.
func (p *prefs) columns(a *App) []column {
	if n := p.sections.Len(); p.list(a) != n { // a policy changed meanwhile
		p.policies.rows = nil
		p.turn(a, "")
		a.arrange()
	}
	p.draw(a)
	c := column{lines: p.drawn[1], width: p.right.w, title: p.at().page(p).name, focus: p.onDetail}
	if open := a.account(p.open); open != nil && p.at() == refreshSection {
		c.title += " " + a.theme.Path + " On"
		if len(a.accounts) > 1 {
			c.extra = clean(open.Name)
		}
	}
	if end := p.rows.Top() + p.rows.Height(); end < p.rows.Len() {
		c.extra = strings.TrimSpace(c.extra + " " + strconv.Itoa(end*100/p.rows.Len()) + "%")
	}
	return a.beside("Settings", column{lines: p.drawn[0], width: p.left.w, focus: !p.onDetail}, c)
}

func (p *prefs) draw(a *App) {
	if !p.stale {
		return
	}
	p.stale = false
	p.drawn[0], p.drawn[1] = nil, nil
	for _, s := range p.sections.Visible() {
		at, _ := p.sections.At(s.Index)
		p.drawn[0] = append(p.drawn[0], p.sectionLine(a, at))
	}
	p.drawn[0] = a.fill(p.drawn[0], p.left.w, p.left.h)
	for _, s := range p.rows.Visible() {
		r, _ := p.rows.At(s.Index)
		cursor := p.onDetail && s.Index == p.rows.Cursor() && !r.still()
		p.drawn[1] = append(p.drawn[1], r.line(a.theme, p.right.w, cursor))
	}
	p.drawn[1] = a.fill(p.drawn[1], p.right.w, p.right.h)
}

// sectionLine draws a section with the short of what is in it.
func (p *prefs) sectionLine(a *App, s section) string {
	on := style.Plain
	if s == p.at() {
		on = style.Selected
		if p.onDetail {
			on = style.Resting
		}
	}
	l := a.theme.Line(p.left.w, on)
	if on == style.Plain {
		l.Skip(1)
	} else {
		l.Put(style.Accent, a.theme.Bar)
	}
	l.Skip(1)
	short, role := p.short(a, s)
	w := style.Width(short)
	l.Cell(style.Text, s.page(p).name, min(l.Room(), widestSection)-w-3).Skip(1).Right(role, short, w)
	return l.String()
}

// short is what stands beside the name of a section.
func (p *prefs) short(a *App, s section) (string, style.Role) {
	switch s {
	case refreshSection:
		on := 0
		for _, c := range a.accounts {
			if !c.state.AutoRefreshOff {
				on++
			}
		}
		switch {
		case len(a.accounts) == 0:
			return "", style.Dim
		case on == len(a.accounts):
			return "On", style.Dim
		case on == 0:
			return "Off", style.Dim
		}
		return "On for " + strconv.Itoa(on) + " of " + strconv.Itoa(len(a.accounts)), style.Dim
	case backgroundSection:
		if !p.background.known {
			return "", style.Dim
		}
		return backgroundShort(p.background.chosen), style.Dim
	case notifySection:
		if !p.notifications.known {
			return "", style.Dim
		}
		return wayName(p.notifications.chosen.Chosen()), style.Dim
	case accountsSection:
		return number(len(a.accounts)), style.Dim
	case localSection:
		return p.local.short(a)
	case policiesSection:
		rules, unmet := 0, 0
		for _, c := range a.accounts {
			server := policy.FromServer(c.state.Policy)
			rules += len(server.Rules())
			unmet += len(server.Unmet())
		}
		switch {
		case unmet > 0:
			return a.theme.Warning + " " + number(unmet) + " not met", style.Warn
		case p.policies.holds("locked"):
			return a.theme.Warning + " locked", style.Warn
		case rules > 0:
			return "all met", style.Dim
		case p.policies.holds(""):
			return "managed", style.Dim
		}
		return "none", style.Dim
	case securitySection:
		return holderName(p.key.state.Holder), style.Dim
	case writingSection:
		if a.settings.Format == markdown {
			return "Markdown", style.Dim
		}
		return "Plain text", style.Dim
	case looksSection:
		return themeName(a.settings.theme()), style.Dim
	}
	return clean(a.deps.Version), style.Dim
}
