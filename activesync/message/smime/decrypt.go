package smime

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha1" // as hashes of key derivation
	_ "crypto/sha256"
	_ "crypto/sha512"
	"crypto/subtle"
	"encoding/asn1"
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

var (
	errNotForKey = errors.New("it is not for that key")
	errDamaged   = errors.New("it is damaged")
)

// strange says that something is not known here.
func strange(what string, oid asn1.ObjectIdentifier) error {
	return fmt.Errorf("%s is one that is not known here (%s)", what, oid)
}

// open decrypts the content with a key of the person.
func (e *envelope) open(k Key) ([]byte, error) {
	failed := errNotForKey
	for _, r := range e.recipients {
		if !r.id.names(k.Certificate) {
			continue
		}
		key, err := r.contentKey(k.Private)
		if err == nil {
			var content []byte
			if content, err = e.decrypt(key); err == nil {
				return content, nil
			}
		}
		failed = err
	}
	return nil, failed
}

// contentKey is the key of the content.
func (r *recipient) contentKey(private crypto.PrivateKey) ([]byte, error) {
	if r.agreed {
		return r.agree(private)
	}
	d, ok := private.(crypto.Decrypter)
	if !ok {
		return nil, errNotForKey
	}
	switch r.wrap.oid.String() {
	case "1.2.840.113549.1.1.1":
		//lint:ignore SA1019 nearly all mail is encrypted in this way (RFC 8551 2.3), and nobody else learns how it went
		return d.Decrypt(rand.Reader, r.encrypted, &rsa.PKCS1v15DecryptOptions{})
	case "1.2.840.113549.1.1.7": // RSAES-OAEP (RFC 4055 4.1)
		hash, mask, err := oaepHashes(r.wrap.params)
		if err != nil {
			return nil, err
		}
		return d.Decrypt(rand.Reader, r.encrypted, &rsa.OAEPOptions{Hash: hash, MGFHash: mask})
	}
	return nil, strange("the way in which the key was encrypted", r.wrap.oid)
}

var hashes = map[string]crypto.Hash{"1.3.14.3.2.26": crypto.SHA1, "2.16.840.1.101.3.4.2.4": crypto.SHA224, "2.16.840.1.101.3.4.2.1": crypto.SHA256,
	"2.16.840.1.101.3.4.2.2": crypto.SHA384, "2.16.840.1.101.3.4.2.3": crypto.SHA512}

// oaepHashes are that of the label and that of the mask, SHA-1 where nothing is said.
func oaepHashes(params []byte) (hash, mask crypto.Hash, err error) {
	hash, mask = crypto.SHA1, crypto.SHA1
	s := cryptobyte.String(params)
	var seq cryptobyte.String
	if s.Empty() || !s.ReadASN1(&seq, cbasn1.SEQUENCE) {
		return hash, mask, nil
	}
	for tag, to := range map[cbasn1.Tag]*crypto.Hash{choice0: &hash, choice1: &mask} {
		rest := seq
		for !rest.Empty() {
			var field cryptobyte.String
			var is cbasn1.Tag
			if !rest.ReadAnyASN1(&field, &is) {
				return 0, 0, errEnvelope
			}
			if is != tag {
				continue
			}
			a, ok := readAlgorithm(&field)
			if ok && tag == choice1 { // MGF1 names its hash
				inner := cryptobyte.String(a.params)
				a, ok = readAlgorithm(&inner)
			}
			h, known := hashes[a.oid.String()]
			if !ok || !known {
				return 0, 0, strange("the hash of the encrypted key", a.oid)
			}
			*to = h
		}
	}
	return hash, mask, nil
}

// Agreements by their key derivation (RFC 5753 7.1.4), and how many bits a key that
// wraps the other has (RFC 3565).
var (
	agreements = map[string]crypto.Hash{"1.3.133.16.840.63.0.2": crypto.SHA1, "1.3.132.1.11.0": crypto.SHA224, "1.3.132.1.11.1": crypto.SHA256,
		"1.3.132.1.11.2": crypto.SHA384, "1.3.132.1.11.3": crypto.SHA512}
	wraps = map[string]int{"2.16.840.1.101.3.4.1.5": 128, "2.16.840.1.101.3.4.1.25": 192, "2.16.840.1.101.3.4.1.45": 256}
)

// agree makes the key that both sides know, and unwraps that of the content.
func (r *recipient) agree(private crypto.PrivateKey) ([]byte, error) {
	own, ok := private.(*ecdsa.PrivateKey)
	if !ok {
		return nil, errNotForKey
	}
	hash, ok := agreements[r.wrap.oid.String()]
	if !ok {
		return nil, strange("the way in which the key was agreed on", r.wrap.oid)
	}
	inside := cryptobyte.String(r.wrap.params)
	wrap, ok := readAlgorithm(&inside)
	if !ok {
		return nil, errEnvelope
	}
	bits := wraps[wrap.oid.String()]
	if bits == 0 {
		return nil, strange("the cipher of the key", wrap.oid)
	}
	key, err := own.ECDH()
	if err != nil {
		return nil, err
	}
	theirs, err := key.Curve().NewPublicKey(r.sender)
	if err != nil {
		return nil, err
	}
	shared, err := key.ECDH(theirs)
	if err != nil {
		return nil, err
	}
	var info cryptobyte.Builder // ECC-CMS-SharedInfo (RFC 5753 7.2)
	info.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(wrap.whole)
		if r.ukm != nil {
			b.AddASN1(choice0, func(b *cryptobyte.Builder) { b.AddASN1OctetString(r.ukm) })
		}
		b.AddASN1(cbasn1.Tag(2).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
			b.AddASN1OctetString(binary.BigEndian.AppendUint32(nil, uint32(bits)))
		})
	})
	added, err := info.Bytes()
	if err != nil {
		return nil, err
	}
	return unwrapKey(derive(hash, shared, added, bits/8), r.encrypted)
}

// derive is the key derivation of ANSI X9.63.
func derive(hash crypto.Hash, shared, info []byte, length int) []byte {
	var out []byte
	for n := uint32(1); len(out) < length; n++ {
		h := hash.New()
		h.Write(shared)
		h.Write(binary.BigEndian.AppendUint32(nil, n))
		h.Write(info)
		out = h.Sum(out)
	}
	return out[:length]
}

// unwrapKey undoes AES key wrap (RFC 3394 2.2.2).
func unwrapKey(key, wrapped []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	n := len(wrapped)/8 - 1
	if n < 2 || n > 8 || len(wrapped)%8 != 0 {
		return nil, errDamaged
	}
	buf := make([]byte, 16)
	out := bytes.Clone(wrapped[8:])
	copy(buf, wrapped[:8])
	for j := 5; j >= 0; j-- {
		for i := n; i >= 1; i-- {
			binary.BigEndian.PutUint64(buf, binary.BigEndian.Uint64(buf)^uint64(n*j+i))
			copy(buf[8:], out[8*(i-1):])
			block.Decrypt(buf, buf)
			copy(out[8*(i-1):], buf[8:])
		}
	}
	if subtle.ConstantTimeCompare(buf[:8], bytes.Repeat([]byte{0xA6}, 8)) != 1 {
		return nil, errDamaged
	}
	return out, nil
}

// decrypt opens the content.
func (e *envelope) decrypt(key []byte) ([]byte, error) {
	block, gcm, err := e.cipher.block(key)
	if err != nil {
		return nil, err
	}
	params := cryptobyte.String(e.cipher.params)
	var nonce, seq cryptobyte.String
	if !gcm {
		if !params.ReadASN1(&nonce, cbasn1.OCTET_STRING) || len(nonce) != block.BlockSize() || len(e.content) == 0 || len(e.content)%block.BlockSize() != 0 {
			return nil, errDamaged
		}
		out := make([]byte, len(e.content))
		cipher.NewCBCDecrypter(block, nonce).CryptBlocks(out, e.content)
		pad := int(out[len(out)-1])
		if pad == 0 || pad > block.BlockSize() || !bytes.Equal(out[len(out)-pad:], bytes.Repeat([]byte{byte(pad)}, pad)) {
			return nil, errDamaged
		}
		return out[:len(out)-pad], nil
	}
	size := 12 // of the code (RFC 5084 3.2)
	if !params.ReadASN1(&seq, cbasn1.SEQUENCE) || !seq.ReadASN1(&nonce, cbasn1.OCTET_STRING) || !seq.Empty() && !seq.ReadASN1Integer(&size) {
		return nil, errDamaged
	}
	if e.mac != nil && size != len(e.mac) {
		return nil, errDamaged
	}
	var aead cipher.AEAD
	if len(nonce) == 12 {
		aead, err = cipher.NewGCMWithTagSize(block, size)
	} else if size == 16 && len(nonce) > 0 {
		aead, err = cipher.NewGCMWithNonceSize(block, len(nonce))
	} else {
		err = errDamaged
	}
	if err != nil {
		return nil, err
	}
	out, err := aead.Open(nil, nonce, append(bytes.Clone(e.content), e.mac...), e.attributes)
	if err != nil {
		return nil, errDamaged
	}
	return out, nil
}

// block is the cipher of the content, and whether it is used in GCM.
func (a algorithm) block(key []byte) (b cipher.Block, gcm bool, err error) {
	size := 0
	switch a.oid.String() {
	case "2.16.840.1.101.3.4.1.2", "2.16.840.1.101.3.4.1.6":
		size = 16
	case "2.16.840.1.101.3.4.1.22", "2.16.840.1.101.3.4.1.26":
		size = 24
	case "2.16.840.1.101.3.4.1.42", "2.16.840.1.101.3.4.1.46":
		size = 32
	case "1.2.840.113549.3.7":
		b, err = des.NewTripleDESCipher(key)
		return b, false, err
	case "1.3.14.3.2.7":
		b, err = des.NewCipher(key)
		return b, false, err
	default:
		return nil, false, strange("the cipher", a.oid)
	}
	if len(key) != size {
		return nil, false, errDamaged
	}
	b, err = aes.NewCipher(key)
	return b, a.oid[len(a.oid)-1]%20 == 6, err
}
