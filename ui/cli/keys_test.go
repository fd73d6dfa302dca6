package cli

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"eas.example/securemail/store/config"
)

// The password of a PKCS #12 file is the first line that a command prints; a
// key that cannot be read does not hide the others.
func TestMailKeys(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Ana"}, NotAfter: time.Now().AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	p12, err := pkcs12.Modern.Encode(key, cert, nil, "two words")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "ana.p12")
	if err := os.WriteFile(path, p12, 0o600); err != nil {
		t.Fatal(err)
	}
	keys, err := mailKeys(t.Context(), []config.SMIME{
		{PKCS12: path + ".gone"},
		{PKCS12: path, PasswordCommand: []string{"printf", "two words\\nand a line"}},
		{PKCS12: path, PasswordCommand: []string{"printf", "wrong"}},
	})
	if len(keys) != 1 || !keys[0].Certificate.Equal(cert) {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	if err == nil {
		t.Error("not a word on the others")
	}
}
