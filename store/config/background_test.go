package config

import (
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"eas.example/securemail/activesync"
)

func TestBackgroundSurvivesTheFile(t *testing.T) {
	grace := 0 * time.Second
	for _, b := range []activesync.Background{
		{}, {RefreshOff: true}, {Mode: activesync.ModeRefresh, Grace: &grace},
		{Mode: activesync.ModePush, Topic: "https://ntfy.example/box"},
	} {
		path := filepath.Join(t.TempDir(), "config.toml")
		if err := Save(path, Config{Background: b}); err != nil {
			t.Fatal(err)
		}
		c, err := Load(path)
		if err != nil || !reflect.DeepEqual(c.Background, b) {
			t.Errorf("%+v became %+v, %v", b, c.Background, err)
		}
	}
}

func TestBackgroundThatMakesNoSense(t *testing.T) {
	for _, s := range []string{"mode = 'often'", "grace = 'long'", "grace = '-1s'", "topic = 'box'", "mode = 'push'", "topic = 'https://a:b@h/x'"} {
		if _, err := Parse("x", []byte("[background]\n"+s+"\n")); err == nil {
			t.Errorf("%s was taken", s)
		}
	}
}
