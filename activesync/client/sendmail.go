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
	_, version, _ := c.current()
	r := &request{command: "SendMail", code: codeSendMail, silent: silentSync, saveInSent: saveInSent && version <= activesync.V121}
	if version <= activesync.V121 {
		r.body, r.size, r.contentType = mime, size, typeMIME
	} else {
		head, tail, err := sendFrame(clientID, size, saveInSent)
		if err != nil {
			return fmt.Errorf("SendMail: %w", err)
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
	out := &wire.SendMailResponse{}
	if err := a.decode(data, out); err != nil {
		return err
	}
	return status("SendMail", out.Status)
}

// sendFrame is the document around the message: what comes before its bytes,
// and what after.
func sendFrame(clientID string, size int64, saveInSent bool) (head, tail []byte, err error) {
	// The message stands last, so its length and bytes can be put in place of
	// the one byte that is written here.
	doc, err := wbxml.Marshal(&wire.SendMailRequest{ClientID: clientID, SaveInSentItems: saveInSent, MIME: []byte{'x'}})
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
