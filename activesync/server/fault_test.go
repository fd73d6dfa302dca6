package server_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wire"
)

// faulty is a conn with one message, whose next request meets a fault.
func faulty(t *testing.T, f *server.Fault) (c *conn, key activesync.SyncKey) {
	var next *server.Fault
	c = newConn(t, activesync.V141, server.Config{Fault: func(*server.Request) *server.Fault {
		f := next
		next = nil
		return f
	}})
	c.deliver("Inbox", "one", time.Now())
	key = c.prime(c.folders()["Inbox"], mail)
	next = f
	return c, key
}

// try sends a request that may get no answer.
func (c *conn) try(command string, in any) (*http.Response, []byte, error) {
	r := c.request(command, mustMarshal(c.t, in))
	res, err := c.srv.Transport().RoundTrip(r)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return res, b, err
}

func deleteOf(key activesync.SyncKey) *wire.SyncRequest {
	in := wire.SyncCollection{SyncKey: key, CollectionID: "1"}
	in.Delete("1:1")
	return &wire.SyncRequest{Collections: []wire.SyncCollection{in}}
}

func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault server.Fault
		done  bool // the request was carried out
		fails bool // the client sees the connection break
		after time.Duration
	}{
		{"none", server.Fault{}, true, false, 0},
		{"refused", server.Fault{Refuse: true}, false, true, 0},
		{"request cut", server.Fault{CutsRequest: true, CutRequest: 9}, false, true, 0},
		{"answer lost", server.Fault{Drop: true}, true, true, 0},
		{"answer cut", server.Fault{Cuts: true, Cut: 3}, true, true, 0},
		{"delayed", server.Fault{Delay: time.Minute}, true, false, time.Minute},
		{"late", server.Fault{Late: time.Minute}, true, false, time.Minute},
		{"twice", server.Fault{Twice: true}, true, false, 0},
		{"status", server.Fault{Status: 503}, false, false, 0},
		{"key 0", server.Fault{KeyZero: true}, false, false, 0},
		{"garbage", server.Fault{Garbage: []byte{1, 2, 3}}, true, false, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, key := faulty(t, &tt.fault)
				begin := time.Now()
				_, _, err := c.try("Sync", deleteOf(key))
				if (err != nil) != tt.fails || time.Since(begin) != tt.after {
					t.Errorf("%v after %v", err, time.Since(begin))
				}
				if all, _ := c.box.Items("Inbox"); (len(all) == 0) != tt.done {
					t.Errorf("the Inbox holds %d messages", len(all))
				}
			})
		})
	}
}

func TestForcedKeyZero(t *testing.T) {
	c, key := faulty(t, &server.Fault{KeyZero: true})
	res := c.sync(c.collection("1", key, mail))
	if res.Status != 3 || res.SyncKey != "0" {
		t.Errorf("answer %+v", res)
	}
	if res := c.sync(c.collection("1", key, mail)); res.Status != 1 {
		t.Errorf("the next one: %+v", res)
	}
}

// Half of a compressed answer ends like a whole one.
func TestHalfGzip(t *testing.T) {
	c, key := faulty(t, &server.Fault{HalfGzip: true})
	c.header.Set("Accept-Encoding", "gzip")
	res, b, err := c.try("Sync", deleteOf(key))
	if err != nil || res.Header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("%v, %v", res, err)
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err == nil {
		_, err = io.ReadAll(z)
	}
	if err == nil {
		t.Error("it can be unpacked")
	}
}

func TestPlanIsTheSameForASeed(t *testing.T) {
	play := func(seed uint64) map[string]int {
		p := server.NewPlan(seed, 0.5)
		for range 4000 {
			p.Fault(&server.Request{Command: "Sync", Body: make([]byte, 40)})
		}
		return p.Counts()
	}
	a, b := play(1), play(1)
	n := 0
	for k := range a {
		if n += a[k]; a[k] != b[k] {
			t.Errorf("%s: %d and %d times", k, a[k], b[k])
		}
	}
	if len(a) < 13 || n < 1800 || n > 2200 {
		t.Errorf("%d faults in 4000 requests at one half: %v", n, a)
	}
	p := server.NewPlan(1, 1)
	p.SetRate(0)
	if p.Fault(&server.Request{}) != nil {
		t.Error("a fault at rate 0")
	}
}
