package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/message/smime"
	"eas.example/securemail/activesync/policy"
	"eas.example/securemail/notify"
	"eas.example/securemail/store/config"
	"eas.example/securemail/store/paths"
	"eas.example/securemail/ui"
	"eas.example/securemail/ui/term"
)

// screens is the command without words: the interface.
func (a *app) screens(ctx context.Context) error {
	p, err := paths.Find(a.data)
	if err != nil {
		return err
	}
	first := activesync.Alert{Reply: a.reply}
	if a.open != "" {
		if first.Open, err = activesync.ParseItemID(a.open); err != nil {
			return usage(fmt.Errorf("--open %q is no id of a message", a.open))
		}
	} else if a.reply {
		return usage(errors.New("--reply needs --open"))
	}
	a.asksItself = true
	return a.with(ctx, func(ctx context.Context, l agent.Service) error {
		return a.present(ctx, p, l, opening{first: first})
	})
}

// opening is what the screens begin with.
type opening struct {
	notice string
	first  activesync.Alert
	// teller tells of news where the agent is in this process.
	teller *notify.Teller
}

// present runs the screens over what l does, and where that is in this process
// the engines beside them.
func (a *app) present(ctx context.Context, p paths.Paths, l agent.Service, o opening) error {
	cfg, err := config.Load(p.Config)
	if err != nil {
		return err
	}
	// The signals of the command line are the terminal's while screens are shown.
	running, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	engines := make(chan error, 3)
	beside := 1
	var quitAll func() error
	switch l := l.(type) {
	case *agent.Local:
		go func() {
			defer term.Recover(stop)
			engines <- l.Run(running)
		}()
		beside++
		go func() {
			defer term.Recover(stop)
			_ = l.WatchSettings(running, paths.SystemPolicy, p.Policy, p.Config) // else changes are noticed late
			engines <- nil
		}()
		if o.teller != nil {
			beside++
			go func() {
				defer term.Recover(stop)
				engines <- o.teller.Run(running)
			}()
		}
	case *agent.Client:
		engines <- nil
		quitAll = func() error { return l.Stop(running) }
	}
	managed, keys := policy.NewFiles(paths.SystemPolicy, p.Policy), newMailKeys(p.Config)
	screens := ui.New(ui.Deps{
		Backend: l, Settings: ui.Settings(cfg.UI), Version: a.version, Notice: o.notice, First: o.first, Scratch: p.Runtime,
		Downloads: downloads(), Open: openURL, SignIn: signInAndOpen, Fetch: fetchPicture, SaveFile: saveFile, QuitAll: quitAll,
		Keys: func() ([]smime.Key, error) { return keys.Keys(running) }, MailKeys: keys, GPG: findGPG(), Environ: os.Environ(),
		External: func(address string) bool { return managed.Now().External(address) }, Speller: findSpeller(),
		Forbidden: func(name string) string { return managed.Now().Forbidden(name) },
		Save:      func(s ui.Settings) error { return saveSettings(p.Config, s) },
	})
	err = term.Run(running, screens, term.Options{NoMouse: cfg.UI.MouseOff})
	screens.Close()
	stop(nil)
	for range beside {
		if cause := <-engines; err == nil {
			err = cause
		}
	}
	return screensError(err)
}

// screensError puts the end of the screens into the words of the command line.
func screensError(err error) error {
	sig, bySignal := errors.AsType[*term.SignalError](err)
	switch {
	case errors.Is(err, tea.ErrInterrupted), errors.Is(err, term.ErrHangup), bySignal && sig.Signal != syscall.SIGQUIT:
		return errInterrupted
	case errors.Is(err, term.ErrNoTerminal):
		return fmt.Errorf("the screens need a terminal: %w; see securemail --help for commands", err)
	}
	return err
}

// findSpeller is the program that checks spelling, empty where there is none.
func findSpeller() []string {
	for _, args := range [][]string{{"hunspell", "-a", "-i", "utf-8"}, {"aspell", "-a", "--encoding=utf-8"}} {
		if path, err := exec.LookPath(args[0]); err == nil {
			return append([]string{path}, args[1:]...)
		}
	}
	return nil
}

// saveSettings keeps the choices about the screens, beside the accounts.
func saveSettings(path string, s ui.Settings) error {
	return config.Change(path, func(c *config.Config) error {
		c.UI = config.UI(s)
		return nil
	})
}
