package server

import (
	"iter"
	"net/http"
	"reflect"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
)

// readAhead is what was made ready of the messages that a device will ask for
// next: taking them apart is most of the work of a first sync, and the device is
// busy meanwhile with those that it got.
type readAhead struct {
	version activesync.Version
	options *options
	items   map[*item]readyItem
}

// readyItem is a message as it is told of while it is at that revision, encoded.
type readyItem struct {
	changed uint64
	data    wbxml.Raw
}

// ready takes what was made ready of an item, nil where there is nothing that
// fits. The caller holds mu.
func (x *exchange) ready(it *item, c *collection) any {
	a := c.ahead
	if a == nil || a.version != x.Version || !reflect.DeepEqual(a.options, c.options) {
		return nil
	}
	if r, ok := a.items[it]; ok && r.changed == it.changed {
		return r.data
	}
	return nil
}

// expect notes that the device has more to ask for, at most window items.
func (x *exchange) expect(f *folder, c *collection, window int) {
	x.next = func() {
		a := &readAhead{version: x.Version, options: c.options, items: map[*item]readyItem{}}
		var items []*item
		var copies []item
		x.m.mu.Lock()
		for it := range x.unsent(f, c) {
			if len(items) >= window {
				break
			}
			if it.source != nil {
				items, copies = append(items, it), append(copies, *it)
			}
		}
		x.m.mu.Unlock()
		for i := range items {
			if data, err := wbxml.MakeRaw(x.dataOf(f, &copies[i], a.options)); err == nil { // else it fails again when it is asked for
				a.items[items[i]] = readyItem{copies[i].changed, data}
			}
		}
		x.m.mu.Lock()
		defer x.m.mu.Unlock()
		c.ahead = a
	}
}

// readAhead does what was noted, where the answer is on its way to the device
// while this goes on.
func (x *exchange) readAhead(w http.ResponseWriter) {
	if x.next != nil && http.NewResponseController(w).Flush() == nil {
		x.next()
	}
}

// unsent are the items of the period that the device does not have, in the order
// in which they are given.
func (x *exchange) unsent(f *folder, c *collection) iter.Seq[*item] {
	p := newPeriod(c.options.filter, f.kind.Class())
	return func(yield func(*item) bool) {
		dated := f.dated()
		for i := range dated {
			n := dated[i]
			if !x.s.cfg.OldestFirst {
				n = dated[len(dated)-1-i]
			}
			if it := f.items[n-1]; !c.state.has(int(n)) && p.holds(it) && !yield(it) {
				return
			}
		}
	}
}
