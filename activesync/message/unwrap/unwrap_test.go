package unwrap

import (
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
)

// What a stranger sends is taken apart or it is not; nothing is called verified or
// secret where nobody has a key.
func FuzzOpen(f *testing.F) {
	for _, mail := range []string{
		"Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\ny\r\n--b--\r\n",
		"Content-Type: multipart/encrypted; boundary=b\r\n\r\n--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--b\r\nContent-Type: application/octet-stream\r\n\r\nx\r\n--b--\r\n",
		"Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\nMIIB\r\n",
		"\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\n\r\nx\r\n-----BEGIN PGP SIGNATURE-----\r\n-----END PGP SIGNATURE-----\r\n",
		"Content-Type: text/html\r\n\r\n<pre>-----BEGIN PGP MESSAGE-----\r\nx\r\n-----END PGP MESSAGE-----</pre>\r\n",
	} {
		f.Add([]byte(mail))
	}
	f.Fuzz(func(t *testing.T, mime []byte) {
		m := activesync.Message{Header: activesync.Header{From: activesync.Address{Address: "ana@example.test"}}}
		m.Body = activesync.Body{Type: activesync.BodyPlain, Data: mime}
		Needed(m)
		letter := Opener{Now: time.Unix(0, 0)}.Open(t.Context(), m, mime)
		if letter.Secret || len(letter.Words) > 3*mostLayers {
			t.Fatalf("%+v", letter)
		}
		for _, w := range letter.Words {
			if w.Tone == message.Good || message.Clean(w.Text) != w.Text {
				t.Fatalf("%+v", w)
			}
		}
	})
}

// A signature inside of an encryption is opened layer by layer as far as that goes,
// and what is around it is said.
func TestLayers(t *testing.T) {
	inner := "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nThe crane stands.\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--b--\r\n"
	letter := Opener{}.Open(t.Context(), activesync.Message{}, []byte(inner))
	if got := message.ParseBytes(letter.MIME).PlainText(); !strings.Contains(got, "The crane stands.") || len(letter.Words) != 1 || letter.Words[0].Tone != message.Doubt {
		t.Errorf("without gpg: %q, %+v", got, letter.Words)
	}
	around := "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: text/plain\r\n\r\nA list adds this.\r\n--a\r\n" + inner + "--a--\r\n"
	letter = Opener{}.Open(t.Context(), activesync.Message{}, []byte(around))
	if got := message.ParseBytes(letter.MIME).PlainText(); !strings.Contains(got, "A list adds this.") || len(letter.Words) != 2 ||
		!strings.Contains(letter.Words[1].Text, "Only a part of the message is signed") {
		t.Errorf("with more around it: %q, %+v", got, letter.Words)
	}
}
