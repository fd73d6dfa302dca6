package store

import (
	"slices"

	"eas.example/securemail/activesync"
)

// show works out what is shown of an item: what the server has, with the
// records played over it in order. A move into a folder that is gone has no
// effect.
func (r *row) show(ops []activesync.Op, a *account) {
	r.pending = len(ops)
	r.shown, r.showRead, r.showFlag = r.home, r.header.Read, r.header.Flag
	if r.hidden {
		r.shown = 0
	}
	for i := range ops {
		switch op := &ops[i]; op.Kind {
		case activesync.OpRead:
			r.showRead = op.Read
		case activesync.OpFlag:
			r.showFlag = op.Flag
		case activesync.OpDelete:
			r.shown = 0
		case activesync.OpMove:
			if a.in(inFolders).Get(idKey(uint64(op.To))) != nil {
				r.shown = op.To
			}
		}
	}
}

// replay brings what is shown of an item in line with the journal. An item
// that was only kept for the journal goes when the last record does.
func (a *account) replay(id activesync.ItemID) error {
	r, err := a.row(id)
	if err != nil {
		return err
	}
	return a.replayRow(r, r.listed())
}

func isMaking(op activesync.Op) bool { return op.Kind.Makes() }

func (a *account) replayRow(r *row, before listed) error {
	ops, err := a.opsFor(r.id)
	if err != nil {
		return err
	}
	if a.waitsFor(r.id) == waitMade && !slices.ContainsFunc(ops, isMaking) {
		_, err := a.drop(r.id) // its making was taken back
		return err
	}
	r.show(ops, a)
	if err := a.overlay(r, ops); err != nil {
		return err
	}
	if err := a.save(r, before); err != nil {
		return err
	}
	if r.leaving && len(ops) == 0 {
		_, err = a.drop(r.id)
	}
	return err
}
