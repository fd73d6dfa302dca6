// Package paths says where on this machine the files of the program lie.
//
// It owns the names, not the files: nothing is made or opened here. All
// functions are pure but for the environment they are given, and may be called
// from any goroutine.
package paths

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

const (
	program = "securemail"
	listens = "agent.listens"
)

// SystemPolicy is the managed policy of the whole machine.
const SystemPolicy = "/etc/securemail/policy.toml"

// maxSocketPath is the longest path of a Unix socket that all systems take; the
// shortest limit is that of the BSDs and macOS, 104 bytes with the final zero.
const maxSocketPath = 103

// Paths are the files and directories of one run.
type Paths struct {
	Config  string // config.toml
	Policy  string // the user's policy.toml; SystemPolicy goes before it
	Store   string // the mirror and the journal
	KeyFile string // the data key
	Secrets string // sealed passwords
	Log     string // the log file
	Cards   string // directory of the address books that other programs read
	Ledgers string // directory for what was written into them
	Runtime string // directory for what ends with the session, such as editor files
	Socket  string // where the agent listens
	// Listens is the file in which an agent says where it listens: another session may
	// have another runtime directory.
	Listens string
}

// Env is what a run has around it.
type Env struct {
	Lookup func(string) string // the environment, as os.Getenv
	Home   string              // the person's directory
	UID    int
	Temp   string // directory for temporary files
}

// System is the environment of this process.
func System() (Env, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return Env{}, fmt.Errorf("find the home directory: %w", err)
	}
	return Env{Lookup: os.Getenv, Home: home, UID: os.Getuid(), Temp: os.TempDir()}, nil
}

// In puts everything under one directory, which is made absolute.
func In(dir string) (Paths, error) {
	if dir == "" {
		return Paths{}, errors.New("the data directory has no name")
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return Paths{}, fmt.Errorf("find the data directory: %w", err)
	}
	run := filepath.Join(abs, "run")
	return Paths{
		Config:  filepath.Join(abs, "config.toml"),
		Policy:  filepath.Join(abs, "policy.toml"),
		Store:   filepath.Join(abs, "mail.db"),
		KeyFile: filepath.Join(abs, "key"),
		Secrets: filepath.Join(abs, "secrets"),
		Log:     filepath.Join(abs, "securemail.log"),
		Cards:   filepath.Join(abs, "contacts"),
		Ledgers: filepath.Join(abs, "ledgers"),
		Runtime: run,
		Socket:  socket(filepath.Join(run, "agent.sock"), abs, os.TempDir(), os.Getuid()),
		Listens: filepath.Join(abs, listens),
	}, nil
}

// Default follows the XDG Base Directory Specification: configuration under
// XDG_CONFIG_HOME, all that must survive under XDG_STATE_HOME, and what ends
// with the session under XDG_RUNTIME_DIR. A variable that is unset or relative
// does not count; without a runtime directory a private one among the temporary
// files is used.
func Default(e Env) (Paths, error) {
	if !filepath.IsAbs(e.Home) {
		return Paths{}, fmt.Errorf("the home directory %q is not absolute", e.Home)
	}
	dir := func(variable, fallback string) string {
		if d := e.Lookup(variable); filepath.IsAbs(d) {
			return filepath.Join(d, program)
		}
		return filepath.Join(e.Home, fallback, program)
	}
	config, state := dir("XDG_CONFIG_HOME", ".config"), dir("XDG_STATE_HOME", ".local/state")
	run := filepath.Join(e.Temp, fmt.Sprintf("%s-%d", program, e.UID))
	if d := e.Lookup("XDG_RUNTIME_DIR"); filepath.IsAbs(d) {
		run = filepath.Join(d, program)
	}
	return Paths{
		Config:  filepath.Join(config, "config.toml"),
		Policy:  filepath.Join(config, "policy.toml"),
		Store:   filepath.Join(state, "mail.db"),
		KeyFile: filepath.Join(state, "key"),
		Secrets: filepath.Join(state, "secrets"),
		Log:     filepath.Join(state, "securemail.log"),
		Cards:   filepath.Join(e.Home, ".contacts"),
		Ledgers: filepath.Join(state, "ledgers"),
		Runtime: run,
		Socket:  socket(filepath.Join(run, "agent.sock"), state, e.Temp, e.UID),
		Listens: filepath.Join(state, listens),
	}, nil
}

// Find is In where dir is not empty, else Default of this process.
func Find(dir string) (Paths, error) {
	if dir != "" {
		return In(dir)
	}
	e, err := System()
	if err != nil {
		return Paths{}, err
	}
	return Default(e)
}

// socket is the path of the socket, or where that would be too long one among
// the temporary files whose name is made from the data directory.
func socket(path, data, temp string, uid int) string {
	if len(path) <= maxSocketPath {
		return path
	}
	sum := sha256.Sum256([]byte(data))
	return filepath.Join(temp, fmt.Sprintf("%s-%d", program, uid), hex.EncodeToString(sum[:8])+".sock")
}
