package server

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
)

// device is what the server remembers of one installation of a client.
type device struct {
	id           string
	policyKey    uint32 // acknowledged; 0 is none
	outdated     bool   // the policies changed after that
	offered      uint32 // waits for acknowledgement
	introduced   bool   // DeviceInformation has come
	hierarchyKey activesync.SyncKey
	hierarchy    map[string]uint64 // folder id → revision the device has
	before       map[string]uint64 // likewise, one key back
	beforeKey    activesync.SyncKey
	counter      int
	collections  map[string]*collection
	pingFolders  []activesync.ServerID
	pingBeat     int
	pinged       time.Time                // when the last Ping began
	inSeconds    bool                     // a Sync had a HeartbeatInterval
	turns        int                      // how often the hierarchy started
	primed       map[string]int           // how often a folder did
	gated        int                      // requests that needed policies
	sent         map[string]bool          // ClientIds of sent messages
	waits        map[string]chan struct{} // by command, closed by the next such request
	recovery     string                   // password
	findID       string                   // of the last Find
	asked        *wbxml.Node              // the last whole Sync, for those that are empty or partial
}

func (m *Mailbox) device(id string) *device {
	d := m.devices[id]
	if d == nil {
		d = &device{id: id, collections: map[string]*collection{}, primed: map[string]int{}, sent: map[string]bool{}, waits: map[string]chan struct{}{}}
		m.devices[id] = d
	}
	return d
}

// nextKey makes a SyncKey that no other state of the device has.
func (d *device) nextKey() activesync.SyncKey {
	d.counter++
	return activesync.SyncKey(strconv.Itoa(d.counter))
}

// collection is what a device has of one folder, at its key and at the one
// before, so that a request whose answer was lost can be answered again.
type collection struct {
	key, beforeKey activesync.SyncKey
	state, before  state
	options        *options
	last           []byte           // the request that led from beforeKey to key
	answer         collectionAnswer // and its answer, where last is not nil
	added          map[string]int   // the numbers of the items it added, by ClientId
	second         int64            // of key, see SecondKeys
	teased         bool             // see Teases
	blamed         map[int]int      // how often a message broke an answer alone, see PoisonBreaks
	remembered     bool             // see ForgetsEmpty
	ahead          *readAhead       // nil where nothing was made ready
}

// state is the set of items a device has, and up to which revision it knows
// their changes.
type state struct {
	known []uint64 // bit set by item number
	rev   uint64
	own   map[int]uint64 // revisions after rev that the device made itself
}

func (s state) clone() state { return state{slices.Clone(s.known), s.rev, maps.Clone(s.own)} }

// stale reports whether an item has changed in a way the device does not know.
func (s state) stale(it *item) bool { return it.changed > s.rev && s.own[it.number] != it.changed }

// mine notes that the device made the last change of an item.
func (s *state) mine(it *item) {
	if s.own == nil {
		s.own = map[int]uint64{}
	}
	s.own[it.number] = it.changed
}

// empty reports whether the device has nothing.
func (s state) empty() bool {
	return !slices.ContainsFunc(s.known, func(bits uint64) bool { return bits != 0 })
}

func (s state) has(n int) bool { return n/64 < len(s.known) && s.known[n/64]&(1<<(n%64)) != 0 }

func (s *state) set(n int, on bool) {
	for n/64 >= len(s.known) {
		s.known = append(s.known, 0)
	}
	if on {
		s.known[n/64] |= 1 << (n % 64)
	} else {
		s.known[n/64] &^= 1 << (n % 64)
	}
}
