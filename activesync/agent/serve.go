package agent

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"sync"
	"time"

	"eas.example/securemail/activesync"
)

// Why an agent ends, as its last words on a stream.
const (
	reasonStopped  = "stopped"   // asked to by the person
	reasonHandOver = "hand-over" // another one takes its place
	reasonEnded    = "ended"     // it had nothing to do, or its data is gone
)

// maxQuestion bounds a question: a draft with its files.
const maxQuestion = 1 << 30

// slowWrite is how long a client may take to read before it is dropped.
const slowWrite = 10 * time.Second

// Server answers on a socket what a Local does.
type Server struct {
	Local   *Local
	Version string // of the program
	Log     *slog.Logger

	lock     *Lock         // in the place of Local while the key is not at hand
	aside    chan struct{} // closed when a locked one makes room
	once     sync.Once
	ending   chan struct{} // closed when someone asks the agent to end
	mu       sync.Mutex
	reason   string            // why it ends
	held     []net.Conn        // of clients that wait for the end
	attached map[string]func() // how those who are attached are let go, by the name they gave
}

// NewServer makes a server of l.
func NewServer(l *Local, version string, log *slog.Logger) *Server {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Server{Local: l, Version: version, Log: log, ending: make(chan struct{}), reason: reasonEnded, attached: map[string]func(){}}
}

// Ending is closed when a client asked the agent to end.
func (s *Server) Ending() <-chan struct{} { return s.ending }

// Stop says why the agent is about to end. The first reason counts.
func (s *Server) stop(reason string) {
	s.once.Do(func() {
		s.mu.Lock()
		s.reason = reason
		s.mu.Unlock()
		close(s.ending)
	})
}

// Stopped makes the end one that the person asked for: clients do not start
// another agent by themselves.
func (s *Server) Stopped() { s.stop(reasonStopped) }

// HandedOver reports whether the agent ends because another one takes its place.
func (s *Server) HandedOver() bool { return s.why() == reasonHandOver }

func (s *Server) why() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reason
}

// Serve answers until ctx ends, and returns when every client is dropped.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	requests, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	hs := &http.Server{
		Handler: s.root(ctx), ReadHeaderTimeout: slowWrite,
		BaseContext: func(net.Listener) context.Context { return requests },
		ErrorLog:    slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
	}
	served := make(chan error, 1)
	go func() { served <- hs.Serve(ln) }()
	var failure error
	select {
	case failure = <-served:
		cut()
		hs.Close()
	case <-ctx.Done():
		// Short questions are answered to the end, streams say goodbye.
		limit, done := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		if hs.Shutdown(limit) != nil {
			cut()
			hs.Close()
		}
		done()
		failure = <-served
	}
	if errors.Is(failure, http.ErrServerClosed) {
		return nil
	}
	return failure
}

// root is what answers now.
func (s *Server) root(life context.Context) http.Handler {
	if s.lock != nil {
		return s.lockedHandler()
	}
	return s.handler(life)
}

// handler answers all paths. Streams end with life.
func (s *Server) handler(life context.Context) http.Handler {
	mux := http.NewServeMux()
	var t table
	newCalls(&t)
	for _, e := range t.endpoints {
		mux.HandleFunc("POST "+e.path(), e.handler(s.Local))
	}
	mux.HandleFunc("GET "+root+"hello", s.hello)
	mux.HandleFunc("POST "+root+"stop", s.stopAsked)
	mux.HandleFunc("GET "+root+"events", func(w http.ResponseWriter, r *http.Request) { s.events(life, w, r) })
	mux.HandleFunc("POST "+root+"attach", func(w http.ResponseWriter, r *http.Request) { s.attach(life, w, r) })
	mux.HandleFunc("POST "+root+"detach", s.detach)
	mux.HandleFunc("POST "+root+"look", s.look)
	mux.HandleFunc("POST "+root+"sync", s.sync)
	mux.HandleFunc("POST "+root+"attachment", s.attachment)
	mux.HandleFunc("POST "+root+"attachment/fetch", s.fetchAttachment)
	mux.HandleFunc("POST "+root+"source", s.source)
	mux.HandleFunc("POST "+root+"outbox/source", s.outboxSource)
	mux.HandleFunc("POST "+root+"send/mime", s.sendMIME)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, http.StatusNotFound, errors.New("this version of the agent knows no "+r.Method+" "+r.URL.Path))
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxQuestion)
		s.Local.heard()
		defer s.Local.busy()()
		mux.ServeHTTP(w, r)
	})
}

// Hello is what an agent says of itself.
type Hello struct {
	Protocol int    `json:"protocol"`
	Version  string `json:"version"`
	PID      int    `json:"pid"`
	Instance string `json:"instance"`
	// Locked says why nothing else can be asked yet; nil where all can be.
	Locked *activesync.KeyState `json:"locked,omitempty"`
}

func (s *Server) hello(w http.ResponseWriter, _ *http.Request) {
	h := Hello{Protocol: protocol, Version: s.Version, PID: os.Getpid()}
	if s.lock != nil {
		state := s.lock.State()
		h.Locked = &state
	} else {
		h.Instance = s.Local.hub.instance
	}
	writeJSON(w, h)
}

// stopAsked ends the agent, for good or for the version that takes over. The
// connection stays open to the last, so that the client sees when all is
// written and closed.
func (s *Server) stopAsked(w http.ResponseWriter, r *http.Request) {
	reason := reasonStopped
	if to := r.URL.Query().Get("for"); to != "" {
		reason = reasonHandOver
		s.Log.Info("hands over", "to", to)
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		fail(w, http.StatusInternalServerError, err)
		return
	}
	_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 3\r\nConnection: close\r\n\r\n{}\n")
	s.mu.Lock()
	s.held = append(s.held, conn)
	s.mu.Unlock()
	s.stop(reason)
}

// Release tells those who wait for the end that it has come. It is the last
// thing an agent does.
func (s *Server) Release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.held {
		c.Close()
	}
	s.held = nil
}

// events is the stream of notices, one JSON object a line. since is the seq of
// the last line that the client has.
func (s *Server) events(life context.Context, w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	out := newLines(w)
	begin, events := s.Local.hub.resume(ctx, r.URL.Query().Get("since"))
	seq := s.Local.hub.mark(begin)
	if out.write(eventLine{Seq: seq, Notice: activesync.Notice{Kind: lineHello, Time: time.Now().UTC()}}) != nil {
		return
	}
	for {
		select {
		case e, more := <-events:
			if !more {
				return
			}
			seq = s.Local.hub.mark(e.seq)
			if out.write(newEventLine(seq, e.notice)) != nil {
				return
			}
		case <-life.Done():
			_ = out.write(eventLine{Seq: seq, Notice: activesync.Notice{Kind: lineBye, Time: time.Now().UTC()}, Reason: s.why()})
			return
		case <-ctx.Done():
			return
		}
	}
}

// attach counts a client for as long as it keeps the connection, and hands it
// what a screen is asked to do.
func (s *Server) attach(life context.Context, w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	as := q.Get("as")
	client := s.Local.attachScreen(q.Get("foreground") == "true", as, lookOf(q))
	if as != "" {
		s.mu.Lock()
		s.attached[as] = client.detach
		s.mu.Unlock()
		defer func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			delete(s.attached, as)
		}()
	}
	defer client.detach() // before its name is forgotten: who says goodbye meanwhile waits for it
	out := newLines(w)
	if out.write(eventLine{Notice: activesync.Notice{Kind: lineHello, Time: time.Now().UTC()}}) != nil {
		return
	}
	for {
		select {
		case a := <-client.alerts:
			if out.write(alertLine(a)) != nil {
				return
			}
		case <-life.Done():
			_ = out.write(eventLine{Notice: activesync.Notice{Kind: lineBye, Time: time.Now().UTC()}, Reason: s.why()})
			return
		case <-r.Context().Done():
			return
		}
	}
}

// look notes what an attached screen shows.
func (s *Server) look(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if look := lookOf(q); look != nil {
		s.Local.screens.look(q.Get("as"), *look)
	}
	writeJSON(w, nothing{})
}

// lookOf reads what a screen shows, nil where it does not say. No mailbox is
// written as "none".
func lookOf(q url.Values) *activesync.Look {
	look := activesync.Look{Away: q.Get("away") == "true"}
	if q.Get("look") == noMailbox {
		return &look
	}
	folder, err := activesync.ParseFolderID(q.Get("look"))
	if err != nil {
		return nil
	}
	look.Folder = folder
	return &look
}

const noMailbox = "none"

func lookValues(l *activesync.Look) url.Values {
	q := url.Values{}
	if l != nil {
		q.Set("look", noMailbox)
		if l.Folder != 0 {
			q.Set("look", l.Folder.String())
		}
		q.Set("away", strconv.FormatBool(l.Away))
	}
	return q
}

// detach lets go of one who attached, before the connection is seen to close: a
// process that is about to be stopped closes nothing any more.
func (s *Server) detach(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	detach := s.attached[r.URL.Query().Get("as")]
	s.mu.Unlock()
	if detach != nil {
		detach()
	}
	writeJSON(w, nothing{})
}
