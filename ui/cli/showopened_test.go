package cli

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/smallstep/pkcs7"

	"eas.example/securemail/activesync/server"
)

// `show` opens what is encrypted for the person, and says what was verified.
func TestShowOpensEncryptedMail(t *testing.T) {
	r := newContactsRun(t)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "Alice"}, EmailAddresses: []string{"alice@example.test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	data, err := pkcs7.Encrypt([]byte("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nThe crane stands.\r\n"+
		"--b\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename=cranes.csv\r\n\r\n1;2\r\n--b--\r\n"), []*x509.Certificate{cert})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.box.Deliver("Inbox", server.Mail([]byte("From: ana@example.test\r\nTo: alice@example.test\r\nSubject: Secret\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n"+base64.StdEncoding.EncodeToString(data)+"\r\n")), false); err != nil {
		t.Fatal(err)
	}
	r.must("sync", "inbox")
	var rows []struct{ ID string }
	if err := json.Unmarshal([]byte(r.must("list", "--json")), &rows); err != nil || len(rows) != 1 {
		t.Fatalf("%v, %v", rows, err)
	}
	if out := r.must("show", rows[0].ID); !strings.Contains(out, "Checked: This message is encrypted (S/MIME), and no key of yours is set up.") {
		t.Errorf("without a key it shows\n%s", out)
	}
	if out := r.must("attachment", "list", rows[0].ID); !strings.Contains(out, "smime.p7m") {
		t.Errorf("without a key the files are\n%s", out)
	}
	dir := t.TempDir()
	for name, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: der}, "key.pem": {Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	config := filepath.Join(r.dir, "config.toml")
	old, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, append(old, "\n[[smime]]\ncertificate = '"+dir+"/cert.pem'\nkey = '"+dir+"/key.pem'\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := r.must("show", rows[0].ID); !strings.Contains(out, "Checked: Encrypted (S/MIME); opened with your key of Alice <alice@example.test>.") || !strings.Contains(out, "\n\nThe crane stands.\n") {
		t.Errorf("it shows\n%s", out)
	}
	if out := r.must("show", "--json", rows[0].ID); !strings.Contains(out, `"checked":[{"tone":"good","words":"Encrypted (S/MIME); opened`) || !strings.Contains(out, `"text":"The crane stands.`) {
		t.Errorf("as JSON it shows\n%s", out)
	}
	if out := r.must("attachment", "list", rows[0].ID); !strings.Contains(out, "cranes.csv") || strings.Contains(out, "smime.p7m") {
		t.Errorf("the files are\n%s", out)
	}
	r.must("attachment", "save", rows[0].ID, "all", dir)
	if b, err := os.ReadFile(filepath.Join(dir, "cranes.csv")); err != nil || strings.TrimSpace(string(b)) != "1;2" {
		t.Errorf("the file that was inside: %q, %v", b, err)
	}
}
