package ui

import (
	"strings"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/ui/style"
)

// deepestQuote is how many bars a quote gets at most.
const deepestQuote = 6

// text draws a body and tells its links.
func (k look) text(s *sheet, b activesync.Body) []link {
	r := message.RenderText(b, message.RenderOptions{Width: min(s.room(), widestText), Numbers: true})
	links := make([]link, len(r.Links))
	for i, l := range r.Links {
		links[i] = link{text: clean(l.Text), url: clean(l.URL)}
	}
	if r.Note != "" {
		s.words(style.Warn, k.theme.Warning+" "+sentence(clean(r.Note)))
		s.blank()
	}
	for _, l := range r.Lines {
		k.textLine(s, l, links)
	}
	if r.Remote > 0 {
		s.blank()
		s.words(style.Dim, plural(r.Remote, "1 picture of this message lies elsewhere and was not fetched.",
			"%d pictures of this message lie elsewhere and were not fetched."))
	}
	return links
}

func (k look) textLine(s *sheet, t message.Line, links []link) {
	l := s.line()
	for range min(t.Quote, deepestQuote) {
		l.Put(style.Faint, k.theme.Left).Skip(1)
	}
	for _, sp := range t.Spans {
		text := k.drawable(clean(sp.Text))
		if n := sp.Link; n > 0 && n <= len(links) && openable(links[n-1].url) {
			l.PutLink(spanRole(sp, t.Quote), text, links[n-1].url)
			continue
		}
		l.Put(spanRole(sp, t.Quote), text)
	}
	s.add(l)
}

// drawable writes the lines of tables and rules in the signs of the theme.
func (k look) drawable(s string) string {
	if !k.theme.ASCII || !strings.ContainsAny(s, "─│┼•") {
		return s
	}
	return strings.NewReplacer("─", k.theme.Rule, "│", k.theme.Column, "┼", "+", "•", k.theme.Bullet).Replace(s)
}

func spanRole(s message.Span, quote int) style.Role {
	switch {
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
		return style.Quote
	case s.Style.Italic:
		return style.Emph
	case s.Style.Underline:
		return style.Under
	case s.Style.Dim:
		return style.Dim
	}
	return style.Text
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
