package ui

import (
	"strconv"
	"strings"

	"eas.example/securemail/ui/action"
	"eas.example/securemail/ui/style"
)

// footer is the last line: the keys that matter here on the left, new mail and
// More on the right.
func (a *App) footer() string {
	l := a.theme.Line(a.width, style.Plain)
	a.foot = a.foot[:0]
	right, width := a.footRight()
	if said := a.said(); !a.lay.ruled && said.text != "" && !said.reminds {
		l.Put(style.Strong, " "+said.text)
		return l.String()
	}
	if a.prefix != "" {
		a.footPrefix(l)
		return l.String()
	}
	l.Skip(1)
	last := a.footPiece(a.keys.KeyIn(action.Help, a.scope()), []action.ID{action.Help}, "keys")
	if a.scope() == action.Setup {
		last = piece{}
	}
	f := a.facts()
	for _, h := range action.Hints(a.scope()) {
		if row := a.keys.Action(h.Actions[0]); row.Hidden(f) || row.Reason(f) != "" {
			continue
		}
		p := a.footPiece(a.keysOf(h.Actions), h.Actions, h.Word)
		if p.width+2 > l.Room()-width-last.width-2 {
			break
		}
		a.putPiece(l, p)
		l.Skip(2)
	}
	if last.width > 0 && last.width+width < l.Room() {
		a.putPiece(l, last)
	}
	l.Skip(l.Room() - width)
	for _, p := range right {
		a.putPiece(l, p)
	}
	return l.String()
}

// piece is a key and its word.
type piece struct {
	key, word string
	role      style.Role // of the key
	do        action.ID
	width     int
}

func (a *App) footPiece(key string, ids []action.ID, word string) piece {
	return piece{key: key, word: word, role: style.Strong, do: ids[0], width: style.Width(key) + 1 + style.Width(word)}
}

func (a *App) putPiece(l *style.Line, p piece) {
	from := a.width - l.Room()
	l.Put(p.role, p.key)
	if p.word != "" {
		l.Skip(1).Put(style.Dim, p.word)
	}
	a.foot = append(a.foot, zone{from, a.width - l.Room(), p.do})
}

// keysOf writes the keys of actions that share a word: j/k.
func (a *App) keysOf(ids []action.ID) string {
	var keys []string
	for _, id := range ids {
		keys = append(keys, a.keys.KeyIn(id, a.scope()))
	}
	return strings.Join(keys, "/")
}

// footRight is what always stands in the lower-right corner.
func (a *App) footRight() (out []piece, width int) {
	if a.setup != nil {
		return nil, 0
	}
	if n := len(a.newMail); n > 0 && a.write == nil {
		p := piece{key: " New mail: " + strconv.Itoa(n) + " ", role: style.Badge, do: action.GoNewMail}
		gap := piece{key: "   ", role: style.Text}
		out = append(out, p, gap)
		width += style.Width(p.key) + 3
	}
	more := a.theme.More + " More " + a.keys.KeyIn(action.More, a.scope()) + " "
	out = append(out, piece{key: more, role: style.Title, do: action.More})
	return out, width + style.Width(more)
}

// footPrefix lists what may follow the first key of a sequence.
func (a *App) footPrefix(l *style.Line) {
	l.Skip(1).Put(style.Title, a.prefix).Skip(2)
	second, actions := a.keys.After(a.prefix, a.scope())
	for i, k := range second {
		if w := style.Width(k) + style.Width(actions[i].Name) + 3; w > l.Room() {
			break
		}
		l.Put(style.Strong, k).Skip(1).Put(style.Dim, actions[i].Name).Skip(2)
	}
}
