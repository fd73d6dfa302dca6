package server_test

import (
	"net/http"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

// No request may bring the server down: each has an answer that can be read,
// or an HTTP status that is an error.
func FuzzRequest(f *testing.F) {
	bodies := map[string]any{
		"FolderSync": &wire.FolderSyncRequest{SyncKey: "0"},
		"Sync": &wire.SyncRequest{Collections: []wire.SyncCollection{{SyncKey: "1", CollectionID: "1", Options: []wire.SyncOptions{wholeText()},
			Commands: &wire.SyncCommands{Deletes: []wire.SyncDelete{{ServerID: "1:1"}}, Fetches: []wire.SyncFetch{{ServerID: "1:2"}}}}}},
		"Ping":            watch(1, "1"),
		"ItemOperations":  &wire.ItemOperationsRequest{Fetches: []wire.Fetch{wire.FetchFile("1:1:0"), wire.FetchItem("1", "1:1", wholeText().BodyPreferences, 2)}},
		"MoveItems":       &wire.MoveItemsRequest{Moves: []wire.Move{{SrcMsgID: "1:1", SrcFldID: "1", DstFldID: "2"}}},
		"GetItemEstimate": wire.NewEstimate(activesync.V161, "1", "1", mail, 0),
		"SendMail":        &wire.SendMailRequest{ClientID: "c", MIME: []byte("To: alice@example.test\r\n\r\nx")},
		"SmartReply":      &smartReply{ClientID: "c", Folder: "1", Item: "1:1", MIME: []byte("To: alice@example.test\r\n\r\nx")},
		"Settings":        wire.NewUserInformation(),
		"Provision":       wire.NewProvisionRequest(activesync.V161, info),
		"FolderCreate":    &wire.FolderCreateRequest{SyncKey: "1", ParentID: "0", DisplayName: "x", Type: 12},
		"FolderUpdate":    &wire.FolderUpdateRequest{SyncKey: "1", ServerID: "12", ParentID: "0", DisplayName: "x"},
		"FolderDelete":    &wire.FolderDeleteRequest{SyncKey: "1", ServerID: "12"},
	}
	for command, v := range bodies {
		b, err := wbxml.Marshal(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add("Cmd="+command+"&DeviceId=dev1&DeviceType=t", uint8(161), b)
		f.Add("Cmd="+command+"&DeviceId=dev1&DeviceType=t", uint8(121), b)
	}
	f.Add(compact(activesync.V161, 0, "dev1", 5, 7, 1, 2), uint8(161), []byte{3, 1, 0x6A, 0})
	f.Fuzz(func(t *testing.T, query string, version uint8, body []byte) {
		c := newConn(t, activesync.Version(version), server.Config{MinHeartbeat: time.Nanosecond, MaxHeartbeat: 59 * time.Minute})
		c.deliver("Inbox", "one", time.Now())
		if _, err := c.box.Deliver("Inbox", server.Mail([]byte(withFile)), false); err != nil {
			t.Fatal(err)
		}
		for _, r := range []*http.Request{c.request("FolderSync", mustMarshal(t, &wire.FolderSyncRequest{SyncKey: "0"})), c.request("Sync", body)} {
			r.URL.RawQuery = "Cmd=FolderSync&DeviceId=dev1&DeviceType=t"
			c.roundTrip(r)
		}
		r := c.request("", body)
		r.URL.RawQuery = query
		if root, err := wbxml.Parse(body); err == nil && waits(root) {
			return
		}
		res, b := c.roundTrip(r)
		if res.StatusCode < 200 || res.StatusCode > 599 || res.StatusCode == http.StatusInternalServerError {
			t.Errorf("HTTP %d %s", res.StatusCode, b)
		}
		if res.StatusCode == http.StatusOK && res.Header.Get("Content-Type") == "application/vnd.ms-sync.wbxml" {
			if _, err := wbxml.Parse(b); err != nil {
				t.Errorf("the answer cannot be read: %v", err)
			}
		}
	})
}

// waits reports whether a request may be held back for as long as it says.
func waits(n *wbxml.Node) bool {
	switch n.Tag {
	case wbxml.MustTag("Ping:HeartbeatInterval"), wbxml.MustTag("AirSync:HeartbeatInterval"), wbxml.MustTag("AirSync:Wait"):
		return true
	}
	for _, c := range n.Children {
		if waits(c) {
			return true
		}
	}
	return false
}
