package smime

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// What an encrypted object is called (RFC 5652 6.1, RFC 5083 2.1).
var (
	oidEnveloped     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 3}
	oidAuthEnveloped = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 23}
)

// Tags of what is told apart by its place.
var (
	context0 = cbasn1.Tag(0).ContextSpecific()
	choice0  = context0.Constructed()
	choice1  = cbasn1.Tag(1).ContextSpecific().Constructed()
)

var errEnvelope = errors.New("its parts are not in the order of an encrypted message")

// envelope is EnvelopedData or AuthEnvelopedData.
type envelope struct {
	recipients []recipient
	cipher     algorithm
	content    []byte
	// Of AuthEnvelopedData: what is authenticated besides, and the code.
	attributes, mac []byte
}

// algorithm is an AlgorithmIdentifier, whole and its parameters.
type algorithm struct {
	oid           asn1.ObjectIdentifier
	whole, params []byte
}

// recipient is one who can open it: by the key of a certificate (ktri), or by a key
// agreed on with it (kari), then with the sender's key and what they added.
type recipient struct {
	id        identifier
	wrap      algorithm
	encrypted []byte
	agreed    bool
	sender    []byte // the public key, a point
	ukm       []byte // UserKeyingMaterial
}

// identifier is whose certificate is meant: by issuer and number, or by the key.
type identifier struct {
	issuer []byte
	serial *big.Int
	key    []byte
}

// names reports whether a certificate is meant.
func (i identifier) names(c *x509.Certificate) bool {
	if i.serial != nil {
		return bytes.Equal(i.issuer, c.RawIssuer) && i.serial.Cmp(c.SerialNumber) == 0
	}
	return len(i.key) > 0 && bytes.Equal(i.key, c.SubjectKeyId)
}

// readEnvelope reads an object in DER; it is nil where the object is no encrypted
// one.
func readEnvelope(der []byte) (*envelope, error) {
	s := cryptobyte.String(der)
	var info, explicit, data, recipients, content cryptobyte.String
	var kind asn1.ObjectIdentifier
	if !s.ReadASN1(&info, cbasn1.SEQUENCE) || !info.ReadASN1ObjectIdentifier(&kind) || !kind.Equal(oidEnveloped) && !kind.Equal(oidAuthEnveloped) {
		return nil, nil
	}
	var version int
	if !info.ReadASN1(&explicit, choice0) || !explicit.ReadASN1(&data, cbasn1.SEQUENCE) || !data.ReadASN1Integer(&version) || !data.SkipOptionalASN1(choice0) ||
		!data.ReadASN1(&recipients, cbasn1.SET) || !data.ReadASN1(&content, cbasn1.SEQUENCE) {
		return nil, errEnvelope
	}
	e := &envelope{}
	for !recipients.Empty() {
		var r cryptobyte.String
		var tag cbasn1.Tag
		if !recipients.ReadAnyASN1(&r, &tag) {
			return nil, errEnvelope
		}
		switch tag {
		case cbasn1.SEQUENCE:
			if one, ok := keyTransport(r); ok {
				e.recipients = append(e.recipients, one)
			}
		case choice1:
			e.recipients = append(e.recipients, keyAgreement(r)...)
		} // others are for passwords and shared keys
	}
	var inner asn1.ObjectIdentifier
	var ok bool
	if !content.ReadASN1ObjectIdentifier(&inner) {
		return nil, errEnvelope
	}
	if e.cipher, ok = readAlgorithm(&content); !ok {
		return nil, errEnvelope
	}
	if e.content, ok = pieces(content); !ok {
		return nil, errEnvelope
	}
	if kind.Equal(oidAuthEnveloped) {
		var there bool
		var attributes, mac cryptobyte.String
		if !data.ReadOptionalASN1(&attributes, &there, choice1) || !data.ReadASN1(&mac, cbasn1.OCTET_STRING) {
			return nil, errEnvelope
		}
		e.mac = mac
		if there { // authenticated as a set (RFC 5083 2.2)
			var b cryptobyte.Builder
			b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) { b.AddBytes(attributes) })
			if e.attributes, _ = b.Bytes(); e.attributes == nil {
				return nil, errEnvelope
			}
		}
	}
	return e, nil
}

func readAlgorithm(s *cryptobyte.String) (a algorithm, ok bool) {
	var whole, inside cryptobyte.String
	if !s.ReadASN1Element(&whole, cbasn1.SEQUENCE) {
		return a, false
	}
	a.whole = whole
	if !whole.ReadASN1(&inside, cbasn1.SEQUENCE) || !inside.ReadASN1ObjectIdentifier(&a.oid) {
		return a, false
	}
	a.params = inside
	return a, true
}

// pieces is the encrypted content, which may lie in several strings.
func pieces(s cryptobyte.String) ([]byte, bool) {
	var whole cryptobyte.String
	switch {
	case s.Empty():
		return nil, true
	case s.PeekASN1Tag(context0):
		ok := s.ReadASN1(&whole, context0)
		return whole, ok
	case !s.ReadASN1(&whole, choice0):
		return nil, false
	}
	var out []byte
	for !whole.Empty() {
		var part cryptobyte.String
		if !whole.ReadASN1(&part, cbasn1.OCTET_STRING) {
			return nil, false
		}
		out = append(out, part...)
	}
	return out, true
}

// keyTransport is a recipient whose key the content key is encrypted for.
func keyTransport(s cryptobyte.String) (r recipient, ok bool) {
	var version int
	var encrypted cryptobyte.String
	if !s.ReadASN1Integer(&version) || !r.id.read(&s, context0) {
		return r, false
	}
	if r.wrap, ok = readAlgorithm(&s); !ok || !s.ReadASN1(&encrypted, cbasn1.OCTET_STRING) {
		return r, false
	}
	r.encrypted = encrypted
	return r, true
}

// read reads issuer and number, or a key by its tag.
func (i *identifier) read(s *cryptobyte.String, byKey cbasn1.Tag) bool {
	var b, issuer cryptobyte.String
	if s.PeekASN1Tag(byKey) {
		if !s.ReadASN1(&b, byKey) {
			return false
		}
		i.key = b
		if byKey == choice0 { // RecipientKeyIdentifier
			var key cryptobyte.String
			if !b.ReadASN1(&key, cbasn1.OCTET_STRING) {
				return false
			}
			i.key = key
		}
		return true
	}
	i.serial = new(big.Int)
	if !s.ReadASN1(&b, cbasn1.SEQUENCE) || !b.ReadASN1Element(&issuer, cbasn1.SEQUENCE) || !b.ReadASN1Integer(i.serial) {
		return false
	}
	i.issuer = issuer
	return true
}

// keyAgreement are recipients with whose keys one of the sender was agreed on
// (RFC 5753 3.1.1).
func keyAgreement(s cryptobyte.String) (out []recipient) {
	var version int
	var from, key, ukm, list cryptobyte.String
	var point []byte
	var there bool
	if !s.ReadASN1Integer(&version) || !s.ReadASN1(&from, choice0) || !from.ReadASN1(&key, choice1) {
		return nil // the sender's key is that of a certificate, which mail does not use
	}
	if _, ok := readAlgorithm(&key); !ok || !key.ReadASN1BitStringAsBytes(&point) || !s.ReadOptionalASN1(&ukm, &there, choice1) {
		return nil
	}
	r := recipient{agreed: true, sender: point}
	if there {
		var text cryptobyte.String
		if !ukm.ReadASN1(&text, cbasn1.OCTET_STRING) {
			return nil
		}
		r.ukm = text
	}
	var ok bool
	if r.wrap, ok = readAlgorithm(&s); !ok || !s.ReadASN1(&list, cbasn1.SEQUENCE) {
		return nil
	}
	for !list.Empty() {
		var one, encrypted cryptobyte.String
		r.id = identifier{}
		if !list.ReadASN1(&one, cbasn1.SEQUENCE) || !r.id.read(&one, choice0) || !one.ReadASN1(&encrypted, cbasn1.OCTET_STRING) {
			return out
		}
		r.encrypted = encrypted
		out = append(out, r)
	}
	return out
}
