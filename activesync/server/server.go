package server

import (
	"crypto/x509"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"eas.example/securemail/activesync"
)

// Config is how a Server behaves. The zero value speaks all versions, asks for
// no policies and gives the newest messages first.
type Config struct {
	Versions []activesync.Version // offered; nil is all
	// Policies is the document that devices must acknowledge, by element; nil
	// asks for none.
	Policies map[string]string
	// AllPolicies lets in no device that does not keep all of them.
	AllPolicies bool
	// Personality is what it does otherwise than Exchange.
	Personality Personality
	// OldestFirst makes first syncs give the oldest messages first.
	OldestFirst bool
	// Window is how many changes one answer has at most, whatever WindowSize asks
	// for; 0 is the 512 of the protocol.
	Window int
	// MinHeartbeat and MaxHeartbeat bound a Ping; 0 is 60 s and 59 min.
	MinHeartbeat, MaxHeartbeat time.Duration
	// Fault is asked before each request is answered; nil, or a nil answer, is
	// no fault.
	Fault func(*Request) *Fault
	// Log is told of each request after it was answered. It must not block.
	Log func(Request)
	// Bearer says whose an OAuth 2.0 token is; nil takes none. OnlyBearer takes no
	// passwords.
	Bearer     func(token string) (user string, ok bool)
	OnlyBearer bool
	// Roots are the certificates that ValidateCert trusts; nil is none.
	Roots *x509.CertPool
}

// Server is an http.Handler that speaks ActiveSync.
type Server struct {
	cfg   Config
	mu    sync.Mutex
	users map[string]*Mailbox // by login, lower case
	count int                 // of requests

	people  []Entry  // of the address list, besides the users
	library []shared // documents

	squeezers sync.Pool // of *gzip.Writer; making one costs as much as a small answer
}

// New makes a server without users.
func New(c Config) *Server {
	if len(c.Versions) == 0 {
		c.Versions = activesync.Versions()
	}
	if c.Window == 0 {
		c.Window = maxWindow
	}
	if c.MinHeartbeat == 0 {
		c.MinHeartbeat = time.Minute
	}
	if c.MaxHeartbeat == 0 {
		c.MaxHeartbeat = 59 * time.Minute
	}
	return &Server{cfg: c, users: map[string]*Mailbox{}}
}

// AddUser makes a mailbox with the folders that every mailbox has. The user
// signs in by name or by address.
func (s *Server) AddUser(name, password, email string) *Mailbox {
	m := newMailbox(name, password, email, s.cfg.Personality)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users[strings.ToLower(name)] = m
	s.users[strings.ToLower(email)] = m
	return m
}

// user finds the mailbox of a login.
func (s *Server) user(login, password string) (*Mailbox, bool) {
	if i := strings.LastIndexByte(login, '\\'); i >= 0 {
		login = login[i+1:]
	}
	s.mu.Lock()
	m := s.users[strings.ToLower(login)]
	s.mu.Unlock()
	return m, m != nil && m.password == password
}

// signedIn finds the mailbox that a request is for.
func (s *Server) signedIn(r *http.Request) (m *Mailbox, user string, ok bool) {
	if token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); bearer && s.cfg.Bearer != nil {
		if user, ok = s.cfg.Bearer(token); !ok {
			return nil, "", false
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		m = s.users[strings.ToLower(user)]
		return m, user, m != nil
	}
	user, password, ok := r.BasicAuth()
	if !ok || s.cfg.OnlyBearer {
		return nil, user, false
	}
	m, ok = s.user(user, password)
	return m, user, ok
}

// byAddress finds the mailbox to which an address belongs.
func (s *Server) byAddress(address string) *Mailbox {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.users[strings.ToLower(address)]; m != nil && strings.EqualFold(m.email, address) {
		return m
	}
	return nil
}

// number counts a request.
func (s *Server) number() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	return s.count
}

func (s *Server) speaks(v activesync.Version) bool { return slices.Contains(s.cfg.Versions, v) }

// Transport answers requests in this process, without a network. It is what
// tests under a fake clock use.
func (s *Server) Transport() http.RoundTripper { return transport{s} }
