package message

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"os"
	"path/filepath"
	"strings"

	"eas.example/securemail/activesync"
)

// attachmentName is what a file is called.
func attachmentName(a *activesync.DraftAttachment) string {
	if name := strings.Join(strings.Fields(Clean(a.Name)), " "); name != "" {
		return name
	}
	return filepath.Base(a.Path)
}

// FileType is the type that a file is sent with, such as text/plain.
func FileType(a *activesync.DraftAttachment) string {
	ctype := a.ContentType
	if ctype == "" {
		ctype = mime.TypeByExtension(strings.ToLower(filepath.Ext(attachmentName(a))))
	}
	if media, _, err := mime.ParseMediaType(ctype); err != nil || strings.HasPrefix(media, "multipart/") || strings.HasPrefix(media, "message/") {
		return "application/octet-stream"
	}
	return ctype
}

// attach writes a file, with a Content-ID where it is a picture of the text.
func (w *mimeWriter) attach(a *activesync.DraftAttachment, id string) {
	name := attachmentName(a)
	if a.ContentType == "message/rfc822" && id == "" && w.enclose(a, name) {
		return
	}
	w.field("Content-Type", FileType(a))
	kind := "attachment"
	if id != "" {
		kind = "inline"
		w.field("Content-ID", "<"+token(id)+">")
	}
	w.field("Content-Disposition", dispositionOf(kind, name))
	w.field("Content-Transfer-Encoding", "base64")
	w.line("")
	f, err := w.open(a)
	if err != nil {
		w.fail(fmt.Errorf("attach %s: %w", name, err))
		return
	}
	defer f.Close()
	w.base64(f)
}

func (w *mimeWriter) open(a *activesync.DraftAttachment) (io.ReadCloser, error) {
	switch {
	case a.Elsewhere():
		return w.part(a)
	case a.Path == "":
		return io.NopCloser(bytes.NewReader(a.Data)), nil
	}
	return os.Open(a.Path)
}

// enclose writes a message as a message, which may not be encoded (RFC 2046
// 5.2.1). It reports false where that cannot be: lines are too long, or not
// all is text.
func (w *mimeWriter) enclose(a *activesync.DraftAttachment, name string) bool {
	if a.Path != "" {
		return false
	}
	content := a.Data
	if a.Elsewhere() {
		f, err := w.part(a)
		if err == nil {
			content, err = io.ReadAll(f)
			err = errors.Join(err, f.Close())
		}
		if err != nil {
			w.fail(fmt.Errorf("attach %s: %w", name, err))
			return true
		}
	}
	data := bytes.ReplaceAll(bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	encoding := "7bit"
	for line := range bytes.SplitSeq(data, []byte("\n")) {
		if len(line) > 998 || bytes.IndexByte(line, 0) >= 0 {
			return false
		}
		for _, c := range line {
			if c >= 0x80 {
				encoding = "8bit"
				break
			}
		}
	}
	w.field("Content-Type", "message/rfc822")
	w.field("Content-Disposition", dispositionOf("attachment", name))
	w.field("Content-Transfer-Encoding", encoding)
	w.line("")
	for line := range bytes.SplitSeq(bytes.TrimSuffix(data, []byte("\n")), []byte("\n")) {
		w.line(string(line))
	}
	return true
}

// dispositionOf names a file, by RFC 2231 where its name is more than ASCII.
func dispositionOf(kind, name string) string {
	if plainHeader(name) {
		return kind + `; filename="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
	}
	// Cut between characters: many readers decode each piece by itself.
	pieces := []string{""}
	for _, r := range strings.ToValidUTF8(name, "\uFFFD") {
		c := percentEncoded(r)
		if last := &pieces[len(pieces)-1]; len(*last)+len(c) <= 60 {
			*last += c
		} else {
			pieces = append(pieces, c)
		}
	}
	if len(pieces) == 1 {
		return kind + "; filename*=utf-8''" + pieces[0]
	}
	out := kind
	for i, piece := range pieces {
		lead := ""
		if i == 0 {
			lead = "utf-8''"
		}
		out += fmt.Sprintf("; filename*%d*=%s%s", i, lead, piece)
	}
	return out
}

func percentEncoded(r rune) string {
	if r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z' && r < 0x80 || r == '.' || r == '-' || r == '_' {
		return string(r)
	}
	var b strings.Builder
	for _, c := range []byte(string(r)) {
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

// base64 writes lines of 76 characters.
func (w *mimeWriter) base64(r io.Reader) {
	buf := make([]byte, 57*64)
	for w.err == nil {
		n, err := io.ReadFull(r, buf)
		for b := buf[:n]; len(b) > 0; {
			k := min(len(b), 57)
			w.line(base64.StdEncoding.EncodeToString(b[:k]))
			b = b[k:]
		}
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return
		default:
			w.fail(fmt.Errorf("read the attachment: %w", err))
		}
	}
}
