// Package ringtest is a Secret Service for tests: one collection on a session bus
// that can be locked, with a prompt that the test answers. It may be used by
// several goroutines.
package ringtest

import (
	"fmt"
	"maps"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"
)

const (
	name       = "org.freedesktop.secrets"
	root       = dbus.ObjectPath("/org/freedesktop/secrets")
	collection = root + "/aliases/default"
	session    = root + "/session/1"
	promptPath = root + "/prompt/1"
)

// Service is the fake.
type Service struct {
	conn *dbus.Conn

	mu      sync.Mutex
	locked  bool
	prompts int           // how often a person was asked
	refuse  bool          // dismisses the prompt
	held    chan struct{} // closed by a prompt that stays without an answer
	items   map[dbus.ObjectPath]item
	last    int
}

type item struct {
	attributes map[string]string
	value      []byte
}

// secretValue is the struct (oayays) of the API.
type secretValue struct {
	Session     dbus.ObjectPath
	Parameters  []byte
	Value       []byte
	ContentType string
}

// Start puts a service on the bus until the test ends.
func Start(t testing.TB, address string) *Service {
	t.Helper()
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	s := &Service{conn: conn, items: map[dbus.ObjectPath]item{}}
	export := func(methods map[string]any, path dbus.ObjectPath, iface string) {
		if err := conn.ExportMethodTable(methods, path, iface); err != nil {
			t.Fatal(err)
		}
	}
	export(map[string]any{"OpenSession": s.openSession, "Unlock": s.unlock}, root, "org.freedesktop.Secret.Service")
	export(map[string]any{"Get": s.collections}, root, "org.freedesktop.DBus.Properties")
	export(map[string]any{"Get": s.property}, collection, "org.freedesktop.DBus.Properties")
	export(map[string]any{"CreateItem": s.createItem, "SearchItems": s.searchItems}, collection, "org.freedesktop.Secret.Collection")
	export(map[string]any{"Close": func() *dbus.Error { return nil }}, session, "org.freedesktop.Secret.Session")
	export(map[string]any{"Prompt": s.prompt}, promptPath, "org.freedesktop.Secret.Prompt")
	if reply, err := conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("take the name of the service: %v, %v", reply, err)
	}
	return s
}

// Lock locks the collection. Who unlocks it asks the person, who agrees.
func (s *Service) Lock() { s.set(func() { s.locked = true }) }

// Refuse has the person dismiss the prompt.
func (s *Service) Refuse(on bool) { s.set(func() { s.refuse = on }) }

// Hold leaves the next prompt without an answer, and tells when it is there.
func (s *Service) Hold() <-chan struct{} {
	held := make(chan struct{})
	s.set(func() { s.held = held })
	return held
}

// Empty takes all items out.
func (s *Service) Empty() { s.set(func() { clear(s.items) }) }

// Prompts is how often a person was asked.
func (s *Service) Prompts() (n int) { s.set(func() { n = s.prompts }); return n }

// Names are the user names of the items.
func (s *Service) Names() (names []string) {
	s.set(func() {
		for _, i := range s.items {
			names = append(names, i.attributes["username"])
		}
	})
	return names
}

func (s *Service) set(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
}

// Leave gives the name up.
func (s *Service) Leave() error {
	_, err := s.conn.ReleaseName(name)
	return err
}

func (s *Service) openSession(string, dbus.Variant) (dbus.Variant, dbus.ObjectPath, *dbus.Error) {
	return dbus.MakeVariant(""), session, nil
}

func (s *Service) collections(string, string) (dbus.Variant, *dbus.Error) {
	return dbus.MakeVariant([]dbus.ObjectPath{collection}), nil
}

func (s *Service) property(_, what string) (dbus.Variant, *dbus.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if what != "Locked" {
		return dbus.Variant{}, dbus.NewError("org.freedesktop.DBus.Error.UnknownProperty", nil)
	}
	return dbus.MakeVariant(s.locked), nil
}

func (s *Service) unlock(paths []dbus.ObjectPath) ([]dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.locked {
		return nil, promptPath, nil
	}
	return paths, "/", nil
}

func (s *Service) prompt(string) *dbus.Error {
	s.mu.Lock()
	s.prompts++
	refuse, held := s.refuse, s.held
	s.held = nil
	if !refuse && held == nil {
		s.locked = false
	}
	s.mu.Unlock()
	if held != nil {
		close(held)
		return nil
	}
	unlocked := []dbus.ObjectPath{collection}
	if refuse {
		unlocked = []dbus.ObjectPath{}
	}
	if err := s.conn.Emit(promptPath, "org.freedesktop.Secret.Prompt.Completed", refuse, dbus.MakeVariant(unlocked)); err != nil {
		return dbus.MakeFailedError(err)
	}
	return nil
}

func isLocked() *dbus.Error { return dbus.NewError("org.freedesktop.Secret.Error.IsLocked", nil) }

func (s *Service) createItem(properties map[string]dbus.Variant, v secretValue, _ bool) (dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.locked {
		return "/", "/", isLocked()
	}
	attributes, _ := properties["org.freedesktop.Secret.Item.Attributes"].Value().(map[string]string)
	s.last++
	path := collection + dbus.ObjectPath(fmt.Sprintf("/%d", s.last))
	if err := s.conn.ExportMethodTable(map[string]any{
		"GetSecret": func(dbus.ObjectPath) (secretValue, *dbus.Error) { return s.getSecret(path) },
		"Delete":    func() (dbus.ObjectPath, *dbus.Error) { s.set(func() { delete(s.items, path) }); return "/", nil },
	}, path, "org.freedesktop.Secret.Item"); err != nil {
		return "/", "/", dbus.MakeFailedError(err)
	}
	s.items[path] = item{attributes, v.Value}
	return path, "/", nil
}

func (s *Service) getSecret(path dbus.ObjectPath) (secretValue, *dbus.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.locked {
		return secretValue{}, isLocked()
	}
	return secretValue{Session: session, Parameters: []byte{}, Value: s.items[path].value, ContentType: "text/plain"}, nil
}

func (s *Service) searchItems(attributes map[string]string) ([]dbus.ObjectPath, *dbus.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := []dbus.ObjectPath{}
	for path, i := range s.items {
		if maps.Equal(i.attributes, attributes) {
			found = append(found, path)
		}
	}
	return found, nil
}
