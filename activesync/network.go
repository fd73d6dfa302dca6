package activesync

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
)

// unreachedError is ErrUnreachable in few words; what the network said lies below it.
type unreachedError struct {
	host string
	err  error
}

// NotReached is the error for a host of which no answer came because of err.
func NotReached(host string, err error) error { return &unreachedError{host, err} }

func (e *unreachedError) Error() string {
	return fmt.Sprintf("%s: %s: %s", ErrUnreachable, e.host, e.why())
}

func (e *unreachedError) Is(target error) bool { return target == ErrUnreachable }
func (e *unreachedError) Unwrap() error        { return e.err }

// why is what a person can make something of: not what was being dialled, of
// which net tells in front of it.
func (e *unreachedError) why() string {
	if d, ok := errors.AsType[*net.DNSError](e.err); ok {
		if d.IsNotFound {
			return "there is no host of that name"
		}
		return "its name cannot be looked up: " + d.Err
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](e.err); ok {
		return "it does not speak TLS (https)"
	}
	if errno, ok := errors.AsType[syscall.Errno](e.err); ok {
		return errno.Error()
	}
	if errors.Is(e.err, os.ErrDeadlineExceeded) {
		return "no answer came in time"
	}
	return e.err.Error()
}

// Unreached is a reason without what was being done when the server could not be
// reached.
func Unreached(reason string) string {
	if i := strings.Index(reason, ErrUnreachable.Error()); i > 0 {
		return reason[i:]
	}
	return reason
}
