package ui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
)

func TestAutoRefresh_flow(t *testing.T) {
	eachSize(t, func(t *testing.T, width, height int) {
		b := newPrefsBackend("alice@example.test")
		s := openPrefs(t, Deps{Backend: b}, width, height)
		s.press(",")
		s.has("Settings", "Auto Refresh", "Accounts", "Policies", "Appearance", "About")
		s.press("enter")
		s.has("(●) On", "( ) Off", "list of all mailboxes")
		b.wasAsked(t)

		s.press("enter")
		s.has("Auto Refresh › On", "To begin with, the automatic ones are ticked on push")
		b.wasAsked(t, "auto refresh alice true")
		for words, want := range map[string]string{
			"] Inbox": "[✓] Inbox Push", "] Drafts": "[✓] Drafts Push", "] Sent": "[✓] Sent Push", "] Deleted": "[✓] Deleted Push",
			"] Calendar": "[✓] Calendar calendar Push", "] Contacts": "[✓] Contacts contacts Push",
			"] Projects": "[ ] Projects Manual", "Harbour": "[ ] Harbour Manual", "Team": "[ ] Team calendar calendar Manual",
		} {
			if row := strings.Join(strings.Fields(s.row(words)), " "); !strings.HasSuffix(row, want) {
				t.Errorf("row is %q, not %q", row, want)
			}
		}
		s.hasNot("Tasks")

		b.asked = nil
		s.press("j", "j", "j", "space")
		s.has("[✓] Projects", "Projects is checked by push.", "Undo z")
		b.wasAsked(t, "options "+b.id("Projects")+" true push all")
		s.press("z")
		s.has("[ ] Projects", "Taken back: tick Projects")
		s.press("k", "space")
		s.has("[ ] Sent", "Sent is looked at only by hand.")
		s.press("space")
		s.has("[✓] Sent")
		b.wasAsked(t, "options "+b.id("Projects")+" true push all", "options "+b.id("Projects")+" false push all",
			"options "+b.id("Sent")+" false push all", "options "+b.id("Sent")+" true push all")

		s.press("esc")
		s.has("(●) On", "6 of 9 mailboxes")
		s.press("enter")
		s.has("Auto Refresh › On", "[✓] Inbox")
		s.hasNot("To begin with")
		if len(b.asked) != 4 {
			t.Errorf("On once more asked %q", b.asked[4:])
		}
		s.press("esc", "esc")
		if s.app.prefs.onDetail {
			t.Error("esc did not go back to the sections")
		}
		s.press("esc")
		if s.app.screen != mailScreen {
			t.Error("esc did not go back to Mail")
		}
	})
}

// id is our id of a folder of that name.
func (b *prefsBackend) id(name string) string {
	for _, folders := range b.folders {
		for _, f := range folders {
			if f.Name == name {
				return f.ID.String()
			}
		}
	}
	return "no folder " + name
}

func TestAutoRefresh_off(t *testing.T) {
	eachSize(t, func(t *testing.T, width, height int) {
		b := newPrefsBackend("alice@example.test")
		b.states["alice"].AutoRefreshChosen = true
		s := openPrefs(t, Deps{Backend: b}, width, height)
		s.press(",", "enter", "j", "space")
		b.wasAsked(t, "auto refresh alice false")
		s.has("(●) Off", "Off: mailboxes are looked at only by hand, with ctrl+r.", "Auto Refresh is off: mailboxes are looked at only by hand.")
		s.press("z")
		b.wasAsked(t, "auto refresh alice false", "auto refresh alice true")
		s.has("(●) On", "Taken back: turn Auto Refresh off")
		s.hasNot("Off: mailboxes")
	})
}

func TestAutoRefresh_undoneWhileListOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newPrefsBackend("alice@example.test")
		b.states["alice"].AutoRefreshOff, b.states["alice"].AutoRefreshChosen = true, true
		s := openPrefs(t, Deps{Backend: b}, 80, 24)
		s.press(",", "enter", "k", "enter")
		s.has("Auto Refresh › On", "[✓] Inbox", "Auto Refresh is on.")
		s.press("z")
		s.has("(●) Off")
		s.hasNot("› On", "[✓] Inbox")
		b.wasAsked(t, "auto refresh alice true", "auto refresh alice false")
	})
}

func TestAutoRefresh_notKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newPrefsBackend("alice@example.test")
		s := openPrefs(t, Deps{Backend: b}, 80, 24)
		s.press(",", "enter", "enter", "j", "j", "j")
		b.fail = errors.New("write store: no space left on device")
		s.press("space")
		s.has("[ ] Projects", "▲ Not kept: Write store: no space left on device.")
		if s.app.facts().Undo != "" {
			t.Errorf("what was not kept can be undone: %q", s.app.facts().Undo)
		}
		s.press("esc", "j", "enter")
		s.has("(●) On", "▲ Not kept")
		b.states["alice"].AutoRefreshOff = true
		s.send(answer((*App).readAccounts))
		s.has("(●) Off")
		s.press("k", "enter")
		s.has("(●) Off", "▲ Not kept")
		s.hasNot("[✓] Inbox")
	})
}

// Two quick changes of a tick must reach the backend one after the other, and
// a look at the accounts meanwhile must not turn the tick back.
func TestAutoRefresh_quickTicks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newPrefsBackend("alice@example.test")
		b.states["alice"].AutoRefreshChosen = true
		s := openPrefs(t, Deps{Backend: b}, 80, 24)
		s.press(",", "enter", "enter")
		inbox := "options " + b.id("Inbox")
		b.hold = make(chan struct{})
		s.press("space")
		s.has("[ ] Inbox")
		hold := b.hold
		b.hold = nil
		s.send(answer((*App).readAccounts))
		s.has("[ ] Inbox")
		s.press("space")
		s.has("[✓] Inbox")
		b.wasAsked(t, inbox+" false push all")
		close(hold)
		s.settle()
		b.wasAsked(t, inbox+" false push all", inbox+" true push all")
		s.has("[✓] Inbox")
	})
}

func TestAutoRefresh_mouse(t *testing.T) {
	eachSize(t, func(t *testing.T, width, height int) {
		b := newPrefsBackend("alice@example.test")
		b.states["alice"].AutoRefreshChosen = true
		s := openPrefs(t, Deps{Backend: b}, width, height)
		s.click("Settings", 1)
		s.click("Auto Refresh", 3)
		s.click("( ) Off", 1)
		s.click("( ) On", 6)
		b.wasAsked(t, "auto refresh alice false", "auto refresh alice true")
		b.asked = nil
		s.click("[ ] Projects", 1)
		s.has("[✓] Projects")
		s.click("] Inbox", 3)
		b.wasAsked(t, "options "+b.id("Projects")+" true push all")
		if f := s.app.prefs.folderAt(s.app); f == nil || f.Name != "Inbox" {
			t.Errorf("a click on the name selects %v", f)
		}
		s.click("] Inbox", 3)
		s.has("Inbox: Sync options", "Check frequency")
		b.wasAsked(t, "options "+b.id("Projects")+" true push all")
	})
}

func TestAutoRefresh_syncOptions(t *testing.T) {
	eachSize(t, func(t *testing.T, width, height int) {
		b := newPrefsBackend("alice@example.test")
		b.states["alice"].AutoRefreshChosen = true
		s := openPrefs(t, Deps{Backend: b}, width, height)
		s.press(",", "enter", "enter", "enter")
		s.has("Inbox: Sync options", "Check frequency", "Period")
		s.press("enter", "j", "j", "enter")
		b.wasAsked(t, "options "+b.id("Inbox")+" true 15m all")
		if row := s.row("] Inbox"); !strings.Contains(row, "Every 15 min") {
			t.Errorf("row is %q", row)
		}
		s.press("space", "space")
		s.has("Inbox is checked every 15 min.")
	})
}

func TestAutoRefresh_manualFrequency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newPrefsBackend("alice@example.test")
		b.folders["alice"][6].Check = activesync.CheckManual
		s := openPrefs(t, Deps{Backend: b}, 80, 24)
		s.press(",", "enter", "enter", "j", "j", "j", "space")
		s.has("Projects is ticked, but its check frequency is Manual.")
	})
}

func TestAutoRefresh_twoAccounts(t *testing.T) {
	eachSize(t, func(t *testing.T, width, height int) {
		b := newPrefsBackend("alice@example.test", "ops@harbour.example")
		b.states["ops"].AutoRefreshOff = true
		s := openPrefs(t, Deps{Backend: b}, width, height)
		s.press(",")
		s.has("On for 1 of 2")
		s.press("enter", "j", "j", "enter")
		b.wasAsked(t, "auto refresh ops true")
		s.has("Auto Refresh › On ops@harbour.example", "[✓] Inbox")
		s.press("space")
		if got, want := b.asked[1], "options "+b.folders["ops"][0].ID.String()+" false push all"; got != want {
			t.Errorf("asked %q, not %q", got, want)
		}
		s.press("esc")
		s.has("alice@example.test", "ops@harbour.example", "5 of 9 mailboxes")
		if r, _ := s.app.prefs.rows.Current(); r.key != onKey("ops") {
			t.Errorf("the cursor came back to %q", r.key)
		}
	})
}

func TestAutoRefresh_accountGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newPrefsBackend("alice@example.test", "ops@harbour.example")
		s := openPrefs(t, Deps{Backend: b}, 80, 24)
		s.press(",", "enter", "j", "j", "enter")
		s.has("› On")
		b.accounts = b.accounts[:1]
		s.send(answer((*App).readAccounts))
		s.has("(●) On", "( ) Off")
		s.hasNot("› On", "ops@")
	})
}

func TestPolicies(t *testing.T) {
	for _, c := range []struct {
		name   string
		state  activesync.AccountState
		has    []string
		hasNot []string
	}{
		{"none yet", activesync.AccountState{}, []string{"The server has not told its policies yet."}, []string{"demands nothing"}},
		{"nothing", activesync.AccountState{Provisioned: true, Policy: map[string]string{"AttachmentsEnabled": "1"}},
			[]string{"The server demands nothing of this device."}, []string{"enforced"}},
		{"all met", activesync.AccountState{Provisioned: true, Policy: map[string]string{"AllowHTMLEmail": "0", "MaxAttachmentSize": "10485760"}},
			[]string{"All of it is carried out here, and the server was told so.", "HTML mail not allowed", "✓ Enforced here: only plain texts are asked for.",
				"Size of attachments at most 10 MB"}, []string{"Not enforced", "Not all"}},
		{"not met", activesync.AccountState{Provisioned: true, Policy: map[string]string{"DevicePasswordEnabled": "1", "AttachmentsEnabled": "0"}},
			[]string{"▲ Not all of it is carried out here. The server was told so; it decides whether it lets this device in.",
				"Password for this program required", "▲ Not enforced here: only screens that nobody used ask for one",
				"Attachments not allowed", "✓ Enforced here: attachments are not fetched."}, []string{"All of it"}},
		{"not acknowledged", activesync.AccountState{Policy: map[string]string{"AllowHTMLEmail": "0"}},
			[]string{"▲ The policies are not acknowledged yet."}, []string{"was told so"}},
		{"hostile", activesync.AccountState{Provisioned: true, Policy: map[string]string{"New\x1b[31mRule": "x\x1b]0;y\a"}},
			[]string{"not met", "New[31m", "x]0;y"}, []string{"\x1b", "\a"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newPrefsBackend("alice@example.test")
				b.states["alice"] = &c.state
				s := openPrefs(t, Deps{Backend: b}, 200, 50)
				s.send(answer((*App).openPolicies))
				s.has(c.has...)
				s.hasNot(c.hasNot...)
				s.send(tea.WindowSizeMsg{Width: 80, Height: 24})
				s.hasNot(c.hasNot...)
			})
		})
	}
}

// A long list of policies can be read to its end by keys.
func TestPolicies_scroll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newPrefsBackend("alice@example.test")
		b.states["alice"].Policy = map[string]string{}
		for i := range 20 {
			b.states["alice"].Policy[fmt.Sprintf("RequireThing%c", 'A'+i)] = "1"
		}
		s := openPrefs(t, Deps{Backend: b}, 80, 24)
		s.send(answer((*App).openPolicies))
		s.has("Thing a")
		s.hasNot("Thing t")
		for range 80 {
			s.press("j")
		}
		s.has("Thing t")
		for range 80 {
			s.press("k")
		}
		s.has("Thing a")
		s.press("G")
		s.has("Thing t")
		s.press("g", "g", "space")
		s.hasNot("Thing a", "Thing t")
	})
}

func TestAccounts(t *testing.T) {
	eachSize(t, func(t *testing.T, width, height int) {
		b := newPrefsBackend("alice@example.test")
		b.accounts[0].User = `EXAMPLE\alice`
		b.accounts[0].Server = "https://mail.example.test:8443/eas"
		b.status["alice"] = &activesync.Status{Phase: activesync.PhaseOffline, Err: fmt.Errorf("sync: %w", activesync.ErrAuth)}
		s := openPrefs(t, Deps{Backend: b, Version: "1.2.3"}, width, height)
		s.press(",", "j", "enter")
		s.has("Address alice@example.test", "Server https://mail.example.test:8443/eas", `Signs in as EXAMPLE\alice`, "Speaks ActiveSync 16.1",
			"Connection ○ offline", "Last success never", "The server refuses the name or the password.")
		b.accounts[0].Server = serverURL("mail.example.test")
		b.status["alice"] = &activesync.Status{Phase: activesync.PhaseLive, LastSuccess: s.app.now}
		s.send(answer((*App).readAccounts))
		s.has("Server mail.example.test Signs", "Connection ● live 00:00", "Last success today 00:00")
		s.press("j", "enter")
		if s.app.setup == nil || !s.app.setup.more {
			t.Error("Add an account does not open the set-up")
		}
		s.press("esc")
		s.press("esc", "G", "enter")
		s.has("securemail 1.2.3", "Public folders and shared mailboxes are not carried by ActiveSync.")
	})
}

// The status of an account shows without a new look at all accounts.
func TestAccounts_status(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newPrefsBackend("alice@example.test")
		s := openPrefs(t, Deps{Backend: b}, 80, 24)
		s.press(",", "j", "enter")
		b.notices <- activesync.Notice{Kind: activesync.NoticeStatus, Account: "alice", Status: &activesync.Status{Phase: activesync.PhasePaused}}
		s.settle()
		s.has("Connection ‖ paused")
	})
}

// Every section at every size keeps its frame.
func TestPrefs_sizes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newPrefsBackend("alice@example.test", "ops@harbour.example")
		b.states["alice"].Policy = map[string]string{"DevicePasswordEnabled": "1", "RequireSomethingThatNoOneEverHeardOfBeforeNow": "1"}
		b.folders["alice"][6].Name = "プロジェクト 🚢 with a name that is far too long for any pane"
		s := openPrefs(t, Deps{Backend: b}, 80, 24)
		s.press(",")
		for range 5 {
			for _, keys := range [][]string{{}, {"enter"}, {"enter", "j"}, {"esc", "esc"}} {
				s.press(keys...)
				for _, size := range [][2]int{{1, 1}, {3, 2}, {10, 4}, {40, 10}, {60, 15}, {89, 24}, {90, 24}, {200, 50}, {80, 24}} {
					s.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
				}
				s.app.setup = nil
			}
			s.send(answer(func(a *App) tea.Cmd { a.prefs.open = ""; return a.prefs.look(a, false) }))
			s.press("j")
		}
	})
}

// What z takes back of choices that the agent keeps is that change alone: what was
// changed elsewhere meanwhile stays. Two wishes in a row are kept in their order.
func TestTakingAChoiceBackLeavesTheOthers(t *testing.T) {
	onComposeScreen(t, newComposeBackend(), 80, 24, func(s *composeScreen) {
		var stored activesync.Notifications
		slow := time.Second
		g := &s.app.prefs.notifications
		g.read = func(context.Context) (activesync.Notifications, error) { return stored, nil }
		g.write = func(_ context.Context, n activesync.Notifications) error {
			time.Sleep(slow)
			slow = 0 // the first one takes longest
			stored = n
			return nil
		}
		s.do(g.load(s.app))
		pump(g.wish(s.app, func(n *activesync.Notifications) { n.Content = activesync.ContentSender }), s.msgs)
		pump(g.wish(s.app, func(n *activesync.Notifications) { n.Content = activesync.ContentCount }), s.msgs)
		s.pass(time.Minute)
		if stored.Content != activesync.ContentCount || g.chosen.Content != activesync.ContentCount || len(g.wishes) != 0 {
			t.Errorf("kept %q, shown %q", stored.Content, g.chosen.Content)
		}
		stored.VIPs = []string{"ana@example.test"} // by another screen
		s.do(s.app.undoLast())
		if stored.Content != activesync.ContentSender || len(stored.VIPs) != 1 {
			t.Errorf("kept %+v", stored)
		}
	})
}
