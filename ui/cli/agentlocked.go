package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/store"
	"eas.example/securemail/store/paths"
	"eas.example/securemail/store/secret"
)

// ringAgain is how often a locked agent looks whether the keyring is open now:
// logging in opens it, and nobody tells.
const ringAgain = 15 * time.Second

// lockedAgent is an agent whose key is not at hand. It has the lock of the store,
// so that no second one begins, and opens the rest when somebody gives the key.
type lockedAgent struct {
	app   *app
	paths paths.Paths
	o     houseOptions

	mu    sync.Mutex
	state activesync.KeyState // guarded by mu

	opening sync.Mutex    // held while the key is tried, which may ask a person
	hold    io.Closer     // guarded by opening; the store's lock
	house   *house        // guarded by opening; nil until it is open
	ended   bool          // guarded by opening; nothing is opened any more
	opened  chan struct{} // closed when house is there
	since   time.Time
}

// awaitKey answers on the socket until the key is at hand, and returns what was
// opened with it, and the socket. Both are nil where the agent was ended before.
func (a *app) awaitKey(ctx context.Context, p paths.Paths, o houseOptions, boss agent.Supervisor, why error) (h *house, ln net.Listener, err error) {
	w := &lockedAgent{app: a, paths: p, o: o, opened: make(chan struct{}), since: time.Now()}
	if w.state, err = o.keys.file.State(); err != nil {
		return nil, nil, err
	}
	w.state.Locked, w.state.Why = true, reason(why)
	if w.hold, err = store.Reserve(p.Store); err != nil {
		if errors.Is(err, store.ErrLocked) {
			err = inUse{err}
		}
		return nil, nil, err
	}
	defer func() {
		if h == nil {
			err = errors.Join(err, w.hold.Close())
		}
	}()
	file, err := agent.OpenLog(p.Log, o.crash)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	log := slog.New(slog.NewTextHandler(file, nil))
	if ln, err = agent.Listen(p.Socket, p.Listens, log); err != nil {
		return nil, nil, err
	}
	log.Info("agent waits for the key", "version", a.version, "pid", os.Getpid(), "holder", string(w.state.Holder))
	if err = w.serve(ctx, ln, boss, log); err != nil || w.house == nil {
		return nil, nil, errors.Join(err, ln.Close())
	}
	log.Info("agent is unlocked")
	return w.house, ln, nil
}

// serve runs until the key is at hand, or the agent is ended.
func (w *lockedAgent) serve(ctx context.Context, ln net.Listener, boss agent.Supervisor, log *slog.Logger) error {
	srv := agent.NewLockedServer(agent.Lock{State: w.now, Presence: w.presence, Unlock: w.unlock}, w.app.version, log)
	defer srv.Release()
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	var wait sync.WaitGroup
	var failure error
	wait.Go(func() {
		failure = srv.ServeFor(life, ln)
		end()
	})
	wait.Go(func() { w.tryAgain(life) })
	wait.Go(func() { boss.Watch(life, func(context.Context) error { return nil }) })
	wait.Go(func() {
		if err := watchFiles(life, w.paths, log, end); err != nil {
			log.Warn("the agent ends", "error", err)
			end()
		}
	})
	ready := errors.Join(boss.Tell("READY=1"), agent.Report(nil))
	if ready != nil {
		log.Warn("nobody was told that the agent listens", "error", ready)
	}
	select {
	case <-w.opened:
	case <-ctx.Done():
		srv.Stopped()
	case <-srv.Ending():
	case <-life.Done():
	}
	end()
	wait.Wait()
	w.opening.Lock()
	defer w.opening.Unlock()
	w.ended = true
	if srv.HandedOver() {
		return errors.Join(failure, errHandedOver)
	}
	return failure
}

// tryAgain looks at the keyring from time to time, without a question to the
// person. A command may have one, and is run only when somebody is there.
func (w *lockedAgent) tryAgain(ctx context.Context) {
	if w.now().Holder != activesync.KeyInKeyring {
		return
	}
	tick := time.NewTicker(ringAgain)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			_ = w.open(ctx, secret.Attempt{}) // why not stands in the state
		case <-w.opened:
			return
		case <-ctx.Done():
			return
		}
	}
}

func (w *lockedAgent) now() activesync.KeyState {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.state
}

func (w *lockedAgent) presence() activesync.Presence {
	s := lockedPresence(w.paths, w.now().Why)
	s.PID, s.Version, s.Since = os.Getpid(), w.app.version, w.since
	return s
}

// unlock is what a person asks for.
func (w *lockedAgent) unlock(ctx context.Context, passphrase string) error {
	return w.open(ctx, secret.Attempt{Passphrase: passphrase, Ask: true})
}

func (w *lockedAgent) open(ctx context.Context, try secret.Attempt) error {
	w.opening.Lock()
	defer w.opening.Unlock()
	switch {
	case w.house != nil:
		return nil
	case w.ended:
		return errors.New("the background process ends")
	}
	k, err := w.app.openKeys(ctx, w.paths, try)
	if err != nil {
		if errors.Is(err, activesync.ErrLocked) {
			w.mu.Lock()
			w.state.Why = reason(err)
			w.mu.Unlock()
		}
		return err
	}
	if err := w.hold.Close(); err != nil {
		return fmt.Errorf("give the store free: %w", err)
	}
	w.o.keys = k
	h, err := openHouse(w.paths, w.o)
	if err != nil {
		w.hold = io.NopCloser(nil)
		if again, rerr := store.Reserve(w.paths.Store); rerr == nil {
			w.hold = again
		}
		return err
	}
	w.house = h
	close(w.opened)
	return nil
}

// reason is why the key is not at hand, without the words that it is not.
func reason(err error) string {
	if e, ok := errors.AsType[*secret.LockedError](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}
