package config

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"eas.example/securemail/activesync"
)

func TestChoicesOfWritingSurviveTheFile(t *testing.T) {
	ui := UI{UndoSend: "20s", Format: "markdown", Quote: "above", Language: "de_DE",
		Signatures:      map[activesync.AccountID]string{"alice": "Alice\nHarbour \"Office\""},
		ReplySignatures: map[activesync.AccountID]string{"alice": "A."},
		Aliases:         map[activesync.AccountID][]string{"alice": {"Sales <sales@example.test>"}},
		Templates:       map[string]string{"Status, weekly": "Subject: {x}\n\nDear '''{first}''',\n\t# no comment\n", "überall": "x"}}
	path := filepath.Join(t.TempDir(), "config.toml")
	for range 2 { // the second time comments are looked for in what was written
		if err := Save(path, Config{UI: ui}); err != nil {
			t.Fatal(err)
		}
		c, err := Load(path)
		if err != nil || !reflect.DeepEqual(c.UI, ui) {
			t.Fatalf("%+v became %+v, %v", ui, c.UI, err)
		}
	}
}

func TestChoicesOfWritingThatMakeNoSense(t *testing.T) {
	for _, s := range []string{`undo_send = "soon"`, `undo_send = "-3s"`, `undo_send = "48h"`, `format = "rtf"`, `quote = "beside"`} {
		if _, err := Parse("x", []byte("[ui]\n"+s+"\n")); err == nil || !strings.Contains(err.Error(), "ui.") {
			t.Errorf("%s: %v", s, err)
		}
	}
}
