package smime

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/smallstep/pkcs7"

	"eas.example/securemail/activesync/message"
)

// Open checks or decrypts a protected part. content is what was inside, in
// MIME, nil where it could not be had; words say what was verified.
func (o Opener) Open(p *message.Protected) (content []byte, words []message.Word) {
	switch p.Kind {
	case message.SMIMESigned:
		return p.Content, o.detached(p)
	case message.SMIME:
		return o.opaque(p.Content)
	}
	return nil, nil
}

// Enveloped reports whether a PKCS #7 object is encrypted (RFC 8551, 3.2.2).
func Enveloped(data []byte) bool {
	b, err := transcoded(data)
	if err != nil {
		return false
	}
	e, err := readEnvelope(b)
	return e != nil || err != nil
}

func say(tone message.Tone, format string, args ...any) []message.Word {
	return []message.Word{{Tone: tone, Text: message.Clean(fmt.Sprintf(format, args...))}}
}

func (o Opener) detached(p *message.Protected) []message.Word {
	p7, err := parse(p.Signature)
	if err != nil {
		return say(message.Doubt, "This message is signed (S/MIME), but the signature cannot be read: %v.", reason(err))
	}
	canonical := message.Canonical(p.Content)
	// Servers and gateways change the line ends at the end of a part.
	forms := [][]byte{canonical, append(bytes.Clone(canonical), "\r\n"...), p.Content}
	for i, form := range forms {
		p7.Content = form
		if err = verify(p7); !mismatch(err) || i == len(forms)-1 {
			break
		}
	}
	return o.judge(p7, err)
}

// opaque opens a PKCS #7 object: what is in it when it is signed, or what it
// decrypts to.
func (o Opener) opaque(data []byte) ([]byte, []message.Word) {
	b, err := transcoded(data)
	var e *envelope
	if err == nil {
		e, err = readEnvelope(b)
	}
	if e != nil {
		return o.decrypt(e)
	}
	var p7 *pkcs7.PKCS7
	if err == nil {
		p7, err = pkcs7.Parse(b)
	}
	switch {
	case err != nil:
		return nil, say(message.Doubt, "This message is signed or encrypted (S/MIME) in a way that is not understood here: %v.", reason(err))
	case len(p7.Signers) > 0 || len(p7.Content) > 0:
		return p7.Content, o.judge(p7, verify(p7))
	case len(p7.Certificates) > 0:
		return nil, say(message.Doubt, "This message carries certificates and nothing else.")
	}
	return nil, say(message.Doubt, "This message is in the form of S/MIME, and nothing is in it.")
}

// decrypt opens what is encrypted with one of the person's keys.
func (o Opener) decrypt(e *envelope) ([]byte, []message.Word) {
	if len(o.Keys) == 0 {
		return nil, say(message.Doubt, "This message is encrypted (S/MIME), and no key of yours is set up. Settings › Security takes one, and so does [[smime]] in config.toml.")
	}
	failed := errNotForKey
	for _, k := range o.Keys {
		content, err := e.open(k)
		if err == nil {
			return content, say(message.Good, "Encrypted (S/MIME); opened with your key of %s.", name(k.Certificate))
		}
		if !errors.Is(err, errNotForKey) {
			failed = err
		}
	}
	if errors.Is(failed, errNotForKey) {
		return nil, say(message.Doubt, "This message is encrypted (S/MIME), but not for a key of yours that is open here.")
	}
	return nil, say(message.Doubt, "This message is encrypted (S/MIME) and could not be opened: %v.", failed)
}

// judge says what a signature is worth.
func (o Opener) judge(p7 *pkcs7.PKCS7, err error) []message.Word {
	switch {
	case len(p7.Signers) == 0:
		return say(message.Doubt, "This message is in the form of S/MIME, but nobody signed it.")
	case mismatch(err):
		return say(message.Bad, "The signature (S/MIME) does not fit: the message was changed after it was signed, or it is not from who it says.")
	}
	late := &lateError{}
	if err != nil && !errors.As(err, &late) {
		return say(message.Doubt, "This message is signed (S/MIME); the signature could not be checked: %v.", reason(err))
	}
	if len(p7.Signers) > 1 {
		return say(message.Doubt, "%d people signed this message (S/MIME), and it was not changed since. Who they are was not checked.", len(p7.Signers))
	}
	cert := p7.GetOnlySigner()
	if cert == nil {
		return say(message.Doubt, "This message is signed (S/MIME), but the certificate of the signer is missing.")
	}
	words := o.signer(p7, cert)
	if err != nil {
		words = append(words, say(message.Doubt, "It says it was signed on %s, when the certificate was not valid.", late.at.Format("2 January 2006"))...)
	}
	if weak(p7) {
		words = append(words, say(message.Doubt, "The signature uses SHA-1, which can be forged with effort.")...)
	}
	return words
}

func weak(p7 *pkcs7.PKCS7) bool {
	return hashes[p7.Signers[0].DigestAlgorithm.Algorithm.String()] == crypto.SHA1
}

// reason is an error without the name of the package it comes from.
func reason(err error) string { return strings.TrimPrefix(err.Error(), "pkcs7: ") }

// der takes PEM or base64 off a PKCS #7 object, as some programs send it.
func der(b []byte) []byte {
	t := bytes.TrimSpace(b)
	if block, _ := pem.Decode(t); block != nil {
		return block.Bytes
	}
	if len(t) > 0 && t[0] == 'M' {
		out := make([]byte, base64.StdEncoding.DecodedLen(len(t)))
		if n, err := base64.StdEncoding.Decode(out, bytes.Join(bytes.Fields(t), nil)); err == nil {
			return out[:n]
		}
	}
	return b
}
