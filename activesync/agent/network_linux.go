package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// networkSettles is how long an address that came waits for its routes, and for
// others.
const networkSettles = 2 * time.Second

// WatchNetwork calls changed whenever this machine has got an address that it did
// not have, until ctx ends. The kernel tells (rtnetlink(7)), so nothing runs
// meanwhile.
func WatchNetwork(ctx context.Context, changed func()) error {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_ROUTE)
	if err != nil {
		return fmt.Errorf("watch the network: %w", err)
	}
	in := os.NewFile(uintptr(fd), "rtnetlink")
	defer in.Close()
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: unix.RTMGRP_IPV4_IFADDR | unix.RTMGRP_IPV6_IFADDR}); err != nil {
		return fmt.Errorf("watch the network: %w", err)
	}
	defer context.AfterFunc(ctx, func() { in.Close() })()
	have := ownAddresses()
	buf := make([]byte, 64*1024)
	for {
		n, err := in.Read(buf)
		came := errors.Is(err, unix.ENOBUFS) // some of it is lost
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, os.ErrDeadlineExceeded):
			changed()
			err = in.SetReadDeadline(time.Time{})
		case err == nil:
			came = have.take(buf[:n])
		}
		if came {
			err = in.SetReadDeadline(time.Now().Add(networkSettles))
		}
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("watch the network: %w", err)
		}
	}
}

// addresses are those by which this machine can be in a network: none of itself
// alone, and none that every interface has.
type addresses map[netip.Addr]bool

func ownAddresses() addresses {
	have := addresses{}
	all, _ := net.InterfaceAddrs() // of one that is missing a change is told once too often
	for _, a := range all {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			have[p.Addr().Unmap()] = true
		}
	}
	return have
}

// take reads what the kernel says, and reports whether an address came. What it
// says again, as with each advertisement of a router, is no news.
func (have addresses) take(said []byte) (came bool) {
	messages, err := syscall.ParseNetlinkMessage(said)
	if err != nil {
		return false
	}
	for _, m := range messages {
		if m.Header.Type != unix.RTM_NEWADDR && m.Header.Type != unix.RTM_DELADDR || len(m.Data) < unix.SizeofIfAddrmsg {
			continue
		}
		// The library relies on attributes that are filled up to four bytes.
		m.Data = append(slices.Clip(m.Data), make([]byte, -len(m.Data)&(unix.RTA_ALIGNTO-1))...)
		attrs, err := syscall.ParseNetlinkRouteAttr(&m)
		if err != nil {
			continue
		}
		for _, attr := range attrs {
			a, ok := netip.AddrFromSlice(attr.Value)
			if attr.Attr.Type != unix.IFA_ADDRESS || !ok || !a.IsGlobalUnicast() {
				continue
			}
			if m.Header.Type == unix.RTM_DELADDR {
				delete(have, a)
			} else if !have[a] {
				have[a], came = true, true
			}
		}
	}
	return came
}
