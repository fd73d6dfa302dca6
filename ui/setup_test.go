package ui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
)

// accepts is a server that lets the account in.
func (b *prefsBackend) accepts(_ context.Context, a activesync.Account, _ string) (activesync.Account, error) {
	a.ID = activesync.AccountID("new" + string(rune('a'+len(b.accounts))))
	b.add(a.ID, a.Email)
	return a, nil
}

func refuses(err error) func(context.Context, activesync.Account, string) (activesync.Account, error) {
	return func(context.Context, activesync.Account, string) (activesync.Account, error) {
		return activesync.Account{}, err
	}
}

// fillIn types an address, a password and a server.
func (s *prefsScreen) fillIn() {
	s.t.Helper()
	s.text("alice@example.test")
	s.press("enter")
	s.text("open sesame")
	s.press("tab")
	s.text("mail.example.test")
}

func TestSetup_firstStart(t *testing.T) {
	eachSize(t, func(t *testing.T, width, height int) {
		b := newPrefsBackend()
		b.signIn = b.accepts
		s := openPrefs(t, Deps{Backend: b}, width, height)
		s.has("Welcome to securemail", "Exchange account", "securemail demo", "leaves nothing behind", "E-mail address", "Password", "Server", "optional")
		s.fillIn()
		s.hasNot("open sesame")
		s.has("alice@example.test", "•••••••••••", "often mail.example.test", "https://NAME/Microsoft-Server-ActiveSync", "looked up from your address")
		b.wasAsked(t)
		s.press("down")
		s.text("?,1q")
		s.press("enter", "enter")
		b.wasAsked(t, `add alice@example.test at https://mail.example.test/Microsoft-Server-ActiveSync user "?,1q" name "" password "open sesame"`)
		if s.app.setup != nil || s.app.screen != mailScreen {
			t.Fatalf("not in Mail after signing in:\n%s", s.view())
		}
		s.has("Inbox", "Signed in. Mail comes from the server now, the newest first.")
		if f, c := s.app.folder(s.app.mail.list.folder); f == nil || f.Name != "Inbox" || c.ID != "newa" {
			t.Errorf("opened %v", f)
		}
	})
}

func TestSetup_more(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newPrefsBackend("alice@example.test")
		b.signIn = b.accepts
		s := openPrefs(t, Deps{Backend: b}, 80, 24)
		s.press(",", "j", "enter", "j", "enter")
		s.has("Settings › Accounts › Add an account", "esc back")
		s.hasNot("Welcome")
		s.press("esc")
		s.has("Settings › Accounts")
		s.press("enter")
		s.text("bob@example.test")
		s.press("esc")
		s.has("Give it up?")
		s.press("enter")
		s.has("bob@example.test")
		s.press("down")
		s.text("pw")
		s.press("down")
		s.text("https://mail.example.test/eas/")
		s.press("up", "shift+tab", "up")
		s.press("enter")
		s.has("bob@example.test", "Inbox")
		b.wasAsked(t, `add bob@example.test at https://mail.example.test/eas user "" name "" password "pw"`)
		if _, c := s.app.folder(s.app.mail.list.folder); c == nil || c.Email != "bob@example.test" {
			t.Errorf("the mail of %v is shown", c)
		}
	})
}

func TestSetup_wrongPassword(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newPrefsBackend()
		b.signIn = refuses(fmt.Errorf("ask for the versions: %w", activesync.ErrAuth))
		s := openPrefs(t, Deps{Backend: b}, 80, 24)
		s.fillIn()
		s.press("tab", "tab", "enter")
		s.has("▲ The server refuses the name or the password.")
		time.Sleep(time.Hour)
		s.settle()
		if len(b.asked) != 1 {
			t.Errorf("signed in %d times by itself", len(b.asked))
		}
		b.signIn = b.accepts
		s.text("!")
		s.hasNot("refuses")
		s.press("tab", "tab", "tab", "enter")
		if len(b.asked) != 2 || !strings.HasSuffix(b.asked[1], `password "open sesame!"`) {
			t.Errorf("asked %q", b.asked)
		}
		s.hasNot("Welcome")
	})
}

func TestSetup_refused(t *testing.T) {
	for _, c := range []struct {
		name  string
		err   error
		has   string
		field int
	}{
		{"unreachable", fmt.Errorf("sign in: %w", errors.Join(activesync.ErrUnreachable, errors.New("dial tcp: lookup mail.example.test: no such host"))),
			"▲ The server cannot be reached: dial tcp: lookup mail.example.test: no such host. Check the network and the server's name, then sign in again.", serverField},
		{"not ActiveSync", &activesync.HTTPError{Code: 404, Host: "mail.example.test"}, "What answers there is not an ActiveSync server at mail.example.test.", serverField},
		{"plain", errors.New("the server's address must begin with https://: without TLS the password could be read on its way to mail.example.test"),
			"▲ The server's address must begin with https://", signButton},
		{"forbidden", activesync.ErrForbidden, "does not let this device use ActiveSync", signButton},
		{"busy", &activesync.HTTPError{Code: 503, Host: "mail.example.test"}, "The server is busy or faulty. Sign in again later.", signButton},
		{"slow", fmt.Errorf("ask: %w", context.DeadlineExceeded), "It took too long. Try again.", signButton},
		{"there already", fmt.Errorf("%w: there is an account %q already", activesync.ErrRejected, "alice"), `There is an account "alice" already.`, signButton},
		{"hostile", errors.New("it says \x1b]0;gotcha\a nothing"), "It says ]0;gotcha nothing.", signButton},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newPrefsBackend()
				b.signIn = refuses(c.err)
				s := openPrefs(t, Deps{Backend: b}, 80, 24)
				s.fillIn()
				s.press("down", "down", "enter")
				s.has(c.has)
				s.hasNot("tried again by itself.", "It is tried again", "\x1b", "\a")
				if s.app.setup.at != c.field {
					t.Errorf("the cursor is in field %d", s.app.setup.at)
				}
			})
		})
	}
}

func TestSetup_cancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newPrefsBackend()
		b.signIn = func(ctx context.Context, _ activesync.Account, _ string) (activesync.Account, error) {
			<-ctx.Done()
			return activesync.Account{}, fmt.Errorf("ask for the versions: %w", ctx.Err())
		}
		s := openPrefs(t, Deps{Backend: b}, 80, 24)
		s.fillIn()
		s.press("tab", "tab", "enter")
		s.has("Signing in…", "esc cancel")
		s.text("x")
		s.press("enter", "tab", "enter")
		s.press("esc")
		s.has("Cancelled. Nothing was kept.", "Sign in", "mail.example.test")
		if len(b.asked) != 1 {
			t.Errorf("asked %q", b.asked)
		}
		s.press("enter")
		s.has("Signing in…")
		time.Sleep(network + time.Second)
		s.settle()
		s.has("It took too long. Try again.")
	})
}

func TestSetup_missing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newPrefsBackend()
		s := openPrefs(t, Deps{Backend: b}, 80, 24)
		s.press("shift+tab", "enter")
		s.has("▲ Type your e-mail address.")
		s.text("alice")
		s.press("up", "enter")
		s.has("▲ This is not an e-mail address: alice")
		s.text("@example.test")
		s.press("up", "space")
		s.has("▲ Type the password.")
		b.wasAsked(t)
	})
}

// A server that is not named is looked up by the one who adds the account.
func TestSetup_serverMayBeLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newPrefsBackend()
		b.signIn = b.accepts
		s := openPrefs(t, Deps{Backend: b}, 80, 24)
		s.text("alice@example.test")
		s.press("tab")
		s.text("pw")
		s.press("up", "up", "enter")
		b.wasAsked(t, `add alice@example.test at  user "" name "" password "pw"`)
	})
}

func TestSetup_leave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openPrefs(t, Deps{Backend: newPrefsBackend()}, 80, 24)
		s.press("esc")
		s.has("Leave securemail?")
		s.press("enter")
		s.has("Welcome")
		if len(s.other) > 0 {
			t.Fatalf("No is not what enter means: %q", s.other)
		}
		s.press("esc", "y")
		if want := []string{"tea.QuitMsg({})"}; !slices.Equal(s.other, want) {
			t.Errorf("the program got %q", s.other)
		}
	})
}

func TestSetup_mouseAndPaste(t *testing.T) {
	eachSize(t, func(t *testing.T, width, height int) {
		b := newPrefsBackend()
		b.signIn = b.accepts
		s := openPrefs(t, Deps{Backend: b}, width, height)
		s.click("Server", 20)
		s.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("mail.example.test\n"), Paste: true})
		s.click("Password", 20)
		s.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("p\tw\r\n"), Paste: true})
		s.click("E-mail", 0)
		s.text("alice@example.test")
		s.click("Sign in", 2)
		b.wasAsked(t, `add alice@example.test at https://mail.example.test/Microsoft-Server-ActiveSync user "" name "" password "p w"`)
		s.hasNot("Welcome")
	})
}

// A look at the accounts that began before the account was there must not bring
// the set-up back.
func TestSetup_lateLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newPrefsBackend()
		b.signIn = b.accepts
		s := openPrefs(t, Deps{Backend: b}, 80, 24)
		s.fillIn()
		hold := make(chan struct{})
		b.hold = hold
		s.send(answer((*App).readAccounts))
		b.hold = nil
		s.press("tab", "tab", "enter")
		s.has("Inbox")
		close(hold)
		s.settle()
		s.has("Inbox")
		s.hasNot("Welcome")
	})
}

// The form stays usable where it does not fit.
func TestSetup_small(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openPrefs(t, Deps{Backend: newPrefsBackend()}, 40, 6)
		for _, name := range []string{"E-mail address", "Password", "Server", "User name", "Name", "Sign in"} {
			s.has(name)
			s.press("tab")
		}
		for _, size := range [][2]int{{1, 1}, {10, 3}, {20, 8}, {47, 12}, {80, 24}, {200, 50}} {
			s.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		}
	})
}

func TestServerURL(t *testing.T) {
	for typed, want := range map[string]string{
		"mail.example.test":               "https://mail.example.test/Microsoft-Server-ActiveSync",
		" mail.example.test/ ":            "https://mail.example.test/Microsoft-Server-ActiveSync",
		"mail.example.test:8443":          "https://mail.example.test:8443/Microsoft-Server-ActiveSync",
		"https://mail.example.test":       "https://mail.example.test/Microsoft-Server-ActiveSync",
		"http://127.0.0.1:8080":           "http://127.0.0.1:8080/Microsoft-Server-ActiveSync",
		"mail.example.test/eas":           "https://mail.example.test/eas",
		"https://mail.example.test/a/b/":  "https://mail.example.test/a/b",
		"https://[::1]:8443":              "https://[::1]:8443/Microsoft-Server-ActiveSync",
		"https://mail.example.test/?x=/y": "https://mail.example.test/?x=/y",
	} {
		if got := serverURL(typed); got != want {
			t.Errorf("serverURL(%q) = %q, not %q", typed, got, want)
		}
	}
}
