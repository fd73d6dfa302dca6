package engine_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// turns chooses from the seed who comes before whom, in place of the scheduler.
// Whoever is about to touch what others see waits some nanoseconds of the
// bubble's clock first, so that one goroutine runs at a time and a schedule is
// the same each time it is played. Of each microsecond the first half is the
// engine's, the second the person's and the other devices', and the last
// nanosecond that of the schedule itself: no two ever wake at the same moment.
type turns struct {
	mu     sync.Mutex
	engine *rand.Rand
	person *rand.Rand
}

func newTurns(seed uint64) *turns {
	return &turns{engine: rand.New(rand.NewPCG(seed, 3)), person: rand.New(rand.NewPCG(seed, 4))}
}

type byPersonKey struct{}

// byHand marks what the engine does for the person who waits for it.
func byHand(ctx context.Context) context.Context { return context.WithValue(ctx, byPersonKey{}, true) }

// wait is called before a request, an answer and a write to the store.
func (w *turns) wait(ctx context.Context) {
	const half = 499
	w.mu.Lock()
	r, first := w.engine, 1
	if ctx.Value(byPersonKey{}) != nil {
		r, first = w.person, 1+half
	}
	n := r.IntN(half)
	w.mu.Unlock()
	sleepUntil(first + n)
}

// sleepUntil waits until so many nanoseconds of a microsecond are over, at least
// one.
func sleepUntil(n int) {
	d := time.Duration(n - time.Now().Nanosecond()%1000)
	if d <= 0 {
		d += time.Microsecond
	}
	time.Sleep(d)
}

// moment is between two things that the schedule does. What the engine is at is
// over meanwhile, or in the middle.
func (s *sim) moment() {
	if n := s.r.IntN(16); n < 8 {
		s.sleepFor(time.Duration(n) * time.Microsecond)
	} else {
		s.sleepFor(time.Millisecond)
	}
}

// sleepFor lets that much pass, and a little more.
func (s *sim) sleepFor(d time.Duration) {
	time.Sleep(d)
	sleepUntil(999)
}
