package config

import (
	"errors"
	"net/url"
	"time"

	"eas.example/securemail/activesync"
)

// background is Settings › Background as the file has it. Nothing of it is
// written where it is the default.
type background struct {
	Refresh *bool  `toml:"refresh,omitempty"` // Background refresh
	Mode    string `toml:"mode,omitempty"`    // "persistent", "refresh" or "push"
	Grace   string `toml:"grace,omitempty"`   // such as "30s"
	Topic   string `toml:"topic,omitempty"`   // of the push channel
}

func newBackground(b activesync.Background) background {
	out := background{Mode: string(b.Mode), Topic: b.Topic}
	if b.RefreshOff {
		out.Refresh = new(bool)
	}
	if b.Grace != nil {
		out.Grace = b.Grace.String()
	}
	return out
}

func (b background) setting() (activesync.Background, error) {
	out := activesync.Background{RefreshOff: b.Refresh != nil && !*b.Refresh, Topic: b.Topic}
	if err := oneOf("background.mode", b.Mode, "persistent", "refresh", "push"); err != nil {
		return out, err
	}
	out.Mode = activesync.BackgroundMode(b.Mode)
	if b.Grace != "" {
		d, err := time.ParseDuration(b.Grace)
		if err != nil || d < 0 {
			return out, errors.New("background.grace is not a time such as 30s")
		}
		out.Grace = &d
	}
	if u, err := url.Parse(b.Topic); b.Topic != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil) {
		return out, errors.New("background.topic is not the https address of a topic")
	}
	if out.Mode == activesync.ModePush && b.Topic == "" {
		return out, errors.New("background.mode is push, which needs background.topic")
	}
	return out, nil
}
