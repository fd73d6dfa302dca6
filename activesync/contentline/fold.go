package contentline

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// Lines are the lines of a file as they were before they were folded. The soft
// breaks of quoted-printable are joined too, and lines of a picture that were
// broken without being folded. Charsets other than UTF-16 are left to Parse.
func Lines(data []byte) []string {
	var lines []string
	var line []byte                             // that is put together
	seen := 0                                   // how much of it was searched for the colon
	coded, soft, picture := false, false, false // its value is quoted-printable; it ended in a soft break; it is Base64
	flush := func() {
		if len(line) > 0 {
			lines = append(lines, string(line))
		}
	}
	for raw := range bytes.SplitSeq(plain(data), []byte("\n")) {
		switch {
		case soft:
			line = append(line[:len(line)-1], raw...)
		case len(line) > 0 && len(raw) > 0 && (raw[0] == ' ' || raw[0] == '\t'):
			line = append(line, raw[1:]...)
		case picture && isBase64(raw):
			line = append(line, raw...)
		case len(bytes.TrimSpace(raw)) == 0:
			picture = false
			continue
		default:
			flush()
			line = append(line[:0], raw...)
			seen, coded, picture = 0, false, hasEncoding(raw, "BASE64") || hasEncoding(raw, "=B")
		}
		if seen >= 0 { // each byte is looked at once, however many lines there are
			if i := bytes.IndexByte(line[seen:], ':'); i >= 0 {
				coded, seen = hasEncoding(line, "QUOTED-PRINTABLE"), -1
			} else {
				seen = len(line)
			}
		}
		soft = coded && bytes.HasSuffix(line, []byte("="))
	}
	flush()
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

// Fold writes a line, broken after 75 octets but never inside a character, and
// ends it in CRLF. The line must hold no line end.
func Fold(b *bytes.Buffer, line string) {
	for room := 75; len(line) > room; room = 74 { // the blank counts
		cut := room
		for cut > 1 && !utf8.RuneStart(line[cut]) {
			cut--
		}
		b.WriteString(line[:cut] + "\r\n ")
		line = line[cut:]
	}
	b.WriteString(line + "\r\n")
}
