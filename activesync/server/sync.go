package server

import (
	"bytes"
	"slices"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

const (
	defaultWindow = 100
	maxWindow     = 512
	maxCommands   = 200
)

// options are those of a collection: the server remembers the last block.
type options struct {
	filter int
	bodies []wire.BodyPreference
	mime   int
}

// outgoing are the wire structs of an answer, with ApplicationData not yet
// written.
type syncAnswer struct {
	_           wbxml.Root         `wbxml:"AirSync:Sync"`
	Status      int                `wbxml:"AirSync:Status,omitempty"`
	Collections []collectionAnswer `wbxml:"AirSync:Collections>AirSync:Collection"`
}

type collectionAnswer struct {
	SyncKey      activesync.SyncKey  `wbxml:"AirSync:SyncKey,omitempty"`
	CollectionID activesync.ServerID `wbxml:"AirSync:CollectionId"`
	Status       int                 `wbxml:"AirSync:Status"`
	More         bool                `wbxml:"AirSync:MoreAvailable,empty"`
	Commands     *commandsAnswer     `wbxml:"AirSync:Commands"`
	Responses    *responsesAnswer    `wbxml:"AirSync:Responses"`
}

type commandsAnswer struct {
	Adds        []itemAnswer    `wbxml:"AirSync:Add"`
	Changes     []itemAnswer    `wbxml:"AirSync:Change"`
	Deletes     []wire.SyncGone `wbxml:"AirSync:Delete"`
	SoftDeletes []wire.SyncGone `wbxml:"AirSync:SoftDelete"`
}

func (c *commandsAnswer) len() int {
	return len(c.Adds) + len(c.Changes) + len(c.Deletes) + len(c.SoftDeletes)
}

type itemAnswer struct {
	ServerID activesync.ServerID `wbxml:"AirSync:ServerId"`
	Data     any                 `wbxml:"AirSync:ApplicationData"`
}

type responsesAnswer struct {
	Adds    []wire.SyncAddResult    `wbxml:"AirSync:Add"`
	Changes []wire.SyncChangeResult `wbxml:"AirSync:Change"`
	Deletes []wire.SyncChangeResult `wbxml:"AirSync:Delete"`
	Fetches []fetchAnswer           `wbxml:"AirSync:Fetch"`
}

type fetchAnswer struct {
	ServerID activesync.ServerID `wbxml:"AirSync:ServerId"`
	Status   int                 `wbxml:"AirSync:Status"`
	Data     any                 `wbxml:"AirSync:ApplicationData"`
}

func (r *responsesAnswer) empty() bool {
	return len(r.Adds)+len(r.Changes)+len(r.Deletes)+len(r.Fetches) == 0
}

// sync brings collections in step (MS-ASCMD 2.2.1.21).
func (x *exchange) sync() *reply {
	var req wire.SyncRequest
	if x.root == nil || x.decode(&req) != nil {
		return document(&syncAnswer{Status: 13})
	}
	if req.Wait > 0 && req.HeartbeatInterval > 0 || len(req.Collections) == 0 {
		return document(&syncAnswer{Status: 4})
	}
	if x.d.hierarchy == nil {
		return document(&syncAnswer{Status: 12})
	}
	out := &syncAnswer{}
	changed := false
	for i := range req.Collections {
		a, news := x.syncCollection(&req.Collections[i])
		if a.replay != nil && len(req.Collections) == 1 {
			return &reply{status: 200, body: a.replay, ctype: wbxmlType}
		}
		if a.Status == 16 {
			return document(&syncAnswer{Status: 16})
		}
		changed = changed || news
		if news {
			out.Collections = append(out.Collections, a.collectionAnswer)
		}
	}
	if !changed {
		return plain(200)
	}
	rep := document(out)
	if len(req.Collections) == 1 {
		if c := x.d.collections[string(req.Collections[0].CollectionID)]; c != nil && len(rep.body) < 8<<20 {
			c.last, c.answer = bytes.Clone(x.Body), rep.body
		}
	}
	return rep
}

type collectionResult struct {
	collectionAnswer
	replay []byte
}

// syncCollection answers for one folder. news is false where there is nothing
// to say.
func (x *exchange) syncCollection(in *wire.SyncCollection) (out collectionResult, news bool) {
	out.CollectionID = in.CollectionID
	fail := func(status int) (collectionResult, bool) {
		out.Status = status
		if status == 3 {
			out.SyncKey = activesync.KeyNone
		}
		return out, true
	}
	f := x.m.folders[string(in.CollectionID)]
	if f == nil || f.gone {
		return fail(12)
	}
	class := f.kind.Class()
	if class == activesync.ClassNone || class == activesync.ClassTasks || class == activesync.ClassNotes ||
		f.kind == activesync.FolderDrafts && x.Version < activesync.V160 {
		return fail(4)
	}
	c := x.d.collections[f.id]
	if in.SyncKey == activesync.KeyNone {
		if in.GetChanges != nil && *in.GetChanges || in.Commands != nil {
			return fail(4)
		}
		c = &collection{key: x.d.nextKey()}
		x.d.collections[f.id] = c
		if status := c.remember(in, class); status != 0 {
			return fail(status)
		}
		out.Status, out.SyncKey = 1, c.key
		return out, true
	}
	if c == nil || in.SyncKey == "" {
		return fail(3)
	}
	switch in.SyncKey {
	case c.key:
	case c.beforeKey:
		if c.beforeKey == "" {
			return fail(3)
		}
		if bytes.Equal(c.last, x.Body) {
			out.replay = c.answer
			return out, true
		}
		c.key, c.state = c.beforeKey, c.before.clone()
	default:
		return fail(3)
	}
	if status := c.remember(in, class); status != 0 {
		return fail(status)
	}
	before := c.state.clone()
	responses, status := x.commands(f, c, in.Commands)
	if status != 0 {
		c.state = before
		return fail(status)
	}
	var cmds *commandsAnswer
	if in.GetChanges == nil || *in.GetChanges {
		window := in.WindowSize
		if window <= 0 {
			window = defaultWindow
		}
		cmds, out.More = x.changes(f, c, min(window, maxWindow))
	}
	if cmds == nil && responses.empty() && in.Commands == nil && !out.More {
		return out, false
	}
	c.before, c.beforeKey = before, c.key
	c.key = x.d.nextKey()
	out.Status, out.SyncKey = 1, c.key
	if cmds != nil && cmds.len() > 0 {
		out.Commands = cmds
	}
	if !responses.empty() {
		out.Responses = responses
	}
	return out, true
}

// filters are the FilterTypes that a class takes (MS-ASCMD 2.2.3.68.2).
var filters = map[activesync.Class][]int{activesync.ClassEmail: {0, 1, 2, 3, 4, 5}, activesync.ClassCalendar: {0, 4, 5, 6, 7}}

// remember keeps the options of a collection; a block replaces the last one
// whole (MS-ASCMD 2.2.3.125.5).
func (c *collection) remember(in *wire.SyncCollection, class activesync.Class) (status int) {
	if len(in.Options) == 0 {
		if c.options == nil {
			c.options = &options{}
		}
		return 0
	}
	if len(in.Options) > 2 {
		return 4
	}
	o := in.Options[0]
	c.options = &options{bodies: o.BodyPreferences}
	if o.FilterType != nil {
		c.options.filter = *o.FilterType
	}
	if o.MIMESupport != nil {
		c.options.mime = *o.MIMESupport
	}
	if allowed, ok := filters[class]; ok && !slices.Contains(allowed, c.options.filter) {
		return 4
	}
	seen := map[uint8]bool{}
	for _, b := range o.BodyPreferences {
		if b.Type < 1 || b.Type > 4 || seen[b.Type] || b.Preview > 255 {
			return 4
		}
		seen[b.Type] = true
	}
	return 0
}

// inWindow reports whether an item lies in the period that is asked for.
func inWindow(it *item, filter int, class activesync.Class) bool {
	days, ok := map[int]int{1: 1, 2: 3, 3: 7, 4: 14, 5: 31, 6: 92, 7: 183}[filter]
	if !ok || class != activesync.ClassEmail && class != activesync.ClassCalendar {
		return true
	}
	if it.event != nil && it.event.Recurrence.Set && it.event.Recurrence.Until.IsZero() {
		return true
	}
	return it.date.After(time.Now().AddDate(0, 0, -days))
}

// changes are what the device does not have yet, at most window items, and
// whether there are more.
func (x *exchange) changes(f *folder, c *collection, window int) (*commandsAnswer, bool) {
	out := &commandsAnswer{}
	class := f.kind.Class()
	var adds, changed []*item
	more := false
	for i := range f.items {
		it, n := f.items[i], i+1
		known := c.state.has(n)
		switch {
		case it == nil && known, it != nil && known && !inWindow(it, c.options.filter, class):
			if out.len() >= window {
				more = true
				continue
			}
			gone := wire.SyncGone{ServerID: f.itemID(&item{number: n})}
			if it == nil {
				out.Deletes = append(out.Deletes, gone)
			} else {
				out.SoftDeletes = append(out.SoftDeletes, gone)
			}
			c.state.set(n, false)
		case it == nil:
		case known && it.changed > c.state.rev:
			changed = append(changed, it)
		case !known && inWindow(it, c.options.filter, class):
			adds = append(adds, it)
		}
	}
	slices.SortFunc(changed, func(a, b *item) int { return int(a.changed) - int(b.changed) })
	rest := false
	for _, it := range changed {
		if out.len() >= window {
			more, rest = true, true
			break
		}
		out.Changes = append(out.Changes, itemAnswer{f.itemID(it), x.changeOf(f, it, c.options)})
		c.state.rev = it.changed
	}
	if !rest {
		c.state.rev = x.m.rev
	}
	slices.SortStableFunc(adds, func(a, b *item) int {
		if x.s.cfg.OldestFirst {
			return a.date.Compare(b.date)
		}
		return b.date.Compare(a.date)
	})
	for _, it := range adds {
		if out.len() >= window {
			more = true
			break
		}
		out.Adds = append(out.Adds, itemAnswer{f.itemID(it), x.dataOf(f, it, c.options)})
		c.state.set(it.number, true)
	}
	if out.len() == 0 {
		return nil, more
	}
	return out, more
}

// changeOf is what a server tells of a changed item: of a message whose marks
// changed only those (MS-ASCMD 2.2.3.24).
func (x *exchange) changeOf(f *folder, it *item, o *options) any {
	if it.source == nil || !it.partial {
		return x.dataOf(f, it, o)
	}
	m := &activesync.Message{Header: activesync.Header{Read: it.read, Flag: it.flag}}
	full := wire.EncodeEmail(m, x.Version)
	return &wire.Email{Read: full.Read, Flag: full.Flag}
}

func (x *exchange) dataOf(f *folder, it *item, o *options) any {
	switch {
	case it.contact != nil:
		return wire.EncodeContact(it.contact, x.Version)
	case it.event != nil:
		return wire.EncodeEvent(it.event, x.Version)
	}
	m := x.message(f, it, o.bodies, o.mime)
	return wire.EncodeEmail(m, x.Version)
}

// commands carries out what the device asks for. status is that of the whole
// collection, 0 when all is well.
func (x *exchange) commands(f *folder, c *collection, cmds *wire.SyncCommands) (*responsesAnswer, int) {
	out := &responsesAnswer{}
	if cmds == nil {
		return out, 0
	}
	if len(cmds.Adds)+len(cmds.Changes)+len(cmds.Deletes)+len(cmds.Fetches) > maxCommands {
		return out, 4
	}
	seen := map[activesync.ServerID]bool{}
	for _, id := range named(cmds) {
		if seen[id] {
			return out, 16 // two commands for one item
		}
		seen[id] = true
	}
	for _, ch := range cmds.Changes {
		if status := x.change(f, ch); status != 1 {
			out.Changes = append(out.Changes, wire.SyncChangeResult{ServerID: ch.ServerID, Status: status})
		}
	}
	deletesAsMoves := x.deletesAsMoves()
	for _, del := range cmds.Deletes {
		it := f.item(del.ServerID)
		if it == nil {
			out.Deletes = append(out.Deletes, wire.SyncChangeResult{ServerID: del.ServerID, Status: 8})
			continue
		}
		if bin := x.m.kind(activesync.FolderDeleted); deletesAsMoves && f != bin {
			x.m.move(f, bin, it)
		} else {
			x.m.remove(f, it)
		}
		c.state.set(it.number, false)
	}
	for _, add := range cmds.Adds {
		out.Adds = append(out.Adds, x.add(f, c, add))
	}
	for _, fetch := range cmds.Fetches {
		a := fetchAnswer{ServerID: fetch.ServerID, Status: 8, Data: &wire.Email{}}
		if it := f.item(fetch.ServerID); it != nil {
			a.Status, a.Data = 1, x.dataOf(f, it, c.options)
		}
		out.Fetches = append(out.Fetches, a)
	}
	return out, 0
}

func named(cmds *wire.SyncCommands) []activesync.ServerID {
	var out []activesync.ServerID
	for _, c := range cmds.Changes {
		out = append(out, c.ServerID)
	}
	for _, c := range cmds.Deletes {
		out = append(out, c.ServerID)
	}
	return out
}

// deletesAsMoves is 1 where the request does not say otherwise.
func (x *exchange) deletesAsMoves() bool {
	for _, n := range descendants(x.root, wbxml.MustTag("AirSync:DeletesAsMoves")) {
		return string(n.Text) != "0"
	}
	return true
}

// change carries out one Change; of a message only marks can be changed
// (MS-ASEMAIL 2.2.2).
func (x *exchange) change(f *folder, ch wire.SyncChange) (status int) {
	it := f.item(ch.ServerID)
	if it == nil {
		return 8
	}
	switch f.kind.Class() {
	case activesync.ClassEmail:
		p, err := wire.DecodeEmail(ch.ApplicationData)
		if err != nil || p.Fields&^(activesync.HasRead|activesync.HasFlag|activesync.HasCategories) != 0 && !it.draft {
			return 6
		}
		if p.Fields&activesync.HasRead != 0 {
			it.read = p.Read
		}
		if p.Fields&activesync.HasFlag != 0 {
			it.flag = p.Flag
		}
		if p.Fields&activesync.HasCategories != 0 {
			it.cats = p.Categories
		}
		it.partial = true
	case activesync.ClassContacts:
		p, err := wire.DecodeContact(ch.ApplicationData)
		if err != nil {
			return 6
		}
		changed := *it.contact
		p.Whole = x.Version >= activesync.V160
		p.Apply(&changed)
		it.contact = &changed
	case activesync.ClassCalendar:
		p, err := wire.DecodeEvent(ch.ApplicationData)
		if err != nil {
			return 6
		}
		changed := *it.event
		p.Apply(&changed)
		it.event = &changed
	}
	// The device that changed it is not told of it.
	rev := x.m.touch()
	c := x.d.collections[f.id]
	upToDate := c.state.rev >= rev-1
	it.changed = rev
	if upToDate {
		c.state.rev = rev
	}
	return 1
}

func (x *exchange) add(f *folder, c *collection, in wire.SyncAdd) wire.SyncAddResult {
	out := wire.SyncAddResult{ClientID: in.ClientID, Status: 6}
	var it *item
	switch f.kind.Class() {
	case activesync.ClassContacts:
		if p, err := wire.DecodeContact(in.ApplicationData); err == nil {
			contact := activesync.Contact{}
			p.Apply(&contact)
			it = &item{contact: &contact}
		}
	case activesync.ClassCalendar:
		if p, err := wire.DecodeEvent(in.ApplicationData); err == nil {
			event := activesync.Event{}
			p.Apply(&event)
			it = &item{event: &event, date: event.Start}
		}
	}
	if it == nil || in.ClientID == "" || len(in.ClientID) > 64 {
		return out
	}
	x.m.put(f, it)
	c.state.set(it.number, true)
	out.Status, out.ServerID = 1, f.itemID(it)
	return out
}

// estimate tells how many items a Sync would bring (MS-ASCMD 2.2.1.9).
func (x *exchange) estimate() *reply {
	out := &wire.GetItemEstimateResponse{Status: 1}
	for _, col := range descendants(x.root, wbxml.MustTag("GetItemEstimate:Collection")) {
		id, key, filter := "", activesync.SyncKey(""), 0
		if n := col.Child(wbxml.MustTag("GetItemEstimate:CollectionId")); n != nil {
			id = string(n.Text)
		}
		if n := col.Child(wbxml.MustTag("AirSync:SyncKey")); n != nil {
			key = activesync.SyncKey(n.Text)
		}
		for _, n := range descendants(col, wbxml.MustTag("AirSync:FilterType")) {
			if len(n.Text) == 1 {
				filter = int(n.Text[0] - '0')
			}
		}
		out.Responses = append(out.Responses, x.estimateOf(id, key, filter))
	}
	return document(out)
}

func (x *exchange) estimateOf(id string, key activesync.SyncKey, filter int) wire.EstimateResponse {
	f := x.m.folders[id]
	c := x.d.collections[id]
	switch {
	case f == nil || f.gone:
		return wire.EstimateResponse{Status: 2}
	case key == activesync.KeyNone || c == nil:
		return wire.EstimateResponse{Status: 3}
	case key != c.key:
		return wire.EstimateResponse{Status: 4}
	}
	n := 0
	for i, it := range f.items {
		in := it != nil && inWindow(it, filter, f.kind.Class())
		if in != c.state.has(i+1) || in && it.changed > c.state.rev {
			n++
		}
	}
	return wire.EstimateResponse{Status: 1, Collection: &wire.EstimateOfFolder{CollectionID: activesync.ServerID(id), Estimate: n}}
}

// news reports whether a device would be told something of a folder.
func (x *exchange) news(f *folder) bool {
	c := x.d.collections[f.id]
	if c == nil {
		return true
	}
	for i, it := range f.items {
		in := it != nil && inWindow(it, c.options.filter, f.kind.Class())
		if in != c.state.has(i+1) || in && it.changed > c.state.rev {
			return true
		}
	}
	return false
}
