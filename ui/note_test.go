package ui

import (
	"strings"
	"testing"
)

// What has to be said is said in whole: of a long text the first 80 cells were to be
// seen, and the next step was not among them. A key takes it out of the way once there
// was time to read it, a click at once.
func TestALongNoteIsSaidInWhole(t *testing.T) {
	for name, fold := range map[string]func(*stage){
		"key":   func(s *stage) { s.pass(alertRead); s.press("x") },
		"click": func(s *stage) { s.click("the-end") },
	} {
		t.Run(name, func(t *testing.T) {
			alert, mark := name == "key", ""
			if alert {
				mark = "▲ "
			}
			onStage(t, fullBook(), "2026-11-25 14:02", 80, 24, Deps{}, func(s *stage) {
				s.press("2", "G")
				before := s.lines()
				s.app.tell(note{text: strings.Repeat("because of what follows, ", 6) + "the-end", alert: alert})
				s.press("k", "j") // what is typed on is not to take it away
				s.want(mark+"because", "the-end")
				if got := s.lines(); got[20] == before[20] || got[19] != before[19] {
					t.Errorf("it does not lie over the last lines:\n%s", s)
				}
				fold(s)
				s.want(mark + "because")
				s.lacks("the-end")
				s.press("x")
				if got := s.lines(); got[20] != before[20] {
					t.Errorf("what it lay on is not there again:\n%s", s)
				}
			})
		})
	}
}
