package message

import "strings"

// Chain is a run of lines that were sent before: messages that this one
// answers or passes on, newest first.
type Chain struct {
	Earlier []Earlier
	End     int // the line behind the last one
	// Own says that something new stands before or behind it.
	Own bool
}

// Earlier is one message of a chain. It ends where the next one begins.
type Earlier struct {
	At        int    // its first line, that of the words that introduce it
	From      string // who wrote it, "" where that is not said
	Forwarded bool   // it was passed on, rather than answered
}

// The bounds of what is looked at for the words that introduce a message.
const (
	maxIntroduction = 12 // lines
	maxWrote        = 400
	// shortQuote is how long a quote may be that answers stand between: longer
	// ones are folded.
	shortQuote = 12
	// fewLines are not worth folding.
	fewLines = 3
)

// Chains finds the earlier messages in a text, in order.
func (r *Rendered) Chains() []Chain {
	f := finder{lines: r.Lines}
	var out []Chain
	for i := 0; i < len(f.lines); {
		s, ok := f.start(i)
		if !ok {
			i++
			continue
		}
		end := f.end(s)
		c := Chain{Earlier: []Earlier{s.earlier}}
		c.Earlier = append(c.Earlier, f.within(s.body, end)...)
		// What follows at once belongs to the same chain.
		for {
			next := f.skipBlank(end)
			t, ok := f.start(next)
			if !ok || !s.flat && !t.introduced {
				break
			}
			c.Earlier = append(append(c.Earlier, t.earlier), f.within(t.body, f.end(t))...)
			end = f.end(t)
		}
		c.End = f.trimBlank(s.earlier.At, end)
		behind := f.own(end, len(f.lines))
		c.Own = behind || f.own(0, s.earlier.At)
		if n := c.End - s.earlier.At; n >= fewLines && (!behind || n > shortQuote) {
			out = append(out, c)
		}
		i = max(end, i+1)
	}
	return out
}

// finder looks for earlier messages.
type finder struct{ lines []Line }

// start is where an earlier message begins.
type start struct {
	earlier    Earlier
	body       int  // the line behind the introduction
	depth      int  // how deep the introduction is quoted
	flat       bool // the message is not quoted deeper than its introduction
	introduced bool // it has one
}

// start reports whether an earlier message begins at line i.
func (f *finder) start(i int) (start, bool) {
	if i >= len(f.lines) {
		return start{}, false
	}
	l := f.lines[i]
	if len(l.Spans) == 0 || l.more {
		return start{}, false
	}
	before := 0
	if i > 0 {
		before = f.lines[i-1].Quote
	}
	text := strings.TrimSpace(l.Text())
	s := start{earlier: Earlier{At: i}, depth: l.Quote, introduced: true}
	if f.divider(&s, i, text) || f.fields(&s, i, text, l.mark) || f.wrote(&s, i, l.mark) {
		return s, true
	}
	if l.Quote > before {
		return start{earlier: Earlier{At: i}, body: i, depth: before}, true
	}
	return start{}, false
}

// divider takes a line such as -----Original Message-----, or a rule before
// header fields.
func (f *finder) divider(s *start, i int, text string) bool {
	if text == "" || !strings.ContainsAny(text[:1], "-_=*") && !strings.HasPrefix(text, "─") && !strings.HasSuffix(text, ":") {
		return false
	}
	words := strings.ToLower(strings.Trim(text, "-_=*─: "))
	next := f.skipBlank(i + 1)
	if words == "" { // a rule
		if len([]rune(text)) < 5 || next >= len(f.lines) || f.lines[next].Quote != s.depth {
			return false
		}
		return f.fields(s, next, strings.TrimSpace(f.lines[next].Text()), true)
	}
	dashed := strings.HasPrefix(text, "--") || strings.HasPrefix(text, "__") || strings.HasPrefix(text, "==") || strings.HasPrefix(text, "**")
	forwarded := anyOf(forwardWords, words) && (dashed || strings.HasPrefix(words, "begin"))
	if !forwarded && !(dashed && anyOf(originalWords, words)) {
		return false
	}
	if next < len(f.lines) && f.lines[next].Quote >= s.depth {
		depth := s.depth
		s.depth = f.lines[next].Quote
		if f.fields(s, next, strings.TrimSpace(f.lines[next].Text()), true) || f.wrote(s, next, true) {
			s.earlier.Forwarded, s.depth = forwarded, depth
			s.flat = s.flat && f.lines[next].Quote == depth
			return true
		}
		s.depth = depth
	}
	s.earlier.Forwarded, s.body, s.flat = forwarded, i+1, true
	return true
}

func anyOf(words []string, s string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// fields takes the header of a message as Outlook and others write it before
// an answer. marked says that the HTML or a rule tells it is one.
func (f *finder) fields(s *start, i int, text string, marked bool) bool {
	if k, _ := fieldOf(text); k == noField && !marked {
		return false
	}
	seen := [subjectField + 1]bool{}
	kinds, unknown, other, at := 0, 0, 0, i
	from := ""
	for at < len(f.lines) && at < i+maxIntroduction {
		line, next := f.paragraph(at)
		if f.lines[at].Quote != s.depth {
			break
		}
		if strings.TrimSpace(line) == "" {
			// One empty line may stand between the fields.
			if k, _ := fieldOf(f.text(at + 1)); k == noField || kinds == 0 {
				break
			}
			at++
			continue
		}
		k, value := fieldOf(line)
		switch {
		case k != noField:
			if !seen[k] {
				seen[k] = true
				kinds++
			}
			if k == fromField && from == "" {
				from = value
			}
		case marked && value != "":
			if unknown++; from == "" {
				from = value // names of a language that is not known: the first is who wrote it
			}
		case kinds > 0 && other < 3 && !seen[subjectField]:
			other++ // a long list of people goes on
		default:
			next = -1
		}
		if next < 0 {
			break
		}
		at = next
	}
	if !(seen[fromField] && kinds >= 3 || marked && (seen[fromField] && kinds >= 2 || kinds+unknown >= 3)) {
		return false
	}
	s.body, s.flat, s.earlier.From = at, true, person(from)
	if n := f.skipBlank(at); n < len(f.lines) && f.lines[n].Quote > s.depth {
		s.flat = false
	}
	return true
}

// fieldOf takes a line such as "Sent: Monday" apart. The value of a field
// whose name is not known is given with noField.
func fieldOf(line string) (introField, string) {
	line = strings.TrimLeft(line, "*• \t")
	i := strings.IndexAny(line, ":：")
	if i <= 0 || i > 40 {
		return noField, ""
	}
	name := strings.ToLower(strings.TrimSpace(strings.Trim(strings.TrimSpace(line[:i]), "*")))
	value := strings.TrimPrefix(strings.TrimPrefix(line[i:], ":"), "：")
	return fieldNames[name], strings.TrimSpace(strings.TrimLeft(value, "* "))
}

// wrote takes a line such as "On Monday, Ana Souza wrote:", which may be
// broken over three. marked says that the HTML tells it is one.
func (f *finder) wrote(s *start, i int, marked bool) bool {
	joined, at := "", i
	for n := range 3 {
		if at >= len(f.lines) || f.lines[at].Quote != s.depth {
			return false
		}
		line, next := f.paragraph(at)
		line = strings.TrimSpace(line)
		if line == "" || len(joined)+len(line) > maxWrote {
			return false
		}
		if n == 1 && (!beginsWrote(joined) || line[0] >= 'A' && line[0] <= 'Z' && begins(strings.ToLower(line), onWords)) {
			return false // the line before is no part of it
		}
		if joined != "" {
			joined += " "
		}
		joined += line
		at = next
		if ended, ok := wroteEnd(joined); ok {
			return f.introduces(s, at, ended, marked)
		}
	}
	return false
}

// beginsWrote reports whether a line may be the first of several that say who
// wrote something and when.
func beginsWrote(line string) bool {
	return strings.ContainsAny(line, "0123456789@") || begins(strings.ToLower(line), onWords)
}

// wroteEnd reports whether a line may introduce what somebody wrote.
func wroteEnd(line string) (string, bool) {
	if t, ok := strings.CutSuffix(line, ":"); ok {
		return t, true
	}
	return strings.CutSuffix(line, "：")
}

// introduces reports whether a line that ends with a colon says who wrote what
// follows at line at.
func (f *finder) introduces(s *start, at int, line string, marked bool) bool {
	lower := strings.ToLower(line)
	verb := anyOf(wroteWords, lower)
	digits := strings.ContainsAny(line, "0123456789")
	next := f.skipBlank(at)
	deeper := next < len(f.lines) && f.lines[next].Quote > s.depth && next <= at+2
	switch {
	case deeper && (verb || strings.Contains(line, "@") && digits):
	case verb && digits && (marked || begins(lower, onWords) && (strings.Contains(line, "@") || strings.HasSuffix(strings.TrimSpace(lower), "wrote"))):
		s.flat = true
	default:
		return false
	}
	s.body, s.earlier.From = at, writer(line)
	return true
}

func begins(s string, words []string) bool {
	for _, w := range words {
		if strings.HasPrefix(s, w) {
			return true
		}
	}
	return false
}

// end is the line behind the message that begins at s.
func (f *finder) end(s start) int {
	floor := s.depth
	if !s.flat {
		floor++
	}
	last := s.body
	for i := s.body; i < len(f.lines); i++ {
		switch {
		case f.blank(i):
		case f.lines[i].Quote < floor:
			return last
		default:
			last = i + 1
		}
	}
	return last
}

// within are the messages that lie in the lines of another one.
func (f *finder) within(from, to int) []Earlier {
	var out []Earlier
	for i := from; i < to; {
		s, ok := f.start(i)
		if !ok || !s.introduced {
			i++
			continue
		}
		out = append(out, s.earlier)
		i = max(s.body, i+1)
	}
	return out
}

// own reports whether lines hold something that is neither quoted nor only the
// foot of a message.
func (f *finder) own(from, to int) bool {
	for i := from; i < to; i++ {
		if f.blank(i) || f.lines[i].Quote > 0 {
			continue
		}
		text := strings.TrimSpace(f.lines[i].Text())
		if text == "--" || strings.HasPrefix(text, "_____") || strings.HasPrefix(text, "─────") && i > from {
			return false
		}
		return true
	}
	return false
}

func (f *finder) blank(i int) bool {
	for _, s := range f.lines[i].Spans {
		if strings.TrimSpace(s.Text) != "" {
			return false
		}
	}
	return true
}

func (f *finder) skipBlank(i int) int {
	for i < len(f.lines) && f.blank(i) {
		i++
	}
	return i
}

func (f *finder) trimBlank(from, to int) int {
	for to > from && f.blank(to-1) {
		to--
	}
	return to
}

func (f *finder) text(i int) string {
	if i >= len(f.lines) {
		return ""
	}
	return f.lines[i].Text()
}

// paragraph is line i with those that go on from it, and the line behind them.
func (f *finder) paragraph(i int) (string, int) {
	text := f.lines[i].Text()
	for i++; i < len(f.lines) && f.lines[i].more && len(text) < 2000; i++ {
		if !f.lines[i].glued {
			text += " "
		}
		text += f.lines[i].Text()
	}
	return text, i
}
