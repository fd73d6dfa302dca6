package message

import (
	"bytes"
	"encoding/base64"
	"mime"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/ianaindex"
)

// toUTF8 decodes text of a declared charset. Where the declaration is missing
// or unknown, or plainly wrong, valid UTF-8 is taken as such and the rest as
// windows-1252, as browsers do.
func toUTF8(label string, b []byte) (s string, known bool) {
	label = strings.ToLower(strings.Trim(strings.TrimSpace(label), `"'`))
	if i := strings.IndexAny(label, "* ("); i >= 0 { // the language in an encoded word (RFC 2231), or a comment
		label = label[:i]
	}
	switch label {
	case "", "us-ascii", "ascii", "unknown-8bit", "x-unknown", "default", "binary", "_iso-2022-jp$esc":
		return guess(b), label != "x-unknown"
	case "utf-8", "utf8", "unicode-1-1-utf-8":
		return guess(b), true
	case "utf-7", "unicode-1-1-utf-7":
		return utf7(b), true
	}
	if utf8.Valid(b) && !ascii(b) && !stateful(label) {
		// Mislabelled: other charsets rarely make valid UTF-8 by chance.
		return string(b), true
	}
	enc, _ := charset.Lookup(label)
	if enc == nil || enc == encoding.Replacement {
		if e, err := ianaindex.MIME.Encoding(label); err == nil && e != nil {
			enc = e
		} else if e, err := ianaindex.IANA.Encoding(label); err == nil && e != nil {
			enc = e
		} else {
			enc = nil
		}
	}
	if enc == nil {
		return guess(b), false
	}
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil {
		return guess(b), false
	}
	return string(out), true
}

// codePage is the charset that Windows has under a number.
func codePage(n int) string {
	switch n {
	case 65001:
		return "utf-8"
	case 20127:
		return "us-ascii"
	case 932:
		return "shift_jis"
	case 936:
		return "gbk"
	case 949:
		return "euc-kr"
	case 950:
		return "big5"
	case 54936:
		return "gb18030"
	case 20866:
		return "koi8-r"
	case 21866:
		return "koi8-u"
	case 50220, 50221, 50222:
		return "iso-2022-jp"
	case 51932:
		return "euc-jp"
	}
	if n > 28590 && n < 28606 {
		return "iso-8859-" + strconv.Itoa(n-28590)
	}
	return "windows-" + strconv.Itoa(n)
}

// stateful charsets are made of ASCII bytes, or of pairs that can look like
// UTF-8.
func stateful(label string) bool {
	return strings.HasPrefix(label, "iso-2022") || strings.HasPrefix(label, "hz-") || strings.HasPrefix(label, "utf-16") || strings.HasPrefix(label, "utf-32")
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

func guess(b []byte) string {
	b = bytes.TrimPrefix(b, []byte("\xEF\xBB\xBF"))
	if utf8.Valid(b) {
		return string(b)
	}
	if bytes.Contains(b, []byte("\x1b$B")) || bytes.Contains(b, []byte("\x1b$@")) {
		if enc, _ := charset.Lookup("iso-2022-jp"); enc != nil {
			if out, err := enc.NewDecoder().Bytes(b); err == nil {
				return string(out)
			}
		}
	}
	if mostlyUTF8(b) {
		return string(bytes.ToValidUTF8(b, []byte("\uFFFD")))
	}
	out, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return string(bytes.ToValidUTF8(b, []byte("\uFFFD")))
	}
	return string(out)
}

// mostlyUTF8 reports whether most of what is not ASCII is valid UTF-8, as in a
// text that was cut in the middle of a character.
func mostlyUTF8(b []byte) bool {
	good, bad := 0, 0
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && n == 1:
			bad++
		case n > 1:
			good++
		}
		b = b[n:]
	}
	return good > 4*bad
}

// utf7 decodes RFC 2152.
func utf7(b []byte) string {
	var out strings.Builder
	for i := 0; i < len(b); i++ {
		if b[i] != '+' {
			out.WriteString(guess(b[i : i+1]))
			continue
		}
		end := i + 1
		for end < len(b) && (b[end] == '+' || b[end] == '/' || b[end] >= '0' && b[end] <= '9' || b[end]|0x20 >= 'a' && b[end]|0x20 <= 'z') {
			end++
		}
		if end == i+1 { // "+-" is a plus sign
			out.WriteByte('+')
		} else {
			raw := make([]byte, base64.RawStdEncoding.DecodedLen(end-i-1))
			n, _ := base64.RawStdEncoding.Decode(raw, b[i+1:end])
			units := make([]uint16, 0, n/2)
			for j := 0; j+1 < n; j += 2 {
				units = append(units, uint16(raw[j])<<8|uint16(raw[j+1]))
			}
			out.WriteString(string(utf16.Decode(units)))
		}
		i = end - 1
		if end < len(b) && b[end] == '-' {
			i = end
		}
	}
	return out.String()
}

// Text is the content of a file as text: in the charset that its type names, or
// its byte order mark, else as it is guessed.
func Text(b []byte, contentType string) string {
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		s, _ := toUTF8("utf-16le", b[2:])
		return s
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		s, _ := toUTF8("utf-16be", b[2:])
		return s
	}
	if _, params, err := mime.ParseMediaType(contentType); err == nil && params["charset"] != "" {
		if s, known := toUTF8(params["charset"], b); known {
			return s
		}
	}
	return guess(b)
}
