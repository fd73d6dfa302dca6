package message

import (
	"bytes"
	"net/mail"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"eas.example/securemail/activesync"
)

// FuzzCharset decodes any bytes under any name of a charset, in a body and in
// an encoded word.
func FuzzCharset(f *testing.F) {
	for _, label := range []string{"utf-8", "utf-7", "iso-2022-jp", "gb18030", "utf-16", "windows-1252", "hz-gb-2312", "koi8-r", "x-unknown", "big5", "shift_jis", "iso-8859-8-i", ""} {
		f.Add(label, []byte("a\x1b$B\x24\x22+AGE-\x80\xff~{"))
	}
	f.Fuzz(func(t *testing.T, label string, b []byte) {
		s, _ := toUTF8(label, b)
		if !utf8.ValidString(s) {
			t.Fatalf("%q under %q becomes %q, which is no UTF-8", b, label, s)
		}
		if len(s) > 8*len(b)+8 {
			t.Fatalf("%d bytes become %d", len(b), len(s))
		}
		safe(t, Clean(s), false)
		safe(t, CleanText(s), true)
		m := ParseBytes([]byte("Subject: =?" + label + "?Q?" + string(b) + "?=\r\nContent-Type: text/plain; charset=\"" + label + "\"\r\n\r\n" + string(b)))
		safe(t, m.PlainText(), true)
		safe(t, Clean(m.Subject), false)
	})
}

// FuzzHeaderWriter writes headers of any words and looks whether they are
// headers still, and none more than were meant.
func FuzzHeaderWriter(f *testing.F) {
	f.Add("Grüße\r\nBcc: eve@example.test", "Ana \"x\" Souza\n", "ana@example.test", "a@b\r\nX: y")
	f.Add("long", "", "ana@example.test", strings.Repeat("X", 4000)) // an id that no line holds
	f.Add(strings.Repeat("wörter ", 80), strings.Repeat("ü", 90), "ana@example.test", strings.Repeat("r@x> <", 40))
	f.Fuzz(func(t *testing.T, subject, name, address, reference string) {
		source := []byte("Message-ID: <" + reference + ">\r\nReferences: <" + reference + "> <" + reference + "2>\r\n\r\n")
		d := &activesync.Draft{Verb: activesync.VerbReply, To: []activesync.Address{{Name: name, Address: address}}, Cc: []activesync.Address{{Name: name, Address: "c@example.test"}},
			Subject: subject, Text: "text"}
		b, err := Compose(d, ComposeOptions{From: activesync.Address{Name: name, Address: "b@example.test"}, Date: time.Unix(0, 0), MessageID: "x@example.test", SourceMIME: source})
		if err != nil {
			return // an address that cannot be written
		}
		head, _, ok := bytes.Cut(b, []byte("\r\n\r\n"))
		if !ok {
			t.Fatalf("there is no header in %q", b)
		}
		known := " From To Cc Subject Date Message-ID In-Reply-To References MIME-Version Content-Type Content-Transfer-Encoding Thread-Topic Thread-Index "
		for line := range strings.SplitSeq(string(head), "\r\n") {
			if len(line) > 998 || strings.ContainsAny(line, "\r\n\x00") {
				t.Fatalf("a line of %d characters: %q", len(line), line)
			}
			if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") {
				continue
			}
			field, _, ok := strings.Cut(line, ":")
			if !ok || !strings.Contains(known, " "+field+" ") {
				t.Fatalf("%q is a field that nobody meant, in\n%s", line, head)
			}
		}
		parsed, err := mail.ReadMessage(bytes.NewReader(b))
		if err != nil {
			t.Fatalf("another parser: %v\n%s", err, head)
		}
		if list, err := parsed.Header.AddressList("Cc"); err != nil || len(list) != 1 || list[0].Address != "c@example.test" {
			t.Fatalf("another parser reads Cc as %v (%v)\n%s", list, err, head)
		}
	})
}
