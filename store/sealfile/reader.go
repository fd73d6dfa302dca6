package sealfile

import (
	"crypto/cipher"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// Reader reads a whole file.
type Reader struct {
	f    *os.File
	aead cipher.AEAD
	size int64

	mu    sync.Mutex
	have  int64  // the piece in plain, -1 for none
	plain []byte // guarded by mu, like all from here on
	buf   []byte
}

// Open opens a file that is whole. One that is not there is fs.ErrNotExist, one
// that cannot have been written by a Writer ErrDamaged; other damage shows when
// it is read.
func Open(path string, key []byte) (*Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open a file: %w", err)
	}
	r := &Reader{f: f, have: -1}
	if err := r.begin(key); err != nil {
		return nil, errors.Join(fmt.Errorf("open a file: %w", err), f.Close())
	}
	return r, nil
}

func (r *Reader) begin(key []byte) error {
	head := make([]byte, headSize)
	if _, err := io.ReadFull(r.f, head); err != nil || string(head[:len(magic)]) != magic {
		return ErrDamaged
	}
	info, err := r.f.Stat()
	if err != nil {
		return err
	}
	var ok bool
	if r.size, ok = contentSize(info.Size()); !ok {
		return ErrDamaged
	}
	if r.aead, err = newAEAD(key, head[len(magic):]); err != nil || r.size > 0 {
		return err
	}
	return r.load(0) // an empty file has to be one that was meant to be empty
}

// Size is that of the content.
func (r *Reader) Size() int64 { return r.size }

// ReadAt reads content. Nothing is given of a piece that is not as it was
// written.
func (r *Reader) ReadAt(p []byte, at int64) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for n < len(p) {
		if at < 0 || at >= r.size {
			return n, io.EOF
		}
		if err := r.load(at / pieceSize); err != nil {
			return n, err
		}
		k := copy(p[n:], r.plain[at%pieceSize:])
		n, at = n+k, at+int64(k)
	}
	return n, nil
}

// load brings piece n into plain. The caller holds mu.
func (r *Reader) load(n int64) error {
	if r.have == n {
		return nil
	}
	r.have = -1
	length := min(r.size-n*pieceSize, pieceSize)
	if r.buf == nil {
		r.buf = make([]byte, pieceSize+extra)
	}
	sealed := r.buf[:length+extra]
	if _, err := r.f.ReadAt(sealed, offset(n)); err != nil {
		return fmt.Errorf("read a file: %w", err)
	}
	plain, err := r.aead.Open(r.plain[:0], nil, sealed, place(n, (n+1)*pieceSize >= r.size))
	if err != nil {
		return fmt.Errorf("read a file: %w", ErrDamaged)
	}
	r.plain, r.have = plain, n
	return nil
}

// Close lets go of the file.
func (r *Reader) Close() error { return r.f.Close() }
