package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"eas.example/securemail/activesync/message/smime"
	"eas.example/securemail/store/config"
	"eas.example/securemail/ui"
)

// passwordWait is how long the command for a password may take.
const passwordWait = time.Minute

// mailKeys are the person's keys for S/MIME, as the configuration names them. What
// was read of a file is kept while that stays as it is, and so are passwords that
// were typed; neither outlives the program.
type mailKeys struct {
	config string // its path

	mu    sync.Mutex
	typed map[string]string // passwords by file; guarded by mu
	known map[string]knownKey
}

type knownKey struct {
	state string // of its files, when they were read
	key   smime.Key
}

func newMailKeys(config string) *mailKeys {
	return &mailKeys{config: config, typed: map[string]string{}, known: map[string]knownKey{}}
}

// Keys are those that can be used; with an error they are not all.
func (m *mailKeys) Keys(ctx context.Context) (keys []smime.Key, failed error) {
	cfg, err := config.Load(m.config)
	if err != nil {
		return nil, err
	}
	for _, c := range cfg.SMIME {
		k, err := m.key(ctx, c)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		keys = append(keys, k)
	}
	return keys, failed
}

// key reads one, unless it is known.
func (m *mailKeys) key(ctx context.Context, c config.SMIME) (smime.Key, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	state := stateOf(c.PKCS12) + stateOf(c.Certificate) + stateOf(c.Key) + strings.Join(c.PasswordCommand, " ")
	if k, ok := m.known[fileOf(c)]; ok && k.state == state {
		return k.key, nil
	}
	k, err := m.read(ctx, c)
	if err == nil {
		m.known[fileOf(c)] = knownKey{state, k}
	}
	return k, err
}

// read reads one. The caller holds mu.
func (m *mailKeys) read(ctx context.Context, c config.SMIME) (smime.Key, error) {
	if c.PKCS12 == "" {
		return smime.LoadKey(atHome(c.Certificate), atHome(c.Key))
	}
	password, ok := m.typed[c.PKCS12]
	if !ok && len(c.PasswordCommand) > 0 {
		var err error
		if password, err = firstLine(ctx, c.PasswordCommand); err != nil {
			return smime.Key{}, fmt.Errorf("get the password of %s: %w", c.PKCS12, err)
		}
	}
	return smime.LoadPKCS12(atHome(c.PKCS12), password)
}

// fileOf is what a key goes by.
func fileOf(c config.SMIME) string { return cmp.Or(c.PKCS12, c.Certificate) }

// stateOf tells whether a file is still as it was.
func stateOf(path string) string {
	info, err := os.Stat(atHome(path))
	if err != nil {
		return "|"
	}
	return fmt.Sprintf("%d %s|", info.Size(), info.ModTime())
}

// List are all that are set up.
func (m *mailKeys) List(ctx context.Context) ([]ui.MailKey, error) {
	cfg, err := config.Load(m.config)
	if err != nil {
		return nil, err
	}
	var out []ui.MailKey
	for _, c := range cfg.SMIME {
		k, err := m.key(ctx, c)
		out = append(out, shownKey(fileOf(c), k, err))
	}
	return out, nil
}

func shownKey(file string, k smime.Key, err error) ui.MailKey {
	switch {
	case errors.Is(err, smime.ErrPassword):
		return ui.MailKey{File: file, Locked: true}
	case err != nil:
		return ui.MailKey{File: file, Problem: err.Error()}
	}
	return ui.MailKey{File: file, Owner: k.Owner(), Until: k.Certificate.NotAfter}
}

// Add takes a key: a PKCS #12 file with its password, or a certificate and the file
// with its key, which may be the same.
func (m *mailKeys) Add(ctx context.Context, file, key, password string) (ui.MailKey, error) {
	c := config.SMIME{PKCS12: file}
	if pem, err := os.ReadFile(atHome(file)); err != nil {
		return ui.MailKey{}, fmt.Errorf("read the key: %w", err)
	} else if smime.HoldsCertificate(pem) {
		c = config.SMIME{Certificate: file, Key: cmp.Or(key, file)}
	}
	m.mu.Lock()
	if m.typed[file] = password; password == "" {
		delete(m.typed, file)
	}
	delete(m.known, file)
	m.mu.Unlock()
	k, err := m.key(ctx, c)
	if err != nil {
		return ui.MailKey{}, err
	}
	return shownKey(file, k, nil), config.Change(m.config, func(cfg *config.Config) error {
		if !slices.ContainsFunc(cfg.SMIME, func(old config.SMIME) bool { return fileOf(old) == file }) {
			cfg.SMIME = append(cfg.SMIME, c)
		}
		return nil
	})
}

// Remove forgets a key; its files stay.
func (m *mailKeys) Remove(file string) error {
	m.mu.Lock()
	delete(m.typed, file)
	delete(m.known, file)
	m.mu.Unlock()
	return config.Change(m.config, func(cfg *config.Config) error {
		cfg.SMIME = slices.DeleteFunc(cfg.SMIME, func(c config.SMIME) bool { return fileOf(c) == file })
		return nil
	})
}

// firstLine is what a command prints as its first line.
func firstLine(ctx context.Context, command []string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, passwordWait)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.WaitDelay = time.Second // what it started may hold on to its output
	out, err := cmd.Output()
	line, _, _ := strings.Cut(string(out), "\n")
	return strings.TrimSuffix(line, "\r"), err
}

// atHome puts the home directory for a ~ at the start of a path.
func atHome(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return home + "/" + rest
		}
	}
	return path
}

// findGPG is the path of gpg, "" where there is none.
func findGPG() string {
	for _, name := range []string{"gpg", "gpg2"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}
