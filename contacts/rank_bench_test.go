package contacts

import (
	"fmt"
	"testing"

	"eas.example/securemail/activesync"
)

// BenchmarkRank is one letter more in To, among 10,000 contacts.
func BenchmarkRank(b *testing.B) {
	var own []activesync.ContactRow
	for i := range 10000 {
		own = append(own, activesync.ContactRow{ID: activesync.ItemID(i + 1), Name: fmt.Sprintf("Person %d Müller", i), Company: "Company", Emails: []string{fmt.Sprintf("p%d@example.test", i)}})
	}
	for b.Loop() {
		Rank("mul", own, nil, nil)
	}
}
