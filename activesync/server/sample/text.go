package sample

import (
	"html"
	"regexp"
	"strings"
	"time"
)

// clock is a moment as the person's machine shows it.
func (p person) clock(t time.Time) time.Time {
	if p.zone == 0 {
		return t
	}
	return t.In(time.FixedZone("", int(p.zone/time.Second)))
}

// own is what was written, with what stands below it: all of it below the
// first letter, the name alone below an answer.
func (l *letter) own() string {
	sign := l.from.sign
	if l.parent != nil {
		sign, _, _ = strings.Cut(sign, "\n")
		if l.from.key == self {
			sign = "Alice"
		}
	}
	if sign == "" || l.style == "newsletter" || l.style == "notice" || l.style == "report" {
		return l.text
	}
	return l.text + "\n\n" + sign
}

// plain is the whole text: what was written and, below it, what it answers,
// set as the mail program of the writer does.
func (l *letter) plain() string {
	text := l.own()
	switch l.style {
	case "newsletter", "notice", "calendar":
		return plainMarkup(text)
	}
	p := l.parent
	if p == nil {
		return text + "\n"
	}
	if l.style == "outlook" {
		return text + "\n\n-----Original Message-----\n" + strings.Join(p.outlookHead(), "\n") + "\n\n" + p.plain()
	}
	quoted := strings.TrimRight(p.plain(), "\n")
	return text + "\n\n" + l.attribution() + "\n" + quoteLines(quoted) + "\n"
}

// quoteLines puts > in front of each line; below four levels they are left out.
func quoteLines(s string) string {
	var out []string
	for line := range strings.SplitSeq(s, "\n") {
		switch {
		case strings.HasPrefix(line, ">>>>"):
		case strings.HasPrefix(line, ">"):
			out = append(out, ">"+line)
		case line == "":
			out = append(out, ">")
		default:
			out = append(out, "> "+line)
		}
	}
	return strings.Join(out, "\n")
}

// attribution is the line above a quotation.
func (l *letter) attribution() string {
	p := l.parent
	when := l.from.clock(p.date)
	name, address := p.from.name(), p.from.contact.Email1.Address
	switch l.style {
	case "gmail":
		return "On " + when.Format("Mon, 2 Jan 2006 at 15:04") + ", " + name + " <" + address + "> wrote:"
	case "apple":
		return "On " + when.Format("2 Jan 2006, at 15:04") + ", " + name + " <" + address + "> wrote:"
	}
	return "On " + when.Format("02/01/2006 15:04") + ", " + name + " wrote:"
}

// outlookHead is the block that Outlook puts above what is answered.
func (l *letter) outlookHead() []string {
	names := func() string {
		var out []string
		for _, a := range l.to {
			out = append(out, a.Name)
		}
		return strings.Join(out, "; ")
	}
	return []string{"From: " + l.from.name() + " <" + l.from.contact.Email1.Address + ">",
		"Sent: " + l.date.Format("Monday, 2 January 2006 15:04"), "To: " + names(), "Subject: " + l.subject}
}

// html is the same as HTML.
func (l *letter) html() string {
	switch l.style {
	case "newsletter":
		return newsletter(l)
	case "notice", "calendar":
		return notice(l.own())
	case "outlook":
		return `<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8">` +
			"<style><!--\np.MsoNormal {margin:0cm; font-size:11.0pt; font-family:\"Calibri\",sans-serif;}\n--></style></head>\n" +
			`<body lang="EN-GB"><div class="WordSection1">` + l.htmlBody() + "</div></body></html>\n"
	}
	return "<html><head></head><body>" + l.htmlBody() + "</body></html>\n"
}

func (l *letter) htmlBody() string {
	var b strings.Builder
	open, end := "<div>", "</div>\n"
	switch l.style {
	case "outlook":
		open, end = `<p class="MsoNormal">`, "<o:p></o:p></p>\n"
	case "gmail":
		b.WriteString(`<div dir="ltr">`)
	}
	for line := range strings.SplitSeq(l.own(), "\n") {
		if line == "" {
			line = "&nbsp;"
			if l.style != "outlook" {
				line = "<br>"
			}
			b.WriteString(open + line + end)
			continue
		}
		b.WriteString(open + links(html.EscapeString(line)) + end)
	}
	if l.logo() {
		b.WriteString(`<p class="MsoNormal"><img width="120" height="40" src="cid:logo@example.test" alt="Harbour Office"></p>` + "\n")
	}
	if l.style == "gmail" {
		b.WriteString("</div>")
	}
	if l.parent != nil {
		b.WriteString(l.quotedHTML())
	}
	return b.String()
}

// quotedHTML is what is answered, as the writer's mail program sets it off.
func (l *letter) quotedHTML() string {
	inner := l.parent.htmlBody()
	if l.style == "outlook" {
		head := ""
		for _, line := range l.parent.outlookHead() {
			name, value, _ := strings.Cut(line, ": ")
			head += "<b>" + name + ":</b> " + html.EscapeString(value) + "<br>"
		}
		return `<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal">` + head + "</p></div>\n" + inner
	}
	said := html.EscapeString(l.attribution())
	if l.style == "gmail" {
		return `<br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">` + said + `<br></div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex;` +
			`border-left:1px #ccc solid;padding-left:1ex">` + inner + "</blockquote></div>\n"
	}
	return `<div><br><blockquote type="cite"><div>` + said + "</div><br>" + inner + "</blockquote></div>\n"
}

var address = regexp.MustCompile(`https?://[^\s<>&]+[^\s<>&.,;:!?)]`)

// links makes addresses in escaped text clickable.
func links(s string) string { return address.ReplaceAllString(s, `<a href="$0">$0</a>`) }

// logo reports whether the letter carries the picture of the house: the first
// one of a thread from the harbour master's office.
func (l *letter) logo() bool {
	return l.style == "outlook" && l.from.key == "margaret" && l.parent == nil
}
