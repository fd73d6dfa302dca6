package message

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"eas.example/securemail/activesync"
)

// TestGolden shows messages that were written after telling ones of the corpus,
// and compares every line with what was looked at. UPDATE_GOLDEN=1 writes the
// files anew: look at what changed in them before it is kept.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "golden", "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 60 {
		t.Errorf("there are %d messages, want 60 or more", len(files))
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".eml"), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := portrait(src)
			safe(t, got, true)
			golden := strings.TrimSuffix(file, ".eml") + ".txt"
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("it is shown as\n%s\nand was\n%s", got, want)
			}
		})
	}
}

// portrait is all that a person gets to see of a message, at 60 columns.
func portrait(src []byte) string {
	m := ParseBytes(src)
	var b strings.Builder
	for _, a := range m.From {
		fmt.Fprintf(&b, "From     %s <%s>\n", Clean(a.Name), Clean(a.Address))
	}
	fmt.Fprintf(&b, "Subject  %s\n", Clean(m.Subject))
	if m.Note != "" {
		fmt.Fprintf(&b, "Note     %s\n", m.Note)
	}
	for _, f := range m.Attachments {
		inline := ""
		if f.Inline {
			inline = ", inline " + f.ContentID
		}
		fmt.Fprintf(&b, "File     %s (%s, %d bytes%s)\n", f.Name, f.ContentType, len(f.Content), inline)
	}
	if m.Calendar != nil {
		fmt.Fprintf(&b, "Calendar %d bytes\n", len(m.Calendar))
	}
	r := RenderText(activesync.Body{Type: activesync.BodyMIME, Data: src}, RenderOptions{Width: 60, Numbers: true})
	at := map[int]string{}
	for _, c := range r.Chains() {
		for _, e := range c.Earlier {
			at[e.At] = "~ earlier message"
			if e.Forwarded {
				at[e.At] = "~ forwarded message"
			}
			if e.From != "" {
				at[e.At] += " from " + Clean(e.From)
			}
		}
	}
	b.WriteString(strings.Repeat("=", 60) + "\n")
	for i, l := range r.Lines {
		if words, ok := at[i]; ok {
			b.WriteString(words + "\n")
		}
		b.WriteString(strings.TrimRight(strings.Repeat("> ", l.Quote)+marked(l), " ") + "\n")
	}
	if len(r.Links)+len(r.Remote)+r.Trackers > 0 {
		b.WriteString(strings.Repeat("=", 60) + "\n")
	}
	for i, l := range r.Links {
		fmt.Fprintf(&b, "[%d] %s\n", i+1, Clean(l.URL))
	}
	if len(r.Remote) > 0 || r.Trackers > 0 {
		fmt.Fprintf(&b, "pictures elsewhere: %d, trackers: %d\n", len(r.Remote), r.Trackers)
	}
	return b.String()
}

// marked writes a line with signs for its styles.
func marked(l Line) string {
	var b strings.Builder
	for _, s := range l.Spans {
		sign := ""
		switch {
		case s.Style.Heading > 0:
			sign = "#"
		case s.Style.Bold:
			sign = "*"
		case s.Style.Italic:
			sign = "/"
		case s.Style.Strike:
			sign = "-"
		case s.Style.Code:
			sign = "`"
		case s.Style.Underline && s.Link == 0:
			sign = "_"
		}
		b.WriteString(sign + s.Text + sign)
	}
	return b.String()
}
