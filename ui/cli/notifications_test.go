package cli

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
)

// TestNotificationsByCommand: the choices are made, kept and shown; nonsense is
// a usage error.
func TestNotificationsByCommand(t *testing.T) {
	p := newAgentProgram(t, build(t))
	p.env = []string{"DBUS_SESSION_BUS_ADDRESS=", "XDG_RUNTIME_DIR="}
	p.add()
	p.must("notifications", "set", "--way", "terminal", "--terminal", "osc99", "--snooze", "30m", "--vip", "ana@example.test", "--vip", "@board.test", "--no-vip", "ANA@example.test")
	p.must("notifications", "set", "--account", "alice", "--content", "count-only", "--quiet", "22:00-07:00", "--vip-only", "on", "--quiet-server", "on")
	p.must("folders", "set", "Inbox", "--notify", "vip", "--notify-content", "block")
	p.must("folders", "set", "Calendar", "--notify", "none")
	for _, wrong := range [][]string{{"Calendar", "--notify", "vip"}, {"Contacts", "--notify", "all"}, {"Contacts", "--notify-content", "block"},
		{"Tasks", "--check", "5m"}, {"Outbox", "--auto-refresh", "on"}} { // which nothing would come of
		if code, _, _ := p.run("", append([]string{"folders", "set"}, wrong...)...); code != exitUsage {
			t.Errorf("%v: exit %d", wrong, code)
		}
	}
	if out := p.must("folders", "--json"); !strings.Contains(out, `"notify":"vip","notifyContent":"block"`) || !strings.Contains(out, `"notify":"none","notifyContent":"allow"`) {
		t.Errorf("what was chosen is not told: %s", out)
	}
	for line := range strings.Lines(p.must("folders")) {
		if of := strings.Fields(line); len(of) > 8 && of[0] != "ID" && (of[5] == "–") != (of[1] == "Tasks" || of[1] == "Notes" || of[1] == "Outbox") {
			t.Errorf("of what is not kept in step it says %q", line)
		}
	}
	p.must("agent", "stop")
	var n activesync.Notifications
	if err := json.Unmarshal([]byte(p.must("notifications", "--json")), &n); err != nil {
		t.Fatal(err)
	}
	if n.Way != activesync.NotifyTerminal || n.Terminal != "osc99" || n.SnoozeFor() != 30*time.Minute || len(n.VIPs) != 1 || n.Content != activesync.ContentAllow {
		t.Errorf("%+v", n)
	}
	for _, of := range n.Accounts {
		if of.Content != activesync.ContentCount || len(of.Quiet) != 1 || !of.VIPOnly || !of.QuietServer {
			t.Errorf("%+v", of)
		}
	}
	if out := p.must("notifications"); !strings.Contains(out, "by the terminal") || !strings.Contains(out, "quiet 22:00-07:00") {
		t.Errorf("printed %s", out)
	}
	p.must("notifications", "set", "--way", "auto")
	out := ""
	for range 600 { // it is found out beside the command
		if out = p.must("agent", "status"); strings.Contains(out, "no D-Bus") {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if !strings.Contains(out, "no D-Bus") {
		t.Errorf("without a bus: %s", out)
	}
	for _, wrong := range [][]string{{}, {"--way", "shout"}, {"--terminal", "x"}, {"--content", "x"}, {"--vip", "x"}, {"--quiet", "night"}, {"--on", "perhaps"}} {
		if code, _, _ := p.run("", append([]string{"notifications", "set"}, wrong...)...); code != exitUsage {
			t.Errorf("%v: exit %d", wrong, code)
		}
	}
	if code, _, _ := p.run("", "--reply"); code != exitUsage {
		t.Errorf("--reply without --open: exit %d", code)
	}
}
