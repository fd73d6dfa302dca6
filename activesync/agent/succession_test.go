package agent

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"testing"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

func TestAttachedClientsSurviveTheAgent(t *testing.T) {
	f := newFar(t)
	f.add()
	starts := make(chan struct{}, 8)
	var again func()
	cl := NewClient(ClientConfig{Socket: f.socket, Start: func(context.Context) error {
		select {
		case starts <- struct{}{}:
			_, again = serve(t, f.local2(), f.socket)
		default:
		}
		return nil
	}})
	defer cl.Close()
	detach := cl.Attach(true)
	defer detach()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	notices := cl.Subscribe(ctx)
	if p, err := f.client.Presence(t.Context()); err != nil || p.State != activesync.Foreground {
		t.Fatalf("presence %+v, %v", p, err)
	}
	f.stop() // without a word why
	next(t, notices, activesync.NoticeOverflow)
	p, err := cl.Presence(t.Context())
	for i := 0; err == nil && p.State != activesync.Foreground && i < 100; i++ {
		next(t, notices, activesync.NoticePresence)
		p, err = cl.Presence(t.Context())
	}
	if err != nil || p.State != activesync.Foreground || len(starts) != 1 {
		t.Errorf("presence %+v, %v, after %d starts", p, err, len(starts))
	}
	cancel()
	detach()
	cl.Close()
	again()
}

func TestStopIsNotFollowedByASuccessor(t *testing.T) {
	f := newFar(t)
	cl := NewClient(ClientConfig{Socket: f.socket, Start: func(context.Context) error {
		t.Error("a successor was started")
		return errors.New("no")
	}})
	defer cl.Close()
	defer cl.Attach(true)()
	notices := cl.Subscribe(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- f.client.Stop(t.Context()) }()
	<-f.server.Ending()
	f.stop()
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	if _, err := f.client.Hello(t.Context()); !errors.Is(err, ErrNotRunning) {
		t.Errorf("hello after the end: %v", err)
	}
	next(t, notices, activesync.NoticeStopped)
	// Another process starts one: it is followed without a word of this one.
	_, again := serve(t, f.local2(), f.socket)
	defer again()
	next(t, notices, activesync.NoticeOverflow)
}

func TestStaleSocketIsReplaced(t *testing.T) {
	path := socketPath(t)
	for range 2 {
		ln, err := Listen(path, path+".note", slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		ln.(*door).SetUnlinkOnClose(false) // as a killed agent leaves it
		ln.Close()
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Dir(path)+"x", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(filepath.Dir(path)+"x/agent.sock", path+".note", slog.New(slog.DiscardHandler)); err == nil {
		t.Error("a directory that is none was used")
	}
}

func TestNewerVersions(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"1.10.0", "1.9.9", true}, {"v1.2.3", "1.2.3", false}, {"1.2", "1.2.0", false}, {"1.2.1", "1.2", true}, {"1.2.0", "1.2.0-rc1", true},
		{"1.2.0-rc1", "1.2.0", false}, {"dev", "1.0", false}, {"1.0", "dev", false}, {"2.0.0+x", "1.9", true},
		// What go build makes of a clone.
		{"v0.0.0-20261129112301-5d300e577a9f", "v0.0.0-20261128235959-ffffffffffff", true},
		{"v0.0.0-20261128235959-ffffffffffff", "v0.0.0-20261129112301-5d300e577a9f", false},
		{"v0.0.0-20261129112301-5d300e577a9f+dirty", "v0.0.0-20261129112301-5d300e577a9f", false},
		{"v1.2.4-0.20261129112301-5d300e577a9f", "v1.2.3", true}, {"v1.2.4", "v1.2.4-0.20261129112301-5d300e577a9f", true},
	} {
		if got := newer(tt.a, tt.b); got != tt.want {
			t.Errorf("newer(%q, %q) = %v", tt.a, tt.b, got)
		}
	}
}

func TestAnOlderAgentHandsOver(t *testing.T) {
	f := newFar(t)
	var again func()
	cl := NewClient(ClientConfig{Socket: f.socket, Version: "1.1.0", Start: func(context.Context) error {
		_, again = serve(t, f.local2(), f.socket)
		return nil
	}})
	defer cl.Close()
	go func() {
		<-f.server.Ending()
		f.stop()
	}()
	h, err := cl.Connect(t.Context())
	if err != nil || h.Instance == f.local.hub.instance {
		t.Errorf("hello %+v, %v", h, err)
	}
	if again != nil {
		cl.Close()
		again()
	}
}

// Of two agents that are started at once the client takes the one that answers
// first, though its own is not done with giving way.
func TestTheAgentThatAnswersFirstIsTaken(t *testing.T) {
	socket := socketPath(t)
	started := make(chan struct{})
	c := NewClient(ClientConfig{Socket: socket, Version: "1.0.0", Start: func(ctx context.Context) error {
		close(started)
		<-ctx.Done() // it waits for the store that the other one has
		return ctx.Err()
	}})
	defer c.Close()
	connected := make(chan error, 1)
	go func() {
		_, err := c.Connect(t.Context())
		connected <- err
	}()
	<-started
	_, stop := serve(t, newLocalFor(t, server.New(server.Config{}), &shelf{}), socket) // of somebody else
	defer stop()
	if err := <-connected; err != nil {
		t.Error(err)
	}
	// Where the own one only says that the store is in use, the other is waited for.
	stop()
	tries := 0
	again := func() {}
	c = NewClient(ClientConfig{Socket: socket, Version: "1.0.0", Start: func(context.Context) error {
		if tries++; tries == 2 {
			_, again = serve(t, newLocalFor(t, server.New(server.Config{}), &shelf{}), socket)
		}
		return ErrInUse
	}})
	defer c.Close()
	if _, err := c.Connect(t.Context()); err != nil || tries != 2 {
		t.Errorf("after %d tries: %v", tries, err)
	}
	again()
}

// An agent that was killed lets a client in and is gone before it answers.
func TestAnAgentThatDiesOverTheFirstQuestionHasASuccessor(t *testing.T) {
	socket := socketPath(t)
	if err := os.MkdirAll(filepath.Dir(socket), 0o700); err != nil {
		t.Fatal(err)
	}
	dying, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	died := make(chan struct{})
	go func() {
		defer close(died)
		conn, err := dying.Accept()
		dying.Close()
		if err == nil {
			conn.Close()
		}
	}()
	stop := func() {}
	c := NewClient(ClientConfig{Socket: socket, Version: "1.0.0", Start: func(context.Context) error {
		_, stop = serve(t, newLocalFor(t, server.New(server.Config{}), &shelf{}), socket)
		return nil
	}})
	defer c.Close()
	h, err := c.Connect(t.Context())
	if err != nil || h.Version != "1.0.0" {
		t.Errorf("connected to %+v, %v", h, err)
	}
	<-died
	stop()
}
