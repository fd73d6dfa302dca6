package engine

import (
	"time"

	"eas.example/securemail/activesync"
)

const (
	// sweep is how often a folder on push is looked at although no Ping spoke of
	// it: a server need not wake a Ping for a mere change (MS-ASCMD 2.2.1.13).
	sweep = time.Hour
	// hierarchyEvery is how often the list of folders is asked for.
	hierarchyEvery = 12 * time.Hour
)

// due is when a folder has to be looked at by itself. ok is false when never.
func due(check activesync.CheckFrequency, lastSync time.Time, w watch) (at time.Time, ok bool) {
	switch {
	case check == activesync.CheckManual:
		return time.Time{}, false
	case check == activesync.CheckPush:
		at = lastSync.Add(sweep)
		if w.dirty || lastSync.IsZero() {
			at = time.Time{}
		}
	default:
		last := lastSync
		if w.tried.After(last) {
			last = w.tried
		}
		if !last.IsZero() {
			at = last.Add(check.Interval())
		}
	}
	if at.Before(w.retry) {
		at = w.retry
	}
	return at, true
}

// plan is what to do next.
type plan struct {
	now  []activesync.Folder // to be looked at, in this order
	ping []activesync.Folder // to be watched by Ping
	next time.Time           // when something falls due; zero when nothing does
	// shortest is the smallest interval among folders on a timer, 0 when none.
	shortest time.Duration
	why      []string // what made it so, where no connection is kept
}

// makePlan looks at all folders of the account. Mail that the person waits for
// comes first: folders asked for by hand, then Inbox, then the others.
func makePlan(folders []activesync.Folder, state activesync.AccountState, byHand map[activesync.FolderID]bool,
	watches func(activesync.FolderID) watch, a attention, now time.Time) plan {
	var p plan
	var asked, inbox, rest []activesync.Folder
	a.asked, a.rung = past(a.asked, now), past(a.rung, now)
	for _, f := range folders {
		if !f.Carried(state.Version) {
			continue
		}
		if byHand[f.ID] {
			asked = append(asked, f)
			continue
		}
		check := f.Automatic(state)
		w := watches(f.ID)
		last := past(f.LastSync, now)
		w.tried = past(w.tried, now)
		if w.retry.Sub(now) > activesync.LongestPause {
			w.retry = time.Time{}
		}
		var at time.Time
		var ok bool
		every, why := check.Interval(), []string(nil)
		if a.care == CareLive && !(a.asked.After(last) && check != activesync.CheckManual) {
			at, ok = due(check, last, w)
		} else {
			at, every, why, ok = a.due(check, last, w, now)
		}
		if !ok {
			continue
		}
		pushed := check == activesync.CheckPush && a.care == CareLive
		if crowded := a.most > 0 && len(p.ping) >= a.most; pushed && crowded {
			pushed, every = false, pushCounts
			if soon := last.Add(every); soon.Before(at) && !soon.Before(w.retry) {
				at = soon
			}
		}
		if pushed && w.emptyWakes >= maxEmptyWakes {
			every = backoffLast // see judge
		}
		if every > 0 && (p.shortest == 0 || every < p.shortest) {
			p.shortest, p.why = every, why
		}
		if !at.After(now) {
			if f.Type == activesync.FolderInbox {
				inbox = append(inbox, f)
			} else {
				rest = append(rest, f)
			}
			continue
		}
		// A folder that waits to be tried again would end each Ping at once.
		if pushed && w.emptyWakes < maxEmptyWakes && !w.retry.After(now) {
			p.ping = append(p.ping, f)
		}
		if p.next.IsZero() || at.Before(p.next) {
			p.next = at
		}
	}
	p.now = append(append(asked, inbox...), rest...)
	return p
}

// past is a time that has been; one in the future is of a clock that was set
// back since, and says nothing.
func past(t, now time.Time) time.Time {
	if t.After(now) {
		return time.Time{}
	}
	return t
}
