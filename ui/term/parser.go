package term

import (
	"bytes"
	"time"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"
)

// parser turns the bytes of a terminal into messages, one byte at a time, so
// how they are split over calls of feed makes no difference. Only time does:
// when bytes stay away for as long as wait says, expire decides what the ones
// so far were.
type parser struct {
	state inputState
	seq   []byte // of the sequence, string, rune or paste so far
	alt   bool   // an ESC came before
	kind  byte   // of the string: ] P X ^ _
	over  bool   // more came than is kept
	tail  int    // how many bytes of the end of a paste were seen
	found []tea.Msg
}

type inputState uint8

const (
	ground    inputState = iota
	inESC                // after ESC
	inESC2               // after ESC ESC
	inCSI                // after ESC [
	inConsole            // after ESC [ [, the function keys of the Linux console
	inX10                // after ESC [ M, in the three bytes of an old mouse report
	inSkip               // in a CSI sequence that is too long
	inSS3                // after ESC O
	inRune               // in a UTF-8 sequence
	inString             // in OSC, DCS, SOS, PM or APC
	inEnd                // after an ESC in a string
	inPaste              // between CSI 200~ and CSI 201~
)

const (
	escWait    = 25 * time.Millisecond  // after ESC: a key by itself, or the first byte of one
	prefixWait = 100 * time.Millisecond // after ESC [ and its like: hardly ever a key
	brokenWait = time.Second            // in a sequence that does not end

	maxCSI    = 256
	maxString = 64 << 10
	maxPaste  = 64 << 20
	pasteEnd  = "\x1b[201~"
)

// answered says that the terminal answered the last of our questions.
type answered struct{ sixel bool }

// feed takes bytes and gives the messages that they complete. The slice is
// valid until the next call.
func (p *parser) feed(b []byte) []tea.Msg {
	clear(p.found)
	p.found = p.found[:0]
	for len(b) > 0 {
		if p.state == inPaste {
			b = p.paste(b)
			continue
		}
		p.step(b[0])
		b = b[1:]
	}
	return p.found
}

// wait is how long to wait for more bytes before expire, 0 for ever.
func (p *parser) wait() time.Duration {
	switch p.state {
	case ground, inPaste:
		return 0
	case inESC, inESC2:
		return escWait
	case inCSI, inSS3, inString:
		if len(p.seq) == 0 {
			return prefixWait
		}
	}
	return brokenWait
}

// expire ends what is incomplete: a prefix was a key, the rest is dropped.
func (p *parser) expire() []tea.Msg {
	clear(p.found)
	p.found = p.found[:0]
	fresh := len(p.seq) == 0
	switch state := p.state; {
	case state == inPaste:
		return nil
	case state == inESC:
		p.emit(esc.press(0))
	case state == inESC2:
		p.emit(esc.press(0))
		p.emit(esc.press(0))
	case state == inCSI && fresh:
		p.prefixKey('[')
	case state == inSS3 && fresh:
		p.prefixKey('O')
	case state == inString && fresh:
		p.prefixKey(p.kind)
	}
	p.reset()
	return p.found
}

// prefixKey emits alt with a sign that might have begun a sequence.
func (p *parser) prefixKey(c byte) {
	if p.alt {
		p.emit(esc.press(0))
	}
	p.emit(runeKey(rune(c), Alt))
}

func (p *parser) emit(m tea.Msg) {
	if m != nil {
		p.found = append(p.found, m)
	}
}

func (p *parser) reset() { p.enter(ground, false) }

func (p *parser) enter(s inputState, alt bool) {
	p.state, p.alt, p.over, p.tail = s, alt, false, 0
	p.seq = p.seq[:0]
}

func (p *parser) mod() Mod {
	if p.alt {
		return Alt
	}
	return 0
}

// step takes one byte, in any state but inPaste.
func (p *parser) step(c byte) {
	switch p.state {
	case ground:
		p.text(c, false)
	case inESC:
		p.escape(c)
	case inESC2:
		p.escape2(c)
	case inCSI:
		p.csiByte(c)
	case inConsole:
		p.reset()
		if c >= 'A' && c <= 'E' {
			p.emit((f1 + special(c-'A')).press(0))
		} else {
			p.text(c, false)
		}
	case inX10:
		if p.seq = append(p.seq, c); len(p.seq) == 3 {
			p.emit(x10Mouse(p.seq))
			p.reset()
		}
	case inSkip:
		if c == 0x1b || c < ' ' {
			p.reset()
			p.text(c, false)
		} else if c >= 0x40 && c < 0x7f {
			p.reset()
		}
	case inSS3:
		p.ss3Byte(c)
	case inRune:
		p.runeByte(c)
	case inString:
		p.stringByte(c)
	case inEnd:
		if c == '\\' {
			p.endString()
			p.reset()
		} else {
			p.enter(inESC, false)
			p.escape(c)
		}
	}
}

// text takes a byte outside of sequences.
func (p *parser) text(c byte, alt bool) {
	p.enter(ground, alt)
	switch {
	case c == 0x1b:
		p.enter(inESC, false)
	case c < ' ' || c == 0x7f:
		p.emit(tea.KeyMsg{Type: tea.KeyType(c), Alt: alt})
	case c < utf8.RuneSelf:
		p.emit(runeKey(rune(c), p.mod()))
	case c >= 0xc2 && c <= 0xf4:
		p.enter(inRune, alt)
		p.seq = append(p.seq, c)
	}
}

func (p *parser) escape(c byte) {
	switch c {
	case '[':
		p.enter(inCSI, false)
	case 'O':
		p.enter(inSS3, false)
	case ']', 'P', 'X', '^', '_':
		p.enter(inString, false)
		p.kind = c
	case 0x1b:
		p.enter(inESC2, false)
	default:
		p.text(c, true)
	}
}

func (p *parser) escape2(c byte) {
	switch c {
	case '[':
		p.enter(inCSI, true)
	case 'O':
		p.enter(inSS3, true)
	default:
		p.emit(esc.press(0))
		p.enter(inESC, false)
		p.escape(c)
	}
}

func (p *parser) runeByte(c byte) {
	if c&0xc0 != 0x80 {
		p.reset() // the rune was cut short
		p.text(c, false)
		return
	}
	p.seq = append(p.seq, c)
	if !utf8.FullRune(p.seq) {
		return
	}
	r, n := utf8.DecodeRune(p.seq)
	if r != utf8.RuneError || n > 1 {
		p.emit(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}, Alt: p.alt})
	}
	p.reset()
}

func (p *parser) stringByte(c byte) {
	switch {
	case c == 0x1b:
		p.state = inEnd
	case c == 0x07 && p.kind == ']':
		p.endString()
		p.reset()
	case c < ' ':
		// Answers hold no control characters: this is a key.
		p.reset()
		p.text(c, false)
	case len(p.seq) < maxString:
		p.seq = append(p.seq, c)
	default:
		p.over = true
	}
}

// paste takes bytes of a paste and returns those after its end.
func (p *parser) paste(b []byte) []byte {
	for len(b) > 0 {
		if p.tail == 0 {
			i := bytes.IndexByte(b, 0x1b)
			if i < 0 {
				i = len(b)
			}
			p.keep(b[:i])
			if b = b[i:]; len(b) == 0 {
				return nil
			}
		}
		switch c := b[0]; {
		case c == pasteEnd[p.tail]:
			p.tail++
			b = b[1:]
			if p.tail == len(pasteEnd) {
				p.emit(pasted(p.seq))
				if cap(p.seq) > maxString {
					p.seq = nil
				}
				p.reset()
				return b
			}
		default:
			p.keep([]byte(pasteEnd[:p.tail]))
			p.tail = 0
		}
	}
	return nil
}

func (p *parser) keep(b []byte) {
	p.seq = append(p.seq, b[:min(len(b), maxPaste-len(p.seq))]...)
}

// pasted makes the message of a paste: line ends become line feeds, tabs stay,
// other control characters go. Nil when nothing is left.
func pasted(b []byte) tea.Msg {
	runes := make([]rune, 0, utf8.RuneCount(b))
	for i := 0; i < len(b); {
		if c := b[i]; c < utf8.RuneSelf {
			i++
			switch {
			case c == '\r':
				runes = append(runes, '\n')
				if i < len(b) && b[i] == '\n' {
					i++
				}
			case c == '\n' || c == '\t' || c >= ' ' && c < 0x7f:
				runes = append(runes, rune(c))
			}
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		i += n
		if r >= 0xa0 {
			runes = append(runes, r)
		}
	}
	if len(runes) == 0 {
		return nil
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: runes, Paste: true}
}
