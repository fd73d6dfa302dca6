package agent

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/policy"
)

// Settings keeps Settings › Background and Settings › Notifications.
type Settings interface {
	Background() (activesync.Background, error)
	SetBackground(activesync.Background) error
	Notifications() (activesync.Notifications, error)
	SetNotifications(activesync.Notifications) error
	// PushToken is the token of the push channel, "" where it needs none.
	PushToken() (string, error)
}

// backgroundForbidden reports whether a policy allows nothing in the background.
func (l *Local) backgroundForbidden() bool {
	return l.managed().Forbidden(policy.BackgroundRefresh) != ""
}

// Background is Settings › Background.
func (l *Local) Background(context.Context) (activesync.Background, error) {
	l.presence.mu.Lock()
	defer l.presence.mu.Unlock()
	return l.presence.settings, nil
}

// ErrSetting: the setting makes no sense.
var ErrSetting = errors.New("the setting cannot be used")

// SetBackground changes Settings › Background and keeps it.
func (l *Local) SetBackground(_ context.Context, b activesync.Background) error {
	switch b.Chosen() {
	case activesync.ModePush:
		if b.Topic == "" {
			return fmt.Errorf("%w: Push needs the address of a topic", ErrSetting)
		}
	case activesync.ModePersistent, activesync.ModeRefresh, activesync.ModeOff:
	default:
		return fmt.Errorf("%w: there is no mode %q", ErrSetting, string(b.Mode))
	}
	if b.GracePeriod() < 0 || b.GracePeriod() > 24*time.Hour {
		return fmt.Errorf("%w: the grace period lies between 0 s and a day", ErrSetting)
	}
	l.presence.mu.Lock()
	before := l.presence.settings.Chosen()
	l.presence.mu.Unlock()
	if now := b.Chosen(); now != before && now != activesync.ModeOff {
		if err := l.managed().AsError(policy.BackgroundRefresh); err != nil {
			return err
		}
	}
	another := b.Token != ""
	if l.Settings != nil {
		err := l.Settings.SetBackground(b)
		if err != nil {
			return fmt.Errorf("keep the setting: %w", err)
		}
		if b, err = l.Settings.Background(); err != nil {
			return fmt.Errorf("read the setting: %w", err)
		}
	}
	if another { // the channel is opened anew with it
		l.reopenChannel()
	}
	l.takeUp(b)
	return nil
}

// takeUp makes the choices of Settings › Background hold.
func (l *Local) takeUp(b activesync.Background) {
	b.Token = ""
	p := &l.presence
	p.mu.Lock()
	same := reflect.DeepEqual(b, p.settings)
	if p.settings = b; !same {
		p.push, p.pushError = pushUnused, nil
	}
	p.mu.Unlock()
	if !same {
		p.nudge()
		l.hub.publish(activesync.Notice{Kind: activesync.NoticePresence, Time: time.Now().UTC()})
	}
}
