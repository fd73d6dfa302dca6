package secret

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"

	"eas.example/securemail/activesync"
	"eas.example/securemail/notify/notifytest"
	"eas.example/securemail/store/secret/ringtest"
)

func newRing(t *testing.T) (*SystemRing, *ringtest.Service) {
	t.Helper()
	if runtime.GOOS == "darwin" {
		t.Skip("the Keychain is the person's own")
	}
	address := notifytest.Session(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
	return &SystemRing{Address: func() (string, error) { return address, nil }}, ringtest.Start(t, address)
}

func TestSystemRing(t *testing.T) {
	r, s := newRing(t)
	ctx := t.Context()
	if _, err := r.Get(ctx, "a", false); !errors.Is(err, ErrNotInRing) {
		t.Errorf("an unknown name: %v", err)
	}
	if err := r.Set(ctx, "a", "word", false); err != nil {
		t.Fatal(err)
	}
	if v, err := r.Get(ctx, "a", false); err != nil || v != "word" {
		t.Errorf("%q, %v", v, err)
	}

	s.Lock()
	if _, err := r.Get(ctx, "a", false); !errors.Is(err, errRingLocked) || s.Prompts() != 0 {
		t.Errorf("locked: %v, %d prompts", err, s.Prompts())
	}
	if err := r.Set(ctx, "b", "word", false); !errors.Is(err, errRingLocked) {
		t.Errorf("locked: %v", err)
	}
	s.Refuse(true)
	if _, err := r.Get(ctx, "a", true); !errors.Is(err, errRingLocked) || s.Prompts() != 1 {
		t.Errorf("dismissed: %v, %d prompts", err, s.Prompts())
	}
	s.Refuse(false)
	if v, err := r.Get(ctx, "a", true); err != nil || v != "word" || s.Prompts() != 2 {
		t.Errorf("unlocked by the person: %q, %v, %d prompts", v, err, s.Prompts())
	}
	if err := r.Delete(ctx, "a"); err != nil {
		t.Error(err)
	}
	if err := r.Delete(ctx, "a"); err != nil {
		t.Errorf("again: %v", err)
	}
	if names := s.Names(); len(names) != 0 {
		t.Errorf("left %v", names)
	}
	if err := s.Leave(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Get(ctx, "a", false); !errors.Is(err, errRingUnasked) {
		t.Errorf("a bus without the service: %v", err)
	}
}

// A question that nobody answers is not asked again beside it, and ends with the
// session.
func TestAQuestionOfTheKeyringThatNobodyAnswers(t *testing.T) {
	failed, asked := make(chan error, 1), false
	t.Run("session", func(t *testing.T) {
		r, s := newRing(t)
		s.Lock()
		there := s.Hold()
		asked = true
		go func() {
			_, err := r.Get(context.Background(), "a", true)
			failed <- err
		}()
		<-there
		if _, err := r.Get(t.Context(), "a", true); !errors.Is(err, errRingAsks) || s.Prompts() != 1 {
			t.Errorf("a second question: %v, %d prompts", err, s.Prompts())
		}
	})
	if !asked {
		t.Skip("there is no bus")
	}
	if err := <-failed; err == nil || errors.Is(err, ErrNotInRing) {
		t.Errorf("the session has ended: %v", err)
	}
}

func TestWithoutABusThereIsNoKeyring(t *testing.T) {
	if runtime.GOOS == "darwin" {
		t.Skip("there always is one")
	}
	none := errors.New("no bus")
	for _, r := range []*SystemRing{{}, {Address: func() (string, error) { return "", none }},
		{Address: func() (string, error) { return "unix:path=/nowhere/bus", nil }}} {
		if _, err := r.Get(t.Context(), "a", true); err == nil || errors.Is(err, ErrNotInRing) {
			t.Errorf("error %v", err)
		}
	}
}

// The whole way: a key in a keyring that is locked, unlocked, gone and back.
func TestKeyInTheSystemRing(t *testing.T) {
	r, s := newRing(t)
	f := KeyFile{Path: t.TempDir() + "/key", Ring: r}
	k, err := f.Make(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	names := s.Names()
	s.Lock()
	if _, err := f.Open(t.Context(), Attempt{}); !errors.Is(err, activesync.ErrLocked) {
		t.Errorf("locked: %v", err)
	}
	if got, err := f.Open(t.Context(), Attempt{Ask: true}); err != nil || got != k {
		t.Errorf("unlocked: %v", err)
	}
	if err := f.Hold(t.Context(), k, activesync.KeyChoice{Holder: activesync.KeyInKeyring}); err != nil {
		t.Fatal(err)
	}
	if now := s.Names(); len(now) != 1 || slices.Equal(now, names) {
		t.Errorf("in the keyring: %v, before %v", now, names)
	}
}
