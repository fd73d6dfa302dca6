package notifytest

import (
	"encoding/json"
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

// Ntfy follows the HTTP protocol that ntfy documents: POST publishes, GET
// topic/json streams one object a line, begins with "open", sends "keepalive"
// and gives what is cached since a time. It wants a token.
type Ntfy struct {
	token    string
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

// StartNtfy starts a server for the time of a test.
func StartNtfy(t testing.TB, token string) (*Ntfy, *httptest.Server) {
	n := &Ntfy{token: token, changed: make(chan struct{}), drop: make(chan struct{})}
	s := httptest.NewServer(n)
	t.Cleanup(func() {
		n.Cut()
		s.Close()
	})
	return n, s
}

// Cut breaks every stream.
func (n *Ntfy) Cut() {
	n.mu.Lock()
	defer n.mu.Unlock()
	close(n.drop)
	n.drop = make(chan struct{})
}

// Messages are the texts that were published.
func (n *Ntfy) Messages() (texts []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, m := range n.messages {
		texts = append(texts, m.Message)
	}
	return texts
}

// Listeners is how often somebody began to listen.
func (n *Ntfy) Listeners() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.open
}

func (n *Ntfy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer "+n.token {
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
