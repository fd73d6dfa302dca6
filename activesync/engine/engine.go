package engine

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/policy"
	"eas.example/securemail/activesync/wire"
)

// Config is what an Engine is made of.
type Config struct {
	Account activesync.Account
	Server  Server
	Store   Store
	// Device is what the server is told of this installation.
	Device wire.DeviceInformation
	// DeviceID is the id that the server knows it by, for an administrator to be
	// told.
	DeviceID string
	// Notify is called after each commit, from the goroutine that committed. It
	// must not block. Nil tells nobody.
	Notify func(activesync.Notice)
	// Prefetch is how many of the newest messages of a mailbox get their whole
	// bodies in idle time; 0 leaves bodies to be fetched when opened.
	Prefetch int
	// Surroundings tells how this machine is at the moment, for intervals in the
	// background. Nil is one on mains, on a network that costs nothing.
	Surroundings func() Surroundings
	// Brake is how many deletions by the server are carried out without a question;
	// the zero value is DefaultBrake.
	Brake activesync.Brake
	// Policy is the managed policy of this machine, asked for each time that
	// something depends on it. Nil is none.
	Policy func() policy.Managed
	Log    *slog.Logger
}

// Engine is the life of one account.
type Engine struct {
	account  activesync.Account
	server   Server
	store    Store
	device   wire.DeviceInformation
	deviceID string
	notify   func(activesync.Notice)
	prefetch int
	brake    activesync.Brake
	managed  func() policy.Managed
	log      *slog.Logger

	surroundings func() Surroundings

	lane    lane
	journal lane          // held while records are carried out, so that none is taken back in between
	wake    chan struct{} // something to do before the next due time
	fetches turns         // one download of a file at a time

	mu      sync.Mutex
	session bool              // versions agreed and policies acknowledged in this process
	status  activesync.Status // guarded by mu
	folders map[activesync.FolderID]*watch
	byHand  map[activesync.FolderID]bool // folders that the person asked for
	resume  bool                         // the person asked to try again
	shutOut bool                         // the server said 403, and nothing has worked since
	checked time.Time                    // last FolderSync
	doubted time.Time                    // when the server was last seen to have forgotten what it told
	hasty   int                          // waits in a row that ended at once without news
	longest time.Duration                // wait that is tried until bounded, 0 for any
	bounded time.Time
	// cuts is how often waits were cut in a row, the last one after cutAfter.
	cuts     int
	cutAfter time.Duration

	// unreached are records put off because the server could not be reached; true
	// once the network is another one.
	unreached map[activesync.OpID]bool
	// missed is how often the header of a message could not be had.
	missed map[activesync.ItemID]int

	attention attention
	jointCuts int // how often a joint request failed on the way back
}

// watch is what the engine remembers of a folder while it runs. All of it may
// be lost: a fresh one only costs a request.
type watch struct {
	dirty      bool      // the server said that there is news
	tried      time.Time // last attempt
	failures   int       // in a row
	retry      time.Time // not before
	emptyWakes int       // Pings in a row that promised news where there was none
	pinged     bool      // a Ping spoke of it since the last look
	fetched    int       // bodies brought in idle time
	headless   time.Time // before that headers of it are not asked for again
	pace       pace
}

// New makes an engine. It does nothing before Run or a method by hand.
func New(c Config) *Engine {
	if c.Notify == nil {
		c.Notify = func(activesync.Notice) {}
	}
	if c.Brake == (activesync.Brake{}) {
		c.Brake = activesync.DefaultBrake()
	}
	if c.Policy == nil {
		c.Policy = func() policy.Managed { return policy.Managed{} }
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Engine{
		account: c.Account, server: c.Server, store: c.Store, device: c.Device, deviceID: c.DeviceID,
		notify: c.Notify, prefetch: c.Prefetch, brake: c.Brake, managed: c.Policy, surroundings: c.Surroundings, log: c.Log.With("account", string(c.Account.ID)),
		lane: newLane(), journal: newLane(), wake: make(chan struct{}, 1),
		status:  activesync.Status{Account: c.Account.ID, Phase: activesync.PhaseOffline},
		folders: map[activesync.FolderID]*watch{}, byHand: map[activesync.FolderID]bool{}, doubted: wall(), unreached: map[activesync.OpID]bool{},
	}
}

// Wake makes Run look at once for something to do: a new journal record, other
// Sync options, a network that is back.
func (e *Engine) Wake() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// Resume is Wake by the person: a refused sign-in is tried once more.
func (e *Engine) Resume() {
	e.mu.Lock()
	e.resume = true
	e.mu.Unlock()
	e.Wake()
}

// CheckNow asks Run to look at these folders, whatever their check frequency;
// at all that have one where none is named.
func (e *Engine) CheckNow(folders ...activesync.FolderID) {
	e.mu.Lock()
	for _, f := range folders {
		e.byHand[f] = true
	}
	if len(folders) == 0 {
		e.checked = time.Time{}
		e.attention.asked = wall()
		for _, w := range e.folders {
			w.dirty = true
			w.retry = time.Time{}
		}
	}
	e.resume = true
	e.mu.Unlock()
	e.Wake()
}

// Stale has Run look at once at folders that are on push, although the server told
// nothing of them.
func (e *Engine) Stale(folders ...activesync.FolderID) {
	e.dirty(folders...)
	e.Wake()
}

func (e *Engine) watch(id activesync.FolderID) *watch {
	w := e.folders[id]
	if w == nil {
		w = &watch{dirty: true}
		e.folders[id] = w
	}
	return w
}

func (e *Engine) tell(n activesync.Notice) {
	n.Account, n.Time = e.account.ID, time.Now().UTC()
	e.notify(n)
}

// limits are what the server and this machine allow, the stricter of the two.
func (e *Engine) limits(account activesync.AccountState) policy.Policy {
	return policy.FromServer(account.Policy).With(e.managed())
}

func (e *Engine) state(ctx context.Context) (activesync.AccountState, error) {
	return e.store.State(ctx, e.account.ID)
}
