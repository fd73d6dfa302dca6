package ui

import (
	"strings"
	"testing"
)

// A menu that is longer than the screen says where it stands: that more comes
// was to be seen nowhere.
func TestALongMenuSaysThatMoreComes(t *testing.T) {
	title := func(s *stage) string {
		_, after, _ := strings.Cut(strings.Join(s.lines(), "\n"), "─ More")
		return strings.TrimSpace(strings.Trim(strings.SplitN(after, "╮", 2)[0], "─ "))
	}
	for _, c := range []struct {
		height        int
		before, after string
	}{{60, "", ""}, {10, "7/", "11/11"}} {
		onStage(t, fullBook(), "2026-11-25 14:02", 80, c.height, Deps{}, func(s *stage) {
			s.press("2", ".")
			if got := title(s); !strings.HasPrefix(got, c.before) || (c.before == "") != (got == "") {
				t.Errorf("%d lines: the title goes on with %q", c.height, got)
			}
			for range 11 {
				s.press("j")
			}
			if got := title(s); !strings.HasPrefix(got, c.after) {
				t.Errorf("%d lines, further down: the title goes on with %q", c.height, got)
			}
		})
	}
}
