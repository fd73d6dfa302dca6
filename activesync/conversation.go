package activesync

import (
	"strings"
	"unicode/utf8"
)

// Conversation is a row of a list that shows conversations: what it says of
// the messages of one that are in a folder.
type Conversation struct {
	Items  []ItemID `json:"items"` // newest first
	Unread int      `json:"unread,omitempty"`
	// Show is the newest unread message, or the newest where all are read.
	Show ItemID `json:"show"`
	// People are who wrote its newest messages, each once, the newest last.
	People []string `json:"people,omitempty"`
}

// Head is what the header of a message says of its conversation.
type Head struct {
	MessageID string
	// References are the messages before it, the oldest first (RFC 5322 3.6.4).
	References []string
}

// IsAnswer reports whether a subject is that of an answer or of what is passed
// on.
func IsAnswer(subject string) bool {
	_, ok := cutPrefixWord(strings.ToLower(strings.TrimSpace(subject)))
	return ok
}

// Topic is what messages are put together by that the server gives no
// ConversationId: the subject without what replies and forwards put before it
// (MS-ASEMAIL 2.2.2.82, ThreadTopic), in lower case.
func Topic(subject string) string {
	s := strings.ToLower(strings.TrimSpace(subject))
	for {
		rest, ok := cutPrefixWord(s)
		if !ok {
			return strings.Join(strings.Fields(s), " ")
		}
		s = rest
	}
}

// replyWords are what mail programs put before the subject of an answer or of
// what they pass on.
const replyWords = " re fw fwd aw wg wtr antw tr rv sv vs vb vl rif i ri r enc odp pd ynt ilt res bls doorst fs atb ang 答复 转发 回复 回覆 轉寄 "

// cutPrefixWord takes one such word off.
func cutPrefixWord(s string) (rest string, ok bool) {
	word, rest, ok := strings.Cut(s, ":")
	if !ok {
		word, rest, ok = strings.Cut(s, "：")
	}
	if i := strings.IndexAny(word, "[("); i > 0 { // Re[2]:
		word = word[:i]
	}
	word = strings.TrimSpace(word)
	if !ok || word == "" || utf8.RuneCountInString(word) > 6 || !strings.Contains(replyWords, " "+word+" ") {
		return s, false
	}
	return strings.TrimSpace(rest), true
}
