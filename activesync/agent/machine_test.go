package agent

import (
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"

	"eas.example/securemail/notify/notifytest"
)

// serves puts a service on a bus that has properties of one interface, and no more.
func serves(t *testing.T, address, service string, path dbus.ObjectPath, iface string, properties map[string]any) {
	t.Helper()
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	has := map[string]*prop.Prop{}
	for name, v := range properties {
		has[name] = &prop.Prop{Value: v}
	}
	if _, err := prop.Export(conn, path, prop.Map{iface: has}); err != nil {
		t.Fatal(err)
	}
	if r, err := conn.RequestName(service, dbus.NameFlagAllowReplacement|dbus.NameFlagReplaceExisting); err != nil || r != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("%s: %v, %v", service, r, err)
	}
}

func TestPowerAndNetworkAreReadFromTheSystemBus(t *testing.T) {
	address := notifytest.Session(t)
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
	conn, err := dbus.ConnectSystemBus()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if battery, charge := upower(t.Context(), conn); battery || charge != 100 || metered(t.Context(), conn) || Machine().Metered {
		t.Errorf("without services: battery %v at %d %%, metered %v", battery, charge, metered(t.Context(), conn))
	}
	const power, network = "org.freedesktop.UPower", "org.freedesktop.NetworkManager"
	serves(t, address, network, "/org/freedesktop/NetworkManager", network, map[string]any{"Metered": uint32(1)})
	if !metered(t.Context(), conn) || !Machine().Metered {
		t.Error("a metered network counts as one that costs nothing")
	}
	for value, want := range map[uint32]bool{0: false, 1: true, 2: false, 3: true, 4: false} { // NMMetered
		serves(t, address, network, "/org/freedesktop/NetworkManager", network, map[string]any{"Metered": value})
		if got := metered(t.Context(), conn); got != want {
			t.Errorf("NMMetered %d: %v", value, got)
		}
	}
	serves(t, address, power, "/org/freedesktop/UPower", power, map[string]any{"OnBattery": true})
	if battery, charge := upower(t.Context(), conn); !battery || charge != 100 {
		t.Errorf("on battery, charge unknown: %v, %d", battery, charge)
	}
}

// The charge is of another object of the same service.
func TestTheChargeIsReadFromTheSystemBus(t *testing.T) {
	address := notifytest.Session(t)
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
	conn, err := dbus.ConnectSystemBus()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const power = "org.freedesktop.UPower"
	serves(t, address, power, "/org/freedesktop/UPower/devices/DisplayDevice", power+".Device", map[string]any{"Percentage": 17.6})
	if battery, charge := upower(t.Context(), conn); battery || charge != 17 {
		t.Errorf("battery %v at %d %%", battery, charge)
	}
}
