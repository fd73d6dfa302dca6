package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// ntfy follows the HTTP protocol that ntfy documents: POST publishes, GET
// topic/json streams one object a line, begins with "open", sends "keepalive"
// and gives what is cached since a time.
type ntfy struct {
	mu       sync.Mutex
	messages []ntfyMessage
	changed  chan struct{}
	open     int
	drop     chan struct{} // closes every stream
}

type ntfyMessage struct {
	ID      string `json:"id"`
	Time    int64  `json:"time"`
	Event   string `json:"event"`
	Topic   string `json:"topic"`
	Message string `json:"message,omitempty"`
}

func newNtfy(t *testing.T) (*ntfy, *httptest.Server) {
	n := &ntfy{changed: make(chan struct{}), drop: make(chan struct{})}
	s := httptest.NewServer(n)
	t.Cleanup(func() {
		n.cut()
		s.Close()
	})
	return n, s
}

func (n *ntfy) cut() {
	n.mu.Lock()
	defer n.mu.Unlock()
	close(n.drop)
	n.drop = make(chan struct{})
}

func (n *ntfy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer tk_secret" {
		w.WriteHeader(http.StatusForbidden)
		io.WriteString(w, `{"code":40301,"http":403,"error":"forbidden"}`)
		return
	}
	topic := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/"), "/json")
	if r.Method == http.MethodPost {
		body, _ := io.ReadAll(r.Body)
		n.mu.Lock()
		m := ntfyMessage{ID: fmt.Sprint(len(n.messages)), Time: time.Now().Unix(), Event: "message", Topic: topic, Message: string(body)}
		n.messages = append(n.messages, m)
		close(n.changed)
		n.changed = make(chan struct{})
		n.mu.Unlock()
		json.NewEncoder(w).Encode(m)
		return
	}
	n.mu.Lock()
	next := len(n.messages)
	if since, err := strconv.ParseInt(r.URL.Query().Get("since"), 10, 64); err == nil {
		for next > 0 && n.messages[next-1].Time >= since {
			next--
		}
	}
	n.open++
	drop := n.drop
	n.mu.Unlock()
	enc := json.NewEncoder(w)
	enc.Encode(ntfyMessage{Event: "open", Topic: topic})
	enc.Encode(ntfyMessage{Event: "keepalive", Topic: topic})
	for {
		n.mu.Lock()
		for ; next < len(n.messages); next++ {
			if n.messages[next].Topic == topic {
				enc.Encode(n.messages[next])
			}
		}
		changed := n.changed
		n.mu.Unlock()
		w.(http.Flusher).Flush()
		select {
		case <-changed:
		case <-drop:
			return
		case <-r.Context().Done():
			return
		}
	}
}

func TestNtfyTellsOfNewsAndOfWhatWasMissed(t *testing.T) {
	n, s := newNtfy(t)
	topic := Topic{URL: s.URL + "/box", Token: "tk_secret"}
	began := time.Now()
	if err := topic.Wake(t.Context()); err != nil { // while nobody listens
		t.Fatal(err)
	}
	opened, woken := make(chan struct{}, 8), make(chan struct{}, 8)
	listen := func(since time.Time) chan error {
		done := make(chan error, 1)
		go func() {
			done <- topic.Listen(t.Context(), since, func() { opened <- struct{}{} }, func() { woken <- struct{}{} })
		}()
		return done
	}
	done := listen(began)
	<-opened
	<-woken // the one that was missed
	if err := (Topic{URL: s.URL + "/other", Token: "tk_secret"}).Wake(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := topic.Wake(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-woken
	n.cut()
	if err := <-done; err == nil {
		t.Error("a broken connection is no error")
	}
	done = listen(time.Time{})
	<-opened
	n.cut()
	<-done
	if len(woken) != 0 {
		t.Error("an old wake-up was told again")
	}
	for _, m := range n.messages {
		if m.Message != wakeWord {
			t.Errorf("a wake-up says %q", m.Message)
		}
	}
}

func TestNtfyRefusalHoldsNoSecret(t *testing.T) {
	_, s := newNtfy(t)
	topic := Topic{URL: s.URL + "/boxname", Token: "tk_wrong"}
	for _, err := range []error{topic.Wake(t.Context()), topic.Listen(t.Context(), time.Time{}, func() { t.Error("opened") }, func() {}),
		(Topic{URL: "http://127.0.0.1:1/boxname", Token: "tk_wrong"}).Wake(t.Context())} {
		if err == nil || strings.Contains(err.Error(), "boxname") || strings.Contains(err.Error(), "tk_") {
			t.Errorf("error %v", err)
		}
	}
	for _, address := range []string{"", "box", "ftp://h/x", "https://h", "https://u:p@h/x", "https://h/x?since=1"} {
		if err := (Topic{URL: address}).Wake(t.Context()); !errors.Is(err, ErrTopic) {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestNtfyEndsWithItsContext(t *testing.T) {
	_, s := newNtfy(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := Topic{URL: s.URL + "/box", Token: "tk_secret"}.Listen(ctx, time.Time{}, cancel, func() {})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
