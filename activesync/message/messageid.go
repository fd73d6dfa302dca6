package message

import (
	"slices"
	"strings"

	"eas.example/securemail/activesync"
)

// MessageID is the Message-ID of a message in MIME, without angle brackets.
func MessageID(mime []byte) string {
	h, _, _ := splitHeader(mime)
	return firstID(h.Raw("Message-ID"))
}

// HeadOf is what a message in MIME, of which the start is enough, says of its
// conversation.
func HeadOf(mime []byte) activesync.Head {
	h, _, _ := splitHeader(mime)
	out := activesync.Head{MessageID: firstID(h.Raw("Message-ID")), References: ids(h.Raw("References"))}
	for _, id := range ids(h.Raw("In-Reply-To")) {
		if !slices.Contains(out.References, id) {
			out.References = append(out.References, id)
		}
	}
	out.References = slices.DeleteFunc(out.References, func(id string) bool { return id == "" || id == out.MessageID })
	return out
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
