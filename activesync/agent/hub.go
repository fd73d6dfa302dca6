package agent

import (
	"context"
	"crypto/rand"
	"strconv"
	"strings"
	"sync"
	"time"

	"eas.example/securemail/activesync"
)

// backlog is how many notices a listener may be behind.
const backlog = 1024

// event is a notice with its number in the life of one agent.
type event struct {
	seq    uint64
	notice activesync.Notice
}

// hub hands notices to everyone who listens, and keeps the last ones for those
// who were cut off for a moment.
type hub struct {
	instance string // names this life of the agent

	mu        sync.Mutex
	seq       uint64  // of the last notice
	past      []event // the last ones, oldest first
	listeners map[listener]struct{}
}

func newHub() *hub {
	return &hub{instance: strings.ToLower(rand.Text()[:8]), listeners: map[listener]struct{}{}}
}

// listener is one who listens; it never blocks.
type listener interface {
	put(event)
	end()
}

// line is a listener with a channel.
type line[T any] struct {
	c    chan T
	make func(event) T
}

// put hands over an event. A line that is a whole backlog behind loses it and
// finds one NoticeOverflow in its place.
func (l *line[T]) put(e event) {
	select {
	case l.c <- l.make(e):
		return
	default:
	}
	for len(l.c) > 0 {
		select {
		case <-l.c:
		default:
		}
	}
	l.c <- l.make(event{e.seq, overflow(e.notice.Account)})
}

func (l *line[T]) end() { close(l.c) }

func overflow(account activesync.AccountID) activesync.Notice {
	return activesync.Notice{Kind: activesync.NoticeOverflow, Account: account, Time: time.Now().UTC()}
}

// publish never blocks.
func (h *hub) publish(n activesync.Notice) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq++
	e := event{h.seq, n}
	if len(h.past) == backlog {
		copy(h.past, h.past[1:])
		h.past[backlog-1] = e
	} else {
		h.past = append(h.past, e)
	}
	for l := range h.listeners {
		l.put(e)
	}
}

// listen adds a listener until ctx ends. before is called with what it has to
// have first, under the same lock, so that nothing comes in between.
func (h *hub) listen(ctx context.Context, l listener, before func()) {
	h.mu.Lock()
	if before != nil {
		before()
	}
	h.listeners[l] = struct{}{}
	h.mu.Unlock()
	context.AfterFunc(ctx, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.listeners, l)
		l.end()
	})
}

// subscribe listens until ctx ends, which closes the channel.
func (h *hub) subscribe(ctx context.Context) <-chan activesync.Notice {
	l := &line[activesync.Notice]{make(chan activesync.Notice, backlog), func(e event) activesync.Notice { return e.notice }}
	h.listen(ctx, l, nil)
	return l.c
}

// resume is subscribe for one who may have listened before and got as far as
// mark. It gets what it missed, or an overflow where that is no longer here.
// It also returns the mark to begin from.
func (h *hub) resume(ctx context.Context, mark string) (begin uint64, events <-chan event) {
	l := &line[event]{make(chan event, backlog), func(e event) event { return e }}
	h.listen(ctx, l, func() {
		begin = h.seq
		seq, ok := h.parseMark(mark)
		switch {
		case mark == "":
		case !ok || seq > h.seq || h.seq-seq > uint64(len(h.past)):
			l.put(event{h.seq, overflow("")})
		default:
			begin = seq
			for _, e := range h.past[uint64(len(h.past))-(h.seq-seq):] {
				l.put(e)
			}
		}
	})
	return begin, l.c
}

// mark names a place in the stream of this agent.
func (h *hub) mark(seq uint64) string { return h.instance + "-" + strconv.FormatUint(seq, 10) }

func (h *hub) parseMark(mark string) (seq uint64, ok bool) {
	instance, n, ok := strings.Cut(mark, "-")
	if !ok || instance != h.instance {
		return 0, false
	}
	seq, err := strconv.ParseUint(n, 10, 64)
	return seq, err == nil
}
