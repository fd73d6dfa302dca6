package notify

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/notify/notifytest"
)

func TestNtfyTellsOfNewsAndOfWhatWasMissed(t *testing.T) {
	n, s := notifytest.StartNtfy(t, "tk_secret")
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
	n.Cut()
	if err := <-done; err == nil {
		t.Error("a broken connection is no error")
	}
	done = listen(time.Time{})
	<-opened
	n.Cut()
	<-done
	if len(woken) != 0 {
		t.Error("an old wake-up was told again")
	}
	for _, m := range n.Messages() {
		if m != wakeWord {
			t.Errorf("a wake-up says %q", m)
		}
	}
}

func TestNtfyRefusalHoldsNoSecret(t *testing.T) {
	_, s := notifytest.StartNtfy(t, "tk_secret")
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
	_, s := notifytest.StartNtfy(t, "tk_secret")
	ctx, cancel := context.WithCancel(t.Context())
	err := Topic{URL: s.URL + "/box", Token: "tk_secret"}.Listen(ctx, time.Time{}, cancel, func() {})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// A server that was moved to another address may answer a wake-up with a page.
func TestNtfyThatWasMovedIsNoSuccess(t *testing.T) {
	n, s := notifytest.StartNtfy(t, "tk")
	for status, published := range map[int]bool{http.StatusMovedPermanently: false, http.StatusPermanentRedirect: true} {
		moved := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				http.Redirect(w, r, map[bool]string{false: "/page", true: s.URL + "/box"}[published], status)
			}
		}))
		err := Topic{URL: moved.URL + "/box", Token: "tk"}.Wake(t.Context())
		if (err == nil) != published {
			t.Errorf("%d: %v; %d were published", status, err, len(n.Messages()))
		}
		moved.Close()
	}
}

// Neither the topic nor its token leaves TLS, where a server points out of it.
func TestNtfyStaysWithTLS(t *testing.T) {
	plain := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s was asked for without TLS", r.URL) }))
	defer plain.Close()
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, plain.URL+r.URL.Path, http.StatusTemporaryRedirect)
	}))
	defer s.Close()
	topic := Topic{URL: s.URL + "/box", Token: "tk_secret", Transport: s.Client().Transport}
	if err := topic.Wake(t.Context()); err == nil || !strings.Contains(err.Error(), "307") {
		t.Errorf("publishing gave %v", err)
	}
	if err := topic.Listen(t.Context(), time.Time{}, func() {}, func() {}); err == nil || !strings.Contains(err.Error(), "307") {
		t.Errorf("listening gave %v", err)
	}
}

// A server that takes a wake-up and says nothing does not hold the relay up.
func TestAMuteNtfyIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mute := roundTrip(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		began := time.Now()
		err := Topic{URL: "https://ntfy.test/box", Transport: mute}.Wake(t.Context())
		if took := time.Since(began); !errors.Is(err, errSilent) || took > time.Minute {
			t.Errorf("after %s: %v", took, err)
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
