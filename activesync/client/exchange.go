package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

const (
	typeWBXML     = "application/vnd.ms-sync.wbxml"
	typeMultipart = "application/vnd.ms-sync.multipart"
	typeMIME      = "message/rfc822"
)

// request is one exchange to be done.
type request struct {
	command     string
	code        code
	method      string // POST when empty
	body        io.Reader
	size        int64
	rewind      func() (io.ReadCloser, error) // gives body from its start; nil where it cannot
	contentType string                        // typeWBXML when empty
	silent      time.Duration                 // silentCommand when 0
	noKey       bool
	multipart   bool
	saveInSent  bool
	source      wire.SmartSource // up to 12.1, of what is answered or sent on
}

// answer is what came back with status 200.
type answer struct {
	x       *exchange
	command string
	host    string
	header  http.Header
	body    io.Reader
	close   func()
}

// do sends a request and returns the answer if it is a 200; the caller closes
// it. Every error names the command and wraps what activesync/errors.go says.
func (c *Client) do(ctx context.Context, r *request) (*answer, error) {
	a, token, err := c.once(ctx, r)
	if token == "" || !c.another(token, err) {
		return a, err
	}
	if r.body != nil {
		if r.rewind == nil {
			return nil, fmt.Errorf("%s: %w: the token had run out", r.command, activesync.ErrBusy) // nothing was carried out
		}
		if r.body, err = r.rewind(); err != nil {
			return nil, fmt.Errorf("%s: %w", r.command, err)
		}
	}
	a, _, err = c.once(ctx, r)
	return a, err
}

// another reports whether a request is to go again with another token than the
// one that it was answered err for. Some servers say by a 403 that a token has run
// out, most that the person or the device may not come in: where another token
// changes nothing, none is fetched until a request has worked.
func (c *Client) another(token string, err error) bool {
	e, refused := errors.AsType[*activesync.HTTPError](err)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case err == nil:
		c.shut = false
	case !refused:
	case e.Code == http.StatusUnauthorized:
		c.refused = token
		return true
	case e.Code == http.StatusForbidden && !c.shut:
		c.refused, c.shut = token, true
		return true
	}
	return false
}

// once is do without a second try. It returns the token it signed in with.
func (c *Client) once(ctx context.Context, r *request) (*answer, string, error) {
	endpoint, version, key := c.current()
	if c.cfg.Allow != nil {
		if err := c.cfg.Allow(endpoint.Hostname()); err != nil {
			return nil, "", fmt.Errorf("%s: %w", r.command, err)
		}
	}
	if r.method == "" {
		r.method = http.MethodPost
		if version == 0 {
			return nil, "", fmt.Errorf("%s: no protocol version is agreed on", r.command)
		}
	}
	limit := r.silent
	if limit == 0 {
		limit = silentCommand
	}
	inner, watch := newWatch(ctx, limit)
	x := &exchange{c: c, r: r, outer: ctx, inner: inner, watch: watch, host: endpoint.Host, started: time.Now()}
	req, err := c.httpRequest(x, endpoint, version, key)
	if err != nil {
		watch.stop()
		return nil, "", err
	}
	c.counts.requests.Add(1)
	res, err := c.way().RoundTrip(req)
	if err != nil {
		err = x.failed(err)
		x.end(0)
		return nil, x.token, err
	}
	c.cookies.SetCookies(req.URL, res.Cookies())
	watch.progress(x.bodyLimit())
	a, err := x.answer(res)
	if err != nil {
		x.end(res.StatusCode)
		return nil, x.token, err
	}
	return a, x.token, nil
}

// exchange is a request on its way.
type exchange struct {
	c            *Client
	r            *request
	outer, inner context.Context
	watch        *watch
	host         string
	started      time.Time

	credentials string // as in the header, so that they can be kept out of errors
	token       string // of them, where it is one
	sent        *counted
	received    *counted
}

func (c *Client) httpRequest(x *exchange, endpoint *url.URL, version activesync.Version, key activesync.PolicyKey) (*http.Request, error) {
	r := x.r
	req := &http.Request{Method: r.method, URL: &url.URL{}, Header: http.Header{}, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Host: endpoint.Host}
	*req.URL = *endpoint
	if r.body != nil {
		x.sent = &counted{ReadCloser: io.NopCloser(r.body), total: &c.counts.sent, progress: func() { x.watch.progress(x.watch.limit) }}
		req.Body, req.ContentLength = x.sent, r.size
		if r.rewind != nil {
			req.GetBody = func() (io.ReadCloser, error) {
				body, err := r.rewind()
				x.sent = &counted{ReadCloser: body, total: &c.counts.sent, progress: x.sent.progress}
				return x.sent, err
			}
		}
		if r.contentType == "" {
			r.contentType = typeWBXML
		}
		req.Header.Set("Content-Type", r.contentType)
	}
	var err error
	if x.token, err = c.signIn(x.inner, req); err != nil {
		return nil, x.unsigned(err)
	}
	_, x.credentials, _ = strings.Cut(req.Header.Get("Authorization"), " ")
	req.Header.Set("User-Agent", c.cfg.UserAgent)
	req.Header.Set("Accept-Encoding", "gzip")
	if r.method == http.MethodPost {
		c.address(req, r, version, key)
	}
	for _, ck := range c.cookies.Cookies(req.URL) {
		req.AddCookie(ck)
	}
	return req.WithContext(x.inner), nil
}

// address writes the query, and what the plain form of it has in headers.
func (c *Client) address(req *http.Request, r *request, version activesync.Version, key activesync.PolicyKey) {
	if r.noKey {
		key = ""
	}
	q := query{command: r.command, code: r.code, version: version, key: key, user: c.cfg.User, deviceID: c.cfg.DeviceID,
		deviceType: c.cfg.DeviceType, multipart: r.multipart, saveInSent: r.saveInSent, source: r.source}
	if c.cfg.Base64Query && q.fits() {
		req.URL.RawQuery = q.compact(c.cfg.Token != nil)
		return
	}
	req.URL.RawQuery = q.plain()
	req.Header.Set("MS-ASProtocolVersion", version.String())
	if key != "" {
		req.Header.Set("X-MS-PolicyKey", string(key))
	}
	if r.multipart {
		req.Header.Set("MS-ASAcceptMultiPart", "T")
	}
}

// signIn signs the request, and returns the token where that is how.
func (c *Client) signIn(ctx context.Context, req *http.Request) (string, error) {
	if c.cfg.Token == nil {
		req.SetBasicAuth(c.cfg.User, c.cfg.Password)
		return "", nil
	}
	c.mu.Lock()
	refused := c.refused
	c.mu.Unlock()
	token, err := c.cfg.Token(ctx, refused)
	if err != nil {
		return "", err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if host := strings.ToLower(req.URL.Hostname()); host == "outlook.com" || strings.HasSuffix(host, ".outlook.com") {
		// Without it the front ends of personal accounts point to each other.
		req.AddCookie(&http.Cookie{Name: "DefaultAnchorMailbox", Value: url.QueryEscape(c.cfg.User)})
	}
	return token, nil
}

// unsigned says why there is no token. The caller's own wish to stop is no failure.
func (x *exchange) unsigned(err error) error {
	if x.outer.Err() != nil {
		err = x.outer.Err()
	}
	return fmt.Errorf("%s: %w", x.r.command, err)
}

// failed says why no answer came. The caller's own wish to stop is not a
// failure of the server.
func (x *exchange) failed(err error) error {
	switch {
	case x.outer.Err() != nil:
		return fmt.Errorf("%s: %w", x.r.command, x.outer.Err())
	case errors.Is(context.Cause(x.inner), errSilent):
		x.c.Close()
		return fmt.Errorf("%s: %w: %s was silent for %v", x.r.command, activesync.ErrUnreachable, x.host, x.watch.limit)
	}
	return fmt.Errorf("%s: %w", x.r.command, activesync.NotReached(x.host, err))
}

// bodyLimit is how long the first bytes may take behind the head: some servers
// send the head of an answer at once and then wait.
func (x *exchange) bodyLimit() time.Duration { return max(x.watch.limit, silentBody) }

// answer checks the head of the answer and makes its body readable.
func (x *exchange) answer(res *http.Response) (*answer, error) {
	x.received = &counted{ReadCloser: res.Body, total: &x.c.counts.received, progress: func() { x.watch.progress(silentBody) }}
	body := &bodyReader{x: x, r: x.received, length: res.ContentLength}
	a := &answer{x: x, command: x.r.command, host: x.host, header: res.Header, body: body, close: func() { res.Body.Close(); x.end(res.StatusCode) }}
	if packed(res) {
		switch z, err := gzip.NewReader(body); {
		case err == nil:
			a.body = &bodyReader{x: x, r: z, length: -1}
		case err != io.EOF && res.StatusCode == http.StatusOK: // nothing at all is an empty answer
			res.Body.Close()
			return nil, body.cut(err)
		}
	}
	if res.StatusCode != http.StatusOK {
		defer res.Body.Close()
		return nil, httpError(a, res)
	}
	return a, nil
}

func packed(res *http.Response) bool {
	name := strings.ToLower(strings.TrimSpace(res.Header.Get("Content-Encoding")))
	return (name == "gzip" || name == "x-gzip") && res.ContentLength != 0
}

// end closes the books on the exchange.
func (x *exchange) end(status int) {
	x.watch.stop()
	var sent, received int64
	if x.sent != nil {
		sent = x.sent.n.Load()
	}
	if x.received != nil {
		received = x.received.n.Load()
	}
	x.c.log.Debug("exchange", "command", x.r.command, "status", status, "duration", time.Since(x.started), "sent", sent, "received", received)
}

// bodyReader tells an answer that was cut off from one that has ended.
type bodyReader struct {
	x      *exchange
	r      io.Reader
	n      int64
	length int64 // -1 when not known
}

func (b *bodyReader) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.n += int64(n)
	switch {
	case err == nil:
		return n, nil
	case err == io.EOF && (b.length < 0 || b.n == b.length):
		return n, io.EOF
	}
	return n, b.cut(err)
}

func (b *bodyReader) cut(err error) error {
	switch {
	case b.x.outer.Err() != nil:
		return fmt.Errorf("%s: %w", b.x.r.command, b.x.outer.Err())
	case errors.Is(context.Cause(b.x.inner), errSilent):
		b.x.c.Close()
		err = errSilent
	case err == io.EOF:
		err = io.ErrUnexpectedEOF
	}
	if errors.Is(err, activesync.ErrTruncated) {
		return err // said already, below gzip
	}
	return fmt.Errorf("%s: %w: %s: %w", b.x.r.command, activesync.ErrTruncated, b.x.host, err)
}

// exchange does an exchange whose request and answer fit in memory. The answer
// is closed; its data may be empty.
func (c *Client) exchange(ctx context.Context, r *request, body []byte) ([]byte, *answer, error) {
	if len(body) > 0 {
		r.body, r.size = bytes.NewReader(body), int64(len(body))
		r.rewind = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	}
	a, err := c.do(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	defer a.close()
	data, err := a.whole()
	return data, a, err
}

// maxAnswer bounds what the answer to a request for items may take of memory:
// what is larger than any message is a fault. Lists and changes are asked for in
// windows and are smaller by far.
const (
	maxAnswer  = 256 << 20
	maxChanges = 24 << 20
)

func (a *answer) whole() ([]byte, error) {
	most := a.x.c.maxAnswer
	if !a.x.r.multipart {
		most = min(most, maxChanges)
	}
	data, err := io.ReadAll(io.LimitReader(a.body, most+1))
	switch {
	case err != nil:
		return nil, wrapCut(a, err)
	case int64(len(data)) > most:
		return nil, fmt.Errorf("%s: %w: %w: that of %s is larger than %d MiB", a.command, activesync.ErrRejected, activesync.ErrTooLarge, a.host, most>>20)
	}
	return data, nil
}

// wrapCut is for errors between the network and here, such as of gzip.
func wrapCut(a *answer, err error) error {
	if errors.Is(err, activesync.ErrTruncated) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("%s: %w: %s: %w", a.command, activesync.ErrTruncated, a.host, err)
}
