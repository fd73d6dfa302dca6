package message

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Piece is a part of a line: the bytes From up to To of its text.
type Piece struct{ Line, From, To int }

// Find finds words in a text, whatever the case of their letters. Each match
// has one piece for every line that it touches.
func (r *Rendered) Find(words string) [][]Piece {
	want := foldCase(strings.Join(strings.Fields(words), " "))
	if want == "" {
		return nil
	}
	var out [][]Piece
	for i := 0; i < len(r.Lines); {
		p := r.paragraph(i)
		i = p.next
		for at := 0; ; {
			n := strings.Index(p.folded[at:], want)
			if n < 0 {
				break
			}
			out = append(out, p.pieces(at+n, at+n+len(want)))
			at += n + len(want)
		}
	}
	return out
}

// folded is a paragraph as it is searched: its letters in one case, and for
// each byte of that the line and place it comes from.
type folded struct {
	folded string
	line   []int
	at     []int
	size   []int // bytes of the letter in the line
	next   int
}

func (r *Rendered) paragraph(i int) folded {
	var p folded
	var b strings.Builder
	add := func(s string, line, at, size int) {
		b.WriteString(s)
		for range len(s) {
			p.line, p.at, p.size = append(p.line, line), append(p.at, at), append(p.size, size)
		}
	}
	for first := true; i < len(r.Lines) && (first || r.Lines[i].more); i, first = i+1, false {
		text := r.Lines[i].Text()
		if !first && !r.Lines[i].glued {
			add(" ", i-1, len(r.Lines[i-1].Text()), 0)
		}
		for at, c := range text {
			add(foldCase(string(c)), i, at, utf8.RuneLen(c))
		}
	}
	p.folded, p.next = b.String(), i
	return p
}

// pieces are the parts of lines that bytes of the folded text come from.
func (p *folded) pieces(from, to int) []Piece {
	var out []Piece
	for i := from; i < to; i++ {
		end := p.at[i] + p.size[i]
		if n := len(out); n > 0 && out[n-1].Line == p.line[i] {
			out[n-1].To = max(out[n-1].To, end)
			continue
		}
		out = append(out, Piece{p.line[i], p.at[i], end})
	}
	return out
}

func foldCase(s string) string {
	return strings.Map(func(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }, s)
}
