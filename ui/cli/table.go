package cli

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"eas.example/securemail/activesync/message"
	"eas.example/securemail/ui/style"
)

// row prints the cells of one line of a table, cleaned. widths are those of the
// cells in columns, negative where they stand on the right; what has none takes the
// room it needs. A person's terminal gets what fits into one line of it.
func (a *app) row(widths []int, cells ...string) error {
	var b strings.Builder
	for i, cell := range cells {
		if i > 0 {
			b.WriteByte(' ')
		}
		cell = message.Clean(cell)
		if i >= len(widths) {
			b.WriteString(cell)
			continue
		}
		width, right := widths[i], widths[i] < 0
		if right {
			width = -width
		}
		cell = cut(cell, width)
		room := style.Blanks(width - style.Width(cell))
		if right {
			cell, room = room, cell
		}
		b.WriteString(cell + room)
	}
	line := strings.TrimRight(b.String(), " ")
	if width := a.columns(); width > 0 {
		line = cut(line, width)
	}
	if _, err := fmt.Fprintln(a.stdout, line); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

// columns is how wide the terminal is that standard output is; 0 where it is none.
func (a *app) columns() int {
	f, ok := a.stdout.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// cut shortens cleaned text to a number of columns.
func cut(s string, width int) string {
	s = message.Clean(s)
	if style.Width(s) > width {
		s, _ = style.Cut(s, width, "…")
	}
	return s
}

// dayOrTime is a time of today, or the day of another.
func dayOrTime(t, now time.Time) string {
	switch t, now = t.Local(), now.Local(); {
	case t.IsZero():
		return "never"
	case t.Year() == now.Year() && t.YearDay() == now.YearDay():
		return t.Format("15:04")
	}
	return t.Local().Format("2006-01-02")
}
