package message

import "strings"

// MessageID is the Message-ID of a message in MIME, without angle brackets.
func MessageID(mime []byte) string {
	h, _, _ := splitHeader(mime)
	return firstID(h.Raw("Message-ID"))
}

func firstID(s string) string {
	if l := ids(s); len(l) > 0 {
		return l[0]
	}
	return strings.Trim(strings.TrimSpace(s), "<>")
}

func ids(s string) []string {
	var out []string
	for {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			return out
		}
		j := strings.IndexByte(s[i:], '>')
		if j < 0 {
			return out
		}
		out = append(out, strings.TrimSpace(s[i+1:i+j]))
		s = s[i+j+1:]
	}
}
