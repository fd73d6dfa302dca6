package ui_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/smallstep/pkcs7"

	"eas.example/securemail/activesync/message/smime"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/ui"
)

// anaKey is a key that nobody vouches for.
func anaKey(t *testing.T) smime.Key {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "Ana Souza"}, EmailAddresses: []string{"ana@example.test"},
		NotBefore: time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return smime.Key{Certificate: cert, Private: key}
}

func base64Lines(b []byte) string {
	s := base64.StdEncoding.EncodeToString(b)
	var out strings.Builder
	for len(s) > 76 {
		out.WriteString(s[:76] + "\n")
		s = s[76:]
	}
	return out.String() + s + "\n"
}

func settle() {
	time.Sleep(2 * time.Second)
	synctest.Wait()
}

const crane = "Content-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\nContent-Type: text/plain\r\n\r\nThe crane stands.\r\n--in\r\nContent-Type: text/csv; name=cranes.csv\r\nContent-Disposition: attachment; filename=cranes.csv\r\n\r\n1;2\r\n--in--\r\n"

// encrypted is a message to whoever has a key.
func encrypted(t *testing.T, key smime.Key) []byte {
	t.Helper()
	pkcs7.ContentEncryptionAlgorithm = pkcs7.EncryptionAlgorithmAES256CBC
	data, err := pkcs7.Encrypt([]byte(crane), []*x509.Certificate{key.Certificate})
	if err != nil {
		t.Fatal(err)
	}
	return letter("Secret", "MIME-Version: 1.0\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\nContent-Transfer-Encoding: base64\n\n"+base64Lines(data))
}

// signedOpaque is a message that key signed, with its text inside of the signature.
func signedOpaque(t *testing.T, key smime.Key) []byte {
	t.Helper()
	s, err := pkcs7.NewSignedData([]byte(crane))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.AddSigner(key.Certificate, key.Private, pkcs7.SignerInfoConfig{}); err != nil {
		t.Fatal(err)
	}
	data, err := s.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return letter("Signed", "MIME-Version: 1.0\nContent-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\nContent-Transfer-Encoding: base64\n\n"+base64Lines(data))
}

func TestEncryptedMailIsOpened(t *testing.T) {
	key := anaKey(t)
	mail := encrypted(t, key)
	keys := func() ([]smime.Key, error) { return []smime.Key{key}, nil }
	reading(t, mail, ui.Deps{Keys: keys}, func(d *driver) {
		settle()
		d.want("✓ Encrypted (S/MIME); opened with your key of Ana Souza <ana@example.test>.", "The crane stands.", "cranes.csv")
		d.lacks("smime.p7m", "could not")
	})
	reading(t, mail, ui.Deps{}, func(d *driver) {
		settle()
		d.want("▲ This message is encrypted (S/MIME), and no key of yours is set up.")
		d.lacks("The crane stands.")
	})
}

// keyFiles is a ui.MailKeys of one key that opens with "secret".
type keyFiles struct {
	key    smime.Key
	added  string
	opened bool
}

func (f *keyFiles) keys() ([]smime.Key, error) {
	if !f.opened {
		return nil, nil
	}
	return []smime.Key{f.key}, nil
}

func (f *keyFiles) shown() ui.MailKey {
	k := ui.MailKey{File: f.added, Locked: true}
	if f.opened {
		k = ui.MailKey{File: f.added, Owner: f.key.Owner(), Until: f.key.Certificate.NotAfter}
	}
	return k
}

func (f *keyFiles) List(context.Context) ([]ui.MailKey, error) {
	if f.added == "" {
		return nil, nil
	}
	return []ui.MailKey{f.shown()}, nil
}

func (f *keyFiles) Add(_ context.Context, file, _, password string) (ui.MailKey, error) {
	if password != "secret" {
		return ui.MailKey{}, fmt.Errorf("read %s: %w", file, smime.ErrPassword)
	}
	f.added, f.opened = file, true
	return f.shown(), nil
}

func (f *keyFiles) Remove(string) error {
	f.added, f.opened = "", false
	return nil
}

// Who gets an encrypted message and set up no key is told how, there and then.
func TestAKeyIsGivenWhereItIsNeeded(t *testing.T) {
	f := &keyFiles{key: anaKey(t)}
	reading(t, encrypted(t, f.key), ui.Deps{Keys: f.keys, MailKeys: f}, func(d *driver) {
		settle()
		d.want("no key of yours is set up", "P open it with your key")
		d.click("open it with")
		settle()
		d.want("Add a key", ".p12 or .pfx, or .pem")
		d.write("/home/alice/ana.p12")
		d.press("enter")
		settle()
		d.want("Password of ana.p12")
		d.write("wrong")
		d.press("enter")
		settle()
		d.want("That password does not open it.")
		d.write("secret")
		d.press("enter")
		settle()
		d.want("✓ Encrypted (S/MIME); opened with your key of Ana Souza <ana@example.test>.", "The crane stands.", "Your key: Ana Souza <ana@example.test>.")
		d.lacks("P open it")

		f.opened = false // as after a start
		d.press("esc", "4")
		settle()
		d.press("j", "j", "j", "j", "j", "enter")
		settle()
		d.want("Your keys for encrypted mail (S/MIME)", "ana.p12  its password is needed", "Add a key")
	})
}

// An answer to a message whose text stands inside of its signature quotes that text,
// opened before or not, and sends back the files that were in it.
func TestAnswerToSignedMailQuotesWhatWasInside(t *testing.T) {
	mail := signedOpaque(t, anaKey(t))
	reading(t, mail, ui.Deps{}, func(d *driver) {
		settle()
		d.want("The crane stands.")
		d.press("r")
		settle()
		d.want("Re: Signed", "> The crane stands.")
		d.press("esc")
		settle()
		d.press("right", "right", "enter")
		settle()
		d.press("R")
		settle()
		d.want("> The crane stands.", "cranes.csv")
		d.lacks("smime.p7m")
		d.press("esc")
		settle()
		d.press("right", "right", "enter")
		settle()
		d.press("f")
		settle()
		d.want("Fwd: Signed", "Forwarded message", "The crane stands.", "cranes.csv")
		d.lacks("smime.p7m")
	})
	synctest.Test(t, func(t *testing.T) {
		d := newDriver(t, server.Config{})
		if _, err := d.box.Deliver("Inbox", server.Mail(mail), false); err != nil {
			t.Fatal(err)
		}
		d.open(80, 24, ui.Deps{})
		defer d.close()
		d.press("r") // before it was opened
		settle()
		d.want("> The crane stands.")
	})
}

// What was encrypted does not go out in the clear unasked.
func TestAnswerToEncryptedMailQuotesNothing(t *testing.T) {
	key := anaKey(t)
	reading(t, encrypted(t, key), ui.Deps{Keys: func() ([]smime.Key, error) { return []smime.Key{key}, nil }}, func(d *driver) {
		settle()
		d.want("The crane stands.")
		d.press("r")
		settle()
		d.want("Re: Secret", "It was encrypted and this will not be, so nothing of it is quoted.")
		d.lacks("wrote:", "The crane stands.")
		d.press("esc")
		settle()
		d.press("right", "right", "enter")
		settle()
		d.press("ctrl+e")
		settle()
		d.want("New message", "nothing of it is quoted.")
		d.lacks("The crane stands.", "smime.p7m", "cranes.csv")
		d.press("esc")
		settle()
		d.press("right", "right", "enter")
		settle()
		d.press("f")
		settle()
		d.want("Fwd: Secret", "smime.p7m", "goes on as it is: only who has its key can read it.")
		d.lacks("The crane stands.", "cranes.csv")
	})
}

func TestSignatureIsChecked(t *testing.T) {
	key := anaKey(t)
	s, err := pkcs7.NewSignedData([]byte(crane))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.AddSigner(key.Certificate, key.Private, pkcs7.SignerInfoConfig{}); err != nil {
		t.Fatal(err)
	}
	s.Detach()
	sig, err := s.Finish()
	if err != nil {
		t.Fatal(err)
	}
	mail := letter("Signed", "MIME-Version: 1.0\nContent-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=out\n\n--out\n"+
		strings.ReplaceAll(crane, "\r\n", "\n")+"\n--out\nContent-Type: application/pkcs7-signature; name=smime.p7s\nContent-Disposition: attachment; filename=smime.p7s\nContent-Transfer-Encoding: base64\n\n"+base64Lines(sig)+"--out--\n")
	reading(t, mail, ui.Deps{}, func(d *driver) {
		settle()
		d.want("Signed (S/MIME) and not changed since, but nobody this machine trusts", "The crane stands.", "cranes.csv")
		d.lacks("smime.p7s")
	})
	changed := []byte(strings.Replace(string(mail), "crane stands", "crane  fell", 1))
	reading(t, changed, ui.Deps{}, func(d *driver) {
		settle()
		d.want("▲ The signature (S/MIME) does not fit")
	})
}

func TestReportIsToldInWords(t *testing.T) {
	mail := []byte(strings.ReplaceAll(`From: Mail Delivery System <MAILER-DAEMON@mx.example.test>
To: alice@example.test
Subject: Undelivered Mail Returned to Sender
Date: Mon, 2 Mar 2026 10:00:00 +0000
Message-ID: <2@mx.example.test>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

This is the mail system.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.test

Final-Recipient: rfc822; ben@example.test
Action: failed
Status: 5.2.2
Diagnostic-Code: smtp; 552 5.2.2 Mailbox full

--b
Content-Type: text/rfc822-headers

Subject: Quay
To: ben@example.test

--b--
`, "\n", "\r\n"))
	reading(t, mail, ui.Deps{}, func(d *driver) {
		settle()
		d.want("ben@example.test did not get “Quay”", "The mailbox there is full. Send it again in a few days", "Its words: 5.2.2 552 5.2.2 Mailbox full")
	})
}

func TestAttachedMessageIsShown(t *testing.T) {
	mail := letter("See attached", "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nBen wrote this.\n--b\nContent-Type: message/rfc822\nContent-Disposition: attachment; filename=\"Quay.eml\"\n\nFrom: Ben Ito <ben@example.test>\nTo: ana@example.test\nSubject: The inner quay\nDate: Mon, 2 Mar 2026 10:00:00 +0000\nContent-Type: multipart/mixed; boundary=c\n\n--c\nContent-Type: text/plain\n\nText of the inner one.\n--c\nContent-Type: text/csv; name=inner.csv\nContent-Disposition: attachment; filename=inner.csv\n\n1;2\n--c--\n--b--\n")
	reading(t, mail, ui.Deps{}, func(d *driver) {
		settle()
		d.want("Ben wrote this.", "Quay.eml")
		d.press("M")
		settle()
		d.want("The inner quay", "Ben Ito", "Text of the inner one.", "inner.csv")
		d.lacks("Ben wrote this.")
		d.press("esc")
		settle()
		d.want("See attached", "Ben wrote this.")
		d.press("esc")
		d.want("See attached  Ben wrote this.")
	})
}

func TestCalendarPartIsACard(t *testing.T) {
	mail := letter("Audit", "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nPlease come.\n--b\nContent-Type: text/calendar; name=invite.ics\nContent-Disposition: attachment; filename=invite.ics\n\nBEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:1@example.test\nDTSTAMP:20260302T100000Z\nDTSTART:20260309T090000Z\nDTEND:20260309T100000Z\nSUMMARY:Audit\nLOCATION:Room 4\nORGANIZER;CN=Ben Ito:mailto:ben@example.test\nEND:VEVENT\nEND:VCALENDAR\n--b--\n")
	reading(t, mail, ui.Deps{}, func(d *driver) {
		settle()
		d.want("Invitation", "09:00–10:00", "Room 4", "organised by Ben Ito", "Please come.")
	})
}
