package ui

import "eas.example/securemail/activesync"

// names are those of the accounts where there are several: then a row says
// whose it is.
func (a *App) names() map[activesync.AccountID]string {
	if len(a.accounts) < 2 {
		return nil
	}
	out := map[activesync.AccountID]string{}
	for _, c := range a.accounts {
		out[c.ID] = clean(c.Name)
	}
	return out
}

// absences say of each account that has nothing to show of a kind why that is,
// in lines for a pane; none is what they say where there simply is nothing.
func (a *App) absences(t activesync.FolderType, r rect, none string, has func(activesync.AccountID) bool) []string {
	if r.w < 8 {
		return nil
	}
	var out []string
	for _, c := range a.accounts {
		why := ""
		if f := c.ofType(t); f != nil && f.Problem != "" {
			why = a.theme.Warning + " " + f.Name + ": " + sentence(f.Problem)
		} else if !has(c.ID) {
			if why = a.absence(c, t); why == "" {
				why = none
			}
		}
		if why == "" {
			continue
		}
		if len(a.accounts) > 1 {
			why = clean(c.Name) + ": " + why
		}
		out = append(out, wrap(why, r.w-4)...)
	}
	return out[:min(len(out), max(r.h/3, 1))]
}

// absence says why an account has nothing of a kind, "" where there is no
// reason but that.
func (a *App) absence(c *account, t activesync.FolderType) string {
	kind, of := "contacts", "a contacts folder"
	if t == activesync.FolderCalendar {
		kind, of = "events", "a calendar"
	}
	f := c.ofType(t)
	away := c.status.Phase == activesync.PhaseOffline
	switch {
	case len(c.folders) == 0 && away, f != nil && f.LastSync.IsZero() && away:
		return "The " + kind + " have not come yet: the server is not reached."
	case len(c.folders) == 0:
		return "The mailboxes come from the server" + a.theme.Ellipsis
	case f == nil:
		return "This account does not have " + of + "."
	case f.LastSync.IsZero() && f.Automatic(c.state) == activesync.CheckManual:
		return f.Name + " is checked by hand only and was not checked yet. " + a.keys.Key("check-now") + " checks it now."
	case f.LastSync.IsZero():
		return "The " + kind + " come from the server" + a.theme.Ellipsis
	}
	return ""
}
