package engine_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
)

// line is a network that can go away. What is under way then breaks off; the
// server may have seen it.
type line struct {
	next  http.RoundTripper
	delay func(context.Context) // before a request and its answer; nil is none

	mu      sync.Mutex
	down    bool
	tries   int // while it was down
	last    int
	pending map[int]context.CancelFunc
}

var errNoNetwork = errors.New("network is unreachable")

// cut breaks off what is under way, and lets nothing through while down.
func (l *line) cut(down bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = down
	for _, stop := range l.pending {
		stop()
	}
}

// refused is how often something was tried while it was down.
func (l *line) refused() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tries
}

func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	if l.down {
		l.tries++
		l.mu.Unlock()
		return nil, errNoNetwork
	}
	ctx, stop := context.WithCancel(r.Context())
	defer stop()
	if l.pending == nil {
		l.pending = map[int]context.CancelFunc{}
	}
	l.last++
	n := l.last
	l.pending[n] = stop
	l.mu.Unlock()
	res, err := l.carry(r.WithContext(ctx))
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.pending, n)
	switch {
	case r.Context().Err() != nil:
		return nil, r.Context().Err()
	case ctx.Err() != nil:
		return nil, errNoNetwork
	}
	return res, err
}

func (l *line) carry(r *http.Request) (*http.Response, error) {
	if l.delay == nil {
		return l.next.RoundTrip(r)
	}
	l.delay(r.Context())
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	res, err := l.next.RoundTrip(r)
	l.delay(r.Context())
	return res, err
}
