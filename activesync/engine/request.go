package engine

import (
	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

// What is asked for, in one place.
const (
	// recentFilter is the FilterType of the first look at a mailbox: a week, so
	// that recent mail is here first whatever order the server chooses.
	recentFilter = 3
	// recentText is how much of a body comes with recent mail. What is longer
	// is fetched whole when it is opened or in idle time.
	recentText = 256 << 10
	// olderText is how much of a body comes with older mail: enough for the
	// first words in the list.
	olderText = 1 << 10
	// headText is how much of the MIME is asked for where its header matters.
	headText = 16 << 10
	// previewText is how many characters the list shows of a message.
	previewText = 120

	recentWindow = 100
	// wholeWindow is for all mail with whole texts: a third of the processor's work
	// of a small window goes into the commit and the exchange itself. An answer that
	// gets too large makes it smaller (pace).
	wholeWindow = 250
	olderWindow = 512
	otherWindow = 100
	// pushLimit is how many changes one request carries (at most 200, notes of
	// MS-ASCMD 2.2.3.33).
	pushLimit = 100
)

// bodyPreference asks for the text of a message: plain where it is plain, else
// HTML unless plainOnly; cut to limit bytes, 0 for the whole.
func bodyPreference(v activesync.Version, limit int, plainOnly bool) []wire.BodyPreference {
	plain := wire.BodyPreference{Type: uint8(activesync.BodyPlain)}
	if limit > 0 {
		plain.TruncationSize = wire.Int(limit)
	}
	if v >= activesync.V140 {
		plain.Preview = previewText
	}
	if plainOnly {
		return []wire.BodyPreference{plain}
	}
	html := plain
	html.Type = uint8(activesync.BodyHTML)
	return []wire.BodyPreference{plain, html}
}

// notePreference asks for the note of a contact or event: plain, because a
// server that is asked for HTML may rewrite a plain note.
func notePreference() []wire.BodyPreference {
	return []wire.BodyPreference{{Type: uint8(activesync.BodyPlain)}}
}
