package notify

import (
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"slices"
	"testing"

	"eas.example/securemail/activesync"
	"eas.example/securemail/notify/notifytest"
)

func newBus(t *testing.T, env map[string]string) *Bus {
	t.Helper()
	b := NewBus(func(name string) string { return env[name] })
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func TestWithoutABusThereIsAWord(t *testing.T) {
	for name, env := range map[string]map[string]string{
		"nothing":              {},
		"no runtime directory": {"XDG_RUNTIME_DIR": "/nowhere"},
		"a bus that is gone":   {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere/bus"},
		"no address":           {"DBUS_SESSION_BUS_ADDRESS": "nonsense"},
	} {
		b := newBus(t, env)
		if name, err := b.Name(t.Context()); err == nil || name != "" {
			t.Errorf("%s: %q, %v", name, name, err)
		}
		if _, err := b.Show(t.Context(), Notice{Title: "x"}, 0); err == nil {
			t.Errorf("%s: shown", name)
		}
	}
	if _, err := newBus(t, nil).Name(t.Context()); !errors.Is(err, errNoBus) {
		t.Errorf("error %v", err)
	}
}

func TestBusWithoutADesktop(t *testing.T) {
	b := newBus(t, map[string]string{"DBUS_SESSION_BUS_ADDRESS": notifytest.Session(t)})
	if _, err := b.Name(t.Context()); err == nil {
		t.Error("a bus without the service is a desktop")
	}
}

func TestBusShowsReplacesWithdrawsAndHears(t *testing.T) {
	address := notifytest.Session(t)
	d := notifytest.Start(t, address, "actions", "body", "body-markup")
	b := newBus(t, map[string]string{"DBUS_SESSION_BUS_ADDRESS": address})
	first, err := b.Name(t.Context())
	if err != nil || first == "" {
		t.Fatal(first, err)
	}
	n := Notice{Title: "Ana", Body: "1 < 2 & <b>", Kind: activesync.NotifyMail, Items: []activesync.ItemID{1},
		Actions: []Action{{ActReply, "Reply"}, {ActRead, "Mark read"}}}
	id, err := b.Show(t.Context(), n, 0)
	if err != nil {
		t.Fatal(err)
	}
	again, err := b.Show(t.Context(), n, id)
	if err != nil || again != id {
		t.Errorf("replaced %d by %d, %v", id, again, err)
	}
	shown, _, _ := d.Shown()
	if len(shown) != 2 || shown[0].Body != "1 &lt; 2 &amp; &lt;b&gt;" || shown[1].Replaces != id ||
		!slices.Equal(shown[0].Actions, []string{"reply", "Reply", "read", "Mark read"}) {
		t.Errorf("shown %+v", shown)
	}
	if err := d.Invoke(id, ActRead); err != nil {
		t.Fatal(err)
	}
	if e := <-b.Events(); e != (DesktopEvent{ID: id, Action: ActRead}) {
		t.Errorf("event %+v", e)
	}
	if err := b.Withdraw(t.Context(), id); err != nil {
		t.Error(err)
	}
	if e := <-b.Events(); e != (DesktopEvent{ID: id}) {
		t.Errorf("event %+v", e)
	}
	if err := d.Leave(); err != nil {
		t.Fatal(err)
	}
	notifytest.Start(t, address)
	if second, err := b.Name(t.Context()); err != nil || second == first {
		t.Errorf("after a restart of the desktop: %q, %v", second, err)
	}
	if _, err := b.Show(t.Context(), n, 0); err != nil {
		t.Error(err)
	}
}

// What another program on the bus says to have been clicked does nothing: it could
// delete mail so.
func TestOnlyTheDesktopSaysWhatWasClicked(t *testing.T) {
	address := notifytest.Session(t)
	d := notifytest.Start(t, address, "actions")
	b := newBus(t, map[string]string{"DBUS_SESSION_BUS_ADDRESS": address})
	id, err := b.Show(t.Context(), Notice{Title: "Ana", Actions: []Action{{ActDelete, "Delete"}}}, 0)
	if err != nil {
		t.Fatal(err)
	}
	notifytest.Forge(t, address, b.conn.Names()[0], id, ActDelete)
	if err := d.Invoke(id, ActRead); err != nil {
		t.Fatal(err)
	}
	if e := <-b.Events(); e != (DesktopEvent{ID: id, Action: ActRead}) {
		t.Errorf("event %+v", e)
	}
}

// A bus that accepts and never answers is given up.
func TestAMuteBusIsGivenUp(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "bus")
	ln, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	ctx, give := context.WithCancel(t.Context())
	go func() {
		if conn, err := ln.Accept(); err == nil {
			defer conn.Close()
			_, _ = conn.Read(make([]byte, 1)) // somebody waits for an answer
			give()
			_, _ = io.Copy(io.Discard, conn)
		}
	}()
	if name, err := newBus(t, map[string]string{"DBUS_SESSION_BUS_ADDRESS": "unix:path=" + socket}).Name(ctx); err == nil {
		t.Errorf("a mute bus is %q", name)
	}
}
