package ui

import (
	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/ui/action"
)

// do scrolls. Past the end of a message, a page more goes to the next one.
func (r *reader) do(a *App, id action.ID) (cmd tea.Cmd, mine bool) {
	page := max(r.page.height-2, 1)
	switch id {
	case action.Down:
		r.page.scroll(1)
	case action.Up:
		r.page.scroll(-1)
	case action.PageDown:
		if r.page.atEnd() && r.have {
			return a.mail.list.step(a, 1), true
		}
		r.page.scroll(page)
	case action.PageUp:
		r.page.scroll(-page)
	case action.HalfDown:
		r.page.scroll(page / 2)
	case action.HalfUp:
		r.page.scroll(-page / 2)
	case action.First:
		r.page.scroll(-len(r.page.text))
	case action.Last:
		r.page.scroll(len(r.page.text))
	case action.Right:
	case action.Back:
		switch {
		case r.find != "":
			r.find = ""
			return r.render(a), true
		case r.view != textView:
			return r.toggleView(a, textView), true
		case r.within():
			return r.leaveMessage(a), true
		}
		return nil, false
	case action.Older:
		return r.turnBy(a, -1), true
	case action.Newer:
		return r.turnBy(a, 1), true
	case action.Pictures:
		return r.fetchRemote(a), true
	case action.GiveKey:
		return r.giveKey(a), true
	case action.OpenPart:
		return r.openAttached(a), true
	case action.Find:
		return r.openFind(a), true
	case action.FindNext:
		return r.step(a, 1), true
	case action.FindPrev:
		return r.step(a, -1), true
	case action.Unfold:
		return r.unfold(a), true
	case action.UnfoldNext:
		return r.unfoldNext(a), true
	default:
		return nil, false
	}
	return nil, true
}
