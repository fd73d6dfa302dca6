package message_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
)

var fillOptions = message.ComposeOptions{From: activesync.Address{Address: "alice@example.test"}, Date: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), MessageID: "new@example.test"}

func TestFillIn(t *testing.T) {
	const added = "From: alice@example.test\r\nDate: Wed, 04 Mar 2026 05:06:07 +0000\r\nMessage-ID: <new@example.test>\r\nMIME-Version: 1.0\r\n"
	whole := "From: a@b.test\r\nDate: x\r\nMessage-ID: <m@b.test>\r\nMIME-Version: 1.0\r\nTo: c@d.test\r\n\r\nText\r\n"
	for name, c := range map[string]struct{ in, want string }{
		"nothing is missing":         {whole, whole},
		"all is missing":             {"To: c@d.test\n\nOne\nTwo\r\nThree\rx\n", added + "To: c@d.test\r\n\r\nOne\r\nTwo\r\nThree\rx\r\n"},
		"from a mailbox":             {"From alice Wed Mar  4 05:06:07 2026\nTo: c@d.test\n\nText", added + "To: c@d.test\r\n\r\nText"},
		"from a mailbox that quotes": {">From alice Wed Mar  4 05:06:07 2026\nTo: c@d.test\n\nText", added + "To: c@d.test\r\n\r\nText"},
		"no text":                    {"To: c@d.test", added + "To: c@d.test"},
	} {
		for way, read := range map[string]func(io.Reader) io.Reader{"at once": func(r io.Reader) io.Reader { return r }, "byte by byte": iotest.OneByteReader} {
			var out bytes.Buffer
			m, err := message.FillIn(&out, read(strings.NewReader(c.in)), fillOptions)
			if err != nil || out.String() != c.want || len(m.To) != 1 || m.To[0].Address != "c@d.test" || m.MessageID == "" {
				t.Errorf("%s, %s: %q, %+v, %v; want %q", name, way, out.String(), m, err, c.want)
			}
		}
	}
	if _, err := message.FillIn(io.Discard, strings.NewReader("Just words.\n\nTo: c@d.test\n"), fillOptions); !errors.Is(err, activesync.ErrRejected) {
		t.Errorf("what is no message gave %v", err)
	}
	cut := errors.New("the pipe broke")
	if _, err := message.FillIn(io.Discard, io.MultiReader(strings.NewReader("To: c@d.test\n\nTe"), iotest.ErrReader(cut)), fillOptions); !errors.Is(err, cut) {
		t.Errorf("a pipe that broke gave %v", err)
	}
}

// However the bytes come, lines end in CR LF and nothing else changes.
func FuzzFillIn(f *testing.F) {
	f.Add([]byte("To: a@b.test\n\nx\r\ny\nz\r"))
	f.Add([]byte("From a\r\nTo: a@b.test\r\n\r\n\r\n\n\r\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var one, two bytes.Buffer
		_, err := message.FillIn(&one, bytes.NewReader(b), fillOptions)
		_, again := message.FillIn(&two, iotest.OneByteReader(bytes.NewReader(b)), fillOptions)
		if (err == nil) != (again == nil) || err == nil && !bytes.Equal(one.Bytes(), two.Bytes()) {
			t.Fatalf("%q: %v, %v, %q, %q", b, err, again, one.Bytes(), two.Bytes())
		}
		if err != nil {
			return
		}
		plain := func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")) }
		if bytes.HasPrefix(bytes.TrimPrefix(b, []byte(">")), []byte("From ")) {
			_, b, _ = bytes.Cut(b, []byte("\n"))
		}
		if !bytes.HasSuffix(plain(one.Bytes()), plain(b)) {
			t.Errorf("%q became %q", b, one.Bytes())
		}
		if bytes.Count(one.Bytes(), []byte("\n")) != bytes.Count(one.Bytes(), []byte("\r\n")) {
			t.Errorf("bare line ends in %q", one.Bytes())
		}
	})
}
