package client

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

func TestHeadersAndPlainQuery(t *testing.T) {
	for _, v := range activesync.Versions() {
		s := always(200, encode(t, &wire.FolderSyncResponse{Status: 1, SyncKey: "1"}))
		c := open(t, s, func(c *Config) { c.User = `corp\alice smith` })
		c.SetVersion(v)
		c.SetPolicyKey("3942919513")
		if _, err := c.FolderSync(t.Context(), "0"); err != nil {
			t.Fatal(err)
		}
		r := s.asked[0]
		if want := `Cmd=FolderSync&User=corp%5Calice+smith&DeviceId=0123456789abcdef&DeviceType=securemail`; r.URL.RawQuery != want {
			t.Errorf("%s: query %q, want %q", v, r.URL.RawQuery, want)
		}
		for name, want := range map[string]string{
			"MS-ASProtocolVersion": v.String(), "X-MS-PolicyKey": "3942919513", "Content-Type": typeWBXML, "User-Agent": DefaultUserAgent,
			"Accept-Encoding": "gzip", "MS-ASAcceptMultiPart": "",
			"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte(`corp\alice smith:`+testPassword)),
		} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", v, name, got, want)
			}
		}
		if r.Method != http.MethodPost || r.ContentLength != int64(len(s.bodies[0])) || len(s.bodies[0]) == 0 {
			t.Errorf("%s: %s with %d bytes, length %d", v, r.Method, len(s.bodies[0]), r.ContentLength)
		}
	}
}

func TestPolicyKeyIsSentWhereThereIsOne(t *testing.T) {
	s := always(200, encode(t, &wire.PingResponse{Status: 1}))
	c := open(t, s)
	for _, key := range []activesync.PolicyKey{"", "7", ""} {
		c.SetPolicyKey(key)
		if _, err := c.Sync(t.Context(), &wire.SyncRequest{}); err == nil {
			t.Fatal("a Ping answered a Sync")
		}
		r := s.asked[len(s.asked)-1]
		if _, there := r.Header["X-Ms-Policykey"]; there != (key != "") || r.Header.Get("X-MS-PolicyKey") != string(key) {
			t.Errorf("key %q: header %v", key, r.Header["X-Ms-Policykey"])
		}
	}
	c.SetPolicyKey("7")
	if _, err := c.Ping(t.Context(), &wire.PingRequest{HeartbeatInterval: 60}); err != nil {
		t.Fatal(err)
	}
	if r := s.asked[len(s.asked)-1]; r.Header.Get("X-MS-PolicyKey") != "" {
		t.Error("a Ping carries a policy key, which servers answer with a 449")
	}
}

// readCompact takes a compact query apart (MS-ASHTTP 2.2.1.1.1.1).
func readCompact(t *testing.T, s string) (version, code byte, device, key, kind string, params map[byte]string) {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		t.Fatalf("query %q: %v", s, err)
	}
	take := func() string {
		n := int(b[0])
		out := string(b[1 : 1+n])
		b = b[1+n:]
		return out
	}
	version, code = b[0], b[1]
	if lcid := binary.LittleEndian.Uint16(b[2:]); lcid != 0x0409 {
		t.Errorf("locale %#x", lcid)
	}
	b = b[4:]
	device = take()
	if k := take(); k != "" {
		key = strconv.FormatUint(uint64(binary.LittleEndian.Uint32([]byte(k))), 10)
	}
	kind = take()
	params = map[byte]string{}
	for len(b) > 0 {
		tag := b[0]
		b = b[1:]
		params[tag] = take()
	}
	return version, code, device, key, kind, params
}

func TestBase64Query(t *testing.T) {
	s := always(200, nil)
	c := open(t, s, func(c *Config) { c.Base64Query = true })
	c.SetPolicyKey("3942919513")
	codes := map[string]byte{"Sync": 0, "SendMail": 1, "FolderSync": 9, "FolderCreate": 10, "FolderDelete": 11, "FolderUpdate": 12, "MoveItems": 13,
		"GetItemEstimate": 14, "Settings": 17, "Ping": 18, "ItemOperations": 19, "FetchAttachment": 19, "Provision": 20}
	for _, cmd := range commands() {
		if cmd.name == "OPTIONS" {
			continue
		}
		_ = cmd.call(t.Context(), c) // the answer is of no interest
		r := s.asked[len(s.asked)-1]
		version, code, device, key, kind, params := readCompact(t, r.URL.RawQuery)
		if version != 161 || code != codes[cmd.name] || device != "0123456789abcdef" || kind != "securemail" {
			t.Errorf("%s: version %d, code %d, device %q, type %q", cmd.name, version, code, device, kind)
		}
		if want := "3942919513"; key != want && cmd.name != "Ping" {
			t.Errorf("%s: policy key %q, want %q", cmd.name, key, want)
		}
		if multi := code == 19; multi != (params[paramOptions] == "\x02") || params[paramUser] != "" {
			t.Errorf("%s: parameters %q", cmd.name, params)
		}
		if r.Header.Get("MS-ASProtocolVersion")+r.Header.Get("X-MS-PolicyKey")+r.Header.Get("MS-ASAcceptMultiPart") != "" {
			t.Errorf("%s: headers that the query has already: %v", cmd.name, r.Header)
		}
	}
}

func TestBase64QueryNamesTheUserOfAToken(t *testing.T) {
	s := always(200, nil)
	c := open(t, s, func(c *Config) {
		c.Base64Query, c.User = true, "alice@example.test"
		c.Token = func(context.Context, string) (string, error) { return "abc", nil }
	})
	c.SetVersion(activesync.V121)
	if err := c.SendMail(t.Context(), "", strings.NewReader("x"), 1, true); err != nil {
		t.Fatal(err)
	}
	version, _, _, key, _, params := readCompact(t, s.asked[0].URL.RawQuery)
	if version != 121 || key != "" || params[paramUser] != "alice@example.test" || params[paramOptions] != "\x01" {
		t.Errorf("version %d, key %q, parameters %q", version, key, params)
	}
	if got := s.asked[0].Header.Get("Authorization"); got != "Bearer abc" {
		t.Errorf("Authorization %q", got)
	}
}

// An id that the compact form has no room for is not left out: the server would send
// an answer without what it answers.
func TestBase64QueryLeavesNothingOut(t *testing.T) {
	s := always(200, nil)
	c := open(t, s, func(c *Config) { c.Base64Query = true })
	c.SetVersion(activesync.V121)
	long := strings.Repeat("x", 256)
	if err := c.SmartForward(t.Context(), "", wire.SmartSource{LongID: long}, strings.NewReader("x"), 1, true, false); err != nil {
		t.Fatal(err)
	}
	if q := s.asked[0].URL.Query(); q.Get("LongId") != long || q.Get("Cmd") != "SmartForward" || s.asked[0].Header.Get("MS-ASProtocolVersion") != "12.1" {
		t.Errorf("query %q, headers %v", s.asked[0].URL.RawQuery, s.asked[0].Header)
	}
}

func TestTokenThatCannotBeHadSendsNothing(t *testing.T) {
	s := always(200, nil)
	refused := errors.New("the token endpoint refuses")
	c := open(t, s, func(c *Config) { c.Token = func(context.Context, string) (string, error) { return "", refused } })
	if _, err := c.FolderSync(t.Context(), "0"); !errors.Is(err, refused) || len(s.asked) != 0 {
		t.Errorf("%v after %d requests", err, len(s.asked))
	}
}

func TestDeviceInformationGoesWithTheFirstProvision(t *testing.T) {
	for _, tt := range []struct {
		version activesync.Version
		key     activesync.PolicyKey
		want    bool
	}{{activesync.V161, "", true}, {activesync.V141, "", true}, {activesync.V140, "", false}, {activesync.V121, "", false}, {activesync.V141, "5", false}} {
		s := always(200, encode(t, &wire.ProvisionResponse{Status: 1}))
		c := open(t, s, func(c *Config) { c.DeviceInfo = wire.DeviceInformation{Model: "Modell Eins"} })
		c.SetVersion(tt.version)
		in := &wire.ProvisionRequest{Policies: &wire.PolicyRequests{Policy: wire.PolicyRequest{Key: tt.key}}}
		if _, err := c.Provision(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		if got := bytes.Contains(s.bodies[0], []byte("Modell Eins")); got != tt.want {
			t.Errorf("%s, key %q: device information sent %v, want %v", tt.version, tt.key, got, tt.want)
		}
		if in.DeviceInformation != nil {
			t.Error("the caller's request was changed")
		}
	}
}

func gzipped(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestGzip(t *testing.T) {
	whole := gzipped(t, encode(t, &wire.FolderSyncResponse{Status: 1, SyncKey: "key of a packed answer"}))
	for _, name := range []string{"gzip", "GZIP", "x-gzip"} {
		out, err := open(t, always(200, whole, "Content-Encoding", name)).FolderSync(t.Context(), "0")
		if err != nil || out.SyncKey != "key of a packed answer" {
			t.Errorf("%s: %+v, %v", name, out, err)
		}
	}
	for n := range whole {
		_, err := open(t, always(200, whole[:n], "Content-Encoding", "gzip")).FolderSync(t.Context(), "0")
		if !errors.Is(err, activesync.ErrTruncated) {
			t.Errorf("%d of %d bytes: %v, want it cut off", n, len(whole), err)
		}
	}
	out, err := open(t, always(200, nil, "Content-Encoding", "gzip")).Sync(t.Context(), &wire.SyncRequest{})
	if err != nil || !out.Empty {
		t.Errorf("no bytes at all: %+v, %v; want an empty answer", out, err)
	}
}

func TestSendMailIsTheMessageByteForByte(t *testing.T) {
	for _, n := range []int{0, 1, 127, 128, 16383, 16384, 2097151, 2097152} {
		mime := bytes.Repeat([]byte{'m', 0, 0xFF, 1, '\r', '\n', 0xC3, 1, 'x', 'y'}, n/10+1)[:n]
		for _, v := range activesync.Versions() {
			s := always(200, nil)
			c := open(t, s)
			c.SetVersion(v)
			if err := c.SendMail(t.Context(), "one", bytes.NewReader(mime), int64(n), true); err != nil {
				t.Fatalf("%s, %d bytes: %v", v, n, err)
			}
			r, body := s.asked[0], s.bodies[0]
			if r.ContentLength != int64(len(body)) {
				t.Errorf("%s, %d bytes: length %d, sent %d", v, n, r.ContentLength, len(body))
			}
			if v <= activesync.V121 {
				if !bytes.Equal(body, mime) || r.Header.Get("Content-Type") != typeMIME || !strings.Contains(r.URL.RawQuery, "SaveInSent=T") {
					t.Errorf("%s, %d bytes: sent %d bytes of %s with %s", v, n, len(body), r.Header.Get("Content-Type"), r.URL.RawQuery)
				}
				continue
			}
			got := &wire.SendMailRequest{}
			if err := wbxml.Unmarshal(body, got); err != nil || !bytes.Equal(got.MIME, mime) || got.ClientID != "one" || !got.SaveInSentItems {
				t.Errorf("%s, %d bytes: sent %d bytes of MIME, id %q, %v", v, n, len(got.MIME), got.ClientID, err)
			}
		}
	}
}

func TestCookiesComeBackToTheServer(t *testing.T) {
	n := 0
	s := &server{}
	s.answer = func(*http.Request) (*http.Response, error) {
		n++
		return reply(200, nil, "Set-Cookie", "X-BackEndCookie="+strconv.Itoa(n)+"; Path=/; Secure; HttpOnly"), nil
	}
	c := open(t, s)
	for range 3 {
		if _, err := c.Sync(t.Context(), &wire.SyncRequest{}); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.asked[2].Header.Get("Cookie"); got != "X-BackEndCookie=2" {
		t.Errorf("cookie %q, want the last one", got)
	}
	if err := c.SetEndpoint("https://other.example.test/"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Sync(t.Context(), &wire.SyncRequest{}); err != nil {
		t.Fatal(err)
	}
	if got := s.asked[3].Header.Get("Cookie"); got != "" || s.asked[3].URL.Host != "other.example.test" {
		t.Errorf("%s got the cookie %q of another server", s.asked[3].URL.Host, got)
	}
}

func TestRequestCanBeSentAgainOnANewConnection(t *testing.T) {
	s := &server{}
	s.answer = func(r *http.Request) (*http.Response, error) {
		again, err := r.GetBody()
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(again)
		if err != nil || !bytes.Equal(b, s.bodies[0]) {
			t.Errorf("the second reading gives %d bytes, %v; want %d", len(b), err, len(s.bodies[0]))
		}
		return reply(200, nil), nil
	}
	if _, err := open(t, s).Sync(t.Context(), &wire.SyncRequest{}); err != nil {
		t.Fatal(err)
	}
}
