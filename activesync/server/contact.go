package server

import (
	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

// maxPicture is how long the base64 text of a contact's picture may be
// (MS-ASCNTC 2.2.2.58).
const maxPicture = 48 << 10

// changeContact carries out a Change of a contact. From 16.0 on it replaces
// the whole; before, what it does not name stays, and what it names without
// content is emptied.
func (x *exchange) changeContact(it *item, ch wire.SyncChange) (status int) {
	p, err := wire.DecodeContact(ch.ApplicationData)
	if err != nil || !x.takes(ch.ApplicationData, p) {
		return 6
	}
	changed := *it.contact
	if x.personality().WipesContacts {
		changed = activesync.Contact{Note: it.contact.Note}
	}
	p.Whole = x.Version >= activesync.V160
	p.Apply(&changed)
	it.contact = &changed
	return 1
}

// takes reports whether a contact may be written: its picture is not too
// large, its cache fields are not named, and from 16.0 on no element is empty.
func (x *exchange) takes(data wbxml.Raw, p *activesync.ContactPatch) bool {
	var w wire.Contact
	if data.Unmarshal(&w) != nil || w.Picture != nil && len(*w.Picture) > maxPicture || p.Fields["Contacts:WeightedRank"] || p.Fields["Contacts:Alias"] {
		return false
	}
	node, err := data.Node()
	if err != nil {
		return false
	}
	if x.Version >= activesync.V160 {
		for _, n := range node.Children {
			if len(n.Children) == 0 && len(n.Text) == 0 {
				return false
			}
		}
	}
	return true
}
