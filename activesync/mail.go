package activesync

import "time"

// Address is a mailbox of a person: a name, which may be empty, and an address.
type Address struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

// Label is what a list shows: the name, or the address where there is none.
func (a Address) Label() string {
	if a.Name != "" {
		return a.Name
	}
	return a.Address
}

// FlagStatus is the follow-up flag of a message (MS-ASEMAIL 2.2.2.72).
type FlagStatus uint8

// The states of a follow-up flag.
const (
	FlagNone     FlagStatus = 0
	FlagComplete FlagStatus = 1
	FlagActive   FlagStatus = 2
)

// Importance of a message (MS-ASEMAIL 2.2.2.38).
type Importance uint8

// Importance values. ImportanceNormal is not zero on the wire, so the zero
// value here is normal and the codec maps it.
const (
	ImportanceNormal Importance = 0
	ImportanceLow    Importance = 1
	ImportanceHigh   Importance = 2
)

// Verb is the last thing done with a message (MS-ASEMAIL 2.2.2.43).
type Verb uint8

// Verbs of MS-ASEMAIL.
const (
	VerbNone     Verb = 0
	VerbReply    Verb = 1
	VerbReplyAll Verb = 2
	VerbForward  Verb = 3
)

// Header is one row of a message list. It is kept apart from the body so that
// a list of many rows is read at once.
type Header struct {
	ID             ItemID     `json:"id"`
	Folder         FolderID   `json:"folder"`
	From           Address    `json:"from"`
	To             []Address  `json:"to"`
	Cc             []Address  `json:"cc,omitempty"`
	Subject        string     `json:"subject"`
	Date           time.Time  `json:"date"` // UTC
	Read           bool       `json:"read"`
	Flag           FlagStatus `json:"flag,omitempty"`
	Importance     Importance `json:"importance,omitempty"`
	Verb           Verb       `json:"verb,omitempty"`
	HasAttachments bool       `json:"hasAttachments"`
	Draft          bool       `json:"draft,omitempty"`
	MessageClass   string     `json:"messageClass,omitempty"`
	Preview        string     `json:"preview,omitempty"` // first words of the text
	Conversation   []byte     `json:"conversation,omitempty"`
	Categories     []string   `json:"categories,omitempty"`
	Size           int64      `json:"size,omitempty"` // estimated, of the body
	// Pending says that the row shows something the server does not know yet.
	Pending bool `json:"pending,omitempty"`
}

// BodyType is the form of a body (MS-ASAIRS 2.2.2.41).
type BodyType uint8

// The body types of MS-ASAIRS.
const (
	BodyNone  BodyType = 0
	BodyPlain BodyType = 1
	BodyHTML  BodyType = 2
	BodyRTF   BodyType = 3
	BodyMIME  BodyType = 4
)

// Body is the text of an item.
type Body struct {
	Type BodyType `json:"type"`
	Data []byte   `json:"data"`
	// Size is what the server estimates the whole to be, in bytes.
	Size      int64 `json:"size,omitempty"`
	Truncated bool  `json:"truncated,omitempty"`
}

// Whole reports whether the body is here and complete.
func (b Body) Whole() bool { return b.Type != BodyNone && !b.Truncated }

// AttachedMessage is the Method of an attachment that is a message.
const AttachedMessage = 5

// Attachment is a file of a message. Its content is fetched by FileReference.
type Attachment struct {
	Name          string `json:"name"`
	ContentType   string `json:"contentType,omitempty"`
	Size          int64  `json:"size"` // estimated
	FileReference string `json:"-"`
	ContentID     string `json:"contentId,omitempty"`
	Inline        bool   `json:"inline,omitempty"`
	// Method is 1 for a file, 5 for a message, 6 for an OLE object (MS-ASAIRS 2.2.2.30).
	Method uint8 `json:"method,omitempty"`
}

// Message is a whole message.
type Message struct {
	Header
	Sender      Address         `json:"sender,omitzero"`
	ReplyTo     []Address       `json:"replyTo,omitempty"`
	Bcc         []Address       `json:"bcc,omitempty"`
	Body        Body            `json:"body"`
	Attachments []Attachment    `json:"attachments,omitempty"`
	Meeting     *MeetingRequest `json:"meeting,omitempty"`
	// Note tells of what could not be read, in words; "" when all could.
	Note string `json:"note,omitempty"`
}

// MeetingRequest is the invitation that a message carries (MS-ASEMAIL 2.2.2.49).
type MeetingRequest struct {
	UID               string    `json:"uid"`
	AllDay            bool      `json:"allDay,omitempty"`
	Start             time.Time `json:"start"`
	End               time.Time `json:"end"`
	Location          string    `json:"location,omitempty"`
	Organizer         Address   `json:"organizer"`
	ResponseRequested bool      `json:"responseRequested,omitempty"`
	// MessageType is MeetingMessageType: 1 request, 2 full update, 3 informational
	// update, 4 outdated, 5 delegator's copy, 6 delegated; 0 silent update.
	MessageType  uint8      `json:"messageType,omitempty"`
	InstanceType uint8      `json:"instanceType,omitempty"`
	BusyStatus   uint8      `json:"busyStatus,omitempty"`
	RecurrenceID time.Time  `json:"recurrenceId,omitzero"`
	Recurrence   Recurrence `json:"recurrence,omitzero"`
	TimeZone     []byte     `json:"timeZone,omitempty"`
	// Answer is the person's, once there is one.
	Answer Answer `json:"answer,omitempty"`
}

// WindowQuery asks for the rows of a list that are on screen. Rows are in the
// order of the list, newest first.
type WindowQuery struct {
	// Anchor, when not 0 and in the list, is the row that stands Before rows below
	// the first one returned. Else Offset is the index of the first row.
	Anchor ItemID
	Before int
	Offset int
	Count  int // how many rows at most
	Unread bool
	// Conversations asks for one row a conversation: its newest message, which
	// stands for all of them that are in the folder. An Anchor means the
	// conversation it is in.
	Conversations bool
}

// Window is what was asked for.
type Window struct {
	Rows   []Header
	Offset int // index in the list of the first row
	Total  int // rows in the list
	// Anchored is the index in Rows of the anchor, -1 when it is not in the list.
	Anchored int
	// Conversations belong to Rows, one each, where they were asked for.
	Conversations []Conversation `json:",omitempty"`
}
