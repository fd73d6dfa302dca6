package agent

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"eas.example/securemail/activesync"
)

const (
	// steady is how long an agent must have lived for its death to be met at once.
	steady       = 10 * time.Second
	restartFirst = 50 * time.Millisecond
	restartLast  = 30 * time.Second
	// handOverWait is what a successor of another version gets to start in.
	handOverWait = 2 * time.Second
	// lookAround is how often a stream that the person's stop has ended looks whether
	// another process has an agent again.
	lookAround = 500 * time.Millisecond
)

// follower marks the requests of streams: they start no agent that the person
// has ended.
type follower struct{}

func (c *Client) waits(ctx context.Context) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stopped && ctx.Value(follower{}) != nil
}

// follow keeps a stream open until ctx ends, over the life of any number of
// agents. path is asked before each start for where to go on from, each is told
// of every line, the last one of an agent that the person ended too. ready is
// called when the first try has worked or failed.
func (c *Client) follow(ctx context.Context, method string, path func() string, ready func(error), each func(eventLine)) {
	ctx = context.WithValue(ctx, follower{}, true)
	wait := time.Duration(0)
	for ctx.Err() == nil {
		began := time.Now()
		reason, err := c.stream(ctx, method, path(), func() { ready(nil) }, each)
		ready(err)
		switch {
		case reason == reasonStopped:
			c.stayAway(ctx)
			wait = 0
			continue
		case reason == reasonHandOver:
			wait = handOverWait
		case time.Since(began) > steady:
			wait = 0
		default:
			wait = min(max(2*wait, restartFirst), restartLast)
		}
		c.waitBack(ctx, wait)
	}
}

// stream reads one stream to its end and returns what the agent said last.
func (c *Client) stream(ctx context.Context, method, path string, opened func(), each func(eventLine)) (reason string, err error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://agent"+root+path, nil)
	if err != nil {
		return "", err
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return "", fmt.Errorf("the agent answered %s", answer.Status)
	}
	dec := json.NewDecoder(answer.Body)
	for {
		var l eventLine
		if err := dec.Decode(&l); err != nil {
			return "", err
		}
		switch l.Kind {
		case lineHello:
			each(l)
			opened()
		case lineBye:
			if l.Reason == reasonStopped {
				each(l)
			}
			return l.Reason, nil
		default:
			each(l)
		}
	}
}

// stayAway waits until there is an agent again, started by a question of this
// process or by another one.
func (c *Client) stayAway(ctx context.Context) {
	c.mu.Lock()
	c.stopped = true
	back := c.back
	c.mu.Unlock()
	c.http.CloseIdleConnections()
	look := time.NewTicker(lookAround)
	defer look.Stop()
	for {
		select {
		case <-back:
			return
		case <-ctx.Done():
			return
		case <-look.C:
			if conn, err := c.dialOnce(ctx); err == nil {
				conn.Close()
				c.found()
			}
		}
	}
}

// waitBack waits for a while, or until an agent answers somebody else.
func (c *Client) waitBack(ctx context.Context, d time.Duration) {
	if d == 0 {
		return
	}
	c.mu.Lock()
	back := c.back
	c.mu.Unlock()
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-back:
	case <-ctx.Done():
	}
}

// Subscribe tells what happens until ctx ends, which closes the channel, also that
// the person has ended the agent. When
// it returns, nothing that happens later is missed: where the agent cannot be
// reached at once, the stream begins with an overflow.
func (c *Client) Subscribe(ctx context.Context) <-chan activesync.Notice {
	out := make(chan activesync.Notice, 16)
	begun := make(chan struct{})
	seq, lost, waiting := "", false, true
	ready := func(err error) {
		if waiting {
			waiting, lost = false, err != nil
			close(begun)
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := context.AfterFunc(c.life, cancel)
	send := func(n activesync.Notice) {
		select {
		case out <- n:
		case <-ctx.Done():
		}
	}
	c.wait.Add(1)
	go func() {
		defer c.wait.Done()
		defer close(out)
		defer cancel()
		defer ended()
		c.follow(ctx, http.MethodGet, func() string { return "events?since=" + url.QueryEscape(seq) }, ready, func(l eventLine) {
			switch seq = l.Seq; {
			case l.Kind == lineBye:
				send(activesync.Notice{Kind: activesync.NoticeStopped, Time: l.Time})
			case l.Kind != lineHello:
				send(l.notice())
			case lost:
				lost = false
				send(overflow(""))
			}
		})
	}()
	select {
	case <-begun:
	case <-ctx.Done():
	}
	return out
}

// Attach says that a screen is there until detach is called. Where the agent
// dies, its successor is told.
func (c *Client) Attach(foreground bool) (detach func()) {
	ctx, cancel := context.WithCancel(c.life)
	begun, ended := make(chan struct{}), make(chan struct{})
	as := rand.Text()
	if foreground {
		c.mu.Lock()
		c.screen = as
		c.mu.Unlock()
	}
	waiting := true
	c.wait.Add(1)
	go func() {
		defer c.wait.Done()
		defer close(ended)
		c.follow(ctx, http.MethodPost, func() string {
			q := url.Values{}
			if foreground {
				c.mu.Lock()
				q = lookValues(c.look)
				c.mu.Unlock()
			}
			q.Set("foreground", strconv.FormatBool(foreground))
			q.Set("as", as)
			return "attach?" + q.Encode()
		}, func(error) {
			if waiting {
				waiting = false
				close(begun)
			}
		}, func(l eventLine) {
			if l.Alert != nil {
				offer(c.alerts)(*l.Alert)
			}
		})
	}()
	<-begun
	return func() {
		cancel()
		<-ended
		c.letGo(as)
	}
}

// Alerts are what screens of this process are asked to do.
func (c *Client) Alerts() <-chan activesync.Alert { return c.alerts }

// Look says what the screen shows; a successor of the agent learns it too. It
// does not wait for an answer longer than for a moment.
func (c *Client) Look(look activesync.Look) {
	c.mu.Lock()
	c.look = &look
	as := c.screen
	c.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.WithValue(c.life, unstarted{}, true), detachLimit)
	defer cancel()
	q := lookValues(&look)
	q.Set("as", as)
	if answer, err := c.post(ctx, "look?"+q.Encode(), nil, true); err == nil {
		answer.Body.Close()
	}
}

// detachLimit is how long a screen that goes waits to be let go.
const detachLimit = time.Second

// letGo says goodbye, where somebody hears it. After that the agent does not
// count the screen any more, even if this process is stopped at once.
func (c *Client) letGo(as string) {
	ctx, cancel := context.WithTimeout(context.WithValue(context.Background(), unstarted{}, true), detachLimit)
	defer cancel()
	if answer, err := c.post(ctx, "detach?as="+as, nil, false); err == nil {
		answer.Body.Close()
	}
}

// unstarted marks requests that are not worth an agent.
type unstarted struct{}
