package style

// Glyphs are the signs that screens are drawn with. Each is of the width that
// its comment says, in cells; 1 where nothing is said.
type Glyphs struct {
	ASCII bool

	Bar    string // left of the selected row
	Dot    string // unread
	Mark   string // marked with x
	Rule   string // horizontal
	Column string // vertical
	Down   string // rule that a column hangs from
	Up     string // rule that a column stands on
	Left   string // vertical bar of a quote

	TopLeft, TopRight, BottomLeft, BottomRight string

	Ellipsis string
	Path     string // between the parts of a path
	More     string
	Clip     string // 2 cells: has attachments
	Flag     string
	Done     string // follow-up complete
	Reply    string
	Forward  string
	Invite   string // 2 cells: an invitation
	Waiting  string // not yet known to the server
	Ticked   string // 3 cells
	Unticked string // 3 cells
	Radio    string // 3 cells: the choice in force
	NoRadio  string // 3 cells
	Open     string // a folder or section that leads on
	High     string // important
	Series   string // a repeating event
	Dash     string // between words
	Secret   string // a letter of a password
	Scroll   string // the part of a list that is on screen
	Bullet   string
	Folded   string // something lies behind it that can be unfolded

	Live, Checking, Every, Paused, Offline string // before the word of the status
	Warning                                string
}

func unicodeGlyphs() Glyphs {
	return Glyphs{
		Bar: "▌", Dot: "●", Mark: "✓", Rule: "─", Column: "│", Down: "┬", Up: "┴", Left: "▎",
		TopLeft: "╭", TopRight: "╮", BottomLeft: "╰", BottomRight: "╯",
		Ellipsis: "…", Path: "›", More: "⋯", Clip: "📎", Flag: "⚑", Done: "✓", Reply: "↩", Forward: "→",
		Invite: "✓?", Waiting: "↑", Ticked: "[✓]", Unticked: "[ ]", Radio: "(●)", NoRadio: "( )", Open: "›", High: "!", Series: "↻", Dash: "–",
		Secret: "•", Scroll: "┃", Bullet: "•", Folded: "▸",
		Live: "●", Checking: "↻", Every: "◷", Paused: "‖", Offline: "○", Warning: "▲",
	}
}

func asciiGlyphs() Glyphs {
	return Glyphs{
		ASCII: true,
		Bar:   ">", Dot: "*", Mark: "x", Rule: "-", Column: "|", Down: "+", Up: "+", Left: "|",
		TopLeft: "+", TopRight: "+", BottomLeft: "+", BottomRight: "+",
		Ellipsis: "~", Path: ">", More: "...", Clip: "@ ", Flag: "F", Done: "v", Reply: "r", Forward: "f",
		Invite: "v?", Waiting: "^", Ticked: "[x]", Unticked: "[ ]", Radio: "(*)", NoRadio: "( )", Open: ">", High: "!", Series: "~", Dash: "-",
		Secret: "*", Scroll: "#", Bullet: "*", Folded: "+",
		Live: "*", Checking: "~", Every: "@", Paused: "=", Offline: "o", Warning: "!",
	}
}
