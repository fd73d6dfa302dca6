package server_test

import (
	"crypto/x509"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wire"
)

// goldens are the exchanges that are kept: each command in what it can ask for.
// since is the first version that has it.
var goldens = []struct {
	name  string
	since activesync.Version
	do    func(t *testing.T, p *pair) error
}{
	{"provision", 0, func(t *testing.T, p *pair) error { return p.provision(t.Context()) }},
	{"provision-wipe", 0, func(t *testing.T, p *pair) error {
		p.box.Wipe()
		return p.wipe(t.Context())
	}},
	{"provision-wipe-account", activesync.V161, func(t *testing.T, p *pair) error {
		p.box.WipeAccount()
		return p.wipe(t.Context())
	}},
	{"settings-device-information", 0, func(t *testing.T, p *pair) error {
		_, err := p.c.Settings(t.Context(), wire.NewDeviceInformation(info))
		return err
	}},
	{"settings-user-information", 0, func(t *testing.T, p *pair) error {
		_, err := p.c.Settings(t.Context(), wire.NewUserInformation())
		return err
	}},
	{"settings-device-password", 0, func(t *testing.T, p *pair) error {
		_, err := p.c.Settings(t.Context(), &wire.SettingsRequest{DevicePassword: &wire.DevicePasswordSettings{Password: "recover-me"}})
		return err
	}},
	{"settings-oof", 0, func(t *testing.T, p *pair) error {
		from := time.Now().Add(24 * time.Hour)
		if _, err := p.c.Settings(t.Context(), wire.NewOofSet(wire.OofTimed, from, from.Add(72*time.Hour), "On the water.", "Away until Friday.")); err != nil {
			return err
		}
		_, err := p.c.Settings(t.Context(), wire.NewOofGet())
		return err
	}},
	{"settings-rights-management", activesync.V141, func(t *testing.T, p *pair) error {
		_, err := p.c.Settings(t.Context(), &wire.SettingsRequest{RightsManagement: &wire.RightsManagementAsking{Get: true}})
		return err
	}},
	{"folder-sync", 0, func(t *testing.T, p *pair) error {
		_, err := p.c.FolderSync(t.Context(), activesync.KeyNone)
		return err
	}},
	{"folder-create-update-delete", 0, func(t *testing.T, p *pair) error {
		key := p.hierarchy(t)
		made, err := p.c.FolderCreate(t.Context(), &wire.FolderCreateRequest{SyncKey: key, ParentID: "0", DisplayName: "Tides", Type: activesync.FolderUserMail})
		if err != nil {
			return err
		}
		renamed, err := p.c.FolderUpdate(t.Context(), &wire.FolderUpdateRequest{SyncKey: made.SyncKey, ServerID: made.ServerID, ParentID: "0", DisplayName: "High tides"})
		if err != nil {
			return err
		}
		_, err = p.c.FolderDelete(t.Context(), &wire.FolderDeleteRequest{SyncKey: renamed.SyncKey, ServerID: made.ServerID})
		return err
	}},
	{"get-item-estimate", 0, func(t *testing.T, p *pair) error {
		inbox, key := p.prime(t, "Inbox")
		_, err := p.c.GetItemEstimate(t.Context(), wire.NewEstimate(p.v, inbox, key, mail, 0))
		return err
	}},
	{"sync-mail", 0, func(t *testing.T, p *pair) error { return p.everything(t, "Inbox") }},
	{"sync-calendar", 0, func(t *testing.T, p *pair) error { return p.everything(t, "Calendar") }},
	{"sync-contacts", 0, func(t *testing.T, p *pair) error { return p.everything(t, "Contacts") }},
	{"sync-tasks", 0, func(t *testing.T, p *pair) error { return p.everything(t, "Tasks") }},
	{"sync-notes", activesync.V140, func(t *testing.T, p *pair) error { return p.everything(t, "Notes") }},
	{"sync-commands-mail", 0, func(t *testing.T, p *pair) error {
		inbox, key := p.first(t, "Inbox")
		c := p.collection(inbox, key, mail)
		c.ChangeRead(inbox+":1", true)
		c.Delete(inbox + ":2")
		_, err := p.c.Sync(t.Context(), &wire.SyncRequest{Collections: []wire.SyncCollection{c}})
		return err
	}},
	{"sync-commands-calendar", 0, func(t *testing.T, p *pair) error {
		calendar, key := p.first(t, "Calendar")
		ten, at := 10, time.Now().Add(48*time.Hour)
		e := activesync.Event{UID: "uid-3@here", Subject: "Count the buoys", Location: "Quay 4", Start: at, End: at.Add(time.Hour), BusyStatus: 2, Reminder: &ten, DTStamp: time.Now(),
			Organizer: activesync.Address{Address: "alice@example.test"}, Recurrence: activesync.Recurrence{Set: true, Type: 1, Interval: 1, DayOfWeek: 2}}
		c := p.collection(calendar, key, activesync.ClassCalendar)
		c.AddEvent("e1", &e, p.v)
		res, err := p.c.Sync(t.Context(), &wire.SyncRequest{Collections: []wire.SyncCollection{c}})
		if err != nil {
			return err
		}
		later := e
		later.Location, later.Reminder, later.Recurrence = "", nil, activesync.Recurrence{}
		c = p.collection(calendar, res.Collections[0].SyncKey, activesync.ClassCalendar)
		c.ChangeEvent(res.Collections[0].Made()["e1"].ServerID, &later, &e, p.v)
		_, err = p.c.Sync(t.Context(), &wire.SyncRequest{Collections: []wire.SyncCollection{c}})
		return err
	}},
	{"sync-commands-tasks", 0, func(t *testing.T, p *pair) error {
		tasks, key := p.first(t, "Tasks")
		c := p.collection(tasks, key, activesync.ClassTasks)
		day := time.Now().Add(24 * time.Hour)
		raw, err := wire.Pack(wire.EncodeTask(&activesync.Task{Subject: "Count the buoys", Due: day, UTCDue: day, Begins: day,
			Recurrence: activesync.Recurrence{Set: true, Type: 1, Interval: 1, DayOfWeek: 2}}, p.v))
		if err != nil {
			return err
		}
		c.Commands = &wire.SyncCommands{Adds: []wire.SyncAdd{{ClientID: "t1", ApplicationData: raw}}}
		_, err = p.c.Sync(t.Context(), &wire.SyncRequest{Collections: []wire.SyncCollection{c}})
		return err
	}},
	{"sync-commands-drafts", activesync.V160, func(t *testing.T, p *pair) error {
		drafts, key := p.prime(t, "Drafts")
		d := activesync.Draft{To: []activesync.Address{{Name: "Bea", Address: "bea@example.test"}}, Subject: "Quay 4", Text: "It is\n", Importance: activesync.ImportanceHigh}
		sync := func(change func(*wire.SyncCollection)) (*wire.SyncCollectionResponse, error) {
			c := p.collection(drafts, key, mail)
			c.GetChanges = wire.Bool(false)
			change(&c)
			res, err := p.c.Sync(t.Context(), &wire.SyncRequest{Collections: []wire.SyncCollection{c}})
			if err != nil {
				return nil, err
			}
			key = res.Collections[0].SyncKey
			return &res.Collections[0], nil
		}
		figures := &wire.Attachments{Adds: []wire.AttachmentAdd{{ClientID: "f1", Method: "1", Content: []byte("0123456789"), DisplayName: "figures.csv", ContentType: "text/csv"}}}
		res, err := sync(func(c *wire.SyncCollection) { c.AddDraft("d1", &d, figures, false) })
		if err != nil {
			return err
		}
		made := res.Made()["d1"]
		d.Text, d.Cc = "It is dry.\n", []activesync.Address{{Address: "alice@example.test"}}
		off := &wire.Attachments{Deletes: []wire.AttachmentDelete{{FileReference: string(made.ServerID) + ":0"}}}
		if _, err := sync(func(c *wire.SyncCollection) { c.ChangeDraft(made.ServerID, &d, off, false) }); err != nil {
			return err
		}
		_, err = sync(func(c *wire.SyncCollection) { c.ChangeDraft(made.ServerID, &d, nil, true) })
		return err
	}},
	{"sync-empty-and-partial", 0, func(t *testing.T, p *pair) error {
		inbox, key := p.first(t, "Inbox")
		wait := wire.SyncRequest{Collections: []wire.SyncCollection{p.collection(inbox, key, mail)}, Wait: 1}
		if _, err := p.c.Sync(t.Context(), &wait); err != nil {
			return err
		}
		if _, err := p.box.Deliver("Inbox", server.Mail([]byte(plainMail)), false); err != nil {
			return err
		}
		if _, err := p.c.SyncAgain(t.Context(), time.Minute); err != nil {
			return err
		}
		_, err := p.c.Sync(t.Context(), &wire.SyncRequest{Wait: 2, Partial: true})
		return err
	}},
	{"ping", 0, func(t *testing.T, p *pair) error {
		inbox, _ := p.prime(t, "Inbox")
		if _, err := p.c.Ping(t.Context(), &wire.PingRequest{HeartbeatInterval: 600, Folders: []wire.PingFolder{{ID: inbox, Class: mail}}}); err != nil {
			return err
		}
		_, err := p.c.Ping(t.Context(), &wire.PingRequest{})
		return err
	}},
	{"move-items", 0, func(t *testing.T, p *pair) error {
		p.hierarchy(t)
		_, err := p.c.MoveItems(t.Context(), &wire.MoveItemsRequest{Moves: []wire.Move{{SrcMsgID: p.id(t, "Inbox") + ":1", SrcFldID: p.id(t, "Inbox"), DstFldID: p.id(t, "Archive")}}})
		return err
	}},
	{"item-operations-fetch", 0, func(t *testing.T, p *pair) error {
		inbox, _ := p.first(t, "Inbox")
		ranged := wire.FetchFile(string(inbox) + ":2:0")
		ranged.Options = &wire.FetchOptions{Range: "2-5"}
		_, err := p.c.ItemOperations(t.Context(), &wire.ItemOperationsRequest{Fetches: []wire.Fetch{
			wire.FetchItem(inbox, inbox+":1", wholeText().BodyPreferences, 0), wire.FetchLong("L1-2", wholeText().BodyPreferences, 0), ranged, wire.FetchDocument(`\\files\plans\quay.txt`)}})
		return err
	}},
	{"item-operations-empty-folder", 0, func(t *testing.T, p *pair) error {
		p.hierarchy(t)
		_, err := p.c.ItemOperations(t.Context(), &wire.ItemOperationsRequest{Empty: []wire.EmptyFolderContents{
			{CollectionID: p.id(t, "Inbox"), Options: &wire.EmptyFolderOptions{DeleteSubFolders: true}}}})
		return err
	}},
	{"item-operations-move", activesync.V140, func(t *testing.T, p *pair) error {
		inbox, _ := p.first(t, "Inbox")
		conversation := p.conversation(t, inbox+":1")
		_, err := p.c.ItemOperations(t.Context(), &wire.ItemOperationsRequest{Moves: []wire.ConversationMove{
			{ConversationID: conversation, DstFldID: p.id(t, "Archive"), Options: &wire.ConversationMoveOptions{MoveAlways: true}}}})
		return err
	}},
	{"send-mail", 0, func(t *testing.T, p *pair) error {
		p.hierarchy(t)
		const m = "From: alice@example.test\r\nTo: bea@example.test\r\nSubject: Hello\r\n\r\nText\r\n"
		return p.c.SendMail(t.Context(), "client-1", strings.NewReader(m), int64(len(m)), true)
	}},
	{"smart-reply", 0, func(t *testing.T, p *pair) error {
		p.hierarchy(t)
		const m = "From: alice@example.test\r\nTo: bea@example.test\r\nSubject: Re: Quay 4\r\n\r\nText\r\n"
		return p.c.SmartReply(t.Context(), "client-2", p.source(t), strings.NewReader(m), int64(len(m)), true)
	}},
	{"smart-forward", 0, func(t *testing.T, p *pair) error {
		p.hierarchy(t)
		const m = "From: alice@example.test\r\nTo: bea@example.test\r\nSubject: Fw: Quay 4\r\n\r\nText\r\n"
		return p.c.SmartForward(t.Context(), "client-3", p.source(t), strings.NewReader(m), int64(len(m)), true, false)
	}},
	{"smart-forward-meeting", activesync.V160, func(t *testing.T, p *pair) error {
		p.hierarchy(t)
		calendar := p.id(t, "Calendar")
		return p.c.ForwardMeeting(t.Context(), "client-4", wire.SmartSource{FolderID: calendar, ItemID: calendar + ":1"}, []activesync.Address{{Name: "Bea", Address: "bea@example.test"}}, "For you too.")
	}},
	{"meeting-response", 0, func(t *testing.T, p *pair) error {
		invitation := server.Mail(invite("REQUEST", "uid-2", ""))
		if _, err := p.box.Deliver("Inbox", invitation, false); err != nil {
			return err
		}
		inbox, _ := p.first(t, "Inbox")
		_, err := p.c.MeetingResponse(t.Context(), wire.NewMeetingAnswer(p.v, inbox, inbox+":3", wire.MeetingTentative, "Perhaps.", time.Time{}))
		return err
	}},
	{"search-mailbox", 0, func(t *testing.T, p *pair) error {
		p.hierarchy(t)
		_, err := p.c.SearchMail(t.Context(), "s1", activesync.MailQuery{Words: "quay dry", Folders: []activesync.ServerID{p.id(t, "Inbox")},
			After: time.Now().AddDate(0, 0, -7)}, 0, 20)
		return err
	}},
	{"search-gal", 0, func(t *testing.T, p *pair) error {
		p.hierarchy(t)
		if p.v < activesync.V161 {
			_, err := p.c.FindPeople(t.Context(), "souza", 5)
			return err
		}
		return p.ask("Search", wire.NewGALSearch(p.v, "souza", 5))
	}},
	{"search-document-library", 0, func(t *testing.T, p *pair) error {
		p.hierarchy(t)
		_, err := p.c.SearchLibrary(t.Context(), `\\files\plans`, 0, 50)
		return err
	}},
	{"find", activesync.V161, func(t *testing.T, p *pair) error {
		p.hierarchy(t)
		if _, err := p.c.SearchMail(t.Context(), "s1", activesync.MailQuery{Words: "quay"}, 0, 20); err != nil {
			return err
		}
		_, err := p.c.FindPeople(t.Context(), "souza", 5)
		return err
	}},
	{"resolve-recipients", 0, func(t *testing.T, p *pair) error {
		p.hierarchy(t)
		o := &wire.RecipientOptions{CertificateRetrieval: 2, MaxCertificates: 2, MaxAmbiguousRecipients: 5}
		if p.v >= activesync.V140 {
			day := time.Now().Add(24 * time.Hour)
			o.Availability = wire.NewAvailability(day, day.Add(3*time.Hour)).Options.Availability
		}
		if p.v >= activesync.V141 {
			o.Picture = &wire.RecipientPictureMax{MaxSize: 10000, MaxPictures: 3}
		}
		_, err := p.c.ResolveRecipients(t.Context(), &wire.ResolveRecipientsRequest{To: []string{"ana@example.test", "bea@example.test", "cal", "nobody"}, Options: o})
		return err
	}},
	{"validate-cert", 0, func(t *testing.T, p *pair) error {
		p.hierarchy(t)
		root := certificate(t, "Harbour CA", nil)
		encode := func(c *x509.Certificate) string { return base64.StdEncoding.EncodeToString(c.Raw) }
		_, err := p.c.ValidateCert(t.Context(), &wire.ValidateCertRequest{Chain: []string{encode(root)},
			Certificates: []string{encode(certificate(t, "Ana Souza", root)), encode(certificate(t, "Somebody", certificate(t, "Other CA", nil))), "AAAA"}})
		return err
	}},
}
