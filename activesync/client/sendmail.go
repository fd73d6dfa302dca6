package client

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

// SendMail sends a message of size bytes (MS-ASCMD 2.2.1.17). clientID, at
// most 40 characters, names the message over all tries; below 14.0 there is
// none. mime is read once and not kept.
func (c *Client) SendMail(ctx context.Context, clientID string, mime io.Reader, size int64, saveInSent bool) error {
	return c.send(ctx, &request{command: "SendMail", code: codeSendMail}, &wire.SendMailRequest{ClientID: clientID, SaveInSentItems: saveInSent, MIME: placeholder},
		mime, size, saveInSent)
}

// SmartReply is SendMail for an answer: the server marks the source as answered
// (MS-ASCMD 2.2.1.20). From 14.0 on the message goes out as it is; before, the
// server puts the text of the source below it.
func (c *Client) SmartReply(ctx context.Context, clientID string, source wire.SmartSource, mime io.Reader, size int64, saveInSent bool) error {
	return c.send(ctx, &request{command: "SmartReply", code: codeSmartReply, source: source},
		&wire.SmartReplyRequest{ClientID: clientID, Source: source, SaveInSentItems: saveInSent, ReplaceMIME: true, MIME: placeholder}, mime, size, saveInSent)
}

// SmartForward is SmartReply for a message that is sent on (MS-ASCMD 2.2.1.19).
// Where whole is not set, and always before 14.0, the server adds the source
// with its attachments.
func (c *Client) SmartForward(ctx context.Context, clientID string, source wire.SmartSource, mime io.Reader, size int64, saveInSent, whole bool) error {
	return c.send(ctx, &request{command: "SmartForward", code: codeSmartForward, source: source},
		&wire.SmartForwardRequest{ClientID: clientID, Source: source, SaveInSentItems: saveInSent, ReplaceMIME: whole, MIME: placeholder}, mime, size, saveInSent)
}

// ForwardMeeting has the server send an invitation or an event on, from 16.0 on
// (MS-ASCMD 2.2.3.80). note goes with it.
func (c *Client) ForwardMeeting(ctx context.Context, clientID string, source wire.SmartSource, to []activesync.Address, note string) error {
	in := &wire.SmartForwardRequest{ClientID: clientID, Source: source}
	for _, a := range to {
		in.Forwardees = append(in.Forwardees, wire.Forwardee{Email: a.Address, Name: a.Name})
	}
	if note != "" {
		in.Body = &wire.Body{Type: uint8(activesync.BodyPlain), Data: []byte(note)}
	}
	body, err := wbxml.Marshal(in)
	if err != nil {
		return fmt.Errorf("SmartForward: %w", err)
	}
	data, a, err := c.exchange(ctx, &request{command: "SmartForward", code: codeSmartForward, silent: silentSync}, body)
	if err != nil || len(data) == 0 {
		return err
	}
	return a.sendStatus(data)
}

// placeholder stands in a document where the bytes of a message go.
var placeholder = []byte{'x'}

// send does what the three commands have in common: up to 12.1 the message is
// the body, later it stands in a document.
func (c *Client) send(ctx context.Context, r *request, doc any, mime io.Reader, size int64, saveInSent bool) error {
	_, version, _ := c.current()
	r.silent = silentSync
	if version <= activesync.V121 {
		r.saveInSent, r.body, r.size, r.contentType = saveInSent, mime, size, typeMIME
	} else {
		r.source = wire.SmartSource{} // it stands in the document
		head, tail, err := sendFrame(doc, size)
		if err != nil {
			return fmt.Errorf("%s: %w", r.command, err)
		}
		r.body = io.MultiReader(bytes.NewReader(head), io.LimitReader(mime, size), bytes.NewReader(tail))
		r.size = int64(len(head)) + size + int64(len(tail))
	}
	a, err := c.do(ctx, r)
	if err != nil {
		return err
	}
	defer a.close()
	data, err := a.whole()
	if err != nil || len(data) == 0 {
		return err // an empty answer is success
	}
	return a.sendStatus(data)
}

// sendStatus is the error that the answer tells.
func (a *answer) sendStatus(data []byte) error {
	switch a.command {
	case "SmartReply":
		out := &wire.SmartReplyResponse{}
		if err := a.decode(data, out); err != nil {
			return err
		}
		return status(a.command, out.Status)
	case "SmartForward":
		out := &wire.SmartForwardResponse{}
		if err := a.decode(data, out); err != nil {
			return err
		}
		return status(a.command, out.Status)
	}
	out := &wire.SendMailResponse{}
	if err := a.decode(data, out); err != nil {
		return err
	}
	return status(a.command, out.Status)
}

// sendFrame is the document around the message: what comes before its bytes,
// and what after.
func sendFrame(request any, size int64) (head, tail []byte, err error) {
	// The message stands last, so its length and bytes can be put in place of
	// the one byte that is written here.
	doc, err := wbxml.Marshal(request)
	if err != nil {
		return nil, nil, err
	}
	one := []byte{0xC3, 1, 'x'} // OPAQUE of length 1
	at := bytes.LastIndex(doc, one)
	if at < 0 {
		return nil, nil, fmt.Errorf("%w: no place for the message", wbxml.ErrStructure)
	}
	head = append(head, doc[:at+1]...)
	for shift := 28; shift >= 0; shift -= 7 {
		if b := byte(size>>shift) & 0x7F; b != 0 || len(head) > at+1 || shift == 0 {
			if shift > 0 {
				b |= 0x80
			}
			head = append(head, b)
		}
	}
	return head, doc[at+len(one):], nil
}
