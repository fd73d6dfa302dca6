package ui

import (
	"net/url"
	"path/filepath"
	"strings"
)

// pastedPaths reads a paste as paths of files: as one path, and as words that
// a shell would take for several. It is empty when it is something else.
func pastedPaths(s, home string) [][]string {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 1<<16 {
		return nil
	}
	var ways [][]string
	if p := onePath(s, home); p != "" && !strings.ContainsAny(s, "\r\n") {
		ways = append(ways, []string{p})
	}
	var paths []string
	for _, word := range shellWords(s) {
		p := onePath(word, home)
		if p == "" {
			return ways
		}
		paths = append(paths, p)
	}
	if len(paths) > 0 {
		ways = append(ways, paths)
	}
	return ways
}

// onePath is the path that a word names from the root, "" where it does not.
func onePath(s, home string) string {
	if u, ok := strings.CutPrefix(s, "file://"); ok {
		host, path, _ := strings.Cut(u, "/")
		if host != "" && host != "localhost" {
			return ""
		}
		p, err := url.PathUnescape("/" + path)
		if err != nil {
			return ""
		}
		s = p
	}
	if s = expandHome(s, home); !filepath.IsAbs(s) || strings.ContainsRune(s, 0) {
		return ""
	}
	return s
}

// shellWords splits a line as a shell does: at blanks that are not in quotes
// or after a backslash.
func shellWords(s string) []string {
	var out []string
	var word strings.Builder
	begun := false
	quote := byte(0)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case c == '\\' && quote != '\'' && i+1 < len(s):
			i++
			word.WriteByte(s[i])
			begun = true
		case quote != 0:
			word.WriteByte(c)
		case c == '\'' || c == '"':
			quote, begun = c, true
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			if begun {
				out = append(out, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteByte(c)
			begun = true
		}
	}
	if begun {
		out = append(out, word.String())
	}
	return out
}
