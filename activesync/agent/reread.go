package agent

import (
	"context"
	"reflect"
	"slices"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/policy"
)

// known is what was last read of the files that others may change too. It
// belongs to the goroutine of Reread.
type known struct {
	notifications activesync.Notifications
	policies      []policy.Row
}

// WatchSettings takes up what is changed in the files by hand or by the
// organisation, until ctx ends.
func (l *Local) WatchSettings(ctx context.Context, files ...string) error {
	var k known
	return Watch(ctx, files, func() bool {
		l.reread(&k)
		return true
	})
}

// reread takes up what has changed of the settings and the managed policies.
// What cannot be read leaves the settings as they are; policies lock then.
func (l *Local) reread(k *known) {
	now := time.Now().UTC()
	if l.Settings != nil {
		n, err := l.Settings.Notifications()
		if err != nil {
			l.Log.Warn("settings not read; those before hold", "error", err)
		} else if !reflect.DeepEqual(n, k.notifications) {
			k.notifications = n
			l.keepQuiet(n)
			l.hub.publish(activesync.Notice{Kind: activesync.NoticeNotifications, Time: now})
		}
		if b, err := l.Settings.Background(); err == nil {
			l.takeUp(b)
		}
	}
	policies := l.managed().Rows()
	if k.policies != nil && !slices.Equal(policies, k.policies) {
		l.Log.Info("the managed policies changed")
		l.publish(activesync.Notice{Kind: activesync.NoticePolicy, Time: now})
		l.presence.nudge()
	}
	k.policies = policies
}
