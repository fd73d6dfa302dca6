package ui

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/ui/edit"
)

// misspelt is a word that the dictionary does not know, and where it stands.
type misspelt struct {
	word  string
	line  int
	at    int // bytes from the start of the line
	other []string
}

// findMisspelt asks a program that speaks as ispell -a does about each line. Lines
// that are quoted are not asked about.
func findMisspelt(ctx context.Context, program []string, lines []string) ([]misspelt, error) {
	cmd := exec.CommandContext(ctx, program[0], program[1:]...)
	var in, errs bytes.Buffer
	in.WriteString("!\n") // only what is wrong is answered
	for _, l := range lines {
		if strings.HasPrefix(l, ">") {
			l = ""
		}
		in.WriteString("^" + strings.ReplaceAll(l, "\t", " ") + "\n") // ^ takes the rest as text
	}
	cmd.Stdin, cmd.Stderr = &in, &errs
	out, err := cmd.Output()
	if err != nil {
		if words := strings.TrimSpace(errs.String()); words != "" {
			err = errors.New(words)
		}
		return nil, fmt.Errorf("check the spelling: %w", err)
	}
	return spelt(out, lines), nil
}

// spelt reads the answers: a line for each misspelt word, an empty one after
// each line of the text. Programs disagree on whether they count bytes or
// letters, so a word is looked for near the place they name.
func spelt(out []byte, lines []string) []misspelt {
	var found []misspelt
	n, from := 0, 0 // the line, and where in it the last word ended
	sc := bufio.NewScanner(bytes.NewReader(out))
	sc.Buffer(nil, 1<<20)
	for first := true; sc.Scan(); first = false {
		answer := sc.Text()
		if first && strings.HasPrefix(answer, "@") {
			continue
		}
		if answer == "" {
			n, from = n+1, 0
			continue
		}
		m, ok := spellAnswer(answer)
		if !ok || n >= len(lines) || from > len(lines[n]) {
			continue
		}
		i := strings.Index(lines[n][from:], m.word)
		if m.word == "" || i < 0 {
			continue
		}
		m.line, m.at = n, from+i
		from = m.at + len(m.word)
		found = append(found, m)
	}
	return found
}

// spellAnswer reads "& word count offset: one, two" or "# word offset".
func spellAnswer(s string) (misspelt, bool) {
	head, rest, _ := strings.Cut(s, ":")
	words := strings.Fields(head)
	switch {
	case len(words) == 4 && (words[0] == "&" || words[0] == "?"):
		m := misspelt{word: words[1]}
		for w := range strings.SplitSeq(rest, ",") {
			if w = clean(strings.TrimSpace(w)); w != "" && utf8.ValidString(w) && len(m.other) < 8 {
				m.other = append(m.other, w)
			}
		}
		return m, true
	case len(words) == 3 && words[0] == "#":
		return misspelt{word: words[1]}, true
	}
	return misspelt{}, false
}

// checkSpelling looks at the text and goes through what is not known.
func (w *compose) checkSpelling(a *App) tea.Cmd {
	program := a.deps.Speller
	if len(program) == 0 {
		return a.say("There is no program that checks spelling. Install hunspell or aspell and a dictionary.")
	}
	if a.settings.Language != "" {
		program = append(program[:len(program):len(program)], "-d", a.settings.Language)
	}
	text := w.text().Text()
	return a.call(quick, func(ctx context.Context) answer {
		found, err := findMisspelt(ctx, program, strings.Split(text, "\n"))
		return func(a *App) tea.Cmd {
			switch {
			case err != nil:
				return a.fail("", err)
			case a.write != w || w.text().Text() != text:
				return a.say("The text changed while it was checked. Check it again.")
			case len(found) == 0:
				return a.say("No misspelt words were found.")
			}
			return w.spellNext(a, found, map[string]bool{})
		}
	})
}

// spellNext asks about the first word that is left.
func (w *compose) spellNext(a *App, found []misspelt, known map[string]bool) tea.Cmd {
	for len(found) > 0 && known[found[0].word] {
		found = found[1:]
	}
	if len(found) == 0 {
		return a.say("The spelling is checked.")
	}
	m := found[0]
	w.enter(a, textPart)
	w.text().Go(edit.Pos{Line: m.line, Byte: m.at})
	w.stale = true
	ask := &menu{title: "“" + clean(m.word) + "” in line " + strconv.Itoa(m.line+1) + ", " + plural(len(found), "the last one", "%d left"), digits: true}
	for _, other := range m.other {
		ask.items = append(ask.items, item{label: other, do: func(a *App) tea.Cmd {
			w.text().Replace(edit.Pos{Line: m.line, Byte: m.at}, edit.Pos{Line: m.line, Byte: m.at + len(m.word)}, other)
			rest := append([]misspelt(nil), found[1:]...)
			for i := range rest {
				if rest[i].line == m.line {
					rest[i].at += len(other) - len(m.word)
				}
			}
			return tea.Batch(w.touched(a), w.spellNext(a, rest, known))
		}})
	}
	ask.items = append(ask.items,
		item{label: "Leave it", do: func(a *App) tea.Cmd { return w.spellNext(a, found[1:], known) }},
		item{label: "Leave it everywhere", do: func(a *App) tea.Cmd {
			known[m.word] = true
			return w.spellNext(a, found[1:], known)
		}},
		item{label: "Stop"})
	return a.menu(ask)
}
