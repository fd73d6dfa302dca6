package message

import (
	"strings"

	"eas.example/securemail/activesync"
)

// Style is how a piece of text is set off.
type Style struct {
	Bold, Italic, Underline, Strike, Dim, Code bool
	Warn                                       bool  // words of this program about the text beside it
	Heading                                    uint8 // 1 to 6, 0 for none
}

// Span is a piece of a line in one style, cleaned for the terminal. Link is
// the number of the link it belongs to, counted from 1, 0 for none.
type Span struct {
	Text  string
	Style Style
	Link  int
}

// Line is one line on the screen. Quote is how deep it is quoted; the marks of
// that are no part of its text.
type Line struct {
	Spans []Span
	Quote int
	// Picture is the number of the picture that is drawn here, counted from 1, 0
	// for none, and Row which of its rows.
	Picture, Row int

	more  bool // it goes on the line before
	glued bool // and no blank stood between the two
	mark  bool // the HTML says that an earlier message begins here
}

// Text is the line without styles.
func (l Line) Text() string {
	if len(l.Spans) == 1 {
		return l.Spans[0].Text
	}
	var b strings.Builder
	for _, s := range l.Spans {
		b.WriteString(s.Text)
	}
	return b.String()
}

// Link is where a piece of text leads: URL is the true target.
type Link struct{ Text, URL string }

// Picture is one in a text, drawn over some cells.
type Picture struct {
	Source     string // as the HTML has it: cid:, data: or an address
	Cols, Rows int
}

// Rendered is a text set for a width.
type Rendered struct {
	Lines []Line
	Links []Link
	// Remote are the pictures that would have to be fetched from elsewhere. None is.
	Remote []string
	// Embedded are the pictures that came with the message: cid: and data:.
	Embedded []string
	// Trackers is how many more there are that only tell the sender of the reading.
	Trackers int
	// Pictures are those that room was left for.
	Pictures []Picture
	// Note is what is wrong with the text, in words.
	Note string
}

// String is the text without styles, quotes marked with >, LF line ends.
func (r *Rendered) String() string {
	var b strings.Builder
	for _, l := range r.Lines {
		text := l.Text()
		if l.Quote > 0 {
			text = strings.Repeat("> ", l.Quote) + text
		}
		b.WriteString(strings.TrimRight(text, " "))
		b.WriteByte('\n')
	}
	return b.String()
}

// RenderOptions say how a text is set.
type RenderOptions struct {
	// Width is how many cells a line has; 0 leaves paragraphs unbroken.
	Width int
	// Numbers writes the number of each link behind it.
	Numbers bool
	// Picture says how many cells a picture takes, by its source and the size in
	// pixels that the HTML gives it, 0 where it gives none, in a room of so many
	// cells; none where it cannot be drawn. A nil Picture draws none.
	Picture func(source string, width, height, room int) (cols, rows int)
	// Flowed and DelSp are those of format=flowed plain text (RFC 3676).
	Flowed, DelSp bool
}

// RenderText sets the body of a message for reading.
func RenderText(b activesync.Body, o RenderOptions) *Rendered {
	switch b.Type {
	case activesync.BodyHTML:
		return renderHTML(string(b.Data), o)
	case activesync.BodyMIME:
		m := ParseBytes(b.Data)
		o.Flowed, o.DelSp = m.Flowed, m.DelSp
		var r *Rendered
		if m.HTML != "" {
			r = renderHTML(m.HTML, o)
		} else {
			r = renderPlain(m.Text, o)
		}
		r.Note = m.Note
		return r
	case activesync.BodyRTF:
		return &Rendered{Note: "This text came as RTF, which is not shown."}
	}
	return renderPlain(guess(b.Data), o)
}

// PlainText is the body as plain text, LF line ends, fit for a terminal.
func PlainText(b activesync.Body) string {
	switch b.Type {
	case activesync.BodyHTML:
		return renderHTML(string(b.Data), RenderOptions{}).String()
	case activesync.BodyMIME:
		return ParseBytes(b.Data).PlainText()
	case activesync.BodyRTF:
		return ""
	}
	return CleanText(strings.ReplaceAll(guess(b.Data), "\r\n", "\n"))
}
