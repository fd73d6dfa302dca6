package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"

	"eas.example/securemail/activesync"
)

// openURL hands an address to the program that the system has for it. Only the
// screens' checked addresses come here; the address is one argument, never a
// line for a shell.
func openURL(url string) error {
	name := "xdg-open"
	if runtime.GOOS == "darwin" {
		name = "open"
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return fmt.Errorf("there is no program to open links with: %w", err)
	}
	_, err = startApart(exec.Command(path, url))
	return err
}

// startApart starts a program of the desktop, which goes on by itself. ended is
// closed when it has ended and left the process table, in which it would stay for
// as long as this process lives.
func startApart(cmd *exec.Cmd) (ended <-chan struct{}, err error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", filepath.Base(cmd.Path), err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = cmd.Wait() // how it ends is nobody's business here
	}()
	return done, nil
}

// downloads is where a person's browser would put files, if it is there.
func downloads() string {
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	dir := filepath.Join(home, "Downloads")
	if i, err := os.Stat(dir); err != nil || !i.IsDir() {
		return ""
	}
	return dir
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
	_, err = startApart(exec.Command(terminal, args...))
	return err
}
