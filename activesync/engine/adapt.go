package engine

import (
	"errors"

	"eas.example/securemail/activesync"
)

const (
	// cutsBefore is how many answers in a row may break off, or fail on the server's
	// side, before less is asked for at once.
	cutsBefore = 2
	// maxHalved is how often a window is halved at most: 512 becomes 1.
	maxHalved = 9
	// smoothRun is how many answers in a row must come whole before more is asked
	// for again.
	smoothRun = 8
)

// pace is how much of a folder is asked for at once, as the line and the server
// allow.
type pace struct {
	halved int // times
	cuts   int // in a row
	smooth int // in a row
}

// window is what is asked for where most is the usual.
func (p pace) window(most int) int { return max(most>>p.halved, 1) }

// took notes how a request went, and reports whether the next one is to ask for
// less, so that the same bytes must not be sent again.
func (p *pace) took(err error) (less bool) {
	status, refused := errors.AsType[*activesync.StatusError](err)
	switch {
	case err == nil:
		p.cuts = 0
		if p.smooth++; p.smooth >= smoothRun && p.halved > 0 {
			p.halved, p.smooth = p.halved-1, 0
		}
		return false
	case errors.Is(err, activesync.ErrTooLarge):
		p.cuts = cutsBefore
	case errors.Is(err, activesync.ErrTruncated), refused && status.Command == "Sync" && status.Code == 5: // a fault of the server
		p.cuts++
	default:
		return false
	}
	p.smooth = 0
	if p.cuts < cutsBefore || p.halved >= maxHalved {
		return false
	}
	p.halved, p.cuts = p.halved+1, 0
	return true
}

// paceOf is how a folder is asked for now.
func (e *Engine) paceOf(id activesync.FolderID) pace {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.watch(id).pace
}

// took notes how a request for a folder went; see pace.took.
func (e *Engine) took(id activesync.FolderID, err error) (less bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.watch(id).pace.took(err)
}
