package activesync

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// NotifyContent is how much a notification may tell (the policy "Control
// locked screen notifications"). A notification stays on the screen when that
// is locked, so it holds at all times.
type NotifyContent string

// The levels of NotifyContent, the most open one first.
const (
	ContentAllow  NotifyContent = "allow"             // sender, subject and first words
	ContentSender NotifyContent = "sender or subject" // who wrote, or the title of an event
	ContentCount  NotifyContent = "count only"        // how many, and where
	ContentBlock  NotifyContent = "block"             // nothing at all
)

// NotifyContents are the levels in the order in which they are offered.
func NotifyContents() []NotifyContent {
	return []NotifyContent{ContentAllow, ContentSender, ContentCount, ContentBlock}
}

// ParseNotifyContent reads a level as a file or the command line writes it, with
// spaces, hyphens or underscores; the policy's "sender or title" is the same
// as "sender or subject".
func ParseNotifyContent(s string) (NotifyContent, error) {
	c := NotifyContent(strings.NewReplacer("_", " ", "-", " ").Replace(strings.ToLower(strings.TrimSpace(s))))
	if c == "sender or title" {
		c = ContentSender
	}
	if slices.Contains(NotifyContents(), c) {
		return c, nil
	}
	return "", fmt.Errorf("notification content %q is not one of allow, sender or subject, count only, block", s)
}

// Stricter is the level that tells less. "" is the most open one; a level that
// is not known tells nothing.
func (c NotifyContent) Stricter(other NotifyContent) NotifyContent {
	rank := func(c NotifyContent) int {
		if c == "" {
			return 0
		}
		if i := slices.Index(NotifyContents(), c); i >= 0 {
			return i
		}
		return len(NotifyContents()) - 1
	}
	return NotifyContents()[max(rank(c), rank(other))]
}

// Exceeds reports whether c tells more than limit allows.
func (c NotifyContent) Exceeds(limit NotifyContent) bool { return c.Stricter(limit) != c.Stricter("") }

// NotifyWay is how the person is told.
type NotifyWay string

// The choices of Settings › Notifications › How.
const (
	// NotifyAuto is the desktop where there is one, else the terminal of a screen.
	NotifyAuto     NotifyWay = "auto"
	NotifyDesktop  NotifyWay = "desktop"  // over D-Bus
	NotifyTerminal NotifyWay = "terminal" // by the screen that was looked at last
	NotifyCommand  NotifyWay = "command"  // one that the person named
	NotifyNone     NotifyWay = "none"
)

// NotifyWays are the choices in the order in which they are offered.
func NotifyWays() []NotifyWay {
	return []NotifyWay{NotifyAuto, NotifyDesktop, NotifyTerminal, NotifyCommand, NotifyNone}
}

// ParseNotifyWay reads a choice as a file or the command line writes it.
func ParseNotifyWay(s string) (NotifyWay, error) {
	if w := NotifyWay(s); slices.Contains(NotifyWays(), w) {
		return w, nil
	}
	return "", fmt.Errorf("notification way %q is not one of auto, desktop, terminal, command, none", s)
}

// DefaultSnooze is how long a notification that is put off stays away.
const DefaultSnooze = 10 * time.Minute

// Notifications is Settings › Notifications. The zero value is what a new
// installation has: on, by whatever way there is, with all they can tell.
type Notifications struct {
	Way NotifyWay `json:"way,omitempty"`
	// Terminal is what a terminal is told with: auto, osc99, osc777, osc9, bell or none.
	Terminal string `json:"terminal,omitempty"`
	// Command gets each event as one line of JSON on its standard input. Nothing of
	// a message is in its words.
	Command []string       `json:"command,omitempty"`
	Content NotifyContent  `json:"content,omitempty"`
	Snooze  *time.Duration `json:"snooze,omitempty"` // nil where the person chose none
	// VIPs are addresses, or @domain for all of a domain.
	VIPs     []string                           `json:"vips,omitempty"`
	Accounts map[AccountID]AccountNotifications `json:"accounts,omitempty"`
	// Limit is the most that the organisation lets them tell, LimitBy who set it.
	// Both go out only.
	Limit   NotifyContent `json:"limit,omitempty"`
	LimitBy string        `json:"limitBy,omitempty"`
}

// NoticeNotifications says that Settings › Notifications changed.
const NoticeNotifications NoticeKind = "notifications.changed"

// AccountNotifications are what differs for one account.
type AccountNotifications struct {
	Off          bool          `json:"off,omitempty"`
	VIPOnly      bool          `json:"vipOnly,omitempty"` // new mail of VIP senders only
	RemindersOff bool          `json:"remindersOff,omitempty"`
	Content      NotifyContent `json:"content,omitempty"`
	// Quiet are hours in which nothing is told; what came meanwhile is told after.
	Quiet []QuietHours `json:"quiet,omitempty"`
	// QuietServer leaves the server alone in these hours too, while no screen is
	// attached: what is to be sent is sent, nothing is received.
	QuietServer bool `json:"quietServer,omitempty"`
}

// Chosen is the way in force.
func (n Notifications) Chosen() NotifyWay {
	if n.Way == "" {
		return NotifyAuto
	}
	return n.Way
}

// SnoozeFor is how long a notification is put off.
func (n Notifications) SnoozeFor() time.Duration {
	if n.Snooze == nil || *n.Snooze <= 0 {
		return DefaultSnooze
	}
	return *n.Snooze
}

// IsVIP reports whether a sender is one of the VIPs.
func (n Notifications) IsVIP(a Address) bool {
	address := strings.ToLower(a.Address)
	return slices.ContainsFunc(n.VIPs, func(v string) bool {
		v = strings.ToLower(strings.TrimSpace(v))
		return v != "" && (v == address || strings.HasPrefix(v, "@") && strings.HasSuffix(address, v))
	})
}

// NotifyFolder says of which messages of a folder the person is told.
type NotifyFolder string

// The choices of Sync options › Notifications. The zero value is all of them,
// of a folder for junk none.
const (
	NotifyUsual NotifyFolder = ""
	NotifyAll   NotifyFolder = "all"
	NotifyVIP   NotifyFolder = "vip"
	NotifyNever NotifyFolder = "none"
)

// NotifyFolders are the choices for a folder of a class, the widest first: of mail
// one is told as it comes, of a calendar by its reminders, of the others never.
func NotifyFolders(c Class) []NotifyFolder {
	switch c {
	case ClassEmail:
		return []NotifyFolder{NotifyAll, NotifyVIP, NotifyNever}
	case ClassCalendar:
		return []NotifyFolder{NotifyAll, NotifyNever}
	}
	return nil
}

// ParseNotifyFolder reads a choice for a folder of a class as the command line
// writes it.
func ParseNotifyFolder(c Class, s string) (NotifyFolder, error) {
	all := NotifyFolders(c)
	switch f := NotifyFolder(s); {
	case len(all) == 0:
		return "", fmt.Errorf("nothing is told of a folder that holds %s", c)
	case slices.Contains(all, f):
		return f, nil
	case s == "usual":
		return NotifyUsual, nil
	}
	words := []string{"usual"}
	for _, f := range all {
		words = append(words, string(f))
	}
	return "", fmt.Errorf("notifications %q is not one of %s", s, strings.Join(words, ", "))
}

// Notified is the choice in force for a folder.
func (f Folder) Notified() NotifyFolder {
	switch {
	case f.Notify != NotifyUsual:
		return f.Notify
	case f.IsJunk():
		return NotifyNever
	}
	return NotifyAll
}
