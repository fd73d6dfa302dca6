package server

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
)

// sendRequest is SendMail, SmartReply or SmartForward from 14.0 on.
type sendRequest struct {
	ClientID string              `wbxml:"ComposeMail:ClientId"`
	Folder   activesync.ServerID `wbxml:"ComposeMail:Source>ComposeMail:FolderId"`
	Item     activesync.ServerID `wbxml:"ComposeMail:Source>ComposeMail:ItemId"`
	Save     bool                `wbxml:"ComposeMail:SaveInSentItems,empty"`
	Replace  bool                `wbxml:"ComposeMail:ReplaceMime,empty"`
	MIME     []byte              `wbxml:"ComposeMail:Mime,opaque"`
}

// sendMail sends a message, from 14.0 on in a document, before as it is
// (MS-ASCMD 2.2.1.17).
func (x *exchange) sendMail() *reply {
	var req sendRequest
	if x.Version <= activesync.V121 {
		if x.http.Header.Get("Content-Type") != "message/rfc822" {
			return plain(http.StatusBadRequest)
		}
		req = sendRequest{MIME: x.Body, Save: x.Params["SaveInSent"] == "T", Folder: activesync.ServerID(x.Params["CollectionId"]), Item: activesync.ServerID(x.Params["ItemId"])}
	} else {
		if x.decode(&req) != nil || req.ClientID == "" || len(req.ClientID) > 40 {
			return x.failure(103, http.StatusBadRequest)
		}
		if x.d.sent[req.ClientID] {
			return x.failure(118, http.StatusOK)
		}
	}
	mail := message.ParseBytes(req.MIME)
	rcpts := append(append(append([]activesync.Address(nil), mail.To...), mail.Cc...), mail.Bcc...)
	switch {
	case !mail.Header.Has("To") && !mail.Header.Has("Cc") && !mail.Header.Has("Bcc"), len(rcpts) == 0:
		return x.failure(119, http.StatusBadRequest)
	case x.Command != "SendMail" && req.Item == "":
		return x.failure(103, http.StatusBadRequest)
	}
	for _, a := range rcpts {
		if !strings.Contains(a.Address, "@") {
			return x.failure(116, http.StatusBadRequest)
		}
	}
	mime := req.MIME
	if x.Command != "SendMail" {
		_, src := x.m.find(req.Item)
		if src == nil || src.source == nil {
			return x.failure(150, http.StatusNotFound)
		}
		src.verb = activesync.VerbReply
		if x.Command == "SmartForward" {
			src.verb = activesync.VerbForward
		}
		src.partial, src.changed = false, x.m.touch()
		if !req.Replace {
			mime = withSource(mime, src.source(), x.Command == "SmartForward")
		}
	}
	if req.ClientID != "" {
		x.d.sent[req.ClientID] = true
	}
	x.s.dispatch(x.m, withFrom(mime, x.m.email), rcpts, req.Save)
	return plain(http.StatusOK)
}

// dispatch delivers to the users of this server, and keeps the copy in Sent.
// The caller holds the sender's mu.
func (s *Server) dispatch(from *Mailbox, mime []byte, rcpts []activesync.Address, save bool) {
	now := time.Now().UTC().Truncate(time.Second)
	if save {
		if f := from.kind(activesync.FolderSent); f != nil {
			from.put(f, &item{source: Mail(mime), date: now, read: true})
		}
	}
	arriving := withoutBcc(mime)
	done := map[*Mailbox]bool{}
	for _, a := range rcpts {
		to := s.byAddress(a.Address)
		if to == nil || done[to] {
			continue
		}
		done[to] = true
		if to == from {
			to.put(to.kind(activesync.FolderInbox), &item{source: Mail(arriving), date: now})
			continue
		}
		// Another mailbox has its own lock; two senders could wait for each other.
		go func() { _, _ = to.DeliverDated("Inbox", Mail(arriving), now, false) }()
	}
}

// withoutBcc takes the Bcc field off a message.
func withoutBcc(mime []byte) []byte { return withoutField(mime, "bcc") }

// withFrom sets the sender to the user of the mailbox, as Exchange does, and
// keeps the name.
func withFrom(mime []byte, email string) []byte {
	m := message.ParseBytes(mime)
	if len(m.From) == 1 && strings.EqualFold(m.From[0].Address, email) {
		return mime
	}
	return append([]byte("From: <"+email+">\r\n"), withoutField(mime, "from")...)
}

func withoutField(mime []byte, name string) []byte {
	head, body, found := bytes.Cut(mime, []byte("\r\n\r\n"))
	if !found {
		return mime
	}
	var out []byte
	skip := false
	for line := range bytes.Lines(append(head, "\r\n"...)) {
		if line[0] != ' ' && line[0] != '\t' {
			field, _, _ := strings.Cut(string(line), ":")
			skip = strings.EqualFold(strings.TrimSpace(field), name)
		}
		if !skip {
			out = append(out, line...)
		}
	}
	return append(append(out, "\r\n"...), body...)
}

// withSource adds the original to a reply or forward: its text below the
// text, and with a forward its files.
func withSource(mime, source []byte, forward bool) []byte {
	m, src := message.ParseBytes(mime), message.ParseBytes(source)
	d := &activesync.Draft{To: m.To, Cc: m.Cc, Bcc: m.Bcc, Subject: m.Subject, Text: m.PlainText() + "\n\n-----Original Message-----\n" + src.PlainText()}
	for _, a := range m.Attachments {
		d.Attachments = append(d.Attachments, activesync.DraftAttachment{Name: a.Name, ContentType: a.ContentType, Data: a.Content})
	}
	if forward {
		for _, a := range src.Attachments {
			d.Attachments = append(d.Attachments, activesync.DraftAttachment{Name: a.Name, ContentType: a.ContentType, Data: a.Content})
		}
	}
	o := message.ComposeOptions{Date: m.Date, MessageID: m.MessageID}
	if len(m.From) > 0 {
		o.From = m.From[0]
	}
	out, err := message.Compose(d, o)
	if err != nil {
		return mime
	}
	return out
}
