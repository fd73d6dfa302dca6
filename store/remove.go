package store

import (
	"maps"
	"slices"
	"time"

	"eas.example/securemail/activesync"
)

// removed takes in that the server no longer has an item. With a brake it waits
// to be seen how many there are, as a draft always does.
func (ap *application) removed(id activesync.ItemID, soft bool) error {
	r, err := ap.a.row(id)
	if err != nil {
		return err
	}
	// A draft may come again under another name.
	if soft || ap.brake.Items == 0 && !r.header.Draft {
		ap.applied.Removed++
		return ap.gone(id, soft)
	}
	own, err := ap.a.ownDoing(r)
	if err != nil {
		return err
	}
	if own != 0 {
		ap.applied.Removed++
		return ap.gone(id, false)
	}
	ap.waiting = true
	return ap.a.doom(r)
}

// gone takes away an item that the server no longer has in the folder, or, if
// soft, no longer syncs.
func (ap *application) gone(id activesync.ItemID, soft bool) error {
	a := ap.a
	r, err := a.row(id)
	if err != nil {
		return err
	}
	if soft && r.pending > 0 {
		// It still is on the server, so what the person did to it holds.
		before := r.listed()
		r.leaving = true
		return a.save(r, before)
	}
	own, err := a.ownDoing(r)
	if err != nil {
		return err
	}
	if own != 0 {
		return a.finishGone(id, own)
	}
	if r.kind.entry() && r.pending > 0 {
		if err := a.outlived(r, r.home, "it was deleted on Exchange while you changed it"); err != nil {
			return err
		}
	}
	if r.header.Draft {
		if err := a.draftGone(r); err != nil {
			return err
		}
	}
	dropped, err := a.drop(id)
	ap.applied.Dropped = append(ap.applied.Dropped, dropped...)
	return err
}

// sweep ends the waiting in a folder that is in step. What waits since Reset
// is gone from the server. What was moved here and was never told of gets one
// more chance, because the answer may be older than the move; then it is gone
// too, unless it may be older than the period, of which the server does not tell.
func (ap *application) sweep(st activesync.SyncState) error {
	a := ap.a
	var removed []activesync.ItemID
	waiting := a.waiting(ap.folder)
	for _, id := range slices.Sorted(maps.Keys(waiting)) {
		why := waiting[id]
		r, err := a.row(id)
		if err != nil {
			return err
		}
		own, err := a.ownDoing(r)
		if err != nil {
			return err
		}
		switch {
		case why == waitWithheld || why == waitKept || why == waitMade:
		case why == waitResync && own == 0 && r.kind == kindMessage && r.pending > 0 && mayBeOlder(r, st.Filter):
			// It may only have left the period. What was done to it cannot be sent by a
			// name from before.
			if err := ap.outOfPeriod(r); err != nil {
				return err
			}
		case why == waitDoomed || why == waitResync && st.Resync:
			if own == 0 {
				removed = append(removed, id)
				continue
			}
			ap.applied.Removed++
			if err := a.unwait(id); err != nil {
				return err
			}
			if err := a.finishGone(id, own); err != nil {
				return err
			}
		case ap.unsure:
		case why == waitMoved:
			if err := a.wait(r, waitMoved2); err != nil {
				return err
			}
		case own != 0:
			// It is not here any more either: the move on from here was carried out,
			// and only its answer lost.
			if err := a.finishGone(id, own); err != nil {
				return err
			}
		case r.pending > 0:
			if err := a.parkOf(r, "the message was not found where it was moved to"); err != nil {
				return err
			}
		case r.serverID != "" && !r.hidden && mayBeOlder(r, st.Filter):
			if err := a.unwait(id); err != nil {
				return err
			}
		default:
			dropped, err := a.drop(id)
			if err != nil {
				return err
			}
			ap.applied.Dropped = append(ap.applied.Dropped, dropped...)
		}
	}
	return ap.remove(removed, st)
}

// outOfPeriod keeps a message that may have left the period of its folder for
// what was done to it, which is left to the person.
func (ap *application) outOfPeriod(r *row) error {
	if err := ap.a.parkOf(r, "the message is older than the period of its mailbox now, so it is not known what the server calls it; try again with a longer one"); err != nil {
		return err
	}
	before := r.listed()
	r.leaving = true
	return ap.a.save(r, before)
}

// mayBeOlder reports whether a message may be too old for the period of a
// folder; where clocks and time zones leave a doubt, it may.
func mayBeOlder(r *row, filter int) bool {
	days := [...]int{1: 1, 2: 3, 3: 7, 4: 14, 5: 31}
	if filter &= 0xff; filter == 0 {
		return false
	}
	return filter >= len(days) || r.header.Date.Before(time.Now().AddDate(0, 0, 1-days[filter]))
}
