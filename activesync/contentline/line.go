package contentline

import "strings"

// Line is one property with its value as it stands, but in UTF-8.
type Line struct {
	Group, Name string // upper case
	Params      []Param
	Value       string
}

// Param is one value of a parameter, whose name is in upper case.
type Param struct{ Name, Value string }

// Param is the first value of a parameter, "" where there is none.
func (l Line) Param(name string) string {
	for _, p := range l.Params {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

// Parse reads one line of Lines. What has no name or no value is none.
func Parse(line string) (Line, bool) {
	end := strings.IndexAny(line, ":;")
	if end < 1 {
		return Line{}, false
	}
	l := Line{Name: strings.ToUpper(line[:end])}
	if i := strings.LastIndexByte(l.Name, '.'); i >= 0 {
		l.Group, l.Name = nameOf(l.Name[:i]), l.Name[i+1:]
	}
	if l.Name = nameOf(l.Name); l.Name == "" {
		return Line{}, false
	}
	rest := line[end:]
	for strings.HasPrefix(rest, ";") {
		rest = l.parseParam(rest[1:])
	}
	if !strings.HasPrefix(rest, ":") {
		return Line{}, false
	}
	l.Value = decode(rest[1:], l.Param("ENCODING"), l.Param("CHARSET"))
	return l, true
}

// nameOf leaves what may stand in a name.
func nameOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return -1
	}, s)
}

// parseParam reads a parameter with all its values and returns what follows,
// which begins with a semicolon or a colon or is nothing. Without a name, as in
// vCard 2.1 and vCalendar 1.0, it is an encoding or a type.
func (l *Line) parseParam(s string) string {
	end := strings.IndexAny(s, "=;:")
	if end < 0 {
		return ""
	}
	if s[end] != '=' {
		switch value := strings.TrimSpace(s[:end]); strings.ToUpper(value) {
		case "":
		case "QUOTED-PRINTABLE", "BASE64", "8BIT", "7BIT":
			l.add("ENCODING", value)
		default:
			l.add("TYPE", value)
		}
		return s[end:]
	}
	name, rest := nameOf(strings.ToUpper(s[:end])), s[end:]
	for more := true; more; more = strings.HasPrefix(rest, ",") {
		var value string
		value, rest = paramValue(rest[1:])
		l.add(name, caret.Replace(strings.TrimSpace(value)))
	}
	return rest
}

// paramValue reads one value up to its comma, semicolon or colon.
func paramValue(s string) (value, rest string) {
	in, quoted := strings.CutPrefix(s, `"`)
	if !quoted {
		end := strings.IndexAny(s, ",;:")
		if end < 0 {
			return s, ""
		}
		return s[:end], s[end:]
	}
	value, rest, _ = strings.Cut(in, `"`)
	if end := strings.IndexAny(rest, ",;:"); end >= 0 { // what stands before it belongs nowhere
		return value, rest[end:]
	}
	// Some close the quotes after the value of the line only, or never.
	if colon := strings.LastIndexByte(value, ':'); colon > 0 {
		return value[:colon], value[colon:]
	}
	return value, ""
}

func (l *Line) add(name, value string) {
	if name != "" {
		l.Params = append(l.Params, Param{name, toUTF8(value, "")})
	}
}

// caret undoes RFC 6868.
var caret = strings.NewReplacer("^n", "\n", "^'", `"`, "^^", "^")
