package message

import (
	"fmt"
	"strings"

	"eas.example/securemail/activesync"
)

// ReplyDraft begins an answer to a message, or a message that passes it on.
// self are the person's own addresses, who need no copy.
func ReplyDraft(source *activesync.Message, verb activesync.Verb, self ...activesync.Address) activesync.Draft {
	d := activesync.Draft{Source: source.ID, Verb: verb}
	if verb == activesync.VerbForward {
		d.Subject = prefixed("Fwd: ", source.Subject)
		d.Text = "\n\n" + ForwardText(source)
		return d
	}
	d.Subject = prefixed("Re: ", source.Subject)
	d.Text = "\n\n" + ReplyText(source)
	taken := map[string]bool{}
	own := map[string]bool{}
	for _, a := range self {
		own[strings.ToLower(a.Address)] = true
	}
	add := func(to *[]activesync.Address, list []activesync.Address, all bool) {
		for _, a := range list {
			k := strings.ToLower(a.Address)
			if k == "" || taken[k] || own[k] && !all {
				continue
			}
			taken[k] = true
			*to = append(*to, a)
		}
	}
	back := source.ReplyTo
	if len(back) == 0 {
		back = []activesync.Address{source.From}
	}
	if own[strings.ToLower(source.From.Address)] && len(source.To) > 0 {
		back = source.To // an answer to one's own message goes where that went
	}
	add(&d.To, back, true)
	if verb == activesync.VerbReplyAll {
		add(&d.To, source.To, false)
		add(&d.Cc, source.Cc, false)
	}
	return d
}

var prefix = pattern(`(?i)^\s*(re|aw|sv|antw|ref|r|odp|vs|fwd?|wg|tr|i|rv|enc|vl|doorst)\s*(\[\d+\]|\(\d+\))?\s*[:：]\s*`)

// prefixed puts Re: or Fwd: before a subject, in place of those that are there.
func prefixed(with, subject string) string {
	subject = Clean(subject)
	want := strings.ToLower(strings.TrimSpace(with))
	if m := prefix().FindString(subject); m != "" {
		if Forwards(m) == (want == "fwd:") {
			subject = subject[len(m):]
		}
	}
	return strings.TrimSpace(with + subject)
}

// Forwards reports whether a subject says that a message is passed on.
func Forwards(subject string) bool {
	kind := strings.ToLower(prefix().FindString(subject))
	kind = strings.TrimSpace(kind)
	return strings.HasPrefix(kind, "f") || strings.HasPrefix(kind, "wg") || strings.HasPrefix(kind, "tr") || strings.HasPrefix(kind, "rv") ||
		strings.HasPrefix(kind, "enc") || strings.HasPrefix(kind, "doorst") || strings.HasPrefix(kind, "i") || strings.HasPrefix(kind, "vl")
}

// ReplyText is the text of a message quoted below a line that says whose it is.
func ReplyText(m *activesync.Message) string {
	var b strings.Builder
	if !m.Date.IsZero() {
		fmt.Fprintf(&b, "On %s, ", m.Date.Local().Format("Mon, 2 Jan 2006 at 15:04"))
	}
	fmt.Fprintf(&b, "%s wrote:\n", Clean(m.From.Label()))
	for line := range strings.SplitSeq(strings.TrimRight(PlainText(m.Body), "\n"), "\n") {
		if strings.HasPrefix(line, ">") {
			b.WriteString(">" + line + "\n")
		} else {
			b.WriteString(strings.TrimRight("> "+line, " ") + "\n")
		}
	}
	return b.String()
}

// ForwardText is the text of a message below a copy of its main header fields.
func ForwardText(m *activesync.Message) string {
	var b strings.Builder
	b.WriteString("-------- Forwarded message --------\n")
	fmt.Fprintf(&b, "From: %s\n", Clean(activesync.FormatAddress(m.From)))
	if !m.Date.IsZero() {
		fmt.Fprintf(&b, "Date: %s\n", m.Date.Local().Format("Mon, 2 Jan 2006 15:04 -0700"))
	}
	fmt.Fprintf(&b, "Subject: %s\n", Clean(m.Subject))
	fmt.Fprintf(&b, "To: %s\n", Clean(activesync.FormatAddresses(m.To, ", ")))
	if len(m.Cc) > 0 {
		fmt.Fprintf(&b, "Cc: %s\n", Clean(activesync.FormatAddresses(m.Cc, ", ")))
	}
	b.WriteString("\n" + strings.TrimRight(PlainText(m.Body), "\n") + "\n")
	return b.String()
}

// AboveSource is what the person wrote of a message that passes another one on,
// where below it the other stands as it was put there; ok is false where that was
// changed.
func AboveSource(text string, source *activesync.Message) (own string, ok bool) {
	own, ok = strings.CutSuffix(strings.TrimRight(text, " \n"), strings.TrimRight(ForwardText(source), " \n"))
	return strings.TrimRight(own, " \n") + "\n", ok
}
