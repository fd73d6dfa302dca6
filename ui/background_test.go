package ui_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/ui"
)

// Settings › Background: what is chosen is kept by the agent, shown, and taken
// back.
func TestBackgroundIsChosen(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {200, 50}} {
		synctest.Test(t, func(t *testing.T) {
			d := newDriver(t, server.Config{})
			d.open(size[0], size[1], ui.Deps{})
			defer d.close()
			d.press(",", "j", "enter")
			d.want("Background refresh", "(●) On", "(●) Persistent", "Grace period", "in the foreground: a screen is there")
			d.click("( ) Refresh")
			d.want("(●) Refresh")
			if b, err := d.agent.Background(t.Context()); err != nil || b.Chosen() != activesync.ModeRefresh {
				t.Errorf("the agent has %+v, %v", b, err)
			}
			d.want("Mode", "Next look")
			d.click("( ) Push") // which asks for the topic first
			d.want("The address of an ntfy topic", "--token-stdin")
			d.press("enter")
			d.want("(●) Refresh")
			d.click("( ) Push")
			d.write("https://ntfy.example/box")
			d.press("enter")
			d.want("(●) Push", "ntfy.example")
			if b, err := d.agent.Background(t.Context()); err != nil || b.Chosen() != activesync.ModePush || b.Topic != "https://ntfy.example/box" {
				t.Errorf("the agent has %+v, %v", b, err)
			}
			d.click("( ) Refresh")
			d.click("( ) Off")
			d.lacks("Persistent")
			d.press("z")
			d.want("(●) On", "(●) Refresh")
			d.click("Grace period")
			d.click("( ) 2 minutes")
			d.want("2 minutes")
			if b, _ := d.agent.Background(t.Context()); b.GracePeriod() != 2*time.Minute || b.RefreshOff {
				t.Errorf("the agent has %+v", b)
			}
		})
	}
}

// The list of sections says what is in force in each, also of those that nobody has
// opened yet: some of them were empty until then.
func TestSettingsSayWhatIsInForceBeforeTheyAreOpened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDriver(t, server.Config{})
		d.open(80, 24, ui.Deps{})
		defer d.close()
		d.press(",")
		for _, line := range d.screen() {
			if words := strings.Fields(line); len(words) > 0 && (strings.Contains(line, "Background") && words[len(words)-1] != "Persistent" ||
				strings.Contains(line, "Notifications") && words[len(words)-1] != "Auto") {
				t.Errorf("it says %q", line)
			}
		}
		d.want("Background", "Notifications")
	})
}
