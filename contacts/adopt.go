package contacts

import (
	"os"
	"strconv"
	"strings"

	"eas.example/securemail/activesync"
)

// adopt finds or makes the entry of a contact that has none; nil where another
// program's card of the person is there.
func (p *pass) adopt(c activesync.Contact, orphans map[string]activesync.ItemID) (*entry, error) {
	uid := UID(c)
	if old, ok := orphans[uid]; ok {
		// The same person under a new id, as after the store was made anew.
		e := p.ledger.Cards[old]
		delete(p.ledger.Cards, old)
		delete(orphans, uid)
		p.report.changed = true
		return e, nil
	}
	for base := uid; p.uids[uid]; {
		p.alike[base]++ // from where the last one of that name ended
		uid = numberedUID(c, p.alike[base]+1)
	}
	if name, ok := p.byUID[uid]; ok {
		return p.reclaim(c, uid, name)
	}
	for _, m := range mailsOf(c) {
		if p.mails[m] {
			return nil, nil
		}
	}
	p.uids[uid] = true
	return &entry{UID: uid}, nil
}

// reclaim takes back a card that this program wrote before the ledger was lost
// or begun anew; nil where another program wrote it. Whether a person changed
// it since cannot be told, so one that does not say what the contact does counts
// as changed by hand.
func (p *pass) reclaim(c activesync.Contact, uid, name string) (*entry, error) {
	data, err := p.read(name)
	if err != nil || !isOurs(data) {
		return nil, err
	}
	card, err := Encode(p.fields.Of(c), cardVersion, uid)
	if err != nil {
		return nil, err
	}
	e := &entry{UID: uid, File: name}
	if sense(card) == sense(data) {
		e.Stamp, e.Hash, e.Sense, e.Fields = p.found[name], hashOf(data), sense(data), p.fields
	} else if err := p.inspect(e); err != nil {
		return nil, err
	}
	delete(p.ledger.Foreign, name)
	delete(p.byUID, uid)
	p.uids[uid] = true
	return e, nil
}

// free is a file name that no other card has.
func (p *pass) free(uid string) string {
	name := fileOf(uid)
	for n := 2; ; n++ {
		if _, taken := p.found[name]; !taken {
			if _, err := os.Lstat(p.dir.path(name)); err != nil {
				return name
			}
		}
		name = strings.TrimSuffix(fileOf(uid), fileExtension) + "-" + strconv.Itoa(n) + fileExtension
	}
}

// fileOf is the file of a card: it stays when the person's name changes.
func fileOf(uid string) string { return strings.TrimPrefix(uid, "urn:uuid:") + fileExtension }
