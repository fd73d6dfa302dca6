package sealfile

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

const (
	magic     = "smfile 1"
	saltSize  = 32
	headSize  = len(magic) + saltSize
	pieceSize = 64 << 10
	extra     = 12 + 16 // nonce and tag
	keySize   = 32
)

// PartSuffix ends the name of a file that is not whole yet.
const PartSuffix = ".part"

// ErrDamaged: the file is not what was written, or was sealed under another key.
var ErrDamaged = errors.New("the file is damaged")

func newAEAD(key, salt []byte) (cipher.AEAD, error) {
	k, err := hkdf.Key(sha256.New, key, salt, "securemail file 1", keySize)
	if err != nil {
		return nil, fmt.Errorf("make the key of a file: %w", err)
	}
	block, err := aes.NewCipher(k)
	if err != nil {
		return nil, fmt.Errorf("make the key of a file: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// place is what is authenticated beside a piece.
func place(n int64, last bool) []byte {
	var b [9]byte
	binary.BigEndian.PutUint64(b[:8], uint64(n))
	if last {
		b[8] = 1
	}
	return b[:]
}

// offset is where piece n begins in the file.
func offset(n int64) int64 { return int64(headSize) + n*(pieceSize+extra) }

// contentSize is how much content a whole file of a size holds.
func contentSize(file int64) (size int64, ok bool) {
	sealed := file - int64(headSize)
	if sealed < extra {
		return 0, false
	}
	pieces := (sealed + pieceSize + extra - 1) / (pieceSize + extra)
	last := sealed - (pieces-1)*(pieceSize+extra)
	if last < extra || last == extra && pieces > 1 {
		return 0, false
	}
	return sealed - pieces*extra, true
}
