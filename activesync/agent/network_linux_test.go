package agent

import (
	"encoding/binary"
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"
)

// said is what the kernel says of an address.
func said(kind uint16, address string) []byte {
	a := netip.MustParseAddr(address).AsSlice()
	b := make([]byte, 0, 64)
	b = binary.NativeEndian.AppendUint32(b, uint32(unix.SizeofNlMsghdr+unix.SizeofIfAddrmsg+unix.SizeofRtAttr+len(a)))
	b = binary.NativeEndian.AppendUint16(b, kind)
	b = append(b, make([]byte, unix.SizeofNlMsghdr-6+unix.SizeofIfAddrmsg)...)
	b = binary.NativeEndian.AppendUint16(b, uint16(unix.SizeofRtAttr+len(a)))
	b = binary.NativeEndian.AppendUint16(b, unix.IFA_ADDRESS)
	return append(b, a...)
}

func TestAnAddressThatComesIsANetwork(t *testing.T) {
	have := addresses{netip.MustParseAddr("192.0.2.7"): true}
	for _, step := range []struct {
		kind    uint16
		address string
		came    bool
	}{
		{unix.RTM_NEWADDR, "192.0.2.7", false}, // said again
		{unix.RTM_NEWADDR, "127.0.0.1", false},
		{unix.RTM_NEWADDR, "fe80::1", false},
		{unix.RTM_NEWADDR, "169.254.1.2", false},
		{unix.RTM_NEWADDR, "10.0.0.5", true},
		{unix.RTM_NEWADDR, "2001:db8::5", true},
		{unix.RTM_NEWADDR, "2001:db8::5", false},
		{unix.RTM_DELADDR, "10.0.0.5", false},
		{unix.RTM_NEWADDR, "10.0.0.5", true},
		{unix.RTM_NEWROUTE, "10.0.0.6", false},
	} {
		if got := have.take(said(step.kind, step.address)); got != step.came {
			t.Errorf("%d %s: %v, want %v", step.kind, step.address, got, step.came)
		}
	}
}

func FuzzAddresses(f *testing.F) {
	f.Add(said(unix.RTM_NEWADDR, "10.0.0.5"))
	f.Add(said(unix.RTM_DELADDR, "2001:db8::5"))
	f.Add(append([]byte{16, 0, 0, 0, unix.RTM_NEWADDR}, make([]byte, 11)...))                                 // nothing behind the head
	f.Add(append([]byte{29, 0, 0, 0, unix.RTM_NEWADDR}, append(make([]byte, 19), 5, 0, 1, 0, 0, 0, 0, 0)...)) // not filled up
	f.Fuzz(func(t *testing.T, b []byte) {
		have := addresses{}
		have.take(b)
		for a := range have {
			if !a.IsGlobalUnicast() {
				t.Errorf("%s counts as a network", a)
			}
		}
	})
}
