package ui

import (
	"cmp"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/ui/edit"
)

// openFind asks what to search for in the message shown.
func (r *reader) openFind(a *App) tea.Cmd {
	if !r.have {
		return nil
	}
	return a.prompt(&prompt{
		title: "Search this message", label: "n and N go on to the next and previous match, esc ends the search.",
		field: edit.NewField(""), hint: searchAgain(r.find),
		do: func(a *App, words string) tea.Cmd {
			r := &a.mail.reader
			r.find = cmp.Or(strings.TrimSpace(words), r.find)
			r.jump = r.find != ""
			return r.render(a)
		},
	})
}

// found goes to the first match on the screen or below it, after a search.
func (r *reader) found(a *App) tea.Cmd {
	if !r.jump {
		return nil
	}
	r.jump = false
	if len(r.hits) == 0 {
		return a.say("“" + clean(r.find) + "” is not in this message.")
	}
	for i, line := range r.hits {
		if line >= r.page.top {
			return r.goToHit(a, i)
		}
	}
	return r.goToHit(a, 0)
}

// step goes to the next or previous match, around the end.
func (r *reader) step(a *App, step int) tea.Cmd {
	if len(r.hits) == 0 {
		return a.say("“" + clean(r.find) + "” is not in this message.")
	}
	return r.goToHit(a, (r.hit+step+len(r.hits))%len(r.hits))
}

func (r *reader) goToHit(a *App, i int) tea.Cmd {
	r.hit = i
	if line := r.hits[i]; line < r.page.top || line >= r.page.top+r.page.height {
		r.page.scroll(line - r.page.top - r.page.height/3)
	}
	return a.say("Match " + strconv.Itoa(i+1) + " of " + strconv.Itoa(len(r.hits)))
}
