package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/notify"
	"eas.example/securemail/store/paths"
	"eas.example/securemail/store/secret"
)

// takeOver ends an agent that runs, in favour of this process.
func (a *app) takeOver(ctx context.Context, p paths.Paths) error {
	c := a.client(p, false)
	defer c.Close()
	return c.HandOver(ctx)
}

// agentRun is the life of an agent. A detached one gives way to one that runs,
// and tells the process that started it that it listens, or why it does not.
func (a *app) agentRun(ctx context.Context, p paths.Paths, detached bool) error {
	boss := agent.NewSupervisor(os.Getenv)
	if detached {
		boss = agent.Supervisor{}
	} else if err := a.takeOver(ctx, p); err != nil {
		return err
	}
	h, ln, err := a.openAgent(ctx, p, detached, boss)
	if h == nil {
		return err
	}
	srv := agent.NewServer(h.agent, a.version, h.logger)
	defer srv.Release()
	h.logger.Info("agent begins", "version", a.version, "pid", os.Getpid())

	life, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	failures := make(chan error, 8)
	var wait sync.WaitGroup
	run := func(do func() error) {
		wait.Add(1)
		go func() {
			defer wait.Done()
			if err := do(); err != nil {
				failures <- err
				end()
			}
		}()
	}
	run(func() error { return srv.Serve(life, ln) })
	run(func() error { return h.agent.Run(life) })
	desktop := notify.NewBus(os.Getenv)
	defer desktop.Close()
	teller := a.teller(h, desktop)
	run(func() error { return teller.Run(life) })
	run(func() error {
		if err := agent.WatchClock(life, h.agent.Woke); err != nil {
			h.logger.Warn("a jump of the clock will be noticed late", "error", err)
		}
		return nil
	})
	run(func() error {
		if err := agent.WatchNetwork(life, h.agent.NetworkChanged); err != nil {
			h.logger.Warn("another network will be noticed late", "error", err)
		}
		return nil
	})
	run(func() error { return watchFiles(life, p, h.logger, end) })
	run(func() error {
		if err := h.agent.WatchSettings(life, paths.SystemPolicy, p.Policy, p.Config); err != nil {
			h.logger.Warn("changes of the settings by hand will be noticed late", "error", err)
		}
		return nil
	})
	run(func() error { return giveBackMemory(life) })
	ready := boss.Tell("READY=1")
	if detached {
		ready = agent.Report(nil)
	}
	if ready != nil {
		h.logger.Warn("nobody was told that the agent listens", "error", ready)
	}
	run(func() error {
		boss.Watch(life, func(ctx context.Context) error { _, err := h.agent.Presence(ctx); return err })
		return nil
	})
	select {
	case <-ctx.Done():
		srv.Stopped()
	case <-srv.Ending():
	case <-h.agent.Spare():
		h.logger.Info("nothing to do")
	case <-life.Done():
	}
	_ = boss.Tell("STOPPING=1") // it sees that for itself in a moment
	end()
	wait.Wait()
	close(failures)
	for f := range failures {
		err = errors.Join(err, f)
	}
	h.logger.Info("agent ends", "error", err)
	if srv.HandedOver() {
		err = errors.Join(err, errHandedOver)
	}
	return errors.Join(err, h.close())
}

// openAgent opens everything an agent has, and its socket. Where the key is not at
// hand it answers on the socket until it is. Nothing is opened, without an error,
// where no agent is wanted any more.
func (a *app) openAgent(ctx context.Context, p paths.Paths, detached bool, boss agent.Supervisor) (*house, net.Listener, error) {
	o := houseOptions{version: a.version, crash: true}
	var err error
	if o.keys, err = a.openKeys(ctx, p, secret.Attempt{}); errors.Is(err, activesync.ErrLocked) {
		h, ln, err := a.awaitKey(ctx, p, o, boss, err)
		return h, ln, refuse(detached, err)
	}
	var h *house
	if err == nil {
		h, err = openHouse(p, o)
	}
	if err != nil {
		return nil, nil, refuse(detached, err)
	}
	if detached && !agent.Wanted() {
		// It waited for the store while another agent answered. That one may have
		// been ended since, and is not to have a successor that nobody asked for.
		return nil, nil, h.close()
	}
	ln, err := agent.Listen(p.Socket, p.Listens, h.logger)
	if err != nil {
		return nil, nil, refuse(detached, errors.Join(err, h.close()))
	}
	return h, ln, nil
}

// refuse says why there is no agent; a detached one is heard by the process
// that started it only.
func refuse(detached bool, err error) error {
	if detached && err != nil {
		return errors.Join(err, agent.Report(err))
	}
	return err
}

// watchFiles ends the agent when its data is gone, or its socket, without which
// nobody finds it.
func watchFiles(ctx context.Context, p paths.Paths, log *slog.Logger, end func()) error {
	gone, err := agent.Gone(ctx, p.Store, p.Socket)
	switch {
	case err != nil:
		log.Warn("it will not be noticed if the data directory vanishes", "error", err)
		return nil
	case gone == "" || ctx.Err() != nil:
		return nil
	case gone == p.Socket:
		if _, err := os.Stat(filepath.Dir(p.Store)); err == nil {
			return fmt.Errorf("the socket %s was removed", gone)
		}
	}
	end()
	return nil
}
