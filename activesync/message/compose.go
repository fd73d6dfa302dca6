package message

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"mime/quotedprintable"
	"strings"
	"time"
	"unicode/utf8"

	"eas.example/securemail/activesync"
)

// ComposeOptions are what a message needs besides what the person wrote.
type ComposeOptions struct {
	From      activesync.Address
	Date      time.Time
	MessageID string // without angle brackets
	// Source is the message that is answered or forwarded, nil for a new one.
	Source *activesync.Message
	// SourceMIME is its MIME where that is at hand; from it come In-Reply-To and
	// References.
	SourceMIME []byte
	// Part opens an attachment that lies with another message; where it is nil
	// those are left out.
	Part func(*activesync.DraftAttachment) (io.ReadCloser, error)
}

// NewMessageID makes a Message-ID of the sender's domain; it tells nothing of
// this machine.
func NewMessageID(domain string) string {
	return strings.ToLower(rand.Text()) + "@" + strings.Map(func(r rune) rune {
		if r == '.' || r == '-' || r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z' {
			return r
		}
		return -1
	}, domain)
}

// DomainOf is the domain of an address; one that leads nowhere where it has none.
func DomainOf(address string) string {
	if i := strings.LastIndexByte(address, '@'); i >= 0 {
		return address[i+1:]
	}
	return "localhost.invalid"
}

// Compose writes a draft as MIME with CRLF line ends. The Bcc field is in it,
// as ActiveSync takes the recipients from the header (MS-ASCMD 2.2.1.17); the
// server removes it.
func Compose(d *activesync.Draft, o ComposeOptions) ([]byte, error) {
	var b bytes.Buffer
	if err := Write(&b, d, o); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Write is Compose to a writer; attachments are streamed from their files.
func Write(out io.Writer, d *activesync.Draft, o ComposeOptions) error {
	w := &mimeWriter{w: bufio.NewWriter(out), part: o.Part}
	w.field("From", encodeAddresses([]activesync.Address{o.From}))
	for _, f := range []struct {
		name string
		list []activesync.Address
	}{{"To", d.To}, {"Cc", d.Cc}, {"Bcc", d.Bcc}} {
		for _, p := range f.list {
			if _, ok := wireAddress(p.Address); !ok {
				w.fail(fmt.Errorf("%w: %q cannot be written to", activesync.ErrRejected, Clean(p.Address)))
			}
		}
		if len(f.list) > 0 {
			w.field(f.name, encodeAddresses(f.list))
		}
	}
	w.field("Subject", encodeText(d.Subject))
	w.field("Date", o.Date.Format(dateFormat))
	w.field("Message-ID", "<"+token(o.MessageID)+">")
	w.thread(d, o)
	w.wishes(d, o)
	w.field("MIME-Version", "1.0")
	w.content(d, o)
	if w.err != nil {
		return w.err
	}
	return w.w.Flush()
}

// wishes are the fields that ask for something: attention, and receipts (RFC
// 8098 for those of readers; Exchange and others take Return-Receipt-To for
// those of servers).
func (w *mimeWriter) wishes(d *activesync.Draft, o ComposeOptions) {
	switch d.Importance {
	case activesync.ImportanceHigh:
		w.field("Importance", "high")
		w.field("X-Priority", "1")
	case activesync.ImportanceLow:
		w.field("Importance", "low")
		w.field("X-Priority", "5")
	}
	if d.ReadReceipt {
		w.field("Disposition-Notification-To", encodeAddresses([]activesync.Address{o.From}))
	}
	if d.DeliveryReceipt {
		w.field("Return-Receipt-To", encodeAddresses([]activesync.Address{o.From}))
	}
}

// content writes text and attachments, each kind of multipart only where it is
// needed: mixed for files, alternative for two forms of the text, related for
// the pictures in it.
func (w *mimeWriter) content(d *activesync.Draft, o ComposeOptions) {
	var pictures, files []*activesync.DraftAttachment
	ids := map[string]string{}
	if d.Markdown {
		var names []string
		for i := range d.Attachments {
			names = append(names, attachmentName(&d.Attachments[i]))
		}
		_, domain, _ := strings.Cut(o.MessageID, "@")
		ids = shownPictures(d.Text, names, domain)
	}
	seen := map[string]bool{}
	for i := range d.Attachments {
		f := &d.Attachments[i]
		if f.Elsewhere() && o.Part == nil {
			continue
		}
		if name := attachmentName(f); ids[name] != "" && !seen[name] {
			seen[name] = true
			pictures = append(pictures, f)
		} else {
			files = append(files, f)
		}
	}
	text := func() { w.text("plain", d.Text) }
	if d.Markdown {
		plain, page := text, func() { w.text("html", MarkdownHTML(d.Text, ids)) }
		if len(pictures) > 0 {
			only := page
			page = func() {
				parts := []func(){only}
				for _, f := range pictures {
					parts = append(parts, func() { w.attach(f, ids[attachmentName(f)]) })
				}
				w.multipart(`related; type="text/html"`, parts...)
			}
		}
		text = func() { w.multipart("alternative", plain, page) }
	}
	if len(files) == 0 {
		text()
		return
	}
	parts := []func(){text}
	for _, f := range files {
		parts = append(parts, func() { w.attach(f, "") })
	}
	w.multipart("mixed", parts...)
}

// multipart writes parts, each of which writes its own header.
func (w *mimeWriter) multipart(kind string, parts ...func()) {
	boundary := "b" + strings.ToLower(rand.Text())
	w.field("Content-Type", "multipart/"+kind+`; boundary="`+boundary+`"`)
	w.line("")
	for i, part := range parts {
		if i > 0 {
			w.line("")
		}
		w.line("--" + boundary)
		part()
	}
	w.line("")
	w.line("--" + boundary + "--")
}

type mimeWriter struct {
	w    *bufio.Writer
	part func(*activesync.DraftAttachment) (io.ReadCloser, error)
	err  error
}

func (w *mimeWriter) line(s string) {
	if w.err == nil {
		_, w.err = w.w.WriteString(s + "\r\n")
	}
}

// field writes a header field, folded at blanks where it is longer than 76
// characters. No value can begin another field: line ends are blanks here.
func (w *mimeWriter) field(name, value string) {
	value = strings.NewReplacer("\r", " ", "\n", " ", "\x00", "").Replace(value)
	line := name + ":"
	for _, word := range strings.Fields(value) {
		if len(line)+1+len(word) > 76 && line != name+":" {
			w.line(line)
			line = ""
		}
		line += " " + word
	}
	w.line(line)
}

// thread ties an answer to what it answers (RFC 5322 3.6.4).
func (w *mimeWriter) thread(d *activesync.Draft, o ComposeOptions) {
	if len(o.SourceMIME) == 0 || d.Verb == activesync.VerbForward || d.Verb == activesync.VerbNone {
		return
	}
	h, _, _ := splitHeader(o.SourceMIME)
	id := threadID(firstID(h.Raw("Message-ID")))
	if id == "" {
		return
	}
	w.field("In-Reply-To", "<"+id+">")
	refs := ids(h.Raw("References"))
	if len(refs) == 0 {
		refs = ids(h.Raw("In-Reply-To"))
	}
	if len(refs) > 20 {
		refs = append(refs[:1:1], refs[len(refs)-19:]...)
	}
	var list []string
	for _, r := range append(refs, id) {
		if r = threadID(r); r != "" {
			list = append(list, "<"+r+">")
		}
	}
	w.field("References", strings.Join(list, " "))
}

// Thread gives the fields that tie an answer to what it answers, for the front
// of its header; nothing where that has such fields. source is the answered
// message, or its header.
func Thread(head, source []byte) []byte {
	if h, _, _ := splitHeader(head); h.Has("In-Reply-To") || h.Has("References") {
		return nil
	}
	var b bytes.Buffer
	w := &mimeWriter{w: bufio.NewWriter(&b)}
	w.thread(&activesync.Draft{Verb: activesync.VerbReply}, ComposeOptions{SourceMIME: source})
	if w.w.Flush() != nil {
		return nil
	}
	return b.Bytes()
}

// longestID is the longest id that fits into a line with the name of its field
// (RFC 5322 2.1.1); an id cannot be folded.
const longestID = 900

// threadID is an id of another message as it can be written; empty where it
// cannot.
func threadID(s string) string {
	if s = token(s); len(s) > longestID {
		return ""
	}
	return s
}

// token keeps an id from breaking out of its field.
func token(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r >= 0x7F || r == '<' || r == '>' {
			return -1
		}
		return r
	}, s)
}

func encodeText(s string) string {
	s = strings.Join(strings.Fields(Clean(s)), " ")
	if plainHeader(s) {
		return s
	}
	return encodeWords(s)
}

// plainHeader reports whether s needs no encoding and cannot be taken for it.
func plainHeader(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7F {
			return false
		}
	}
	for word := range strings.FieldsSeq(s) {
		if len(word) > 900 {
			return false
		}
	}
	return !strings.Contains(s, "=?")
}

// encodeWords writes s as encoded words of at most 75 characters, none of them
// cut in the middle of a character (RFC 2047).
func encodeWords(s string) string {
	var words []string
	for s != "" {
		n := 0
		for n < len(s) {
			_, size := utf8.DecodeRuneInString(s[n:])
			if n+size > 42 {
				break
			}
			n += size
		}
		words = append(words, "=?utf-8?B?"+base64.StdEncoding.EncodeToString([]byte(s[:n]))+"?=")
		s = s[n:]
	}
	return strings.Join(words, " ")
}

func encodeAddresses(list []activesync.Address) string {
	var out []string
	for _, a := range list {
		address, _ := wireAddress(a.Address)
		address = token(address)
		name := strings.Join(strings.Fields(Clean(a.Name)), " ")
		switch {
		case name == "":
			out = append(out, address)
		case !plainHeader(name):
			out = append(out, encodeWords(name)+" <"+address+">")
		default:
			out = append(out, `"`+strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name)+`" <`+address+">")
		}
	}
	return strings.Join(out, ", ")
}

func (w *mimeWriter) text(kind, s string) {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\uFFFD")
	if s != "" && !strings.HasSuffix(s, "\n") {
		s += "\n"
	}
	s = strings.ReplaceAll(s, "\n", "\r\n")
	w.field("Content-Type", "text/"+kind+"; charset=utf-8")
	if mostlyASCII(s) {
		w.field("Content-Transfer-Encoding", "quoted-printable")
		w.line("")
		if w.err != nil {
			return
		}
		q := quotedprintable.NewWriter(w.w)
		if _, w.err = io.WriteString(q, s); w.err == nil {
			w.err = q.Close()
		}
		return
	}
	w.field("Content-Transfer-Encoding", "base64")
	w.line("")
	w.base64(strings.NewReader(s))
}

func mostlyASCII(s string) bool {
	n := 0
	for i := range len(s) {
		if s[i] >= 0x80 {
			n++
		}
	}
	return n*6 < len(s)
}

func (w *mimeWriter) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}
