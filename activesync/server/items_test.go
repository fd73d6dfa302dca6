package server_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

const withFile = "From: ana@example.test\r\nTo: alice@example.test\r\nSubject: figures\r\nDate: Tue, 08 Sep 2026 09:00:00 +0000\r\n" +
	"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nHere they are.\r\n" +
	"--x\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename=figures.csv\r\n\r\n0123456789\r\n--x--\r\n"

// operations sends Fetches and gives their answers.
func (c *conn) operations(fetches ...wire.Fetch) []wire.FetchResponse {
	c.t.Helper()
	res, b := c.roundTrip(c.request("ItemOperations", mustMarshal(c.t, &wire.ItemOperationsRequest{Fetches: fetches})))
	if res.StatusCode != http.StatusOK {
		c.t.Fatalf("HTTP %d", res.StatusCode)
	}
	out := &wire.ItemOperationsResponse{}
	if strings.HasSuffix(res.Header.Get("Content-Type"), "multipart") {
		n := int(binary.LittleEndian.Uint32(b))
		end := 4 + 8*n
		for i := range n {
			at, size := int(binary.LittleEndian.Uint32(b[4+8*i:])), int(binary.LittleEndian.Uint32(b[8+8*i:]))
			if at != end {
				c.t.Errorf("part %d begins at %d, want %d", i, at, end)
			}
			out.Parts, end = append(out.Parts, b[at:at+size]), at+size
		}
		if end != len(b) {
			c.t.Errorf("%d bytes, the table says %d", len(b), end)
		}
		b = out.Parts[0]
	}
	if err := wbxml.Unmarshal(b, out); err != nil {
		c.t.Fatal(err)
	}
	if out.Status != 1 {
		c.t.Fatalf("status %d", out.Status)
	}
	return out.Fetches()
}

func TestItemsAndFilesAreFetched(t *testing.T) {
	for _, multipart := range []string{"F", "T"} {
		versions(t, server.Config{}, func(t *testing.T, c *conn) {
			id, err := c.box.Deliver("Inbox", server.Mail([]byte(withFile)), true)
			if err != nil {
				t.Fatal(err)
			}
			inbox := c.folders()["Inbox"]
			c.header.Set("MS-ASAcceptMultiPart", multipart)
			got := c.operations(wire.FetchItem(inbox, id, wholeText().BodyPreferences, 0), wire.FetchItem(inbox, id, []wire.BodyPreference{{Type: 4}}, 2))
			if len(got) != 2 {
				t.Fatalf("%d answers", len(got))
			}
			m, err := got[0].Email()
			if err != nil || got[0].Class != mail || got[0].ServerID != id || strings.TrimSpace(string(m.Body.Data)) != "Here they are." {
				t.Errorf("%v, %+v, %q", err, got[0], m.Body.Data)
			}
			whole, err := got[1].Email()
			if err != nil || string(whole.Body.Data) != withFile || whole.Body.Type != activesync.BodyMIME || whole.Body.Size != int64(len(withFile)) {
				t.Errorf("%v, %q", err, whole.Body.Data)
			}
			a := m.Attachments[0]
			if a.Name != "figures.csv" || a.Size != 10 || a.Method != 1 {
				t.Errorf("got %+v", a)
			}
			ranged := wire.FetchFile(a.FileReference)
			ranged.Options = &wire.FetchOptions{Range: "3-99"}
			empty := wire.FetchFile(a.FileReference)
			empty.Options = &wire.FetchOptions{Range: "10-12"}
			backwards := wire.FetchFile(a.FileReference)
			backwards.Options = &wire.FetchOptions{Range: "5-2"}
			elsewhere := wire.FetchFile(a.FileReference)
			elsewhere.Store = "Library"
			status := []int{1, 1, 8, 8, 15, 15, 6, 6, 9}
			got = c.operations(wire.FetchFile(a.FileReference), ranged, empty, backwards, wire.FetchFile("x"), wire.FetchFile(string(id)+":9"),
				wire.FetchItem(inbox, inbox+":9", nil, 0), wire.FetchItem("99", id, nil, 0), elsewhere)
			for i, want := range status {
				if got[i].Status != want {
					t.Errorf("%d: status %d, want %d", i, got[i].Status, want)
				}
			}
			for i, want := range []string{"0123456789", "3456789"} {
				var p wire.AttachmentProperties
				if err := got[i].Properties.Unmarshal(&p); err != nil {
					t.Fatal(err)
				}
				if (p.Part != nil) != (multipart == "T") || p.ContentType != "text/csv" || i == 1 && (p.Range != "3-9" || p.Total != "10") {
					t.Errorf("%d: %+v", i, p)
				}
				if multipart == "F" && string(p.Data) != base64Of(want) {
					t.Errorf("%d: %s", i, p.Data)
				}
			}
		})
	}
}

func base64Of(s string) string {
	return map[string]string{"0123456789": "MDEyMzQ1Njc4OQ==", "3456789": "MzQ1Njc4OQ=="}[s]
}

func TestTooManyOperations(t *testing.T) {
	c := newConn(t, activesync.V161, server.Config{})
	var in wire.ItemOperationsRequest
	for i := range 101 {
		in.Fetches = append(in.Fetches, wire.FetchFile(fmt.Sprint(i)))
	}
	if got := c.refused("ItemOperations", &in); got != 11 {
		t.Errorf("status %d", got)
	}
	if got := c.refused("ItemOperations", &wire.ItemOperationsRequest{}); got != 2 {
		t.Errorf("none: status %d", got)
	}
}

func TestFolderIsEmptied(t *testing.T) {
	for _, sub := range []bool{false, true} {
		c := newConn(t, activesync.V161, server.Config{})
		c.box.AddFolder("Deleted Items/Old", activesync.FolderUserMail)
		c.deliver("Deleted Items", "one", time.Now())
		bin := c.folders()["Deleted Items"]
		in := &wire.ItemOperationsRequest{Empty: []wire.EmptyFolderContents{{CollectionID: bin, Options: &wire.EmptyFolderOptions{DeleteSubFolders: sub}}, {CollectionID: "99"}}}
		var res wire.ItemOperationsResponse
		c.call("ItemOperations", in, &res)
		if got := res.Response.Empty; len(got) != 2 || got[0].Status != 1 || got[1].Status != 6 {
			t.Errorf("got %+v", got)
		}
		if left, _ := c.box.Items("Deleted Items"); len(left) != 0 {
			t.Errorf("%d left", len(left))
		}
		if _, err := c.box.FolderID("Deleted Items/Old"); (err != nil) != sub {
			t.Errorf("with subfolders %v: %v", sub, err)
		}
	}
}

func TestItemsAreMoved(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		id := c.deliver("Inbox", "one", time.Now())
		ids := c.folders()
		inbox, archive := ids["Inbox"], ids["Archive"]
		before := c.sync(c.collection(inbox, c.prime(inbox, mail), mail)).SyncKey
		there := c.prime(archive, mail)
		var res wire.MoveItemsResponse
		c.call("MoveItems", &wire.MoveItemsRequest{Moves: []wire.Move{
			{SrcMsgID: id, SrcFldID: inbox, DstFldID: inbox}, {SrcMsgID: id, SrcFldID: inbox, DstFldID: "99"},
			{SrcMsgID: id, SrcFldID: inbox, DstFldID: ids["Calendar"]}, {SrcMsgID: inbox + ":99", SrcFldID: inbox, DstFldID: archive},
			{SrcMsgID: id, SrcFldID: "99", DstFldID: archive}, {SrcMsgID: id, SrcFldID: inbox, DstFldID: archive},
			{SrcMsgID: id, SrcFldID: inbox, DstFldID: archive},
		}}, &res)
		var got []int
		for _, r := range res.Responses {
			got = append(got, r.Status)
		}
		if want := []int{4, 2, 2, 1, 1, 3, 1}; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %v, want %v", got, want)
		}
		moved := res.Responses[5].DstMsgID
		if gone := c.sync(c.collection(inbox, before, mail)); gone.Commands == nil || len(gone.Commands.Deletes) != 1 || gone.Commands.Deletes[0].ServerID != id {
			t.Errorf("the source: %+v", gone.Commands)
		}
		if came := c.sync(c.collection(archive, there, mail)); came.Commands == nil || len(came.Commands.Adds) != 1 || came.Commands.Adds[0].ServerID != moved || moved == id {
			t.Errorf("the destination: %+v", came.Commands)
		}
	})
}

// TestWhatAPersonPutsBackStays: a conversation is moved as it comes, not as a
// person moves it.
func TestWhatAPersonPutsBackStays(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		if c.v < activesync.V140 {
			t.Skip("has no conversations")
		}
		id := c.deliver("Inbox", "one", time.Now())
		ids := c.folders()
		inbox, archive := ids["Inbox"], ids["Archive"]
		m, err := c.operations(wire.FetchItem(inbox, id, nil, 0))[0].Email()
		if err != nil {
			t.Fatal(err)
		}
		c.call("ItemOperations", &wire.ItemOperationsRequest{Moves: []wire.ConversationMove{
			{ConversationID: m.Conversation, DstFldID: archive, Options: &wire.ConversationMoveOptions{MoveAlways: true}}}}, &wire.ItemOperationsResponse{})
		var res wire.MoveItemsResponse
		c.call("MoveItems", &wire.MoveItemsRequest{Moves: []wire.Move{{SrcMsgID: archive + ":1", SrcFldID: archive, DstFldID: inbox}}}, &res)
		items, err := c.box.Items("Inbox")
		if err != nil {
			t.Fatal(err)
		}
		if len(items) != 1 || len(res.Responses) != 1 || items[0].ID != res.Responses[0].DstMsgID {
			t.Errorf("the Inbox has %+v, the answer is %+v", items, res.Responses)
		}
	})
}

func TestDraftsAreMarkedAsSuch(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		id := c.deliver("Drafts", "unfinished", time.Now())
		ids := c.folders()
		draft := func(path string) bool {
			items, _ := c.sync(c.collection(ids[path], c.prime(ids[path], mail), mail)).Changes(mail)
			return len(items) == 1 && items[0].Message.Draft
		}
		if c.v >= activesync.V160 && !draft("Drafts") {
			t.Error("a draft is not marked")
		}
		if _, err := c.box.Move(id, "Archive"); err != nil {
			t.Fatal(err)
		}
		if draft("Archive") {
			t.Error("what was moved out of Drafts is still one")
		}
	})
}

func TestBodyThatIsAskedFor(t *testing.T) {
	const both = "Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nplain text\r\n" +
		"--x\r\nContent-Type: text/html\r\n\r\n<p>some <b>HTML</b></p>\r\n--x--\r\n"
	const plain = "Content-Type: text/plain; charset=utf-8\r\n\r\naé \xe6\x97\xa5 & b"
	type pref = wire.BodyPreference
	n := wire.Int
	for name, tt := range map[string]struct {
		mime      string
		prefs     []pref
		support   int
		kind      activesync.BodyType
		data      string
		size      int64
		truncated bool
	}{
		"native first":           {both, []pref{{Type: 1}, {Type: 2}}, 0, 2, "<p>some <b>HTML</b></p>", 23, false},
		"plain only":             {both, []pref{{Type: 1}}, 0, 1, "plain text", 10, false},
		"cut":                    {both, []pref{{Type: 1, TruncationSize: n(5)}}, 0, 1, "plain", 10, true},
		"just long enough":       {both, []pref{{Type: 1, TruncationSize: n(10)}}, 0, 1, "plain text", 10, false},
		"nothing of it":          {both, []pref{{Type: 1, TruncationSize: n(0)}}, 0, 1, "", 10, true},
		"all or none: the other": {both, []pref{{Type: 2, TruncationSize: n(9), AllOrNone: true}, {Type: 1}}, 0, 1, "plain text", 10, false},
		"all or none: neither":   {both, []pref{{Type: 2, TruncationSize: n(9), AllOrNone: true}}, 0, 2, "", 23, true},
		"all or none, no size":   {both, []pref{{Type: 2, AllOrNone: true}}, 0, 2, "<p>some <b>HTML</b></p>", 23, false},
		"no preference":          {both, nil, 0, 2, "", 23, true},
		"no RTF":                 {both, []pref{{Type: 3}, {Type: 1}}, 0, 1, "plain text", 10, false},
		"HTML of plain text":     {plain, []pref{{Type: 2}}, 0, 2, "<html><body><pre>aé 日 &amp; b</pre></body></html>", 52, false},
		"not inside a character": {plain, []pref{{Type: 1, TruncationSize: n(5)}}, 0, 1, "aé ", 11, true},
		"MIME not supported":     {plain, []pref{{Type: 4}, {Type: 1}}, 1, 1, "aé 日 & b", 11, false},
		"MIME":                   {plain, []pref{{Type: 1}, {Type: 4}}, 2, 4, plain, int64(len(plain)), false},
		"MIME of a signed one":   {"Content-Type: application/pkcs7-mime\r\n\r\nx", []pref{{Type: 4}, {Type: 1}}, 1, 4, "Content-Type: application/pkcs7-mime\r\n\r\nx", 41, false},
	} {
		t.Run(name, func(t *testing.T) {
			versions(t, server.Config{}, func(t *testing.T, c *conn) {
				if _, err := c.box.Deliver("Inbox", server.Mail([]byte(tt.mime)), false); err != nil {
					t.Fatal(err)
				}
				inbox := c.folders()["Inbox"]
				o := wire.SyncOptions{BodyPreferences: tt.prefs, MIMESupport: n(tt.support)}
				items, _ := c.sync(c.collection(inbox, c.prime(inbox, mail, o), mail)).Changes(mail)
				b := items[0].Message.Body
				if b.Type != tt.kind || string(b.Data) != tt.data || b.Size != tt.size || b.Truncated != tt.truncated {
					t.Errorf("type %d, %q, size %d, truncated %v", b.Type, b.Data, b.Size, b.Truncated)
				}
			})
		})
	}
}

func TestMIMETruncation(t *testing.T) {
	c := newConn(t, activesync.V161, server.Config{})
	if _, err := c.box.Deliver("Inbox", server.Mail(bytes.Repeat([]byte("0123456789abcdef"), 1000)), false); err != nil {
		t.Fatal(err)
	}
	inbox := c.folders()["Inbox"]
	for truncation, want := range map[int]int{0: 0, 1: 4096, 8: 16000} {
		o := wire.SyncOptions{BodyPreferences: []wire.BodyPreference{{Type: 4}}, MIMESupport: wire.Int(2), MIMETruncation: wire.Int(truncation)}
		items, _ := c.sync(c.collection(inbox, c.prime(inbox, mail, o), mail)).Changes(mail)
		if got := len(items[0].Message.Body.Data); got != want {
			t.Errorf("truncation %d: %d bytes, want %d", truncation, got, want)
		}
	}
}

func TestPreview(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		c.deliver("Inbox", "one", time.Now())
		inbox := c.folders()["Inbox"]
		if c.v <= activesync.V121 {
			t.Skip("12.1 has none")
		}
		o := wire.SyncOptions{BodyPreferences: []wire.BodyPreference{{Type: 1, TruncationSize: wire.Int(0), Preview: 7}}}
		items, _ := c.sync(c.collection(inbox, c.prime(inbox, mail, o), mail)).Changes(mail)
		if got := items[0].Message.Preview; got != "Text of" {
			t.Errorf("got %q", got)
		}
	})
}

func TestImportance(t *testing.T) {
	for header, want := range map[string]activesync.Importance{
		"": activesync.ImportanceNormal, "Importance: High": activesync.ImportanceHigh, "Importance: low": activesync.ImportanceLow,
		"X-Priority: 1 (Highest)": activesync.ImportanceHigh, "X-Priority: 3": activesync.ImportanceNormal, "X-Priority: 5": activesync.ImportanceLow,
		"Importance: high\r\nX-Priority: 1": activesync.ImportanceHigh,
	} {
		c := newConn(t, activesync.V161, server.Config{})
		if _, err := c.box.Deliver("Inbox", server.Mail([]byte("Subject: x\r\n"+header+"\r\n\r\n")), false); err != nil {
			t.Fatal(err)
		}
		inbox := c.folders()["Inbox"]
		items, _ := c.sync(c.collection(inbox, c.prime(inbox, mail), mail)).Changes(mail)
		if got := items[0].Message.Importance; got != want {
			t.Errorf("%q: %d, want %d", header, got, want)
		}
	}
}

func TestDateOfAMessage(t *testing.T) {
	want := time.Date(2024, 3, 1, 12, 30, 0, 0, time.UTC)
	for name, head := range map[string]string{
		"Date":     "Date: Fri, 01 Mar 2024 13:30:00 +0100\r\nReceived: x; Sat, 02 Mar 2024 13:30:00 +0100\r\n",
		"Received": "Received: from a by b;\r\n Fri, 01 Mar 2024 13:30:00 +0100\r\nReceived: x; Thu, 29 Feb 2024 13:30:00 +0100\r\n",
	} {
		c := newConn(t, activesync.V161, server.Config{})
		if _, err := c.box.Deliver("Inbox", server.Mail([]byte(head+"\r\nDate: Sat, 01 Jan 2000 00:00:00 +0000\r\n")), false); err != nil {
			t.Fatal(err)
		}
		if all, _ := c.box.Items("Inbox"); !all[0].Date.Equal(want) {
			t.Errorf("%s: %v", name, all[0].Date)
		}
	}
}
