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

// sealedBackend is a prefsBackend that can be locked.
type sealedBackend struct {
	*prefsBackend
	key  activesync.KeyState
	hold error // of HoldKey
	pass string
}

func (b *sealedBackend) Accounts(ctx context.Context) ([]activesync.Account, error) {
	if b.key.Locked {
		return nil, fmt.Errorf("%w: %s", activesync.ErrLocked, b.key.Why)
	}
	return b.prefsBackend.Accounts(ctx)
}

func (b *sealedBackend) Key(context.Context) (activesync.KeyState, error) { return b.key, nil }

func (b *sealedBackend) HoldKey(_ context.Context, c activesync.KeyChoice) error {
	b.asked = append(b.asked, fmt.Sprintf("hold %s %s %v", c.Holder, c.Passphrase, c.Command))
	if b.hold == nil {
		b.key = activesync.KeyState{Holder: c.Holder, Command: c.Command}
	}
	return b.hold
}

func (b *sealedBackend) Unlock(_ context.Context, passphrase string) error {
	b.asked = append(b.asked, "unlock "+passphrase)
	if passphrase != b.pass {
		if b.key.Holder == activesync.KeyByPassphrase {
			return fmt.Errorf("open the key: %w", activesync.ErrPassphrase)
		}
		return fmt.Errorf("%w: %s", activesync.ErrLocked, b.key.Why)
	}
	b.key.Locked = false
	return nil
}

func newSealedBackend(h activesync.KeyHolder) *sealedBackend {
	return &sealedBackend{prefsBackend: newPrefsBackend("alice@example.test"), key: activesync.KeyState{Holder: h}}
}

func TestLockedScreensAskForThePassphrase(t *testing.T) {
	eachSize(t, func(t *testing.T, width, height int) {
		b := newSealedBackend(activesync.KeyByPassphrase)
		b.key.Locked, b.key.Why, b.pass = true, "the passphrase is needed", "open sesame"
		s := openPrefs(t, Deps{Backend: b}, width, height)
		s.has("securemail is locked", "sealed under your passphrase")
		s.press("enter")
		s.has("Type the passphrase.")
		s.text("open barley")
		s.hasNot("open barley")
		s.has("•••••••••••")
		s.press("enter")
		s.has("That is not the passphrase.")
		s.text("open sesame")
		s.press("enter")
		s.has("Inbox", "Unlocked.")
		s.hasNot("is locked")
		b.wasAsked(t, "unlock open barley", "unlock open sesame")
	})
}

func TestLockedScreensCanBeLeftLocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSealedBackend(activesync.KeyByPassphrase)
		b.key.Locked, b.pass = true, "open sesame"
		s := openPrefs(t, Deps{Backend: b}, 80, 24)
		s.press("esc")
		s.hasNot("securemail is locked")
		s.has("Locked. Nothing can be shown")
		s.send(answer(func(a *App) tea.Cmd { return a.readAccounts() }))
		s.has("securemail is locked")
		// Another screen unlocks it.
		b.key.Locked = false
		s.send(answer(func(a *App) tea.Cmd { return a.readAccounts() }))
		s.hasNot("securemail is locked")
		s.has("Inbox")
	})
}

func TestLockedKeyringIsAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSealedBackend(activesync.KeyInKeyring)
		b.key.Locked, b.key.Why, b.pass = true, "the keyring is locked", "no"
		s := openPrefs(t, Deps{Backend: b}, 80, 24)
		s.has("securemail is locked", "which is not at hand", "Nothing is lost", "Ask again")
		s.press("enter")
		s.has("It was asked again.")
		b.pass = ""
		s.press("enter")
		s.has("Inbox", "Unlocked.")
	})
}

func TestSecurityInSettings(t *testing.T) {
	eachSize(t, func(t *testing.T, width, height int) {
		b := newSealedBackend(activesync.KeyInFile)
		s := openPrefs(t, Deps{Backend: b}, width, height)
		s.send(answer((*App).openSecurity))
		s.has("The key is held by", "(●) Key file", "( ) Keyring")
		s.press("enter") // on the first row
		s.has("(●) Keyring")
		s.press("down", "enter")
		s.text("one word")
		s.press("enter")
		s.text("another word")
		s.press("enter")
		s.has("The two were not the same. Nothing was changed.")
		s.text("one word")
		s.press("enter")
		s.text("one word")
		s.hasNot("one word")
		s.press("enter")
		s.has("(●) Passphrase")
		s.press("down", "enter")
		s.text("pass show securemail")
		s.press("enter")
		s.has("(●) Command", "pass show securemail")
		s.press("down", "enter")
		s.has("Keep the key in a file?")
		b.hold = errors.New("the disk is full")
		s.press("tab", "enter")
		s.has("(●) Command", "Nothing was changed: The disk is full.")
		b.wasAsked(t, "hold keyring  []", "hold passphrase one word []", "hold command  [pass show securemail]", "hold file  []")
	})
}
