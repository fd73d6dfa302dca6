package server

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
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
	// After carries the request out and answers with this HTTP status.
	After int
	// Ghost tells the client at once that the connection broke, and carries the
	// request out after so long.
	Ghost time.Duration
	// Cut ends the answer after so many bytes, where it is not negative and Cuts
	// is set.
	Cuts bool
	Cut  int
	// Delay holds the request back, Late the answer after it was carried out.
	Delay, Late time.Duration
	// Refuse closes the connection before the request is read.
	Refuse bool
	// CutsRequest breaks the connection after CutRequest bytes of the request,
	// which is not carried out.
	CutsRequest bool
	CutRequest  int
	// Twice carries the request out twice, as a proxy does that loses an answer,
	// and gives the second answer.
	Twice bool
	// Garbage gives this in place of the answer, with the answer's type.
	Garbage []byte
	// HalfGzip sends the answer compressed and, with no sign of it, cut in the
	// middle.
	HalfGzip bool
	// KeyZero answers a Sync with status 3 and a FolderSync with status 9.
	KeyZero bool
}

// before plays the faults that keep a request from being carried out.
func (s *Server) before(w http.ResponseWriter, r *http.Request, f *Fault) (done bool) {
	if f.Delay > 0 {
		if sleep(r.Context(), f.Delay) != nil {
			return true
		}
	}
	switch {
	case f.Refuse, f.CutsRequest:
		panic(http.ErrAbortHandler)
	case f.Status != 0:
		if f.RetryAfter != "" {
			w.Header().Set("Retry-After", f.RetryAfter)
		}
		if f.Location != "" {
			w.Header().Set("X-MS-Location", f.Location)
		}
		if strings.HasPrefix(f.Body, "<") {
			w.Header().Set("Content-Type", "text/html")
		}
		w.WriteHeader(f.Status)
		io.WriteString(w, f.Body)
		return true
	}
	return false
}

// answerWith is answer under the faults that change what is carried out.
func (x *exchange) answerWith(f *Fault) *reply {
	switch {
	case f == nil:
		return x.answer()
	case f.Twice:
		again := *x
		again.answer()
	case f.KeyZero && x.Command == "Sync":
		return x.keyZero()
	case f.KeyZero && x.Command == "FolderSync":
		return document(&wire.FolderSyncResponse{Status: 9})
	}
	return x.answer()
}

// keyZero refuses the keys of a Sync.
func (x *exchange) keyZero() *reply {
	out := &syncAnswer{}
	for _, id := range x.Collections {
		out.Collections = append(out.Collections, collectionAnswer{SyncKey: activesync.KeyNone, CollectionID: id, Status: 3})
	}
	return document(out)
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
