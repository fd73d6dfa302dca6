package wire

import (
	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
)

// SmartReplyRequest answers a message from 14.0 on (MS-ASCMD 2.2.1.20). Unless
// ReplaceMIME is set the server puts the text of the source below.
type SmartReplyRequest struct {
	_               wbxml.Root  `wbxml:"ComposeMail:SmartReply"`
	ClientID        string      `wbxml:"ComposeMail:ClientId"`
	Source          SmartSource `wbxml:"ComposeMail:Source"`
	AccountID       string      `wbxml:"ComposeMail:AccountId,omitempty"` // 14.1 on
	SaveInSentItems bool        `wbxml:"ComposeMail:SaveInSentItems,empty"`
	ReplaceMIME     bool        `wbxml:"ComposeMail:ReplaceMime,empty"`
	MIME            []byte      `wbxml:"ComposeMail:Mime,opaque"`
}

// SmartForwardRequest sends a message on from 14.0 on (MS-ASCMD 2.2.1.19).
// Unless ReplaceMIME is set the server adds the source with its attachments.
// From 16.0 on a meeting is sent on by naming Forwardees, without MIME.
type SmartForwardRequest struct {
	_               wbxml.Root  `wbxml:"ComposeMail:SmartForward"`
	ClientID        string      `wbxml:"ComposeMail:ClientId"`
	Source          SmartSource `wbxml:"ComposeMail:Source"`
	AccountID       string      `wbxml:"ComposeMail:AccountId,omitempty"` // 14.1 on
	SaveInSentItems bool        `wbxml:"ComposeMail:SaveInSentItems,empty"`
	ReplaceMIME     bool        `wbxml:"ComposeMail:ReplaceMime,empty"`
	MIME            []byte      `wbxml:"ComposeMail:Mime,opaque,omitempty"`
	Body            *Body       `wbxml:"AirSyncBase:Body"`
	Forwardees      []Forwardee `wbxml:"ComposeMail:Forwardees>ComposeMail:Forwardee,omitempty"`
}

// SmartSource is the message that is answered or sent on: in a folder, or as a
// search found it. InstanceID names one occurrence of a series.
type SmartSource struct {
	FolderID   activesync.ServerID `wbxml:"ComposeMail:FolderId,omitempty"`
	ItemID     activesync.ServerID `wbxml:"ComposeMail:ItemId,omitempty"`
	LongID     string              `wbxml:"ComposeMail:LongId,omitempty"`
	InstanceID *Stamp              `wbxml:"ComposeMail:InstanceId"`
}

// Forwardee is a person that a meeting is sent on to.
type Forwardee struct {
	Email string `wbxml:"ComposeMail:Email"`
	Name  string `wbxml:"ComposeMail:Name,omitempty"`
}

// SmartReplyResponse tells of a failure. Success is an empty answer.
type SmartReplyResponse struct {
	_      wbxml.Root `wbxml:"ComposeMail:SmartReply"`
	Status int        `wbxml:"ComposeMail:Status"`
}

// SmartForwardResponse tells of a failure. Success is an empty answer.
type SmartForwardResponse struct {
	_      wbxml.Root `wbxml:"ComposeMail:SmartForward"`
	Status int        `wbxml:"ComposeMail:Status"`
}
