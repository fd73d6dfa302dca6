package server

import (
	"slices"
	"strings"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

// changes are what the device does not have yet, at most window items, and
// whether there are more; nil where there is nothing.
func (x *exchange) changes(f *folder, c *collection, window int) (*commandsAnswer, bool) {
	out := &commandsAnswer{}
	p := newPeriod(c.options.filter, f.kind.Class())
	more := x.removals(f, c, p, out, window)
	more = x.updates(f, c, p, out, window) || more
	if x.additions(f, c, out, window) {
		more = true
		x.expect(f, c, window)
	}
	if out.len() == 0 {
		return nil, more
	}
	return out, more
}

// removals are the items that the device has and that are gone, or have left
// the period.
func (x *exchange) removals(f *folder, c *collection, p period, out *commandsAnswer, window int) (more bool) {
	for i, it := range f.items {
		n := i + 1
		if !c.state.has(n) || it != nil && p.holds(it) {
			continue
		}
		if out.len() >= window {
			return true
		}
		gone := wire.SyncGone{ServerID: x.itemName(f, n)}
		if it == nil {
			out.Deletes = append(out.Deletes, gone)
		} else {
			out.SoftDeletes = append(out.SoftDeletes, gone)
		}
		c.state.set(n, false)
	}
	return false
}

// updates are the items that the device has in an older state.
func (x *exchange) updates(f *folder, c *collection, p period, out *commandsAnswer, window int) (more bool) {
	var changed []*item
	strays := x.personality().Strays
	for i, it := range f.items {
		if it != nil && c.state.stale(it) && (c.state.has(i+1) && p.holds(it) || strays && it.source != nil && !p.holds(it)) {
			changed = append(changed, it)
		}
	}
	slices.SortFunc(changed, func(a, b *item) int { return int(a.changed) - int(b.changed) })
	for _, it := range changed {
		if out.len() >= window {
			return true
		}
		out.Changes = append(out.Changes, itemAnswer{x.itemName(f, it.number), x.changeOf(f, it, c)})
		c.state.rev = it.changed
	}
	c.state.rev = x.m.rev
	c.state.own = nil
	return false
}

// additions are the items of the period that the device does not have.
func (x *exchange) additions(f *folder, c *collection, out *commandsAnswer, window int) (more bool) {
	defer func() { c.ahead = nil }()
	for it := range x.unsent(f, c) {
		if x.overlooked(f, c, it) {
			c.state.set(it.number, true)
			continue
		}
		if out.len() >= window {
			return true
		}
		if x.breaks(c, it, out.len() == 0 && window == 1) {
			c.state.set(it.number, true)
			continue
		}
		data := x.ready(it, c)
		if data == nil {
			data = x.dataOf(f, it, c.options)
		}
		out.Adds = append(out.Adds, itemAnswer{x.itemName(f, it.number), data})
		c.state.set(it.number, true)
	}
	return false
}

// changeOf is what a server tells of a changed item: of a message of which
// only marks changed no more than those (MS-ASCMD 2.2.3.24).
func (x *exchange) changeOf(f *folder, it *item, c *collection) any {
	if it.source == nil || it.whole > c.state.rev || x.personality().WholeItems {
		return x.dataOf(f, it, c.options)
	}
	marks := wire.EncodeEmail(&activesync.Message{Header: activesync.Header{Read: it.read, Flag: it.flag}}, x.Version)
	out := &wire.Email{Read: marks.Read, Flag: marks.Flag}
	if x.Version >= activesync.V140 && it.cats != nil {
		out.Categories = &wire.Categories{Names: it.cats}
	}
	return out
}

// dataOf is the whole of an item, with the body that is asked for.
func (x *exchange) dataOf(f *folder, it *item, o *options) any {
	switch {
	case it.contact != nil:
		return wire.EncodeContact(it.contact, x.Version)
	case it.event != nil:
		return wire.EncodeEvent(it.event, x.Version)
	case it.task != nil:
		return wire.EncodeTask(it.task, x.Version)
	case it.note != nil:
		return wire.EncodeNote(it.note)
	}
	m, native := x.message(f, it, o)
	if x.personality().Muddles && strings.HasPrefix(m.Subject, "muddled") {
		return &muddle{Form: "muddled"}
	}
	e := wire.EncodeEmail(m, x.Version)
	n := wire.MakeNumber(native)
	e.NativeBodyType = &n
	return e
}

// muddle is a message of which one element, the form of its text, is no number.
type muddle struct {
	Form string `wbxml:"AirSyncBase:Body>AirSyncBase:Type"`
}

// news reports whether a Sync would tell a device something of a folder.
func (x *exchange) news(f *folder) bool {
	c := x.d.collections[f.id]
	return c == nil || x.pending(f, c, c.options.filter, 1) > 0
}

// pending counts the changes that a device does not have yet, up to most.
func (x *exchange) pending(f *folder, c *collection, filter, most int) (n int) {
	p := newPeriod(filter, f.kind.Class())
	for i, it := range f.items {
		in := it != nil && p.holds(it)
		if in != c.state.has(i+1) || in && c.state.stale(it) {
			if n++; n >= most {
				break
			}
		}
	}
	return n
}
