package secret

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/zalando/go-keyring"
)

// Ring keeps short secrets by name. An error other than ErrNotInRing says that it
// cannot be told now what is in it.
type Ring interface {
	// Get asks the person to unlock the keyring only where ask says so.
	Get(ctx context.Context, name string, ask bool) (string, error)
	Set(ctx context.Context, name, value string, ask bool) error
	// Delete is no error where there is nothing.
	Delete(ctx context.Context, name string) error
}

var (
	// ErrNotInRing: the keyring is open and has no such name.
	ErrNotInRing = errors.New("the keyring has no such name")

	errRingLocked  = errors.New("the keyring is locked")
	errRingAsks    = errors.New("the keyring waits for an answer to its question on the desktop")
	errRingUnasked = errors.New("no keyring runs in this session")
)

const (
	ringName = "securemail"
	// ringLimit is how long a keyring may take; askLimit is how long a person may.
	ringLimit = 3 * time.Second
	askLimit  = time.Minute
)

// SystemRing is the keyring of this system: the Secret Service of the session bus,
// or the Keychain of macOS.
type SystemRing struct {
	// Address finds the session bus. The library starts one where there is none, so
	// that it is not used before one was found.
	Address func() (string, error)

	mu   sync.Mutex
	busy bool // a question to the keyring is under way
}

// Get implements Ring.
func (r *SystemRing) Get(ctx context.Context, name string, ask bool) (value string, err error) {
	got := make(chan string, 1)
	err = r.do(ctx, ask, func() error {
		v, err := keyring.Get(ringName, name)
		got <- v
		return err
	})
	if err != nil {
		return "", err
	}
	return <-got, nil
}

// Set implements Ring.
func (r *SystemRing) Set(ctx context.Context, name, value string, ask bool) error {
	return r.do(ctx, ask, func() error { return keyring.Set(ringName, name, value) })
}

// Delete implements Ring.
func (r *SystemRing) Delete(ctx context.Context, name string) error {
	err := r.do(ctx, false, func() error { return keyring.Delete(ringName, name) })
	if errors.Is(err, ErrNotInRing) {
		return nil
	}
	return err
}

// do runs one call of the library, which cannot be interrupted: one that waits
// for a person goes on when nobody waits for it any more, and no second one is
// begun beside it.
func (r *SystemRing) do(ctx context.Context, ask bool, call func() error) error {
	limit := ringLimit
	if ask {
		limit = askLimit
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := r.ready(ctx, ask); err != nil {
		return err
	}
	r.mu.Lock()
	if r.busy {
		r.mu.Unlock()
		return errRingAsks
	}
	r.busy = true
	r.mu.Unlock()
	done := make(chan error, 1)
	go func() {
		err := guarded(call)
		r.mu.Lock()
		r.busy = false
		r.mu.Unlock()
		done <- err
	}()
	select {
	case err := <-done:
		return ringError(err)
	case <-ctx.Done():
		return errRingAsks
	}
}

// guarded makes an error of what the library does where the bus ends while it
// waits for a person: it reads a signal that never came.
func guarded(call func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("ask the keyring: it broke off: %v", p)
		}
	}()
	return call()
}

// ready says why there is no keyring that answers. On macOS that is seen only by
// using it.
func (r *SystemRing) ready(ctx context.Context, ask bool) error {
	if runtime.GOOS == "darwin" {
		return nil
	}
	if r.Address == nil {
		return errRingUnasked
	}
	address, err := r.Address()
	if err != nil {
		return err
	}
	conn, err := dbus.Connect(address, dbus.WithContext(ctx))
	if err != nil {
		return fmt.Errorf("reach D-Bus: %w", err)
	}
	defer conn.Close()
	locked, err := ringIsLocked(ctx, conn)
	switch {
	case err != nil:
		return err
	case locked && !ask:
		return errRingLocked
	}
	return nil
}

// ringIsLocked asks for the collection that the library uses: that of the log-in,
// else the default one (Secret Service API 0.2).
func ringIsLocked(ctx context.Context, conn *dbus.Conn) (bool, error) {
	var err error
	for _, path := range []dbus.ObjectPath{"/org/freedesktop/secrets/collection/login", "/org/freedesktop/secrets/aliases/default"} {
		var v dbus.Variant
		err = conn.Object("org.freedesktop.secrets", path).
			CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, "org.freedesktop.Secret.Collection", "Locked").Store(&v)
		if locked, ok := v.Value().(bool); err == nil && ok {
			return locked, nil
		}
	}
	return false, ringError(err)
}

// ringError gives an error of the library and of the bus its meaning.
func ringError(err error) error {
	var bus dbus.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, keyring.ErrNotFound):
		return ErrNotInRing
	case errors.Is(err, keyring.ErrUnsupportedPlatform):
		return errRingUnasked
	case errors.As(err, &bus) && strings.HasPrefix(bus.Name, "org.freedesktop.DBus.Error.ServiceUnknown"), errors.As(err, &bus) && strings.Contains(bus.Name, "Spawn"):
		return errRingUnasked
	case errors.As(err, &bus) && bus.Name == "org.freedesktop.Secret.Error.IsLocked", strings.HasPrefix(err.Error(), "failed to unlock"):
		return errRingLocked
	case errors.Is(err, context.DeadlineExceeded):
		return errors.New("the keyring does not answer")
	}
	return fmt.Errorf("ask the keyring: %w", err)
}
