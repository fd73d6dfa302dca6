package server

import (
	"math/rand/v2"
	"sync"
	"time"
)

// Plan chooses faults at random, the same ones for the same seed and requests.
// It may be asked by many goroutines, but then their order decides too.
type Plan struct {
	mu     sync.Mutex
	random *rand.Rand
	rate   float64
	once   bool // no request comes twice
	extra  []func(*Request)
	counts map[string]int
}

// NewPlan makes a plan that spoils that share of all requests, from 0 to 1.
func NewPlan(seed uint64, rate float64) *Plan {
	return &Plan{random: rand.New(rand.NewPCG(seed, 0x6661756c74)), rate: rate, counts: map[string]int{}}
}

// Meanwhile adds something that may happen on the server while a request is
// under way.
func (p *Plan) Meanwhile(do func(*Request)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.extra = append(p.extra, do)
}

// SetRate changes the share of requests that are spoilt.
func (p *Plan) SetRate(rate float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rate = rate
}

// Counts is how often each kind of fault was played.
func (p *Plan) Counts() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[string]int{}
	for k, n := range p.counts {
		out[k] = n
	}
	return out
}

// Once has no request come twice from now on.
func (p *Plan) Once() {
	p.mu.Lock()
	p.once = true
	p.mu.Unlock()
}

// Fault is for Config.Fault.
func (p *Plan) Fault(q *Request) *Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.random.Float64() >= p.rate {
		return nil
	}
	name, f := p.choose(q)
	if p.once && f != nil && f.Twice {
		return nil
	}
	p.counts[name]++
	return f
}

// statuses are answers that are no answers; those that end all by themselves
// (401, 403, 456, 457) come rarely.
var statuses = []int{429, 449, 500, 502, 503, 503, 504, 507}

func (p *Plan) choose(q *Request) (string, *Fault) {
	n := p.random.IntN
	switch n(14) {
	case 0:
		return "request lost", &Fault{Refuse: true}
	case 1:
		return "request cut", &Fault{CutsRequest: true, CutRequest: n(len(q.Body) + 1)}
	case 2, 3:
		if n(3) == 0 {
			return "done, and said to have failed", &Fault{After: []int{500, 502, 504}[n(3)]}
		}
		return "answer lost", &Fault{Drop: true}
	case 4:
		return "answer cut", &Fault{Cuts: true, Cut: n(300)}
	case 5:
		return "late request", &Fault{Delay: time.Duration(1+n(300)) * time.Second}
	case 6:
		return "late answer", &Fault{Late: time.Duration(1+n(300)) * time.Second}
	case 7:
		switch { // no client can tell that it was sent, or made, twice
		case q.known && n(2) == 0:
			return "request twice", &Fault{Twice: true}
		case rootPages[q.Command] == "ComposeMail":
			return "carried out late", &Fault{Ghost: time.Duration(1+n(120)) * time.Second}
		case !q.makes:
			return "request twice", &Fault{Twice: true}
		}
	case 8:
		return "page", &Fault{Status: 200, Body: "<html><title>Sign in to the network</title></html>"}
	case 9:
		return "garbage", &Fault{Garbage: p.garbage()}
	case 10:
		return "half gzip", &Fault{HalfGzip: true}
	case 11:
		if q.Command == "Sync" || q.Command == "FolderSync" {
			return "key 0", &Fault{KeyZero: true}
		}
	case 12:
		if len(p.extra) > 0 {
			p.extra[n(len(p.extra))](q)
			return "meanwhile", nil
		}
	}
	if n(40) == 0 {
		return "shut out", &Fault{Status: []int{401, 403, 456, 457}[n(4)]}
	}
	if n(20) == 0 {
		return "moved", &Fault{Status: 451, Location: []string{"", "https://elsewhere.example.test/Microsoft-Server-ActiveSync"}[n(2)]}
	}
	f := &Fault{Status: statuses[n(len(statuses))]}
	if n(2) == 0 {
		f.RetryAfter = []string{"0", "30", "120", "soon"}[n(4)]
	}
	return "status", f
}

// garbage is noise, or noise that begins like a document.
func (p *Plan) garbage() []byte {
	b := make([]byte, 1+p.random.IntN(64))
	for i := range b {
		b[i] = byte(p.random.Uint32())
	}
	if p.random.IntN(2) == 0 {
		b = append([]byte{3, 1, 0x6A, 0}, b...)
	}
	return b
}
