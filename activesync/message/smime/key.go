package smime

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"

	"software.sslmate.com/src/go-pkcs12"
)

// Key is a certificate of the person with its private key.
type Key struct {
	Certificate *x509.Certificate
	Private     crypto.PrivateKey
}

// Owner is whose key it is: name and address.
func (k Key) Owner() string { return name(k.Certificate) }

// What a file of keys lacks.
var (
	// ErrPassword: it opens with another password, or with one at all.
	ErrPassword = errors.New("its password is needed")
	// ErrNoKey: there is a certificate in it at most.
	ErrNoKey = errors.New("there is no private key in it that can be read; keys with a password belong into a PKCS #12 file")

	errNoCertificate = errors.New("there is no certificate in it")
	errOtherKey      = errors.New("the key is not that of the certificate")
)

// LoadKey reads a certificate and its key from files, PEM or DER.
func LoadKey(certificate, key string) (Key, error) {
	c, err := os.ReadFile(certificate)
	if err != nil {
		return Key{}, fmt.Errorf("read the certificate: %w", err)
	}
	b, err := os.ReadFile(key)
	if err != nil {
		return Key{}, fmt.Errorf("read the key: %w", err)
	}
	cert, err := parseCertificate(c)
	if err != nil {
		return Key{}, fmt.Errorf("read %s: %w", certificate, err)
	}
	private, err := parseKey(b)
	if err != nil {
		return Key{}, fmt.Errorf("read %s: %w", key, err)
	}
	return pair(cert, private)
}

// LoadPKCS12 reads a PKCS #12 file (.p12, .pfx).
func LoadPKCS12(path, password string) (Key, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return Key{}, fmt.Errorf("read the key: %w", err)
	}
	private, cert, _, err := pkcs12.DecodeChain(b, password)
	if errors.Is(err, pkcs12.ErrIncorrectPassword) {
		err = ErrPassword
	}
	if err != nil {
		return Key{}, fmt.Errorf("read %s: %w", path, err)
	}
	return pair(cert, private)
}

// HoldsCertificate reports whether a file is one of certificates, PEM or DER, and
// not PKCS #12.
func HoldsCertificate(b []byte) bool {
	_, err := parseCertificate(b)
	return err == nil
}

func pair(cert *x509.Certificate, private any) (Key, error) {
	s, ok := private.(crypto.Signer)
	if !ok {
		return Key{}, ErrNoKey
	}
	if p, ok := s.Public().(interface{ Equal(crypto.PublicKey) bool }); !ok || !p.Equal(cert.PublicKey) {
		return Key{}, errOtherKey
	}
	return Key{Certificate: cert, Private: private}, nil
}

func parseCertificate(b []byte) (*x509.Certificate, error) {
	for rest := b; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type == "CERTIFICATE" {
			return x509.ParseCertificate(block.Bytes)
		}
	}
	if c, err := x509.ParseCertificate(b); err == nil {
		return c, nil
	}
	return nil, errNoCertificate
}

func parseKey(b []byte) (any, error) {
	for rest := b; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if k, err := keyOf(block.Bytes); err == nil {
			return k, nil
		}
	}
	return keyOf(b)
}

func keyOf(der []byte) (any, error) {
	if k, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return k, nil
	}
	if k, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return k, nil
	}
	if k, err := x509.ParseECPrivateKey(der); err == nil {
		return k, nil
	}
	return nil, ErrNoKey
}
