package notify

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Topic is a push channel: a topic of any ntfy server. It carries no word of a
// message, only that there is something new.
type Topic struct {
	URL   string // such as https://ntfy.example/mailbox
	Token string // may be empty
	// Transport is nil for the network.
	Transport http.RoundTripper
}

// ntfySilence is how long a server may say nothing. It sends a keepalive every
// 45 seconds unless it is set up otherwise.
const ntfySilence = 3 * time.Minute

// wakeLimit is how long a server may take for a wake-up.
const wakeLimit = 30 * time.Second

// wakeWord is the content of a wake-up.
const wakeWord = "wake"

// ErrTopic: the address is not one of a topic.
var ErrTopic = errors.New("not the address of a topic, such as https://ntfy.example/mailbox")

// CheckTopic looks at the address alone.
func CheckTopic(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || strings.Trim(u.Path, "/") == "" || u.User != nil || u.RawQuery != "" {
		return ErrTopic
	}
	return nil
}

// errSilent is the cause of the end of a connection on which nothing came.
var errSilent = errors.New("the push server is silent")

// Listen waits at the topic until the connection breaks or ctx ends, and
// returns why. opened is called when the server has begun to tell, wake for
// each message, those since the given time first.
func (t Topic) Listen(ctx context.Context, since time.Time, opened, wake func()) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	silence := time.AfterFunc(ntfySilence, func() { cancel(errSilent) })
	defer silence.Stop()
	t, done := t.fresh()
	defer done()
	address := strings.TrimSuffix(t.URL, "/") + "/json"
	if !since.IsZero() {
		address += "?since=" + strconv.FormatInt(since.Unix(), 10)
	}
	answer, err := t.do(ctx, http.MethodGet, address, nil)
	if err != nil {
		return fmt.Errorf("listen at the push channel: %w", cause(ctx, err))
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		silence.Reset(ntfySilence)
		var event struct {
			Event string `json:"event"`
		}
		if err := json.Unmarshal(lines.Bytes(), &event); err != nil {
			return fmt.Errorf("listen at the push channel: what answers is no ntfy server: %w", err)
		}
		switch event.Event {
		case "open":
			opened()
		case "message":
			wake()
		}
	}
	err = lines.Err()
	if err == nil {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("listen at the push channel: %w", cause(ctx, err))
}

// cause is why a request ended, in place of a mere "canceled".
func cause(ctx context.Context, err error) error {
	if c := context.Cause(ctx); c != nil {
		return c
	}
	return err
}

// Wake publishes a wake-up.
func (t Topic) Wake(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, wakeLimit, errSilent)
	defer cancel()
	t, done := t.fresh()
	defer done()
	answer, err := t.do(ctx, http.MethodPost, strings.TrimSuffix(t.URL, "/"), strings.NewReader(wakeWord))
	if err != nil {
		return fmt.Errorf("publish a wake-up: %w", cause(ctx, err))
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<16)) // lets the connection be used again
	return nil
}

// fresh is t with connections of its own: one of before may be dead without having
// said so, and HTTP/2 would use it.
func (t Topic) fresh() (own Topic, done func()) {
	if t.Transport != nil {
		return t, func() {}
	}
	road := http.DefaultTransport.(*http.Transport).Clone()
	t.Transport = road
	return t, road.CloseIdleConnections
}

// do sends a request. Its errors do not hold the address, which is a secret of
// a kind, nor the token.
func (t Topic) do(ctx context.Context, method, address string, body io.Reader) (*http.Response, error) {
	if err := CheckTopic(t.URL); err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, ErrTopic
	}
	if t.Token != "" {
		r.Header.Set("Authorization", "Bearer "+t.Token)
	}
	c := http.Client{Transport: t.Transport, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if r.Method != method || len(via) > 5 {
			return http.ErrUseLastResponse // 301 to 303 make a GET of a POST: its answer would say that it was published
		}
		if via[0].URL.Scheme == "https" && r.URL.Scheme != "https" {
			return http.ErrUseLastResponse // topic and token would go over the line in plain sight
		}
		return nil
	}}
	answer, err := c.Do(r)
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		answer.Body.Close()
		return nil, fmt.Errorf("%s answered %d %s", r.URL.Host, answer.StatusCode, http.StatusText(answer.StatusCode))
	}
	return answer, nil
}
