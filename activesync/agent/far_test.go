package agent

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/client"
	"eas.example/securemail/activesync/engine"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/store/storetest"
)

// shelf is a Book and the Settings in memory.
type shelf struct {
	mu            sync.Mutex
	broken        error // the accounts can neither be read nor removed
	accounts      []activesync.Account
	background    activesync.Background
	notifications activesync.Notifications
}

func (s *shelf) breaks(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = err
}

func (s *shelf) Change(activesync.Account, string) error       { return nil }
func (s *shelf) Password(activesync.AccountID) (string, error) { return "pw", nil }

func (s *shelf) PushToken() (string, error) { return "", nil }

func (s *shelf) Accounts() ([]activesync.Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return nil, s.broken
	}
	return slices.Clone(s.accounts), nil
}

func (s *shelf) Add(a activesync.Account, password string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accounts = append(s.accounts, a)
	return nil
}

func (s *shelf) Remove(activesync.AccountID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return s.broken
	}
	s.accounts = nil
	return nil
}

func (s *shelf) Background() (activesync.Background, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.background, nil
}

func (s *shelf) SetBackground(b activesync.Background) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.background = b
	return nil
}

func (s *shelf) Notifications() (activesync.Notifications, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.notifications, nil
}

func (s *shelf) SetNotifications(n activesync.Notifications) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notifications = n
	return nil
}

// far is an agent behind a socket, in this process, and a client of it.
type far struct {
	t      *testing.T
	box    *server.Mailbox
	local  *Local
	server *Server
	socket string
	client *Client
	acc    activesync.Account
	stop   func()
}

// socketPath is short enough for all systems.
func socketPath(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sm")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "run", "agent.sock")
}

func newLocalFor(t *testing.T, srv *server.Server, book *shelf) *Local {
	t.Helper()
	st := storetest.Open(t)
	l, err := NewLocal(Config{Store: st, Book: book, Settings: book, Version: "1.0.0",
		Dial: func(a activesync.Account, password string) (engine.Server, error) {
			return client.New(client.Config{Endpoint: a.Server, User: a.Login(), Password: password, DeviceID: st.DeviceID(), DeviceType: "securemail", Transport: srv.Transport()})
		}})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// serve lets a Local answer at a socket until the function it returns is called.
func serve(t *testing.T, l *Local, socket string) (*Server, func()) {
	t.Helper()
	ln, err := Listen(socket, socket+".note", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s := NewServer(l, "1.0.0", nil)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	ran := make(chan error, 1)
	go func() { served <- s.Serve(ctx, ln) }()
	go func() { ran <- l.Run(ctx) }()
	go func() {
		select {
		case <-s.Ending():
			cancel()
		case <-ctx.Done():
		}
	}()
	return s, sync.OnceFunc(func() {
		cancel()
		if err := errors.Join(<-served, <-ran); err != nil {
			t.Error(err)
		}
		s.Release()
	})
}

func newFar(t *testing.T) *far {
	t.Helper()
	srv := server.New(server.Config{})
	f := &far{t: t, box: srv.AddUser("alice", "pw", "alice@example.test"), socket: socketPath(t)}
	f.local = newLocalFor(t, srv, &shelf{})
	f.server, f.stop = serve(t, f.local, f.socket)
	f.client = NewClient(ClientConfig{Socket: f.socket, Version: "1.0.0"})
	t.Cleanup(func() {
		f.client.Close()
		f.stop()
	})
	return f
}

func (f *far) add() {
	f.t.Helper()
	acc, err := f.client.AddAccount(f.t.Context(), activesync.Account{Email: "alice@example.test", Server: "http://127.0.0.1/Microsoft-Server-ActiveSync", User: "alice"}, "pw")
	if err != nil {
		f.t.Fatal(err)
	}
	f.acc = acc
}

func (f *far) deliver(subject string) {
	f.t.Helper()
	mail := "From: ana@example.test\r\nTo: alice@example.test\r\nSubject: " + subject + "\r\nDate: " + time.Now().Format(time.RFC1123Z) +
		"\r\nMessage-ID: <" + subject + "@example.test>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nText.\r\n" +
		"--b\r\nContent-Type: text/plain; name=a.txt\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\ndata\r\n--b--\r\n"
	if _, err := f.box.Deliver("Inbox", server.Mail([]byte(mail)), false); err != nil {
		f.t.Fatal(err)
	}
}

func (f *far) inbox(s Service) activesync.Folder {
	f.t.Helper()
	all, err := s.Folders(f.t.Context(), f.acc.ID)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, folder := range all {
		if folder.Type == activesync.FolderInbox {
			return folder
		}
	}
	f.t.Fatal("no Inbox")
	return activesync.Folder{}
}

// next reads the notices until one is of a kind.
func next(t *testing.T, c <-chan activesync.Notice, kind activesync.NoticeKind) activesync.Notice {
	t.Helper()
	limit := time.After(20 * time.Second)
	for {
		select {
		case n, ok := <-c:
			if !ok {
				t.Fatal("the stream has ended")
			}
			if n.Kind == kind {
				return n
			}
		case <-limit:
			t.Fatalf("no %s came", kind)
		}
	}
}

// local2 is another life of the agent.
func (f *far) local2() *Local {
	return newLocalFor(f.t, server.New(server.Config{}), &shelf{})
}
