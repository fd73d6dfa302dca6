package client

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

// realAnswers are answers such as servers give, one for each command.
func realAnswers(t testing.TB) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, cmd := range commands() {
		if cmd.good != nil {
			out[cmd.name] = encode(t, cmd.good)
		}
	}
	out["FolderSync"] = encode(t, &wire.FolderSyncResponse{Status: 1, SyncKey: "1", Changes: &wire.FolderChanges{Adds: []wire.FolderElement{
		{ServerID: "1", DisplayName: "Inbox", Type: activesync.FolderInbox}, {ServerID: "2", ParentID: "1", DisplayName: "Würzburg", Type: activesync.FolderUserMail}}}})
	out["FetchAttachment"] = inlineFile(t, "text/plain", []byte("the content of the file"))
	return out
}

func TestAnswerCutOffAtEveryLength(t *testing.T) {
	answers := realAnswers(t)
	for _, cmd := range commands() {
		whole := answers[cmd.name]
		if whole == nil {
			continue
		}
		if err := cmd.call(t.Context(), open(t, always(200, whole, "Content-Type", typeWBXML))); err != nil {
			t.Errorf("%s, whole: %v", cmd.name, err)
		}
		for n := range whole {
			// It breaks off with fewer bytes than the head promised.
			s := always(200, whole[:n], "Content-Type", typeWBXML)
			short := &server{answer: func(r *http.Request) (*http.Response, error) {
				res, err := s.answer(r)
				res.ContentLength = int64(len(whole))
				return res, err
			}}
			if err := cmd.call(t.Context(), open(t, short)); !errors.Is(err, activesync.ErrTruncated) {
				t.Errorf("%s, %d of the promised %d bytes: %v, want it cut off", cmd.name, n, len(whole), err)
			}
			// The connection ends in order after n bytes, as a proxy that lost the
			// server ends it.
			err := cmd.call(t.Context(), open(t, always(200, whole[:n], "Content-Type", typeWBXML)))
			if n == 0 && (cmd.name == "Sync" || cmd.name == "SendMail") {
				if err != nil {
					t.Errorf("%s: an empty answer is an error: %v", cmd.name, err)
				}
				continue
			}
			if err == nil || errors.Is(err, activesync.ErrBadSyncKey) || errors.Is(err, activesync.ErrNotFound) {
				t.Errorf("%s, %d of %d bytes: %v", cmd.name, n, len(whole), err)
			}
			if !errors.Is(err, activesync.ErrTruncated) {
				t.Errorf("%s, %d of %d bytes: %v, want it cut off", cmd.name, n, len(whole), err)
			}
		}
	}
}

var errReset = errors.New("connection reset by peer")

// breaking gives some bytes and then an error.
type breaking struct {
	io.Reader
	err error
}

func (b breaking) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == io.EOF {
		err = b.err
	}
	return n, err
}

func TestConnectionThatBreaks(t *testing.T) {
	whole := realAnswers(t)
	for _, cmd := range commands() {
		if whole[cmd.name] == nil {
			continue
		}
		for _, n := range []int{0, 1, len(whole[cmd.name]) / 2, len(whole[cmd.name])} {
			s := &server{answer: func(*http.Request) (*http.Response, error) {
				res := reply(200, nil)
				res.Body, res.ContentLength = io.NopCloser(breaking{bytes.NewReader(whole[cmd.name][:n]), errReset}), -1
				return res, nil
			}}
			err := cmd.call(t.Context(), open(t, s))
			if n == len(whole[cmd.name]) && cmd.name == "FetchAttachment" && err == nil {
				continue // the file was whole
			}
			if !errors.Is(err, activesync.ErrTruncated) || !errors.Is(err, errReset) {
				t.Errorf("%s, broken after %d bytes: %v", cmd.name, n, err)
			}
		}
		s := &server{answer: func(*http.Request) (*http.Response, error) { return nil, errReset }}
		if err := cmd.call(t.Context(), open(t, s)); !errors.Is(err, activesync.ErrUnreachable) || !errors.Is(err, errReset) || !strings.Contains(err.Error(), "mail.example.test") {
			t.Errorf("%s, no answer: %v", cmd.name, err)
		}
	}
}

func TestAnswerToAnotherCommand(t *testing.T) {
	answers := realAnswers(t)
	for _, cmd := range commands() {
		for name, body := range answers {
			if name == cmd.name || cmd.name == "OPTIONS" || strings.Contains("ItemOperations FetchAttachment", cmd.name) && strings.Contains("ItemOperations FetchAttachment", name) {
				continue
			}
			if err := cmd.call(t.Context(), open(t, always(200, body))); err == nil {
				t.Errorf("%s takes the answer to %s", cmd.name, name)
			}
		}
	}
}

func TestGarbageInWBXML(t *testing.T) {
	for name, body := range map[string][]byte{
		"only a header":          {0x03, 0x01, 0x6A, 0x00},
		"an end too many":        {0x03, 0x01, 0x6A, 0x00, 0x01},
		"a page not known":       {0x03, 0x01, 0x6A, 0x00, 0x00, 0x7F, 0x45, 0x01},
		"text outside":           {0x03, 0x01, 0x6A, 0x00, 0x03, 'x', 0x00},
		"a length without end":   {0x03, 0x01, 0x6A, 0x00, 0x45, 0xC3, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F},
		"a length of 4 GiB":      {0x03, 0x01, 0x6A, 0x00, 0x45, 0xC3, 0x8F, 0xFF, 0xFF, 0xFF, 0x7F, 'x'},
		"deeper than any answer": append([]byte{0x03, 0x01, 0x6A, 0x00}, bytes.Repeat([]byte{0x45}, 100_000)...),
		"zeros":                  make([]byte, 1000),
	} {
		for _, cmd := range commands() {
			if cmd.name == "OPTIONS" {
				continue
			}
			if err := cmd.call(t.Context(), open(t, always(200, body, "Content-Type", typeWBXML))); err == nil {
				t.Errorf("%s takes %s", cmd.name, name)
			}
		}
	}
}

func TestAnswerLargerThanTheLimit(t *testing.T) {
	body := encode(t, &wire.FolderSyncResponse{Status: 1, SyncKey: activesync.SyncKey(strings.Repeat("k", 5000))})
	for name, res := range map[string]*server{
		"plain":        always(200, body),
		"packed small": always(200, gzipped(t, body), "Content-Encoding", "gzip"),
	} {
		c := open(t, res)
		c.maxAnswer = int64(len(body))
		if _, err := c.FolderSync(t.Context(), "0"); err != nil {
			t.Errorf("%s, as large as the limit: %v", name, err)
		}
		c.maxAnswer--
		if _, err := c.FolderSync(t.Context(), "0"); err == nil || !strings.Contains(err.Error(), "larger than") {
			t.Errorf("%s, larger: %v", name, err)
		}
	}
}

func TestEmptyAnswers(t *testing.T) {
	for _, cmd := range commands() {
		err := cmd.call(t.Context(), open(t, always(200, nil)))
		switch cmd.name {
		case "Sync", "SendMail":
			if err != nil {
				t.Errorf("%s: %v", cmd.name, err)
			}
		case "OPTIONS":
			only(t, cmd.name, err, activesync.ErrNotActiveSync)
		default:
			only(t, cmd.name, err, activesync.ErrTruncated)
		}
	}
	out, err := open(t, always(200, nil)).SyncRaw(t.Context(), []byte{3, 1, 0x6A, 0})
	if err != nil || !out.Empty {
		t.Errorf("%+v, %v; want an answer that says it was empty", out, err)
	}
}

func TestHierarchyWithoutANewKeyIsNoSuccess(t *testing.T) {
	for name, body := range map[string][]byte{
		"FolderSync": encode(t, &wire.FolderSyncResponse{Status: 1}), "FolderCreate": encode(t, &wire.FolderCreateResponse{Status: 1}),
		"FolderUpdate": encode(t, &wire.FolderUpdateResponse{Status: 1}), "FolderDelete": encode(t, &wire.FolderDeleteResponse{Status: 1}),
	} {
		for _, cmd := range commands() {
			if cmd.name == name {
				only(t, name, cmd.call(t.Context(), open(t, always(200, body))), activesync.ErrTruncated)
			}
		}
	}
}

// FuzzAnswer gives any status, headers and body to every command: nothing may
// panic, and what is taken must be an answer.
func FuzzAnswer(f *testing.F) {
	for _, body := range realAnswers(f) {
		f.Add(200, typeWBXML, "", "", body)
	}
	f.Add(200, typeMultipart, "", "", multipartFile(f, "text/plain", []byte("content")))
	f.Add(451, "", "X-MS-Location", "https://other.example.test/", []byte(nil))
	f.Add(503, "text/html", "Retry-After", "Wed, 25 Nov 2026 21:00:00 GMT", []byte("<title>Later</title>"))
	f.Add(200, typeWBXML, "Content-Encoding", "gzip", []byte{0x1F, 0x8B, 8, 0})
	f.Add(200, "", "MS-ASProtocolVersions", "14.1,16.1", []byte(nil))
	f.Add(302, "", "Location", "http://evil.example.test/", []byte(nil))
	f.Fuzz(func(t *testing.T, status int, ctype, name, value string, body []byte) {
		for _, cmd := range commands() {
			s := always(status, body, "Content-Type", ctype)
			if name != "" {
				s = always(status, body, "Content-Type", ctype, name, value)
			}
			err := cmd.call(context.Background(), open(t, s))
			switch {
			case err == nil && status != http.StatusOK:
				t.Fatalf("%s: status %d is taken for success", cmd.name, status)
			case err == nil && len(body) == 0 && cmd.name != "Sync" && cmd.name != "SendMail" && cmd.name != "OPTIONS":
				t.Fatalf("%s: nothing is taken for success", cmd.name)
			case err != nil && strings.Contains(err.Error(), testPassword):
				t.Fatalf("%s: the error tells the password: %v", cmd.name, err)
			case len(s.asked) != 1:
				t.Fatalf("%s: %d requests", cmd.name, len(s.asked))
			}
		}
	})
}

// A table of very many empty parts, which hardly takes any room on the wire, does
// not take several times its size in memory.
func TestATableOfManyPartsIsRefused(t *testing.T) {
	data := make([]byte, 4+8*(1<<20))
	binary.LittleEndian.PutUint32(data, 1<<20)
	var err error
	if used := allocatedBy(func() { _, err = splitParts(data) }); err == nil || used > 1<<20 {
		t.Errorf("%d bytes were taken for it, %v", used, err)
	}
}

// FuzzParts takes tables of parts apart.
func FuzzParts(f *testing.F) {
	f.Add(multipartFile(f, "text/plain", []byte("content")))
	f.Add([]byte{1, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		parts, err := splitParts(data)
		if err != nil && parts != nil || err == nil && len(parts) == 0 {
			t.Fatalf("%d parts, %v", len(parts), err)
		}
		var out bytes.Buffer
		_, n, err := open(t, always(200, data, "Content-Type", typeMultipart)).FetchAttachment(context.Background(), "1", &out)
		if n != int64(out.Len()) {
			t.Fatalf("told of %d bytes and wrote %d", n, out.Len())
		}
		if err == nil && !bytes.Contains(data, out.Bytes()) {
			t.Fatal("wrote what is not in the answer")
		}
	})
}
