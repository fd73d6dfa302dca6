package ui

import (
	"slices"
	"strings"

	"eas.example/securemail/ui/action"
	"eas.example/securemail/ui/list"
	"eas.example/securemail/ui/style"
)

// choices stand below what a box shows; that of at is what enter means.
type choices struct {
	words []string
	at    int
	spots []choiceSpot
}

// choiceSpot is where a choice is drawn, in cells of the box.
type choiceSpot struct{ from, to, line int }

// key moves among the choices. It reports whether one was taken, by enter or by
// the digit it begins with.
func (c *choices) key(name string) (taken bool) {
	n := len(c.words)
	switch name {
	case "enter":
		return true
	case "tab", "right", "l":
		c.at = (c.at + 1) % n
	case "shift+tab", "left", "h":
		c.at = (c.at + n - 1) % n
	default:
		i := slices.IndexFunc(c.words, func(w string) bool { return len(name) == 1 && strings.HasPrefix(w, name+" ") })
		if i < 0 {
			return false
		}
		c.at = i
		return true
	}
	return false
}

// click chooses what it hits, and reports whether it hit anything.
func (c *choices) click(x, y int) bool {
	i := slices.IndexFunc(c.spots, func(z choiceSpot) bool { return y == z.line && x >= z.from && x < z.to })
	if i >= 0 {
		c.at = i
	}
	return i >= 0
}

// lines draws the choices on as many lines as they need.
func (c *choices) lines(a *App, width int) (lines []string) {
	c.spots = c.spots[:0]
	l := a.theme.Line(width, style.Overlay).Skip(2)
	for i, w := range c.words {
		word := " " + w + " "
		if l.Room() < style.Width(word)+1 {
			lines = append(lines, l.String())
			l = a.theme.Line(width, style.Overlay).Skip(2)
		}
		from := width - l.Room() + 1
		if i == c.at {
			l.PutOn(style.Chosen, style.Strong, a.theme.Bar+word[1:])
		} else {
			l.Put(style.Text, word)
		}
		c.spots = append(c.spots, choiceSpot{from: from, to: width - l.Room() + 1, line: len(lines)})
		l.Skip(1)
	}
	return append(lines, l.String())
}

// below notes after how many lines of the box the choices stand.
func (c *choices) below(lines int) {
	for i := range c.spots {
		c.spots[i].line += lines + 1 // the frame
	}
}

// moveKey moves the cursor of a list in a box, where no key is text. It reports
// whether the key was one of moving.
func moveKey[K comparable, T any](l *list.List[K, T], name string) bool {
	id, ok := map[string]action.ID{"down": action.Down, "j": action.Down, "up": action.Up, "k": action.Up,
		"pgdown": action.PageDown, "pgup": action.PageUp, "home": action.First, "g": action.First, "end": action.Last, "G": action.Last}[name]
	return ok && moveList(l, id)
}
