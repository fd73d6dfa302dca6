package store

import (
	"bytes"
	"encoding/binary"

	"eas.example/securemail/activesync"
)

// claim finds the waiting item that the server tells of under a name that is
// not known, 0 when there is none: one of the same fingerprint, size and text.
// Where several are alike, one that is read and flagged as the server says, and of
// those the one that the person did least to: should the server have fewer of them,
// what was to be done to the others is moot.
func (a *account) claim(f activesync.FolderID, c *activesync.ItemChange) (activesync.ItemID, error) {
	p, size := fingerprintIn(c)
	prefix := waitingKey(f, a.hide(p), 0)[:24]
	var found *row
	at := a.in(inWaiting).Cursor()
	for k, v := at.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = at.Next() {
		if have, n := binary.Varint(v[1:]); n <= 0 || !sameSize(have, size) || v[0] == waitMade {
			continue
		}
		r, err := a.row(activesync.ItemID(readID(k[24:])))
		if err != nil {
			return 0, err
		}
		if c.Message != nil && !a.sameText(r, &c.Message.Body) {
			continue
		}
		switch marked := sameMarks(r, c); {
		case found == nil || marked && !sameMarks(found, c):
			found = r
		case marked == sameMarks(found, c) && r.pending < found.pending:
			found = r
		}
	}
	if found == nil {
		return 0, nil
	}
	return found.id, nil
}

// sameMarks reports whether the server has a message read and flagged as it was.
func sameMarks(r *row, c *activesync.ItemChange) bool {
	return c.Message == nil || c.Message.Read == r.header.Read && c.Message.Flag == r.header.Flag
}

// sameSize compares two estimates of which either may be missing.
func sameSize(a, b int64) bool { return a == b || a == 0 || b == 0 }

// sameText reports whether the text of a message that is here may be this one:
// of both no more need be known than how they begin.
func (a *account) sameText(r *row, body *activesync.Body) bool {
	m, err := a.message(r, true)
	if err != nil || m.Body.Type != body.Type {
		return true // nothing tells
	}
	n := min(len(m.Body.Data), len(body.Data))
	return bytes.Equal(m.Body.Data[:n], body.Data[:n])
}

// mayBe is sameText for the message that a change is about.
func (a *account) mayBe(id activesync.ItemID, c *activesync.ItemChange) bool {
	if c.Message == nil {
		return true
	}
	r, err := a.row(id)
	return err == nil && a.sameText(r, &c.Message.Body)
}

// twin finds in the list of a folder the one message after newest that the server
// told of and that is the same as r by its fingerprint and text, 0 when there is
// none or more than one.
func (a *account) twin(f activesync.FolderID, r *row, newest activesync.ItemID) (activesync.ItemID, error) {
	want := fingerprintOf(&r.header)
	mine, err := a.message(r, true)
	if err != nil {
		mine.Body = activesync.Body{}
	}
	prefix := listKey(f, r.at(), 0)[:16]
	var found activesync.ItemID
	c := a.in(inList).Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		_, id := splitListKey(k)
		if id == r.id || id <= newest {
			continue
		}
		other, err := a.row(id)
		if err != nil {
			return 0, err
		}
		if why := a.waitsFor(id); why == waitMoved || why == waitMoved2 || other.serverID == "" {
			continue // it was moved here itself
		}
		if other.home != f || fingerprintOf(&other.header) != want || !sameSize(other.header.Size, r.header.Size) || !a.sameText(other, &mine.Body) {
			continue
		}
		if found != 0 {
			return 0, nil
		}
		found = id
	}
	return found, nil
}

// movedUnheard finds the message that the server tells of in this folder under a
// name that is not known, and that a record moved here whose answer was lost; 0 is
// none. That record is done then. Where the message was is not looked into: that
// folder starts anew, tells of all that is still in it, and may not come in step for
// long. A message that has its like there is not sure to be the one.
func (ap *application) movedUnheard(c *activesync.ItemChange) (activesync.ItemID, error) {
	a := ap.a
	if c.Message == nil || c.Message.Draft {
		return 0, nil
	}
	ops, err := a.journal()
	if err != nil {
		return 0, err
	}
	p, size := fingerprintIn(c)
	for i := range ops {
		op := &ops[i]
		if op.Kind != activesync.OpMove && op.Kind != activesync.OpDelete || !op.MayBeDone() || a.waitsFor(op.Item) != waitResync || !a.matches(op.Item, p) {
			continue
		}
		r, err := a.row(op.Item)
		if err != nil {
			return 0, err
		}
		own, err := a.ownDoing(r)
		if err != nil {
			return 0, err
		}
		to, err := a.leadsTo(op)
		if err != nil {
			return 0, err
		}
		if own != op.ID || to != ap.folder || r.home == to || r.header.Draft || !sameSize(r.header.Size, size) || !a.mayBe(r.id, c) || !a.alone(r.home, p) {
			continue
		}
		id := r.id
		ap.waiting = true
		return id, a.finish(own, c.ServerID, false)
	}
	return 0, nil
}

// leadsTo is the folder where the server has a message once a record is carried
// out, 0 for none.
func (a *account) leadsTo(op *activesync.Op) (activesync.FolderID, error) {
	switch {
	case op.Kind == activesync.OpMove:
		return op.To, nil
	case op.Purge:
		return 0, nil
	}
	return a.bin()
}

// alone reports whether one item at most waits in a folder with this fingerprint.
func (a *account) alone(f activesync.FolderID, p fingerprint) bool {
	prefix := waitingKey(f, a.hide(p), 0)[:24]
	at := a.in(inWaiting).Cursor()
	at.Seek(prefix)
	k, _ := at.Next()
	return !bytes.HasPrefix(k, prefix)
}
