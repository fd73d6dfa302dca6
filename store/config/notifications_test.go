package config

import (
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"eas.example/securemail/activesync"
)

func TestNotificationsSurviveTheFile(t *testing.T) {
	snooze := time.Hour
	for _, n := range []activesync.Notifications{
		{}, {Way: activesync.NotifyCommand, Command: []string{"notify", "a b"}, VIPs: []string{"ana@example.test", "@board.test"}, Snooze: &snooze},
		{Terminal: "osc99", Content: activesync.ContentCount, Accounts: map[activesync.AccountID]activesync.AccountNotifications{
			"work": {VIPOnly: true, Content: activesync.ContentSender, Quiet: []activesync.QuietHours{{From: 22 * time.Hour, To: 7 * time.Hour}}, QuietServer: true},
			"home": {Off: true, RemindersOff: true},
		}},
	} {
		path := filepath.Join(t.TempDir(), "config.toml")
		if err := Save(path, Config{Notifications: n}); err != nil {
			t.Fatal(err)
		}
		c, err := Load(path)
		if err != nil || !reflect.DeepEqual(c.Notifications, n) {
			t.Errorf("%+v became %+v, %v", n, c.Notifications, err)
		}
	}
}

func TestNotificationsThatMakeNoSense(t *testing.T) {
	for _, s := range []string{"way = 'shout'", "terminal = 'osc1'", "way = 'command'", "content = 'some'", "snooze = 'long'", "snooze = '1s'",
		"[notifications.account.work]\nquiet = ['night']", "[notifications.account.work]\ncontent = 'x'"} {
		if _, err := Parse("x", []byte("[notifications]\n"+s+"\n")); err == nil {
			t.Errorf("%s was taken", s)
		}
	}
}
