package ui

import (
	"strings"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/ui/style"
	"eas.example/securemail/ui/term"
)

// deepestQuote is how many bars a quote gets at most.
const deepestQuote = 6

// setting is a body as it is set for a width, with the messages that lie in it.
// It does not change once made.
type setting struct {
	text     *message.Rendered
	chains   []message.Chain
	width    int
	links    []link
	theme    *style.Theme
	album    album
	blocks   [][]string // the pictures in half blocks, where they are not drawn
	pixels   []*pixels  // by the pixel
	graphics term.GraphicsMsg
}

// setText sets a body for the room of a sheet.
func (k look) setText(b activesync.Body, width int) *setting {
	width = min(width, widestText)
	o := message.RenderOptions{Width: width, Numbers: true}
	if len(k.album) > 0 && draws(k.theme) {
		o.Picture = k.album.cells
	}
	r := message.RenderText(b, o)
	t := &setting{text: r, chains: r.Chains(), width: width, links: make([]link, len(r.Links)), album: k.album, theme: k.theme, graphics: k.graphics}
	if t.pixels = k.album.pixels(r, k.theme, k.graphics); t.pixels == nil {
		t.blocks = k.album.blocks(r, k.theme)
	}
	for i, l := range r.Links {
		t.links[i] = link{text: clean(l.Text), url: clean(l.URL)}
	}
	return t
}

// text draws a body whole and tells its links.
func (k look) text(s *sheet, b activesync.Body) []link {
	t := k.setText(b, s.room())
	k.note(s, t)
	for i := range t.text.Lines {
		k.textLine(s, t, i, nil)
	}
	k.remote(s, t)
	return t.links
}

// note says what is wrong with a text.
func (k look) note(s *sheet, t *setting) {
	if t.text.Note != "" {
		s.words(style.Warn, k.theme.Warning+" "+sentence(clean(t.text.Note)))
		s.blank()
	}
}

// textLine draws line i with the matches of a search that lie in it.
func (k look) textLine(s *sheet, t *setting, i int, found []message.Piece) {
	line := t.text.Lines[i]
	l := s.line()
	for depth := range min(line.Quote, deepestQuote) {
		l.Put(quoteRole(depth+1), k.theme.Left).Skip(1)
	}
	if p := line.Picture; p > 0 && t.pixels != nil {
		if line.Row == 0 {
			s.shots = append(s.shots, shotAt{len(s.out), s.width - l.Room(), t.text.Pictures[p-1], t.pixels[p-1]})
		}
		s.add(l)
		return
	} else if p > 0 {
		s.add(l.PutDrawn(t.blocks[p-1][line.Row], t.text.Pictures[p-1].Cols))
		return
	}
	at := 0
	for _, sp := range line.Spans {
		role, url := spanRole(sp, line.Quote), ""
		if n := sp.Link; n > 0 && n <= len(t.links) && openable(t.links[n-1].url) {
			url = t.links[n-1].url
		}
		for text := sp.Text; text != ""; {
			n, hit := untilMatch(found, at, len(text))
			k.piece(l, role, text[:n], url, hit)
			at, text = at+n, text[n:]
		}
	}
	s.add(l)
}

// untilMatch is how much of the next most bytes from at on is all in a match or
// all outside of one.
func untilMatch(found []message.Piece, at, most int) (n int, hit bool) {
	for _, p := range found {
		switch {
		case at >= p.To:
		case at >= p.From:
			return min(p.To-at, most), true
		default:
			return min(p.From-at, most), false
		}
	}
	return most, false
}

func (k look) piece(l *style.Line, role style.Role, text, url string, hit bool) {
	text = k.drawable(clean(text))
	if hit {
		role = style.Match
	}
	if url != "" {
		l.PutLink(role, text, url)
		return
	}
	l.Put(role, text)
}

// remote tells of pictures that would have to be fetched from elsewhere.
func (k look) remote(s *sheet, t *setting) {
	n := 0
	for _, source := range t.text.Remote {
		if t.album[source] == nil {
			n++
		}
	}
	if n > 0 {
		s.blank()
		words := plural(n, "1 picture of this message lies elsewhere and was not fetched.", "%d pictures of this message lie elsewhere and were not fetched.")
		if k.pictures != "" {
			words += " " + k.pictures + " fetches them; the sender learns of it."
		}
		s.words(style.Dim, words)
	}
	if n := t.text.Trackers; n > 0 {
		s.words(style.Dim, plural(n, "1 tracker would have told the sender that you read it; it was left out.",
			"%d trackers would have told the sender that you read it; they were left out."))
	}
}

// drawable writes the lines of tables and rules in the signs of the theme.
func (k look) drawable(s string) string {
	if !k.theme.ASCII || !strings.ContainsAny(s, "─│┼•▲") {
		return s
	}
	return strings.NewReplacer("─", k.theme.Rule, "│", k.theme.Column, "┼", "+", "•", k.theme.Bullet, "▲", k.theme.Warning).Replace(s)
}

func spanRole(s message.Span, quote int) style.Role {
	switch {
	case s.Style.Warn:
		return style.Warn
	case s.Link > 0:
		return style.Link
	case s.Style.Heading > 0:
		return style.Heading
	case s.Style.Strike:
		return style.Deleted
	case s.Style.Bold:
		return style.Strong
	case s.Style.Code:
		return style.Code
	case quote > 0:
		return quoteRole(quote)
	case s.Style.Italic:
		return style.Emph
	case s.Style.Underline:
		return style.Under
	case s.Style.Dim:
		return style.Dim
	}
	return style.Text
}

// quoteRole tells quotes in each other apart, over and over.
func quoteRole(depth int) style.Role {
	return [...]style.Role{style.Quote, style.Quote2, style.Quote3}[(depth-1)%3]
}

// openable reports whether a link may be handed to another program. Only what
// leads to the web or writes a message does; files and scripts do not.
func openable(url string) bool {
	u := strings.ToLower(url)
	for _, scheme := range []string{"http://", "https://", "mailto:"} {
		if strings.HasPrefix(u, scheme) {
			return true
		}
	}
	return false
}
