package contentline

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

// plain drops a byte order mark, decodes UTF-16 and makes line feeds of line
// ends.
func plain(b []byte) []byte {
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

// decode undoes the encoding that version 2.1 has, and the charset. A line break
// inside becomes an escaped one.
func decode(value, encoding, charset string) string {
	if strings.EqualFold(encoding, "QUOTED-PRINTABLE") {
		// What breaks off is kept as far as it goes.
		if b, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(value))); err == nil || len(b) > 0 {
			value = string(b)
		}
	}
	return breaks.Replace(toUTF8(value, charset))
}

var breaks = strings.NewReplacer("\r\n", `\n`, "\r", `\n`, "\n", `\n`)

// toUTF8 decodes by the charset. What is UTF-8 already stays; what says nothing
// counts as Windows-1252.
func toUTF8(s, charset string) string {
	unknown := charset == "" || strings.EqualFold(charset, "utf-8")
	if utf8.ValidString(s) && (unknown || strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })) {
		return s
	}
	if unknown {
		charset = "windows-1252"
	}
	if enc, err := htmlindex.Get(charset); err == nil {
		if out, err := enc.NewDecoder().String(s); err == nil {
			return out
		}
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// Split cuts a value at a separator that is not escaped. The parts are escaped
// as they were.
func Split(value string, sep byte) []string {
	var out []string
	start := 0
	for i := 0; i <= len(value); i++ {
		switch {
		case i == len(value) || value[i] == sep:
			out = append(out, value[start:i])
			start = i + 1
		case value[i] == '\\' && i+1 < len(value):
			i++
		}
	}
	return out
}

// Unescape undoes the backslashes of a text (RFC 5545 3.3.11, RFC 6350 3.4).
func Unescape(s string) string {
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
		case '\\', ',', ';', ':', '"':
			b.WriteByte(s[i])
		default: // a backslash that escapes nothing
			b.WriteByte('\\')
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// Escape is the reverse of Unescape, of what Tidy leaves.
func Escape(s string) string { return escaper.Replace(Tidy(s)) }

var escaper = strings.NewReplacer(`\`, `\\`, "\n", `\n`, ",", `\,`, ";", `\;`)

// Tidy makes line feeds of line ends and leaves other control characters out.
func Tidy(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7F {
			return -1
		}
		return r
	}, lineEnds.Replace(strings.ToValidUTF8(s, "\uFFFD")))
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// QuoteParam writes the value of a parameter (RFC 5545 3.2, RFC 6868).
func QuoteParam(s string) string {
	s = carets.Replace(Tidy(s))
	if strings.ContainsAny(s, ",;: ") {
		return `"` + s + `"`
	}
	return s
}

var carets = strings.NewReplacer("^", "^^", `"`, "^'", "\n", "^n")
