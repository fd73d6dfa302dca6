package contacts

import (
	"bytes"
	"io"
	"mime/quotedprintable"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
)

// normalise turns vCards of any version, as programs write them, into lines
// that the decoder understands: unfolded, UTF-8, parameters with names,
// quoted-printable undone.
func normalise(b []byte) []byte {
	s := toUTF8(b)
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	var out bytes.Buffer
	list := strings.Split(s, "\n")
	for i := 0; i < len(list); i++ {
		line := list[i]
		if strings.TrimSpace(line) == "" {
			continue
		}
		head, _, _ := strings.Cut(line, ":")
		qp := strings.Contains(strings.ToUpper(head), "QUOTED-PRINTABLE")
		for i+1 < len(list) {
			next := list[i+1]
			switch {
			case strings.HasPrefix(next, " ") || strings.HasPrefix(next, "\t"):
				line += next[1:]
			case qp && strings.HasSuffix(line, "="):
				line += "\n" + next
			default:
				goto whole
			}
			i++
		}
	whole:
		if l := property(line); l != "" {
			out.WriteString(l + "\r\n")
		}
	}
	return out.Bytes()
}

func toUTF8(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte{0xFF, 0xFE}), bytes.HasPrefix(b, []byte{0xFE, 0xFF}):
		little := b[0] == 0xFF
		var units []uint16
		for i := 2; i+1 < len(b); i += 2 {
			if little {
				units = append(units, uint16(b[i])|uint16(b[i+1])<<8)
			} else {
				units = append(units, uint16(b[i+1])|uint16(b[i])<<8)
			}
		}
		return string(utf16.Decode(units))
	}
	b = bytes.TrimPrefix(b, []byte("\xEF\xBB\xBF"))
	return string(b)
}

// bare are the parameters that vCard 2.1 writes without a name.
var bare = map[string]string{"QUOTED-PRINTABLE": "ENCODING", "BASE64": "ENCODING", "8BIT": "ENCODING", "7BIT": "ENCODING", "B": "ENCODING"}

// property puts one unfolded line into order; "" drops it.
func property(line string) string {
	head, value, ok := cutHead(line)
	if !ok {
		return ""
	}
	parts := splitParams(head)
	name := strings.ToUpper(strings.TrimSpace(parts[0]))
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		name = name[i+1:]
	}
	if name == "" || name == "AGENT" {
		return ""
	}
	charset, encoding := "", ""
	var params []string
	for _, p := range parts[1:] {
		k, v, named := strings.Cut(p, "=")
		k = strings.ToUpper(strings.TrimSpace(k))
		v = strings.Trim(strings.TrimSpace(v), `"`)
		if !named {
			if k == "" {
				continue
			}
			v, k = k, "TYPE"
			if n, ok := bare[strings.ToUpper(v)]; ok {
				k = n
			}
		}
		switch k {
		case "CHARSET":
			charset = v
		case "ENCODING":
			encoding = strings.ToUpper(v)
		default:
			if v != "" {
				params = append(params, k+`=`+strings.NewReplacer(";", "_", ":", "_", `"`, "_", `\`, "_").Replace(v))
			}
		}
	}
	value = decodeValue(value, charset, encoding)
	switch name {
	case "N", "ADR", "ORG":
		value = mark(value, literalSemicolon, ",")
	case "CATEGORIES", "NICKNAME":
		value = mark(value, ";", listComma)
	default:
		value = mark(value, ";", ",")
	}
	if encoding == "BASE64" || encoding == "B" {
		params = append(params, "ENCODING=b")
		value = strings.Join(strings.Fields(value), "")
	}
	for i, p := range params {
		params[i] = ";" + p
	}
	return name + strings.Join(params, "") + ":" + value
}

// cutHead parts a line at the colon that is not inside quotes.
func cutHead(line string) (head, value string, ok bool) {
	quoted := false
	for i := range len(line) {
		switch line[i] {
		case '"':
			quoted = !quoted
		case ':':
			if !quoted {
				return line[:i], line[i+1:], true
			}
		}
	}
	return strings.Cut(line, ":")
}

func splitParams(head string) []string {
	var out []string
	quoted, start := false, 0
	for i := range len(head) {
		switch head[i] {
		case '"':
			quoted = !quoted
		case ';':
			if !quoted {
				out = append(out, head[start:i])
				start = i + 1
			}
		}
	}
	return append(out, head[start:])
}

// mark puts other characters for escaped semicolons and for commas that are
// not escaped.
func mark(s, semicolon, comma string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && s[i+1] == ';':
			b.WriteString(semicolon)
			i++
		case s[i] == '\\' && i+1 < len(s):
			b.WriteString(s[i : i+2])
			i++
		case s[i] == ',':
			b.WriteString(comma)
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// decodeValue undoes quoted-printable and the charset of a value.
func decodeValue(value, charset, encoding string) string {
	b := []byte(value)
	if encoding == "QUOTED-PRINTABLE" {
		if out, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(value))); err == nil {
			b = out
		}
	}
	if charset != "" && !utf8.Valid(b) || isStateful(charset) {
		if enc, err := htmlindex.Get(charset); err == nil {
			if out, err := enc.NewDecoder().Bytes(b); err == nil {
				b = out
			}
		}
	}
	if !utf8.Valid(b) {
		if out, err := charmap.Windows1252.NewDecoder().Bytes(b); err == nil {
			b = out
		}
	}
	s := strings.ReplaceAll(lines(string(b)), listComma, "")
	return strings.ReplaceAll(s, "\n", `\n`)
}

func isStateful(charset string) bool {
	return strings.HasPrefix(strings.ToLower(charset), "iso-2022")
}
