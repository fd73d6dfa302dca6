package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"eas.example/securemail/activesync"
)

// Keys changes what holds the key under which everything is sealed.
type Keys interface {
	State() (activesync.KeyState, error)
	Hold(ctx context.Context, c activesync.KeyChoice) error
}

// Key says what holds the key.
func (l *Local) Key(context.Context) (activesync.KeyState, error) {
	if l.Keys == nil {
		return activesync.KeyState{}, fmt.Errorf("%w: nothing that is kept here is sealed", activesync.ErrRejected)
	}
	return l.Keys.State()
}

// HoldKey has something else hold the key; nothing is sealed anew.
func (l *Local) HoldKey(ctx context.Context, c activesync.KeyChoice) error {
	if l.Keys == nil {
		_, err := l.Key(ctx)
		return err
	}
	if err := l.Keys.Hold(ctx, c); err != nil {
		return err
	}
	l.Log.Info("the key is held anew", "by", string(c.Holder))
	return nil
}

// Unlock does nothing: what runs is open.
func (l *Local) Unlock(context.Context, string) error { return nil }

// unlockQuestion goes over the socket, which only this person can use, and is
// kept nowhere.
type unlockQuestion struct {
	Passphrase string `json:"passphrase,omitempty"`
}

// keyCalls are those about the key.
type keyCalls struct {
	key     call[nothing, activesync.KeyState]
	holdKey call[activesync.KeyChoice, nothing]
	unlock  call[unlockQuestion, nothing]
}

func newKeyCalls(t *table) keyCalls {
	return keyCalls{
		key:     bare(t, "key", again, (*Local).Key),
		holdKey: by(t, "key/hold", once, done((*Local).HoldKey)),
		unlock: on(t, "key/unlock", again, func(ctx context.Context, l *Local, q unlockQuestion) (nothing, error) {
			return nothing{}, l.Unlock(ctx, q.Passphrase)
		}),
	}
}

// Key is Local.Key.
func (c *Client) Key(ctx context.Context) (activesync.KeyState, error) {
	return c.calls.key.ask(ctx, c, nothing{})
}

// HoldKey is Local.HoldKey.
func (c *Client) HoldKey(ctx context.Context, k activesync.KeyChoice) error {
	return tell(ctx, c.calls.holdKey, c, k)
}

// Unlock gives a locked agent the passphrase, or has it look again whether
// something else gives the key.
func (c *Client) Unlock(ctx context.Context, passphrase string) error {
	err := tell(ctx, c.calls.unlock, c, unlockQuestion{passphrase})
	if err == nil {
		c.found() // streams wait no longer
	}
	return err
}

// Lock is the part of an agent that runs while the key of the store is not at
// hand.
type Lock struct {
	State    func() activesync.KeyState
	Presence func() activesync.Presence
	// Unlock opens everything, with a passphrase where one is needed.
	Unlock func(ctx context.Context, passphrase string) error
}

// NewLockedServer makes a server that says that it is locked, and can be unlocked
// or stopped.
func NewLockedServer(lock Lock, version string, log *slog.Logger) *Server {
	s := NewServer(nil, version, log)
	s.lock, s.aside = &lock, make(chan struct{})
	return s
}

// ServeFor is Serve that leaves the socket open for who comes after it.
func (s *Server) ServeFor(ctx context.Context, ln net.Listener) error {
	d, ok := ln.(*door)
	if !ok {
		return errors.New("this is no socket of an agent")
	}
	err := s.Serve(ctx, &lent{door: d, closed: s.aside})
	return errors.Join(err, d.SetDeadline(time.Time{}))
}

// lent is a socket that is only woken where it would be closed.
type lent struct {
	*door
	once   sync.Once
	closed chan struct{}
}

func (l *lent) Close() error {
	err := l.SetDeadline(time.Unix(1, 0))
	l.once.Do(func() { close(l.closed) })
	return err
}

func (s *Server) lockedHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+root+"hello", s.hello)
	mux.HandleFunc("POST "+root+"stop", s.stopAsked)
	mux.HandleFunc("POST "+root+"presence", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, s.lock.Presence()) })
	mux.HandleFunc("POST "+root+"key", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, s.lock.State()) })
	mux.HandleFunc("POST "+root+"key/unlock", func(w http.ResponseWriter, r *http.Request) {
		var q unlockQuestion
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&q); err != nil && !errors.Is(err, io.EOF) {
			fail(w, http.StatusBadRequest, errors.New("read the question: it makes no sense")) // the cause would quote it
			return
		}
		if err := s.lock.Unlock(r.Context(), q.Passphrase); err != nil {
			fail(w, http.StatusLocked, err)
			return
		}
		// Who hears of it asks on, and is to meet the one that has what was opened.
		select {
		case <-s.aside:
		case <-r.Context().Done():
		}
		w.Header().Set("Connection", "close")
		writeJSON(w, nothing{})
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		select {
		case <-s.aside:
			panic(http.ErrAbortHandler) // it is asked again
		default:
		}
		fail(w, http.StatusLocked, fmt.Errorf("%w: %s", activesync.ErrLocked, s.lock.State().Why))
	})
	return mux
}
