package message

import (
	"encoding/base64"
	"math/rand/v2"
	"strings"
	"testing"
)

func FuzzBase64(f *testing.F) {
	f.Add([]byte("QUJD\r\nREVG\r\n"))
	f.Add([]byte("QUI=\r\nREVG\r\nQQ\n-_=="))
	f.Add([]byte("QU\rJDR\nE"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if fast, loose := lenientBase64(b), looseBase64(nil, b); string(fast) != string(loose) {
			t.Fatalf("%q became %q, not %q", b, fast, loose)
		}
	})
}

func TestBase64InLines(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	data := make([]byte, 5000)
	for i := range data {
		data[i] = byte(r.Uint32())
	}
	text := base64.StdEncoding.EncodeToString(data)
	for _, width := range []int{4, 60, 75, 76, 998, 9000} {
		var b strings.Builder
		for i := 0; i < len(text); i += width {
			b.WriteString(text[i:min(i+width, len(text))] + "\r\n")
		}
		if got := lenientBase64([]byte(b.String())); string(got) != string(data) {
			t.Errorf("lines of %d characters: %d bytes that differ", width, len(got))
		}
	}
}
