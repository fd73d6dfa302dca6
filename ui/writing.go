package ui

import (
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
)

// sent and forwarded texts stand below what one writes, unless the person wants
// them above.
const quoteAbove = "above"

// markdown is the form of a text that is sent as text and HTML.
const markdown = "markdown"

// signature is what stands below a message from an account.
func (s Settings) signature(account activesync.AccountID, answer bool) string {
	if answer {
		return strings.TrimRight(s.ReplySignatures[account], "\n")
	}
	return strings.TrimRight(s.Signatures[account], "\n")
}

// signatureBlock is a signature as it stands in a text, "" for none.
func signatureBlock(s string) string {
	if s == "" {
		return ""
	}
	return "-- \n" + s + "\n"
}

// identities are the addresses that a person writes from with an account, the
// account's own first.
func (s Settings) identities(c activesync.Account) []activesync.Address {
	out := []activesync.Address{{Address: c.Email}}
	for _, text := range s.Aliases[c.ID] {
		p := activesync.ParseAddress(text)
		if message.CheckAddress(p.Address) != nil {
			continue
		}
		if strings.EqualFold(p.Address, c.Email) && out[0].Name == "" {
			out[0].Name = p.Name
			continue
		}
		out = append(out, p)
	}
	return out
}

// newText is the text that a message begins with.
func (s Settings) newText(account activesync.AccountID) string {
	if block := signatureBlock(s.signature(account, false)); block != "" {
		return "\n\n" + block
	}
	return ""
}

// answerText puts what is quoted or passed on together with room to write and
// the signature. line is where one writes.
func (s Settings) answerText(account activesync.AccountID, verb activesync.Verb, quoted string) (text string, line int) {
	block := signatureBlock(s.signature(account, true))
	if s.Quote == quoteAbove && verb != activesync.VerbForward {
		text = strings.TrimRight(quoted, "\n") + "\n\n"
		line = strings.Count(text, "\n")
		if block != "" {
			block = "\n\n" + block
		}
		return text + block, line
	}
	if block != "" {
		block += "\n"
	}
	return "\n\n" + block + quoted, 0
}

// templateField is a word of a template that stands for something else.
type templateField struct{ name, value string }

// fieldsOf are the words in braces of a template, in order.
func fieldsOf(text string) []string {
	var out []string
	for rest := text; ; {
		_, after, ok := strings.Cut(rest, "{")
		if !ok {
			return out
		}
		name, tail, ok := strings.Cut(after, "}")
		if !ok {
			return out
		}
		rest = after
		if name == "" || len(name) > 40 || strings.ContainsAny(name, "{\n") {
			continue
		}
		rest = tail
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
}

// knownFields are what templates may speak of without asking.
func knownFields(to activesync.Address, from activesync.Address, subject string, now time.Time) []templateField {
	name := to.Name
	if name == "" {
		name, _, _ = strings.Cut(to.Address, "@")
	}
	first := name
	if last, given, ok := strings.Cut(name, ","); ok {
		first = strings.TrimSpace(given)
		name = first + " " + last
	}
	if words := strings.Fields(first); len(words) > 0 {
		first = words[0]
	}
	return []templateField{{"name", name}, {"first", first}, {"address", to.Address}, {"me", from.Label()}, {"subject", subject},
		{"date", now.Format("2 January 2006")}, {"day", now.Format("Monday")}, {"time", now.Format("15:04")}}
}

// fillIn writes values for the fields of a template. Values are not looked
// into again.
func fillIn(text string, values []templateField) string {
	var pairs []string
	for _, v := range values {
		pairs = append(pairs, "{"+v.name+"}", v.value)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// templateParts splits the lines To: and Subject: at the front of a template
// from its text.
func templateParts(text string) (to, subject, rest string) {
	rest = text
	for {
		line, after, _ := strings.Cut(rest, "\n")
		name, value, ok := strings.Cut(line, ":")
		switch {
		case ok && strings.EqualFold(name, "to"):
			to = strings.TrimSpace(value)
		case ok && strings.EqualFold(name, "subject"):
			subject = strings.TrimSpace(value)
		default:
			return to, subject, strings.TrimLeft(rest, "\n")
		}
		rest = after
	}
}
