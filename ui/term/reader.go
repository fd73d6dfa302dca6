package term

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	tea "github.com/charmbracelet/bubbletea"
)

// reader reads the terminal on a goroutine of its own and sends what it reads
// as messages. select is used to wait, as other ways do not know terminals on
// every system.
type reader struct {
	fd     int
	parser parser
	sink   func(...tea.Msg)
	ended  func(error)
	wakeR  *os.File // a pipe to interrupt a wait
	wakeW  *os.File
	orders chan order
	done   chan struct{} // closed when run has returned
	once   sync.Once
}

// order is what the reader is told to do; it closes heard when it does so.
type order struct {
	what  orderKind
	heard chan struct{}
}

type orderKind uint8

const (
	goOn orderKind = iota
	pause
	stop
)

// newReader makes a reader of in. Nothing is read before run.
func newReader(in *os.File, sink func(...tea.Msg), ended func(error)) (*reader, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make pipe: %w", err)
	}
	return &reader{fd: int(in.Fd()), sink: sink, ended: ended, wakeR: r, wakeW: w, orders: make(chan order), done: make(chan struct{})}, nil
}

// run reads until stop, or the end of the terminal, which ended is told.
func (r *reader) run() {
	defer close(r.done)
	wakeFD := int(r.wakeR.Fd())
	buf := make([]byte, 64<<10)
	for {
		input, called, err := ready(r.fd, wakeFD, r.parser.wait())
		switch {
		case err != nil:
			r.ended(err)
			return
		case called:
			if !r.obey() {
				return
			}
		case !input:
			r.sink(r.parser.expire()...)
		default:
			n, err := unix.Read(r.fd, buf)
			switch {
			case errors.Is(err, unix.EINTR), errors.Is(err, unix.EAGAIN):
			case n == 0 && err == nil, errors.Is(err, unix.EIO):
				r.ended(nil)
				return
			case err != nil:
				r.ended(err)
				return
			default:
				r.sink(r.parser.feed(buf[:n])...)
			}
		}
	}
}

// ready waits until one of two files can be read, for as long as wait says.
func ready(fd, fd2 int, wait time.Duration) (first, second bool, err error) {
	deadline := time.Now().Add(wait)
	for {
		var set unix.FdSet
		set.Set(fd)
		set.Set(fd2)
		var limit *unix.Timeval
		if wait > 0 {
			tv := unix.NsecToTimeval(max(time.Until(deadline), 0).Nanoseconds())
			limit = &tv
		}
		_, err := unix.Select(max(fd, fd2)+1, &set, nil, nil, limit)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return false, false, os.NewSyscallError("select", err)
		}
		return set.IsSet(fd), set.IsSet(fd2), nil
	}
}

// obey takes an order, and waits for the next when told to pause. It reports
// whether to go on.
func (r *reader) obey() bool {
	var b [1]byte
	if _, err := r.wakeR.Read(b[:]); err != nil {
		return false
	}
	o := <-r.orders
	close(o.heard)
	if o.what == pause {
		r.parser = parser{}
		o = <-r.orders
		close(o.heard)
	}
	return o.what != stop
}

// pause makes the reader leave the terminal alone, and returns when it does.
func (r *reader) pause() { r.tell(pause, true) }

// resume undoes pause.
func (r *reader) resume() { r.tell(goOn, false) }

// stop ends run and waits for it, whether it is paused or not.
func (r *reader) stop() {
	r.once.Do(func() {
		select {
		case <-r.done:
			return
		default:
		}
		_, _ = r.wakeW.Write([]byte{0})
		o := order{stop, make(chan struct{})}
		select {
		case r.orders <- o:
		case <-r.done:
		}
		<-r.done
	})
}

// tell gives an order, if there still is somebody to hear it. wakes says that
// the reader may be waiting for input.
func (r *reader) tell(what orderKind, wakes bool) {
	select {
	case <-r.done:
		return
	default:
	}
	if wakes {
		if _, err := r.wakeW.Write([]byte{0}); err != nil && !errors.Is(err, syscall.EPIPE) {
			return
		}
	}
	o := order{what, make(chan struct{})}
	select {
	case r.orders <- o:
		<-o.heard
	case <-r.done:
	}
}

// close frees the pipe, after stop.
func (r *reader) close() {
	_ = r.wakeR.Close()
	_ = r.wakeW.Close()
}
