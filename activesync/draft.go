package activesync

import (
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// Draft is a message that a person wrote, before it becomes MIME.
type Draft struct {
	Account AccountID `json:"account"`
	// From is who writes it, where that is another address of the person than
	// the account's own, or the name is not the account's.
	From        Address           `json:"from,omitzero"`
	To          []Address         `json:"to"`
	Cc          []Address         `json:"cc,omitempty"`
	Bcc         []Address         `json:"bcc,omitempty"`
	Subject     string            `json:"subject"`
	Text        string            `json:"text"` // plain text, LF line ends
	Attachments []DraftAttachment `json:"attachments,omitempty"`
	// Source is the message that is answered or forwarded, 0 for a new one.
	Source ItemID `json:"source,omitempty"`
	Verb   Verb   `json:"verb,omitempty"`
	// Markdown says that Text is written in it: an HTML text is sent beside it.
	Markdown   bool       `json:"markdown,omitempty"`
	Importance Importance `json:"importance,omitempty"`
	// ReadReceipt asks those it goes to to say that they read it (RFC 8098),
	// DeliveryReceipt the server of each that it was delivered.
	ReadReceipt     bool `json:"readReceipt,omitempty"`
	DeliveryReceipt bool `json:"deliveryReceipt,omitempty"`
	// Due is the time before which it is not sent, zero for at once.
	Due time.Time `json:"due,omitzero"`
	// Hold is how long it waits in the outbox at least, so that the person can
	// take it back.
	Hold time.Duration `json:"hold,omitempty"`

	// Formatted says that it is of another program and has formatting, which Text has
	// not: it is lost once something is changed here.
	Formatted bool `json:"formatted,omitempty"`

	// Key is what the draft is kept under, "" for one that is not kept. Stamp
	// names this state of its text, before a point the screen that wrote it; Base
	// is the one that it was made from. What is kept is replaced only by what was
	// made from it.
	Key   string `json:"key,omitempty"`
	Stamp string `json:"stamp,omitempty"`
	Base  string `json:"base,omitempty"`
}

// DraftRoom is how much of attachments goes to Drafts: what Exchange lets into one
// request as it is installed. What is over that stays here until the message is
// sent.
const DraftRoom = 9 << 20

// elsewhere is the screen that the stamp of a draft names which was last written
// by another program, and taken over from the server.
const elsewhere = "server"

// Elsewhere reports whether the draft is as another program left it.
func (d *Draft) Elsewhere() bool { return strings.HasPrefix(d.Stamp, elsewhere+".") }

// MarkElsewhere makes the draft one that another program wrote last.
func (d *Draft) MarkElsewhere(name string) { d.Base, d.Stamp = d.Stamp, elsewhere+"."+name }

// Recipients are all that it goes to.
func (d *Draft) Recipients() []Address {
	out := make([]Address, 0, len(d.To)+len(d.Cc)+len(d.Bcc))
	return append(append(append(out, d.To...), d.Cc...), d.Bcc...)
}

// WholeMessage is the Part of a message that is attached as a whole.
const WholeMessage = -1

// DraftAttachment is a file to be sent: the file at Path, or Data. Part, when not
// 0, says that it is the attachment with that number, counted from 1, of the
// message Of, or of the draft's Source where that is 0; WholeMessage is that message
// itself. It is had from there when the draft goes.
type DraftAttachment struct {
	Name        string `json:"name"`
	ContentType string `json:"contentType,omitempty"` // guessed from Name when empty
	Path        string `json:"path,omitempty"`
	Data        []byte `json:"data,omitempty"`
	Part        int    `json:"part,omitempty"`
	Of          ItemID `json:"of,omitempty"`
	Size        int64  `json:"size,omitempty"` // in bytes, of what lies with another message, about
}

// Identity names what is attached, the same as long as it is; item is the draft
// on the server, whose own attachments are known by their names. It ends with the
// name, see NameIn.
func (f *DraftAttachment) Identity(item ItemID) string {
	var words []string
	switch {
	case f.Path != "":
		words = []string{"file", f.Path}
	case f.Part > 0 && f.Of != 0 && f.Of == item:
		words = []string{"own"}
	case f.Part != 0:
		words = []string{"part", f.Of.String(), strconv.Itoa(f.Part)}
	default:
		sum := sha256.Sum256(f.Data)
		words = []string{"data", base64.RawURLEncoding.EncodeToString(sum[:])}
	}
	return strings.Join(append(words, f.Name), "\x00")
}

// NameIn is the name of an attachment in its Identity.
func NameIn(identity string) string { return identity[strings.LastIndexByte(identity, 0)+1:] }

// Elsewhere reports whether the content has to be had from another message.
func (f *DraftAttachment) Elsewhere() bool { return f.Part != 0 && f.Path == "" && f.Data == nil }
