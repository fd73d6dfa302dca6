package cli

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/autodiscover"
	"eas.example/securemail/activesync/client"
	"eas.example/securemail/activesync/engine"
	"eas.example/securemail/activesync/oauth"
	"eas.example/securemail/activesync/policy"
	"eas.example/securemail/activesync/wire"
	"eas.example/securemail/contacts"
	"eas.example/securemail/notify"
	"eas.example/securemail/store"
	"eas.example/securemail/store/paths"
	"eas.example/securemail/store/secret"
)

// deviceType is what the server lists this program as. It never changes:
// servers take another one for another device.
const deviceType = "securemail"

// prefetch is how many of the newest messages of a mailbox get their whole
// texts in idle time.
const prefetch = 1000

// house is everything a run has open.
type house struct {
	paths  paths.Paths
	store  *store.Store
	book   agent.Book
	agent  *agent.Local
	policy *policy.Files
	log    *agent.LogFile
	logger *slog.Logger

	mu      sync.Mutex
	clients map[activesync.AccountID]*client.Client // guarded by mu
	sources map[activesync.AccountID]*oauth.Source  // guarded by mu; of tokens
}

// noAgent is the variable of the environment that keeps a command from starting
// an agent: one that runs is used, else the command does its work itself.
const noAgent = "SECUREMAIL_NO_AGENT"

// with runs do with the agent of the data directory, which is started where
// none runs.
func (a *app) with(ctx context.Context, do func(context.Context, agent.Service) error) error {
	p, err := paths.Find(a.data)
	if err != nil {
		return err
	}
	alone := os.Getenv(noAgent) != ""
	c := a.client(p, !alone)
	defer c.Close()
	hello, err := c.Connect(ctx)
	switch {
	case err == nil:
		if hello.Locked != nil && !a.asksItself {
			if err := a.unlock(ctx, *hello.Locked, c.Unlock); err != nil {
				return err
			}
		}
		return do(ctx, c)
	case alone && errors.Is(err, agent.ErrNotRunning):
		k, err := a.askKeys(ctx, p)
		if err != nil {
			return err
		}
		return a.alone(ctx, p, k, do)
	}
	return err
}

// client is one of the agent of p.
func (a *app) client(p paths.Paths, start bool) *agent.Client {
	c := agent.ClientConfig{Socket: p.Socket, Note: p.Listens, Version: a.version}
	if start {
		c.Start = func(ctx context.Context) error { return a.launch(ctx, p) }
	}
	return agent.NewClient(c)
}

// alone runs do with all that an agent has, in this process.
func (a *app) alone(ctx context.Context, p paths.Paths, k keys, do func(context.Context, agent.Service) error) error {
	h, err := openHouse(p, houseOptions{version: a.version, keys: k})
	if err != nil {
		return err
	}
	err = do(ctx, h.agent)
	return errors.Join(err, h.close())
}

// launch starts an agent as a process of its own.
func (a *app) launch(ctx context.Context, p paths.Paths) error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	program = strings.TrimSuffix(program, " (deleted)") // replaced by an update meanwhile
	if err := os.MkdirAll(filepath.Dir(p.Log), 0o700); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	log, err := os.OpenFile(p.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	defer log.Close()
	args, err := a.agentArgs()
	if err != nil {
		return err
	}
	return agent.Launch(ctx, program, append(args, "--detached"), log)
}

// agentArgs are those with which this program runs an agent for the same data.
func (a *app) agentArgs() ([]string, error) {
	if a.data == "" {
		return []string{"agent", "run"}, nil
	}
	dir, err := filepath.Abs(a.data)
	if err != nil {
		return nil, fmt.Errorf("find the data directory: %w", err)
	}
	return []string{"--data", dir, "agent", "run"}, nil
}

// inUse is the error where another process has the store.
type inUse struct{ error }

func (e inUse) Unwrap() error        { return e.error }
func (e inUse) Is(target error) bool { return target == agent.ErrInUse }

// houseOptions are what differs between the houses of an agent, of a command
// alone and of the demo.
type houseOptions struct {
	version string
	keys    keys       // opened
	crash   bool       // a crash of the process is written to the log
	book    agent.Book // nil for the accounts that are set up under the paths
}

// openHouse opens everything under p.
func openHouse(p paths.Paths, o houseOptions) (*house, error) {
	h := &house{paths: p, book: o.book, policy: policy.NewFiles(paths.SystemPolicy, p.Policy), clients: map[activesync.AccountID]*client.Client{}, sources: map[activesync.AccountID]*oauth.Source{}}
	if err := h.open(o); err != nil {
		return nil, errors.Join(err, h.close())
	}
	return h, nil
}

func (h *house) open(o houseOptions) error {
	for _, dir := range []string{filepath.Dir(h.paths.Store), filepath.Dir(h.paths.Config), filepath.Dir(h.paths.Log), filepath.Dir(h.paths.KeyFile)} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("make the data directory: %w", err)
		}
	}
	var err error
	if h.log, err = agent.OpenLog(h.paths.Log, o.crash); err != nil {
		return err
	}
	h.logger = slog.New(slog.NewTextHandler(h.log, nil))
	key := o.keys.key
	h.store, err = store.Open(h.paths.Store, store.Options{Key: key.Derive("store"), Timeout: time.Second})
	if locked, ok := errors.AsType[*store.LockedError](err); ok {
		err = inUse{locked} // which names the file
	}
	if err != nil {
		return fmt.Errorf("open the mail kept here: %w", err)
	}
	if h.book == nil {
		passwords, err := secret.NewPasswords(h.paths.Secrets, key)
		if err != nil {
			return fmt.Errorf("open the passwords: %w", err)
		}
		h.book = &book{path: h.paths.Config, passwords: passwords}
	}
	settings, _ := h.book.(agent.Settings) // nil for the demo, which keeps none
	h.agent, err = agent.NewLocal(agent.Config{Store: h.store, Book: h.book, Dial: h.dial, Discover: h.discover, Device: h.device(), DeviceID: h.store.DeviceID(),
		Prefetch: prefetch, Settings: settings, Traffic: h.traffic, Surroundings: agent.Machine, Listen: listen, Version: o.version, Log: h.logger,
		Policy: h.policy.Now, Books: h.books(), Keys: o.keys})
	return err
}

// books says where the local address books are. Without a home directory no
// other program that syncs contacts is found, and none can be set up there.
func (h *house) books() *agent.AddressBooks {
	home, err := os.UserHomeDir()
	if err != nil {
		h.logger.Warn("no home directory", "error", err)
	}
	return &agent.AddressBooks{Cards: h.paths.Cards, Ledgers: h.paths.Ledgers, Others: contacts.Machine{Home: home, Lookup: os.Getenv}.Others, Watch: agent.WatchCards}
}

func (h *house) close() error {
	var err error
	if h.store != nil {
		err = h.store.Close()
	}
	h.mu.Lock()
	for _, c := range h.clients {
		c.Close()
	}
	h.mu.Unlock()
	if h.log != nil {
		err = errors.Join(err, h.log.Close())
	}
	return err
}

// device is what a server is told of this installation. It says nothing of
// the machine or the person.
func (h *house) device() wire.DeviceInformation {
	return wire.DeviceInformation{Model: "securemail", FriendlyName: "securemail", OS: "terminal", UserAgent: client.DefaultUserAgent}
}

func (h *house) dial(a activesync.Account, password string) (engine.Server, error) {
	// An account that cannot speak to its server says so; the others go on.
	roots, mute := trusted(a.CAFile)
	if mute == nil && password == "" && a.Auth != activesync.AuthOAuth {
		mute = fmt.Errorf("%w: no password is kept", activesync.ErrSignIn)
	}
	cfg := client.Config{Endpoint: a.Server, User: a.Login(), DeviceID: h.store.DeviceID(),
		DeviceType: deviceType, DeviceInfo: h.device(), RootCAs: roots, Log: h.logger,
		Allow: func(host string) error { return cmp.Or(mute, h.policy.Now().AllowServer(host)) }}
	var err error
	if a.Auth != activesync.AuthOAuth {
		cfg.Password = password
	} else if cfg.Token, err = h.tokens(a, password); err != nil {
		return nil, err
	}
	c, err := client.New(cfg)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	h.clients[a.ID] = c
	h.mu.Unlock()
	return c, nil
}

// tokens gives the access tokens of an account. Only the source that was made last
// keeps what it gets: a refresh token is good for one use.
func (h *house) tokens(a activesync.Account, kept string) (func(context.Context, string) (string, error), error) {
	token, err := oauth.ParseSecret(kept)
	if err != nil {
		return func(context.Context, string) (string, error) { return "", err }, nil // the other accounts go on
	}
	p, err := provider(a)
	if err != nil {
		return nil, err
	}
	var src *oauth.Source
	src = oauth.NewSource(p, token, func(t oauth.Token) error {
		h.mu.Lock()
		defer h.mu.Unlock()
		b, ok := h.book.(*book)
		if !ok || h.sources[a.ID] != src {
			return nil
		}
		// An account that is only being set up is there a moment later; one that was
		// removed is never again.
		err := b.renew(a.ID, t)
		if err != nil && !errors.Is(err, secret.ErrNotFound) {
			h.logger.Error("the new token is not kept", "account", string(a.ID), "error", err)
		}
		return err
	})
	h.mu.Lock()
	h.sources[a.ID] = src
	h.mu.Unlock()
	return src.Token, nil
}

// discover finds the server of an account by the Autodiscover service of its
// domain. The password goes to hosts of that domain only.
func (h *house) discover(ctx context.Context, a activesync.Account, password string) (string, error) {
	byToken := a.Auth == activesync.AuthOAuth
	if byToken && a.OAuth.Entra() {
		return activesync.ExchangeOnline, nil
	}
	roots, err := trusted(a.CAFile)
	if err != nil {
		return "", err
	}
	if byToken {
		password = "" // it is a token, and no host is shown it that way
	}
	found, err := autodiscover.Find(ctx, autodiscover.Config{Email: a.Email, User: a.User, Password: password, RootCAs: roots, Anonymous: byToken})
	if err != nil {
		return "", err
	}
	h.logger.Info("server found", "via", found.Via)
	return found.Endpoint, nil
}

// trusted are the system's authorities and those of a file in PEM form; nil,
// which is the system's, where there is no file.
func trusted(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the certificates to trust: %w", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate in PEM form", file)
	}
	return roots, nil
}

// traffic is what went over the wire for an account in this run.
func (h *house) traffic(id activesync.AccountID) agent.Traffic {
	h.mu.Lock()
	defer h.mu.Unlock()
	if c := h.clients[id]; c != nil {
		s := c.Stats()
		return agent.Traffic{Requests: s.Requests, Bytes: s.Sent + s.Received}
	}
	return agent.Traffic{}
}

// listen waits at a topic of an ntfy server.
func listen(ctx context.Context, c agent.Channel, opened, wake func()) error {
	return notify.Topic{URL: c.Topic, Token: c.Token}.Listen(ctx, c.Since, opened, wake)
}
