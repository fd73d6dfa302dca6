package sealfile

import (
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Writer writes a file. What it was given is on the disk, and in its place, once
// Finish returns; until then it may be gone on with by another Writer.
type Writer struct {
	path   string
	key    []byte
	f      *os.File
	aead   cipher.AEAD
	pieces int64  // written
	rest   []byte // of the piece that is not whole
	buf    []byte
	done   bool
}

// Append goes on with the file at path where an earlier Writer ended, or begins
// it.
func Append(path string, key []byte) (*Writer, error) {
	w := &Writer{path: path, key: key, rest: make([]byte, 0, pieceSize), buf: make([]byte, 0, pieceSize+extra)}
	if err := w.resume(); err == nil {
		return w, nil
	}
	return w, w.Restart()
}

// resume opens what is there and cuts off what is no whole piece.
func (w *Writer) resume() error {
	f, err := os.OpenFile(w.path+PartSuffix, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	w.f = f
	head := make([]byte, headSize)
	if _, err := io.ReadFull(f, head); err != nil || string(head[:len(magic)]) != magic {
		return errors.Join(ErrDamaged, f.Close())
	}
	if w.aead, err = newAEAD(w.key, head[len(magic):]); err != nil {
		return errors.Join(err, f.Close())
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	w.pieces = (info.Size() - int64(headSize)) / (pieceSize + extra)
	// What was written last may not have reached the disk.
	sealed := make([]byte, pieceSize+extra)
	for ; w.pieces > 0; w.pieces-- {
		if _, err := f.ReadAt(sealed, offset(w.pieces-1)); err != nil {
			continue
		}
		if _, err := w.aead.Open(w.buf[:0], nil, sealed, place(w.pieces-1, false)); err == nil {
			break
		}
	}
	if err := f.Truncate(offset(w.pieces)); err != nil {
		return errors.Join(err, f.Close())
	}
	_, err = f.Seek(0, io.SeekEnd)
	return err
}

// Restart begins the file anew.
func (w *Writer) Restart() error {
	if w.f != nil {
		_ = w.f.Close()
		w.f = nil
	}
	f, err := os.OpenFile(w.path+PartSuffix, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write a file: %w", err)
	}
	head := append(make([]byte, 0, headSize), magic...)
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails
	if w.aead, err = newAEAD(w.key, salt); err != nil {
		return errors.Join(err, f.Close())
	}
	w.f, w.pieces, w.rest = f, 0, w.rest[:0]
	if _, err := f.Write(append(head, salt...)); err != nil {
		return fmt.Errorf("write a file: %w", err)
	}
	return nil
}

// Size is how much content there is so far.
func (w *Writer) Size() int64 { return w.pieces*pieceSize + int64(len(w.rest)) }

func (w *Writer) Write(p []byte) (int, error) {
	n := 0
	for len(p) > 0 {
		if len(w.rest) == pieceSize { // only now it is sure not to be the last
			if err := w.flush(false); err != nil {
				return n, err
			}
		}
		k := copy(w.rest[len(w.rest):pieceSize], p)
		w.rest = w.rest[:len(w.rest)+k]
		n, p = n+k, p[k:]
	}
	return n, nil
}

func (w *Writer) flush(last bool) error {
	w.buf = w.aead.Seal(w.buf[:0], nil, w.rest, place(w.pieces, last))
	if _, err := w.f.Write(w.buf); err != nil {
		return fmt.Errorf("write a file: %w", err)
	}
	w.pieces++
	w.rest = w.rest[:0]
	return nil
}

// Finish ends the file and puts it into its place.
func (w *Writer) Finish() error {
	if err := w.flush(true); err != nil {
		return err
	}
	w.done = true
	err := w.f.Sync()
	if cerr := w.f.Close(); err == nil {
		err = cerr
	}
	w.f = nil
	if err == nil {
		err = os.Rename(w.path+PartSuffix, w.path)
	}
	if err != nil {
		return fmt.Errorf("write a file: %w", err)
	}
	return nil
}

// Close lets go of a file that is not whole, and keeps its whole pieces. After
// Finish it does nothing.
func (w *Writer) Close() error {
	if w.done || w.f == nil {
		return nil
	}
	err := w.f.Close()
	w.f = nil
	if err != nil {
		return fmt.Errorf("write a file: %w", err)
	}
	return nil
}

// Discard removes a file that is not whole.
func (w *Writer) Discard() error {
	if err := errors.Join(w.Close(), os.Remove(w.path+PartSuffix)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove a file: %w", err)
	}
	return nil
}
