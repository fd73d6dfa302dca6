package cli

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"eas.example/securemail/activesync/message/smime"
	"eas.example/securemail/store/config"
)

// anaKey is a PKCS #12 file with a password.
func anaKey(t *testing.T, password string) (path string, cert *x509.Certificate, private *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Ana"}, NotAfter: time.Now().AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	if cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	p12, err := pkcs12.Modern.Encode(key, cert, nil, password)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "ana.p12")
	if err := os.WriteFile(path, p12, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, cert, key
}

// The password of a PKCS #12 file is the first line that a command prints; a
// key that cannot be read does not hide the others.
func TestMailKeys(t *testing.T) {
	path, cert, _ := anaKey(t, "two words")
	file := filepath.Join(t.TempDir(), "config.toml")
	if err := config.Save(file, config.Config{SMIME: []config.SMIME{
		{PKCS12: path + ".gone"},
		{PKCS12: path, PasswordCommand: []string{"printf", "two words\\nand a line"}},
		{PKCS12: path, PasswordCommand: []string{"printf", "wrong"}},
	}}); err != nil {
		t.Fatal(err)
	}
	keys, err := newMailKeys(file).Keys(t.Context())
	if len(keys) != 1 || !keys[0].Certificate.Equal(cert) {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	if err == nil {
		t.Error("not a word on the others")
	}
}

// A key is set up by its file: what is missing is asked for, the configuration names
// the file and no password, and a new start asks for that again.
func TestMailKeysAreSetUp(t *testing.T) {
	ctx := t.Context()
	path, cert, private := anaKey(t, "secret")
	file := filepath.Join(t.TempDir(), "config.toml")
	m := newMailKeys(file)
	for _, password := range []string{"", "wrong"} {
		if _, err := m.Add(ctx, path, "", password); !errors.Is(err, smime.ErrPassword) {
			t.Fatalf("password %q: %v", password, err)
		}
	}
	if list, err := m.List(ctx); err != nil || len(list) != 0 {
		t.Errorf("what cannot be opened is set up all the same: %v, %v", list, err)
	}
	if k, err := m.Add(ctx, path, "", "secret"); err != nil || k.Owner != "Ana" {
		t.Fatalf("%+v, %v", k, err)
	}
	if keys, err := m.Keys(ctx); err != nil || len(keys) != 1 {
		t.Errorf("%d keys, %v", len(keys), err)
	}
	if b, err := os.ReadFile(file); err != nil || strings.Contains(string(b), "secret") || !strings.Contains(string(b), path) {
		t.Errorf("the configuration is %s, %v", b, err)
	}
	next := newMailKeys(file)
	if list, err := next.List(ctx); err != nil || len(list) != 1 || !list[0].Locked {
		t.Errorf("after a start: %+v, %v", list, err)
	}
	if _, err := next.Add(ctx, path, "", "secret"); err != nil {
		t.Fatal(err)
	}
	if list, err := next.List(ctx); err != nil || len(list) != 1 || list[0].Owner != "Ana" {
		t.Errorf("unlocked: %+v, %v", list, err)
	}
	if err := next.Remove(path); err != nil {
		t.Fatal(err)
	}
	if keys, err := next.Keys(ctx); err != nil || len(keys) != 0 {
		t.Errorf("removed: %d keys, %v", len(keys), err)
	}

	// A certificate whose key lies elsewhere.
	dir := t.TempDir()
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: cert.Raw}, "key.pem": {Type: "PRIVATE KEY", Bytes: der}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.Add(ctx, dir+"/cert.pem", "", ""); !errors.Is(err, smime.ErrNoKey) {
		t.Errorf("a certificate alone: %v", err)
	}
	if k, err := m.Add(ctx, dir+"/cert.pem", dir+"/key.pem", ""); err != nil || k.Owner != "Ana" {
		t.Errorf("%+v, %v", k, err)
	}
}
