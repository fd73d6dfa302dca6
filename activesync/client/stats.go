package client

import (
	"io"
	"sync/atomic"
)

// Stats counts what went over the wire since the Client was made: exchanges,
// and the bytes of their bodies as they were sent, compressed where they were.
type Stats struct {
	Requests, Sent, Received int64
}

// Sub is what was added since earlier.
func (s Stats) Sub(earlier Stats) Stats {
	return Stats{s.Requests - earlier.Requests, s.Sent - earlier.Sent, s.Received - earlier.Received}
}

type counters struct {
	requests, sent, received atomic.Int64
}

// Stats are the counts so far.
func (c *Client) Stats() Stats {
	return Stats{c.counts.requests.Load(), c.counts.sent.Load(), c.counts.received.Load()}
}

// counted adds what is read to the counts. progress is called after each read. A
// request may still be on its way out while its answer is read.
type counted struct {
	io.ReadCloser
	n        atomic.Int64
	total    *atomic.Int64
	progress func()
}

func (r *counted) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	r.n.Add(int64(n))
	r.total.Add(int64(n))
	if r.progress != nil && n > 0 {
		r.progress()
	}
	return n, err
}
