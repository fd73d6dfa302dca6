package activesync_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"

	"eas.example/securemail/activesync"
)

// Why a server is not reached is said in few words, without what net says of
// sockets; the cause stays below them.
func TestNotReachedIsToldInFewWords(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	for want, err := range map[string]error{
		"connection refused":                               dial(os.NewSyscallError("connect", syscall.ECONNREFUSED)),
		"there is no host of that name":                    dial(&net.DNSError{Err: "no such host", Name: "mail.example.test", Server: "192.0.2.1:53", IsNotFound: true}),
		"its name cannot be looked up: server misbehaving": dial(&net.DNSError{Err: "server misbehaving", Name: "mail.example.test", Server: "192.0.2.1:53"}),
		"it does not speak TLS (https)":                    tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"},
		"no answer came in time":                           dial(os.ErrDeadlineExceeded),
		"EOF":                                              errors.New("EOF"),
	} {
		got := fmt.Errorf("Sync: %w", activesync.NotReached("mail.example.test", err))
		if said := "the server cannot be reached: mail.example.test: " + want; got.Error() != "Sync: "+said || activesync.Unreached("sync Inbox: "+got.Error()) != said {
			t.Errorf("%v, want %s", got, said)
		}
		if !errors.Is(got, activesync.ErrUnreachable) || !errors.Is(got, err) {
			t.Errorf("%v is not what it comes from", got)
		}
	}
}
