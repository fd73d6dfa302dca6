package sample

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"strings"

	"golang.org/x/text/encoding/ianaindex"

	"eas.example/securemail/activesync"
)

// source is the letter as it comes over the wire.
func (l *letter) source() []byte {
	var b bytes.Buffer
	field := func(name, value string) { b.WriteString(fold(name + ": " + value)) }
	date := l.from.clock(l.date)
	field("Received", fmt.Sprintf("from mx.%s by mail.example.test with ESMTPS id %08X; %s", l.from.domain(), mix(l.id, 1), date.Format(dateForm)))
	field("Date", date.Format(dateForm))
	field("From", mailbox(l.from.address()))
	field("To", mailboxes(l.to))
	if len(l.cc) > 0 {
		field("Cc", mailboxes(l.cc))
	}
	field("Subject", l.word(l.subject))
	field("Message-ID", "<"+l.messageID()+">")
	if l.parent != nil {
		field("In-Reply-To", "<"+l.parent.messageID()+">")
		var ids []string
		for p := l.parent; p != nil; p = p.parent {
			ids = append([]string{"<" + p.messageID() + ">"}, ids...)
		}
		field("References", strings.Join(ids, " "))
	}
	if l.priority != "" {
		field("Importance", l.priority)
	}
	if program := programs[l.style]; program != "" {
		field(program[:strings.IndexByte(program, ':')], strings.TrimSpace(program[strings.IndexByte(program, ':')+1:]))
	}
	for _, h := range l.headers {
		b.WriteString(fold(h))
	}
	field("MIME-Version", "1.0")
	l.body().write(&b, l.id)
	return b.Bytes()
}

const dateForm = "Mon, 02 Jan 2006 15:04:05 -0700"

// programs are the fields by which mail programs name themselves.
var programs = map[string]string{
	"outlook": "X-Mailer: Microsoft Outlook 16.0", "apple": "X-Mailer: Apple Mail (2.3774)",
	"flowed": "User-Agent: Mozilla Thunderbird", "plain": "User-Agent: NeoMutt/20240425",
}

// fold breaks a field at blanks, as a header does.
func fold(s string) string {
	var b strings.Builder
	n := 0
	for i, word := range strings.Split(s, " ") {
		if i > 0 {
			if n+1+len(word) > 76 {
				b.WriteString("\r\n")
				n = 0
			}
			b.WriteByte(' ')
			n++
		}
		b.WriteString(word)
		n += len(word)
	}
	return b.String() + "\r\n"
}

func mailbox(a activesync.Address) string {
	return (&mail.Address{Name: a.Name, Address: a.Address}).String()
}

func mailboxes(list []activesync.Address) string {
	var out []string
	for _, a := range list {
		out = append(out, mailbox(a))
	}
	return strings.Join(out, ", ")
}

// word writes a header text in the letter's charset.
func (l *letter) word(s string) string {
	name, encoded := l.encode(s)
	return mime.BEncoding.Encode(name, string(encoded))
}

// encode puts text into the letter's charset, UTF-8 where that has none of it.
func (l *letter) encode(s string) (charset string, data []byte) {
	if l.charset != "" {
		if enc, err := ianaindex.MIME.Encoding(l.charset); err == nil && enc != nil {
			if b, err := enc.NewEncoder().Bytes([]byte(s)); err == nil {
				return l.charset, b
			}
		}
	}
	return "utf-8", []byte(s)
}

// part is a MIME entity.
type part struct {
	ctype   string
	headers []string
	data    []byte
	binary  bool
	parts   []part // of a multipart
}

// body is the letter's text in the forms that its mail program makes, with its
// files.
func (l *letter) body() part {
	charset, data := l.encode(crlf(l.plain()))
	text := part{ctype: "text/plain; charset=" + charset, data: data}
	if l.style == "flowed" {
		text.ctype += "; format=flowed"
	}
	switch l.style {
	case "report":
		return l.report(text)
	case "outlook", "gmail", "apple", "newsletter", "notice", "calendar":
		charset, data = l.encode(crlf(l.html()))
		text = part{ctype: "multipart/alternative", parts: []part{text, {ctype: "text/html; charset=" + charset, data: data}}}
	}
	if l.invite != nil {
		if text.parts == nil {
			text = part{ctype: "multipart/alternative", parts: []part{text}}
		}
		text.parts = append(text.parts, part{ctype: "text/calendar; charset=utf-8; method=" + l.method, data: l.calendar()})
	}
	if l.logo() {
		text = part{ctype: `multipart/related; type="multipart/alternative"`, parts: []part{text, {ctype: "image/png; name=logo.png", binary: true, data: logo(),
			headers: []string{"Content-ID: <logo@example.test>", "Content-Disposition: inline; filename=logo.png"}}}}
	}
	if len(l.files) == 0 {
		return text
	}
	mixed := part{ctype: "multipart/mixed", parts: []part{text}}
	for _, name := range l.files {
		ctype, data := l.file(name)
		mixed.parts = append(mixed.parts, part{ctype: ctype, data: data, binary: true,
			headers: []string{"Content-Disposition: " + mime.FormatMediaType("attachment", map[string]string{"filename": name})}})
	}
	return mixed
}

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

// write puts out the entity; boundaries are made of id, so that they are the
// same each time.
func (p part) write(b *bytes.Buffer, id string) {
	if p.parts == nil {
		b.WriteString(fold("Content-Type: " + p.ctype))
		for _, h := range p.headers {
			b.WriteString(fold(h))
		}
		p.content(b)
		return
	}
	boundary := fmt.Sprintf("=_%08x_%d", mix(id, len(p.ctype)), len(p.parts))
	b.WriteString(fold("Content-Type: " + p.ctype + `; boundary="` + boundary + `"`))
	b.WriteString("\r\n")
	for i, sub := range p.parts {
		b.WriteString("--" + boundary + "\r\n")
		sub.write(b, fmt.Sprint(id, i))
		b.WriteString("\r\n")
	}
	b.WriteString("--" + boundary + "--\r\n")
}

// content writes the encoding that suits the data, and the data.
func (p part) content(b *bytes.Buffer) {
	high, longest, line := 0, 0, 0
	for _, c := range p.data {
		if line++; c == '\n' {
			line = 0
		}
		longest = max(longest, line)
		if c >= 0x80 {
			high++
		}
	}
	switch {
	case p.binary || high*6 > len(p.data):
		b.WriteString("Content-Transfer-Encoding: base64\r\n\r\n")
		s := base64.StdEncoding.EncodeToString(p.data)
		for len(s) > 76 {
			b.WriteString(s[:76] + "\r\n")
			s = s[76:]
		}
		b.WriteString(s + "\r\n")
	case high == 0 && longest < 900:
		b.WriteString("Content-Transfer-Encoding: 7bit\r\n\r\n")
		b.Write(p.data)
		b.WriteString("\r\n")
	default:
		b.WriteString("Content-Transfer-Encoding: quoted-printable\r\n\r\n")
		w := quotedprintable.NewWriter(b)
		_, _ = w.Write(p.data) // a Buffer takes everything
		_ = w.Close()
		b.WriteString("\r\n")
	}
}
