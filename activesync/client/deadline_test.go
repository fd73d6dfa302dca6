package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

// slow answers after a while, unless the request is given up.
func slow(head, body time.Duration, content []byte, headers ...string) *server {
	return &server{answer: func(r *http.Request) (*http.Response, error) {
		if err := pass(r.Context(), head); err != nil {
			return nil, err
		}
		res := reply(200, nil, headers...)
		res.Body, res.ContentLength = io.NopCloser(&late{ctx: r.Context(), wait: body, r: bytes.NewReader(content)}), int64(len(content))
		return res, nil
	}}
}

func pass(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// late gives one byte at a time, each after a while.
type late struct {
	ctx  context.Context
	wait time.Duration
	r    io.Reader
}

func (l *late) Read(p []byte) (int, error) {
	if err := pass(l.ctx, l.wait); err != nil {
		return 0, err
	}
	return l.r.Read(p[:min(1, len(p))])
}

func TestSilentServerIsGivenUp(t *testing.T) {
	for _, cmd := range commands() {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			err := cmd.call(t.Context(), open(t, slow(24*time.Hour, 0, nil)))
			only(t, cmd.name, err, activesync.ErrUnreachable)
			want := map[string]time.Duration{"OPTIONS": silentOptions, "Ping": 60*time.Second + pingGrace, "Sync": silentSync, "SendMail": silentSync,
				"ItemOperations": silentSync, "FetchAttachment": silentSync}[cmd.name]
			if want == 0 {
				want = silentCommand
			}
			if took := time.Since(began); took != want {
				t.Errorf("%s: given up after %v, want %v", cmd.name, took, want)
			}
			if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v looks as if the caller had given up", cmd.name, err)
			}
		})
	}
}

func TestSlowAnswerThatComesIsWaitedFor(t *testing.T) {
	answers := realAnswers(t)
	for _, cmd := range commands() {
		if answers[cmd.name] == nil {
			continue
		}
		synctest.Test(t, func(t *testing.T) { // 50 s for each byte, an hour in all
			if err := cmd.call(t.Context(), open(t, slow(50*time.Second, 50*time.Second, answers[cmd.name]))); err != nil {
				t.Errorf("%s: %v", cmd.name, err)
			}
		})
	}
}

func TestAnswerThatStopsInTheMiddleIsGivenUp(t *testing.T) {
	answers := realAnswers(t)
	for _, cmd := range commands() {
		if answers[cmd.name] == nil {
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			err := cmd.call(t.Context(), open(t, slow(0, 24*time.Hour, answers[cmd.name])))
			only(t, cmd.name, err, activesync.ErrTruncated)
			if !errors.Is(err, errSilent) {
				t.Errorf("%s: %v does not say that nothing came", cmd.name, err)
			}
		})
	}
}

// Some servers send the head of an answer to a Ping at once.
func TestPingWhoseHeadComesEarlyIsNotCutShort(t *testing.T) {
	body := encode(t, &wire.PingResponse{Status: 1})
	synctest.Test(t, func(t *testing.T) {
		c := open(t, &server{answer: func(r *http.Request) (*http.Response, error) {
			res := reply(200, nil)
			wait := &late{ctx: r.Context(), wait: 27 * time.Minute, r: bytes.NewReader(nil)}
			res.Body, res.ContentLength = io.NopCloser(io.MultiReader(wait, bytes.NewReader(body))), int64(len(body))
			return res, nil
		}})
		if _, err := c.Ping(t.Context(), &wire.PingRequest{HeartbeatInterval: 28 * 60}); err != nil {
			t.Error(err)
		}
	})
}

func TestCancelledByTheCaller(t *testing.T) {
	answers := realAnswers(t)
	for _, cmd := range commands() {
		for name, s := range map[string]func() *server{
			"before the head": func() *server { return slow(24*time.Hour, 0, nil) },
			"in the body":     func() *server { return slow(0, 24*time.Hour, append(answers[cmd.name], 0)) },
		} {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Second, cancel)
				began := time.Now()
				err := cmd.call(ctx, open(t, s()))
				only(t, cmd.name+", "+name, err, nil)
				if !errors.Is(err, context.Canceled) || time.Since(began) != time.Second {
					t.Errorf("%s, %s: %v after %v", cmd.name, name, err, time.Since(began))
				}
			})
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
				defer cancel()
				err := cmd.call(ctx, open(t, s()))
				only(t, cmd.name+", "+name, err, nil)
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s, %s: %v, want that the time was over", cmd.name, name, err)
				}
			})
		}
	}
}
