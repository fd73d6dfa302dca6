package server

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/wire"
)

// message makes the elements of a message out of its MIME, with the body that
// was asked for; native is the form the message itself has.
func (x *exchange) message(f *folder, it *item, o *options) (m *activesync.Message, native activesync.BodyType) {
	mime := it.source()
	p := message.ParseBytes(mime)
	m = &activesync.Message{Header: activesync.Header{Subject: p.Subject, Date: it.date, Read: it.read, Flag: it.flag, Verb: it.verb,
		To: p.To, Cc: p.Cc, Draft: it.draft, Categories: it.cats, Conversation: conversation(p), MessageClass: class(p), Importance: importance(p)},
		ReplyTo: p.ReplyTo, Bcc: p.Bcc}
	if len(p.From) > 0 {
		m.From = p.From[0]
	}
	if len(p.Sender) > 0 {
		m.Sender = p.Sender[0]
	}
	for i, a := range p.Attachments {
		at := activesync.Attachment{Name: a.Name, ContentType: a.ContentType, Size: int64(len(a.Content)), ContentID: a.ContentID, Inline: a.Inline,
			FileReference: string(f.itemID(it)) + ":" + strconv.Itoa(i), Method: 1}
		if a.ContentType == "message/rfc822" {
			at.Method = 5
		}
		m.Attachments = append(m.Attachments, at)
	}
	m.HasAttachments = len(m.Attachments) > 0
	m.Meeting = meeting(p)
	if x.personality().BareMIME {
		mime = bare(mime)
	}
	m.Body = body(p, mime, m.MessageClass, o)
	for _, pref := range o.bodies {
		if pref.Preview > 0 {
			m.Preview = p.Preview(pref.Preview)
			break
		}
	}
	return m, nativeType(p)
}

func nativeType(p *message.Mail) activesync.BodyType {
	if p.HTML != "" {
		return activesync.BodyHTML
	}
	return activesync.BodyPlain
}

// importance is what the sender thought of a message.
func importance(p *message.Mail) activesync.Importance {
	switch strings.ToLower(p.Header.Get("Importance")) {
	case "high":
		return activesync.ImportanceHigh
	case "low":
		return activesync.ImportanceLow
	}
	switch priority, _, _ := strings.Cut(p.Header.Get("X-Priority")+" ", " "); priority {
	case "1", "2":
		return activesync.ImportanceHigh
	case "4", "5":
		return activesync.ImportanceLow
	}
	return activesync.ImportanceNormal
}

// class is the MessageClass that Exchange gives a message (MS-ASEMAIL 2.2.2.51).
func class(p *message.Mail) string {
	ctype := strings.ToLower(p.Header.Raw("Content-Type"))
	says := func(s string) bool { return bytes.Contains(p.Calendar, []byte(s)) }
	switch {
	case says("METHOD:CANCEL"):
		return "IPM.Schedule.Meeting.Canceled"
	case says("METHOD:REQUEST"):
		return "IPM.Schedule.Meeting.Request"
	case says("METHOD:REPLY") && says("PARTSTAT=ACCEPTED"):
		return "IPM.Schedule.Meeting.Resp.Pos"
	case says("METHOD:REPLY") && says("PARTSTAT=TENTATIVE"):
		return "IPM.Schedule.Meeting.Resp.Tent"
	case says("METHOD:REPLY") && says("PARTSTAT=DECLINED"):
		return "IPM.Schedule.Meeting.Resp.Neg"
	case strings.Contains(ctype, "delivery-status"):
		return "REPORT.IPM.NOTE.NDR"
	case strings.Contains(ctype, "disposition-notification"):
		return "REPORT.IPM.NOTE.IPNRN"
	case strings.HasPrefix(ctype, "multipart/signed") && strings.Contains(ctype, "pkcs7"):
		return "IPM.Note.SMIME.MultipartSigned"
	case strings.HasPrefix(ctype, "application/pkcs7-mime"), strings.HasPrefix(ctype, "application/x-pkcs7-mime"):
		return "IPM.Note.SMIME"
	}
	return "IPM.Note"
}

// conversation is 16 bytes that all messages of a thread share. A message that has
// no Message-ID is one by itself.
func conversation(p *message.Mail) []byte {
	id := p.MessageID
	switch {
	case id == "" && p.InReplyTo == "" && len(p.References) == 0:
		id = p.Date.String() + activesync.FormatAddresses(p.From, ",") + p.Subject
	case len(p.References) > 0:
		id = p.References[0]
	case p.InReplyTo != "":
		id = p.InReplyTo
	}
	sum := sha256.Sum256([]byte(id))
	return sum[:16]
}

// body chooses among the preferences as MS-ASAIRS 2.2.2.12 says: MIME where it
// may be had, else the native form where it was asked for, else the first that
// can be made; a form that would have to be cut although AllOrNone is set is
// passed over.
func body(p *message.Mail, mime []byte, class string, o *options) activesync.Body {
	native := nativeType(p)
	forms := forms{p: p, mime: mime, givesMIME: o.mime == 2 || o.mime == 1 && strings.HasPrefix(class, "IPM.Note.SMIME"), takesHTML: takesHTML(o.bodies)}
	order := slices.Clone(o.bodies)
	rank := func(b wire.BodyPreference) int {
		switch activesync.BodyType(b.Type) {
		case activesync.BodyMIME:
			return 0
		case native:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(order, func(a, b wire.BodyPreference) int { return rank(a) - rank(b) })
	for _, pref := range order {
		form := activesync.BodyType(pref.Type)
		data, ok := forms.of(form)
		if !ok {
			continue
		}
		b := activesync.Body{Type: form, Data: data, Size: int64(len(data))}
		limit := pref.TruncationSize
		if form == activesync.BodyMIME && o.mimeLimit != nil && (limit == nil || *o.mimeLimit < *limit) {
			limit = o.mimeLimit
		}
		if limit != nil && len(data) > *limit {
			if pref.AllOrNone {
				continue
			}
			b.Data, b.Truncated = cut(data, *limit), true
		}
		return b
	}
	data, _ := forms.of(native)
	return activesync.Body{Type: native, Size: int64(len(data)), Truncated: len(data) > 0}
}

// forms are the forms in which a text can be given; each is made when it is
// asked for.
type forms struct {
	p         *message.Mail
	mime      []byte
	givesMIME bool
	takesHTML bool
}

func (f *forms) of(form activesync.BodyType) (data []byte, ok bool) {
	switch {
	case form == activesync.BodyPlain:
		return []byte(crlf(f.text())), true
	case form == activesync.BodyHTML && f.p.HTML != "":
		return []byte(f.p.HTML), true
	case form == activesync.BodyHTML:
		return []byte("<html><body><pre>" + escape(f.text()) + "</pre></body></html>"), true
	case form == activesync.BodyMIME && f.givesMIME:
		return f.mime, true
	}
	return nil, false
}

func (f *forms) text() string {
	if f.p.Flowed || f.p.Text == "" && f.p.HTML != "" && !f.takesHTML {
		return f.p.PlainText()
	}
	return f.p.Text
}

// takesHTML reports whether HTML is taken whatever its length, so that no plain
// text has to be made of it.
func takesHTML(prefs []wire.BodyPreference) bool {
	for _, pref := range prefs {
		if activesync.BodyType(pref.Type) == activesync.BodyHTML {
			return !pref.AllOrNone
		}
	}
	return false
}

// cut shortens a text, never inside a character.
func cut(b []byte, n int) []byte {
	for n > 0 && n < len(b) && !utf8.RuneStart(b[n]) {
		n--
	}
	return b[:n]
}

func crlf(s string) string {
	if strings.Count(s, "\n") == strings.Count(s, "\r\n") {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n")
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func escape(s string) string { return escaper.Replace(s) }
