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

var (
	errNoCertificate = errors.New("there is no certificate in it")
	errNoKey         = errors.New("there is no private key in it that can be read; keys with a password belong into a PKCS #12 file")
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
	if err != nil {
		return Key{}, fmt.Errorf("read %s: %w", path, err)
	}
	return pair(cert, private)
}

func pair(cert *x509.Certificate, private any) (Key, error) {
	s, ok := private.(crypto.Signer)
	if !ok {
		return Key{}, errNoKey
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
	return nil, errNoKey
}
