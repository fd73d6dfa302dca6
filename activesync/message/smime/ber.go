package smime

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/bits"

	"github.com/smallstep/pkcs7"
)

// What an object may hold; real ones stay far below. The library goes down and
// copies without a bound, and looks through all the rest for each end that is
// marked: it gets no such ends, and nothing that is deeper or of more pieces.
const (
	mostNested = 64
	mostPieces = 1 << 19
)

var (
	errEarly  = errors.New("it ends too early")
	errNested = errors.New("its parts lie too deep inside each other")
	errPieces = errors.New("it has too many parts")
	errLength = errors.New("a length in it makes no sense")
)

// parse reads a PKCS #7 object.
func parse(data []byte) (*pkcs7.PKCS7, error) {
	b, err := transcoded(data)
	if err != nil {
		return nil, err
	}
	return pkcs7.Parse(b)
}

// transcoded is an object in DER as far as lengths go.
func transcoded(data []byte) ([]byte, error) {
	t := transcoder{}
	var out bytes.Buffer
	_, err := t.object(&out, der(data), 0)
	return out.Bytes(), err
}

// transcoder makes DER of BER as far as lengths go (X.690 8.1.3).
type transcoder struct{ pieces int }

// object writes the object that b begins with, and gives what follows it.
func (t *transcoder) object(out *bytes.Buffer, b []byte, depth int) (rest []byte, err error) {
	if t.pieces++; t.pieces > mostPieces {
		return nil, errPieces
	}
	if depth > mostNested {
		return nil, errNested
	}
	n := 1
	if len(b) > 0 && b[0]&0x1F == 0x1F { // a tag of more than one byte
		for n < len(b) && b[n] >= 0x80 {
			n++
		}
		n++
	}
	if n >= len(b) {
		return nil, errEarly
	}
	tag, long, b := b[:n], b[n], b[n+1:]
	switch {
	case long < 0x80:
		return t.content(out, tag, b, int(long), depth)
	case long == 0x80:
		if tag[0]&0x20 == 0 {
			return nil, errLength
		}
		return t.open(out, tag, b, depth)
	}
	size := int(long & 0x7F)
	if size > 4 {
		return nil, errLength
	}
	if len(b) < size {
		return nil, errEarly
	}
	var length [8]byte
	copy(length[8-size:], b[:size])
	return t.content(out, tag, b[size:], int(binary.BigEndian.Uint64(length[:])), depth)
}

// content writes an object of a known length.
func (t *transcoder) content(out *bytes.Buffer, tag, b []byte, length, depth int) (rest []byte, err error) {
	if length > len(b) {
		return nil, errEarly
	}
	inner, rest := b[:length], b[length:]
	if tag[0]&0x20 == 0 {
		write(out, tag, inner)
		return rest, nil
	}
	var parts bytes.Buffer
	for len(inner) > 0 {
		if inner, err = t.object(&parts, inner, depth+1); err != nil {
			return nil, err
		}
	}
	write(out, tag, parts.Bytes())
	return rest, nil
}

// open writes an object that goes on up to an end that is marked.
func (t *transcoder) open(out *bytes.Buffer, tag, b []byte, depth int) (rest []byte, err error) {
	var parts bytes.Buffer
	for !bytes.HasPrefix(b, []byte{0, 0}) {
		if b, err = t.object(&parts, b, depth+1); err != nil {
			return nil, err
		}
	}
	write(out, tag, parts.Bytes())
	return b[2:], nil
}

func write(out *bytes.Buffer, tag, content []byte) {
	out.Write(tag)
	n := len(content)
	if n < 0x80 {
		out.WriteByte(byte(n))
	} else {
		size := (bits.Len(uint(n)) + 7) / 8
		out.WriteByte(0x80 | byte(size))
		out.Write(binary.BigEndian.AppendUint64(nil, uint64(n))[8-size:])
	}
	out.Write(content)
}
