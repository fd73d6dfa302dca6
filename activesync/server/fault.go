package server

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"time"
)

// Fault is something that goes wrong with one request.
type Fault struct {
	// Status answers with this HTTP status instead, RetryAfter with that header
	// (seconds), Location with X-MS-Location, Body with that text.
	Status     int
	RetryAfter string
	Location   string
	Body       string
	// Drop carries the request out and loses the answer.
	Drop bool
	// Cut ends the answer after so many bytes, where it is not negative and Cuts
	// is set.
	Cuts bool
	Cut  int
	// Delay holds the answer back.
	Delay time.Duration
	// Refuse closes the connection before the request is read.
	Refuse bool
}

// errCut is what a client sees of a connection that breaks.
var errCut = errors.New("connection reset")

// transport is an http.RoundTripper that calls the server in this process.
type transport struct{ s *Server }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	if r.Body != nil {
		b, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil {
			return nil, err
		}
		in.Body = io.NopCloser(bytes.NewReader(b))
		in.ContentLength = int64(len(b))
	} else {
		in.Body = http.NoBody
	}
	in.RequestURI = in.URL.RequestURI()
	w := &recorder{header: http.Header{}, status: http.StatusOK}
	broken := false
	func() {
		defer func() {
			if p := recover(); p != nil {
				if p != http.ErrAbortHandler {
					panic(p)
				}
				broken = true
			}
		}()
		t.s.ServeHTTP(w, in)
	}()
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if broken && !w.wrote {
		return nil, errCut
	}
	var out io.Reader = bytes.NewReader(w.buf.Bytes())
	if broken {
		out = io.MultiReader(out, failing{})
	}
	return &http.Response{Status: http.StatusText(w.status), StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: io.NopCloser(out), ContentLength: -1, Request: r}, nil
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errCut }

// recorder keeps an answer.
type recorder struct {
	header http.Header
	status int
	wrote  bool
	buf    bytes.Buffer
}

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) {
	if !w.wrote {
		w.status, w.wrote = status, true
	}
}

func (w *recorder) Write(b []byte) (int, error) {
	w.wrote = true
	return w.buf.Write(b)
}
