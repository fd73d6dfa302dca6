package engine_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/client"
	"eas.example/securemail/activesync/engine"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wire"
	"eas.example/securemail/store"
	"eas.example/securemail/store/storetest"
)

// hostile is a server that follows a script of bytes: it passes an answer of a
// real one on, spoils it, or says something of its own.
type hostile struct {
	real http.RoundTripper

	mu       sync.Mutex
	script   []byte
	requests int
}

// next is the next byte of the script; when it is over the server is well.
func (h *hostile) next() (byte, bool) {
	if len(h.script) == 0 {
		return 0, false
	}
	b := h.script[0]
	h.script = h.script[1:]
	return b, true
}

func (h *hostile) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := h.real.RoundTrip(r)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.requests++
	what, more := h.next()
	if err != nil || !more {
		return res, err
	}
	body, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil {
		return nil, err
	}
	at, _ := h.next()
	value, _ := h.next()
	i := int(at) * max(len(body), 1) / 256
	res.Header.Del("Content-Length")
	switch what % 12 {
	case 0, 1, 2: // as it is
	case 3, 4, 5: // one byte is another
		if len(body) > 0 {
			body[i] = value
		}
	case 6: // the end is missing
		body = body[:i]
	case 7: // a part comes twice
		body = append(body[:i:i], append(bytes.Clone(body[:i]), body[i:]...)...)
	case 8: // a token more
		body = append(body[:i:i], append([]byte{value, at}, body[i:]...)...)
	case 9: // another status
		res.StatusCode = []int{100, 200, 204, 206, 301, 400, 401, 403, 404, 429, 449, 451, 456, 500, 502, 503, 507}[int(at)%17]
		res.Header.Set("Retry-After", []string{"-1", "9999999999", "soon", "0"}[value%4])
		res.Header.Set("X-MS-Location", []string{"", "http://", "https://mail.example.test/Microsoft-Server-ActiveSync", "\x00"}[value%4])
	case 10: // other headers
		res.Header.Set([]string{"Content-Type", "Content-Encoding", "MS-ASProtocolVersions", "MS-ASProtocolCommands"}[at%4],
			[]string{"", "gzip", "text/html", "14.1,99999999999999999999.1", "application/vnd.ms-sync.multipart"}[value%5])
	case 11: // the script itself is the answer
		body, h.script = h.script[:min(int(at), len(h.script))], h.script[min(int(at), len(h.script)):]
	}
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return res, nil
}

// FuzzHostileServer lets a whole client live with a server that says anything.
// Nothing but an order to erase ends it, it does not ask without end, and what it
// keeps holds together.
func FuzzHostileServer(f *testing.F) {
	for _, seed := range []string{"", "\x03\x40\x07\x03\x80\x99", "\x09\x01\x02\x09\x07\x03\x06\x80\x00", "\x0b\x20\x00\x03\x01\x6a\x00\x45\x4e\x03\x35\x00\x01\x01",
		"\x0a\x01\x01\x0a\x02\x03\x08\x90\x57\x07\x30\x30", "\x03\xf0\x00\x03\xf1\x01\x03\xf2\x02\x03\xf3\x03\x03\xf4\x04\x03\xf5\x05"} {
		f.Add([]byte(seed), uint8(0))
		f.Add([]byte(seed), uint8(4))
	}
	f.Add([]byte("001201AyH"), uint8('>')) // a list that names a folder twice
	f.Add([]byte("000AaL"), uint8(0))      // a byte that makes an order to erase of an answer
	f.Fuzz(func(t *testing.T, script []byte, kind uint8) {
		synctest.Test(t, func(t *testing.T) {
			versions, all := activesync.Versions(), server.Personalities()
			srv := server.New(server.Config{Versions: versions[int(kind)%len(versions):][:1], Personality: all[int(kind)/len(versions)%len(all)]})
			box := srv.AddUser(testUser, testPassword, testEmail)
			for n := range 3 {
				if _, err := box.Deliver("Inbox", server.Mail(mime("message "+strconv.Itoa(n), time.Now())), false); err != nil {
					t.Fatal(err)
				}
			}
			h := &hostile{real: srv.Transport(), script: script[:min(len(script), 400)]}
			s := storetest.OpenQuick(t)
			c, err := client.New(client.Config{Endpoint: simEndpoint, User: testUser, Password: testPassword, DeviceID: "d", DeviceType: "securemail", Transport: h})
			if err != nil {
				t.Fatal(err)
			}
			e := engine.New(engine.Config{Account: activesync.Account{ID: "a", Email: testEmail, Server: simEndpoint, User: testUser, Auth: "basic"}, Server: c, Store: s,
				Device: wire.DeviceInformation{Model: "securemail"}})
			ctx, stop := context.WithCancel(context.Background())
			done := make(chan error, 1)
			go func() { done <- e.Run(ctx) }()
			for range 6 {
				time.Sleep(20 * time.Minute)
				e.Resume()
			}
			stop()
			if err := <-done; err != nil && !(errors.Is(err, activesync.ErrWipe) && ordered(s)) {
				t.Errorf("Run: %v", err)
			}
			h.mu.Lock()
			requests := h.requests
			h.mu.Unlock()
			if requests > 1500 {
				t.Errorf("%d requests in two hours", requests)
			}
			if err := s.Check(context.Background()); err != nil {
				t.Error(err)
			}
		})
	})
}

// ordered reports whether the store notes an order to erase the account.
func ordered(s *store.Store) bool {
	state, err := s.State(context.Background(), "a")
	return err == nil && state.Erase
}

// bomb is an answer that is small on the wire and endless when unpacked.
type bomb struct{ packed []byte }

func (b *bomb) RoundTrip(r *http.Request) (*http.Response, error) {
	h := http.Header{"Content-Type": {"application/vnd.ms-sync.wbxml"}, "Content-Encoding": {"gzip"}, "Ms-Asprotocolversions": {"14.1"}, "Ms-Asprotocolcommands": {"Sync,FolderSync"}}
	return &http.Response{StatusCode: 200, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: h, Body: io.NopCloser(bytes.NewReader(b.packed)), ContentLength: int64(len(b.packed)), Request: r}, nil
}

// Whatever a server sends, what it takes of memory is bounded: 64 MB above the
// message at most.
func TestMemoryIsBoundedUnderAHostileServer(t *testing.T) {
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	head := []byte{3, 1, 0x6A, 0, 0, 7, 0x56, 0x4C, 3} // a FolderSync whose Status does not end
	if _, err := z.Write(head); err != nil {
		t.Fatal(err)
	}
	block := bytes.Repeat([]byte{'1'}, 1<<20)
	for range 600 {
		if _, err := z.Write(block); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	c, err := client.New(client.Config{Endpoint: simEndpoint, User: testUser, Password: testPassword, DeviceID: "d", DeviceType: "securemail", Transport: &bomb{packed.Bytes()}})
	if err != nil {
		t.Fatal(err)
	}
	c.SetVersion(activesync.V141)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	_, err = c.FolderSync(t.Context(), activesync.KeyNone)
	runtime.ReadMemStats(&after)
	if err == nil {
		t.Fatal("an endless answer was taken")
	}
	// All that was ever asked for bounds what was in use at any time.
	if used := after.TotalAlloc - before.TotalAlloc; used > 128<<20 {
		t.Errorf("%d MiB were allocated for it: %v", used>>20, err)
	}
	if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 64<<20 {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
}
