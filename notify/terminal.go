package notify

import (
	"fmt"
	"strings"
)

const (
	esc = "\x1b"
	bel = "\a"
	st  = esc + `\`
)

// Sequence is what a terminal has to be sent for a notification, "" for nothing.
func (c Choice) Sequence(n Notice) string {
	n.Title, n.Body = cleanLine(n.Title, maxTitle), cleanLine(n.Body, maxBody)
	if n.Title == "" {
		n.Title, n.Body = n.Body, ""
	}
	if n.Title == "" {
		return ""
	}
	var s string
	switch c.Kind {
	case KindBell:
		return bel
	case KindOSC9:
		s = osc9(n)
	case KindOSC777:
		s = osc777(n)
	case KindOSC99:
		s = osc99(n, c.Wrap)
	default:
		return ""
	}
	if c.Kind != KindOSC99 {
		s = c.Wrap.around(s)
	}
	if c.Bell {
		s += bel
	}
	return s
}

// Silent is the choice without the bell.
func (c Choice) Silent() Choice {
	c.Bell = false
	if c.Kind == KindBell {
		c.Kind = KindNone
	}
	return c
}

// Withdrawal takes a notification away again, "" where the terminal cannot do
// that. Only kitty's protocol knows it.
func (c Choice) Withdrawal(id string) string {
	if c.Kind != KindOSC99 {
		return ""
	}
	return c.Wrap.around(esc + "]99;i=" + osc99ID(id) + ":p=close;" + bel)
}

// osc9 is ESC ] 9 ; text BEL. A number and a semicolon at the beginning would
// be read as a command of ConEmu.
func osc9(n Notice) string {
	text := n.Title
	if n.Body != "" {
		text += ": " + n.Body
	}
	if i := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' }); i > 0 && text[i] == ';' {
		text = text[:i] + "," + text[i+1:]
	}
	return esc + "]9;" + text + bel
}

// osc777 is ESC ] 777 ; notify ; title ; body BEL, in which the texts can have
// no semicolon.
func osc777(n Notice) string {
	plain := strings.NewReplacer(";", ",")
	return esc + "]777;notify;" + plain.Replace(n.Title) + ";" + plain.Replace(n.Body) + bel
}

// osc99 is the protocol of kitty: parts of one notification, the last with d=1.
func osc99(n Notice, w Wrap) string {
	id := osc99ID(n.ID)
	if n.Body == "" {
		return w.around(fmt.Sprintf("%s]99;i=%s:d=1:p=title;%s%s", esc, id, n.Title, bel))
	}
	return w.around(fmt.Sprintf("%s]99;i=%s:d=0:p=title;%s%s", esc, id, n.Title, bel)) +
		w.around(fmt.Sprintf("%s]99;i=%s:d=1:p=body;%s%s", esc, id, n.Body, bel))
}

// osc99ID is the name of a notification without what kitty does not take.
func osc99ID(s string) string {
	id := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '-' || r == '_' {
			return r
		}
		return -1
	}, s)
	if id == "" {
		return "securemail"
	}
	return id
}

// screenChunk is how many bytes screen takes in one string; its limit is 768.
const screenChunk = 512

// around wraps one sequence so that a multiplexer hands it on.
func (w Wrap) around(s string) string {
	switch w {
	case WrapTmux:
		return esc + "Ptmux;" + strings.ReplaceAll(s, esc, esc+esc) + st
	case WrapScreen:
		var b strings.Builder
		for len(s) > 0 {
			n := min(len(s), screenChunk)
			b.WriteString(esc + "P" + s[:n] + st)
			s = s[n:]
		}
		return b.String()
	}
	return s
}
