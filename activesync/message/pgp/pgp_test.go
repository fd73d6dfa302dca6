package pgp

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"eas.example/securemail/activesync/message"
)

// ring is a gpg with keys of Ana and Ben, made for the test.
type ring struct {
	t   *testing.T
	gpg string
	env []string
}

func newRing(t *testing.T, people ...string) ring {
	t.Helper()
	gpg, err := exec.LookPath("gpg")
	if err != nil {
		t.Skip("gpg is not installed")
	}
	home, err := os.MkdirTemp("/tmp", "sm") // its socket needs a short path
	if err != nil {
		t.Fatal(err)
	}
	r := ring{t: t, gpg: gpg, env: append(Environment(os.Environ()), "GNUPGHOME="+home)}
	t.Cleanup(func() {
		stop := exec.Command("gpgconf", "--kill", "all")
		stop.Env = r.env
		_ = stop.Run()
		os.RemoveAll(home)
	})
	for _, p := range people {
		r.run("", "--quick-generate-key", p, "ed25519", "sign", "never")
		r.run("", "--quick-add-key", r.fingerprint(p), "cv25519", "encr", "never")
	}
	return r
}

func (r ring) run(input string, args ...string) string {
	r.t.Helper()
	cmd := exec.Command(r.gpg, append([]string{"--batch", "--quiet", "--passphrase", "", "--pinentry-mode", "loopback", "--trust-model", "always"}, args...)...)
	cmd.Env, cmd.Stdin = r.env, strings.NewReader(input)
	out, err := cmd.Output()
	if err != nil {
		r.t.Fatalf("gpg %v: %v", args, err)
	}
	return string(out)
}

func (r ring) fingerprint(who string) string {
	for line := range strings.Lines(r.run("", "--with-colons", "--list-keys", who)) {
		if f := strings.Split(line, ":"); f[0] == "fpr" {
			return f[9]
		}
	}
	r.t.Fatal("no key")
	return ""
}

func (r ring) told(mime string, from ...string) (content, words string) {
	r.t.Helper()
	p := message.Protection([]byte(mime))
	if p == nil {
		r.t.Fatal("not taken for a protected message")
	}
	b, list := Opener{GPG: r.gpg, From: from, Env: r.env}.Open(context.Background(), p)
	for _, w := range list {
		words += fmt.Sprintf("%d %s\n", w.Tone, w.Text)
	}
	return string(b), words
}

const (
	ana   = "Ana Souza <ana@example.test>"
	inner = "Content-Type: text/plain\r\n\r\nThe crane stands.\r\n"
)

func signedMail(content, signature string) string {
	return "From: ana@example.test\r\nContent-Type: multipart/signed; protocol=\"application/pgp-signature\"; micalg=pgp-sha512; boundary=b\r\n\r\n--b\r\n" + content +
		"\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\n" + signature + "--b--\r\n"
}

func encryptedMail(data string) string {
	return "From: ana@example.test\r\nContent-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\r\n\r\n--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--b\r\nContent-Type: application/octet-stream\r\n\r\n" +
		data + "--b--\r\n"
}

func TestOpen(t *testing.T) {
	r := newRing(t, ana, "Ben Ito <ben@example.test>")
	sig := r.run(inner, "-u", ana, "--armor", "--detach-sign")
	check := func(name, mime, wantContent, wantWords string, from ...string) {
		t.Run(name, func(t *testing.T) {
			content, words := r.told(mime, from...)
			if content != wantContent || !strings.Contains(words, wantWords) {
				t.Errorf("content %q\nwords %swant %q", content, words, wantWords)
			}
		})
	}
	check("signed", signedMail(inner, sig), inner, "1 Signed (PGP) by “Ana Souza <ana@example.test>” and not changed since. Your gpg trusts", "ana@example.test")
	check("another sender", signedMail(inner, sig), inner, "3 The key is of ana@example.test, the message comes from boss@example.test.", "boss@example.test")
	r.run("", "--quick-add-uid", ana, "Ana Souza <ana@home.test>")
	for _, from := range []string{"ana@example.test", "ana@home.test"} { // the status names one of them
		if _, words := r.told(signedMail(inner, sig), from); !strings.HasPrefix(words, "1 Signed (PGP) by") || strings.Contains(words, "The key is of") {
			t.Errorf("an address of the key is not known: %s", words)
		}
	}
	r.run("", "--quick-revoke-uid", r.fingerprint(ana), "Ana Souza <ana@home.test>")
	check("an address that was revoked", signedMail(inner, sig), inner, "3 The key is of ana@example.test, the message comes from ana@home.test.", "ana@home.test")
	changed := strings.Replace(inner, "stands", "fell", 1)
	check("changed", signedMail(changed, sig), changed, "3 The signature (PGP) does not fit")
	check("encrypted and signed", encryptedMail(r.run(inner, "-u", ana, "-r", ana, "--armor", "--sign", "--encrypt")), inner, "1 Encrypted (PGP); opened by your gpg.\n1 Signed (PGP) by")
	check("in a text", "From: ana@example.test\r\n\r\n"+r.run("The crane stands.\n", "-u", ana, "--clear-sign"), "The crane stands.\n", "1 Signed (PGP) by")
	check("encrypted in a text", "From: ana@example.test\r\n\r\n"+r.run("The crane stands.\n", "-r", ana, "--armor", "--encrypt"), "The crane stands.\n", "1 Encrypted (PGP); opened by your gpg.")
	html := func(armor string) string {
		return "From: ana@example.test\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body>Hello<br><pre>" + armor + "</pre></body></html>\r\n"
	}
	check("encrypted in HTML", html(r.run("The crane stands.\n", "-r", ana, "--armor", "--encrypt")), "The crane stands.\n", "1 Encrypted (PGP); opened by your gpg.")
	check("encrypted in lines of HTML", html(strings.ReplaceAll(r.run("The crane stands.\n", "-r", ana, "--armor", "--encrypt"), "\n", "<br>")), "The crane stands.\n", "1 Encrypted (PGP)")
	check("signed in HTML", html(r.run("The crane stands.\n", "-u", ana, "--clear-sign")), "", "2 This message is signed with PGP inside of formatted text")
	check("damaged", encryptedMail("-----BEGIN PGP MESSAGE-----\r\n\r\nhQEM\r\n-----END PGP MESSAGE-----\r\n"), "", "2 This message is encrypted (PGP)")

	stranger := newRing(t, "Cy Lee <cy@example.test>")
	content, words := stranger.told(signedMail(inner, sig))
	if content != inner || !strings.Contains(words, "which your gpg does not have; the signature was not checked") {
		t.Errorf("without the key: content %q, words %s", content, words)
	}
	content, words = stranger.told(encryptedMail(r.run(inner, "-r", ana, "--armor", "--encrypt")))
	if content != "" || !strings.Contains(words, "not for a key that your gpg has") {
		t.Errorf("for somebody else: content %q, words %s", content, words)
	}
}

func TestWithoutGPG(t *testing.T) {
	p := message.Protection([]byte(signedMail(inner, "x")))
	content, words := Opener{}.Open(context.Background(), p)
	if string(content) != inner || len(words) != 1 || words[0].Tone != message.Doubt || !strings.Contains(words[0].Text, "without gpg") {
		t.Errorf("content %q, words %v", content, words)
	}
}

// A message that only looks signed is never called so, whatever gpg prints.
func TestStatusIsNotTakenFromText(t *testing.T) {
	s := readStatus([]byte("gpg: [GNUPG:] GOODSIG 1 Ana\nsomething [GNUPG:] DECRYPTION_OKAY\n"))
	if len(s.signatures) != 0 || s.opened {
		t.Errorf("%+v", s)
	}
	s = readStatus([]byte("[GNUPG:] DECRYPTION_FAILED\n[GNUPG:] DECRYPTION_OKAY\n"))
	if s.opened {
		t.Error("what failed to decrypt counts as opened")
	}
}

func TestCorpusIsRecognised(t *testing.T) {
	names, _ := filepath.Glob(filepath.Join("..", "..", "..", "..", "shared", "corpus", "eml", "*.eml"))
	if len(names) == 0 {
		t.Skip("the corpus of real mail is not present")
	}
	kinds := map[message.Kind]int{}
	for _, path := range names {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if p := message.Protection(b); p != nil {
			kinds[p.Kind]++
		}
	}
	for _, k := range []message.Kind{message.PGPSigned, message.PGPEncrypted, message.InlineSigned, message.InlineEncrypted} {
		if kinds[k] < 5 {
			t.Errorf("of kind %d there are only %d", k, kinds[k])
		}
	}
	t.Log(kinds)
}

func FuzzAddressesOf(f *testing.F) {
	f.Add([]byte("uid:u::::1::2::Ana <a@b>::::::::::0:\nuid:-::::1::2::Eve \\x3a <e@b>:\n"), true)
	f.Fuzz(func(t *testing.T, b []byte, sure bool) {
		for _, a := range addressesOf(b, sure) {
			if !strings.Contains(string(b), "uid:") || a == "" {
				t.Fatalf("%q", a)
			}
		}
	})
}

func FuzzStatus(f *testing.F) {
	f.Add([]byte("[GNUPG:] GOODSIG 1 Ana <a@b>\n[GNUPG:] TRUST_FULLY\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for k := message.SMIMESigned; k <= message.InlineEncrypted; k++ {
			for _, w := range readStatus(b).words(k, []string{"a@b"}) {
				if message.Clean(w.Text) != w.Text {
					t.Fatalf("%q is not clean", w.Text)
				}
			}
		}
	})
}

// Where the person's gpg writes what it opens under the name that the sender gave
// it, it does not do so here.
func TestASenderNamesNoFile(t *testing.T) {
	r := newRing(t, ana)
	for _, e := range r.env {
		if home, ok := strings.CutPrefix(e, "GNUPGHOME="); ok {
			if err := os.WriteFile(filepath.Join(home, "gpg.conf"), []byte("use-embedded-filename\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	data := r.run(inner, "-r", ana, "--armor", "--set-filename", "evil.sh", "--encrypt")
	t.Chdir(t.TempDir())
	content, words := r.told(encryptedMail(data))
	if files, err := os.ReadDir("."); content != inner || err != nil || len(files) > 0 {
		t.Errorf("content %q, words %s, files %v, %v", content, words, files, err)
	}
}
