package engine_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wbxml"
)

// On a line that breaks off what is long, and on a server that fails over many
// items at once, less is asked for until it goes, and all comes.
func TestWindowAdaptsToWhatGoesThrough(t *testing.T) {
	for name, fault := range map[string]func(*server.Request, int) *server.Fault{
		"line":   func(*server.Request, int) *server.Fault { return &server.Fault{Cuts: true, Cut: 4000} },
		"server": func(_ *server.Request, window int) *server.Fault { return failsOver(window, 30) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, server.Config{})
				w.fill(120)
				largest := 0
				w.setFault(func(q *server.Request) *server.Fault {
					if q.Command != "Sync" {
						return nil
					}
					window := windowSize(t, q.Body)
					largest = max(largest, window)
					return fault(q, window)
				})
				for range 40 {
					sum, err := w.engine.Sync(t.Context(), nil, true, nil)
					if err == nil && len(sum.Problems) == 0 {
						break
					}
				}
				w.equal()
				if n := w.requests("Sync", ""); n > 250 || largest < 100 {
					t.Errorf("%d requests, the largest window %d", n, largest)
				}
			})
		})
	}
}

// failsOver is a status 5 for windows that are larger.
func failsOver(window, most int) *server.Fault {
	if window <= most {
		return nil
	}
	return &server.Fault{Garbage: []byte{3, 1, 0x6A, 0, 0x45, 0x4E, 3, '5', 0, 1, 1}}
}

func windowSize(t *testing.T, body []byte) (n int) {
	t.Helper()
	root, err := wbxml.Parse(body)
	if err != nil {
		t.Fatal(err)
	}
	for _, tag := range []string{"AirSync:Collections", "AirSync:Collection", "AirSync:WindowSize"} {
		if root = root.Child(wbxml.MustTag(tag)); root == nil {
			return 0
		}
	}
	if _, err := fmt.Sscan(string(root.Text), &n); err != nil {
		t.Fatal(err)
	}
	return n
}
