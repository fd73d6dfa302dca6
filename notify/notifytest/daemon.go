// Package notifytest is what package notify speaks to, for tests: a session bus
// with a service of the Desktop Notifications Specification on it that records
// what it is asked to show, and an ntfy server. Both may be used by several
// goroutines.
package notifytest

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"
)

const (
	service = "org.freedesktop.Notifications"
	path    = dbus.ObjectPath("/org/freedesktop/Notifications")
)

// Session starts a session bus for the time of a test and returns its address.
// Without dbus-run-session the test is skipped.
func Session(t testing.TB) (address string) {
	t.Helper()
	program, err := exec.LookPath("dbus-run-session")
	if err != nil {
		t.Skip("dbus-run-session is not installed")
	}
	cmd := exec.Command(program, "--", "sh", "-c", `echo "$DBUS_SESSION_BUS_ADDRESS"; exec cat`)
	in, err := cmd.StdinPipe() // the session ends with it
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("start a session bus: %v", err)
	}
	return strings.TrimSpace(line)
}

// Notification is one that the daemon was asked to show.
type Notification struct {
	ID       uint32
	Replaces uint32
	Title    string
	Body     string
	Actions  []string // keys and labels in turn
}

// Daemon shows notifications to nobody.
type Daemon struct {
	conn *dbus.Conn
	caps []string

	mu      sync.Mutex
	last    uint32
	changed chan struct{} // closed at every change
	shown   []Notification
	closed  []uint32
}

// Start puts a daemon with these capabilities on a bus, until the test ends.
func Start(t testing.TB, address string, capabilities ...string) *Daemon {
	t.Helper()
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	d := &Daemon{conn: conn, caps: capabilities, changed: make(chan struct{})}
	if err := conn.ExportMethodTable(map[string]any{
		"GetCapabilities": d.getCapabilities, "Notify": d.notify, "CloseNotification": d.closeNotification,
	}, path, service); err != nil {
		t.Fatal(err)
	}
	if reply, err := conn.RequestName(service, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("own the name of the service: %v, %v", reply, err)
	}
	return d
}

func (d *Daemon) getCapabilities() ([]string, *dbus.Error) { return d.caps, nil }

func (d *Daemon) notify(_ string, replaces uint32, _, title, body string, actions []string, _ map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	id := replaces
	if id == 0 {
		d.last++
		id = d.last
	}
	d.shown = append(d.shown, Notification{id, replaces, title, body, actions})
	d.tell()
	return id, nil
}

func (d *Daemon) closeNotification(id uint32) *dbus.Error {
	d.mu.Lock()
	d.closed = append(d.closed, id)
	d.tell()
	d.mu.Unlock()
	if err := d.conn.Emit(path, service+".NotificationClosed", id, uint32(3)); err != nil {
		return dbus.MakeFailedError(err)
	}
	return nil
}

// tell wakes those who wait. The caller holds mu.
func (d *Daemon) tell() {
	close(d.changed)
	d.changed = make(chan struct{})
}

// Shown are all notifications so far, and a channel that is closed when
// something changes.
func (d *Daemon) Shown() (all []Notification, closed []uint32, changed <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]Notification(nil), d.shown...), append([]uint32(nil), d.closed...), d.changed
}

// Invoke is the person who clicks on an action.
func (d *Daemon) Invoke(id uint32, action string) error {
	if err := d.conn.Emit(path, service+".ActionInvoked", id, action); err != nil {
		return fmt.Errorf("invoke %s: %w", action, err)
	}
	return nil
}

// Forge is another program on the bus that claims the same click, once told to
// everybody and once to one program alone.
func Forge(t testing.TB, address, to string, id uint32, action string) {
	t.Helper()
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.Emit(path, service+".ActionInvoked", id, action); err != nil {
		t.Fatal(err)
	}
	signal := &dbus.Message{Type: dbus.TypeSignal, Headers: map[dbus.HeaderField]dbus.Variant{
		dbus.FieldPath: dbus.MakeVariant(path), dbus.FieldInterface: dbus.MakeVariant(service),
		dbus.FieldMember: dbus.MakeVariant("ActionInvoked"), dbus.FieldDestination: dbus.MakeVariant(to),
		dbus.FieldSignature: dbus.MakeVariant(dbus.SignatureOf(id, action)),
	}, Body: []any{id, action}}
	if call := conn.Send(signal, nil); call != nil && call.Err != nil {
		t.Fatal(call.Err)
	}
	// An answer of the bus: it has handed on what came before.
	if err := conn.BusObject().Call("org.freedesktop.DBus.GetId", 0).Err; err != nil {
		t.Fatal(err)
	}
}

// Leave ends the daemon, as a desktop that crashes.
func (d *Daemon) Leave() error { return d.conn.Close() }
