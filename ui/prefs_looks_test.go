package ui

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
)

func TestAppearance(t *testing.T) {
	eachSize(t, func(t *testing.T, width, height int) {
		var kept []Settings
		b := newPrefsBackend("alice@example.test")
		s := openPrefs(t, Deps{Backend: b, Save: func(s Settings) error { kept = append(kept, s); return nil },
			Settings: Settings{Keys: map[string][]string{"archive": {"E"}}, Archive: map[activesync.AccountID]activesync.FolderID{"alice": 7}}}, width, height)
		s.press(",", "j", "j", "j", "enter")
		s.has("(●) Auto as the terminal is: Dark now", "Plain no colours", "Symbols", "Rows per message", "[✓] Mouse", "[✓] Bell")
		dark := s.app.View()
		s.press("j", "j", "enter")
		if light := s.app.View(); light == dark || !strings.Contains(light, "38;5;25m") || strings.Contains(light, "38;5;75m") {
			t.Errorf("the screen was not drawn anew in the light theme")
		}
		s.has("(●) Light", "Theme: Light", "Undo z")
		s.press("z")
		s.has("(●) Auto", "Taken back: Theme: Light")
		s.click("( ) ASCII", 5)
		s.has("(*) ASCII", "[x] Mouse")
		s.hasNot("●", "✓")
		s.click("( ) 2", 1)
		s.click("[x] Bell", 8)
		if want := (Settings{Theme: "auto", Symbols: "ascii", Rows: 2, BellOff: true}); len(kept) != 5 || !sameLooks(kept[4], want) {
			t.Errorf("kept %d times, last %+v", len(kept), kept[len(kept)-1])
		}
		if kept[4].Archive["alice"] != 7 || !slices.Equal(kept[4].Keys["archive"], []string{"E"}) {
			t.Errorf("other settings were lost: %+v", kept[4])
		}
		if !s.app.settings.BellOff || s.app.ring() != nil {
			t.Error("the bell is still on")
		}
	})
}

func sameLooks(a, b Settings) bool {
	return a.Theme == b.Theme && a.Symbols == b.Symbols && a.Rows == b.Rows && a.BellOff == b.BellOff && a.MouseOff == b.MouseOff
}

func TestAppearance_mouse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openPrefs(t, Deps{Backend: newPrefsBackend("alice@example.test")}, 80, 24)
		s.press(",", "j", "j", "j", "enter", "G", "k", "space")
		s.has("[ ] Mouse", "Mouse off")
		if want := []string{"term.mouseMsg(false)"}; !slices.Equal(s.other, want) {
			t.Errorf("the terminal got %q, not %q", s.other, want)
		}
		s.press("z")
		if want := []string{"term.mouseMsg(false)", "term.mouseMsg(true)"}; !slices.Equal(s.other, want) {
			t.Errorf("the terminal got %q, not %q", s.other, want)
		}
	})
}

// What cannot be saved holds on screen, and it is said that it does not last.
func TestKeep_fails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openPrefs(t, Deps{Backend: newPrefsBackend("alice@example.test"),
			Save: func(Settings) error { return errors.New("write config: read-only file system") }}, 80, 24)
		s.press(",", "j", "j", "j", "enter", "j", "j", "space")
		s.has("(●) Light", "▲ It holds only until you leave: Write config: read-only file system.")
	})
}

// Of quick changes the last one is what is saved last.
func TestKeep_order(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var kept []string
		delay := time.Second
		s := openPrefs(t, Deps{Backend: newPrefsBackend("alice@example.test"), Save: func(s Settings) error {
			time.Sleep(delay)
			delay = 0
			kept = append(kept, s.Theme)
			return nil
		}}, 80, 24)
		for _, theme := range []string{"dark", "light", "plain"} {
			s.send(answer(keepTheme(theme)))
		}
		time.Sleep(2 * time.Second)
		s.settle()
		if want := []string{"dark", "plain"}; !slices.Equal(kept, want) {
			t.Errorf("saved %q, not %q", kept, want)
		}
	})
}

// The list of messages is drawn anew in another theme, although Mail was not on
// screen when it changed.
func TestKeep_redrawsMail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openPrefs(t, Deps{Backend: newPrefsBackend("alice@example.test")}, 200, 50)
		s.press("1")
		dark := s.app.View()
		s.press(",")
		s.send(answer(keepTheme("light")))
		s.press("1")
		if light := s.app.View(); strings.Contains(light, "38;5;75m") || light == dark {
			t.Error("Mail is still drawn in the dark theme")
		}
	})
}

func TestPrefs_palette(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newPrefsBackend("alice@example.test")
		s := openPrefs(t, Deps{Backend: b}, 80, 24)
		s.press("ctrl+k")
		s.text("auto refresh on")
		s.has("Settings › Auto Refresh › On")
		s.press("enter")
		s.has("Settings › Auto Refresh › On", "[✓] Inbox")
		b.wasAsked(t, "auto refresh alice true")
		s.press("ctrl+k")
		s.text("symbols ascii")
		s.press("enter")
		if !s.app.theme.ASCII {
			t.Error("the palette did not choose ASCII")
		}
		for _, find := range []string{"theme: light", "rows per message: 3", "mouse: turn off", "bell: turn off", "settings appearance", "settings accounts", "settings about", "policies"} {
			s.press("ctrl+k")
			s.text(find)
			s.hasNot("Nothing matches.")
			s.press("enter")
		}
		if want := (Settings{Theme: "light", Symbols: "ascii", Rows: 3, MouseOff: true, BellOff: true}); !sameLooks(s.app.settings, want) {
			t.Errorf("settings are %+v", s.app.settings)
		}
		s.has("What the server asks of this device")
	})
}

func keepTheme(theme string) func(*App) tea.Cmd {
	return func(a *App) tea.Cmd {
		s := a.settings
		s.Theme = theme
		return a.keep(s)
	}
}
