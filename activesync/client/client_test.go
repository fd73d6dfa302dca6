package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

const (
	testEndpoint = "https://mail.example.test/Microsoft-Server-ActiveSync"
	testPassword = "Hunter2Tr0ub4dor"
)

// server answers requests in this process. It keeps what it was asked.
type server struct {
	answer func(*http.Request) (*http.Response, error)
	asked  []*http.Request
	bodies [][]byte
}

func (s *server) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body.Close()
	}
	s.asked, s.bodies = append(s.asked, r), append(s.bodies, body)
	return s.answer(r)
}

// reply is an answer with headers given as name, value, name, value…
func reply(status int, body []byte, headers ...string) *http.Response {
	h := http.Header{}
	for i := 0; i < len(headers); i += 2 {
		h.Add(headers[i], headers[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body))}
}

// always gives the same answer to every request.
func always(status int, body []byte, headers ...string) *server {
	return &server{answer: func(*http.Request) (*http.Response, error) { return reply(status, body, headers...), nil }}
}

func testConfig(s http.RoundTripper) Config {
	return Config{Endpoint: testEndpoint, User: "alice", Password: testPassword, DeviceID: "0123456789abcdef", DeviceType: "securemail", Transport: s}
}

// open makes a client of s that speaks 16.1; change may alter its Config.
func open(t testing.TB, s http.RoundTripper, change ...func(*Config)) *Client {
	t.Helper()
	cfg := testConfig(s)
	for _, f := range change {
		f(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	c.SetVersion(activesync.V161)
	return c
}

func encode(t testing.TB, v any) []byte {
	t.Helper()
	b, err := wbxml.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// command is one method of a Client with a request that suits it.
type command struct {
	name string
	call func(context.Context, *Client) error
	good any // an answer that it takes
}

func discard(_ any, err error) error { return err }

// commands are all methods that do an exchange.
func commands() []command {
	properties := wbxml.Raw{}
	return []command{
		{"OPTIONS", func(ctx context.Context, c *Client) error { return discard(c.Options(ctx)) }, nil},
		{"Provision", func(ctx context.Context, c *Client) error { return discard(c.Provision(ctx, &wire.ProvisionRequest{})) }, &wire.ProvisionResponse{Status: 1}},
		{"FolderSync", func(ctx context.Context, c *Client) error { return discard(c.FolderSync(ctx, "0")) },
			&wire.FolderSyncResponse{Status: 1, SyncKey: "1"}},
		{"FolderCreate", func(ctx context.Context, c *Client) error {
			return discard(c.FolderCreate(ctx, &wire.FolderCreateRequest{SyncKey: "1", DisplayName: "New"}))
		},
			&wire.FolderCreateResponse{Status: 1, SyncKey: "2"}},
		{"FolderUpdate", func(ctx context.Context, c *Client) error {
			return discard(c.FolderUpdate(ctx, &wire.FolderUpdateRequest{SyncKey: "1", DisplayName: "Other"}))
		},
			&wire.FolderUpdateResponse{Status: 1, SyncKey: "2"}},
		{"FolderDelete", func(ctx context.Context, c *Client) error {
			return discard(c.FolderDelete(ctx, &wire.FolderDeleteRequest{SyncKey: "1"}))
		},
			&wire.FolderDeleteResponse{Status: 1, SyncKey: "2"}},
		{"Sync", func(ctx context.Context, c *Client) error { return discard(c.Sync(ctx, &wire.SyncRequest{})) },
			&wire.SyncResponse{Collections: []wire.SyncCollectionResponse{{SyncKey: "2", CollectionID: "5", Status: 1}}}},
		{"Ping", func(ctx context.Context, c *Client) error {
			return discard(c.Ping(ctx, &wire.PingRequest{HeartbeatInterval: 60}))
		}, &wire.PingResponse{Status: 1}},
		{"MoveItems", func(ctx context.Context, c *Client) error { return discard(c.MoveItems(ctx, &wire.MoveItemsRequest{})) },
			&wire.MoveItemsResponse{Responses: []wire.MoveResponse{{SrcMsgID: "5:1", Status: wire.MoveSuccess, DstMsgID: "6:1"}}}},
		{"Settings", func(ctx context.Context, c *Client) error { return discard(c.Settings(ctx, &wire.SettingsRequest{})) }, &wire.SettingsResponse{Status: 1}},
		{"GetItemEstimate", func(ctx context.Context, c *Client) error {
			return discard(c.GetItemEstimate(ctx, &wire.GetItemEstimateRequest{}))
		},
			&wire.GetItemEstimateResponse{Status: 1}},
		{"ItemOperations", func(ctx context.Context, c *Client) error {
			return discard(c.ItemOperations(ctx, &wire.ItemOperationsRequest{Fetches: []wire.Fetch{wire.FetchItem("5", "5:1", nil, 0)}}))
		},
			&wire.ItemOperationsResponse{Status: 1, Response: &wire.ItemOperationsDone{Fetches: []wire.FetchResponse{{Status: 1, ServerID: "5:1", Properties: &properties}}}}},
		{"SendMail", func(ctx context.Context, c *Client) error {
			return c.SendMail(ctx, "one", strings.NewReader("Subject: x\r\n\r\nx"), 15, true)
		}, &wire.SendMailResponse{Status: 1}},
		{"FetchAttachment", func(ctx context.Context, c *Client) error {
			_, _, err := c.FetchAttachment(ctx, "5:1:0", io.Discard)
			return err
		}, nil},
	}
}

func TestNewRefusesWhatWouldHarm(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"plain http":              func(c *Config) { c.Endpoint = "http://mail.example.test/" },
		"plain http, almost here": func(c *Config) { c.Endpoint = "http://127.0.0.1.example.test/" },
		"another scheme":          func(c *Config) { c.Endpoint = "ftp://127.0.0.1/" },
		"no scheme":               func(c *Config) { c.Endpoint = "mail.example.test" },
		"no host":                 func(c *Config) { c.Endpoint = "https:///x" },
		"only a port":             func(c *Config) { c.Endpoint = "https://:443/" },
		"a password in it":        func(c *Config) { c.Endpoint = "https://alice:secret@mail.example.test/" },
		"no device id":            func(c *Config) { c.DeviceID = "" },
		"a long device id":        func(c *Config) { c.DeviceID = strings.Repeat("a", 33) },
		"a strange device id":     func(c *Config) { c.DeviceID = "a&b" },
		"a strange device type":   func(c *Config) { c.DeviceType = "a b" },
		"no device type":          func(c *Config) { c.DeviceType = "" },
		"a browser":               func(c *Config) { c.UserAgent = "Mozilla/5.0" },
		"a colon in the name":     func(c *Config) { c.User = "ali:ce" },
	} {
		cfg := testConfig(always(200, nil))
		change(&cfg)
		if _, err := New(cfg); err == nil {
			t.Errorf("%s: taken", name)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error tells the password: %v", name, err)
		}
	}
}

func TestNewTakesPlainHTTPToThisMachine(t *testing.T) {
	for _, host := range []string{"127.0.0.1:8080", "localhost", "LOCALHOST:1", "[::1]:80", "127.8.9.10"} {
		cfg := testConfig(always(200, nil))
		cfg.Endpoint = "http://" + host
		c, err := New(cfg)
		if err != nil {
			t.Errorf("%s: %v", host, err)
			continue
		}
		if u, _, _ := c.current(); u.Path != "/Microsoft-Server-ActiveSync" {
			t.Errorf("%s: path %q", host, u.Path)
		}
	}
}

func TestOptionsChoosesWhatBothSpeak(t *testing.T) {
	for _, tt := range []struct {
		name    string
		headers []string
		want    []activesync.Version
	}{
		{"all", []string{"MS-ASProtocolVersions", "2.0,2.1,2.5,12.0,12.1,14.0,14.1,16.0,16.1"}, activesync.Versions()},
		{"in disorder and with blanks", []string{"MS-ASProtocolVersions", " 14.1 , 12.1,14.0"}, []activesync.Version{activesync.V141, activesync.V140, activesync.V121}},
		{"two headers", []string{"MS-ASProtocolVersions", "12.1", "MS-ASProtocolVersions", "16.1"}, []activesync.Version{activesync.V161, activesync.V121}},
		{"only 16.1", []string{"MS-ASProtocolVersions", "16.1"}, []activesync.Version{activesync.V161}},
		{"none in common", []string{"MS-ASProtocolVersions", "2.5,17.0"}, nil},
	} {
		s := always(200, nil, append(tt.headers, "MS-ASProtocolCommands", "Sync,Ping, Sync", "MS-Server-ActiveSync", "15.20\x1b[2J")...)
		caps, err := open(t, s).Options(t.Context())
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if !slices.Equal(caps.Versions, tt.want) || !slices.Equal(caps.Commands, []string{"Sync", "Ping"}) || caps.Build != "15.20[2J" {
			t.Errorf("%s: %+v, want versions %v", tt.name, caps, tt.want)
		}
		if r := s.asked[0]; r.Method != http.MethodOptions || r.URL.RawQuery != "" || r.Body != nil || r.Header.Get("Authorization") == "" {
			t.Errorf("%s: asked %s %s %v", tt.name, r.Method, r.URL, r.Header)
		}
	}
}

func TestOptionsOfSomethingElse(t *testing.T) {
	for _, tt := range []struct {
		name string
		s    *server
		is   error
		says string
	}{
		{"a web page", always(200, []byte("<html><title>Router set-up</title>"), "Content-Type", "text/html"), activesync.ErrNotActiveSync, "Router set-up"},
		{"nothing", always(200, nil), activesync.ErrNotActiveSync, "mail.example.test"},
		{"a move hidden in a 200", always(200, nil, "X-MS-Location", "https://other.example.test/Microsoft-Server-ActiveSync"), nil, "other.example.test"},
		{"an error hidden in a 200", always(200, nil, "X-Proxyerrormessage", "backend is down"), activesync.ErrBusy, "backend is down"},
	} {
		_, err := open(t, tt.s).Options(t.Context())
		if err == nil || tt.is != nil && !errors.Is(err, tt.is) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v; want %v and %q", tt.name, err, tt.is, tt.says)
		}
	}
}

func TestNoVersionNoCommand(t *testing.T) {
	s := always(200, nil)
	c, err := New(testConfig(s))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.FolderSync(t.Context(), "0"); err == nil || len(s.asked) != 0 {
		t.Errorf("%v after %d requests; want an error before the first", err, len(s.asked))
	}
}

func TestEveryCommandTakesItsAnswer(t *testing.T) {
	for _, cmd := range commands() {
		if cmd.good == nil {
			continue
		}
		if err := cmd.call(t.Context(), open(t, always(200, encode(t, cmd.good), "Content-Type", typeWBXML))); err != nil {
			t.Errorf("%s: %v", cmd.name, err)
		}
	}
}

func TestStatsCountWhatWentOver(t *testing.T) {
	s := always(200, encode(t, &wire.FolderSyncResponse{Status: 1, SyncKey: "1"}))
	c := open(t, s)
	before := c.Stats()
	for range 3 {
		if _, err := c.FolderSync(t.Context(), "0"); err != nil {
			t.Fatal(err)
		}
	}
	got := c.Stats().Sub(before)
	want := Stats{Requests: 3, Sent: 3 * int64(len(s.bodies[0])), Received: 3 * int64(len(encode(t, &wire.FolderSyncResponse{Status: 1, SyncKey: "1"})))}
	if got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// logged is a log and what it holds.
func logged() (*slog.Logger, fmt.Stringer) {
	var b bytes.Buffer
	return slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug})), &b
}
