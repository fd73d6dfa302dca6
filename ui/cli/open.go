package cli

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/autodiscover"
	"eas.example/securemail/activesync/client"
	"eas.example/securemail/activesync/engine"
	"eas.example/securemail/activesync/wire"
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
	log    *os.File
	logger *slog.Logger

	mu      sync.Mutex
	clients map[activesync.AccountID]*client.Client // guarded by mu
}

// with opens the store and the accounts, runs do, and closes them.
func (a *app) with(ctx context.Context, do func(context.Context, *agent.Local) error) error {
	p, err := paths.Find(a.data)
	if err != nil {
		return err
	}
	h, err := openHouse(p, nil)
	if err != nil {
		return err
	}
	a.traffic = h.traffic
	err = do(ctx, h.agent)
	return errors.Join(err, h.close())
}

// openHouse opens everything under p. The accounts are those of book, or where
// that is nil those that are set up there.
func openHouse(p paths.Paths, book agent.Book) (*house, error) {
	h := &house{paths: p, book: book, clients: map[activesync.AccountID]*client.Client{}}
	if err := h.open(); err != nil {
		return nil, errors.Join(err, h.close())
	}
	return h, nil
}

func (h *house) open() error {
	for _, dir := range []string{filepath.Dir(h.paths.Store), filepath.Dir(h.paths.Config), filepath.Dir(h.paths.Log), filepath.Dir(h.paths.KeyFile)} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("make the data directory: %w", err)
		}
	}
	var err error
	h.log, err = os.OpenFile(h.paths.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	h.logger = slog.New(slog.NewTextHandler(h.log, nil))
	key, err := secret.OpenKey(h.paths.KeyFile)
	if err != nil {
		return fmt.Errorf("open the key of this installation: %w", err)
	}
	h.store, err = store.Open(h.paths.Store, store.Options{Key: key.Derive("store"), Timeout: time.Second})
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
	h.agent, err = agent.NewLocal(agent.Config{Store: h.store, Book: h.book, Dial: h.dial, Discover: h.discover, Device: h.device(), Prefetch: prefetch, Log: h.logger})
	return err
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
	roots, err := trusted(a.CAFile)
	if err != nil {
		return nil, err
	}
	c, err := client.New(client.Config{Endpoint: a.Server, User: a.Login(), Password: password, DeviceID: h.store.DeviceID(),
		DeviceType: deviceType, DeviceInfo: h.device(), RootCAs: roots, Log: h.logger})
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	h.clients[a.ID] = c
	h.mu.Unlock()
	return c, nil
}

// discover finds the server of an account by the Autodiscover service of its
// domain. The password goes to hosts of that domain only.
func (h *house) discover(ctx context.Context, a activesync.Account, password string) (string, error) {
	roots, err := trusted(a.CAFile)
	if err != nil {
		return "", err
	}
	found, err := autodiscover.Find(ctx, autodiscover.Config{Email: a.Email, User: a.User, Password: password, RootCAs: roots})
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
func (h *house) traffic(id activesync.AccountID) client.Stats {
	h.mu.Lock()
	defer h.mu.Unlock()
	if c := h.clients[id]; c != nil {
		return c.Stats()
	}
	return client.Stats{}
}
