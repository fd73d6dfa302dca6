package sample

import (
	"fmt"
	"html"
	"regexp"
	"strings"
)

// Newsletters and notices are written in a few marks: "# " before a heading,
// "- " before a point, "| a | b |" for a row of a table, "[words](address)"
// for a link, alone on its line a button, "![words](address)" for a picture,
// "! " before the hidden line that mail programs show as the first words.

var (
	linkMark    = regexp.MustCompile(`\[([^\]]+)\]\(([^)]+)\)`)
	pictureMark = regexp.MustCompile(`^!\[([^\]]*)\]\(([^)]+)\)$`)
	buttonMark  = regexp.MustCompile(`^\[([^\]]+)\]\(([^)]+)\)$`)
)

// plainMarkup is the text without the marks.
func plainMarkup(s string) string {
	var out []string
	for line := range strings.SplitSeq(s, "\n") {
		switch {
		case strings.HasPrefix(line, "! "):
			continue
		case pictureMark.MatchString(line):
			continue
		case strings.HasPrefix(line, "# "):
			title := line[2:]
			out = append(out, strings.ToUpper(title), strings.Repeat("=", len([]rune(title))))
			continue
		case strings.HasPrefix(line, "| "):
			var row strings.Builder
			for _, cell := range cells(line) {
				fmt.Fprintf(&row, "%-22s", linkMark.ReplaceAllString(cell, "$1"))
			}
			out = append(out, strings.TrimRight(row.String(), " "))
			continue
		}
		out = append(out, linkMark.ReplaceAllString(line, "$1 <$2>"))
	}
	return strings.TrimLeft(strings.Join(out, "\n"), "\n") + "\n"
}

func cells(line string) []string {
	var out []string
	for c := range strings.SplitSeq(strings.Trim(line, "| "), "|") {
		out = append(out, strings.TrimSpace(c))
	}
	return out
}

// markupHTML is the marked text as HTML. With layout, paragraphs are rows of a
// table, as newsletters have it.
func markupHTML(s string, layout bool) string {
	open, end := "<p>", "</p>\n"
	if layout {
		open, end = `<tr><td style="padding:0 24px 12px 24px;font:16px/24px Georgia,serif;color:#333333">`, "</td></tr>\n"
	}
	var b strings.Builder
	inline := func(s string) string { return linkMark.ReplaceAllString(html.EscapeString(s), `<a href="$2">$1</a>`) }
	for para := range strings.SplitSeq(s, "\n\n") {
		lines := strings.Split(strings.TrimSpace(para), "\n")
		first := lines[0]
		switch {
		case strings.HasPrefix(first, "! "):
			fmt.Fprintf(&b, `<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">%s%s</div>`, html.EscapeString(first[2:]), strings.Repeat("&#847;&zwnj;&nbsp;", 20))
			continue
		case strings.HasPrefix(first, "# "):
			title := `<h2 style="margin:12px 0 4px 0">` + inline(first[2:]) + "</h2>"
			if layout {
				title = open + title + end
			}
			b.WriteString(title)
			if lines = lines[1:]; len(lines) == 0 {
				continue
			}
		}
		b.WriteString(open)
		switch first = lines[0]; {
		case strings.HasPrefix(first, "| "):
			b.WriteString(tableHTML(lines, inline))
		case strings.HasPrefix(first, "- "):
			b.WriteString("<ul>")
			for _, l := range lines {
				b.WriteString("<li>" + inline(strings.TrimPrefix(l, "- ")) + "</li>")
			}
			b.WriteString("</ul>")
		case pictureMark.MatchString(first):
			m := pictureMark.FindStringSubmatch(first)
			fmt.Fprintf(&b, `<img src="%s" alt="%s" width="552" style="display:block;border:0">`, m[2], html.EscapeString(m[1]))
		case buttonMark.MatchString(first):
			m := buttonMark.FindStringSubmatch(first)
			fmt.Fprintf(&b, `<table role="presentation" cellpadding="0" cellspacing="0"><tr><td bgcolor="#1f4e79" style="border-radius:4px">`+
				`<a href="%s" style="display:inline-block;padding:10px 18px;color:#ffffff;text-decoration:none">%s</a></td></tr></table>`, m[2], html.EscapeString(m[1]))
		default:
			for i, l := range lines {
				if i > 0 {
					b.WriteString("<br>\n")
				}
				b.WriteString(inline(l))
			}
		}
		b.WriteString(end)
	}
	return b.String()
}

// tableHTML is a table of data; its first row is the heading.
func tableHTML(lines []string, inline func(string) string) string {
	var b strings.Builder
	b.WriteString(`<table border="1" cellpadding="4" cellspacing="0" style="border-collapse:collapse">`)
	for i, line := range lines {
		tag := "td"
		if i == 0 {
			tag = "th"
		}
		b.WriteString("<tr>")
		for _, c := range cells(line) {
			b.WriteString("<" + tag + ` align="left">` + inline(c) + "</" + tag + ">")
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</table>")
	return b.String()
}

// notice is what machines send: a few lines and a table.
func notice(s string) string {
	return `<html><body style="font-family:Arial,sans-serif;font-size:14px">` + "\n" + markupHTML(s, false) + "</body></html>\n"
}

// newsletter is laid out in tables inside tables, with a hidden line in front
// and a picture of one pixel that tells when it was read.
func newsletter(l *letter) string {
	text, hidden := l.own(), ""
	if strings.HasPrefix(text, "! ") {
		head, rest, _ := strings.Cut(text, "\n\n")
		hidden, text = markupHTML(head, false), rest
	}
	host := "https://" + l.from.domain()
	return `<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">` +
		`<html xmlns="http://www.w3.org/1999/xhtml"><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"><title>` + html.EscapeString(l.subject) +
		"</title><style type=\"text/css\">@media only screen and (max-width:480px){.wide{width:100% !important}}</style></head>\n" +
		`<body style="margin:0;padding:0;background:#eef2f5">` + hidden +
		`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" bgcolor="#eef2f5"><tr><td align="center">` + "\n" +
		`<table role="presentation" class="wide" width="600" cellpadding="0" cellspacing="0" bgcolor="#ffffff">` +
		`<tr><td style="padding:24px;font:bold 22px Georgia,serif;color:#1f4e79"><a href="` + host + `" style="color:#1f4e79;text-decoration:none">` + html.EscapeString(l.from.contact.Name()) + "</a></td></tr>\n" +
		markupHTML(text, true) +
		`<tr><td style="padding:16px 24px;font:12px/18px Arial,sans-serif;color:#888888;border-top:1px solid #dddddd">You get this because you asked for it. ` +
		`<a href="` + host + `/leave?u=alice">Leave the list</a> &middot; <a href="` + host + "/view\">Read it in the browser</a></td></tr></table>\n" +
		`<img src="` + host + `/open.gif?id=` + l.id + `" width="1" height="1" alt=""></td></tr></table></body></html>` + "\n"
}
