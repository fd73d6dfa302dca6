package store_test

import (
	"errors"
	"slices"

	"eas.example/securemail/activesync"
	"eas.example/securemail/store"
	"pgregory.net/rapid"
)

// shown is the folder in whose list an item must be.
func (w *world) shown(id activesync.ItemID) activesync.FolderID {
	f, _, _ := w.items[id].after(w.opsOf(id))
	return f
}

// after is how an item shows with records played over it.
func (l *local) after(ops []activesync.Op) (f activesync.FolderID, read bool, flag activesync.FlagStatus) {
	f, read, flag = l.home, l.read, l.flag
	if l.hidden {
		f = 0
	}
	for _, op := range ops {
		switch op.Kind {
		case activesync.OpMove:
			f = op.To
		case activesync.OpDelete:
			f = 0
		case activesync.OpRead:
			read = op.Read
		case activesync.OpFlag:
			flag = op.Flag
		}
	}
	return f, read, flag
}

// act lets the person do something to a message in a list.
func (w *world) act(*rapid.T) {
	var ids []activesync.ItemID
	for id := range w.items {
		if w.shown(id) != 0 {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return
	}
	slices.Sort(ids)
	op := activesync.Op{Item: rapid.SampledFrom(ids).Draw(w.t, "item")}
	h, err := w.box.Header(w.box.t.Context(), op.Item)
	ok(w.box.t, err)
	nothing := false
	switch op.Kind = rapid.SampledFrom([]activesync.OpKind{activesync.OpRead, activesync.OpFlag, activesync.OpMove, activesync.OpDelete}).Draw(w.t, "kind"); op.Kind {
	case activesync.OpRead:
		op.Read = rapid.Bool().Draw(w.t, "read")
		nothing = op.Read == h.Read
	case activesync.OpFlag:
		op.Flag = rapid.SampledFrom([]activesync.FlagStatus{0, 2}).Draw(w.t, "flag")
		nothing = op.Flag == h.Flag
	case activesync.OpMove:
		op.To = w.folder()
		nothing = op.To == h.Folder
	}
	id, err := w.box.Queue(w.box.t.Context(), op, nil)
	ok(w.box.t, err)
	if nothing != (id == 0) {
		w.t.Fatalf("queue %+v on %+v gives %d", op, h, id)
	}
	if id != 0 {
		op.ID, op.Before, op.Newest = id, &h, w.newest(id)
		w.ops = append(w.ops, op)
	}
}

// revert takes a record back.
func (w *world) revert(*rapid.T) {
	if len(w.ops) == 0 {
		return
	}
	op := rapid.SampledFrom(w.ops).Draw(w.t, "record")
	err := w.box.RevertOp(w.box.t.Context(), op.ID)
	if !op.MayBeDone() {
		ok(w.box.t, err)
		w.dropOp(op.ID)
		return
	}
	if i := slices.IndexFunc(w.ops, func(o activesync.Op) bool { return o.ID == op.ID }); op.State == activesync.OpParked {
		w.ops[i].State = activesync.OpPending
	}
	if may := w.oppose(op); may != (err == nil) || err != nil && !errors.Is(err, store.ErrUnderWay) {
		w.t.Fatalf("take back %+v: %v", op, err)
	}
}

// oppose takes back a record that may have been carried out: a mark becomes
// the one before it, a move is followed by one back.
func (w *world) oppose(op activesync.Op) bool {
	ops := w.opsOf(op.Item)
	n := slices.IndexFunc(ops, func(o activesync.Op) bool { return o.ID == op.ID })
	f, read, flag := w.items[op.Item].after(ops[:n])
	i := slices.IndexFunc(w.ops, func(o activesync.Op) bool { return o.ID == op.ID })
	switch op.Kind {
	case activesync.OpRead:
		w.ops[i].Read = read
		return true
	case activesync.OpFlag:
		w.ops[i].Flag = flag
		return true
	}
	for _, later := range ops[n+1:] {
		if later.Kind == activesync.OpMove || later.Kind == activesync.OpDelete {
			return false
		}
	}
	if op.Kind == activesync.OpDelete && (w.items[op.Item].home == w.box.bin || !w.binSynced()) {
		return false
	}
	if w.shown(op.Item) == f {
		return true
	}
	pending, err := w.box.Pending(w.box.t.Context(), alice)
	ok(w.box.t, err)
	last := pending[len(pending)-1]
	back := activesync.Op{ID: last.ID, Kind: activesync.OpMove, Item: op.Item, To: f, Newest: last.Newest}
	if f == 0 {
		back.Kind = activesync.OpDelete
	}
	w.ops = append(w.ops, back)
	return true
}

func (w *world) binSynced() bool {
	st, err := w.box.SyncState(w.box.t.Context(), w.box.bin)
	ok(w.box.t, err)
	return st.Key != activesync.KeyNone || st.Resync
}
