package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	"eas.example/securemail/activesync"
)

const (
	// startLimit is how long a client waits for an agent that is being started.
	startLimit = 10 * time.Second
	// takenLimit is how long it waits while something that is no agent holds the
	// store.
	takenLimit = 3 * time.Second
	// dialAgain is how often it looks whether another agent answers meanwhile.
	dialAgain = 20 * time.Millisecond
)

// ClientConfig is what a Client is made of.
type ClientConfig struct {
	Socket string
	// Note is the file in which an agent that listens elsewhere says so.
	Note string
	// Start starts an agent and returns when its socket is there. Its error is
	// ErrInUse where another one was quicker. Nil starts none.
	Start func(context.Context) error
	// Version is that of this program; an older agent is asked to hand over.
	Version string
}

// Client asks the agent in another process. When there is none, it starts one;
// when the agent dies, so does the question under way, and the next one starts
// a successor. Close ends what it holds.
type Client struct {
	config ClientConfig
	calls  calls
	http   *http.Client
	life   context.Context // until Close
	close  context.CancelFunc
	wait   sync.WaitGroup // streams

	starting lane // held by the one who starts an agent
	uid      int  // whose agent is spoken to

	mu      sync.Mutex
	stopped bool          // the person ended the agent; streams start none
	back    chan struct{} // closed when an agent answers again
	screen  string        // the name under which a screen is attached
	look    *activesync.Look

	alerts chan activesync.Alert
}

// lane lets one through at a time.
type lane chan struct{}

func (l lane) enter(ctx context.Context) error {
	select {
	case l <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l lane) leave() { <-l }

// NewClient makes a client. It does nothing before a method is called.
func NewClient(c ClientConfig) *Client {
	life, end := context.WithCancel(context.Background())
	cl := &Client{config: c, calls: newCalls(new(table)), life: life, close: end, starting: make(lane, 1), uid: os.Getuid(), back: make(chan struct{}),
		alerts: make(chan activesync.Alert, alertsAhead)}
	cl.http = &http.Client{Transport: &http.Transport{
		DialContext:         func(ctx context.Context, _, _ string) (net.Conn, error) { return cl.dial(ctx) },
		MaxIdleConnsPerHost: 8, DisableCompression: true,
	}}
	return cl
}

// Close lets go of the agent, which runs on.
func (c *Client) Close() error {
	c.close()
	c.wait.Wait()
	c.http.CloseIdleConnections()
	return nil
}

// Connect finds the agent or starts it, and sees that it is not older than
// this program.
func (c *Client) Connect(ctx context.Context) (Hello, error) {
	h, err := c.Hello(ctx)
	if err != nil {
		return Hello{}, err
	}
	if newer(c.config.Version, h.Version) && c.config.Start != nil {
		if err := c.HandOver(ctx); err != nil {
			return Hello{}, err
		}
		if h, err = c.Hello(ctx); err != nil {
			return Hello{}, err
		}
	}
	if h.Protocol != protocol {
		return h, fmt.Errorf("%w: it is version %s, this is %s; end it with securemail agent stop", ErrVersion, h.Version, c.config.Version)
	}
	return h, nil
}

// ErrVersion: the agent and this program do not understand each other.
var ErrVersion = errors.New("another version of the background process runs")

// Hello asks who the agent is. One that dies over the question has a successor,
// which is asked then.
func (c *Client) Hello(ctx context.Context) (Hello, error) {
	h, err := c.helloOnce(ctx)
	if errors.Is(err, ErrLost) && ctx.Err() == nil {
		return c.helloOnce(ctx)
	}
	return h, err
}

func (c *Client) helloOnce(ctx context.Context) (Hello, error) {
	var h Hello
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://agent"+root+"hello", nil)
	if err != nil {
		return h, err
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return h, c.broken(ctx, "hello", err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&h); err != nil {
		return h, c.broken(ctx, "hello", err)
	}
	return h, nil
}

// Stop ends the agent. It returns when the agent has let go of all it had.
func (c *Client) Stop(ctx context.Context) error { return c.stop(ctx, "") }

// HandOver ends the agent in favour of another one, which is about to begin.
func (c *Client) HandOver(ctx context.Context) error {
	err := c.stop(ctx, c.config.Version)
	if err != nil && !errors.Is(err, ErrNotRunning) {
		return fmt.Errorf("ask the agent to hand over: %w", err)
	}
	return nil
}

// stop asks the agent to end and waits for the end of the connection, which it
// keeps open to the last.
func (c *Client) stop(ctx context.Context, successor string) error {
	conn, err := c.dialOnce(ctx)
	if err != nil {
		return ErrNotRunning
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })()
	// On one connection: the question, then silence until the process is gone.
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://agent"+root+"stop?for="+url.QueryEscape(successor), nil)
	if err != nil {
		return err
	}
	if err := r.Write(conn); err != nil {
		return c.broken(ctx, "stop", err)
	}
	buf := make([]byte, 1024)
	for {
		if _, err := conn.Read(buf); err != nil {
			break
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	c.http.CloseIdleConnections()
	return nil
}

var errNotThere = errors.New("nobody listens on the socket")

// startError is why there is no agent to talk to.
type startError struct{ err error }

func (e *startError) Error() string { return "start the agent: " + e.err.Error() }
func (e *startError) Unwrap() error { return e.err }

// dialOnce connects to an agent that is there.
func (c *Client) dialOnce(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	at := c.config.Socket
	conn, err := d.DialContext(ctx, "unix", at)
	if err != nil {
		if other := noted(c.config.Note); other != "" && other != at {
			at = other
			conn, err = d.DialContext(ctx, "unix", at)
		}
	}
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("%w: %w", errNotThere, err)
	}
	if err := samePerson(conn, c.uid); err != nil {
		conn.Close()
		return nil, &startError{fmt.Errorf("%s: %w", at, err)}
	}
	return conn, nil
}

// dial connects, and starts an agent where there is none.
func (c *Client) dial(ctx context.Context) (net.Conn, error) {
	conn, err := c.dialOnce(ctx)
	if c.config.Start == nil || !errors.Is(err, errNotThere) || ctx.Value(unstarted{}) != nil {
		if err == nil {
			c.found()
		}
		return conn, err
	}
	if c.waits(ctx) {
		return nil, err // a stream after the person ended the agent
	}
	if err := c.starting.enter(ctx); err != nil {
		return nil, err
	}
	defer c.starting.leave()
	if conn, err = c.start(ctx); err != nil {
		return nil, err
	}
	c.found()
	return conn, nil
}

// start tries until an agent answers. Of two that are started at once one
// gives way, which is no failure; the other may answer long before it does.
func (c *Client) start(ctx context.Context) (net.Conn, error) {
	began := time.Now()
	for step := 5 * time.Millisecond; ; step = min(2*step, 200*time.Millisecond) {
		conn, err := c.dialOnce(ctx)
		if !errors.Is(err, errNotThere) {
			return conn, err
		}
		conn, serr := c.startOrFind(ctx)
		switch {
		case conn != nil:
			return conn, nil
		case serr == nil:
			if conn, err = c.dialOnce(ctx); err == nil || time.Since(began) > startLimit {
				return conn, err
			}
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case !errors.Is(serr, ErrInUse), time.Since(began) > takenLimit:
			return nil, &startError{serr}
		}
		if err := pause(ctx, step); err != nil {
			return nil, err
		}
	}
}

// startOrFind starts an agent, and returns a connection where one answers
// before that is done: the agent that somebody else started.
func (c *Client) startOrFind(ctx context.Context) (net.Conn, error) {
	limit, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	started := make(chan error, 1)
	go func() { started <- c.config.Start(limit) }()
	tick := time.NewTicker(dialAgain)
	defer tick.Stop()
	for {
		select {
		case err := <-started:
			return nil, err
		case <-tick.C:
			if conn, err := c.dialOnce(ctx); err == nil {
				cancel()
				<-started // what was started gives way by itself
				return conn, nil
			}
		}
	}
}

// ErrInUse: another process has the store.
var ErrInUse = errors.New("the mail kept here is in use by another process")

// found notes that an agent answers.
func (c *Client) found() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = false
	close(c.back)
	c.back = make(chan struct{})
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
