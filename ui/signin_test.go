package ui

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
)

// desk is where a person signs in elsewhere.
type desk struct {
	done chan string // the secret; closed for a refusal
	way  []string
}

func (d *desk) signIn(ctx context.Context, a activesync.Account, device bool, show func(SignInErrand)) (string, error) {
	d.way = append(d.way, fmt.Sprintf("%s app %s tenant %q device %v", a.Email, a.OAuth.ClientID, a.OAuth.Tenant, device))
	e := SignInErrand{Page: "http://localhost:4711/ABCD"}
	if device {
		e = SignInErrand{Page: "https://login.example.test/device", Code: "WDJB-MJHT"}
	}
	show(e)
	select {
	case secret, ok := <-d.done:
		if !ok {
			return "", fmt.Errorf("%w: access_denied: no consent", activesync.ErrSignIn)
		}
		return secret, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (b *prefsBackend) SignIn(_ context.Context, a activesync.Account, secret string) error {
	return b.note("sign in %s by %s app %s secret %s", a.ID, a.Auth, a.OAuth.ClientID, secret)
}

func TestSetup_inTheBrowser(t *testing.T) {
	eachSize(t, func(t *testing.T, width, height int) {
		b, d := newPrefsBackend(), &desk{done: make(chan string)}
		b.signIn = b.accepts
		s := openPrefs(t, Deps{Backend: b, SignIn: d.signIn}, width, height)
		s.has("By password", "another way")
		s.text("alice@example.test")
		s.press("up", "up", "space")
		s.has("In the browser", "App id", "Tenant", "takes no passwords")
		s.hasNot("Password ")
		s.press("down", "enter")
		s.has("Type the id of the app registration.")
		s.text("1234")
		s.press("tab")
		s.text("example.test")
		s.press("tab", "tab", "enter")
		s.has("Sign in to alice@example.test", "http://localhost:4711/ABCD", "browser of this machine", "esc cancel")
		if width > 100 {
			s.clickAt(0, height-2) // beside it
		} else {
			s.press("esc")
		}
		s.has("Cancelled. Nothing was kept.")
		s.hasNot("localhost:4711")
		b.wasAsked(t)
		s.press("up", "space", "down", "enter") // by a code
		s.has("https://login.example.test/device", "WDJB-MJHT", "any device")
		d.done <- "token"
		s.settle()
		s.has("Inbox", "Signed in.")
		s.hasNot("WDJB")
		b.wasAsked(t, `add alice@example.test at  user "" name "" password "token"`)
		if len(d.way) != 2 || d.way[1] != `alice@example.test app 1234 tenant "example.test" device true` {
			t.Errorf("signed in as %q", d.way)
		}
	})
}

func TestSetup_aServerThatTakesNoPasswords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, d := newPrefsBackend(), &desk{done: make(chan string)}
		b.signIn = refuses(&activesync.HTTPError{Command: "OPTIONS", Code: 401, Host: "mail.example.test", Bearer: true})
		s := openPrefs(t, Deps{Backend: b, SignIn: d.signIn}, 80, 24)
		s.fillIn()
		s.press("tab", "tab", "enter")
		s.has("offers to sign in in the browser", "In the browser", "App id")
		if s.app.setup.at != appField {
			t.Errorf("the cursor is in field %d", s.app.setup.at)
		}
		s.text("1234")
		s.press("down", "down", "down", "enter")
		close(d.done)
		s.settle()
		s.has("The sign-in is refused: access_denied: no consent.")
	})
}

func TestSetup_withoutAnotherWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openPrefs(t, Deps{Backend: newPrefsBackend()}, 80, 24)
		s.hasNot("another way", "By password")
	})
}

func TestSignInAgain(t *testing.T) {
	eachSize(t, func(t *testing.T, width, height int) {
		b, d := newPrefsBackend("alice@example.test"), &desk{done: make(chan string, 1)}
		s := openPrefs(t, Deps{Backend: b, SignIn: d.signIn}, width, height)
		s.send(answer(func(a *App) tea.Cmd { return a.prefs.show(a, accountsSection) }))
		s.has("Sign in again")
		s.press("enter")
		s.has("By password", "In the browser", "By a code")
		s.press("enter")
		s.text("open sesame")
		s.hasNot("open sesame")
		s.press("enter")
		s.has("Signed in.")
		b.wasAsked(t, "sign in alice by basic app  secret open sesame")
		b.fail = fmt.Errorf("check: %w", activesync.ErrAuth)
		s.press("enter", "enter")
		s.text("wrong")
		s.press("enter")
		s.has("Not signed in: The server refuses the name or the password.")
		b.fail, b.asked = nil, nil
		s.press("enter", "down", "enter")
		s.has("app registration")
		s.text("1234")
		s.press("enter")
		s.has("http://localhost:4711/ABCD")
		d.done <- "token"
		s.settle()
		s.has("Signed in.")
		b.wasAsked(t, "sign in alice by oauth2 app 1234 secret token")
		s.press("enter", "down", "down", "enter")
		s.text("1234")
		s.press("enter")
		s.press("esc")
		s.hasNot("WDJB")
	})
}

func TestSignInThatHasRunOutIsExplained(t *testing.T) {
	err := fmt.Errorf("Ping: %w", fmt.Errorf("%w: %s", activesync.ErrSignIn, "invalid_grant: revoked"))
	if got := explain(err); got != "You have to sign in again (Settings, Accounts): invalid_grant: revoked." {
		t.Error(got)
	}
	if !errors.Is(err, activesync.ErrAuth) {
		t.Error("it is no refusal")
	}
}
