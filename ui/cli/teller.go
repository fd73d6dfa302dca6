package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"eas.example/securemail/activesync"
	"eas.example/securemail/notify"
	"eas.example/securemail/store/config"
)

// teller tells the person of what happens in a house; bus is nil where the
// desktop is not to be used.
func (a *app) teller(h *house, bus *notify.Bus) *notify.Teller {
	c := notify.TellerConfig{
		House: h.agent, Log: h.logger,
		Archive: func(id activesync.AccountID) activesync.FolderID {
			c, err := config.Load(h.paths.Config)
			if err != nil {
				return 0
			}
			return c.UI.Archive[id]
		},
	}
	if bus != nil {
		c.Desktop = bus
		if findTerminal(os.Getenv) != "" {
			c.Open = a.openInTerminal
		}
	}
	return notify.NewTeller(c)
}

// findTerminal is the terminal that the desktop, the person or Debian has
// chosen, "" where there is none or no display for it.
func findTerminal(getenv func(string) string) string {
	if getenv("DISPLAY") == "" && getenv("WAYLAND_DISPLAY") == "" {
		return ""
	}
	for _, name := range []string{"xdg-terminal-exec", getenv("TERMINAL"), "x-terminal-emulator"} {
		if name == "" {
			continue
		}
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// openInTerminal shows a message on a screen of its own. Only the id of the
// message stands in the command line.
func (a *app) openInTerminal(_ context.Context, item activesync.ItemID, reply bool) error {
	terminal := findTerminal(os.Getenv)
	if terminal == "" {
		return errors.New("there is no terminal to open; set TERMINAL")
	}
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	args := []string{}
	if filepath.Base(terminal) != "xdg-terminal-exec" {
		args = append(args, "-e") // which all others know
	}
	args = append(args, program)
	if a.data != "" {
		dir, err := filepath.Abs(a.data)
		if err != nil {
			return fmt.Errorf("find the data directory: %w", err)
		}
		args = append(args, "--data", dir)
	}
	args = append(args, "--open", item.String())
	if reply {
		args = append(args, "--reply")
	}
	cmd := exec.Command(terminal, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", terminal, err)
	}
	return cmd.Process.Release()
}
