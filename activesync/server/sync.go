package server

import (
	"bytes"
	"net/http"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

const (
	defaultWindow = 100
	maxWindow     = 512
	maxCommands   = 200
	// maxKept is how large an answer may be to be kept for a repeated request.
	maxKept = 8 << 20
)

// syncAnswer and the types below are the wire structs of an answer, with
// ApplicationData not yet written.
type syncAnswer struct {
	_           wbxml.Root         `wbxml:"AirSync:Sync"`
	Status      int                `wbxml:"AirSync:Status,omitempty"`
	Limit       int                `wbxml:"AirSync:Limit,omitempty"`
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

// sync brings collections in step (MS-ASCMD 2.2.1.21). Where nothing is new it
// waits for as long as the request says.
func (x *exchange) sync() *reply {
	var req wire.SyncRequest
	if x.root != nil && x.root.Child(wbxml.MustTag("AirSync:Collections")) == nil && x.root.Child(wbxml.MustTag("AirSync:Partial")) == nil {
		return document(&syncAnswer{Status: 4})
	}
	if status := x.fill(); status != 0 {
		return document(&syncAnswer{Status: status})
	}
	whole, err := x.root.Append(nil)
	if err != nil || wbxml.Unmarshal(whole, &req) != nil {
		return document(&syncAnswer{Status: 4})
	}
	if x.d.hierarchy == nil {
		return document(&syncAnswer{Status: 12})
	}
	wait, refusal := x.waiting()
	if len(req.Collections) == 0 || refusal != nil {
		return document(cmpOr(refusal, &syncAnswer{Status: 4}))
	}
	if x.ended() {
		return document(&syncAnswer{Status: 13})
	}
	x.d.asked = withoutCommands(x.root)
	turn := x.turn("Sync")
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		if rep := x.syncAll(&req); rep != nil {
			return rep
		}
		if wait == 0 || x.personality().NoWait || x.wait(turn, timer.C) {
			return plain(http.StatusOK)
		}
	}
}

func cmpOr[T any](p, def *T) *T {
	if p != nil {
		return p
	}
	return def
}

// waiting is how long the request is ready to wait: Wait in minutes or
// HeartbeatInterval in seconds (MS-ASCMD 2.2.3.93, 2.2.3.198).
func (x *exchange) waiting() (time.Duration, *syncAnswer) {
	minutes, inMinutes := x.number("AirSync:Wait")
	seconds, inSeconds := x.number("AirSync:HeartbeatInterval")
	least, most := x.s.cfg.MinHeartbeat, x.s.cfg.MaxHeartbeat
	unit, n := time.Second, seconds
	x.d.inSeconds = x.d.inSeconds || inSeconds
	switch {
	case inMinutes && (inSeconds || x.d.inSeconds && x.personality().RefusesMinutes):
		return 0, &syncAnswer{Status: 4}
	case inMinutes:
		unit, n = time.Minute, minutes
		least, most = max(least.Truncate(unit), unit), max(most.Truncate(unit), unit)
	case !inSeconds:
		return 0, nil
	}
	switch d := time.Duration(n) * unit; {
	case d < least:
		return 0, &syncAnswer{Status: 14, Limit: int(least / unit)}
	case d > most:
		return 0, &syncAnswer{Status: 14, Limit: int(most / unit)}
	default:
		return d, nil
	}
}

// syncAll answers for all folders of a request, nil where there is nothing to
// say.
func (x *exchange) syncAll(req *wire.SyncRequest) *reply {
	out := &syncAnswer{}
	left := maxWindow * len(req.Collections)
	if req.WindowSize > 0 {
		left = min(req.WindowSize, left)
	}
	nodes := x.root.Child(wbxml.MustTag("AirSync:Collections")).Children // checkOrder lets nothing else in
	for i := range req.Collections {
		a, news := x.syncCollection(&req.Collections[i], nodes[i], left)
		if a.Status == 16 {
			return document(&syncAnswer{Status: 16})
		}
		if news {
			out.Collections = append(out.Collections, a)
		}
		if a.Commands != nil {
			left -= a.Commands.len()
		}
	}
	if len(out.Collections) == 0 {
		return nil
	}
	rep := document(out)
	if x.broken {
		rep.body = rep.body[:len(rep.body)/2]
		return rep
	}
	for _, a := range out.Collections {
		if c := x.collectionNamed(a.CollectionID); c != nil && c.key == a.SyncKey && len(rep.body) < maxKept {
			c.last, c.answer = bytes.Clone(x.Body), a
		}
	}
	return rep
}

// syncCollection answers for one folder, with at most left changes. news is
// false where there is nothing to say.
func (x *exchange) syncCollection(in *wire.SyncCollection, node *wbxml.Node, left int) (out collectionAnswer, news bool) {
	out.CollectionID = in.CollectionID
	fail := func(status int) (collectionAnswer, bool) {
		out.Status = status
		if status == 3 {
			out.SyncKey = activesync.KeyNone
		}
		return out, true
	}
	f := x.folderNamed(in.CollectionID)
	if f == nil && x.personality().SilentFolders {
		return out, false
	}
	if f == nil {
		return fail(12)
	}
	if !x.serves(f) {
		return fail(4)
	}
	class := f.kind.Class()
	if in.ConversationMode != nil && class != activesync.ClassEmail {
		return fail(4) // MS-ASCMD 2.2.3.36.2
	}
	opts, status := newOptions(in, class)
	if status != 0 {
		return fail(status)
	}
	if f.kind == activesync.FolderRecipientCache && opts != nil && len(opts.bodies) > 0 {
		return fail(4) // what is in it has no text
	}
	c := x.d.collections[f.id]
	if in.SyncKey == activesync.KeyNone {
		if in.GetChanges != nil && *in.GetChanges || in.Commands != nil {
			return fail(4)
		}
		if node.Child(wbxml.MustTag("AirSync:Supported")) != nil && (class == activesync.ClassEmail || class == activesync.ClassNotes) {
			return fail(4)
		}
		c = &collection{options: cmpOr(opts, &options{})}
		c.key, c.second = x.keyFor(f, c), 0 // what is there already is told, whenever it came
		x.d.primed[f.id]++
		x.d.collections[f.id] = c
		out.Status, out.SyncKey = 1, c.key
		return out, true
	}
	if c == nil || in.SyncKey != c.key && (in.SyncKey == "" || in.SyncKey != c.beforeKey) {
		return fail(3)
	}
	if x.stuck(f) && (in.Commands == nil || in.GetChanges == nil || *in.GetChanges) {
		return out, false
	}
	if in.SyncKey != c.key {
		if bytes.Equal(c.last, x.Body) && !x.personality().Forgetful {
			return c.answer, true
		}
		c.key, c.state = c.beforeKey, c.before.clone()
	} else {
		c.added = nil
	}
	last := c.options
	c.options = cmpOr(opts, last)
	out, news = x.step(f, c, in, node, left)
	x.remembers(c, news, last)
	return out, news
}

// step carries a collection from one key to the next.
func (x *exchange) step(f *folder, c *collection, in *wire.SyncCollection, node *wbxml.Node, left int) (out collectionAnswer, news bool) {
	out.CollectionID = in.CollectionID
	before := c.state.clone()
	responses, status := x.commands(f, c, in, node)
	if status != 0 {
		c.state, out.Status = before, status
		return out, true
	}
	if in.Commands != nil && x.forgets(f, before, in) {
		delete(x.d.collections, f.id)
	}
	if in.Commands != nil && x.personality().SteadyKeys {
		out.Status, out.SyncKey = 1, c.key
		if !responses.empty() {
			out.Responses = responses
		}
		return out, true
	}
	var cmds *commandsAnswer
	if x.teases(f, c, in) {
		out.More = true
	} else if in.GetChanges == nil || *in.GetChanges {
		cmds, out.More = x.changes(f, c, min(windowOf(node), left, x.s.cfg.Window))
	}
	if cmds == nil && responses.empty() && in.Commands == nil && !out.More {
		out.Status, out.SyncKey = 1, c.key
		return out, x.personality().SpeaksOfNothing
	}
	c.before, c.beforeKey = before, c.key
	c.key, c.last = x.keyFor(f, c), nil
	out.Status, out.SyncKey, out.Commands = 1, c.key, cmds
	if !responses.empty() {
		out.Responses = responses
	}
	return out, true
}

// teases reports whether more is announced and nothing given.
func (x *exchange) teases(f *folder, c *collection, in *wire.SyncCollection) bool {
	if !x.personality().Teases || in.Commands != nil || in.GetChanges == nil || !*in.GetChanges {
		return false
	}
	c.teased = !c.teased && x.pending(f, c, c.options.filter, 1) > 0
	return c.teased
}

func (x *exchange) collectionNamed(id activesync.ServerID) *collection {
	if f := x.folderNamed(id); f != nil {
		return x.d.collections[f.id]
	}
	return nil
}

// serves reports whether the version of the request carries the folder's class.
func (x *exchange) serves(f *folder) bool {
	switch f.kind.Class() {
	case activesync.ClassNone:
		return false
	case activesync.ClassNotes:
		return x.Version >= activesync.V140
	}
	return f.kind != activesync.FolderDrafts || x.Version >= activesync.V160
}

// windowOf is the WindowSize of a collection; one that is 0 or too large is
// the largest (MS-ASCMD 2.2.3.199).
func windowOf(node *wbxml.Node) int {
	n, ok := numberOf(node.Child(wbxml.MustTag("AirSync:WindowSize")))
	switch {
	case !ok:
		return defaultWindow
	case n <= 0 || n > maxWindow:
		return maxWindow
	}
	return n
}
