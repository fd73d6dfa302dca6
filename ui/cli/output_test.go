package cli

import (
	"bytes"
	"encoding/json"
	"testing"
)

// JSON leaves DEL, C1 controls and bidi overrides as they are; a terminal to
// which it is printed would obey them.
func TestJSONCannotSteerATerminal(t *testing.T) {
	const subject = "a\x7f\u009b31m\x1b[0m\u202egpj.exe\u2066 Grüße 日本 \U0001F600 <b>\r\n"
	var out bytes.Buffer
	if err := (&app{stdout: &out}).printJSON(row{Subject: subject}); err != nil {
		t.Fatal(err)
	}
	plain(t, "JSON", out.String())
	var back row
	if err := json.Unmarshal(out.Bytes(), &back); err != nil || back.Subject != subject {
		t.Errorf("%q comes back as %q, %v", subject, back.Subject, err)
	}
	if !bytes.Contains(out.Bytes(), []byte("Grüße 日本 \U0001F600 <b>")) {
		t.Errorf("more is escaped than has to be: %s", out.String())
	}
}
