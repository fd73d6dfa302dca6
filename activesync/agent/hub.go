package agent

import (
	"context"
	"sync"
	"time"

	"eas.example/securemail/activesync"
)

// backlog is how many notices a listener may be behind.
const backlog = 1024

// hub hands notices to everyone who listens. Its zero value is ready.
type hub struct {
	mu        sync.Mutex
	listeners map[chan activesync.Notice]struct{}
}

// publish never blocks. A listener that is a whole backlog behind loses it and
// finds one NoticeOverflow in its place.
func (h *hub) publish(n activesync.Notice) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for l := range h.listeners {
		select {
		case l <- n:
			continue
		default:
		}
		for len(l) > 0 {
			select {
			case <-l:
			default:
			}
		}
		l <- activesync.Notice{Kind: activesync.NoticeOverflow, Account: n.Account, Time: time.Now().UTC()}
	}
}

// subscribe listens until ctx ends, which closes the channel.
func (h *hub) subscribe(ctx context.Context) <-chan activesync.Notice {
	l := make(chan activesync.Notice, backlog)
	h.mu.Lock()
	if h.listeners == nil {
		h.listeners = map[chan activesync.Notice]struct{}{}
	}
	h.listeners[l] = struct{}{}
	h.mu.Unlock()
	context.AfterFunc(ctx, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.listeners, l)
		close(l)
	})
	return l
}
