package wire

import (
	"testing"
	"time"

	"eas.example/securemail/activesync"
)

// Words that a person types are looked for as they are, whatever they mean in KQL.
func TestWordsThatMeanSomethingInKQL(t *testing.T) {
	day := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for words, want := range map[string]string{
		"tide tables":        "tide tables",
		"re: tide":           `"re:" tide`,
		"NOT low (yet)":      `"NOT" low "(yet)"`,
		"not low":            "not low",
		`5" pipe`:            "5 pipe",
		`"tide tables" 2026`: `"tide tables" 2026`,
		"from:ana tide":      "from:ana tide",
		"a<b":                `"a<b"`,
	} {
		if got := FindWords(activesync.MailQuery{Words: words}); got != want {
			t.Errorf("%s: %s, want %s", words, got, want)
		}
		if got := FindWords(activesync.MailQuery{Words: words, After: day}); got != want+" received>=2026-03-02" {
			t.Errorf("%s with a day: %s", words, got)
		}
	}
}
