package message

import (
	"bytes"
	"net/mail"
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

// Header is the header of a message or a part: fields in order, values
// unfolded but not decoded.
type Header struct{ fields []headerField }

type headerField struct{ name, value string }

// Get is the first value of a field, decoded to one line of UTF-8.
func (h Header) Get(name string) string { return decodeWords(h.Raw(name)) }

// Raw is the first value of a field as it stands there, unfolded.
func (h Header) Raw(name string) string {
	for _, f := range h.fields {
		if strings.EqualFold(f.name, name) {
			return f.value
		}
	}
	return ""
}

// Has reports whether a field is there.
func (h Header) Has(name string) bool {
	for _, f := range h.fields {
		if strings.EqualFold(f.name, name) {
			return true
		}
	}
	return false
}

// All calls yield with each field, decoded, in order.
func (h Header) All(yield func(name, value string) bool) {
	for _, f := range h.fields {
		if !yield(f.name, decodeWords(f.value)) {
			return
		}
	}
}

// maxHeader bounds a header: what is longer is body.
const maxHeader = 1 << 20

// mboxLine is the length of the line by which a mailbox file tells its messages
// apart.
func mboxLine(b []byte) int {
	if bytes.HasPrefix(b, []byte("From ")) || bytes.HasPrefix(b, []byte(">From ")) {
		return bytes.IndexByte(b, '\n') + 1
	}
	return 0
}

// splitHeader takes the header off the front of b. Lines that are no field
// and no continuation are tolerated: they continue the field before them, or
// are left out.
func splitHeader(b []byte) (h Header, body []byte, broken bool) {
	b = b[mboxLine(b):]
	// The value of a field that goes on is put together apart: copied for each of
	// its lines, that of a long one would take time by the square of its length.
	var long []byte
	end := func() {
		if n := len(h.fields); n > 0 && len(long) > 0 {
			h.fields[n-1].value, long = string(long), long[:0]
		}
	}
	defer end()
	more := func(text []byte) {
		if len(long) == 0 {
			long = append(long, h.fields[len(h.fields)-1].value...)
		}
		long = append(append(long, ' '), bytes.TrimSpace(text)...)
	}
	rest := b
	var lines lineCutter
	for len(rest) > 0 && len(b)-len(rest) < maxHeader {
		line, next := lines.cut(rest)
		text := bytes.TrimRight(line, "\r")
		if len(text) == 0 {
			return h, rest[next:], broken
		}
		name, value, ok := field(text)
		switch {
		case (text[0] == ' ' || text[0] == '\t') && len(h.fields) > 0:
			if len(bytes.TrimSpace(text)) == 0 { // a line of blanks ends the header for many writers
				if next < len(rest) && looksLikeField(rest[next:]) {
					break
				}
				return h, rest[next:], true
			}
			more(text)
		case ok:
			end()
			h.fields = append(h.fields, headerField{name, value})
		case len(h.fields) == 0:
			return h, b, true // no header at all
		default:
			broken = true
			if looksLikeField(rest[next:]) {
				more(text)
				break
			}
			return h, rest, true // the blank line is missing
		}
		rest = rest[next:]
	}
	return h, rest, broken
}

// lineCutter finds the lines of a header. They end with LF, or where none follows
// any more, but several CR, with CR. It looks through what follows once, not for
// each line.
type lineCutter struct {
	noLF bool // once there is none left
	bare bool // then: CR ends lines
}

// cut gives the first line of rest, and where the next one begins.
func (c *lineCutter) cut(rest []byte) (line []byte, next int) {
	if !c.noLF {
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			return rest[:i], i + 1
		}
		c.noLF, c.bare = true, bytes.Count(rest, []byte("\r")) > 2
	}
	if i := bytes.IndexByte(rest, '\r'); c.bare && i >= 0 {
		return rest[:i], i + 1
	}
	return rest, len(rest)
}

// looksLikeField looks at the first line of b, of which the start is enough.
func looksLikeField(b []byte) bool {
	if len(b) == 0 {
		return false
	}
	line, _, _ := bytes.Cut(b[:min(len(b), 1000)], []byte("\n"))
	_, _, ok := field(bytes.TrimRight(line, "\r"))
	return ok || len(bytes.TrimSpace(line)) == 0
}

func field(line []byte) (name, value string, ok bool) {
	i := bytes.IndexByte(line, ':')
	if i <= 0 || i > 200 {
		return "", "", false
	}
	n := bytes.TrimRight(line[:i], " \t")
	for _, c := range n {
		if c <= ' ' || c >= 0x7F {
			return "", "", false
		}
	}
	return string(n), string(bytes.TrimSpace(line[i+1:])), len(n) > 0
}

// decodeWords decodes RFC 2047 encoded words, also where they stand without
// blanks around them, inside quotes, or cut in the middle of a character, and
// raw 8-bit text.
func decodeWords(s string) string {
	if !strings.Contains(s, "=?") {
		return oneLine(guess([]byte(s)))
	}
	var out strings.Builder
	var run []byte // decoded bytes of adjacent words of one charset
	label := ""
	flush := func() {
		if len(run) > 0 {
			t, _ := toUTF8(label, run)
			out.WriteString(t)
			run = nil
		}
	}
	rest, last := s, strings.LastIndex(s, "?=")
	for {
		i := strings.Index(rest, "=?")
		if i < 0 || len(s)-len(rest)+i > last { // a word that nothing ends is none
			flush()
			out.WriteString(guess([]byte(rest)))
			break
		}
		word, data, cs, ok := encodedWord(rest[i:])
		between := rest[:i]
		if !ok {
			flush()
			out.WriteString(guess([]byte(rest[:i+2])))
			rest = rest[i+2:]
			continue
		}
		if len(run) == 0 || strings.TrimSpace(between) != "" {
			flush()
			out.WriteString(guess([]byte(between)))
		}
		if len(run) > 0 && !strings.EqualFold(cs, label) {
			flush()
		}
		label = cs
		run = append(run, data...)
		if len(data) == 0 {
			flush()
		}
		rest = rest[i+len(word):]
	}
	return oneLine(out.String())
}

// encodedWord reads the encoded word that s begins with.
func encodedWord(s string) (word string, data []byte, label string, ok bool) {
	parts := strings.SplitN(s[2:], "?", 3)
	if len(parts) < 3 || len(parts[0]) > 60 || len(parts[1]) != 1 || !strings.Contains("BbQq", parts[1]) {
		return "", nil, "", false
	}
	text, _, found := strings.Cut(parts[2], "?=")
	if !found {
		return "", nil, "", false
	}
	word = s[:2+len(parts[0])+1+1+1+len(text)+2]
	if strings.EqualFold(parts[1], "B") {
		return word, lenientBase64([]byte(text)), parts[0], true
	}
	return word, wordQ(text), parts[0], true
}

func wordQ(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '_':
			out = append(out, ' ')
		case c == '=' && i+2 < len(s) && hex(s[i+1]) >= 0 && hex(s[i+2]) >= 0:
			out = append(out, byte(hex(s[i+1])<<4|hex(s[i+2])))
			i += 2
		default:
			out = append(out, c)
		}
	}
	return out
}

func hex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}

func oneLine(s string) string {
	if !strings.ContainsAny(s, "\r\n\t") {
		return strings.TrimSpace(s)
	}
	return strings.TrimSpace(strings.NewReplacer("\r\n", "", "\r", " ", "\n", " ", "\t", " ").Replace(s))
}

// addresses reads a list of addresses with names decoded.
func (h Header) addresses(name string) []activesync.Address {
	raw := h.Raw(name)
	if raw == "" {
		return nil
	}
	list := activesync.ParseAddresses(raw)
	for i := range list {
		list[i].Name = decodeWords(list[i].Name)
		list[i].Address = guess([]byte(list[i].Address))
	}
	return list
}

// date reads the Date of a message in every form that is met, zero where none
// can be made out.
func (h Header) date(name string) time.Time {
	s := strings.TrimSpace(h.Raw(name))
	if s == "" {
		return time.Time{}
	}
	s = namedZone(s)
	if t, err := mail.ParseDate(s); err == nil {
		return t.UTC()
	}
	if i := strings.IndexByte(s, '('); i > 0 {
		s = strings.TrimSpace(s[:i])
	}
	s = strings.Join(strings.Fields(s), " ")
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// namedZone puts the offset for a name of RFC 5322 4.3 at the end of a date
// and drops a comment there. Package time knows the names of its own zone only and takes others for UTC.
func namedZone(s string) string {
	s = strings.TrimSpace(s)
	if i := strings.LastIndexByte(s, '('); i > 0 && s[len(s)-1] == ')' {
		return namedZone(s[:i])
	}
	if i := strings.LastIndexByte(s, ' '); i > 0 {
		if offset, ok := zoneOffsets[strings.ToUpper(s[i+1:])]; ok {
			return s[:i+1] + offset
		}
	}
	return s
}

var zoneOffsets = map[string]string{
	"Z": "+0000", "UT": "+0000", "UTC": "+0000", "GMT": "+0000",
	"EST": "-0500", "EDT": "-0400", "CST": "-0600", "CDT": "-0500", "MST": "-0700", "MDT": "-0600", "PST": "-0800", "PDT": "-0700",
}

var dateLayouts = []string{
	"Mon, 2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 MST", "2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04:05 MST",
	"Mon, 2 Jan 2006 15:04:05", "Mon 2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 06 15:04:05 -0700", "Mon, 2 Jan 06 15:04:05 MST",
	"Mon, 2-Jan-2006 15:04:05 -0700", "Mon, 2 January 2006 15:04:05 -0700", "Mon Jan 2 15:04:05 2006", "Mon Jan 2 15:04:05 MST 2006",
	"Mon, 2 Jan 2006 15:04 -0700", "2006-01-02 15:04:05 -0700", time.RFC3339, "2006-01-02 15:04:05", "Mon, 2 Jan 2006 15.04.05 -0700",
}

// WithoutField is a message in MIME without the fields of that name in its header.
func WithoutField(source []byte, name string) []byte {
	var out []byte
	skip := false
	for rest := source; len(rest) > 0; {
		line := rest
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			line = rest[:i+1]
		}
		if len(bytes.TrimRight(line, "\r\n")) == 0 { // the end of the header
			return append(out, rest...)
		}
		if line[0] != ' ' && line[0] != '\t' {
			field, _, _ := bytes.Cut(line, []byte(":"))
			skip = strings.EqualFold(strings.TrimSpace(string(field)), name)
		}
		if !skip {
			out = append(out, line...)
		}
		rest = rest[len(line):]
	}
	return out
}
