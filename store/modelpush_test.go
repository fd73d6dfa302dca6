package store_test

import (
	"slices"

	"eas.example/securemail/activesync"
	"pgregory.net/rapid"
)

// push carries a record out, as the engine does: the first of its item, in a
// folder that is in step with its key, for an item that has a name.
func (w *world) push(*rapid.T) {
	first := map[activesync.ItemID]bool{}
	var ready []int
	for i, op := range w.ops {
		if l := w.items[op.Item]; !first[op.Item] && l.sid != "" && w.synced[l.home] && !w.resync[l.home] {
			ready = append(ready, i)
		}
		first[op.Item] = true
	}
	if len(ready) > 0 {
		w.pushOp(rapid.SampledFrom(ready).Draw(w.t, "record"))
	}
}

func (w *world) pushOp(i int) {
	id, f := w.ops[i].ID, w.items[w.ops[i].Item].home
	if w.lost[f] && w.ops[i].Kind != activesync.OpMove {
		// What the server has comes first, then what is missing is sent again.
		w.syncFolder(f, 1000)
		i = slices.IndexFunc(w.ops, func(op activesync.Op) bool { return op.ID == id })
		if i < 0 || w.items[w.ops[i].Item].home != f {
			return
		}
	}
	lost := rapid.Bool().Draw(w.t, "answer lost")
	quiet := rapid.Bool().Draw(w.t, "quiet") // the server does not repeat to a device what it did
	if w.ops[i].Kind == activesync.OpMove {
		w.pushMove(i, lost, quiet)
	} else {
		w.pushChange(i, lost, quiet)
	}
}

func (w *world) pushMove(i int, lost, quiet bool) {
	ctx := w.box.t.Context()
	op := w.ops[i]
	l := w.items[op.Item]
	f := l.home
	var newID activesync.ServerID
	m, moved := w.server[f][l.sid]
	if moved = moved && op.To != f; moved {
		newID = w.name(op.To)
		delete(w.server[f], l.sid)
		w.server[op.To][newID] = m
		if quiet {
			delete(w.told[f], l.sid)
		}
		if rapid.Bool().Draw(w.t, "other name") {
			newID = ""
		}
	}
	w.ops[i].State = activesync.OpSending
	ok(w.box.t, w.box.SetOp(ctx, w.ops[i]))
	if lost {
		return
	}
	w.dropOp(op.ID)
	if moved && !op.MayBeDone() {
		ok(w.box.t, w.box.FinishMove(ctx, op.ID, newID))
		w.finish(op, newID, true)
		return
	}
	ok(w.box.t, w.box.FinishOp(ctx, op.ID, newID))
	w.finish(op, newID, false)
}

// pushChange sends a mark or a deletion in a Sync request.
func (w *world) pushChange(i int, lost, quiet bool) {
	ctx := w.box.t.Context()
	op := w.ops[i]
	l := w.items[op.Item]
	f := l.home
	if m, there := w.server[f][l.sid]; there {
		switch op.Kind {
		case activesync.OpRead:
			m.read = op.Read
		case activesync.OpFlag:
			m.flag = op.Flag
		}
		w.server[f][l.sid] = m
		if op.Kind == activesync.OpDelete {
			delete(w.server[f], l.sid)
			if f != w.box.bin {
				w.server[w.box.bin][w.name(w.box.bin)] = m
			}
		}
		switch {
		case lost && !quiet: // it does as if nothing had been
		case op.Kind == activesync.OpDelete:
			delete(w.told[f], l.sid)
		default:
			told := w.told[f][l.sid] // what others changed is still to be told
			if op.Kind == activesync.OpRead {
				told.read = m.read
			} else {
				told.flag = m.flag
			}
			w.told[f][l.sid] = told
		}
	}
	st, err := w.box.SyncState(ctx, f)
	ok(w.box.t, err)
	ok(w.box.t, w.box.SetRequest(ctx, f, st.Key, []byte("request"), []activesync.OpID{op.ID}))
	w.ops[i].State = activesync.OpSending
	if w.lost[f] = lost; lost {
		return
	}
	_, err = w.box.Apply(ctx, activesync.Batch{Folder: f, From: st.Key, To: st.Key + "p", Done: []activesync.OpID{op.ID}})
	ok(w.box.t, err)
	w.dropOp(op.ID)
	w.finish(op, "", false)
}

// finish does to the model what the end of a record does to the store.
func (w *world) finish(op activesync.Op, sid activesync.ServerID, fresh bool) {
	l := w.items[op.Item]
	switch op.Kind {
	case activesync.OpRead:
		l.read = op.Read
	case activesync.OpFlag:
		l.flag = op.Flag
	case activesync.OpMove:
		if l.home != op.To || sid != "" {
			w.rehome(op.Item, op.To, sid, op.Newest, fresh)
		}
	case activesync.OpDelete:
		if l.home == w.box.bin || !w.binSynced() {
			w.forget(op.Item)
			return
		}
		l.hidden = true
		w.rehome(op.Item, w.box.bin, sid, op.Newest, fresh)
	}
}
