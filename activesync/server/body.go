package server

import (
	"bytes"
	"crypto/sha256"
	"strconv"
	"strings"
	"unicode/utf8"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/wire"
)

// message makes the elements of a message out of its MIME, with the body that
// was asked for.
func (x *exchange) message(f *folder, it *item, prefs []wire.BodyPreference, mimeSupport int) *activesync.Message {
	mime := it.source()
	p := message.ParseBytes(mime)
	m := &activesync.Message{Header: activesync.Header{Subject: p.Subject, Date: it.date, Read: it.read, Flag: it.flag, Verb: it.verb,
		To: p.To, Cc: p.Cc, Draft: it.draft, Categories: it.cats, Conversation: conversation(p), MessageClass: class(p)},
		ReplyTo: p.ReplyTo, Bcc: p.Bcc}
	if len(p.From) > 0 {
		m.From = p.From[0]
	}
	if len(p.Sender) > 0 {
		m.Sender = p.Sender[0]
	}
	switch strings.ToLower(p.Header.Get("Importance") + p.Header.Get("X-Priority")) {
	case "high", "1", "2", "high1", "high2":
		m.Importance = activesync.ImportanceHigh
	case "low", "4", "5", "low5":
		m.Importance = activesync.ImportanceLow
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
	m.Body = body(p, mime, prefs, mimeSupport)
	for _, pref := range prefs {
		if pref.Preview > 0 {
			m.Preview = cutRunes(strings.Join(strings.Fields(p.PlainText()), " "), pref.Preview)
			break
		}
	}
	return m
}

// class is the MessageClass that Exchange gives a message (MS-ASEMAIL 2.2.2.51).
func class(p *message.Mail) string {
	ctype := strings.ToLower(p.Header.Raw("Content-Type"))
	switch {
	case p.Calendar != nil && bytes.Contains(p.Calendar, []byte("METHOD:CANCEL")):
		return "IPM.Schedule.Meeting.Canceled"
	case p.Calendar != nil && bytes.Contains(p.Calendar, []byte("METHOD:REQUEST")):
		return "IPM.Schedule.Meeting.Request"
	case strings.Contains(ctype, "report-type=delivery-status"):
		return "REPORT.IPM.NOTE.NDR"
	case strings.HasPrefix(ctype, "multipart/signed") && strings.Contains(ctype, "pkcs7"):
		return "IPM.Note.SMIME.MultipartSigned"
	case strings.HasPrefix(ctype, "application/pkcs7-mime"), strings.HasPrefix(ctype, "application/x-pkcs7-mime"):
		return "IPM.Note.SMIME"
	}
	return "IPM.Note"
}

// conversation is 16 bytes that all messages of a thread share.
func conversation(p *message.Mail) []byte {
	id := p.MessageID
	switch {
	case len(p.References) > 0:
		id = p.References[0]
	case p.InReplyTo != "":
		id = p.InReplyTo
	}
	sum := sha256.Sum256([]byte(id))
	return sum[:16]
}

// body chooses among the preferences as MS-ASAIRS 2.2.2.12 says: the native
// form where it was asked for, else the first that can be made; a form that
// would have to be cut although AllOrNone is set is passed over.
func body(p *message.Mail, mime []byte, prefs []wire.BodyPreference, mimeSupport int) activesync.Body {
	native := activesync.BodyPlain
	if p.HTML != "" {
		native = activesync.BodyHTML
	}
	text := p.Text
	if p.Flowed || text == "" && p.HTML != "" {
		text = p.PlainText()
	}
	made := map[activesync.BodyType][]byte{activesync.BodyPlain: []byte(crlf(text))}
	if p.HTML != "" {
		made[activesync.BodyHTML] = []byte(p.HTML)
	} else {
		made[activesync.BodyHTML] = []byte("<html><body><pre>" + escape(text) + "</pre></body></html>")
	}
	if mimeSupport == 2 {
		made[activesync.BodyMIME] = mime
	}
	order := make([]wire.BodyPreference, 0, len(prefs)+1)
	for _, pref := range prefs {
		if activesync.BodyType(pref.Type) == activesync.BodyMIME && mimeSupport == 2 {
			order = append(order, pref)
		}
	}
	for _, pref := range prefs {
		if activesync.BodyType(pref.Type) == native {
			order = append(order, pref)
		}
	}
	order = append(order, prefs...)
	for _, pref := range order {
		data, ok := made[activesync.BodyType(pref.Type)]
		if !ok {
			continue
		}
		b := activesync.Body{Type: activesync.BodyType(pref.Type), Data: data, Size: int64(len(data))}
		if pref.TruncationSize != nil && len(data) > *pref.TruncationSize {
			if pref.AllOrNone {
				continue
			}
			b.Data, b.Truncated = cut(data, *pref.TruncationSize), true
		}
		return b
	}
	data := made[native]
	return activesync.Body{Type: native, Size: int64(len(data)), Truncated: len(data) > 0}
}

// cut shortens a text, never inside a character.
func cut(b []byte, n int) []byte {
	for n > 0 && n < len(b) && !utf8.RuneStart(b[n]) {
		n--
	}
	return b[:n]
}

func cutRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

func crlf(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n")
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func escape(s string) string { return escaper.Replace(s) }
