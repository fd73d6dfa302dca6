package server

import (
	"crypto/x509"
	"encoding/base64"
	"errors"
	"slices"
	"time"

	"eas.example/securemail/activesync/wire"
)

// maxCertificates is how many certificates one ValidateCert may name.
const maxCertificates = 100

// validateCert tells whether certificates are good for mail (MS-ASCMD
// 2.2.1.22). Revocation is not known here: who wants it checked is told so.
func (x *exchange) validateCert() *reply {
	var req wire.ValidateCertRequest
	if x.decode(&req) != nil || len(req.Certificates) == 0 || len(req.Certificates) > maxCertificates {
		return document(&wire.ValidateCertResponse{Status: 2})
	}
	chain := x509.NewCertPool()
	for _, text := range req.Chain {
		if c, err := readCertificate(text); err == nil {
			chain.AddCert(c)
		}
	}
	out := &wire.ValidateCertResponse{Status: 1}
	for _, text := range req.Certificates {
		status := x.s.judge(text, chain)
		if status == 1 && req.CheckCRL {
			status = 16
		}
		out.Certificates = append(out.Certificates, wire.CertificateStatus{Status: status})
	}
	return document(out)
}

func readCertificate(text string) (*x509.Certificate, error) {
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// judge is the status of one certificate.
func (s *Server) judge(text string, chain *x509.CertPool) int {
	c, err := readCertificate(text)
	if err != nil {
		return 10
	}
	forMail := []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}
	now := time.Now()
	roots := s.cfg.Roots
	if roots == nil {
		roots = x509.NewCertPool()
	}
	_, err = c.Verify(x509.VerifyOptions{Roots: roots, Intermediates: chain, CurrentTime: now, KeyUsages: forMail})
	var invalid x509.CertificateInvalidError
	switch {
	case now.Before(c.NotBefore) || now.After(c.NotAfter):
		return 7
	case err == nil:
		return 1
	case len(c.ExtKeyUsage) > 0 && !slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageEmailProtection) && !slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny):
		return 6
	case errors.As(err, &invalid):
		switch invalid.Reason {
		case x509.Expired:
			return 8
		case x509.IncompatibleUsage:
			return 9
		case x509.NotAuthorizedToSign:
			return 11
		}
		return 5
	}
	return 4
}
