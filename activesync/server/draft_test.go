package server_test

import (
	"slices"
	"strings"
	"testing"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wire"
)

// drafts is a device that writes into the folder of drafts.
type drafts struct {
	*conn
	folder activesync.ServerID
	key    activesync.SyncKey
}

func newDrafts(t *testing.T, v activesync.Version, cfg server.Config) *drafts {
	t.Helper()
	d := &drafts{conn: newConn(t, v, cfg)}
	d.folder = d.folders()["Drafts"]
	d.key = d.prime(d.folder, mail)
	d.sync(nil)
	return d
}

// sync sends a change, or asks for the server's where there is none.
func (d *drafts) sync(change func(*wire.SyncCollection)) *wire.SyncCollectionResponse {
	d.t.Helper()
	c := wire.SyncCollection{SyncKey: d.key, CollectionID: d.folder, Options: []wire.SyncOptions{wholeText()}}
	if change != nil {
		c.GetChanges = wire.Bool(false)
		change(&c)
	}
	var res wire.SyncResponse
	if !d.call("Sync", &wire.SyncRequest{Collections: []wire.SyncCollection{c}}, &res) {
		return &wire.SyncCollectionResponse{}
	}
	d.key = res.Collections[0].SyncKey
	return &res.Collections[0]
}

// stored is the only draft that the server has.
func (d *drafts) stored() *message.Mail {
	d.t.Helper()
	all, err := d.box.Items("Drafts")
	if err != nil || len(all) != 1 {
		d.t.Fatalf("%d drafts, %v", len(all), err)
	}
	return message.ParseBytes(all[0].MIME)
}

// raw is ApplicationData with elements a draft may not have.
func raw(t *testing.T, e *wire.Email) func(*wire.SyncCollection) {
	t.Helper()
	data, err := wire.Pack(e)
	if err != nil {
		t.Fatal(err)
	}
	return func(c *wire.SyncCollection) {
		c.Commands = &wire.SyncCommands{Adds: []wire.SyncAdd{{ClientID: "odd", ApplicationData: data}}}
	}
}

func TestDraftsAreWrittenByDevices(t *testing.T) {
	for _, v := range []activesync.Version{activesync.V160, activesync.V161} {
		d := newDrafts(t, v, server.Config{})
		letter := activesync.Draft{To: []activesync.Address{{Name: "Zoë", Address: "zoe@example.test"}}, Bcc: []activesync.Address{{Address: "half an addr"}}, Subject: "Kai", Text: "Grüße\nund mehr\n"}
		files := &wire.Attachments{Adds: []wire.AttachmentAdd{
			{ClientID: "a", Method: "1", Content: []byte("one"), DisplayName: "eins.txt"},
			{ClientID: "b", Method: "1", Content: []byte("two"), DisplayName: "zwei ü.txt", ContentType: "text/plain"}}}
		made := d.sync(func(c *wire.SyncCollection) { c.AddDraft("c1", &letter, files, false) }).Made()["c1"]
		if made.Status != 1 || made.ServerID == "" || made.ApplicationData == nil {
			t.Fatalf("%v: %+v", v, made)
		}
		var told wire.Email
		if err := made.ApplicationData.Unmarshal(&told); err != nil || len(told.Attachments.Attachments) != 2 || told.Attachments.Attachments[1].ClientID != "b" {
			t.Fatalf("%v: %v, %+v", v, err, told.Attachments)
		}
		m := d.stored()
		if m.PlainText() != "Grüße\nund mehr\n" || m.To[0].Name != "Zoë" || m.Subject != "Kai" || len(m.Attachments) != 2 || m.Attachments[1].Name != "zwei ü.txt" {
			t.Errorf("%v: %q %+v %+v", v, m.PlainText(), m.To, m.Attachments)
		}
		if got := d.sync(nil); got.Commands != nil {
			t.Errorf("%v: told of what it made: %+v", v, got.Commands)
		}
		off := &wire.Attachments{Deletes: []wire.AttachmentDelete{{FileReference: told.Attachments.Attachments[0].FileReference}}}
		letter.Text, letter.Bcc = "Kürzer\n", nil
		if got := d.sync(func(c *wire.SyncCollection) { c.ChangeDraft(made.ServerID, &letter, off, false) }); got.Responses != nil {
			t.Errorf("%v: %+v", v, got.Responses)
		}
		if m = d.stored(); m.PlainText() != "Kürzer\n" || len(m.Bcc) != 0 || len(m.Attachments) != 1 || string(m.Attachments[0].Content) != "two" {
			t.Errorf("%v: %q %+v %+v", v, m.PlainText(), m.Bcc, m.Attachments)
		}
		letter.To = []activesync.Address{{Address: "nobody"}}
		if got := d.sync(func(c *wire.SyncCollection) { c.ChangeDraft(made.ServerID, &letter, nil, true) }); got.Failures()[made.ServerID] != 183 {
			t.Errorf("%v: sent to nobody: %+v", v, got.Responses)
		}
		letter.To = []activesync.Address{{Address: "alice@example.test"}}
		d.sync(func(c *wire.SyncCollection) { c.ChangeDraft(made.ServerID, &letter, nil, true) })
		if all, _ := d.box.Items("Drafts"); len(all) != 0 {
			t.Errorf("%v: a draft that was sent is still there", v)
		}
		for _, path := range []string{"Sent Items", "Inbox"} {
			all, _ := d.box.Items(path)
			if len(all) != 1 || !strings.Contains(message.ParseBytes(all[0].MIME).PlainText(), "Kürzer") {
				t.Errorf("%v: %d messages in %s", v, len(all), path)
			}
		}
	}
}

func TestDraftsAreRefused(t *testing.T) {
	yes, html := wire.MakeSwitch(true), &wire.Body{Type: 2, Data: []byte("<b>x</b>")}
	subject := "x"
	for name, e := range map[string]*wire.Email{
		"IsDraft":                  {IsDraft: &yes, Body: html},
		"From":                     {From: &subject, Body: html},
		"Subject beside MIME":      {Subject: &subject, Body: &wire.Body{Type: 4, Data: []byte("Subject: y\r\n\r\nz")}},
		"RTF":                      {Body: &wire.Body{Type: 3, Data: []byte("x")}},
		"a file that has no name":  {Attachments: &wire.Attachments{Adds: []wire.AttachmentAdd{{ClientID: "a", Method: "1"}}}},
		"a file that is not there": {Attachments: &wire.Attachments{Deletes: []wire.AttachmentDelete{{FileReference: "7:7:7"}}}},
	} {
		d := newDrafts(t, activesync.V161, server.Config{})
		if got := d.sync(raw(t, e)).Made()["odd"]; got.Status != 6 {
			t.Errorf("%s: status %d", name, got.Status)
		}
	}
	d := newDrafts(t, activesync.V161, server.Config{})
	if got := d.sync(raw(t, &wire.Email{Body: html})).Made()["odd"]; got.Status != 1 || d.stored().HTML != "<b>x</b>" {
		t.Errorf("HTML: %+v", got)
	}
	inbox := newConn(t, activesync.V161, server.Config{})
	d = &drafts{conn: inbox, folder: inbox.folders()["Inbox"]}
	d.key = d.prime(d.folder, mail)
	d.sync(nil)
	if got := d.sync(raw(t, &wire.Email{Body: html})).Made()["odd"]; got.Status != 6 {
		t.Errorf("in the Inbox: %+v", got)
	}
}

func TestRenewsDrafts(t *testing.T) {
	d := newDrafts(t, activesync.V161, server.Config{Personality: server.Personality{RenewsDrafts: true}})
	letter := activesync.Draft{Subject: "a", Text: "first\n"}
	made := d.sync(func(c *wire.SyncCollection) { c.AddDraft("c1", &letter, nil, false) }).Made()["c1"]
	letter.Text = "second\n"
	d.sync(func(c *wire.SyncCollection) { c.ChangeDraft(made.ServerID, &letter, nil, false) })
	got := d.sync(nil)
	if got.Commands == nil || len(got.Commands.Adds) != 1 || !slices.ContainsFunc(got.Commands.Deletes, func(g wire.SyncGone) bool { return g.ServerID == made.ServerID }) {
		t.Errorf("%+v", got.Commands)
	}
}
