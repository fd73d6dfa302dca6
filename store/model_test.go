package store_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"

	"eas.example/securemail/activesync"
	"eas.example/securemail/store/storetest"
	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The model is a plain account of what the store promises: a server with three
// folders, what it has told so far, and per item what the store must show. Each
// message has a number that stands for its content.

type remote struct {
	n    int
	read bool
	flag activesync.FlagStatus
}

type local struct {
	remote
	home    activesync.FolderID
	sid     activesync.ServerID
	hidden  bool
	waiting string // "", "resync", "moved" or "moved twice"
}

type world struct {
	t       *rapid.T
	box     *mailbox
	folders []activesync.FolderID
	server  map[activesync.FolderID]map[activesync.ServerID]remote
	told    map[activesync.FolderID]map[activesync.ServerID]remote
	synced  map[activesync.FolderID]bool // has a key
	resync  map[activesync.FolderID]bool
	lost    map[activesync.FolderID]bool // the answer to a request with commands
	items   map[activesync.ItemID]*local
	ops     []activesync.Op
	lastN   int
	lastID  int
}

func (w *world) name(f activesync.FolderID) activesync.ServerID {
	w.lastID++
	return activesync.ServerID(fmt.Sprintf("%d:%d", f, w.lastID))
}

func (w *world) folder() activesync.FolderID { return rapid.SampledFrom(w.folders).Draw(w.t, "folder") }

// arrive puts new messages on the server.
func (w *world) arrive(*rapid.T) {
	f := w.folder()
	for range rapid.IntRange(1, 4).Draw(w.t, "n") {
		w.lastN++
		w.server[f][w.name(f)] = remote{n: w.lastN}
	}
}

// elsewhere lets another client change something on the server.
func (w *world) elsewhere(*rapid.T) {
	f := w.folder()
	if len(w.server[f]) == 0 {
		return
	}
	sid := rapid.SampledFrom(slices.Sorted(maps.Keys(w.server[f]))).Draw(w.t, "message")
	m := w.server[f][sid]
	switch rapid.SampledFrom([]string{"read", "flag", "remove", "move"}).Draw(w.t, "what") {
	case "read":
		m.read = !m.read
		w.server[f][sid] = m
	case "flag":
		m.flag = 2 - m.flag
		w.server[f][sid] = m
	case "remove":
		delete(w.server[f], sid)
	case "move":
		to := w.folder()
		delete(w.server[f], sid)
		w.server[to][w.name(to)] = m
	}
}

func (w *world) change(kind activesync.ChangeKind, sid activesync.ServerID, m remote) activesync.ItemChange {
	c := activesync.ItemChange{Kind: kind, ServerID: sid}
	switch kind {
	case activesync.Added:
		c.Message = mail(m.n)
	case activesync.Updated:
		c.Message = &activesync.MessagePatch{Fields: activesync.HasRead | activesync.HasFlag}
	default:
		return c
	}
	c.Message.Read, c.Message.Flag = m.read, m.flag
	return c
}

// sync tells the store some of what the server has to tell of a folder.
func (w *world) sync(*rapid.T) { w.syncFolder(w.folder(), rapid.IntRange(0, 6).Draw(w.t, "window")) }

func (w *world) syncFolder(f activesync.FolderID, window int) {
	var items []activesync.ItemChange
	server, told := w.server[f], w.told[f]
	for sid, m := range server {
		if have, ok := told[sid]; !ok {
			items = append(items, w.change(activesync.Added, sid, m))
		} else if have != m {
			items = append(items, w.change(activesync.Updated, sid, m))
		}
	}
	for sid := range told {
		if _, ok := server[sid]; !ok {
			items = append(items, w.change(activesync.Removed, sid, remote{}))
		}
	}
	slices.SortFunc(items, func(a, b activesync.ItemChange) int { return cmp.Compare(a.ServerID, b.ServerID) })
	items = rapid.Permutation(items).Draw(w.t, "items")
	inStep := len(items) <= window
	items = items[:min(window, len(items))]
	if len(items) > 0 && rapid.Bool().Draw(w.t, "twice") {
		items = append(items, items[0]) // whatever is told twice changes nothing more
	}
	bin := w.binSynced()
	applied := w.box.sync(f, inStep, items...)
	w.synced[f], w.lost[f] = true, false
	arrived := map[string]activesync.ItemID{}
	for _, h := range applied.Arrived {
		arrived[h.Subject] = h.ID
	}
	for _, c := range items {
		w.tell(f, c, arrived, bin)
	}
	if inStep {
		w.sweep(f)
		w.resync[f] = false
	}
}

// tell does to the model what one change does to the store. bin: Deleted Items was
// synced before.
func (w *world) tell(f activesync.FolderID, c activesync.ItemChange, arrived map[string]activesync.ItemID, bin bool) {
	var id activesync.ItemID
	for i, l := range w.items {
		if l.home == f && l.sid == c.ServerID {
			id = i
		}
	}
	if c.Kind == activesync.Removed {
		delete(w.told[f], c.ServerID)
		if id != 0 && w.items[id].waiting != "resync" {
			w.gone(id)
		}
		return
	}
	m := w.server[f][c.ServerID]
	w.told[f][c.ServerID] = m
	if id != 0 && w.items[id].waiting == "resync" && w.items[id].n != m.n {
		w.items[id].sid, id = "", 0
	}
	if id == 0 {
		id = w.claim(f, m)
	}
	if id == 0 {
		id = w.movedUnheard(f, m.n, bin)
	}
	if id == 0 {
		id = arrived[fmt.Sprintf("Subject %d", m.n)]
		if id == 0 {
			w.t.Fatalf("message %d was new and did not arrive", m.n)
		}
		w.items[id] = &local{home: f}
	}
	*w.items[id] = local{remote: m, home: f, sid: c.ServerID}
	for _, op := range w.opsOf(id) { // what was tried and is so now is done
		read := op.Kind == activesync.OpRead && op.Read == m.read && op.Before.Read != op.Read
		flag := op.Kind == activesync.OpFlag && op.Flag == m.flag && op.Before.Flag != op.Flag
		if op.MayBeDone() && (read || flag) {
			w.dropOp(op.ID)
		}
	}
}

// claim is the waiting item that a message is: of several, one that is read and
// flagged as it is, of those the one with fewest records, and of those the first.
func (w *world) claim(f activesync.FolderID, m remote) (id activesync.ItemID) {
	marks := func(i activesync.ItemID) int {
		if l := w.items[i]; l.read == m.read && l.flag == m.flag {
			return 0
		}
		return 1
	}
	for i, l := range w.items {
		if l.home != f || l.waiting == "" || l.n != m.n {
			continue
		}
		if id == 0 || cmp.Or(cmp.Compare(marks(i), marks(id)), cmp.Compare(len(w.opsOf(i)), len(w.opsOf(id))), cmp.Compare(i, id)) < 0 {
			id = i
		}
	}
	return id
}

// movedUnheard is the message that a record took here whose answer was lost, out of
// a folder that starts anew and in which none is like it. The record is done.
func (w *world) movedUnheard(f activesync.FolderID, n int, bin bool) activesync.ItemID {
	for _, op := range w.ops {
		l := w.items[op.Item]
		to := op.To
		if op.Kind == activesync.OpDelete && bin {
			to = w.box.bin
		}
		alike := 0
		for _, o := range w.items {
			if o.home == l.home && o.n == n && o.waiting != "" {
				alike++
			}
		}
		if op.MayBeDone() && to == f && l.home != f && l.n == n && l.waiting == "resync" && alike == 1 && w.leaving(op.Item) == op.ID {
			w.dropOp(op.ID)
			return op.Item
		}
	}
	return 0
}

func (w *world) opsOf(id activesync.ItemID) (out []activesync.Op) {
	for _, op := range w.ops {
		if op.Item == id {
			out = append(out, op)
		}
	}
	return out
}

// newest is what a record says was the newest item when it was made.
func (w *world) newest(id activesync.OpID) activesync.ItemID {
	ops, err := w.box.Pending(w.box.t.Context(), alice)
	ok(w.box.t, err)
	for _, op := range ops {
		if op.ID == id {
			return op.Newest
		}
	}
	return 0
}

func (w *world) dropOp(id activesync.OpID) {
	w.ops = slices.DeleteFunc(w.ops, func(op activesync.Op) bool { return op.ID == id })
}

// gone does what the store does when an item is no longer in its folder: a
// move or deletion that was tried must have been carried out.
func (w *world) gone(id activesync.ItemID) {
	if !w.left(id) {
		w.forget(id)
	}
}

// left ends the move or deletion of an item that was tried.
func (w *world) left(id activesync.ItemID) bool {
	i := slices.IndexFunc(w.ops, func(op activesync.Op) bool { return op.ID == w.leaving(id) })
	if i < 0 {
		return false
	}
	op := w.ops[i]
	w.dropOp(op.ID)
	w.finish(op, "", false)
	return true
}

// leaving is the record by which an item leaves its folder and whose answer was
// lost, 0 for none.
func (w *world) leaving(id activesync.ItemID) activesync.OpID {
	for _, op := range w.opsOf(id) {
		leaves := op.Kind == activesync.OpDelete || op.Kind == activesync.OpMove && op.To != w.items[id].home
		if leaves && op.MayBeDone() {
			return op.ID
		}
	}
	return 0
}

func (w *world) forget(id activesync.ItemID) {
	delete(w.items, id)
	w.ops = slices.DeleteFunc(w.ops, func(op activesync.Op) bool { return op.Item == id })
}

// rehome does to the model what the end of a move does to the store.
func (w *world) rehome(id activesync.ItemID, to activesync.FolderID, sid activesync.ServerID, newest activesync.ItemID, fresh bool) {
	l := w.items[id]
	same := activesync.ItemID(0)
	for i, o := range w.items {
		told := o.sid != "" && (o.waiting == "" || o.waiting == "resync")
		if i != id && o.home == to && (sid != "" && o.sid == sid || sid == "" && !fresh && i > newest && o.n == l.n && told && w.shown(i) == to) {
			if same != 0 {
				same = 0 // two: cannot be told apart
				break
			}
			same = i
		}
	}
	if same == 0 {
		l.home, l.sid, l.waiting = to, sid, "moved"
		return
	}
	o := w.items[same]
	for i := range w.ops {
		if w.ops[i].Item == same {
			w.ops[i].Item = id
		}
	}
	*l = local{remote: o.remote, home: to, sid: o.sid, waiting: o.waiting}
	delete(w.items, same)
}

func (w *world) sweep(f activesync.FolderID) {
	for _, id := range slices.Sorted(maps.Keys(w.items)) {
		switch l := w.items[id]; {
		case l == nil: // it was the same as an earlier one
		case l.home != f || l.waiting == "":
		case l.waiting == "resync":
			l.waiting = ""
			w.gone(id)
		case l.waiting == "moved":
			l.waiting = "moved twice"
		case w.left(id):
		case len(w.opsOf(id)) > 0:
			for i := range w.ops {
				if w.ops[i].Item == id {
					w.ops[i].GiveUp("")
				}
			}
		default:
			w.forget(id)
		}
	}
}

// reset starts a folder anew; half of the servers then give other names.
func (w *world) reset(*rapid.T) {
	f := w.folder()
	ok(w.box.t, w.box.Reset(w.box.t.Context(), f))
	w.told[f] = map[activesync.ServerID]remote{}
	left := false
	for _, l := range w.items {
		if l.home == f {
			l.waiting, left = "resync", true
		}
	}
	w.resync[f], w.synced[f], w.lost[f] = left, false, false
	if !rapid.Bool().Draw(w.t, "renamed") {
		return
	}
	names := slices.Sorted(maps.Keys(w.server[f]))
	others := rapid.Permutation(names).Draw(w.t, "names")
	renamed := map[activesync.ServerID]remote{}
	for i, sid := range names {
		renamed[others[i]] = w.server[f][sid]
	}
	w.server[f] = renamed
}

// settle carries everything out and syncs until all is told; then the lists
// must be the server's.
func (w *world) settle(*rapid.T) {
	for range 3 {
		for _, f := range w.folders {
			w.syncFolder(f, 1000)
		}
		for n := len(w.ops); n > 0 && len(w.ops) > 0; n-- {
			w.push(nil)
		}
	}
	if len(w.ops) > 0 {
		return // an answer was lost again
	}
	for range 2 {
		for _, f := range w.folders {
			w.syncFolder(f, 1000)
		}
	}
	for _, f := range w.folders {
		var want, got []remote
		for _, m := range w.server[f] {
			want = append(want, m)
		}
		for _, h := range w.box.rows(f) {
			m := remote{read: h.Read, flag: h.Flag}
			fmt.Sscanf(h.Subject, "Subject %d", &m.n)
			got = append(got, m)
		}
		byN := func(a, b remote) int { return cmp.Compare(a.n, b.n) }
		slices.SortFunc(want, byN)
		slices.SortFunc(got, byN)
		if !slices.Equal(want, got) {
			w.t.Fatalf("settled: the server's folder %d is %v, the list %v", f, want, got)
		}
	}
}

// check compares all lists and the journal with the model.
func (w *world) check(*rapid.T) {
	ctx := w.box.t.Context()
	if err := w.box.Check(ctx); err != nil {
		w.t.Fatal(err)
	}
	want := map[activesync.ItemID]string{}
	for id, l := range w.items {
		f, read, flag := l.after(w.opsOf(id))
		if f == 0 {
			continue
		}
		want[id] = fmt.Sprintf("%d in %d, read %t, flag %d, pending %t", l.n, f, read, flag, len(w.opsOf(id)) > 0)
	}
	got := map[activesync.ItemID]string{}
	for _, f := range w.folders {
		for _, h := range w.box.rows(f) {
			var n int
			fmt.Sscanf(h.Subject, "Subject %d", &n)
			got[h.ID] = fmt.Sprintf("%d in %d, read %t, flag %d, pending %t", n, h.Folder, h.Read, h.Flag, h.Pending)
			msg, err := w.box.Message(ctx, h.ID)
			if err != nil || string(msg.Body.Data) != fmt.Sprintf("This is the text of message %d.", n) {
				w.t.Fatalf("message %d has the text %q, %v", n, msg.Body.Data, err)
			}
		}
	}
	if d := gocmp.Diff(want, got); d != "" {
		w.t.Fatalf("lists differ from the model: %s", d)
	}
	ops, err := w.box.Pending(ctx, alice)
	ok(w.box.t, err)
	if len(ops) != len(w.ops) {
		w.t.Fatalf("journal has %d records, the model %d", len(ops), len(w.ops))
	}
	for i, op := range ops {
		l := w.items[w.ops[i].Item]
		name := l.sid
		if l.waiting == "resync" {
			name = "" // what it meant before says nothing of now
		}
		if op.ID != w.ops[i].ID || op.Item != w.ops[i].Item || op.Folder != l.home || op.ServerID != name {
			w.t.Fatalf("record %+v, the model has %+v of %+v", op, w.ops[i], l)
		}
	}
}

func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := storetest.Open(t)
		defer storetest.Close(t, s)
		s.NoSync()
		w := &world{t: rt, box: fill(t, s, alice), server: map[activesync.FolderID]map[activesync.ServerID]remote{}, told: map[activesync.FolderID]map[activesync.ServerID]remote{},
			synced: map[activesync.FolderID]bool{}, resync: map[activesync.FolderID]bool{}, lost: map[activesync.FolderID]bool{}, items: map[activesync.ItemID]*local{}}
		w.folders = []activesync.FolderID{w.box.inbox, w.box.archive, w.box.bin}
		for _, f := range w.folders {
			w.server[f], w.told[f] = map[activesync.ServerID]remote{}, map[activesync.ServerID]remote{}
		}
		rt.Repeat(map[string]func(*rapid.T){
			"arrive": w.arrive, "elsewhere": w.elsewhere, "sync": w.sync, "sync more": w.sync, "reset": w.reset,
			"act": w.act, "act more": w.act, "revert": w.revert, "push": w.push, "settle": w.settle, "": w.check,
		})
	})
}
