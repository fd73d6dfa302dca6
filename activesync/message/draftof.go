package message

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

// DraftOf makes a draft of a finished message, as far as one can tell: its
// recipients, subject, text and files.
func DraftOf(mime []byte) activesync.Draft {
	m := ParseBytes(mime)
	d := activesync.Draft{To: m.To, Cc: m.Cc, Bcc: m.Bcc, Subject: Clean(m.Subject), Text: strings.TrimRight(m.PlainText(), "\n") + "\n"}
	for _, f := range m.Attachments {
		d.Attachments = append(d.Attachments, activesync.DraftAttachment{Name: f.Name, ContentType: f.ContentType, Data: f.Content})
	}
	return d
}

// WithFiles is a draft whose own files have the content that they have in a
// message that was made of it: the files themselves may have changed since.
func WithFiles(d activesync.Draft, mime *Mail) (activesync.Draft, error) {
	d.Attachments = slices.Clone(d.Attachments)
	there := slices.Clone(mime.Attachments)
	for i := range d.Attachments {
		f := &d.Attachments[i]
		if f.Path == "" {
			continue
		}
		name := attachmentName(f)
		n := slices.IndexFunc(there, func(a File) bool { return a.Name == name })
		if n < 0 {
			return d, fmt.Errorf("%w: the message lacks its file %s", activesync.ErrNotFound, name)
		}
		f.Name, f.Path, f.Data = name, "", there[n].Content
		there = slices.Delete(there, n, n+1)
	}
	return d, nil
}

// dateFormat is how the Date field is written (RFC 5322 3.3).
const dateFormat = "Mon, 02 Jan 2006 15:04:05 -0700"

// Redate writes another time into the Date field of a message, or a header, that
// this package made. One without the field stays as it is.
func Redate(mime []byte, t time.Time) []byte {
	end := bytes.Index(mime, []byte("\r\n\r\n"))
	if end < 0 {
		end = len(mime)
	}
	from := 0
	if !bytes.HasPrefix(mime, []byte("Date:")) {
		i := bytes.Index(mime[:end], []byte("\r\nDate:"))
		if i < 0 {
			return mime
		}
		from = i + 2
	}
	to := from + len(mime[from:])
	if i := bytes.Index(mime[from:], []byte("\r\n")); i >= 0 {
		to = from + i
	}
	out := append([]byte(nil), mime[:from]...)
	out = append(out, "Date: "+t.Format(dateFormat)...)
	return append(out, mime[to:]...)
}
