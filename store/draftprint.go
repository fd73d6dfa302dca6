package store

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"strings"
	"unicode"

	"eas.example/securemail/activesync"
)

// draftPrint is what a draft is known by when its name is not: subject, those it
// goes to, and its text but for blanks.
func draftPrint(subject string, to, cc []activesync.Address, text string) []byte {
	var w writer
	w.text(strings.TrimSpace(subject))
	for _, l := range [][]activesync.Address{to, cc} {
		w.uint(uint64(len(l)))
		for _, p := range l {
			w.text(strings.ToLower(p.Address))
		}
	}
	w.text(letters(text))
	sum := sha256.Sum256(w.b)
	return sum[:16]
}

// letters are a text without its blanks: programs break lines as they like.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

func (r *draftRecord) print() []byte {
	return draftPrint(r.Draft.Subject, r.Draft.To, r.Draft.Cc, r.Draft.Text)
}

// messagePrint is the draftPrint of a message, nil where its text is not here.
func messagePrint(m *activesync.Message) []byte {
	if m.Body.Type != activesync.BodyPlain || m.Body.Truncated {
		return nil
	}
	return draftPrint(m.Subject, m.To, m.Cc, string(m.Body.Data))
}

// sameDraft reports whether a message says what a draft does, as far as it is
// here.
func sameDraft(m *activesync.Message, r *draftRecord) bool {
	is, want := letters(string(m.Body.Data)), letters(r.Draft.Text)
	if m.Body.Truncated && strings.HasPrefix(want, is) {
		is = want
	}
	print := draftPrint(m.Subject, m.To, m.Cc, is)
	if m.Body.Type != activesync.BodyPlain || !bytes.Equal(print, r.print()) || m.Importance != r.Draft.Importance {
		return false
	}
	var names, had []string
	for i := range m.Attachments {
		names = append(names, m.Attachments[i].Name)
	}
	for i := range r.Draft.Attachments {
		if f := &r.Draft.Attachments[i]; slices.Contains(r.Files, f.Identity(r.Item)) {
			had = append(had, f.Name)
		}
	}
	slices.Sort(names)
	slices.Sort(had)
	return slices.Equal(names, had)
}
