package activesync

import (
	"fmt"
	"time"
)

// BackgroundMode is how mail comes in while no screen is attached.
type BackgroundMode string

// The choices of Settings › Background.
const (
	// ModePersistent keeps the connection open, as in the foreground.
	ModePersistent BackgroundMode = "persistent"
	// ModeRefresh closes it and wakes at intervals.
	ModeRefresh BackgroundMode = "refresh"
	// ModePush asks Exchange nothing until a push channel says that there is news.
	ModePush BackgroundMode = "push"
	// ModeOff receives nothing; it is what Background refresh Off comes to.
	ModeOff BackgroundMode = "off"
)

// ParseBackgroundMode reads a choice as the command line writes it.
func ParseBackgroundMode(s string) (BackgroundMode, error) {
	switch m := BackgroundMode(s); m {
	case ModePersistent, ModeRefresh, ModePush:
		return m, nil
	}
	return "", fmt.Errorf("background mode %q is not one of persistent, refresh, push", s)
}

// DefaultGrace is how long the agent goes on as in the foreground after the
// last screen has gone.
const DefaultGrace = 30 * time.Second

// Background is Settings › Background. The zero value is what a new
// installation has: On, Persistent, the default grace period.
type Background struct {
	RefreshOff bool           `json:"refreshOff"` // Background refresh is Off
	Mode       BackgroundMode `json:"mode,omitempty"`
	// Grace is nil where the person chose none.
	Grace *time.Duration `json:"grace,omitempty"`
	// Topic is the address of the push channel, such as https://ntfy.example/mailbox.
	// Whoever knows it can tell when mail arrives, so it is not shown to others.
	Topic string `json:"topic,omitempty"`
	// Token opens the topic where it is protected. It goes in only; a change
	// without one keeps it as long as the topic stays.
	Token    string `json:"token,omitempty"`
	HasToken bool   `json:"hasToken,omitempty"`
}

// NoticePresence says that the agent went to the foreground or the background,
// or changed how it looks after the accounts.
const NoticePresence NoticeKind = "presence.changed"

// Chosen is the mode in force.
func (b Background) Chosen() BackgroundMode {
	switch {
	case b.RefreshOff:
		return ModeOff
	case b.Mode == "":
		return ModePersistent
	}
	return b.Mode
}

// GracePeriod is the one in force.
func (b Background) GracePeriod() time.Duration {
	if b.Grace == nil {
		return DefaultGrace
	}
	return *b.Grace
}

// PresenceState says whether a person looks.
type PresenceState string

// The states of the agent.
const (
	Foreground   PresenceState = "foreground" // a screen is attached
	InGrace      PresenceState = "grace"      // the last one has just gone
	InBackground PresenceState = "background"
	Locked       PresenceState = "locked" // the key of the store is not at hand
)

// Presence is what the agent does and why, as `agent status --json` has it.
type Presence struct {
	PID     int            `json:"pid"`
	Version string         `json:"version"`
	State   PresenceState  `json:"state"`
	Clients int            `json:"clients"` // attached screens and watchers
	Since   time.Time      `json:"since"`   // when this agent began
	Mode    BackgroundMode `json:"mode"`    // in force when in the background
	// Until is when the grace period ends, zero outside of it.
	Until time.Time `json:"until,omitzero"`
	// Notify says in words how the person is told of news.
	Notify string `json:"notify,omitempty"`
	// Push says in words how the push channel is, "" where the mode needs none.
	Push     string         `json:"push,omitempty"`
	Accounts []AccountWatch `json:"accounts"`
}

// AccountWatch is how an account is looked after now.
type AccountWatch struct {
	Account AccountID `json:"account"`
	Name    string    `json:"name"`
	Unread  int       `json:"unread"` // in the Inbox
	Phase   Phase     `json:"phase"`
	// Mode is what is in force for it now, the foreground included: persistent,
	// refresh, push or off.
	Mode BackgroundMode `json:"mode"`
	Next time.Time      `json:"nextWake,omitzero"` // zero where no time is set
	Why  []string       `json:"why"`               // in words
	// Waiting and Parked are journal records not carried out, and those of them
	// that need the person.
	Waiting     int       `json:"waiting"`
	Parked      int       `json:"parked"`
	LastSuccess time.Time `json:"lastSync,omitzero"`
	Problem     string    `json:"problem,omitempty"`
}
