package activesync

import "time"

// OpKind is a kind of change that a person makes.
type OpKind string

// The kinds of journal records.
const (
	OpRead   OpKind = "read"   // Read is the new state
	OpFlag   OpKind = "flag"   // Flag is the new state
	OpDelete OpKind = "delete" // to Deleted Items; from there, for good
	OpMove   OpKind = "move"   // To is where
	OpSend   OpKind = "send"   // Send is what
	// OpRespond answers the invitation that Item, a message or an event, is.
	OpRespond OpKind = "respond"
	// OpContactAdd makes Contact in the folder To; the store gives it its item.
	OpContactAdd OpKind = "contact-add"
	// OpContactChange makes of ContactBefore what Contact is. Only fields in
	// which the two differ are the person's; the others stay as the server has them.
	OpContactChange OpKind = "contact-change"
	// OpEventAdd makes Event in the folder To, OpEventChange makes of EventBefore
	// what Event is, in the way of contacts.
	OpEventAdd    OpKind = "event-add"
	OpEventChange OpKind = "event-change"
	// OpDraftAdd puts a message that is being written into the Drafts of the
	// server, OpDraftChange brings it up to what is written now; Draft says which.
	OpDraftAdd    OpKind = "draft-add"
	OpDraftChange OpKind = "draft-change"
)

// OpState is where a journal record stands.
type OpState string

// The states of a journal record. A record that was carried out is removed.
const (
	OpPending OpState = "pending" // waits for its turn or for the network
	OpSending OpState = "sending" // under way; after a crash its outcome is unknown
	OpParked  OpState = "parked"  // the server refused; the person decides
	// OpUncertain is a message that may have been sent; the person decides.
	OpUncertain OpState = "maybe-sent"
)

// Op is a record of the journal: one change to one item, written together
// with its local effect and carried out on the server later.
type Op struct {
	ID      OpID      `json:"id"`
	Account AccountID `json:"account"`
	Kind    OpKind    `json:"kind"`
	Item    ItemID    `json:"item,omitempty"`
	// Folder and ServerID are where the server has the item; the store fills
	// them in, and renews them when the item moves.
	Folder   FolderID   `json:"folder,omitempty"`
	ServerID ServerID   `json:"serverId,omitempty"`
	To       FolderID   `json:"to,omitempty"`
	Read     bool       `json:"read,omitempty"`
	Flag     FlagStatus `json:"flag,omitempty"`
	Send     *Outgoing  `json:"send,omitempty"`
	Respond  *Response  `json:"respond,omitempty"`
	// Before is the row before the change, so that it can be undone.
	Before *Header `json:"before,omitempty"`
	// Newest is the newest item when a message was moved or deleted. Only a newer one
	// can be what the server told of in the folder where it is since.
	Newest ItemID `json:"newest,omitempty"`
	// Contact is a contact as the person wants it, ContactBefore as it was. A
	// deletion of a contact has ContactBefore alone.
	Contact       *Contact `json:"contact,omitempty"`
	ContactBefore *Contact `json:"contactBefore,omitempty"`
	// Event and EventBefore are Contact and ContactBefore of an event.
	Event       *Event `json:"event,omitempty"`
	EventBefore *Event `json:"eventBefore,omitempty"`
	// Instance is the occurrence of a series that alone is changed, by when the
	// series has it; zero is the whole.
	Instance time.Time `json:"instance,omitzero"`
	Draft    *DraftOp  `json:"draft,omitempty"`
	// Tell has those who are invited to the event told of it. From 16.0 on the
	// server does that unasked.
	Tell *Tell `json:"tell,omitempty"`
	// Purge says that what is deleted does not go to Deleted Items.
	Purge bool `json:"purge,omitempty"`
	// ClientID is the same for all tries to make one item, at most 64 characters
	// (MS-ASCMD 2.2.3.29.1).
	ClientID string `json:"clientId,omitempty"`
	// Name of the contact that is made, changed or deleted, for lists.
	Name string `json:"name,omitempty"`
	// Aside: the server changed the same fields of the contact, and its side
	// stands. The record has no effect until it is pending again.
	Aside   bool      `json:"aside,omitempty"`
	Created time.Time `json:"created"`
	State   OpState   `json:"state"`
	// Unsure says of one that was set aside, or is tried anew after that, that the
	// server may have carried it out.
	Unsure    bool      `json:"unsure,omitempty"`
	Attempts  int       `json:"attempts,omitempty"`
	NotBefore time.Time `json:"notBefore,omitzero"`
	Reason    string    `json:"reason,omitempty"` // in words, of the last failure
	// Local says that the server does not have the item and will not: the person
	// kept it on this machine. The store fills it in; such a record is carried out
	// here.
	Local bool `json:"-"`
}

// MayBeDone reports whether the server may have carried the record out.
func (op *Op) MayBeDone() bool { return op.State == OpSending || op.Unsure }

// GiveUp leaves the record to the person, with the reason in words.
func (op *Op) GiveUp(reason string) {
	op.Unsure = op.MayBeDone() && op.Kind != OpSend && op.Kind != OpRespond && !op.Kind.Drafts()
	op.State, op.Reason = OpParked, reason
}

// Outgoing is a message on its way. The MIME itself is kept beside the record, a
// large one in the file that Spool names.
type Outgoing struct {
	// ClientID is the same for all tries of one message, at most 40 characters
	// (MS-ASCMD 2.2.3.29.2).
	ClientID  string    `json:"clientId"`
	MessageID string    `json:"messageId"`
	To        []Address `json:"to"` // all recipients, for the outbox screen
	Subject   string    `json:"subject"`
	Size      int64     `json:"size"`
	Verb      Verb      `json:"verb,omitempty"`
	Source    ItemID    `json:"source,omitempty"`
	// Due is the time before which it is not sent, also not by hand.
	Due time.Time `json:"due,omitzero"`
	// Left are attachments of other messages that are not in the MIME: the server
	// has them. Where Merge is set it is to add them itself, with the text of Source,
	// as it sends that on; else they are put in before the message goes.
	Left  []DraftAttachment `json:"left,omitempty"`
	Merge bool              `json:"merge,omitempty"`
	// Date is what the message says of when it is from, where that is not what was
	// written into it.
	Date  time.Time `json:"date,omitzero"`
	Spool string    `json:"spool,omitempty"`
	// Draft is what the message is kept under as the person wrote it, so that it
	// can be taken back; "" where it was not written here.
	Draft string `json:"draft,omitempty"`
}

// Tell is how those who are invited are told of a change.
type Tell struct {
	Due time.Time `json:"due,omitzero"` // before that no mail goes
}

// DraftOp is the part of a record that is about a draft. The text is not in it: what
// is written when its turn comes is what the server gets. A deletion has it where
// the draft was sent or given up: Print is of what the server had of it then.
type DraftOp struct {
	Key string `json:"key"` // what the draft is kept under
	// Stamp is that of the state that was sent, Print a fingerprint of its text;
	// Files are the identities of the attachments that the server has after that.
	Stamp string   `json:"stamp,omitempty"`
	Print []byte   `json:"print,omitempty"`
	Files []string `json:"files,omitempty"`
}

// Lacks reports whether something is missing in the MIME.
func (o *Outgoing) Lacks() bool { return len(o.Left) > 0 || o.Merge }

// Letter is a message that is sent with what is done besides: an OpSend with its
// MIME.
type Letter struct {
	Op   Op
	MIME []byte
}

// Discards reports whether a record removes what the server has of a draft that
// was sent or given up.
func (op *Op) Discards() bool { return op.Kind == OpDelete && op.Draft != nil }

// Held reports whether a message is not to be sent yet.
func (op *Op) Held(now time.Time) bool {
	return op.Send != nil && op.State == OpPending && op.Send.Due.After(now)
}

// LongestPause is the longest time for which a record or a folder is put off: no
// server's Retry-After is obeyed for longer. What would have to wait longer was
// put off while the clock was ahead.
const LongestPause = 24 * time.Hour

// Waits reports whether a record is not to be tried again yet.
func (op *Op) Waits(now time.Time) bool {
	wait := op.NotBefore.Sub(now)
	return wait > 0 && wait <= LongestPause
}

// Makes reports whether a record makes an item that the server does not know.
func (k OpKind) Makes() bool { return k == OpContactAdd || k == OpEventAdd || k == OpDraftAdd }

// Quiet reports whether a record is no act of the person: a text that is being
// written goes to Drafts by itself, and leaves them once it is sent. One that the
// server refused is told of.
func (op *Op) Quiet() bool {
	return (op.Kind.Drafts() || op.Purge) && (op.State == OpPending || op.State == OpSending)
}

// TwoVersions reports whether a record holds the person's side of a contact that
// was changed on Exchange too, or deleted there.
func (op *Op) TwoVersions() bool {
	return op.Aside && op.Kind == OpContactChange || op.Kind == OpContactAdd && op.State == OpParked
}

// Drafts reports whether a record writes a draft to the server.
func (k OpKind) Drafts() bool { return k == OpDraftAdd || k == OpDraftChange }

// Contacts reports whether a record makes or changes a contact.
func (k OpKind) Contacts() bool { return k == OpContactAdd || k == OpContactChange }

// Events reports whether a record makes or changes an event.
func (k OpKind) Events() bool { return k == OpEventAdd || k == OpEventChange }

// Extension is how the name of a file ends that holds what the record does, "" for one
// that holds no more than its name.
func (op *Op) Extension() string {
	switch {
	case op.Send != nil, op.Kind.Drafts():
		return ".eml"
	case op.Kind.Contacts():
		return ".vcf"
	case op.Kind.Events():
		return ".ics"
	}
	return ""
}
