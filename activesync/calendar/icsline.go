package calendar

import (
	"bytes"
	"encoding/binary"
	"io"
	"mime/quotedprintable"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
)

// property is one content line (RFC 5545 3.1) with its value as it stands.
type property struct {
	name   string // upper case
	params map[string][]string
	value  string
}

// param is the first value of a parameter, "" where there is none.
func (p property) param(name string) string {
	if v := p.params[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// text is the value as text.
func (p property) text() string { return unescape(p.value) }

// list are the values between commas, as text.
func (p property) list() []string {
	var out []string
	start := 0
	for i := 0; i <= len(p.value); i++ {
		switch {
		case i == len(p.value) || p.value[i] == ',':
			if s := strings.TrimSpace(unescape(p.value[start:i])); s != "" {
				out = append(out, s)
			}
			start = i + 1
		case p.value[i] == '\\' && i+1 < len(p.value):
			i++
		}
	}
	return out
}

// component is a BEGIN with what stands before its END.
type component struct {
	name     string
	props    []property
	children []*component
}

func (c *component) get(name string) (property, bool) {
	for _, p := range c.props {
		if p.name == name {
			return p, true
		}
	}
	return property{}, false
}

func (c *component) all(name string) []property {
	var out []property
	for _, p := range c.props {
		if p.name == name {
			out = append(out, p)
		}
	}
	return out
}

func (c *component) text(name string) string {
	p, _ := c.get(name)
	return p.text()
}

// maxDepth is how deep components are nested at most; what lies deeper is taken
// as part of the last one.
const maxDepth = 6

// parseComponents reads all components. An END that nothing began is passed
// over, a missing one is thought of.
func parseComponents(data []byte) *component {
	root := &component{}
	stack := []*component{root}
	for _, line := range contentLines(data) {
		p, ok := parseProperty(line)
		if !ok {
			continue
		}
		top := stack[len(stack)-1]
		switch p.name {
		case "BEGIN":
			c := &component{name: strings.ToUpper(strings.TrimSpace(p.value))}
			if len(stack) > maxDepth {
				continue
			}
			top.children = append(top.children, c)
			stack = append(stack, c)
		case "END":
			name := strings.ToUpper(strings.TrimSpace(p.value))
			for i := len(stack) - 1; i > 0; i-- {
				if stack[i].name == name {
					stack = stack[:i]
					break
				}
			}
		default:
			top.props = append(top.props, p)
		}
	}
	return root
}

// contentLines unfolds (RFC 5545 3.1) and joins the soft breaks of
// quoted-printable that vCalendar 1.0 has.
func contentLines(data []byte) []string {
	data = asUTF8(data)
	var lines []string
	var line []byte // that is put together
	seen := 0       // how much of it was searched for the colon
	soft := false   // its value has soft breaks
	open := false   // it ended in one
	begin := func(raw []byte) {
		if len(line) > 0 {
			lines = append(lines, string(line))
		}
		line, seen, soft = append(line[:0], raw...), 0, false
	}
	for raw := range bytes.SplitSeq(bytes.ReplaceAll(data, []byte("\r"), nil), []byte("\n")) {
		switch {
		case open:
			line = append(line[:len(line)-1], raw...)
		case len(line) > 0 && len(raw) > 0 && (raw[0] == ' ' || raw[0] == '\t'):
			line = append(line, raw[1:]...)
		case len(raw) == 0:
			continue
		default:
			begin(raw)
		}
		if seen >= 0 { // each byte is looked at once, however many lines there are
			if i := bytes.IndexByte(line[seen:], ':'); i >= 0 {
				soft = bytes.Contains(bytes.ToUpper(line[:seen+i]), []byte("QUOTED-PRINTABLE"))
				seen = -1
			} else {
				seen = len(line)
			}
		}
		open = soft && bytes.HasSuffix(line, []byte("="))
	}
	begin(nil)
	return lines
}

// asUTF8 drops a byte order mark and decodes UTF-16.
func asUTF8(b []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(b, []byte{0xEF, 0xBB, 0xBF}):
		return b[3:]
	case bytes.HasPrefix(b, []byte{0xFF, 0xFE}):
		order = binary.LittleEndian
	case bytes.HasPrefix(b, []byte{0xFE, 0xFF}):
		order = binary.BigEndian
	default:
		return b
	}
	var units []uint16
	for b = b[2:]; len(b) > 1; b = b[2:] {
		units = append(units, order.Uint16(b))
	}
	return []byte(string(utf16.Decode(units)))
}

// parseProperty reads a content line.
func parseProperty(line string) (property, bool) {
	end := strings.IndexAny(line, ":;")
	if end < 1 {
		return property{}, false
	}
	p := property{name: strings.ToUpper(strings.TrimSpace(line[:end])), params: map[string][]string{}}
	if i := strings.LastIndexByte(p.name, '.'); i >= 0 { // a group, as in vCard
		p.name = p.name[i+1:]
	}
	rest := line[end:]
	for strings.HasPrefix(rest, ";") {
		var name string
		var values []string
		name, values, rest = parseParam(rest[1:])
		// Some close the quotes of the last parameter after the value only.
		if i := len(values) - 1; rest == "" && i >= 0 && strings.LastIndexByte(values[i], ':') > 0 {
			colon := strings.LastIndexByte(values[i], ':')
			values[i], rest = values[i][:colon], values[i][colon:]
		}
		p.params[name] = append(p.params[name], values...)
	}
	if !strings.HasPrefix(rest, ":") {
		return property{}, false
	}
	p.value = decodeLine(rest[1:], p.param("ENCODING"), p.param("CHARSET"))
	return p, true
}

// parseParam reads a parameter up to the next semicolon or colon. One without
// a name, as in vCalendar 1.0, is an encoding or a type.
func parseParam(s string) (name string, values []string, rest string) {
	end := strings.IndexAny(s, "=;:")
	if end < 0 {
		return "TYPE", nil, ""
	}
	name = strings.ToUpper(strings.TrimSpace(s[:end]))
	if s[end] != '=' {
		if name == "QUOTED-PRINTABLE" || name == "BASE64" {
			return "ENCODING", []string{name}, s[end:]
		}
		return "TYPE", []string{name}, s[end:]
	}
	rest = s[end+1:]
	for {
		var v string
		if strings.HasPrefix(rest, `"`) {
			if end = strings.IndexByte(rest[1:], '"'); end < 0 {
				return name, append(values, rest[1:]), ""
			}
			v, rest = rest[1:end+1], rest[end+2:]
			// What follows the quotes up to a separator belongs nowhere.
			if end = strings.IndexAny(rest, ",;:"); end < 0 {
				return name, append(values, v), ""
			}
			rest = rest[end:]
		} else {
			if end = strings.IndexAny(rest, ",;:"); end < 0 {
				return name, append(values, rest), ""
			}
			v, rest = rest[:end], rest[end:]
		}
		values = append(values, caret.Replace(v))
		if !strings.HasPrefix(rest, ",") {
			return name, values, rest
		}
		rest = rest[1:]
	}
}

// caret undoes RFC 6868.
var caret = strings.NewReplacer("^n", "\n", "^'", `"`, "^^", "^")

// decodeLine undoes the encoding that vCalendar 1.0 has, and the charset. What
// is not UTF-8 and does not say what it is counts as Windows-1252.
func decodeLine(value, encoding, charset string) string {
	if strings.EqualFold(encoding, "QUOTED-PRINTABLE") {
		// What breaks off is kept as far as it goes.
		b, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(value)))
		if err == nil || len(b) > 0 {
			// A line break inside is text, and a backslash is one.
			value = strings.NewReplacer("\r\n", `\n`, "\n", `\n`).Replace(string(b))
		}
	}
	if utf8.ValidString(value) && (charset == "" || strings.EqualFold(charset, "utf-8") || isASCII(value)) {
		return value
	}
	if charset == "" || strings.EqualFold(charset, "utf-8") {
		charset = "windows-1252"
	}
	if enc, err := htmlindex.Get(charset); err == nil {
		if s, err := enc.NewDecoder().String(value); err == nil {
			return s
		}
	}
	return strings.ToValidUTF8(value, "\uFFFD")
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// unescape undoes the backslashes of a text (RFC 5545 3.3.11).
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		if s[i] == 'n' || s[i] == 'N' {
			b.WriteByte('\n')
		} else {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// escape is the reverse of unescape.
func escape(s string) string { return escaper.Replace(s) }

var escaper = strings.NewReplacer(`\`, `\\`, ",", `\,`, ";", `\;`, "\r\n", `\n`, "\r", `\n`, "\n", `\n`)
