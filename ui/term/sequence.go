package term

import (
	"bytes"
	"slices"

	tea "github.com/charmbracelet/bubbletea"
)

// maxParams is how many parameters a sequence may have; ones with more are
// none of the sequences that mean something here.
const maxParams = 32

// params are the parameters of a sequence: numbers, and the first number after
// a colon of each.
type params struct {
	n   int
	val [maxParams]int
	sub [maxParams]int
}

// at is parameter i, def when it is absent or 0.
func (a *params) at(i, def int) int {
	if i < a.n && a.val[i] > 0 {
		return a.val[i]
	}
	return def
}

// mod are the modifiers in parameter i, and whether the key went down rather
// than up.
func (a *params) mod(i int) (Mod, bool) {
	const locks = 64 | 128 // caps lock and num lock
	m := (a.at(i, 1) - 1) &^ locks
	return Mod(m & 0x3f), i >= a.n || a.sub[i] != 3
}

// parse reads the parameters of s and reports whether there are not too many.
func (a *params) parse(s []byte) bool {
	if len(s) == 0 {
		return true
	}
	a.n = 1
	colons := 0
	for _, c := range s {
		switch {
		case c == ';':
			if a.n == maxParams {
				return false
			}
			a.n++
			colons = 0
		case c == ':':
			colons++
		case c < '0' || c > '9':
			return false
		case colons == 0:
			a.val[a.n-1] = min(a.val[a.n-1]*10+int(c-'0'), 1<<24)
		case colons == 1:
			a.sub[a.n-1] = min(a.sub[a.n-1]*10+int(c-'0'), 1<<24)
		}
	}
	return true
}

// csiByte takes a byte after ESC [.
func (p *parser) csiByte(c byte) {
	switch {
	case c < ' ' || c >= 0x7f:
		p.reset()
		p.text(c, false)
		return
	case c == '[' && len(p.seq) == 0:
		p.enter(inConsole, false)
		return
	case c == 'M' && len(p.seq) == 0:
		p.enter(inX10, false)
		return
	case c == '$' && len(p.seq) > 0 && p.seq[0] >= '0' && p.seq[0] <= '9':
		// rxvt ends a key with shift so.
	case c < 0x40:
		if len(p.seq) == maxCSI {
			p.enter(inSkip, false)
			return
		}
		p.seq = append(p.seq, c)
		return
	}
	p.csi(c)
	if p.state == inCSI {
		p.reset()
	}
}

// csi takes a complete sequence with its final byte.
func (p *parser) csi(final byte) {
	seq, private := p.seq, byte(0)
	if len(seq) > 0 && seq[0] >= '<' {
		private, seq = seq[0], seq[1:]
	}
	if n := len(seq); n > 0 && seq[n-1] < '0' {
		return // with an intermediate byte: an answer to a question of modes
	}
	var a params
	if !a.parse(seq) {
		return
	}
	switch {
	case private == '<' && (final == 'M' || final == 'm') && a.n == 3:
		p.emit(sgrMouse(a.val[0], a.val[1], a.val[2], final == 'm'))
	case private == '?' && final == 'c':
		p.emit(answered{sixel: slices.Contains(a.val[1:max(a.n, 1)], 4)})
	case private == '?' && final == 'n' && a.n == 2 && a.val[0] == 997 && (a.val[1] == 1 || a.val[1] == 2):
		p.emit(BackgroundMsg{Dark: a.val[1] == 1})
	case private == 0:
		p.csiKey(&a, final)
	}
}

// csiKey takes a sequence that may be a key.
func (p *parser) csiKey(a *params, final byte) {
	mod, down := a.mod(1)
	mod |= p.mod()
	if !down {
		return
	}
	switch final {
	case 'I', 'O':
		if a.n > 0 {
			return
		}
		if final == 'I' {
			p.emit(tea.FocusMsg{})
		} else {
			p.emit(tea.BlurMsg{})
		}
	case 'Z':
		p.emit(tab.press(mod | Shift))
	case '~':
		p.tilde(a, mod)
	case '^', '$', '@':
		extra := map[byte]Mod{'^': Ctrl, '$': Shift, '@': Ctrl | Shift}[final]
		if k := numbered(a.at(0, 0)); k != noKey {
			p.emit(k.press(mod | extra))
		}
	case 'u':
		p.emit(runeKey(rune(a.at(0, 0)), mod))
	case 'a', 'b', 'c', 'd':
		if a.n == 0 {
			p.emit(lettered(final - 'a' + 'A').press(mod | Shift))
		}
	case 'R':
		if a.n == 0 { // else it is the position of the cursor
			p.emit((f1 + 2).press(mod))
		}
	default:
		if k := lettered(final); k != noKey {
			p.emit(k.press(mod))
		}
	}
}

// tilde takes CSI … ~: a numbered key, a paste, or a key by its sign.
func (p *parser) tilde(a *params, mod Mod) {
	switch n := a.at(0, 0); n {
	case 200:
		p.enter(inPaste, false)
	case 27:
		if a.n == 3 {
			p.emit(runeKey(rune(a.val[2]), mod))
		}
	default:
		if k := numbered(n); k != noKey {
			p.emit(k.press(mod))
		}
	}
}

// numbered are the keys CSI number ~.
func numbered(n int) special {
	switch {
	case n == 1 || n == 7:
		return home
	case n == 2:
		return insert
	case n == 3:
		return del
	case n == 4 || n == 8:
		return end
	case n == 5:
		return pgup
	case n == 6:
		return pgdown
	case n >= 11 && n <= 34:
		// 16, 22, 27 and 30 are gaps.
		at := [...]int8{1, 2, 3, 4, 5, 0, 6, 7, 8, 9, 10, 0, 11, 12, 13, 14, 0, 15, 16, 0, 17, 18, 19, 20}[n-11]
		if at > 0 {
			return f1 + special(at-1)
		}
	}
	return noKey
}

// lettered are the keys CSI letter and SS3 letter.
func lettered(c byte) special {
	switch c {
	case 'A':
		return up
	case 'B':
		return down
	case 'C':
		return right
	case 'D':
		return left
	case 'E':
		return begin
	case 'F':
		return end
	case 'H':
		return home
	case 'P', 'Q', 'R', 'S':
		return f1 + special(c-'P')
	}
	return noKey
}

// ss3Byte takes a byte after ESC O: perhaps digits of modifiers, then a letter.
func (p *parser) ss3Byte(c byte) {
	if c >= '0' && c <= '9' && len(p.seq) < 2 {
		p.seq = append(p.seq, c)
		return
	}
	var a params
	a.parse(p.seq)
	mod, _ := a.mod(0)
	mod |= p.mod()
	switch k := lettered(c); {
	case k != noKey:
		p.emit(k.press(mod))
	case c == 'M':
		p.emit(enter.press(mod))
	case c == 'I':
		p.emit(tab.press(mod))
	case c == 'X':
		p.emit(runeKey('=', mod))
	case c >= 'a' && c <= 'd':
		p.emit(lettered(c - 'a' + 'A').press(mod | Ctrl))
	case c >= 'j' && c <= 'y':
		p.emit(runeKey(rune("*+,-./0123456789"[c-'j']), mod))
	default:
		if len(p.seq) == 0 {
			p.prefixKey('O')
		}
		p.reset()
		p.text(c, false)
		return
	}
	p.reset()
}

// endString takes a complete string: only graphics and the background colour mean
// something here.
func (p *parser) endString() {
	if p.kind == '_' && !p.over && bytes.HasPrefix(p.seq, []byte("Gi=31;OK")) {
		p.emit(kittyAnswer{})
	}
	if p.kind != ']' || p.over {
		return
	}
	if dark, ok := background(p.seq); ok {
		p.emit(BackgroundMsg{Dark: dark})
	}
}

// background reads an answer to OSC 11 ("11;rgb:ffff/ffff/ffff", with one to
// four digits a colour, or "11;#ffffff") and tells whether it is dark.
func background(b []byte) (dark, ok bool) {
	s := string(b)
	if len(s) < 3 || s[:3] != "11;" {
		return false, false
	}
	s = s[3:]
	var rgb [3]float64
	switch {
	case len(s) > 4 && s[:4] == "rgb:":
		s = s[4:]
	case len(s) > 5 && s[:5] == "rgba:":
		s = s[5:]
	case len(s) == 7 && s[0] == '#':
		s = s[1:3] + "/" + s[3:5] + "/" + s[5:]
	default:
		return false, false
	}
	for i := range rgb {
		v, digits := 0, 0
		for ; digits < len(s) && s[digits] != '/'; digits++ {
			h := hex(s[digits])
			if h < 0 || digits == 4 {
				return false, false
			}
			v = v<<4 | h
		}
		if digits == 0 {
			return false, false
		}
		rgb[i] = float64(v) / float64(int(1)<<(4*digits)-1)
		s = s[min(digits+1, len(s)):]
	}
	return 0.299*rgb[0]+0.587*rgb[1]+0.114*rgb[2] < 0.5, true
}

func hex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
