package contacts

import (
	"fmt"
	"testing"

	"eas.example/securemail/activesync"
)

func rowsOf10000() (own []activesync.ContactRow) {
	for i := range 10000 {
		own = append(own, activesync.ContactRow{ID: activesync.ItemID(i + 1), Name: fmt.Sprintf("Person %d Müller", i), Company: "Company", Emails: []string{fmt.Sprintf("p%d@example.test", i)}})
	}
	return own
}

// BenchmarkRank is one letter more in To, among 10,000 contacts that all are meant.
func BenchmarkRank(b *testing.B) {
	x := NewIndex(rowsOf10000(), nil)
	for b.Loop() {
		x.Rank("mul", nil, 50)
	}
}

// BenchmarkIndex prepares them, once after each change.
func BenchmarkIndex(b *testing.B) {
	own := rowsOf10000()
	for b.Loop() {
		NewIndex(own, nil)
	}
}
