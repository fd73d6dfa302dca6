package message

import (
	"net/url"
	"sort"
	"strconv"
	"strings"
)

// parameters takes a Content-Type or Content-Disposition apart: the value in
// lower case, and its parameters with RFC 2231 and RFC 2047 undone.
func parameters(s string) (value string, params map[string]string) {
	value, rest, _ := strings.Cut(s, ";")
	value = strings.ToLower(strings.TrimSpace(value))
	params = map[string]string{}
	pieces := map[string][]piece{}
	for rest != "" {
		var name, val string
		name, val, rest = parameter(rest)
		if name == "" {
			continue
		}
		if base, n, coded, ok := continuation(name); ok {
			pieces[base] = append(pieces[base], piece{n, val, coded})
			continue
		}
		if _, dup := params[name]; !dup {
			params[name] = decodeWords(val)
		}
	}
	for name, list := range pieces {
		params[name] = join2231(list)
	}
	return value, params
}

type piece struct {
	n     int
	value string
	coded bool
}

// parameter reads one parameter up to its semicolon.
func parameter(s string) (name, value, rest string) {
	s = strings.TrimLeft(s, "; \t\r\n")
	end := strings.IndexAny(s, "=;")
	if end < 0 {
		return "", "", ""
	}
	name = strings.ToLower(strings.TrimSpace(s[:end]))
	if s[end] == ';' {
		return "", "", s[end+1:]
	}
	s = strings.TrimLeft(s[end+1:], " \t")
	if strings.HasPrefix(s, `"`) {
		var b strings.Builder
		for i := 1; i < len(s); i++ {
			switch s[i] {
			case '\\':
				// Windows paths are written without escaping; keep those.
				if i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\') {
					i++
				}
				b.WriteByte(s[i])
			case '"':
				_, rest, _ = strings.Cut(s[i+1:], ";")
				return name, b.String(), rest
			default:
				b.WriteByte(s[i])
			}
		}
		return name, b.String(), ""
	}
	value, rest, _ = strings.Cut(s, ";")
	return name, strings.TrimSpace(value), rest
}

// continuation takes names such as filename*, filename*1 and filename*1* apart.
func continuation(name string) (base string, n int, coded, ok bool) {
	base, tail, found := strings.Cut(name, "*")
	if !found || base == "" {
		return "", 0, false, false
	}
	if tail == "" {
		return base, 0, true, true
	}
	tail, coded = strings.CutSuffix(tail, "*")
	n, err := strconv.Atoi(tail)
	return base, n, coded, err == nil && n >= 0 && n < 1000
}

func join2231(list []piece) string {
	sort.SliceStable(list, func(i, j int) bool { return list[i].n < list[j].n })
	charset := ""
	var raw strings.Builder
	for i, p := range list {
		if i > 0 && p.n == list[i-1].n {
			continue // said twice, such as filename* and filename*0
		}
		v := p.value
		if p.coded {
			if i == 0 {
				if parts := strings.SplitN(v, "'", 3); len(parts) == 3 {
					charset, v = parts[0], parts[2]
				}
			}
			if u, err := url.PathUnescape(v); err == nil {
				v = u
			}
		}
		raw.WriteString(v)
	}
	out, _ := toUTF8(charset, []byte(raw.String()))
	return decodeWords(out)
}
