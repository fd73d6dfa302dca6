package cli

import (
	"slices"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/client"
	"eas.example/securemail/activesync/wire"
)

// The commands of which the program has little need where SOGo answers: how much
// there is, who the user is, what the policies are (it has none), who is free.
func TestSOGoAnswersTheRarerCommands(t *testing.T) {
	s := newSOGo(t)
	c, err := client.New(client.Config{Endpoint: s.url, User: "carol", Password: s.password, DeviceID: "RARERCOMMANDS", DeviceType: "securemail"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx := t.Context()
	if _, err := c.Options(ctx); err != nil {
		t.Fatal(err)
	}
	c.SetVersion(activesync.V141)
	policies, err := c.Provision(ctx, wire.NewProvisionRequest(activesync.V141, wire.DeviceInformation{Model: "securemail"}))
	if err != nil || policies.Policies == nil || len(policies.Policies.Policies) != 1 || policies.Policies.Policies[0].Status != 2 {
		t.Errorf("policies %+v, %v", policies, err)
	}
	user, err := c.Settings(ctx, wire.NewUserInformation())
	if err != nil || !slices.Contains(user.Addresses(), "carol@"+s.domain) {
		t.Errorf("user %+v, %v", user, err)
	}
	s.inject("carol", "how much is there")
	folders, err := c.FolderSync(ctx, activesync.KeyNone)
	if err != nil {
		t.Fatal(err)
	}
	var inbox activesync.ServerID
	for _, f := range folders.FolderChanges() {
		if f.Type == activesync.FolderInbox {
			inbox = f.ServerID
		}
	}
	body, err := c.EncodeSync(&wire.SyncRequest{Collections: []wire.SyncCollection{{SyncKey: activesync.KeyNone, CollectionID: inbox}}})
	if err != nil {
		t.Fatal(err)
	}
	first, err := c.SyncRaw(ctx, body)
	if err != nil || len(first.Collections) != 1 {
		t.Fatalf("%+v, %v", first, err)
	}
	much, err := c.GetItemEstimate(ctx, wire.NewEstimate(activesync.V141, inbox, first.Collections[0].SyncKey, activesync.ClassEmail, 0))
	if err != nil || len(much.Responses) != 1 || much.Responses[0].Collection == nil || much.Responses[0].Collection.Estimate < 1 {
		t.Errorf("estimate %+v, %v", much, err)
	}
	from := time.Now().UTC().Truncate(time.Hour)
	until := wire.Stamp(from.Add(2 * time.Hour).Format("2006-01-02T15:04:05.000Z"))
	who, err := c.ResolveRecipients(ctx, &wire.ResolveRecipientsRequest{To: []string{"carol@" + s.domain},
		Options: &wire.RecipientOptions{Availability: &wire.AvailabilityAsking{StartTime: wire.Stamp(from.Format("2006-01-02T15:04:05.000Z")), EndTime: &until}}})
	if err != nil || len(who.Responses) != 1 || len(who.Responses[0].Recipients) != 1 || who.Responses[0].Recipients[0].Availability == nil {
		t.Errorf("recipients %+v, %v", who, err)
	}
}
