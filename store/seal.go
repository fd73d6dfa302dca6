package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// keySize is the length of Options.Key and of every derived key.
const keySize = 32

// How the content of a sealed value is packed; its first byte.
const (
	packRaw  = 0
	packZstd = 1
)

const (
	packFrom    = 200     // shorter contents do not gain
	packLimit   = 1 << 30 // no content is longer, unpacked
	packWindow  = 256 << 10
	sealedExtra = 12 + 16 // nonce and tag
)

var errSealed = errors.New("it was not sealed under this key, for this place")

// sealer seals and opens values and gives names to what must not be read.
type sealer struct {
	aead  cipher.AEAD
	mac   sync.Pool // of hash.Hash; making one costs more than using it
	files []byte    // the key of files beside the store
	enc   *zstd.Encoder
	dec   *zstd.Decoder
}

func newSealer(key []byte) (*sealer, error) {
	if len(key) != keySize {
		return nil, fmt.Errorf("make keys: the data key has %d bytes, not %d", len(key), keySize)
	}
	values, err := hkdf.Key(sha256.New, key, nil, "securemail store values 1", keySize)
	if err != nil {
		return nil, fmt.Errorf("make keys: %w", err)
	}
	names, err := hkdf.Key(sha256.New, key, nil, "securemail store names 1", keySize)
	if err != nil {
		return nil, fmt.Errorf("make keys: %w", err)
	}
	files, err := hkdf.Key(sha256.New, key, nil, "securemail store files 1", keySize)
	if err != nil {
		return nil, fmt.Errorf("make keys: %w", err)
	}
	block, err := aes.NewCipher(values)
	if err != nil {
		return nil, fmt.Errorf("make keys: %w", err)
	}
	s := &sealer{files: files}
	if s.aead, err = cipher.NewGCMWithRandomNonce(block); err != nil {
		return nil, fmt.Errorf("make keys: %w", err)
	}
	s.mac.New = func() any { return hmac.New(sha256.New, names) }
	s.enc, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithWindowSize(packWindow), zstd.WithLowerEncoderMem(true), zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, fmt.Errorf("make compressor: %w", err)
	}
	s.dec, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(packLimit), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, fmt.Errorf("make decompressor: %w", err)
	}
	return s, nil
}

func (s *sealer) close() {
	s.enc.Close()
	s.dec.Close()
}

// name is the key under which something is filed whose own name must not be
// read. Parts are told apart by kind only, so the last one alone may vary in length.
func (s *sealer) name(kind string, part string) (n name) {
	h := s.mac.Get().(hash.Hash)
	h.Reset()
	h.Write([]byte(kind))
	h.Write([]byte{0})
	h.Write([]byte(part))
	var sum [sha256.Size]byte
	copy(n[:], h.Sum(sum[:0]))
	s.mac.Put(h)
	return n
}

// seal returns plain sealed for the place that aad names.
func (s *sealer) seal(aad, plain []byte) []byte {
	return s.aead.Seal(make([]byte, 0, len(plain)+sealedExtra), nil, plain, aad)
}

// open appends to dst what seal was given.
func (s *sealer) open(dst, aad, sealed []byte) ([]byte, error) {
	plain, err := s.aead.Open(dst, nil, sealed, aad)
	if err != nil {
		return nil, errSealed
	}
	return plain, nil
}

// pack appends to dst the content in the form that unpack reads.
func (s *sealer) pack(dst, content []byte) []byte {
	if len(content) >= packFrom {
		n := len(dst)
		if dst = s.enc.EncodeAll(content, append(dst, packZstd)); len(dst)-n <= len(content) {
			return dst
		}
		dst = dst[:n]
	}
	return append(append(dst, packRaw), content...)
}

// unpack returns the content; it may be part of packed.
func (s *sealer) unpack(packed []byte) ([]byte, error) {
	if len(packed) == 0 {
		return nil, errShort
	}
	switch packed[0] {
	case packRaw:
		return packed[1:], nil
	case packZstd:
		return s.dec.DecodeAll(packed[1:], nil)
	}
	return nil, fmt.Errorf("unknown packing %d", packed[0])
}
