package smime

import (
	"crypto/x509"
	"errors"
	"strings"
	"time"

	"github.com/smallstep/pkcs7"

	"eas.example/securemail/activesync/message"
)

// Opener is what opening depends on.
type Opener struct {
	Keys []Key
	// From are the addresses that the message says it comes from.
	From []string
	Now  time.Time
	// Roots are the authorities that are trusted; nil are those of the system.
	Roots *x509.CertPool
}

// signer says whose certificate it is and who vouches for it.
func (o Opener) signer(p7 *pkcs7.PKCS7, cert *x509.Certificate) []message.Word {
	who := name(cert)
	var at time.Time
	if err := p7.UnmarshalSignedAttribute(pkcs7.OIDAttributeSigningTime, &at); err != nil {
		at = time.Time{}
	}
	by, expired, err := o.vouched(p7, cert, at)
	var words []message.Word
	switch {
	case err != nil:
		words = say(message.Doubt, "Signed (S/MIME) and not changed since, but nobody this machine trusts vouches that the key is that of %s: %s.", who, untrusted(err))
	case expired:
		words = say(message.Doubt, "Signed (S/MIME) by %s and not changed since. %s vouched for that until %s; by then it says it was signed.", who, by, cert.NotAfter.Format("2 January 2006"))
	default:
		words = say(message.Good, "Signed (S/MIME) by %s and not changed since. %s vouches for that, which this machine trusts; whether the certificate was revoked was not asked.", who, by)
	}
	if addresses := mailOf(cert); len(o.From) > 0 && !overlap(addresses, o.From) {
		said := "no address"
		if len(addresses) > 0 {
			said = strings.Join(addresses, ", ")
		}
		words = append(words, say(message.Bad, "The certificate is for %s, the message comes from %s.", said, strings.Join(o.From, ", "))...)
	}
	return words
}

// vouched is who vouches for a certificate. expired says that they did so at
// the time of signing, but no longer do.
func (o Opener) vouched(p7 *pkcs7.PKCS7, cert *x509.Certificate, signed time.Time) (by string, expired bool, err error) {
	opts := x509.VerifyOptions{Roots: o.Roots, Intermediates: x509.NewCertPool(), CurrentTime: o.Now,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}}
	for _, c := range p7.Certificates {
		opts.Intermediates.AddCert(c)
	}
	chains, err := cert.Verify(opts)
	invalid, ok := errors.AsType[x509.CertificateInvalidError](err)
	if ok && invalid.Reason == x509.Expired && !signed.IsZero() && signed.Before(o.Now) {
		opts.CurrentTime, expired = signed, true
		chains, err = cert.Verify(opts)
	}
	if err != nil {
		return "", false, err
	}
	root := chains[0][len(chains[0])-1]
	return authority(root), expired, nil
}

func untrusted(err error) string {
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		switch invalid.Reason {
		case x509.Expired:
			return "the certificate is not valid any more or not yet"
		case x509.IncompatibleUsage:
			return "the certificate is not meant for mail"
		}
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "the authority that made the certificate is not known"
	}
	return strings.TrimPrefix(err.Error(), "x509: ")
}

// name is whose certificate it is: name and address.
func name(c *x509.Certificate) string {
	who := strings.TrimSpace(c.Subject.CommonName)
	addresses := mailOf(c)
	switch {
	case len(addresses) == 0 || len(addresses) > 0 && strings.EqualFold(who, addresses[0]):
	case who == "":
		who = addresses[0]
	default:
		who += " <" + addresses[0] + ">"
	}
	if who == "" {
		who = c.Subject.String()
	}
	return message.Clean(who)
}

func authority(c *x509.Certificate) string {
	for _, s := range append([]string{c.Subject.CommonName}, c.Subject.Organization...) {
		if s = strings.TrimSpace(s); s != "" {
			return "“" + message.Clean(s) + "”"
		}
	}
	return "“" + message.Clean(c.Subject.String()) + "”"
}

// mailOf are the addresses that a certificate is for.
func mailOf(c *x509.Certificate) []string {
	out := append([]string(nil), c.EmailAddresses...)
	for _, a := range c.Subject.Names {
		if s, ok := a.Value.(string); ok && a.Type.String() == "1.2.840.113549.1.9.1" {
			out = append(out, s)
		}
	}
	for i := range out {
		out[i] = message.Clean(out[i])
	}
	return out
}

func overlap(a, b []string) bool {
	for _, x := range a {
		for _, y := range b {
			if strings.EqualFold(x, y) {
				return true
			}
		}
	}
	return false
}
