package server

import (
	"net/http"
	"net/mail"
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/wbxml"
)

// sendRequest is SendMail, SmartReply or SmartForward from 14.0 on.
type sendRequest struct {
	ClientID string              `wbxml:"ComposeMail:ClientId"`
	Folder   activesync.ServerID `wbxml:"ComposeMail:Source>ComposeMail:FolderId"`
	Item     activesync.ServerID `wbxml:"ComposeMail:Source>ComposeMail:ItemId"`
	LongID   string              `wbxml:"ComposeMail:Source>ComposeMail:LongId"`
	Save     bool                `wbxml:"ComposeMail:SaveInSentItems,empty"`
	Replace  bool                `wbxml:"ComposeMail:ReplaceMime,empty"`
	MIME     []byte              `wbxml:"ComposeMail:Mime,opaque"`

	Note       []byte      `wbxml:"AirSyncBase:Body>AirSyncBase:Data"`
	Forwardees []forwardee `wbxml:"ComposeMail:Forwardees>ComposeMail:Forwardee"`
}

// sendMail sends a message, from 14.0 on in a document, before as it is
// (MS-ASCMD 2.2.1.17).
func (x *exchange) sendMail() *reply {
	var req sendRequest
	if x.Version <= activesync.V121 {
		req = sendRequest{MIME: x.Body, Save: x.Params["SaveInSent"] == "T", Item: activesync.ServerID(x.Params["ItemId"]),
			Folder: activesync.ServerID(x.Params["CollectionId"]), LongID: x.Params["LongId"]}
		if len(x.Body) == 0 {
			return plain(http.StatusBadRequest)
		}
	} else {
		if x.decode(&req) != nil || req.ClientID == "" || len(req.ClientID) > 40 {
			return x.failure(103, http.StatusBadRequest)
		}
		if x.d.sent[req.ClientID] && !x.personality().SendsAgain {
			return x.failure(118, http.StatusOK)
		}
	}
	if len(req.Forwardees) > 0 {
		return x.forwardMeeting(req)
	}
	p := message.ParseBytes(req.MIME)
	rcpts := slices.Concat(p.To, p.Cc, p.Bcc)
	switch {
	case x.Version > activesync.V121 && x.root.Child(wbxml.MustTag("ComposeMail:Mime")) == nil:
		return x.failure(103, http.StatusBadRequest)
	case len(rcpts) == 0:
		return x.failure(119, http.StatusBadRequest)
	case x.Command != "SendMail" && req.Item == "" && req.LongID == "":
		return x.failure(103, http.StatusBadRequest)
	}
	for _, a := range rcpts {
		if !strings.Contains(a.Address, "@") {
			return x.failure(116, http.StatusBadRequest)
		}
	}
	mime := req.MIME
	if x.Command != "SendMail" {
		src := x.sourceOf(req)
		if src == nil || src.source == nil {
			return x.failure(150, http.StatusNotFound)
		}
		src.verb = activesync.VerbReply
		if x.Command == "SmartForward" {
			src.verb = activesync.VerbForward
		}
		src.changed = x.m.touch()
		src.whole = src.changed
		if !req.Replace {
			mime = withSource(mime, src.source(), x.Command == "SmartForward", !x.personality().DropsFiles)
		}
	}
	if req.ClientID != "" {
		x.d.sent[req.ClientID] = true
	}
	x.dispatch(withFrom(mime, x.m.email), rcpts, req.Save)
	return plain(http.StatusOK)
}

// sourceOf is the message that is answered or sent on.
func (x *exchange) sourceOf(req sendRequest) *item {
	if req.LongID != "" {
		_, it := x.byLongID(req.LongID)
		return it
	}
	if f := x.folderNamed(req.Folder); f != nil {
		return x.itemNamed(f, req.Item)
	}
	_, it := x.m.find(req.Item)
	return it
}

// dispatch delivers to the users of this server, and keeps the copy in Sent.
func (x *exchange) dispatch(mime []byte, rcpts []activesync.Address, save bool) {
	now := time.Now().UTC().Truncate(time.Second)
	if save && !x.personality().NoSentCopy {
		if f := x.m.kind(activesync.FolderSent); f != nil {
			x.m.put(f, &item{source: Mail(mime), date: now, read: true})
		}
	}
	arriving := message.WithoutField(mime, "bcc")
	done := map[*Mailbox]bool{}
	for _, a := range rcpts {
		to := x.s.byAddress(a.Address)
		if to == nil || done[to] {
			continue
		}
		done[to] = true
		if to == x.m {
			x.s.arrive(to, arriving, now)
			continue
		}
		x.mail = append(x.mail, func() {
			to.mu.Lock()
			defer to.mu.Unlock()
			x.s.arrive(to, arriving, now)
		})
	}
}

// Receive is a message to one of the users that comes from elsewhere. It reports
// false where the address is nobody's.
func (s *Server) Receive(address string, mime []byte) bool {
	to := s.byAddress(address)
	if to == nil {
		return false
	}
	to.mu.Lock()
	defer to.mu.Unlock()
	s.arrive(to, mime, time.Now().UTC().Truncate(time.Second))
	return true
}

// arrive puts a message into the Inbox of a user. The caller holds its mu.
func (s *Server) arrive(to *Mailbox, mime []byte, at time.Time) {
	to.put(to.kind(activesync.FolderInbox), &item{source: Mail(mime), date: at})
	if !s.cfg.Personality.LeavesCalendar {
		to.book(mime)
	}
}

// withFrom sets the sender to the user of the mailbox, as Exchange does, and
// keeps the name.
func withFrom(source []byte, email string) []byte {
	m := message.ParseBytes(source)
	name := ""
	if len(m.From) > 0 {
		name = m.From[0].Name
	}
	if len(m.From) == 1 && strings.EqualFold(m.From[0].Address, email) {
		return source
	}
	from := (&mail.Address{Name: name, Address: email}).String()
	return append([]byte("From: "+from+"\r\n"), message.WithoutField(source, "from")...)
}
