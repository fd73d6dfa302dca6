package notify

import (
	"context"
	"errors"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/godbus/dbus/v5"

	"eas.example/securemail/activesync"
)

// The Desktop Notifications Specification, 1.2.
const (
	busService = "org.freedesktop.Notifications"
	busPath    = dbus.ObjectPath("/org/freedesktop/Notifications")
	// busLimit is how long the desktop may take to answer.
	busLimit = 3 * time.Second
	// busQuiet is how long a desktop that could not be reached is left alone.
	busQuiet = 15 * time.Second
)

// Bus is the desktop on the session bus of the person. It connects when it is
// first needed, and again after the bus or the desktop was restarted.
type Bus struct {
	getenv func(string) string
	events chan DesktopEvent
	owner  atomic.Pointer[string] // whose signals count: of the service, as it was last seen

	mu     sync.Mutex
	conn   *dbus.Conn
	caps   []string
	failed time.Time
	err    error
	wait   sync.WaitGroup
}

// NewBus makes a Bus that finds the session bus by the environment. It does
// nothing before it is used; Close ends it.
func NewBus(getenv func(string) string) *Bus {
	return &Bus{getenv: getenv, events: make(chan DesktopEvent, 64)}
}

// errNoBus is why there is no desktop.
var errNoBus = errors.New("this session has no D-Bus")

// SessionBus is the address of the session bus. Asked for itself, the library
// would start a bus of its own where there is none.
func SessionBus(getenv func(string) string) (string, error) {
	if a := getenv("DBUS_SESSION_BUS_ADDRESS"); a != "" {
		return a, nil
	}
	if dir := getenv("XDG_RUNTIME_DIR"); dir != "" {
		socket := filepath.Join(dir, "bus")
		if _, err := os.Stat(socket); err == nil {
			return "unix:path=" + socket, nil
		}
	}
	return "", errNoBus
}

// Events are what the person does with notifications.
func (b *Bus) Events() <-chan DesktopEvent { return b.events }

// Close lets go of the bus.
func (b *Bus) Close() error {
	b.mu.Lock()
	conn := b.conn
	b.conn = nil
	b.mu.Unlock()
	var err error
	if conn != nil {
		err = conn.Close()
	}
	b.wait.Wait()
	return err
}

// connect returns the connection that there is, or a new one. The caller holds mu.
func (b *Bus) connect(ctx context.Context) (*dbus.Conn, error) {
	if b.conn != nil && b.conn.Connected() {
		return b.conn, nil
	}
	if b.conn != nil {
		b.conn.Close()
		b.conn = nil
	}
	if b.err != nil && time.Since(b.failed) < busQuiet {
		return nil, b.err
	}
	conn, err := b.dial(ctx)
	if err != nil {
		b.err, b.failed = err, time.Now()
		return nil, err
	}
	b.conn, b.err = conn, nil
	return conn, nil
}

func (b *Bus) dial(ctx context.Context) (*dbus.Conn, error) {
	address, err := SessionBus(b.getenv)
	if err != nil {
		return nil, err
	}
	conn, err := dbus.Dial(address)
	if err != nil {
		return nil, fmt.Errorf("reach D-Bus: %w", err)
	}
	// A bus that was stopped accepts, and never answers.
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	err = conn.Auth(nil)
	if err == nil {
		err = conn.Hello()
	}
	if err == nil {
		err = conn.AddMatchSignalContext(ctx, dbus.WithMatchInterface(busService), dbus.WithMatchObjectPath(busPath))
	}
	if err == nil {
		// The first call starts the service where the bus knows how to.
		err = conn.Object(busService, busPath).CallWithContext(ctx, busService+".GetCapabilities", 0).Store(&b.caps)
	}
	if err == nil {
		_, err = b.findOwner(ctx, conn)
	}
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("reach the desktop's notifications: %w", err)
	}
	signals := make(chan *dbus.Signal, 64)
	conn.Signal(signals)
	b.wait.Go(func() {
		for s := range signals { // closed with the connection
			if e, ok := busEvent(s); ok && s.Sender == *b.owner.Load() { // others can send us the same
				select {
				case b.events <- e:
				default: // nobody acts on them
				}
			}
		}
	})
	return conn, nil
}

// busEvent reads a signal of the desktop.
func busEvent(s *dbus.Signal) (DesktopEvent, bool) {
	var e DesktopEvent
	var reason uint32
	var err error
	switch s.Name {
	case busService + ".ActionInvoked":
		err = dbus.Store(s.Body, &e.ID, &e.Action)
	case busService + ".NotificationReplied": // of KDE and others that have "inline-reply"
		e.Action = ActInline
		err = dbus.Store(s.Body, &e.ID, &e.Text)
	case busService + ".NotificationClosed":
		err = dbus.Store(s.Body, &e.ID, &reason)
	default:
		return e, false
	}
	return e, err == nil
}

// Name is the desktop's unique name on the bus, with that of the bus.
func (b *Bus) Name(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, busLimit)
	defer cancel()
	b.mu.Lock()
	defer b.mu.Unlock()
	conn, err := b.connect(ctx)
	if err != nil {
		return "", err
	}
	var bus string
	if err := conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetId", 0).Store(&bus); err != nil {
		return "", fmt.Errorf("reach D-Bus: %w", err)
	}
	owner, err := b.findOwner(ctx, conn)
	if err != nil {
		return "", fmt.Errorf("reach the desktop's notifications: %w", err)
	}
	return bus + " " + owner, nil
}

// findOwner asks who is the service now. From then on its signals alone count.
func (b *Bus) findOwner(ctx context.Context, conn *dbus.Conn) (owner string, err error) {
	err = conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetNameOwner", 0, busService).Store(&owner)
	if err == nil {
		b.owner.Store(&owner)
	}
	return owner, err
}

// Show puts a notification up.
func (b *Bus) Show(ctx context.Context, n Notice, replaces uint32) (id uint32, err error) {
	ctx, cancel := context.WithTimeout(ctx, busLimit)
	defer cancel()
	b.mu.Lock()
	defer b.mu.Unlock()
	conn, err := b.connect(ctx)
	if err != nil {
		return 0, err
	}
	body := n.Body
	if slices.Contains(b.caps, "body-markup") {
		body = html.EscapeString(body)
	}
	hints := map[string]dbus.Variant{"desktop-entry": dbus.MakeVariant("securemail"),
		"urgency": dbus.MakeVariant(byte(1))} // the highest would break through "do not disturb"
	if c := busCategory(n.Kind); c != "" {
		hints["category"] = dbus.MakeVariant(c)
	}
	if n.Urgent {
		hints["resident"] = dbus.MakeVariant(true)
	}
	err = conn.Object(busService, busPath).CallWithContext(ctx, busService+".Notify", 0,
		"securemail", replaces, busIcon(n.Kind), n.Title, body, b.actions(n), hints, int32(-1)).Store(&id)
	if err != nil {
		return 0, fmt.Errorf("notify the desktop: %w", err)
	}
	return id, nil
}

// actions are pairs of key and label, none where the desktop has no buttons.
func (b *Bus) actions(n Notice) []string {
	out := []string{}
	if !slices.Contains(b.caps, "actions") {
		return out
	}
	inline := slices.Contains(b.caps, ActInline)
	single := len(n.Items) == 1 && n.Kind == activesync.NotifyMail
	for _, a := range n.Actions {
		if a.Key == ActReply && inline {
			continue
		}
		out = append(out, a.Key, a.Label)
	}
	if inline && single {
		out = append(out, ActInline, "Reply")
	}
	return out
}

// Withdraw takes a notification away. One that is gone is no error.
func (b *Bus) Withdraw(ctx context.Context, id uint32) error {
	ctx, cancel := context.WithTimeout(ctx, busLimit)
	defer cancel()
	b.mu.Lock()
	defer b.mu.Unlock()
	conn, err := b.connect(ctx)
	if err != nil {
		return err
	}
	err = conn.Object(busService, busPath).CallWithContext(ctx, busService+".CloseNotification", 0, id).Err
	if e, ok := errors.AsType[dbus.Error](err); ok && e.Name != "org.freedesktop.DBus.Error.ServiceUnknown" {
		return nil // the desktop says that there is none of this id
	}
	return err
}

func busCategory(k activesync.NotifyKind) string {
	switch k {
	case activesync.NotifyMail, activesync.NotifyMeeting, activesync.NotifyUpdated, activesync.NotifyCancelled:
		return "email.arrived"
	case activesync.NotifySendFailed:
		return "email.bounced"
	case activesync.NotifySignIn:
		return "network.error"
	}
	return ""
}

func busIcon(k activesync.NotifyKind) string {
	switch k {
	case activesync.NotifyMail:
		return "mail-unread"
	case activesync.NotifySendFailed, activesync.NotifySignIn:
		return "dialog-warning"
	case activesync.NotifyPolicy:
		return "dialog-information"
	}
	return "x-office-calendar"
}
