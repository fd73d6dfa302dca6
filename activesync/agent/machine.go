package agent

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"

	"eas.example/securemail/activesync/engine"
)

// busLimit is how long the system's bus may take to answer.
const busLimit = time.Second

// Machine tells how this machine is: what it runs on and what its network
// costs. Where neither the kernel nor the system's bus knows, it is one on
// mains, on a network that costs nothing.
func Machine() engine.Surroundings {
	s, known := power("/sys/class/power_supply")
	ctx, cancel := context.WithTimeout(context.Background(), busLimit)
	defer cancel()
	conn, err := dbus.ConnectSystemBus(dbus.WithContext(ctx))
	if err != nil {
		return s
	}
	defer conn.Close()
	if !known {
		s.Battery, s.Charge = upower(ctx, conn)
	}
	s.Metered = metered(ctx, conn)
	return s
}

// power reads what the kernel says (Documentation/ABI/testing/sysfs-class-power).
// known is false where it has no battery to tell of.
func power(dir string) (s engine.Surroundings, known bool) {
	supplies, err := os.ReadDir(dir)
	if err != nil {
		return s, false
	}
	mains := false
	for _, e := range supplies {
		read := func(name string) string {
			b, err := os.ReadFile(filepath.Join(dir, e.Name(), name))
			if err != nil {
				return ""
			}
			return strings.TrimSpace(string(b))
		}
		switch {
		case read("type") == "Battery" && read("scope") != "Device": // not that of a mouse
			known = true
			if read("status") == "Discharging" {
				s.Battery = true
			}
			if n, err := strconv.Atoi(read("capacity")); err == nil {
				s.Charge = max(s.Charge, n)
			}
		case read("online") == "1":
			mains = true
		}
	}
	s.Battery = s.Battery && !mains
	return s, known
}

// property asks a service of the bus, without starting it.
func property[T any](ctx context.Context, conn *dbus.Conn, service string, path dbus.ObjectPath, iface, name string) (value T, ok bool) {
	var v dbus.Variant
	err := conn.Object(service, path).CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", dbus.FlagNoAutoStart, iface, name).Store(&v)
	if err != nil {
		return value, false
	}
	value, ok = v.Value().(T)
	return value, ok
}

func upower(ctx context.Context, conn *dbus.Conn) (battery bool, charge int) {
	const service = "org.freedesktop.UPower"
	battery, _ = property[bool](ctx, conn, service, "/org/freedesktop/UPower", service, "OnBattery")
	percent, ok := property[float64](ctx, conn, service, "/org/freedesktop/UPower/devices/DisplayDevice", service+".Device", "Percentage")
	if !ok {
		percent = 100
	}
	return battery, int(percent)
}

// metered reads NMMetered: 1 is yes, 3 is yes as far as is known.
func metered(ctx context.Context, conn *dbus.Conn) bool {
	const service = "org.freedesktop.NetworkManager"
	n, _ := property[uint32](ctx, conn, service, "/org/freedesktop/NetworkManager", service, "Metered")
	return n == 1 || n == 3
}
