package message

import (
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
	"unicode/utf16"
)

// errRTF: the compressed text is damaged.
var errRTF = errors.New("the RTF text is damaged")

// rtfDictionary is what the window of the compression holds at its start
// (MS-OXRTFCP 2.1.2.1).
const rtfDictionary = `{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0` +
	"\r\n" + `\par \pard\plain\f0\fs20\b\i\u\tab\tx`

const (
	rtfCompressed = 0x75465A4C // "LZFu"
	rtfPlain      = 0x414C454D // "MELA"
	// rtfLimit bounds the text: a few bytes may stand for very many.
	rtfLimit = 64 << 20
)

// DecompressRTF unpacks the RTF of a MAPI message (MS-OXRTFCP). Where it is cut
// off or damaged it gives what could be read with an error.
func DecompressRTF(b []byte) ([]byte, error) {
	if len(b) < 16 {
		return nil, errRTF
	}
	raw, kind := int(binary.LittleEndian.Uint32(b[4:])), binary.LittleEndian.Uint32(b[8:])
	b = b[16:]
	switch kind {
	case rtfPlain:
		return b[:min(len(b), max(raw, 0))], nil
	case rtfCompressed:
	default:
		return nil, errRTF
	}
	var window [4096]byte
	at := copy(window[:], rtfDictionary)
	var out []byte
	put := func(c byte) {
		window[at&4095] = c
		at++
		out = append(out, c)
	}
	for len(b) > 0 && len(out) < rtfLimit {
		flags := b[0]
		b = b[1:]
		for bit := 0; bit < 8; bit++ {
			if flags>>bit&1 == 0 {
				if len(b) == 0 {
					return out, errRTF
				}
				put(b[0])
				b = b[1:]
				continue
			}
			if len(b) < 2 {
				return out, errRTF
			}
			ref := binary.BigEndian.Uint16(b)
			b = b[2:]
			from, n := int(ref>>4), int(ref&15)+2
			if from == at&4095 {
				return out, nil // the end
			}
			for i := range n {
				put(window[(from+i)&4095])
			}
		}
	}
	return out, errRTF
}

// ReadRTF gives the text of RTF: the HTML it was made from where it carries
// that (MS-OXRTFEX), else its words.
func ReadRTF(b []byte) (text string, isHTML bool) {
	r := &rtfReader{b: b, isHTML: strings.Contains(string(b[:min(len(b), 4096)]), `\fromhtml`), codepage: "windows-1252"}
	r.groups = []rtfGroup{{skipUnicode: 1}}
	r.read()
	r.flush()
	return r.out.String(), r.isHTML
}

// rtfGroup is what { saves and } brings back.
type rtfGroup struct {
	ignored     bool // a destination whose text is no text
	htmlTag     bool // \*\htmltag: what is in it is HTML
	htmlOff     bool // \htmlrtf: RTF that stands for an HTML tag given elsewhere
	skipUnicode int  // how many letters stand in for a \u
}

type rtfReader struct {
	b        []byte
	isHTML   bool
	codepage string
	groups   []rtfGroup
	out      strings.Builder
	bytes    []byte   // letters of the code page not yet decoded
	units    []uint16 // of \u not yet decoded
	skip     int      // letters to pass over after a \u
}

func (r *rtfReader) group() *rtfGroup { return &r.groups[len(r.groups)-1] }

func (r *rtfReader) read() {
	for i := 0; i < len(r.b) && r.out.Len() < rtfLimit; {
		switch c := r.b[i]; c {
		case '{':
			i++
			if len(r.groups) < 1000 {
				r.groups = append(r.groups, *r.group())
			}
			if strings.HasPrefix(string(r.b[i:min(i+3, len(r.b))]), `\*\`) && !strings.HasPrefix(string(r.b[i+2:min(i+20, len(r.b))]), `\htmltag`) {
				r.group().ignored = true
			}
		case '}':
			i++
			r.flush()
			if len(r.groups) > 1 {
				r.groups = r.groups[:len(r.groups)-1]
			}
		case '\\':
			i = r.control(i + 1)
		case '\r', '\n':
			i++
		default:
			i++
			r.letter(c)
		}
	}
}

// control reads what follows a backslash and gives where to go on.
func (r *rtfReader) control(i int) int {
	if i >= len(r.b) {
		return i
	}
	c := r.b[i]
	switch {
	case c == '\'':
		if i+2 < len(r.b) {
			if n, err := strconv.ParseUint(string(r.b[i+1:i+3]), 16, 8); err == nil {
				r.letter(byte(n))
			}
			return i + 3
		}
		return len(r.b)
	case c == '*':
		return i + 1
	case c == '~':
		r.word("\u00a0")
		return i + 1
	case c == '\r' || c == '\n':
		r.word("\n")
		return i + 1
	case !letterRTF(c):
		r.letter(c)
		return i + 1
	}
	start := i
	for i < len(r.b) && letterRTF(r.b[i]) {
		i++
	}
	name := string(r.b[start:i])
	start = i
	for i < len(r.b) && (r.b[i] >= '0' && r.b[i] <= '9' || r.b[i] == '-' && i == start) {
		i++
	}
	number, err := strconv.Atoi(string(r.b[start:i]))
	has := err == nil
	if i < len(r.b) && r.b[i] == ' ' {
		i++
	}
	if name == "bin" && has && number > 0 {
		return i + min(number, len(r.b)-i)
	}
	r.command(name, number, has)
	return i
}

func letterRTF(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func (r *rtfReader) command(name string, number int, has bool) {
	g := r.group()
	switch name {
	case "htmltag":
		g.htmlTag, g.ignored = true, false
	case "htmlrtf":
		r.flush()
		g.htmlOff = !has || number != 0
	case "fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "header", "footer", "listtable", "filetbl", "generator", "mmathPr", "themedata":
		g.ignored = true
	case "ansicpg":
		r.codepage = codePage(number)
	case "uc":
		g.skipUnicode = max(number, 0)
	case "u":
		r.unicode(number)
	case "par", "line", "row", "sect", "page":
		r.word("\n")
	case "tab", "cell":
		r.word("\t")
	case "lquote":
		r.word("‘")
	case "rquote":
		r.word("’")
	case "ldblquote":
		r.word("“")
	case "rdblquote":
		r.word("”")
	case "bullet":
		r.word("•")
	case "endash":
		r.word("–")
	case "emdash":
		r.word("—")
	}
}

// shown reports whether text here belongs to the message.
func (r *rtfReader) shown() bool {
	g := r.group()
	return !g.ignored && (!r.isHTML || g.htmlTag || !g.htmlOff)
}

func (r *rtfReader) letter(c byte) {
	if r.skip > 0 {
		r.skip--
		return
	}
	if r.shown() {
		if len(r.units) > 0 {
			r.flush()
		}
		r.bytes = append(r.bytes, c)
	}
}

func (r *rtfReader) word(s string) {
	r.skip = 0
	if r.shown() {
		r.flush()
		r.out.WriteString(s)
	}
}

func (r *rtfReader) unicode(n int) {
	r.skip = 0
	if r.shown() {
		if len(r.bytes) > 0 {
			r.flush()
		}
		r.units = append(r.units, uint16(n))
	}
	r.skip = r.group().skipUnicode
}

// flush decodes what was collected.
func (r *rtfReader) flush() {
	if len(r.bytes) > 0 {
		s, _ := toUTF8(r.codepage, r.bytes)
		r.out.WriteString(s)
		r.bytes = r.bytes[:0]
	}
	if len(r.units) > 0 {
		r.out.WriteString(string(utf16.Decode(r.units)))
		r.units = r.units[:0]
	}
}
