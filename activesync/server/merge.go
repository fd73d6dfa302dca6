package server

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"strings"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
)

// withSource adds the original to a reply or forward, as Exchange does where the
// device does not send it along (MS-ASCMD 2.2.3.145): its text with its main
// fields below the text, in each form that either of the two has, and with a
// forward its files. A reply keeps the pictures of the text.
func withSource(sent, source []byte, forward, files bool) []byte {
	m, src := message.ParseBytes(sent), message.ParseBytes(source)
	attached := m.Attachments
	for _, f := range src.Attachments {
		if files && forward || f.Inline {
			attached = append(attached, f)
		}
	}
	var b bytes.Buffer
	b.Write(withoutContent(sent))
	b.WriteString("MIME-Version: 1.0\r\n")
	parts := []func(){func() { writeText(&b, m, src) }}
	for _, f := range attached {
		parts = append(parts, func() { writeFile(&b, f) })
	}
	writeParts(&b, "mixed", parts)
	return b.Bytes()
}

// withoutContent is the header of a message without the fields of its form, and
// without the blank line.
func withoutContent(source []byte) []byte {
	head, err := message.Head(bytes.NewReader(source))
	if err != nil {
		return nil // it is in memory
	}
	for _, name := range []string{"mime-version", "content-type", "content-transfer-encoding", "content-disposition"} {
		head = message.WithoutField(head, name)
	}
	return append(bytes.TrimRight(head, "\r\n"), "\r\n"...)
}

func writeParts(b *bytes.Buffer, kind string, parts []func()) {
	if len(parts) == 1 {
		parts[0]()
		return
	}
	boundary := "=_" + rand.Text()
	fmt.Fprintf(b, "Content-Type: multipart/%s; boundary=\"%s\"\r\n\r\n", kind, boundary)
	for _, part := range parts {
		fmt.Fprintf(b, "--%s\r\n", boundary)
		part()
		b.WriteString("\r\n")
	}
	fmt.Fprintf(b, "--%s--\r\n", boundary)
}

func writeText(b *bytes.Buffer, m, src *message.Mail) {
	fields := [][2]string{{"From", activesync.FormatAddresses(src.From, "; ")}, {"Sent", src.Date.Format("Monday, January 2, 2006 15:04")},
		{"To", activesync.FormatAddresses(src.To, "; ")}, {"Subject", src.Subject}}
	plain := m.PlainText() + "\n________________________________\n"
	for _, f := range fields {
		plain += f[0] + ": " + f[1] + "\n"
	}
	plain += "\n" + src.PlainText()
	parts := []func(){func() { writeQuoted(b, "text/plain; charset=utf-8", crlf(plain)) }}
	if m.HTML != "" || src.HTML != "" {
		page := htmlOf(m) + "<hr>"
		for _, f := range fields {
			page += "<b>" + f[0] + ":</b> " + escape(f[1]) + "<br>"
		}
		page += "<br>" + htmlOf(src)
		parts = append(parts, func() { writeQuoted(b, "text/html; charset=utf-8", page) })
	}
	writeParts(b, "alternative", parts)
}

// htmlOf is the text of a message as HTML.
func htmlOf(m *message.Mail) string {
	if m.HTML != "" {
		return m.HTML
	}
	return "<pre>" + escape(m.PlainText()) + "</pre>"
}

func writeFile(b *bytes.Buffer, f message.File) {
	kind := "attachment"
	if f.Inline {
		kind = "inline"
	}
	fmt.Fprintf(b, "Content-Disposition: %s\r\n", mime.FormatMediaType(kind, map[string]string{"filename": f.Name}))
	if f.ContentID != "" {
		fmt.Fprintf(b, "Content-ID: <%s>\r\n", f.ContentID)
	}
	ctype := f.ContentType
	if ctype == "" || strings.HasPrefix(ctype, "multipart/") {
		ctype = "application/octet-stream"
	}
	if ctype == "message/rfc822" { // it must not be encoded (RFC 2046 5.2.1)
		fmt.Fprintf(b, "Content-Type: %s\r\n\r\n%s", ctype, f.Content)
		return
	}
	writeEncoded(b, ctype, f.Content)
}

func writeEncoded(b *bytes.Buffer, ctype string, content []byte) {
	fmt.Fprintf(b, "Content-Type: %s\r\nContent-Transfer-Encoding: base64\r\n\r\n", ctype)
	for len(content) > 0 {
		n := min(57, len(content))
		b.WriteString(base64.StdEncoding.EncodeToString(content[:n]) + "\r\n")
		content = content[n:]
	}
}

func writeQuoted(b *bytes.Buffer, ctype, text string) {
	fmt.Fprintf(b, "Content-Type: %s\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", ctype)
	w := quotedprintable.NewWriter(b)
	w.Write([]byte(text)) //nolint:errcheck // into memory
	w.Close()             //nolint:errcheck // likewise
	b.WriteString("\r\n")
}
