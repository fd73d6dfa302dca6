package agent_test

import (
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
)

func TestPersonDecidesAboutMassDeletion(t *testing.T) {
	for d, want := range map[activesync.Decision]int{activesync.DecideKeep: 90, activesync.DecideAccept: 10, activesync.DecideAgain: 90} {
		t.Run(string(d), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				h.deliver(90)
				h.add()
				h.run()
				time.Sleep(time.Minute)
				items, err := h.box.Items("Inbox")
				if err != nil {
					t.Fatal(err)
				}
				for _, it := range items[:80] {
					if err := h.box.Delete(it.ID); err != nil {
						t.Fatal(err)
					}
				}
				time.Sleep(time.Minute)
				list, err := h.agent.Withheld(t.Context(), h.acc.ID)
				f, rows := h.inbox()
				if err != nil || len(list) != 1 || list[0].Folder != f.ID || len(list[0].Items) != 80 || len(rows) != 90 || f.Problem == "" {
					t.Fatalf("%+v, %v; %d rows, %q", list, err, len(rows), f.Problem)
				}
				if err := h.agent.Decide(t.Context(), f.ID, d); err != nil {
					t.Fatal(err)
				}
				time.Sleep(2 * time.Hour)
				synctest.Wait()
				f, rows = h.inbox()
				if len(rows) != want || (f.Problem != "") != (d == activesync.DecideAgain) {
					t.Errorf("%d rows, want %d; %q", len(rows), want, f.Problem)
				}
			})
		})
	}
}
