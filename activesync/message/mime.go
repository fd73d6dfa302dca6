package message

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

// Mail is a message taken apart.
type Mail struct {
	Header    Header
	From      []activesync.Address
	Sender    []activesync.Address
	ReplyTo   []activesync.Address
	To        []activesync.Address
	Cc        []activesync.Address
	Bcc       []activesync.Address
	Subject   string
	Date      time.Time // UTC; zero when there is none
	MessageID string    // without angle brackets
	InReplyTo string
	// References are the Message-IDs of the thread, oldest first.
	References []string

	// Text and HTML are the bodies as UTF-8, empty where there is none.
	Text string
	HTML string
	// Flowed says that Text is format=flowed (RFC 3676), DelSp how.
	Flowed, DelSp bool
	// Calendar is the text/calendar part, nil where there is none.
	Calendar    []byte
	Attachments []File
	Size        int64  // of the whole, in bytes
	Note        string // what was broken, in words; "" when nothing was
}

// Files are the attachments as a server lists them.
func (m *Mail) Files() []activesync.Attachment {
	out := make([]activesync.Attachment, len(m.Attachments))
	for i, f := range m.Attachments {
		out[i] = activesync.Attachment{Name: f.Name, ContentType: f.ContentType, ContentID: f.ContentID, Inline: f.Inline, Size: int64(len(f.Content)), Method: 1}
		if f.ContentType == "message/rfc822" {
			out[i].Method = activesync.AttachedMessage
		}
	}
	return out
}

// File is an attachment with its content decoded.
type File struct {
	Name        string
	ContentType string
	ContentID   string // without angle brackets
	Inline      bool
	Content     []byte
}

const (
	maxDepth = 24   // parts inside each other
	maxParts = 2000 // in all
)

// Parse reads a message. It reports an error only when r does.
func Parse(r io.Reader) (*Mail, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read the message: %w", err)
	}
	return ParseBytes(b), nil
}

// ParseBytes reads a message as far as it can be read.
func ParseBytes(b []byte) *Mail {
	h, body, broken := splitHeader(b)
	m := &Mail{Header: h, Size: int64(len(b)), Subject: h.Get("Subject"), Date: h.date("Date"),
		From: h.addresses("From"), Sender: h.addresses("Sender"), ReplyTo: h.addresses("Reply-To"),
		To: h.addresses("To"), Cc: h.addresses("Cc"), Bcc: h.addresses("Bcc"),
		MessageID: firstID(h.Raw("Message-ID")), InReplyTo: firstID(h.Raw("In-Reply-To")), References: ids(h.Raw("References"))}
	p := parser{m: m}
	if broken {
		p.note("The header of this message is damaged.")
	}
	p.part(h, body, 0, place{})
	m.HTML = strings.Join(p.pages, "")
	if m.HTML == "" || !p.lone {
		m.Text, m.Flowed, m.DelSp = p.texts.below(), p.flowed, p.delSp
	}
	m.Note = strings.Join(p.notes, " ")
	return m
}

// PlainText is what the message says as plain text.
func (m *Mail) PlainText() string {
	if m.Text != "" || m.HTML == "" {
		t := m.Text
		if m.Flowed {
			t = unflow(t, m.DelSp)
		}
		return CleanText(strings.ReplaceAll(t, "\r\n", "\n"))
	}
	return PlainText(activesync.Body{Type: activesync.BodyHTML, Data: []byte(m.HTML)})
}

type parser struct {
	m *Mail
	written
	parts int
	notes []string
}

// written is what parts say, as plain text and as HTML.
type written struct {
	texts, pages  pieces
	flowed, delSp bool // of the first text
	lone          bool // the texts lack what is there as HTML only
}

// add puts what says something else below what is there. Where one of the two is
// HTML, the pages have all of it.
func (w *written) add(more written) {
	switch {
	case more.pages.empty() && !w.pages.empty():
		w.pages = append(w.pages, more.texts.page()...)
	case !more.pages.empty():
		if w.pages.empty() {
			w.pages = w.texts.page()
		}
		if !w.pages.empty() {
			w.pages = append(w.pages, "<hr>")
		}
		w.pages = append(w.pages, more.pages...)
	}
	w.lone = w.lone || more.lone || more.texts.empty() && !more.pages.empty()
	if w.texts.empty() {
		w.texts, w.flowed, w.delSp = more.texts, more.flowed, more.delSp
	} else if !more.texts.empty() {
		w.texts = append(w.texts, more.texts...)
	}
}

// or takes of what says the same the form that is not there yet.
func (w *written) or(same written) {
	if w.texts.empty() {
		w.texts, w.flowed, w.delSp, w.lone = same.texts, same.flowed, same.delSp, same.lone
	}
	if w.pages.empty() {
		w.pages = same.pages
	}
}

// pieces are the texts of parts, put together when all are there: a message may
// have very many.
type pieces []string

func (t pieces) empty() bool { return len(t) == 0 || t[0] == "" }

// below are the pieces with an empty line between them.
func (t pieces) below() string {
	if len(t) == 1 {
		return t[0]
	}
	var b strings.Builder
	for i, s := range t {
		if i+1 < len(t) {
			s = strings.TrimRight(s, "\r\n")
			if s == "" {
				continue
			}
			s += "\n\n"
		}
		b.WriteString(s)
	}
	return b.String()
}

// page is the pieces as HTML.
func (t pieces) page() pieces {
	if t.empty() {
		return nil
	}
	return pieces{"<pre>", escapeHTML(t.below()), "</pre>"}
}

func (p *parser) note(s string) {
	for _, n := range p.notes {
		if n == s {
			return
		}
	}
	p.notes = append(p.notes, s)
}

// place is where in the tree a part stands.
type place struct {
	alternative bool // inside multipart/alternative: only one text counts
	related     bool // inside multipart/related: pictures of the HTML
	digest      bool // inside multipart/digest: messages by default
}

func (p *parser) part(h Header, body []byte, depth int, at place) {
	if p.parts++; p.parts > maxParts || depth > maxDepth {
		p.note("Some parts are too deep inside each other and were left out.")
		return
	}
	ctype, params := parameters(h.Raw("Content-Type"))
	if ctype == "" || !strings.Contains(ctype, "/") {
		switch {
		case at.digest && ctype == "":
			ctype = "message/rfc822"
		case ctype == "text", ctype == "":
			ctype = "text/plain"
		default:
			ctype = "application/octet-stream"
		}
	}
	disposition, dparams := parameters(h.Raw("Content-Disposition"))
	name := dparams["filename"]
	if name == "" {
		name = params["name"]
	}
	if strings.HasPrefix(ctype, "multipart/") {
		p.multipart(ctype, params, body, depth, at)
		return
	}
	data, ok := decodeTransfer(h.Raw("Content-Transfer-Encoding"), body)
	if !ok {
		p.note("A part is encoded in a way that is not known.")
	}
	if disposition != "attachment" && p.text(ctype, params, data, at, name) {
		return
	}
	p.file(ctype, name, h, disposition, data, at)
}

// text takes a part that is shown. It reports false for one that is a file.
func (p *parser) text(ctype string, params map[string]string, data []byte, at place, name string) bool {
	switch ctype {
	case "text/calendar", "application/ics":
		if p.m.Calendar == nil {
			p.m.Calendar = data
			if s, known := toUTF8(params["charset"], data); known && params["charset"] != "" {
				p.m.Calendar = []byte(s)
			}
		}
		return at.alternative && name == ""
	case "text/plain", "text/html", "text/enriched", "text/richtext":
	default:
		return false
	}
	if name != "" && !(p.texts.empty() && p.pages.empty()) {
		return false
	}
	if ctype == "text/html" {
		params = withMeta(params, data)
	}
	s, known := toUTF8(params["charset"], data)
	if !known {
		p.note(fmt.Sprintf("The charset %q is not known; some letters may be wrong.", activesync.Excerpt(params["charset"], 40)))
	}
	var w written
	switch ctype {
	case "text/html":
		w.pages = pieces{s}
	case "text/plain":
		w = written{texts: pieces{s}, flowed: strings.EqualFold(params["format"], "flowed"), delSp: strings.EqualFold(params["delsp"], "yes")}
	default: // enriched text: its commands are left out
		w.texts = pieces{enriched(s)}
	}
	if at.alternative {
		p.or(w)
	} else {
		p.add(w)
	}
	return true
}

func (p *parser) file(ctype, name string, h Header, disposition string, data []byte, at place) {
	if isTNEF(ctype, name) && p.tnef(data) {
		return
	}
	id := strings.Trim(strings.TrimSpace(h.Raw("Content-ID")), "<>")
	if name == "" && ctype == "message/rfc822" {
		sub, _, _ := splitHeader(data)
		name = sub.Get("Subject")
		if name == "" {
			name = "message"
		}
		name += ".eml"
	}
	if name == "" {
		name = nameless(ctype, len(p.m.Attachments)+1)
	}
	p.m.Attachments = append(p.m.Attachments, File{Name: Clean(name), ContentType: ctype, ContentID: id,
		Inline: disposition == "inline" && id != "" || at.related && id != "" && disposition != "attachment", Content: data})
}

// isTNEF reports whether a part is what Outlook wraps everything into when it
// believes to write to Outlook.
func isTNEF(ctype, name string) bool {
	return ctype == "application/ms-tnef" || ctype == "application/vnd.ms-tnef" || strings.EqualFold(name, "winmail.dat")
}

// tnef takes what lies in a winmail.dat for parts of the message. It reports
// false where nothing does.
func (p *parser) tnef(data []byte) bool {
	t, err := ReadTNEF(data)
	if err != nil || len(t.Files) == 0 && t.Text == "" && t.HTML == "" {
		return false
	}
	if p.texts.empty() && p.pages.empty() {
		p.add(written{texts: pieces{t.Text}, pages: pieces{t.HTML}})
	}
	p.m.Attachments = append(p.m.Attachments, t.Files...)
	return true
}

var extensions = map[string]string{"text/calendar": ".ics", "text/vcard": ".vcf", "image/png": ".png", "image/jpeg": ".jpg",
	"image/gif": ".gif", "application/pdf": ".pdf", "text/html": ".html", "text/plain": ".txt", "message/delivery-status": ".txt",
	"application/pgp-signature": ".asc", "application/pkcs7-signature": ".p7s", "application/pkcs7-mime": ".p7m"}

func nameless(ctype string, n int) string {
	return fmt.Sprintf("part-%d%s", n, extensions[ctype])
}

// enriched leaves the commands of text/enriched out (RFC 1896).
func enriched(s string) string {
	var b strings.Builder
	for s != "" {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			break
		}
		b.WriteString(s[:i])
		if strings.HasPrefix(s[i:], "<<") {
			b.WriteByte('<')
			s = s[i+2:]
			continue
		}
		j := strings.IndexByte(s[i:], '>')
		if j < 0 || j > 60 {
			b.WriteByte('<')
			s = s[i+1:]
			continue
		}
		s = s[i+j+1:]
	}
	return b.String() + s
}

// withMeta takes the charset of HTML from its own head where the header names
// none.
func withMeta(params map[string]string, data []byte) map[string]string {
	if params["charset"] != "" {
		return params
	}
	head := bytes.ToLower(data[:min(len(data), 2048)])
	i := bytes.Index(head, []byte("charset="))
	if i < 0 {
		return params
	}
	label := strings.TrimLeft(string(head[i+8:]), `"' `)
	if end := strings.IndexAny(label, `"' ;>/`); end >= 0 {
		label = label[:end]
	}
	return map[string]string{"charset": label}
}

var htmlEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

func escapeHTML(s string) string { return htmlEscaper.Replace(s) }
