package agent

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"eas.example/securemail/activesync"
	"eas.example/securemail/notify"
)

// desktop keeps what it was asked to show.
type desktop struct {
	events chan notify.DesktopEvent

	mu     sync.Mutex
	last   uint32
	stands map[uint32]notify.Notice // what is to be seen
	told   []notify.Notice          // all that ever came up
	shows  int                      // how often it was asked to show something
}

func newDesktop() *desktop {
	return &desktop{events: make(chan notify.DesktopEvent, 8), stands: map[uint32]notify.Notice{}}
}

func (d *desktop) Name(context.Context) (string, error) { return "desktop", nil }

func (d *desktop) Show(_ context.Context, n notify.Notice, replaces uint32) (uint32, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.shows++
	id := replaces
	if id == 0 {
		d.last++
		id = d.last
		d.told = append(d.told, n)
	}
	d.stands[id] = n
	return id, nil
}

func (d *desktop) Withdraw(_ context.Context, id uint32) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.stands, id)
	return nil
}

func (d *desktop) Events() <-chan notify.DesktopEvent { return d.events }

// all is what is to be seen now, by its id.
func (d *desktop) all() map[uint32]notify.Notice {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.stands)
}

// ever is all that came up since forget.
func (d *desktop) ever() []notify.Notice {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.told)
}

func (d *desktop) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.told = nil
}

// items are the messages that were told of since forget.
func (d *desktop) items() (items []activesync.ItemID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, n := range d.told {
		items = append(items, n.Items...)
	}
	return items
}

// standing are the titles that are to be seen, in the order of their ids.
func (d *desktop) standing() (titles []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(d.stands)) {
		n := d.stands[id]
		titles = append(titles, strings.TrimSuffix(n.Title+": "+n.Body, ": "))
	}
	return titles
}

// id of the one notification that is to be seen, 0 if it is not one.
func (d *desktop) id() uint32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.stands) == 1 {
		for id := range d.stands {
			return id
		}
	}
	return 0
}
