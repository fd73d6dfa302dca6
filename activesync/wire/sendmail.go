package wire

import "eas.example/securemail/activesync/wbxml"

// SendMailRequest sends a message from 14.0 on (MS-ASCMD 2.2.1.17); up to 12.1
// the MIME is the body of the request and there is no such element.
type SendMailRequest struct {
	_               wbxml.Root `wbxml:"ComposeMail:SendMail"`
	ClientID        string     `wbxml:"ComposeMail:ClientId"`
	AccountID       string     `wbxml:"ComposeMail:AccountId,omitempty"` // 14.1 on
	SaveInSentItems bool       `wbxml:"ComposeMail:SaveInSentItems,empty"`
	MIME            []byte     `wbxml:"ComposeMail:Mime,opaque"`
}

// SendMailResponse tells of a failure. Success is an empty answer.
type SendMailResponse struct {
	_      wbxml.Root `wbxml:"ComposeMail:SendMail"`
	Status int        `wbxml:"ComposeMail:Status"`
}
