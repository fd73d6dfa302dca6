package smime

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/subtle"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/smallstep/pkcs7"
)

// mostSigners is how many signatures of one message are checked: each takes a look
// at all of it.
const mostSigners = 16

// longestKey is how many bits an RSA key may have, as for TLS in the standard
// library: the time that a longer one takes grows by the square of its length.
const longestKey = 8192

var (
	errSigners   = errors.New("more people signed it than are looked at")
	errLongKey   = errors.New("a key in it is longer than any that is in use")
	errNobody    = errors.New("nobody signed it")
	errNoSigner  = errors.New("the certificate of the signer is missing")
	errSignature = errors.New("the signature is not by that key")
)

// lateError: the signature fits, and was made when its certificate was not valid, as
// it says itself.
type lateError struct{ at time.Time }

func (e *lateError) Error() string {
	return "it says it was signed on " + e.at.Format("2 January 2006") + ", when the certificate was not valid"
}

// mismatch reports whether an error means that signature and content do not
// belong together.
func mismatch(err error) bool { return errors.Is(err, errSignature) }

// verify checks all signatures. The library would do so, but believes a signature
// made out of time without a look, and does not know RSASSA-PSS.
func verify(p7 *pkcs7.PKCS7) error {
	if len(p7.Signers) > mostSigners {
		return errSigners
	}
	if len(p7.Signers) == 0 {
		return errNobody
	}
	for _, c := range p7.Certificates {
		if k, ok := c.PublicKey.(*rsa.PublicKey); ok && k.N.BitLen() > longestKey {
			return errLongKey
		}
	}
	var late error
	for i := range p7.Signers {
		switch err := verifyOne(p7, i); {
		case errors.As(err, new(*lateError)):
			late = err
		case err != nil:
			return err
		}
	}
	return late
}

// verifyOne checks one signature (RFC 5652 5.4 and 5.6).
func verifyOne(p7 *pkcs7.PKCS7, i int) error {
	s := p7.Signers[i]
	at := slices.IndexFunc(p7.Certificates, func(c *x509.Certificate) bool {
		return s.IssuerAndSerialNumber.SerialNumber != nil && c.SerialNumber.Cmp(s.IssuerAndSerialNumber.SerialNumber) == 0 &&
			bytes.Equal(c.RawIssuer, s.IssuerAndSerialNumber.IssuerName.FullBytes)
	})
	if at < 0 {
		return errNoSigner
	}
	cert := p7.Certificates[at]
	hash, err := hashOf(s.DigestAlgorithm.Algorithm)
	if err != nil {
		return err
	}
	signed := p7.Content
	var when time.Time
	if len(s.AuthenticatedAttributes) > 0 {
		var digest []byte
		for _, a := range s.AuthenticatedAttributes {
			switch {
			case a.Type.Equal(pkcs7.OIDAttributeMessageDigest):
				if _, err := asn1.Unmarshal(a.Value.Bytes, &digest); err != nil {
					return fmt.Errorf("read the digest: %w", err)
				}
			case a.Type.Equal(pkcs7.OIDAttributeSigningTime):
				if _, err := asn1.Unmarshal(a.Value.Bytes, &when); err != nil {
					when = time.Time{}
				}
			}
		}
		if subtle.ConstantTimeCompare(digest, sum(hash, signed)) != 1 {
			return errSignature
		}
		if signed, err = asn1.MarshalWithParams(s.AuthenticatedAttributes, "set"); err != nil {
			return fmt.Errorf("read the signed attributes: %w", err)
		}
	}
	if err := fits(cert.PublicKey, s.DigestEncryptionAlgorithm.Algorithm, hash, sum(hash, signed), s.EncryptedDigest); err != nil {
		return err
	}
	if !when.IsZero() && (when.After(cert.NotAfter) || when.Before(cert.NotBefore)) {
		return &lateError{when}
	}
	return nil
}

func sum(hash crypto.Hash, b []byte) []byte {
	h := hash.New()
	h.Write(b)
	return h.Sum(nil)
}

var (
	oidPSS = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}
	// oidRSA begins those of RSA with a hash, and without one.
	oidRSA = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1}
)

func hashOf(oid asn1.ObjectIdentifier) (crypto.Hash, error) {
	if h, ok := hashes[oid.String()]; ok {
		return h, nil
	}
	return 0, strange("the hash of the signature", oid)
}

// fits checks a signature with the key of its certificate.
func fits(public any, oid asn1.ObjectIdentifier, hash crypto.Hash, digest, signature []byte) error {
	ok := false
	switch k := public.(type) {
	case *rsa.PublicKey:
		switch {
		case oid.Equal(oidPSS):
			ok = rsa.VerifyPSS(k, hash, digest, signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthAuto}) == nil
		case len(oid) == len(oidRSA)+1 && oid[:len(oidRSA)].Equal(oidRSA):
			ok = rsa.VerifyPKCS1v15(k, hash, digest, signature) == nil
		default:
			return strange("the algorithm of the signature", oid)
		}
	case *ecdsa.PublicKey:
		ok = ecdsa.VerifyASN1(k, digest, signature)
	default:
		return strange("the algorithm of the signature", oid)
	}
	if !ok {
		return errSignature
	}
	return nil
}
