package smime

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/smallstep/pkcs7"
	"software.sslmate.com/src/go-pkcs12"

	"eas.example/securemail/activesync/message"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// house is an authority and one person with a certificate of it.
type house struct {
	ca    *x509.Certificate
	caKey *ecdsa.PrivateKey
	ana   Key
}

func newHouse(t *testing.T) house {
	t.Helper()
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	h := house{caKey: caKey}
	h.ca = certify(t, &x509.Certificate{Subject: pkix.Name{CommonName: "Harbour CA"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: now.AddDate(-9, 0, 0), NotAfter: now.AddDate(200, 0, 0)}, nil, &caKey.PublicKey, caKey)
	h.ana = h.person(t, "ana@example.test", now.AddDate(100, 0, 0))
	return h
}

func (h house) person(t *testing.T, address string, until time.Time) Key {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	cert := certify(t, &x509.Certificate{Subject: pkix.Name{CommonName: "Ana Souza"}, EmailAddresses: []string{address}, SubjectKeyId: []byte(address),
		NotBefore: now.AddDate(-2, 0, 0), NotAfter: until, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}},
		h.ca, &key.PublicKey, h.caKey)
	return Key{cert, key}
}

func certify(t *testing.T, c, parent *x509.Certificate, public, signer any) *x509.Certificate {
	t.Helper()
	c.SerialNumber = big.NewInt(time.Now().UnixNano())
	if parent == nil {
		parent = c
	}
	b, err := x509.CreateCertificate(rand.Reader, c, parent, public, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(b)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func (h house) opener(keys ...Key) Opener {
	roots := x509.NewCertPool()
	roots.AddCert(h.ca)
	return Opener{Keys: keys, From: []string{"ana@example.test"}, Now: now, Roots: roots}
}

const inner = "Content-Type: text/plain\r\n\r\nThe crane stands.\r\n"

func (h house) sign(t *testing.T, k Key, detached bool) []byte { return h.signTimes(t, 1, k, detached) }

func (h house) signTimes(t *testing.T, n int, k Key, detached bool) []byte {
	t.Helper()
	s, err := pkcs7.NewSignedData([]byte(inner))
	if err != nil {
		t.Fatal(err)
	}
	s.SetDigestAlgorithm(pkcs7.OIDDigestAlgorithmSHA256)
	for range n {
		if err := s.AddSigner(k.Certificate, k.Private, pkcs7.SignerInfoConfig{}); err != nil {
			t.Fatal(err)
		}
	}
	if detached {
		s.Detach()
	}
	b, err := s.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func wrap(b []byte) string {
	s := base64.StdEncoding.EncodeToString(b)
	var out strings.Builder
	for len(s) > 76 {
		out.WriteString(s[:76] + "\r\n")
		s = s[76:]
	}
	return out.String() + s + "\r\n"
}

func signedMail(content string, signature []byte) []byte {
	return []byte("From: ana@example.test\r\nContent-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=b\r\n\r\n--b\r\n" + content +
		"\r\n--b\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\n" + wrap(signature) + "--b--\r\n")
}

func opaqueMail(data []byte) []byte {
	return []byte("From: ana@example.test\r\nContent-Type: application/pkcs7-mime; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n" + wrap(data))
}

// told is what opening a message says, with the tones of its words.
func told(t *testing.T, o Opener, mime []byte) (content, words string) {
	t.Helper()
	p := message.Protection(mime)
	if p == nil {
		t.Fatal("not taken for a protected message")
	}
	b, list := o.Open(p)
	for _, w := range list {
		words += fmt.Sprintf("%d %s\n", w.Tone, w.Text)
	}
	return string(b), words
}

func TestSignatures(t *testing.T) {
	h := newHouse(t)
	sig := h.sign(t, h.ana, true)
	stranger := h.opener()
	stranger.Roots = x509.NewCertPool()
	other := h.opener()
	other.From = []string{"boss@example.test"}
	old := h.opener()
	old.Now = now.AddDate(101, 0, 0)
	late := h.sign(t, h.person(t, "ana@example.test", time.Now().AddDate(0, 0, -1)), true) // the library signs with the time that it is
	forged := bytes.Clone(late)
	forged[len(forged)-1] ^= 1
	tests := []struct {
		name string
		o    Opener
		mime []byte
		want string
	}{
		{"detached", h.opener(), signedMail(inner, sig), "1 Signed (S/MIME) by Ana Souza <ana@example.test> and not changed since. “Harbour CA” vouches"},
		{"with other line ends", h.opener(), []byte(strings.ReplaceAll(string(signedMail(inner, sig)), "\r\n", "\n")), "1 Signed"},
		{"opaque", h.opener(), opaqueMail(h.sign(t, h.ana, false)), "1 Signed"},
		{"changed", h.opener(), signedMail(strings.Replace(inner, "stands", "fell", 1), sig), "3 The signature (S/MIME) does not fit"},
		{"an unknown authority", stranger, signedMail(inner, sig), "2 Signed (S/MIME) and not changed since, but nobody this machine trusts vouches"},
		{"another sender", other, signedMail(inner, sig), "3 The certificate is for ana@example.test, the message comes from boss@example.test."},
		{"expired since", old, signedMail(inner, sig), "2 Signed (S/MIME) by Ana Souza <ana@example.test> and not changed since. “Harbour CA” vouched for that until "},
		{"signed out of time", h.opener(), signedMail(inner, late), "2 It says it was signed on"},
		{"forged, and out of time", h.opener(), signedMail(inner, forged), "3 The signature (S/MIME) does not fit"},
		{"signed by two", h.opener(), signedMail(inner, h.signTimes(t, 2, h.ana, true)), "2 2 people signed this message"},
		{"signed by very many", h.opener(), opaqueMail(h.signTimes(t, mostSigners+1, h.ana, false)), "could not be checked: more people signed it"},
		{"no signature at all", h.opener(), signedMail(inner, []byte("nothing")), "2 This message is signed (S/MIME), but the signature cannot be read"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			content, words := told(t, tt.o, tt.mime)
			if !strings.Contains(words, tt.want) {
				t.Errorf("words:\n%swant %q", words, tt.want)
			}
			if !strings.Contains(content, "The crane") {
				t.Errorf("content %q", content)
			}
		})
	}
}

func TestEncrypted(t *testing.T) {
	h := newHouse(t)
	pkcs7.ContentEncryptionAlgorithm = pkcs7.EncryptionAlgorithmAES256CBC
	data, err := pkcs7.Encrypt([]byte(inner), []*x509.Certificate{h.ana.Certificate})
	if err != nil {
		t.Fatal(err)
	}
	ben := h.person(t, "ben@example.test", now.AddDate(100, 0, 0))
	for _, tt := range []struct {
		name, content, want string
		keys                []Key
	}{
		{"with the key", inner, "1 Encrypted (S/MIME); opened with your key of Ana Souza <ana@example.test>.", []Key{ben, h.ana}},
		{"with another", "", "not for a key of yours that is open here", []Key{ben}},
		{"without", "", "no key of yours is set up", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			content, words := told(t, h.opener(tt.keys...), opaqueMail(data))
			if content != tt.content || !strings.Contains(words, tt.want) {
				t.Errorf("content %q, words %s", content, words)
			}
		})
	}
}

func TestKeysFromFiles(t *testing.T) {
	h := newHouse(t)
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	der, err := x509.MarshalPKCS8PrivateKey(h.ana.Private)
	if err != nil {
		t.Fatal(err)
	}
	cert := write("cert.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: h.ana.Certificate.Raw}))
	key := write("key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	if k, err := LoadKey(cert, key); err != nil || !k.Certificate.Equal(h.ana.Certificate) {
		t.Errorf("PEM: %v", err)
	}
	ben := h.person(t, "ben@example.test", now)
	wrong := write("other.der", ben.Certificate.Raw)
	if _, err := LoadKey(wrong, key); err == nil {
		t.Error("a key was taken for that of another certificate")
	}
	p12, err := pkcs12.Modern.Encode(h.ana.Private, h.ana.Certificate, nil, "secret")
	if err != nil {
		t.Fatal(err)
	}
	path := write("ana.p12", p12)
	if k, err := LoadPKCS12(path, "secret"); err != nil || !k.Certificate.Equal(h.ana.Certificate) {
		t.Errorf("PKCS #12: %v", err)
	}
	if _, err := LoadPKCS12(path, "wrong"); err == nil {
		t.Error("a wrong password opens it")
	}
}

// What openssl signs and encrypts is read.
func TestOpenSSL(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	h := newHouse(t)
	dir := t.TempDir()
	der, err := x509.MarshalPKCS8PrivateKey(h.ana.Private)
	if err != nil {
		t.Fatal(err)
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ec := Key{certify(t, &x509.Certificate{Subject: pkix.Name{CommonName: "Ana Souza"}, EmailAddresses: []string{"ana@example.test"}, SubjectKeyId: []byte("curve"),
		NotBefore: now.AddDate(-2, 0, 0), NotAfter: now.AddDate(1, 0, 0), KeyUsage: x509.KeyUsageKeyAgreement}, h.ca, &private.PublicKey, h.caKey), private}
	for name, b := range map[string][]byte{"ec.pem": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ec.Certificate.Raw}), "c.pem": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: h.ana.Certificate.Raw}),
		"k.pem": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), "in": []byte(inner)} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"smime", "-sign", "-signer", "c.pem", "-inkey", "k.pem", "-in", "in"}, "not changed since"},
		{[]string{"cms", "-sign", "-signer", "c.pem", "-inkey", "k.pem", "-md", "sha512", "-in", "in"}, "not changed since"},
		{[]string{"smime", "-sign", "-nodetach", "-stream", "-signer", "c.pem", "-inkey", "k.pem", "-in", "in"}, "not changed since"},
		{[]string{"cms", "-sign", "-signer", "c.pem", "-inkey", "k.pem", "-keyopt", "rsa_padding_mode:pss", "-in", "in"}, "1 Signed (S/MIME) by Ana Souza"},
		{[]string{"cms", "-sign", "-signer", "c.pem", "-inkey", "k.pem", "-noattr", "-nodetach", "-in", "in"}, "1 Signed (S/MIME) by Ana Souza"},
		{[]string{"smime", "-encrypt", "-aes256", "-in", "in", "c.pem"}, "opened with your key"},
		{[]string{"smime", "-encrypt", "-des3", "-stream", "-in", "in", "c.pem"}, "opened with your key"},
		{[]string{"cms", "-encrypt", "-aes128", "-in", "in", "-recip", "c.pem", "-keyopt", "rsa_padding_mode:oaep"}, "opened with your key"},
		{[]string{"cms", "-encrypt", "-aes-192-cbc", "-in", "in", "-recip", "c.pem", "-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256", "-keyopt", "rsa_mgf1_md:sha512"}, "opened with your key"},
		{[]string{"cms", "-encrypt", "-aes-256-gcm", "-in", "in", "c.pem"}, "opened with your key"},
		{[]string{"cms", "-encrypt", "-aes-128-gcm", "-stream", "-keyid", "-in", "in", "ec.pem", "c.pem"}, "opened with your key"},
		{[]string{"cms", "-encrypt", "-aes256", "-in", "in", "ec.pem"}, "opened with your key of Ana Souza"},
		{[]string{"cms", "-encrypt", "-aes128", "-in", "in", "-recip", "ec.pem", "-keyopt", "ecdh_kdf_md:sha256"}, "opened with your key of Ana Souza"},
	} {
		cmd := exec.Command(openssl, tt.args...)
		cmd.Dir = dir
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("openssl %v: %v", tt.args, err)
		}
		content, words := told(t, h.opener(ec, h.ana), append([]byte("From: ana@example.test\r\n"), out...))
		if !strings.Contains(content, "The crane stands.") || !strings.Contains(words, tt.want) {
			t.Errorf("openssl %v: content %q, words %s", tt.args, content, words)
		}
	}
}

func TestCorpus(t *testing.T) {
	names, _ := filepath.Glob(filepath.Join("..", "..", "..", "..", "shared", "corpus", "eml", "*.eml"))
	if len(names) == 0 {
		t.Skip("the corpus of real mail is not present")
	}
	n := 0
	for _, path := range names {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		p := message.Protection(b)
		if p == nil || p.Kind != message.SMIME && p.Kind != message.SMIMESigned {
			continue
		}
		n++
		_, words := Opener{Now: now}.Open(p)
		if len(words) == 0 {
			t.Errorf("%s: not a word", filepath.Base(path))
		}
		for _, w := range words {
			t.Logf("%s: %d %s", filepath.Base(path), w.Tone, w.Text)
		}
	}
	if n < 20 {
		t.Errorf("only %d messages of the corpus were taken for S/MIME", n)
	}
}

// What a stranger sends as a signature neither ends the program nor holds it up.
// The library alone overflows the stack, or takes hours.
func TestNoSignatureHoldsTheReaderUp(t *testing.T) {
	const n = 2 << 20
	deep := bytes.Repeat([]byte{0x30, 0x80}, n)
	for name, b := range map[string][]byte{
		"nested without an end":  deep,
		"nested":                 append(deep, make([]byte, 2*n)...),
		"of very many parts":     append([]byte{0x30, 0x80}, bytes.Repeat([]byte{5, 0}, n)...),
		"of many, without zeros": append([]byte{0x30, 0x80}, bytes.Repeat([]byte{4, 1, 1}, mostPieces-9)...),
		"of a length too large":  {0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 5, 0},
	} {
		if _, words := (Opener{Now: now}).Open(&message.Protected{Kind: message.SMIME, Content: b}); len(words) != 1 || words[0].Tone != message.Doubt {
			t.Errorf("%s: %v", name, words)
		}
	}
}

// forger signs with a key that nobody has.
type forger struct{ *rsa.PublicKey }

func (f forger) Public() crypto.PublicKey { return f.PublicKey }

func (f forger) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return make([]byte, f.Size()), nil
}

// Half an hour for a message of 250 KB would be the price of such a key.
func TestNoKeyHoldsTheReaderUp(t *testing.T) {
	h := newHouse(t)
	n := new(big.Int).Lsh(big.NewInt(1), 1<<20)
	key := &rsa.PublicKey{N: n.Sub(n, big.NewInt(1)), E: 1<<31 - 1}
	cert := certify(t, &x509.Certificate{Subject: pkix.Name{CommonName: "Ana Souza"}, NotBefore: now, NotAfter: now.AddDate(9, 0, 0)}, h.ca, key, h.caKey)
	_, words := told(t, h.opener(), opaqueMail(h.sign(t, Key{cert, forger{key}}, false)))
	if !strings.Contains(words, "could not be checked: a key in it is longer") {
		t.Error(words)
	}
}

// An object whose ends are marked becomes one of known lengths, and one of those
// stays as it is.
func TestTranscoding(t *testing.T) {
	long := bytes.Repeat([]byte{7}, 300)
	var def []byte
	def = append(def, 0x30, 0x82, 0x01, 0x38, 0x24, 0x82, 0x01, 0x30, 4, 0x82, 0x01, 0x2C)
	def = append(append(def, long...), 0x1F, 0x81, 0x01, 0)
	indef := append([]byte{0x30, 0x80, 0x24, 0x80, 4, 0x83, 0, 0x01, 0x2C}, long...)
	indef = append(indef, 0, 0, 0x1F, 0x81, 0x01, 0, 0, 0)
	for name, b := range map[string][]byte{"marked ends": indef, "known lengths": def} {
		var out bytes.Buffer
		rest, err := new(transcoder).object(&out, append(b, 9, 9), 0)
		if err != nil || !bytes.Equal(out.Bytes(), def) || !bytes.Equal(rest, []byte{9, 9}) {
			t.Errorf("%s: %x, rest %x, %v", name, out.Bytes(), rest, err)
		}
	}
}

// Whatever an envelope holds, it is opened or it is not.
func FuzzEnvelope(f *testing.F) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	one := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: now.AddDate(1, 0, 0)}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		f.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, one, one, &key.PublicKey, key)
	if err != nil {
		f.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		f.Fatal(err)
	}
	data, err := pkcs7.Encrypt([]byte(inner), []*x509.Certificate{cert, cert})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte{0x30, 0x0B, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x03})
	f.Add([]byte{0x30, 0x0D, 0x06, 0x0B, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x01, 0x17})
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := readEnvelope(b)
		if e == nil || err != nil {
			return
		}
		for _, size := range []int{16, 24, 32} {
			_, _ = e.decrypt(make([]byte, size))
		}
		for _, r := range e.recipients {
			_, _ = r.contentKey(private)
		}
	})
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte("MIIB"), false)
	f.Fuzz(func(t *testing.T, b []byte, detached bool) {
		p := &message.Protected{Kind: message.SMIME, Content: b}
		if detached {
			p = &message.Protected{Kind: message.SMIMESigned, Content: []byte(inner), Signature: b}
		}
		_, words := Opener{Now: now}.Open(p)
		for _, w := range words {
			if w.Tone == message.Good {
				t.Fatalf("%s", w.Text)
			}
			if message.Clean(w.Text) != w.Text {
				t.Fatalf("%q is not clean", w.Text)
			}
		}
	})
}
