package config

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"eas.example/securemail/activesync"
)

// notifications is Settings › Notifications as the file has it. Nothing of it
// is written where it is the default.
type notifications struct {
	Way      string                                        `toml:"way,omitempty"`      // "auto", "desktop", "terminal", "command" or "none"
	Terminal string                                        `toml:"terminal,omitempty"` // "auto", "osc99", "osc777", "osc9", "bell" or "none"
	Command  []string                                      `toml:"command,omitempty"`
	Content  string                                        `toml:"content,omitempty"` // "allow", "sender or subject", "count only" or "block"
	Snooze   string                                        `toml:"snooze,omitempty"`  // such as "10m"
	VIPs     []string                                      `toml:"vips,omitempty"`
	Account  map[activesync.AccountID]accountNotifications `toml:"account,omitempty"`
}

// accountNotifications are those of one account, by its id.
type accountNotifications struct {
	Off          bool     `toml:"off,omitempty"`
	VIPOnly      bool     `toml:"vip_only,omitempty"`
	RemindersOff bool     `toml:"reminders_off,omitempty"`
	Content      string   `toml:"content,omitempty"`
	Quiet        []string `toml:"quiet,omitempty"` // such as "22:00-07:00"
	QuietServer  bool     `toml:"quiet_server,omitempty"`
}

func newNotifications(n activesync.Notifications) notifications {
	out := notifications{Way: string(n.Way), Terminal: n.Terminal, Command: n.Command, Content: string(n.Content), VIPs: n.VIPs}
	if n.Snooze != nil {
		out.Snooze = n.Snooze.String()
	}
	for id, a := range n.Accounts {
		of := accountNotifications{Off: a.Off, VIPOnly: a.VIPOnly, RemindersOff: a.RemindersOff, Content: string(a.Content), QuietServer: a.QuietServer}
		for _, q := range a.Quiet {
			of.Quiet = append(of.Quiet, q.String())
		}
		if !of.Off && !of.VIPOnly && !of.RemindersOff && of.Content == "" && len(of.Quiet) == 0 && !of.QuietServer {
			continue
		}
		if out.Account == nil {
			out.Account = map[activesync.AccountID]accountNotifications{}
		}
		out.Account[id] = of
	}
	return out
}

func (n notifications) setting() (activesync.Notifications, error) {
	out := activesync.Notifications{Terminal: n.Terminal, Command: n.Command, VIPs: n.VIPs}
	var err error
	if n.Way != "" {
		if out.Way, err = activesync.ParseNotifyWay(n.Way); err != nil {
			return out, fmt.Errorf("notifications.way: %w", err)
		}
	}
	if err := oneOf("notifications.terminal", n.Terminal, "auto", "osc99", "osc777", "osc9", "bell", "none"); err != nil {
		return out, err
	}
	if out.Content, err = content(n.Content); err != nil {
		return out, err
	}
	if out.Way == activesync.NotifyCommand && len(n.Command) == 0 {
		return out, errors.New("notifications.way is command, which needs notifications.command")
	}
	if n.Snooze != "" {
		d, err := time.ParseDuration(n.Snooze)
		if err != nil || d < time.Minute {
			return out, errors.New("notifications.snooze is not a time such as 10m")
		}
		out.Snooze = &d
	}
	for _, id := range slices.Sorted(maps.Keys(n.Account)) {
		a := n.Account[id]
		of := activesync.AccountNotifications{Off: a.Off, VIPOnly: a.VIPOnly, RemindersOff: a.RemindersOff, QuietServer: a.QuietServer}
		if of.Content, err = content(a.Content); err != nil {
			return out, fmt.Errorf("notifications of account %q: %w", id, err)
		}
		for _, s := range a.Quiet {
			q, err := activesync.ParseQuietHours(s)
			if err != nil {
				return out, fmt.Errorf("notifications of account %q: %w", id, err)
			}
			of.Quiet = append(of.Quiet, q)
		}
		if out.Accounts == nil {
			out.Accounts = map[activesync.AccountID]activesync.AccountNotifications{}
		}
		out.Accounts[id] = of
	}
	return out, nil
}

func content(s string) (activesync.NotifyContent, error) {
	if s == "" {
		return "", nil
	}
	return activesync.ParseNotifyContent(s)
}
