package notify

import "eas.example/securemail/activesync"

// Arrivals gathers messages until it is time to tell of them. It takes each
// message once, however often it is told of. The zero value is ready.
type Arrivals struct {
	told    map[activesync.ItemID]bool
	waiting []Mail
}

// Add takes a message; it reports false for one that it has had before.
func (a *Arrivals) Add(m Mail) bool {
	if a.told[m.Item] {
		return false
	}
	if a.told == nil {
		a.told = map[activesync.ItemID]bool{}
	}
	a.told[m.Item] = true
	a.waiting = append(a.waiting, m)
	return true
}

// Drop forgets a message that was read or deleted before it was told of.
func (a *Arrivals) Drop(id activesync.ItemID) {
	for i := range a.waiting {
		if a.waiting[i].Item == id {
			a.waiting = append(a.waiting[:i], a.waiting[i+1:]...)
			return
		}
	}
}

// Take returns what waits, in the order of arrival, and begins anew.
func (a *Arrivals) Take() []Mail {
	out := a.waiting
	a.waiting = nil
	return out
}
