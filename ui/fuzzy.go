package ui

import (
	"slices"
	"strings"
	"unicode"
)

// cannotBe sets what cannot be done now behind what matches about as well and can.
const cannotBe = 100

// rank gives the items that hold all letters of each word in order, the best
// match first.
func rank(items []item, words string) []int {
	type hit struct{ i, score int }
	var hits []hit
	for i, it := range items {
		total := 0
		for _, w := range strings.Fields(words) {
			score := fuzzy(it.label, w)
			if s := fuzzy(it.also, w) - 40; it.also != "" && s > score {
				score = s
			}
			if score <= 0 {
				total = 0
				break
			}
			total += score
		}
		if total > 0 && it.why != "" {
			total = max(total-cannotBe, 1)
		}
		if total > 0 {
			hits = append(hits, hit{i, total})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return b.score - a.score })
	out := make([]int, len(hits))
	for n, h := range hits {
		out[n] = h.i
	}
	return out
}

// fuzzy tells how well s matches what was typed: 0 not at all. Letters at the
// start of words and next to each other count more.
func fuzzy(s, typed string) int {
	text, want := []rune(strings.ToLower(s)), []rune(strings.ToLower(typed))
	if len(want) == 0 || len(want) > len(text) {
		return 0
	}
	if at := strings.Index(string(text), string(want)); at >= 0 {
		score := 200 - min(len(text), 60)
		if at == 0 {
			score += 60
		} else if r := []rune(string(text)[:at]); !unicode.IsLetter(r[len(r)-1]) {
			score += 40
		}
		return score
	}
	score, next, last := 0, 0, -2
	for i, r := range text {
		if next == len(want) {
			break
		}
		if r != want[next] {
			continue
		}
		score += 2
		if i == last+1 {
			score += 4
		}
		if i == 0 || !unicode.IsLetter(text[i-1]) {
			score += 8
		}
		last = i
		next++
	}
	if next < len(want) || score < 4*len(want) {
		return 0
	}
	return max(score-len(text)/4+20, 1)
}
