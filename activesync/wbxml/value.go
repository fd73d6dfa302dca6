package wbxml

import (
	"bytes"
	"io"
)

// valueReader ends where the value does. left is how many bytes of opaque data
// are left, -1 for inline text, which ends with a zero byte.
type valueReader struct {
	d    *Decoder
	left int64
	done bool
}

func (v *valueReader) Read(p []byte) (int, error) {
	switch {
	case v.done || v.left == 0:
		return 0, io.EOF
	case v.d.err != nil:
		return 0, v.d.err
	case len(p) == 0:
		return 0, nil
	case v.left > 0:
		return v.opaque(p)
	}
	return v.inline(p)
}

func (v *valueReader) opaque(p []byte) (int, error) {
	n, err := v.d.in.Read(p[:min(int64(len(p)), v.left)])
	v.left -= int64(n)
	v.d.off += int64(n)
	if err != nil && v.left > 0 {
		return n, v.d.fail(err)
	}
	return n, nil
}

func (v *valueReader) inline(p []byte) (int, error) {
	if _, err := v.d.in.Peek(1); err != nil {
		return 0, v.d.fail(err)
	}
	buf, _ := v.d.in.Peek(min(v.d.in.Buffered(), len(p))) // no more than is there: cannot fail
	n, taken := len(buf), len(buf)
	if i := bytes.IndexByte(buf, 0); i >= 0 {
		n, taken, v.done = i, i+1, true
	}
	copy(p, buf[:n])
	v.d.in.Discard(taken) //nolint:errcheck // all of it is buffered
	v.d.off += int64(taken)
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}
