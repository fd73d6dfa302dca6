package ui

import (
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync/message"
	"eas.example/securemail/ui/action"
	"eas.example/securemail/ui/style"
)

// foldedAt is a line that stands for earlier messages of a chain.
type foldedAt struct {
	line  int // of the page
	chain int
}

// foldsAtFirst are how many messages of each chain are shown when a message is
// opened: none, where something new stands beside them. What is passed on is
// what is to be read.
func foldsAtFirst(chains []message.Chain, forward bool) []int {
	open := make([]int, len(chains))
	for i, c := range chains {
		switch {
		case !c.Own:
			open[i] = len(c.Earlier)
		case c.Earlier[0].Forwarded || forward:
			open[i] = 1
		}
	}
	return open
}

// chained draws a text with its earlier messages folded as far as open says.
func (k look) chained(s *sheet, t *setting, out *rendered) {
	found := map[int][]message.Piece{}
	if k.find != "" {
		for _, hit := range t.text.Find(k.find) {
			out.hits = append(out.hits, hit[0].Line)
			for _, p := range hit {
				found[p.Line] = append(found[p.Line], p)
			}
		}
	}
	at := 0 // the next of the hits whose line of the page is not known
	draw := func(from, to int) {
		for i := from; i < to; i++ {
			for ; at < len(out.hits) && out.hits[at] == i; at++ {
				out.hits[at] = len(s.out)
			}
			k.textLine(s, t, i, found[i])
		}
	}
	from := 0
	for i, c := range t.chains {
		folded := c.End
		if k.find == "" && out.open[i] < len(c.Earlier) {
			folded = c.Earlier[out.open[i]].At
		}
		draw(from, folded)
		if folded < c.End {
			out.folds = append(out.folds, foldedAt{len(s.out), i})
			k.foldLine(s, c, out.open[i], c.End-folded)
		}
		from = c.End
	}
	draw(from, len(t.text.Lines))
}

// foldLine stands for what is folded of a chain.
func (k look) foldLine(s *sheet, c message.Chain, open, lines int) {
	l := s.line().Put(style.Accent, k.theme.Folded).Skip(1)
	key := ""
	if k.unfold != "" {
		key = "  " + k.unfold
	}
	size := "  " + plural(lines, "1 line", "%d lines")
	room := l.Room() - s.margin - style.Width(size) - style.Width(key)
	l.Put(style.Dim, cutTo(foldWords(c.Earlier[open:]), max(room, 8), k.theme)).Put(style.Faint, size).Put(style.Faint, key)
	s.add(l)
}

// foldWords name what is folded.
func foldWords(list []message.Earlier) string {
	var names []string
	seen := map[string]bool{}
	for _, e := range list {
		if name := clean(e.From); name != "" && !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	from := strings.Join(names, ", ")
	switch {
	case len(list) > 1 && from != "":
		return strconv.Itoa(len(list)) + " earlier messages, from " + from
	case len(list) > 1:
		return strconv.Itoa(len(list)) + " earlier messages"
	case list[0].Forwarded && from != "":
		return "Forwarded message from " + from
	case list[0].Forwarded:
		return "Forwarded message"
	case from != "":
		return "Earlier message from " + from
	}
	return "Quoted text"
}

// folded is how many chains are not shown whole.
func (r *reader) folded() int {
	if r.set == nil {
		return 0
	}
	n := 0
	for i, c := range r.set.chains {
		if i < len(r.open) && r.open[i] < len(c.Earlier) {
			n++
		}
	}
	return n
}

// unfold shows all earlier messages, or folds them when all are shown.
func (r *reader) unfold(a *App) tea.Cmd {
	if r.set == nil {
		return nil
	}
	show := r.folded() > 0
	open := make([]int, len(r.set.chains))
	for i, c := range r.set.chains {
		if show {
			open[i] = len(c.Earlier)
		}
	}
	r.open = open
	return r.render(a)
}

// unfoldNext shows one message more of the first chain that is folded on the
// screen or below it.
func (r *reader) unfoldNext(a *App) tea.Cmd {
	for _, f := range r.folds {
		if f.line >= r.page.top {
			return r.unfoldChain(a, f.chain)
		}
	}
	if len(r.folds) > 0 {
		return r.unfoldChain(a, r.folds[0].chain)
	}
	return nil
}

func (r *reader) unfoldChain(a *App, chain int) tea.Cmd {
	open := append([]int(nil), r.open...)
	if chain < len(open) {
		open[chain]++
	}
	r.open = open
	return r.render(a)
}

// spotAt is what can be clicked in a line of a message: an action, or a link.
type spotAt struct {
	line, from, to int
	do             action.ID
	url            string
}

// click does what stands at a cell of the pane, or unfolds what stands behind
// its line.
func (r *reader) click(a *App, x, y int) tea.Cmd {
	for _, z := range r.spots {
		if z.line == r.page.top+y && x >= z.from && x < z.to {
			if z.url != "" {
				return a.openLink(link{url: z.url})
			}
			return a.perform(z.do)
		}
	}
	for _, f := range r.folds {
		if f.line == r.page.top+y {
			return r.unfoldChain(a, f.chain)
		}
	}
	for _, e := range r.entries {
		if e.line == r.page.top+y {
			return r.turn(a, e.item, true)
		}
	}
	return nil
}
