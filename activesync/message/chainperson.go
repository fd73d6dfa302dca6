package message

import (
	"strings"

	"eas.example/securemail/activesync"
)

var (
	linkNumber = pattern(`\[\d+\]`)
	mailtoNote = pattern(`(?i)[\[<(]\s*mailto:[^\])>]*[\])>]`)
	onBehalf   = pattern(`(?i) (on behalf of|im auftrag von|de la part de|en nombre de|em nome de|per conto di|namens) `)
	bracketed  = pattern(`[<(\[][^<>()\[\]]*@[^<>()\[\]]*[>)\]]`)
)

// person is the name in a field such as "Ana Souza <ana@example.test>".
func person(s string) string {
	s = linkNumber().ReplaceAllString(s, "")
	if m := onBehalf().FindStringIndex(s); m != nil {
		s = s[m[1]:]
	}
	bare := strings.TrimSpace(mailtoNote().ReplaceAllString(s, ""))
	if i := strings.IndexAny(bare, "[;"); i > 0 {
		bare = strings.TrimSpace(bare[:i])
	}
	return short(strings.Trim(activesync.ParseAddress(bare).Label(), `"'* <>`))
}

// writer is who a line such as "On Monday at 10:00, Ana Souza wrote" names.
func writer(line string) string {
	line = linkNumber().ReplaceAllString(line, "")
	address := strings.Trim(bracketed().FindString(line), "<>()[] ")
	bare := strings.TrimSpace(bracketed().ReplaceAllString(mailtoNote().ReplaceAllString(line, ""), " "))
	lower := strings.ToLower(bare)
	at, word := -1, ""
	for _, w := range wroteWords {
		if i := strings.LastIndex(lower, w); i >= 0 && len(lower) == len(bare) && (len(w) > len(word) || at < 0) {
			at, word = i, w
		}
	}
	if at >= 0 {
		if behind := name(bare[at+len(word):]); behind != "" && !strings.ContainsAny(behind, "0123456789") {
			return behind // "Am 3.3. um 10:00 schrieb Ana Souza"
		}
		bare = bare[:at]
	}
	if i := strings.LastIndexAny(bare, "0123456789"); i >= 0 {
		if behind := name(bare[i+1:]); behind != "" {
			return behind
		}
		bare = bare[:strings.IndexAny(bare, "0123456789")] // "Ana Souza, 3.3.2026 10:00"
		for _, w := range onWords {
			if len(bare) >= len(w) && strings.EqualFold(bare[:len(w)], w) {
				bare = ""
			}
		}
	}
	for _, w := range onWords {
		if len(bare) >= len(w) && strings.EqualFold(bare[:len(w)], w) {
			bare = bare[len(w):]
			break
		}
	}
	if n := name(bare); n != "" {
		return n
	}
	return short(strings.TrimPrefix(strings.TrimSpace(address), "mailto:"))
}

// name takes off what stands between a time and a name.
func name(s string) string {
	s = strings.Trim(s, " ,;:.\"'*|-–—()<>")
	for {
		first, rest, _ := strings.Cut(s, " ")
		switch strings.Trim(strings.ToLower(first), ",.;:") {
		case "am", "pm", "a.m", "p.m", "uhr", "h", "at", "um", "à", "a", "alle", "gmt", "utc", "cet", "cest", "est", "edt", "pst", "pdt", "г", "в", "год", "kl", "klo", "по", "the", "by", "on", "wrote", "u", "om", "het", "пользователь", "às", "las":
			s = strings.Trim(rest, " ,;:.\"'*|-–—()<>")
			if s == "" {
				return ""
			}
			continue
		}
		if len(s) > len(first) && strings.HasSuffix(first, ",") && len(first) > 3 && strings.Contains(dayAndMonths, " "+strings.ToLower(first)[:3]) {
			s = strings.TrimSpace(rest) // "3 March, Ana Souza"
			continue
		}
		return short(s)
	}
}

// dayAndMonths are how days and months begin where they are abbreviated most.
const dayAndMonths = " mon tue wed thu fri sat sun jan feb mar apr may jun jul aug sep oct nov dec mit don fre sam son mai okt dez lun mer jeu ven dim fév avr aoû déc mié jue vie dom ene abr ago dic "

// short keeps a name to a length that one line has room for.
func short(s string) string {
	s = strings.Join(strings.Fields(Clean(s)), " ")
	if r := []rune(s); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return s
}
