package wire

import (
	"strings"

	"eas.example/securemail/activesync"
)

// EncodeDraft is the ApplicationData by which a message in Drafts is made or
// changed, from 16.0 on: all that a person wrote, so that what they emptied is
// emptied there too. Besides these elements a draft takes none (MS-ASCMD
// 2.2.3.7.2). files may be nil.
func EncodeDraft(d *activesync.Draft, files *Attachments) *Email {
	every := func(l []activesync.Address) *string { return ptr(activesync.FormatAddresses(l, ", ")) }
	text := strings.ReplaceAll(d.Text, "\n", "\r\n")
	if files != nil && len(files.Adds)+len(files.Deletes) == 0 {
		files = nil
	}
	return &Email{
		To: every(d.To), Cc: every(d.Cc), Bcc: every(d.Bcc), Subject: ptr(d.Subject), Importance: ptr(encodeImportance(d.Importance)),
		Attachments: files, Body: &Body{Type: uint8(activesync.BodyPlain), Data: []byte(text)}, Read: ptr(MakeSwitch(true)),
	}
}

// AddDraft adds the making of a message in Drafts; with send it is sent at once.
func (c *SyncCollection) AddDraft(clientID string, d *activesync.Draft, files *Attachments, send bool) {
	c.commands().Adds = append(c.commands().Adds, SyncAdd{ClientID: clientID, ApplicationData: mustPack(EncodeDraft(d, files)), Send: send})
}

// ChangeDraft adds a change of a message in Drafts to what d is; with send it is
// sent after that.
func (c *SyncCollection) ChangeDraft(id activesync.ServerID, d *activesync.Draft, files *Attachments, send bool) {
	c.commands().Changes = append(c.commands().Changes, SyncChange{ServerID: id, ApplicationData: mustPack(EncodeDraft(d, files)), Send: send})
}
