package server_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

func TestOptionsListVersionsAndCommands(t *testing.T) {
	c := newConn(t, activesync.V161, server.Config{Versions: []activesync.Version{activesync.V141, activesync.V121}})
	r := c.request("", nil)
	r.Method, r.URL.RawQuery = http.MethodOptions, ""
	res, _ := c.roundTrip(r)
	if got := res.Header.Get("MS-ASProtocolVersions"); res.StatusCode != 200 || got != "12.1,14.1" {
		t.Errorf("HTTP %d, versions %q", res.StatusCode, got)
	}
	if got := strings.Split(res.Header.Get("MS-ASProtocolCommands"), ","); !slices.Equal(got, server.Commands()) {
		t.Errorf("commands %v", got)
	}
}

func TestSignIn(t *testing.T) {
	for login, want := range map[[2]string]int{
		{"alice", "wonderland"}: 200, {"ALICE", "wonderland"}: 200, {"alice@example.test", "wonderland"}: 200,
		{`EXAMPLE\alice`, "wonderland"}: 200, {"alice", "Wonderland"}: 401, {"bob", "wonderland"}: 401, {"", ""}: 401,
	} {
		c := newConn(t, activesync.V161, server.Config{})
		r := c.request("FolderSync", mustMarshal(t, &wire.FolderSyncRequest{SyncKey: "0"}))
		r.SetBasicAuth(login[0], login[1])
		if res, _ := c.roundTrip(r); res.StatusCode != want {
			t.Errorf("%v: HTTP %d, want %d", login, res.StatusCode, want)
		}
	}
}

func mustMarshal(t *testing.T, v any) []byte {
	t.Helper()
	b, err := wbxml.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBothFormsOfTheQuery(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		body := mustMarshal(t, &wire.FolderSyncRequest{SyncKey: "0"})
		_, plain := c.post("FolderSync", body)
		r := c.request("", body)
		r.URL.RawQuery = compact(c.v, 9, "dev2", 0, 7, 1, 1, 8, 5, 'a', 'l', 'i', 'c', 'e')
		r.Header.Del("MS-ASProtocolVersion")
		res, b := c.roundTrip(r)
		if res.StatusCode != 200 || len(b) != len(plain) {
			t.Errorf("HTTP %d, %d bytes, want %d", res.StatusCode, len(b), len(plain))
		}
	})
}

func TestQueriesThatAreRefused(t *testing.T) {
	c := newConn(t, activesync.V141, server.Config{})
	body := mustMarshal(t, &wire.FolderSyncRequest{SyncKey: "0"})
	for _, query := range []string{
		"", "Cmd=FolderSync", "Cmd=FolderSync&DeviceId=dev1", "DeviceId=dev1&DeviceType=t", "Cmd=FolderSync&DeviceId=a-b&DeviceType=t",
		"Cmd=FolderSync&DeviceType=t&DeviceId=" + strings.Repeat("a", 33), "AAAA", "!", "Cmd=%zz&DeviceId=a&DeviceType=t",
		compact(99, 9, "dev1", 0), compact(141, 200, "dev1", 0), compact(141, 9, "", 0), compact(141, 9, "dev1", 0, 8),
		base64.StdEncoding.EncodeToString([]byte{141, 9, 9, 4, 4, 'd', 'e', 'v', '1', 3, 1, 2, 3, 1, 't'}), // a policy key of 3 bytes
	} {
		r := c.request("", body)
		r.URL.RawQuery = query
		if res, _ := c.roundTrip(r); res.StatusCode != http.StatusBadRequest {
			t.Errorf("%q: HTTP %d", query, res.StatusCode)
		}
	}
}

func TestRequestsThatAreRefused(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		folderSync := mustMarshal(t, &wire.FolderSyncRequest{SyncKey: "0"})
		for _, tt := range []struct {
			name, command, ctype string
			body                 []byte
			want                 int
		}{
			{"a command that is not carried out", "GetAttachment", "", nil, -501},
			{"no command at all", "Nonsense", "", nil, -501},
			{"another content type", "FolderSync", "text/plain", folderSync, c.common(101, 400)},
			{"not WBXML", "FolderSync", "", []byte("<FolderSync/>"), c.common(102, 400)},
			{"cut in the middle", "FolderSync", "", folderSync[:len(folderSync)-3], c.common(102, 400)},
			{"document of another command", "GetItemEstimate", "", folderSync, c.common(103, 400)},
			{"document of another command", "Sync", "", folderSync, 4},
			{"no document", "FolderSync", "", nil, 10},
			{"no document", "Sync", "", nil, 13},
			{"no document", "GetItemEstimate", "", nil, c.common(101, 400)},
			{"no document", "MoveItems", "", nil, c.common(101, 400)},
			{"no document", "Search", "", nil, c.common(101, 400)},
			{"no document", "ResolveRecipients", "", nil, c.common(101, 400)},
			{"no document", "ItemOperations", "", nil, 2},
			{"no document", "Settings", "", nil, 2},
			{"no document", "Ping", "", nil, 3},
			{"no document", "SendMail", "", nil, c.common(101, 400)},
		} {
			c.header.Set("Content-Type", "application/vnd.ms-sync.wbxml")
			if tt.ctype != "" {
				c.header.Set("Content-Type", tt.ctype)
			}
			if got := c.statusOf(c.post(tt.command, tt.body)); got != tt.want {
				t.Errorf("%s, %s: status %d, want %d", tt.command, tt.name, got, tt.want)
			}
		}
	})
}

func TestVersionThatIsNotOffered(t *testing.T) {
	for v, want := range map[activesync.Version]int{activesync.V161: 138, activesync.V140: 138, activesync.V121: -400} {
		c := newConn(t, v, server.Config{Versions: []activesync.Version{activesync.V141}})
		if got := c.refused("FolderSync", &wire.FolderSyncRequest{SyncKey: "0"}); got != want {
			t.Errorf("%v: status %d, want %d", v, got, want)
		}
	}
}

func TestElementsOutOfOrder(t *testing.T) {
	el := func(name, text string, children ...*wbxml.Node) *wbxml.Node {
		return &wbxml.Node{Tag: wbxml.MustTag(name), Text: []byte(text), Children: children}
	}
	sync := func(children ...*wbxml.Node) *wbxml.Node {
		return el("AirSync:Sync", "", el("AirSync:Collections", "", el("AirSync:Collection", "", children...)))
	}
	key, id := el("AirSync:SyncKey", "0"), el("AirSync:CollectionId", "1")
	preference := func(children ...*wbxml.Node) *wbxml.Node {
		return sync(key, id, el("AirSync:Options", "", el("AirSyncBase:BodyPreference", "", children...)))
	}
	for name, tt := range map[string]struct {
		node  *wbxml.Node
		since activesync.Version // it is right from then on
		until activesync.Version
	}{
		"key after id":                  {node: sync(id, key)},
		"no key":                        {node: sync(id)},
		"twice":                         {node: sync(key, key, id)},
		"window after options":          {node: sync(key, id, el("AirSync:Options", ""), el("AirSync:WindowSize", "5"))},
		"an element of another command": {node: sync(key, id, el("Ping:Ping", ""))},
		"type after size":               {node: preference(el("AirSyncBase:TruncationSize", "5"), el("AirSyncBase:Type", "1"))},
		"preview":                       {node: preference(el("AirSyncBase:Type", "1"), el("AirSyncBase:Preview", "5")), since: activesync.V140},
		"class in options":              {node: sync(key, id, el("AirSync:Options", "", el("AirSync:Class", "Email"))), since: activesync.V140},
		"no folder":                     {node: el("AirSync:Sync", "", el("AirSync:Collections", ""))},
		"class in front":                {node: sync(el("AirSync:Class", "Email"), key, id), until: activesync.V121},
		"as it should be":               {node: sync(key, id, el("AirSync:WindowSize", "5"), el("AirSync:Options", "")), since: activesync.V121},
	} {
		versions(t, server.Config{}, func(t *testing.T, c *conn) {
			c.folders()
			body, err := tt.node.Append(nil)
			if err != nil {
				t.Fatal(err)
			}
			right := tt.since != 0 && c.v >= tt.since || tt.until != 0 && c.v <= tt.until
			if got := c.statusOf(c.post("Sync", body)); (got == 4) == right {
				t.Errorf("%s: status %d", name, got)
			}
		})
	}
}

// What an element has to hold, and what it may hold where it stands.
func TestElementsAsTheSchemaHasThem(t *testing.T) {
	el := func(name, text string, children ...*wbxml.Node) *wbxml.Node {
		return &wbxml.Node{Tag: wbxml.MustTag(name), Text: []byte(text), Children: children}
	}
	find := func(query ...*wbxml.Node) *wbxml.Node {
		return el("Find:Find", "", el("Find:SearchId", "s"), el("Find:ExecuteSearch", "", el("Find:MailBoxSearchCriterion", "", el("Find:Query", "", query...))))
	}
	fetch := func(options ...*wbxml.Node) *wbxml.Node {
		return el("ItemOperations:ItemOperations", "", el("ItemOperations:Fetch", "", el("ItemOperations:Store", "Mailbox"),
			el("AirSyncBase:FileReference", "x"), el("ItemOperations:Options", "", options...)))
	}
	estimate := func(options ...*wbxml.Node) *wbxml.Node {
		return el("GetItemEstimate:GetItemEstimate", "", el("GetItemEstimate:Collections", "", el("GetItemEstimate:Collection", "",
			el("AirSync:SyncKey", "1"), el("GetItemEstimate:CollectionId", "1"), el("AirSync:Options", "", options...))))
	}
	for name, tt := range map[string]struct {
		node *wbxml.Node
		want int // common codes count from 14.0 on
	}{
		"a Ping of no folder":               {el("Ping:Ping", "", el("Ping:HeartbeatInterval", "600"), el("Ping:Folders", "")), 4},
		"a move of nothing":                 {el("Move:MoveItems", ""), 103},
		"an answer to nothing":              {el("MeetingResponse:MeetingResponse", ""), 103},
		"an estimate of nothing":            {el("GetItemEstimate:GetItemEstimate", "", el("GetItemEstimate:Collections", "")), 103},
		"an estimate with a body":           {estimate(el("AirSync:MIMESupport", "2")), 103},
		"an estimate":                       {estimate(el("AirSync:FilterType", "2")), 0},
		"certificates without one":          {el("ValidateCert:ValidateCert", "", el("ValidateCert:Certificates", "")), 2},
		"user information, neither":         {el("Settings:Settings", "", el("Settings:UserInformation", "")), 2},
		"device information without Set":    {el("Settings:Settings", "", el("Settings:DeviceInformation", "", el("Settings:Model", "x"))), 2},
		"a fetch with an option of another": {fetch(el("ItemOperations:DeleteSubFolders", "")), 2},
		"a fetch":                           {fetch(el("ItemOperations:Range", "0-9")), 0},
		"a search without words":            {find(el("AirSync:Class", "Email")), 2},
		"a search":                          {find(el("Find:FreeText", "tide")), 0},
	} {
		versions(t, server.Config{}, func(t *testing.T, c *conn) {
			c.folders()
			command := tt.node.Tag.Name()
			if command == "Find" && c.v < activesync.V161 || command == "GetItemEstimate" && tt.want == 0 && c.v < activesync.V140 {
				return
			}
			body, err := tt.node.Append(nil)
			if err != nil {
				t.Fatal(err)
			}
			want := tt.want
			if want > 100 {
				want = c.common(want, 400)
			}
			got := c.statusOf(c.post(command, body))
			if want != 0 && got != want || want == 0 && (got > 1 || got < 0) {
				t.Errorf("%s: status %d, want %d", name, got, want)
			}
		})
	}
}

func TestAnswersAreCompressedOnDemand(t *testing.T) {
	c := newConn(t, activesync.V161, server.Config{})
	for range 20 {
		c.deliver("Inbox", "a subject like many", time.Now())
	}
	inbox := c.folders()["Inbox"]
	in := c.collection(inbox, c.prime(inbox, activesync.ClassEmail), activesync.ClassEmail)
	body := mustMarshal(t, &wire.SyncRequest{Collections: []wire.SyncCollection{in}})
	c.header.Set("Accept-Encoding", "gzip")
	res, packed := c.roundTrip(c.request("Sync", body))
	if res.Header.Get("Content-Encoding") != "gzip" {
		t.Fatal("not compressed")
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	c.header.Del("Accept-Encoding")
	if _, plain := c.post("Sync", body); !bytes.Equal(plain, got) || len(packed) >= len(plain) {
		t.Errorf("%d bytes compressed, %d unpacked, %d plain", len(packed), len(got), len(plain))
	}
}

func TestLogNamesFoldersAndKeys(t *testing.T) {
	var log []server.Request
	c := newConn(t, activesync.V161, server.Config{Log: func(q server.Request) { log = append(log, q) }})
	inbox := c.folders()["Inbox"]
	c.prime(inbox, activesync.ClassEmail)
	c.call("ItemOperations", &wire.ItemOperationsRequest{Fetches: []wire.Fetch{wire.FetchItem(inbox, inbox+":1", nil, 0)}}, &wire.ItemOperationsResponse{})
	r := c.request("", nil)
	r.URL.RawQuery = "x"
	c.roundTrip(r)
	var got []string
	for i, q := range log {
		line := q.Command
		for _, id := range q.Collections {
			line += " " + c.box.Path(id)
		}
		got = append(got, line+" "+http.StatusText(q.Status))
		if q.Number != i+1 || q.Time.IsZero() || q.User != "alice" {
			t.Errorf("request %d: number %d, time %v, user %q", i, q.Number, q.Time, q.User)
		}
	}
	if want := []string{"FolderSync OK", "Sync Inbox OK", "ItemOperations Inbox OK", "POST Bad Request"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
