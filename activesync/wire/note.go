package wire

import (
	"fmt"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
)

// noteClass is the MessageClass of notes (MS-ASNOTE 2.2.2.5).
const noteClass = "IPM.StickyNote"

// Note is the ApplicationData of a note, of 14.0 on (MS-ASNOTE 2.2.2). The
// server sets LastModifiedDate.
type Note struct {
	Subject          *string   `wbxml:"Notes:Subject"`
	Body             *Body     `wbxml:"AirSyncBase:Body"`
	MessageClass     *string   `wbxml:"Notes:MessageClass"`
	LastModifiedDate *Stamp    `wbxml:"Notes:LastModifiedDate"`
	Categories       *NoteTags `wbxml:"Notes:Categories"`
}

// NoteTags are the categories of a note.
type NoteTags struct {
	Names []string `wbxml:"Notes:Category"`
}

// DecodeNote reads the ApplicationData of a note.
func DecodeNote(raw wbxml.Raw) (*activesync.Note, error) {
	var w Note
	if err := raw.Unmarshal(&w); err != nil {
		return nil, fmt.Errorf("read a note: %w", err)
	}
	n := &activesync.Note{Subject: value(w.Subject)}
	if w.Body != nil {
		n.Body = decodeBody(w.Body, nil)
	}
	if w.Categories != nil {
		n.Categories = w.Categories.Names
	}
	n.Modified, _ = w.LastModifiedDate.Time()
	return n, nil
}

// EncodeNote is the ApplicationData of a note. A client leaves Modified empty.
func EncodeNote(n *activesync.Note) *Note {
	w := &Note{Subject: ptr(n.Subject), Body: encodeBody(n.Body), MessageClass: ptr(noteClass), LastModifiedDate: stamp(Compact, n.Modified)}
	if len(n.Categories) > 0 {
		w.Categories = &NoteTags{Names: n.Categories}
	}
	return w
}
