package server_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

const endpoint = "http://mail.example.test/Microsoft-Server-ActiveSync"

// conn is a device that speaks one version to a server with one user.
type conn struct {
	t      *testing.T
	srv    *server.Server
	box    *server.Mailbox
	v      activesync.Version
	key    string // of the policies
	header http.Header
	over   http.RoundTripper // nil is that of srv, in this process
}

func newConn(t *testing.T, v activesync.Version, cfg server.Config) *conn {
	t.Helper()
	c := &conn{t: t, srv: server.New(cfg), v: v, key: "0", header: http.Header{}}
	c.box = c.srv.AddUser("alice", "wonderland", "alice@example.test")
	return c
}

// versions runs a test in every version.
func versions(t *testing.T, cfg server.Config, test func(t *testing.T, c *conn)) {
	for _, v := range activesync.Versions() {
		t.Run(v.String(), func(t *testing.T) { test(t, newConn(t, v, cfg)) })
	}
}

// roundTrip sends a request as it is.
func (c *conn) roundTrip(r *http.Request) (*http.Response, []byte) {
	c.t.Helper()
	over := c.over
	if over == nil {
		over = c.srv.Transport()
	}
	res, err := over.RoundTrip(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return res, b
}

func (c *conn) request(command string, body []byte) *http.Request {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, endpoint+"?Cmd="+command+"&User=alice&DeviceId=dev1&DeviceType=test", bytes.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.SetBasicAuth("alice", "wonderland")
	r.Header.Set("MS-ASProtocolVersion", c.v.String())
	r.Header.Set("X-MS-PolicyKey", c.key)
	r.Header.Set("Content-Type", "application/vnd.ms-sync.wbxml")
	for k := range c.header {
		r.Header.Set(k, c.header.Get(k))
	}
	return r
}

// post sends bytes and gives the HTTP status and the answer.
func (c *conn) post(command string, body []byte) (int, []byte) {
	c.t.Helper()
	res, b := c.roundTrip(c.request(command, body))
	return res.StatusCode, b
}

// call sends in and reads the answer into out; it reports false for an answer
// without a document.
func (c *conn) call(command string, in, out any) bool {
	c.t.Helper()
	body, err := wbxml.Marshal(in)
	if err != nil {
		c.t.Fatal(err)
	}
	code, b := c.post(command, body)
	if code != http.StatusOK {
		c.t.Fatalf("%s in %v: HTTP %d %s", command, c.v, code, b)
	}
	if len(b) == 0 {
		return false
	}
	if err := wbxml.Unmarshal(b, out); err != nil {
		c.t.Fatalf("%s in %v: %v", command, c.v, err)
	}
	return true
}

// refused is the status with which the server refuses a request: that of the
// document, or the negative of that of HTTP.
func (c *conn) refused(command string, in any) int {
	c.t.Helper()
	body, err := wbxml.Marshal(in)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.statusOf(c.post(command, body))
}

func (c *conn) statusOf(code int, body []byte) int {
	c.t.Helper()
	if code != http.StatusOK {
		return -code
	}
	if len(body) == 0 {
		return 0
	}
	root, err := wbxml.Parse(body)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, n := range root.Children {
		if n.Tag.Name() == "Status" {
			var status int
			if _, err := fmt.Sscan(string(n.Text), &status); err != nil {
				c.t.Fatal(err)
			}
			return status
		}
	}
	return 0
}

// common is how a version says a common status.
func (c *conn) common(status, httpStatus int) int {
	if c.v <= activesync.V121 {
		return -httpStatus
	}
	return status
}

// folders fetches the hierarchy and gives the ids by path.
func (c *conn) folders() map[string]activesync.ServerID {
	c.t.Helper()
	var res wire.FolderSyncResponse
	c.call("FolderSync", &wire.FolderSyncRequest{SyncKey: "0"}, &res)
	if res.Status != 1 {
		c.t.Fatalf("FolderSync: status %d", res.Status)
	}
	out := map[string]activesync.ServerID{}
	for _, path := range c.box.Folders() {
		id, err := c.box.FolderID(path)
		if err != nil {
			c.t.Fatal(err)
		}
		out[path] = id
	}
	return out
}

// collection is a request for a folder, with the options that its class needs.
func (c *conn) collection(id activesync.ServerID, key activesync.SyncKey, class activesync.Class) wire.SyncCollection {
	in := wire.SyncCollection{SyncKey: key, CollectionID: id}
	if c.v <= activesync.V121 {
		in.Class = class
	}
	return in
}

// sync does one Sync of one folder.
func (c *conn) sync(in wire.SyncCollection) *wire.SyncCollectionResponse {
	c.t.Helper()
	var res wire.SyncResponse
	if !c.call("Sync", &wire.SyncRequest{Collections: []wire.SyncCollection{in}}, &res) {
		return &wire.SyncCollectionResponse{SyncKey: in.SyncKey, CollectionID: in.CollectionID, Status: 1}
	}
	if len(res.Collections) != 1 {
		c.t.Fatalf("Sync in %v: status %d, %d collections", c.v, res.Status, len(res.Collections))
	}
	return &res.Collections[0]
}

// prime gets the first key of a folder.
func (c *conn) prime(id activesync.ServerID, class activesync.Class, options ...wire.SyncOptions) activesync.SyncKey {
	c.t.Helper()
	in := c.collection(id, "0", class)
	in.Options = options
	res := c.sync(in)
	if res.Status != 1 || res.SyncKey == "" || res.SyncKey == "0" || res.Commands != nil {
		c.t.Fatalf("key 0: %+v", res)
	}
	return res.SyncKey
}

// wholeText asks for the whole text, plain or HTML.
func wholeText() wire.SyncOptions {
	return wire.SyncOptions{BodyPreferences: []wire.BodyPreference{{Type: 1}, {Type: 2}}}
}

// subjects are those of the mail in an answer.
func subjects(t *testing.T, res *wire.SyncCollectionResponse) []string {
	t.Helper()
	var out []string
	items, bad := res.Changes(activesync.ClassEmail)
	if len(bad) > 0 {
		t.Fatal(bad)
	}
	for _, it := range items {
		if it.Message != nil {
			out = append(out, it.Message.Subject)
		}
	}
	return out
}

func letter(subject string, date time.Time, text string) []byte {
	return fmt.Appendf(nil, "From: Ana Souza <ana@example.test>\r\nTo: Alice <alice@example.test>\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s@example.test>\r\n\r\n%s\r\n",
		subject, date.Format(time.RFC1123Z), strings.ReplaceAll(subject, " ", "-"), text)
}

// deliver puts a message into a folder.
func (c *conn) deliver(path, subject string, date time.Time) activesync.ServerID {
	c.t.Helper()
	id, err := c.box.Deliver(path, server.Mail(letter(subject, date, "Text of "+subject+".")), false)
	if err != nil {
		c.t.Fatal(err)
	}
	return id
}

// compact is the base64 form of a query.
func compact(v activesync.Version, code byte, device string, key uint32, params ...byte) string {
	b := []byte{byte(v), code, 9, 4, byte(len(device))}
	b = append(b, device...)
	if key == 0 {
		b = append(b, 0)
	} else {
		b = binary.LittleEndian.AppendUint32(append(b, 4), key)
	}
	b = append(b, 4, 't', 'e', 's', 't')
	return base64.StdEncoding.EncodeToString(append(b, params...))
}
