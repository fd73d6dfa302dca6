package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/engine"
	"eas.example/securemail/activesync/policy"
	"eas.example/securemail/activesync/wire"
)

// Store is what the engines need and what screens read.
type Store interface {
	engine.Store
	RemoveAccount(context.Context, activesync.AccountID) error
	EraseAccount(context.Context, activesync.AccountID) error
	Check(context.Context) error
	SetFolderOptions(context.Context, activesync.FolderID, activesync.FolderOptions) error
	Thread(context.Context, activesync.ItemID) ([]activesync.Header, error)
	Queue(ctx context.Context, op activesync.Op, mime []byte) (activesync.OpID, error)
	Unreadable(context.Context, activesync.AccountID) ([]activesync.Header, error)
	QueueEntries(context.Context, []activesync.Op, ...activesync.Letter) ([]activesync.Op, error)
	RevertOp(context.Context, activesync.OpID) error
	RetryOp(context.Context, activesync.OpID) error
	Decide(context.Context, activesync.FolderID, activesync.Decision) error
	Contacts(context.Context, activesync.AccountID) ([]activesync.ContactRow, error)
	Contact(context.Context, activesync.ItemID) (activesync.Contact, error)
	Events(ctx context.Context, account activesync.AccountID, from, to time.Time) ([]activesync.Event, error)
	Event(context.Context, activesync.ItemID) (activesync.Event, error)
	KeepDraft(ctx context.Context, key string, d activesync.Draft) (due bool, err error)
	// DraftOf is what is kept of a message in Drafts, OpenDraft keeps what another
	// program wrote there.
	DraftOf(context.Context, activesync.ItemID) (d activesync.Draft, found bool, err error)
	OpenDraft(context.Context, activesync.ItemID, activesync.Draft) (activesync.Draft, error)
	Drafts(context.Context) (map[string]activesync.Draft, error)
	KeepFound(ctx context.Context, account activesync.AccountID, words string, found activesync.People) error
	Found(ctx context.Context, account activesync.AccountID, words string) (activesync.People, error)
	TakeUntold(context.Context, activesync.AccountID) ([]activesync.Header, error)
	ForgetTold(context.Context) error
	DropDraft(ctx context.Context, key, stamp string) error
	QueueMail(ctx context.Context, op activesync.Op, d activesync.Draft, write func(io.Writer) error) (activesync.OpID, error)
	TakeDraft(ctx context.Context, id activesync.OpID) (*activesync.Draft, error)
	Postpone(ctx context.Context, id activesync.OpID, due, date time.Time) error
	OpMIME(ctx context.Context, id activesync.OpID) (activesync.FileReader, error)
}

// Book keeps the accounts and their passwords.
type Book interface {
	Accounts() ([]activesync.Account, error)
	Password(activesync.AccountID) (string, error) // "" where none is kept
	Add(account activesync.Account, password string) error
	// Change keeps an account that is there with another password, which may be a
	// token, and with what else of it has changed.
	Change(account activesync.Account, password string) error
	Remove(activesync.AccountID) error
}

// Config is what a Local is made of.
type Config struct {
	Store Store
	Book  Book
	// Dial makes the connection of an account. It does no I/O.
	Dial func(account activesync.Account, password string) (engine.Server, error)
	// Discover finds the server of an account that names none; nil finds none. It
	// waits for the network.
	Discover func(ctx context.Context, account activesync.Account, password string) (endpoint string, err error)
	Device   wire.DeviceInformation
	// DeviceID is the id by which servers know this installation.
	DeviceID string
	// Prefetch is how many of the newest messages of a mailbox get whole bodies
	// in idle time.
	Prefetch int
	// Settings keeps Settings › Background and › Notifications; nil keeps the defaults.
	Settings Settings
	// Keys changes what holds the key of the store; nil changes nothing.
	Keys Keys
	// Traffic counts what went over the wire for an account; nil counts nothing.
	Traffic func(activesync.AccountID) Traffic
	// Surroundings tells how this machine is at the moment; see engine.Config.
	Surroundings func() engine.Surroundings
	// Listen waits at a push channel until it breaks or ctx ends; nil is none. It
	// calls opened when it listens, and wake for each news.
	Listen func(ctx context.Context, c Channel, opened, wake func()) error
	// Policy is the managed policy of this machine, asked for at every action that
	// it governs; nil is none.
	Policy func() policy.Managed
	// Books says where the local address books are; nil keeps none.
	Books   *AddressBooks
	Version string // of the program
	Log     *slog.Logger
}

// Local is the agent in this process.
type Local struct {
	Config
	mu       sync.Mutex
	ctx      context.Context // of Run; nil before
	accounts map[activesync.AccountID]*member
	signing  sync.Mutex          // held while an account signs in anew
	done     []activesync.Op     // by the person in this process, for Undo; guarded by mu
	erased   []activesync.Erased // when the process began; guarded by mu
	wait     sync.WaitGroup
	hub      *hub
	presence presence
	screens  screens
	clock    clock

	directory directory
	bookcase  bookcase

	// notifications are the choices where nothing keeps them; guarded by mu.
	notifications activesync.Notifications
}

// member is one account and the engine that lives its life.
type member struct {
	account activesync.Account
	engine  *engine.Engine
	stop    context.CancelFunc // nil while the engine does not run
	done    chan struct{}
}

// NewLocal reads the accounts. Nothing is asked of any server before Run, or
// before a method that says that it waits for the network.
func NewLocal(c Config) (*Local, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	l := &Local{Config: c, accounts: map[activesync.AccountID]*member{}, hub: newHub(), screens: newScreens(), clock: newClock(),
		directory: newDirectory(), bookcase: newBookcase()}
	l.presence = newPresence()
	l.presence.forbidden = l.backgroundForbidden()
	if c.Settings != nil {
		b, err := c.Settings.Background()
		if err != nil {
			return nil, fmt.Errorf("read Settings › Background: %w", err)
		}
		l.presence.settings = b
		n, err := c.Settings.Notifications()
		if err != nil {
			return nil, fmt.Errorf("read Settings › Notifications: %w", err)
		}
		l.keepQuiet(n)
	}
	accounts, err := c.Book.Accounts()
	if err != nil {
		return nil, fmt.Errorf("read the accounts: %w", err)
	}
	for _, a := range accounts {
		if s, err := c.Store.State(context.Background(), a.ID); err == nil && s.Erase { // what a crash kept from being done
			l.erased = append(l.erased, activesync.Erased{Account: a.ID, Name: a.Name, Shown: s.Told.Shown})
			l.erase(context.Background(), a)
			continue
		}
		password, err := c.Book.Password(a.ID)
		if err != nil {
			return nil, fmt.Errorf("read the password of %s: %w", a.Name, err)
		}
		m, err := l.newMember(a, password)
		if err != nil {
			return nil, err
		}
		l.accounts[a.ID] = m
	}
	return l, nil
}

func (l *Local) newMember(a activesync.Account, password string) (*member, error) {
	server, err := l.Dial(a, password)
	if err != nil {
		return nil, fmt.Errorf("account %s: %w", a.Name, err)
	}
	return &member{account: a, engine: engine.New(engine.Config{
		Account: a, Server: server, Store: l.Store, Device: l.Device, DeviceID: l.DeviceID, Notify: l.publish, Prefetch: l.Prefetch,
		Surroundings: l.Surroundings, Policy: l.managed, Log: l.Log,
	})}, nil
}

// Run keeps all accounts in step until ctx ends, and returns when every engine
// has stopped.
func (l *Local) Run(ctx context.Context) error {
	l.mu.Lock()
	l.ctx = ctx
	for _, m := range l.accounts {
		l.start(m)
	}
	l.wait.Add(1)
	l.mu.Unlock()
	go func() {
		defer l.wait.Done()
		l.keepBooks(ctx)
	}()
	l.mind(ctx)
	l.wait.Wait()
	return nil
}

// start lets the engine of an account run. The caller holds mu.
func (l *Local) start(m *member) {
	m.engine.Attend(l.careFor(m.account.ID))
	ctx, stop := context.WithCancel(l.ctx)
	m.stop, m.done = stop, make(chan struct{})
	l.wait.Add(1)
	go func() {
		defer l.wait.Done()
		err := m.engine.Run(ctx)
		close(m.done)
		switch {
		case errors.Is(err, activesync.ErrWipe):
			l.erase(context.WithoutCancel(ctx), m.account)
		case err != nil:
			l.Log.Error("account stopped", "account", string(m.account.ID), "error", err)
		}
	}()
}

// publish tells everyone who listens.
func (l *Local) publish(n activesync.Notice) {
	l.directory.hear(n)
	l.hub.publish(n)
	switch n.Kind {
	case activesync.NoticeOp, activesync.NoticeAccount, activesync.NoticeStatus:
		l.presence.nudge() // there may be nothing left to do, or a policy may have changed
	}
}

// members are all accounts, in no order.
func (l *Local) members() []*member {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]*member, 0, len(l.accounts))
	for _, m := range l.accounts {
		list = append(list, m)
	}
	return list
}

func (l *Local) member(id activesync.AccountID) (*member, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if m := l.accounts[id]; m != nil {
		return m, nil
	}
	return nil, fmt.Errorf("%w: %q", ErrNoAccount, string(id))
}

// ErrNoAccount: there is no account of that name.
var ErrNoAccount = errors.New("no such account")

// of finds the engine that an item or folder belongs to.
func (l *Local) of(ctx context.Context, folder activesync.FolderID) (*member, error) {
	f, err := l.Store.Folder(ctx, folder)
	if err != nil {
		return nil, err
	}
	return l.member(f.Account)
}

func (l *Local) ofItem(ctx context.Context, item activesync.ItemID) (*member, error) {
	folder, _, err := l.Store.ServerID(ctx, item)
	if err != nil {
		return nil, err
	}
	return l.of(ctx, folder)
}
