// Package style says how things look: a theme turns what a piece of text is
// (Role) and what it lies on (Surface) into one SGR sequence, and names the
// glyphs that the terminal can draw. Sequences are made once for a theme, so
// that a row on screen costs look-ups only.
//
// It knows nothing of mail and does no I/O. A Theme never changes after it was
// made and may be used from any goroutine; a Line belongs to one goroutine.
package style

import "strings"

// Role is what a piece of text is.
type Role uint8

// The roles. One accent colour serves all that wants to be seen; the rest is
// told by weight and dimness. Warnings and alerts have words or marks beside
// their colour everywhere.
const (
	Text Role = iota
	Strong
	Dim
	Faint   // rules and separators
	Accent  // marks that lead the eye
	Title   // accent and bold
	Unread  // bold
	Warn    // needs attention
	Alert   // something failed
	Link    // can be opened
	Heading // of a text
	Code
	Quote
	Quote2  // a quote in a quote
	Quote3  // and in that
	Deleted // struck or dim
	Match   // found by a search
	Badge   // accent filled
	Input   // a field to type in
	Cursor  // where letters go
	Emph    // italic
	Under   // underlined, not a link
	roles
)

// Surface is what a piece of text lies on.
type Surface uint8

// The surfaces.
const (
	Plain    Surface = iota
	Selected         // the row that keys act upon
	Resting          // the selected row of a pane without focus
	Overlay          // menus and dialogs
	Chosen           // the selected row of a menu
	surfaces
)

// Reset ends a styled piece.
const Reset = "\x1b[0m"

// Theme is a set of sequences and glyphs.
type Theme struct {
	Name string
	Glyphs
	sgr [surfaces][roles]string
}

// On is the sequence for a role on a surface. It starts with a reset, so
// pieces may follow each other without one between.
func (t *Theme) On(s Surface, r Role) string { return t.sgr[s][r] }

// Names of the themes.
const (
	Dark  = "dark"
	Light = "light"
	NoHue = "plain" // attributes only, for NO_COLOR
)

// New makes the theme of that name; an unknown name is Dark.
func New(name string, ascii bool) *Theme {
	t := &Theme{Name: name, Glyphs: unicodeGlyphs()}
	if ascii {
		t.Glyphs = asciiGlyphs()
	}
	var p palette
	switch name {
	case Light:
		p = light()
	case NoHue:
		p = plain()
	default:
		t.Name, p = Dark, dark()
	}
	for s := range surfaces {
		for r := range roles {
			t.sgr[s][r] = p.sequence(s, r)
		}
	}
	return t
}

// palette holds SGR parameters. A surface may replace the parameters of a
// role where they would not be readable on it.
type palette struct {
	role    [roles]string
	surface [surfaces]string
	instead map[Surface]map[Role]string
}

func (p palette) sequence(s Surface, r Role) string {
	role := p.role[r]
	if other, ok := p.instead[s][r]; ok {
		role = other
	}
	parts := []string{"0"}
	for _, x := range []string{role, p.surface[s]} {
		if x != "" {
			parts = append(parts, x)
		}
	}
	if len(parts) == 1 {
		return Reset
	}
	return "\x1b[" + strings.Join(parts, ";") + "m"
}

// The colours are from the fixed part of the 256-colour palette: every
// terminal shows them alike and no theme of the terminal changes them. Blue
// and orange stay apart for all kinds of colour blindness.

func dark() palette {
	onRow := map[Role]string{Dim: "38;5;250", Faint: "38;5;245", Quote: "38;5;250", Accent: "38;5;117", Title: "1;38;5;117"}
	return palette{
		role: [roles]string{
			Strong: "1", Dim: "38;5;246", Faint: "38;5;239", Accent: "38;5;75", Title: "1;38;5;75", Unread: "1;38;5;255",
			Warn: "38;5;214", Alert: "1;38;5;209", Link: "4;38;5;75", Heading: "1", Code: "38;5;252",
			Quote: "38;5;110", Quote2: "38;5;180", Quote3: "38;5;247", Deleted: "9;38;5;246", Match: "1;4;38;5;214", Badge: "1;38;5;16;48;5;75", Input: "48;5;236", Cursor: "7", Emph: "3", Under: "4",
		},
		surface: [surfaces]string{Selected: "48;5;238", Resting: "48;5;235", Overlay: "48;5;235", Chosen: "48;5;24"},
		instead: map[Surface]map[Role]string{
			Selected: onRow,
			Chosen:   {Dim: "38;5;252", Faint: "38;5;250", Accent: "1;38;5;195", Title: "1;38;5;195", Text: "38;5;255", Strong: "1;38;5;255"},
			Overlay:  {Faint: "38;5;242", Dim: "38;5;248"},
			Resting:  {Accent: "38;5;67"},
		},
	}
}

func light() palette {
	return palette{
		role: [roles]string{
			Strong: "1", Dim: "38;5;241", Faint: "38;5;250", Accent: "38;5;25", Title: "1;38;5;25", Unread: "1;38;5;16",
			Warn: "38;5;130", Alert: "1;38;5;124", Link: "4;38;5;25", Heading: "1", Code: "38;5;238",
			Quote: "38;5;24", Quote2: "38;5;94", Quote3: "38;5;240", Deleted: "9;38;5;243", Match: "1;4;38;5;130", Badge: "1;38;5;231;48;5;25", Input: "48;5;254", Cursor: "7", Emph: "3", Under: "4",
		},
		surface: [surfaces]string{Selected: "48;5;153", Resting: "48;5;254", Overlay: "48;5;255", Chosen: "48;5;153"},
		instead: map[Surface]map[Role]string{
			Selected: {Text: "38;5;16", Dim: "38;5;238", Faint: "38;5;242", Quote: "38;5;238"},
			Chosen:   {Text: "38;5;16", Strong: "1;38;5;16", Dim: "38;5;238", Faint: "38;5;242"},
			Overlay:  {Text: "38;5;16", Strong: "1;38;5;16", Faint: "38;5;248"},
			Resting:  {Faint: "38;5;245"},
		},
	}
}

func plain() palette {
	return palette{
		role: [roles]string{
			Strong: "1", Dim: "2", Faint: "2", Accent: "1", Title: "1", Unread: "1", Warn: "1", Alert: "1;4", Link: "4",
			Heading: "1", Quote: "2", Quote2: "2", Quote3: "2", Deleted: "9;2", Match: "1;4", Badge: "7;1", Input: "4", Cursor: "7", Emph: "3", Under: "4",
		},
		surface: [surfaces]string{Selected: "7", Chosen: "7"},
		// Dim text on reversed cells is hard to read on many terminals.
		instead: map[Surface]map[Role]string{
			Selected: {Dim: "", Faint: "", Quote: "", Quote2: "", Quote3: "", Badge: "1"},
			Chosen:   {Dim: "", Faint: "", Badge: "1"},
		},
	}
}
