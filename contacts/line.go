package contacts

import (
	"bytes"
	"encoding/binary"
	"io"
	"mime/quotedprintable"
	"net/url"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/emersion/go-vcard"
	"golang.org/x/text/encoding/htmlindex"
)

// normalise turns vCards of any version, as programs write them, into lines that
// the decoder of go-vcard reads without loss: one card after the other, each
// line unfolded and in UTF-8, every parameter with a name and percent-encoded,
// quoted-printable undone, and each backslash of a value doubled, so that the
// decoder hands the value on as it stood. Cards inside cards (AGENT) come out
// of them.
func normalise(data []byte) []byte {
	var out bytes.Buffer
	inCard, agent := false, 0
	for _, line := range logicalLines(asBytes(data)) {
		p, ok := parseLine(line)
		if !ok {
			continue
		}
		isCard := strings.EqualFold(strings.TrimSpace(p.value), "VCARD")
		switch {
		case p.name == "BEGIN" && isCard && inCard && agent > 0:
			agent++ // the card of the agent: passed over
		case p.name == "END" && isCard && agent > 1:
			if agent--; agent == 1 {
				agent = 0
			}
		case agent > 1:
		case p.name == "BEGIN" && isCard:
			if inCard { // its end is missing
				out.WriteString("END:VCARD\r\n")
			}
			out.WriteString("BEGIN:VCARD\r\n")
			inCard = true
		case !inCard:
		case p.name == "END":
			if isCard {
				out.WriteString("END:VCARD\r\n")
				inCard = false
			}
		case p.name == "AGENT":
			if strings.TrimSpace(p.value) == "" {
				agent = 1
			}
		default:
			agent = 0
			p.write(&out)
		}
	}
	if inCard {
		out.WriteString("END:VCARD\r\n")
	}
	return out.Bytes()
}

// asBytes drops a byte order mark, decodes UTF-16 and makes line feeds of line
// ends.
func asBytes(b []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(b, []byte{0xEF, 0xBB, 0xBF}):
		b = b[3:]
	case bytes.HasPrefix(b, []byte{0xFF, 0xFE}):
		order = binary.LittleEndian
	case bytes.HasPrefix(b, []byte{0xFE, 0xFF}):
		order = binary.BigEndian
	}
	if order != nil {
		var units []uint16
		for b = b[2:]; len(b) > 1; b = b[2:] {
			units = append(units, order.Uint16(b))
		}
		b = []byte(string(utf16.Decode(units)))
	}
	b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(b, []byte("\r"), []byte("\n"))
}

// logicalLines joins what was folded, the soft breaks of quoted-printable, and
// lines of a picture that were broken without being folded.
func logicalLines(b []byte) [][]byte {
	var lines [][]byte
	soft, picture := false, false
	seen, coded := 0, false // how much of the line was searched for the colon; its value is quoted-printable
	for raw := range bytes.SplitSeq(b, []byte("\n")) {
		n := len(lines) - 1
		switch {
		case soft:
			lines[n] = append(lines[n][:len(lines[n])-1], raw...)
		case n >= 0 && len(raw) > 0 && (raw[0] == ' ' || raw[0] == '\t'):
			lines[n] = append(lines[n], raw[1:]...)
		case picture && isBase64(raw):
			lines[n] = append(lines[n], raw...)
		case len(bytes.TrimSpace(raw)) == 0:
			picture = false
			continue
		default:
			lines = append(lines, bytes.Clone(raw))
			picture = hasEncoding(raw, "BASE64") || hasEncoding(raw, "=B")
			seen, coded = 0, false
		}
		line := lines[len(lines)-1]
		if seen >= 0 { // each byte is looked at once, however many lines there are
			if i := bytes.IndexByte(line[seen:], ':'); i >= 0 {
				coded, seen = hasEncoding(line, "QUOTED-PRINTABLE"), -1
			} else {
				seen = len(line)
			}
		}
		soft = coded && bytes.HasSuffix(line, []byte("="))
	}
	return lines
}

// hasEncoding looks for an encoding among the parameters of a line.
func hasEncoding(line []byte, name string) bool {
	head, _, _ := bytes.Cut(line, []byte(":"))
	for p := range strings.SplitSeq(strings.ToUpper(string(head)), ";") {
		if strings.HasSuffix(p, name) {
			return true
		}
	}
	return false
}

func isBase64(b []byte) bool {
	b = bytes.TrimSpace(b)
	for _, c := range b {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '+' && c != '/' && c != '=' {
			return false
		}
	}
	return len(b) > 0
}

// rawLine is a line with its value as it stands, but in UTF-8.
type rawLine struct {
	group, name string
	params      []param
	value       string
}

type param struct{ name, value string }

func (p rawLine) param(name string) string {
	for _, q := range p.params {
		if q.name == name {
			return q.value
		}
	}
	return ""
}

// parseLine reads one line. What has no name or no value is none.
func parseLine(line []byte) (rawLine, bool) {
	end := bytes.IndexAny(line, ":;")
	if end < 1 {
		return rawLine{}, false
	}
	p := rawLine{name: strings.ToUpper(strings.TrimSpace(string(line[:end])))}
	if i := strings.LastIndexByte(p.name, '.'); i >= 0 {
		p.group, p.name = clean(p.name[:i]), p.name[i+1:]
	}
	if p.name = clean(p.name); p.name == "" {
		return rawLine{}, false
	}
	rest := line[end:]
	for len(rest) > 0 && rest[0] == ';' {
		rest = p.parseParam(rest[1:])
	}
	if len(rest) == 0 {
		return rawLine{}, false
	}
	p.value = decodeValue(rest[1:], p.param("ENCODING"), p.param("CHARSET"))
	return p, true
}

// clean leaves what may stand in a name.
func clean(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return -1
	}, name)
}

// isEncoding tells the encodings that vCard 2.1 writes without a name.
func isEncoding(s string) bool {
	switch strings.ToUpper(s) {
	case "QUOTED-PRINTABLE", "BASE64", "8BIT", "7BIT":
		return true
	}
	return false
}

// parseParam reads a parameter with all its values and returns what follows,
// which begins with a semicolon or a colon or is nothing. Types go without a
// name in vCard 2.1.
func (p *rawLine) parseParam(s []byte) []byte {
	end := bytes.IndexAny(s, "=;:")
	if end < 0 {
		return nil
	}
	name := strings.ToUpper(strings.TrimSpace(string(s[:end])))
	if s[end] != '=' {
		value := strings.TrimSpace(string(s[:end]))
		switch {
		case isEncoding(value):
			p.params = append(p.params, param{"ENCODING", value})
		case value != "":
			p.params = append(p.params, param{"TYPE", toUTF8([]byte(value), "")})
		}
		return s[end:]
	}
	rest := s[end+1:]
	name = clean(name)
	for {
		var v []byte
		if len(rest) > 0 && rest[0] == '"' {
			end = bytes.IndexByte(rest[1:], '"')
			if end < 0 {
				return nil
			}
			v, rest = rest[1:end+1], rest[end+2:]
			if end = bytes.IndexAny(rest, ",;:"); end < 0 {
				return nil
			}
			rest = rest[end:]
		} else {
			if end = bytes.IndexAny(rest, ",;:"); end < 0 {
				return nil
			}
			v, rest = rest[:end], rest[end:]
		}
		if name != "" {
			p.params = append(p.params, param{name, caret.Replace(strings.TrimSpace(toUTF8(v, "")))})
		}
		if rest[0] != ',' {
			return rest
		}
		rest = rest[1:]
	}
}

// caret undoes RFC 6868.
var caret = strings.NewReplacer("^n", "\n", "^'", `"`, "^^", "^")

// decodeValue undoes the encoding of vCard 2.1 and the charset. A line break
// inside becomes an escaped one.
func decodeValue(v []byte, encoding, charset string) string {
	if strings.EqualFold(encoding, "QUOTED-PRINTABLE") {
		// What breaks off is kept as far as it goes.
		if b, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(v))); err == nil || len(b) > 0 {
			v = b
		}
	}
	s := tidy(toUTF8(v, charset))
	return strings.ReplaceAll(s, "\n", `\n`)
}

// toUTF8 decodes by the charset. What is UTF-8 already stays; what says nothing
// counts as Windows-1252.
func toUTF8(b []byte, charset string) string {
	ascii := !bytes.ContainsFunc(b, func(r rune) bool { return r >= utf8.RuneSelf })
	if utf8.Valid(b) && (!ascii || charset == "" || strings.EqualFold(charset, "utf-8")) {
		return string(b)
	}
	if charset == "" || strings.EqualFold(charset, "utf-8") {
		charset = "windows-1252"
	}
	if enc, err := htmlindex.Get(charset); err == nil {
		if out, err := enc.NewDecoder().Bytes(b); err == nil {
			return string(out)
		}
	}
	return strings.ToValidUTF8(string(b), "\uFFFD")
}

// write puts the line into the form that normalise promises.
func (p rawLine) write(out *bytes.Buffer) {
	if p.group != "" {
		out.WriteString(p.group + ".")
	}
	out.WriteString(p.name)
	for _, q := range p.params {
		if q.name != "CHARSET" && !strings.EqualFold(q.value, "QUOTED-PRINTABLE") {
			out.WriteString(";" + q.name + "=" + url.QueryEscape(q.value))
		}
	}
	out.WriteString(":" + strings.ReplaceAll(p.value, `\`, `\\`) + "\r\n")
}

// field is a property of a card that was read.
type field struct{ *vcard.Field }

// params are all values of a parameter.
func (f field) params(name string) []string {
	var out []string
	for _, v := range f.Params[name] {
		if s, err := url.QueryUnescape(v); err == nil && s != "" {
			out = append(out, s)
		}
	}
	return out
}

func (f field) param(name string) string {
	if v := f.params(name); len(v) > 0 {
		return v[0]
	}
	return ""
}

// is reports whether one of the types is among those of the field.
func (f field) is(types ...string) bool {
	for _, t := range f.params("TYPE") {
		for _, want := range types {
			// Some put a list into quotes; X-Type is what others call Type.
			for part := range strings.SplitSeq(t, ",") {
				part = strings.ToLower(strings.TrimSpace(part))
				if part == want || part == "x-"+want {
					return true
				}
			}
		}
	}
	return false
}

func (f field) text() string { return unescape(f.Value) }

// parts cuts the value at a separator that is not escaped.
func (f field) parts(sep byte) []string {
	var out []string
	start := 0
	for i := 0; i <= len(f.Value); i++ {
		switch {
		case i == len(f.Value) || f.Value[i] == sep:
			out = append(out, f.Value[start:i])
			start = i + 1
		case f.Value[i] == '\\' && i+1 < len(f.Value):
			i++
		}
	}
	return out
}

// unescape undoes the backslashes of a text (RFC 6350 3.4).
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
		switch s[i] {
		case 'n', 'N':
			b.WriteByte('\n')
		case '\\', ',', ';', ':':
			b.WriteByte(s[i])
		default: // a backslash that escapes nothing
			b.WriteByte('\\')
			b.WriteByte(s[i])
		}
	}
	return b.String()
}
