package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"strings"

	"eas.example/securemail/activesync"
)

// What an item waits for.
const (
	waitResync   byte = 1 + iota // the folder starts anew: gone when it is in step and the item was not told of
	waitMoved                    // it was moved here: not told of yet
	waitMoved2                   // the same, and the folder was in step once since
	waitDoomed                   // the server removed it: gone when the folder is in step
	waitWithheld                 // the server removed it with so many others that the person has to decide
	waitKept                     // the person decided to keep it
	waitMade                     // it was made here, and the server does not know it yet
)

// fingerprintOf says what a message is known by when its ServerId is not:
// date, sender, subject and conversation. The size is compared apart, because
// it may be unknown.
func fingerprintOf(h *activesync.Header) fingerprint {
	var w writer
	w.byte(byte(kindMessage))
	w.int(h.Date.UnixMilli())
	w.text(strings.ToLower(h.From.Address))
	w.text(h.Subject)
	w.bytes(h.Conversation)
	return sum(w.b)
}

func contactFingerprint(c *activesync.Contact) fingerprint {
	var w writer
	w.byte(byte(kindContact))
	// FileAs is what a server makes of the others.
	words := []string{c.FirstName, c.LastName, c.CompanyName, strings.ToLower(c.Email1.Address), c.MobilePhone}
	if strings.Join(words, "") == "" {
		words = []string{c.FileAs}
	}
	for _, s := range words {
		w.text(strings.TrimSpace(s))
	}
	return sum(w.b)
}

func eventFingerprint(e *activesync.Event) fingerprint {
	var w writer
	w.byte(byte(kindEvent))
	w.text(e.UID)
	if e.UID == "" {
		w.text(e.Subject)
		w.int(e.Start.Unix())
	}
	return sum(w.b)
}

func sum(b []byte) (p fingerprint) {
	h := sha256.Sum256(b)
	copy(p[:], h[:])
	return p
}

// fingerprint of an item that is here, and its size.
func (a *account) fingerprint(r *row) (fingerprint, int64, error) {
	if r.kind.entry() {
		e, err := a.entry(r)
		return e.fingerprint(), 0, err
	}
	return fingerprintOf(&r.header), r.header.Size, nil
}

// wait makes an item wait in its home.
func (a *account) wait(r *row, why byte) error {
	if err := a.unwait(r.id); err != nil {
		return err
	}
	p, size, err := a.fingerprint(r)
	if err != nil {
		return err
	}
	key := waitingKey(r.home, a.hide(p), r.id)
	if err := a.in(inWaiting).Put(key, binary.AppendVarint([]byte{why}, size)); err != nil {
		return err
	}
	return a.in(inPrints).Put(idKey(uint64(r.id)), key[:24])
}

// hide makes a fingerprint unreadable: whoever guesses subject and date of a
// message must not be able to see that it is here.
func (a *account) hide(p fingerprint) fingerprint {
	return fingerprint(a.t.s.sealer.name("fingerprint", string(p[:])))
}

// unwait ends an item's waiting, if it waits.
func (a *account) unwait(id activesync.ItemID) error {
	key := idKey(uint64(id))
	at := a.in(inPrints).Get(key)
	if at == nil {
		return nil
	}
	if err := a.in(inWaiting).Delete(append(bytes.Clone(at), key...)); err != nil {
		return err
	}
	return a.in(inPrints).Delete(key)
}

// waits reports whether any item waits in a folder.
func (a *account) waits(f activesync.FolderID) bool {
	prefix := idKey(uint64(f))
	k, _ := a.in(inWaiting).Cursor().Seek(prefix)
	return bytes.HasPrefix(k, prefix)
}

// awaits reports whether an item was moved into a folder that the server has not
// told of.
func (a *account) awaits(f activesync.FolderID) bool {
	prefix := idKey(uint64(f))
	c := a.in(inWaiting).Cursor()
	for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
		if v[0] == waitMoved || v[0] == waitMoved2 {
			return true
		}
	}
	return false
}

// waiting are the items that wait in a folder, with the reason.
func (a *account) waiting(f activesync.FolderID) map[activesync.ItemID]byte {
	out := map[activesync.ItemID]byte{}
	prefix := idKey(uint64(f))
	c := a.in(inWaiting).Cursor()
	for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
		out[activesync.ItemID(readID(k[24:]))] = v[0]
	}
	return out
}

// waitsFor is what an item waits for, 0 when it does not.
func (a *account) waitsFor(id activesync.ItemID) byte {
	key := idKey(uint64(id))
	at := a.in(inPrints).Get(key)
	if at == nil {
		return 0
	}
	if v := a.in(inWaiting).Get(append(bytes.Clone(at), key...)); len(v) > 0 {
		return v[0]
	}
	return 0
}

// matches reports whether a waiting item has a fingerprint.
func (a *account) matches(id activesync.ItemID, p fingerprint) bool {
	at, want := a.in(inPrints).Get(idKey(uint64(id))), a.hide(p)
	return len(at) == 24 && bytes.Equal(at[8:], want[:])
}

// contact reads a contact.
func (a *account) contact(r *row) (c activesync.Contact, err error) {
	if err := a.decodeContent(r, &c); err != nil {
		return activesync.Contact{}, err
	}
	c.ID, c.Folder = r.id, r.shown
	return c, nil
}

// event reads an event.
func (a *account) event(r *row) (e activesync.Event, err error) {
	if err := a.decodeContent(r, &e); err != nil {
		return activesync.Event{}, err
	}
	e.ID, e.Folder = r.id, r.shown
	return e, nil
}

func (a *account) decodeContent(r *row, v any) error {
	b, err := a.content(r.id)
	if err != nil || b == nil {
		return err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return a.corrupt(inContents, idKey(uint64(r.id)), err)
	}
	return nil
}
