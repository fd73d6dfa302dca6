package store

import (
	"fmt"
	"math"
	"time"

	"eas.example/securemail/activesync"
)

// kind is what an item is.
type kind byte

const (
	kindMessage kind = 1 + iota
	kindContact
	kindEvent
)

// entry reports whether items of the kind are entries.
func (k kind) entry() bool { return k == kindContact || k == kindEvent }

// class is that of the folders which hold items of the kind.
func (k kind) class() activesync.Class {
	switch k {
	case kindContact:
		return activesync.ClassContacts
	case kindEvent:
		return activesync.ClassCalendar
	}
	return activesync.ClassEmail
}

// The first byte of a row: linkedVersion is one with what its header says of its
// conversation.
const (
	rowVersion    = 1
	linkedVersion = 2
)

// row is one line of a list, and where its item is. See "Items" in doc.go.
type row struct {
	kind     kind
	id       activesync.ItemID
	home     activesync.FolderID // where the server has it
	serverID activesync.ServerID // "" while the server has to name it
	// hidden: it left its folder by the person's will, or with it, and the server
	// has not shown it anywhere yet.
	hidden bool
	// leaving: the server no longer syncs it, but the journal still needs it.
	leaving bool
	pending int                 // journal records that change it
	shown   activesync.FolderID // in whose list it is, 0 in none
	whole   bool                // the whole body is here

	header   activesync.Header // of a message, as the server has it
	showRead bool
	showFlag activesync.FlagStatus
	// messageID and root are of a message whose header is known: its Message-ID, and
	// that of the first message of its conversation or noRoot.
	messageID, root string

	contact activesync.ContactRow // of a contact

	first, last int64 // of an event: milliseconds from which on and until which it may appear
	series      bool
}

const (
	rowHidden = 1 << iota
	rowLeaving
	rowWhole
	rowSeries
	rowRead
	rowShowRead
	rowAttachments
	rowDraft
)

// seen is the message as it is shown.
func (r *row) seen() activesync.Header {
	h := r.header
	h.ID, h.Folder = r.id, r.shown
	h.Read, h.Flag = r.showRead, r.showFlag
	h.Pending = r.pending > 0
	return h
}

// at is where in the list the item stands.
func (r *row) at() uint64 {
	switch r.kind {
	case kindMessage:
		return newestFirst(r.header.Date)
	case kindEvent:
		return newestFirst(time.UnixMilli(r.first))
	}
	return newestFirst(time.UnixMilli(0))
}

// line is what stands in the list beside the key.
func (r *row) line() []byte {
	var f byte
	switch r.kind {
	case kindMessage:
		if !r.showRead {
			f |= listUnread
		}
		if r.showFlag == activesync.FlagActive {
			f |= listFlagged
		}
		if !r.whole {
			f |= listPartial
		}
	case kindEvent:
		if r.series {
			f |= listSeries
		}
		return append([]byte{f}, idKey(uint64(r.last))...)
	}
	return []byte{f}
}

// unread reports whether the item counts as unread where it is shown.
func (r *row) unread() bool { return r.kind == kindMessage && !r.showRead }

func flag(b *byte, set bool, bit byte) {
	if set {
		*b |= bit
	}
}

// append writes the row; its id is the key and not part of it.
func (r *row) append(dst []byte) []byte {
	w := writer{dst}
	w.byte(r.version())
	w.byte(byte(r.kind))
	var f byte
	flag(&f, r.hidden, rowHidden)
	flag(&f, r.leaving, rowLeaving)
	flag(&f, r.whole, rowWhole)
	flag(&f, r.series, rowSeries)
	flag(&f, r.header.Read, rowRead)
	flag(&f, r.showRead, rowShowRead)
	flag(&f, r.header.HasAttachments, rowAttachments)
	flag(&f, r.header.Draft, rowDraft)
	w.byte(f)
	w.uint(uint64(r.home))
	w.text(string(r.serverID))
	w.uint(uint64(r.shown))
	w.uint(uint64(r.pending))
	switch r.kind {
	case kindMessage:
		r.appendHeader(&w)
	case kindContact:
		w.text(r.contact.Name)
		w.text(r.contact.Company)
		w.text(r.contact.Phone)
		w.texts(r.contact.Emails)
	case kindEvent:
		w.int(r.first)
		w.int(r.last)
	}
	return w.b
}

func (r *row) appendHeader(w *writer) {
	h := &r.header
	w.byte(byte(h.Flag))
	w.byte(byte(r.showFlag))
	w.byte(byte(h.Importance))
	w.byte(byte(h.Verb))
	w.time(h.Date)
	w.int(h.Size)
	w.address(h.From)
	w.addresses(h.To)
	w.addresses(h.Cc)
	w.text(h.Subject)
	w.text(h.MessageClass)
	w.text(h.Preview)
	w.bytes(h.Conversation)
	w.texts(h.Categories)
	if r.version() == linkedVersion {
		w.text(r.messageID)
		w.text(r.root)
	}
}

func (r *row) version() byte {
	if r.kind == kindMessage && r.messageID+r.root != "" {
		return linkedVersion
	}
	return rowVersion
}

// decodeRow reads a row; nothing of it points into b.
func decodeRow(id activesync.ItemID, b []byte) (*row, error) {
	rd := newReader(b)
	version := rd.byte()
	if rd.err == nil && version != rowVersion && version != linkedVersion {
		return nil, fmt.Errorf("unknown form %d", version)
	}
	r := &row{id: id, kind: kind(rd.byte())}
	f := rd.byte()
	r.hidden, r.leaving, r.whole, r.series = f&rowHidden != 0, f&rowLeaving != 0, f&rowWhole != 0, f&rowSeries != 0
	r.home = activesync.FolderID(rd.uint())
	r.serverID = activesync.ServerID(rd.text())
	r.shown = activesync.FolderID(rd.uint())
	pending := rd.uint()
	if pending > math.MaxInt32 {
		return nil, fmt.Errorf("%d pending records", pending)
	}
	r.pending = int(pending)
	switch r.kind {
	case kindMessage:
		r.header.Read, r.showRead = f&rowRead != 0, f&rowShowRead != 0
		r.header.HasAttachments, r.header.Draft = f&rowAttachments != 0, f&rowDraft != 0
		r.readHeader(rd)
		if version == linkedVersion {
			r.messageID, r.root = rd.text(), rd.text()
		}
	case kindContact:
		r.contact = activesync.ContactRow{ID: id, Name: rd.text(), Company: rd.text(), Phone: rd.text(), Emails: rd.texts()}
	case kindEvent:
		r.first, r.last = rd.int(), rd.int()
	default:
		if rd.err == nil {
			return nil, fmt.Errorf("unknown kind %d", r.kind)
		}
	}
	if err := rd.end(); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *row) readHeader(rd *reader) {
	h := &r.header
	h.ID = r.id
	h.Flag = activesync.FlagStatus(rd.byte())
	r.showFlag = activesync.FlagStatus(rd.byte())
	h.Importance = activesync.Importance(rd.byte())
	h.Verb = activesync.Verb(rd.byte())
	h.Date = rd.time()
	h.Size = rd.int()
	h.From = rd.address()
	h.To = rd.addresses()
	h.Cc = rd.addresses()
	h.Subject = rd.text()
	h.MessageClass = rd.text()
	h.Preview = rd.text()
	h.Conversation = rd.bytes()
	h.Categories = rd.texts()
}
