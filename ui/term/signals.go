package term

import (
	"os"
	"os/signal"
	"syscall"
)

// signals are what happens to the process while a loop runs.
type signals struct {
	ch   chan os.Signal
	quit chan struct{}
	done chan struct{}
}

// watchSignals starts to handle them.
func (l *loop) watchSignals() *signals {
	s := &signals{ch: make(chan os.Signal, 16), quit: make(chan struct{}), done: make(chan struct{})}
	l.signals = s
	for _, sig := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGCONT, syscall.SIGWINCH} {
		s.watch(sig)
	}
	if watchStop {
		s.watch(syscall.SIGTSTP)
	}
	go func() {
		defer close(s.done)
		for {
			select {
			case sig := <-s.ch:
				l.signal(sig.(syscall.Signal))
			case <-s.quit:
				return
			}
		}
	}()
	return s
}

// watch handles a signal, unless it is to be ignored, as by nohup.
func (s *signals) watch(sig os.Signal) {
	if !signal.Ignored(sig) {
		signal.Notify(s.ch, sig)
	}
}

// stop ends that, but for SIGHUP, which nobody hears from now on: where a terminal
// vanishes the input ends, and the system and the shell say so by signals, in any
// order. None of them may cut off what the program has to put away.
func (s *signals) stop() {
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
	signal.Stop(s.ch)
	close(s.quit)
	<-s.done
}

// signal handles one signal. It does not wait for the program, which may hang.
func (l *loop) signal(sig syscall.Signal) {
	switch sig {
	case syscall.SIGWINCH:
		go l.deliver(resized{})
	case syscall.SIGCONT:
		select {
		case l.resumed <- struct{}{}:
		default:
		}
		if l.term.holds() {
			go l.continued()
		}
	case syscall.SIGTSTP:
		go l.suspend(os.Getpid())
	case syscall.SIGINT, syscall.SIGQUIT:
		// The keyboard sends these to all on the terminal: not meant for us.
		if l.lent.Load() {
			return
		}
		l.end(sig)
	default:
		l.end(sig)
	}
}

// end ends the program because of a signal. The next one like it does what it
// does by default, should the program hang.
func (l *loop) end(sig syscall.Signal) {
	if sig != syscall.SIGHUP { // which is told more than once
		signal.Reset(sig)
	}
	if sig == syscall.SIGQUIT {
		l.term.close()
		_ = syscall.Kill(os.Getpid(), sig) // for the trace of all goroutines
		return
	}
	l.fail(&SignalError{sig})
	l.term.close()
}
