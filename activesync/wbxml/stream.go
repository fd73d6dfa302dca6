package wbxml

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
)

// Decoder reads documents from a stream.
type Decoder struct {
	r io.Reader
	l Limits
}

// NewDecoder reads from r within limits.
func NewDecoder(r io.Reader, l Limits) *Decoder { return &Decoder{r: r, l: l.filled()} }

// Decode reads the rest of the stream as one document into the struct that v
// points to.
func (d *Decoder) Decode(v any) error {
	data, err := io.ReadAll(io.LimitReader(d.r, int64(d.l.Size)+1))
	if err != nil {
		return fmt.Errorf("wbxml: read the document: %w", err)
	}
	return UnmarshalLimits(data, v, d.l)
}

// Stream takes a document apart while it comes in. Values of any length pass
// through without being held in memory.
type Stream struct {
	r     *bufio.Reader
	off   int64
	page  byte
	stack []Tag
	depth int
	ended bool
	done  bool
	value *valueReader // of the last Text token
	begun bool
}

// NewStream reads a document from r. Only the Depth of the limits counts.
func NewStream(r io.Reader, l Limits) *Stream {
	return &Stream{r: bufio.NewReaderSize(r, 32<<10), depth: l.filled().Depth}
}

func (s *Stream) fail(err error) error {
	if err == io.EOF {
		err = errEarly
	}
	return &SyntaxError{s.off, err}
}

func (s *Stream) readByte() (byte, error) {
	b, err := s.r.ReadByte()
	if err != nil {
		return 0, s.fail(err)
	}
	s.off++
	return b, nil
}

func (s *Stream) number() (int64, error) {
	n := int64(0)
	for range 5 {
		b, err := s.readByte()
		if err != nil {
			return 0, err
		}
		n = n<<7 | int64(b&0x7F)
		if b&0x80 == 0 {
			return n, nil
		}
	}
	return 0, s.fail(ErrToken)
}

func (s *Stream) header() error {
	b, err := s.readByte()
	if err != nil {
		return err
	}
	if b > 3 {
		return s.fail(ErrHeader)
	}
	var table int64
	for range 3 {
		if table, err = s.number(); err != nil {
			return err
		}
	}
	n, err := io.CopyN(io.Discard, s.r, table)
	s.off += n
	if err != nil {
		return s.fail(err)
	}
	return nil
}

// Next returns the next token, io.EOF after the end of the root element. The
// Text of a Text token is nil: it is read by Value. What was not read of the
// last one is passed over.
func (s *Stream) Next() (Token, error) {
	if !s.begun {
		s.begun = true
		if err := s.header(); err != nil {
			return Token{}, err
		}
	}
	if s.value != nil {
		if _, err := io.Copy(io.Discard, s.value); err != nil {
			return Token{}, err
		}
		s.value = nil
	}
	if s.ended {
		s.ended = false
		return s.close(), nil
	}
	for {
		if s.done {
			return Token{}, io.EOF
		}
		b, err := s.readByte()
		if err != nil {
			return Token{}, err
		}
		switch {
		case b == switchPage:
			if s.page, err = s.readByte(); err != nil {
				return Token{}, err
			}
		case b == endToken:
			if len(s.stack) == 0 {
				return Token{}, s.fail(ErrStructure)
			}
			return s.close(), nil
		case b == inline || b == opaqueData:
			return s.text(b)
		case b&hasAttributes != 0 || b&(tokens-1) < 5:
			return Token{}, s.fail(ErrToken)
		default:
			return s.open(b)
		}
	}
}

func (s *Stream) open(b byte) (Token, error) {
	if len(s.stack) >= s.depth {
		return Token{}, s.fail(ErrDepth)
	}
	t := Tag(s.page)<<8 | Tag(b&(tokens-1))
	s.stack = append(s.stack, t)
	s.ended = b&hasContent == 0
	return Token{Kind: Start, Tag: t}, nil
}

func (s *Stream) close() Token {
	t := s.stack[len(s.stack)-1]
	s.stack = s.stack[:len(s.stack)-1]
	s.done = len(s.stack) == 0
	return Token{Kind: End, Tag: t}
}

func (s *Stream) text(b byte) (Token, error) {
	if len(s.stack) == 0 {
		return Token{}, s.fail(ErrStructure)
	}
	v := &valueReader{s: s, left: -1}
	if b == opaqueData {
		n, err := s.number()
		if err != nil {
			return Token{}, err
		}
		v.left = n
	}
	s.value = v
	return Token{Kind: Text, Opaque: b == opaqueData}, nil
}

// Value reads the value of the Text token that Next returned last.
func (s *Stream) Value() io.Reader {
	if s.value == nil {
		return bytes.NewReader(nil)
	}
	return s.value
}

// valueReader ends where the value does. left is how many bytes of opaque data
// are left, -1 for inline text, which ends with a zero byte.
type valueReader struct {
	s    *Stream
	left int64
	done bool
}

func (v *valueReader) Read(p []byte) (int, error) {
	if v.done || v.left == 0 || len(p) == 0 {
		if len(p) == 0 && !v.done && v.left != 0 {
			return 0, nil
		}
		return 0, io.EOF
	}
	if v.left > 0 {
		n, err := v.s.r.Read(p[:min(int64(len(p)), v.left)])
		v.left -= int64(n)
		v.s.off += int64(n)
		if err != nil && v.left > 0 {
			return n, v.s.fail(err)
		}
		return n, nil
	}
	if _, err := v.s.r.Peek(1); err != nil {
		return 0, v.s.fail(err)
	}
	buf, _ := v.s.r.Peek(min(v.s.r.Buffered(), len(p)))
	if i := bytes.IndexByte(buf, 0); i >= 0 {
		n := copy(p, buf[:i])
		v.s.r.Discard(i + 1)
		v.s.off += int64(i + 1)
		v.done = true
		if n == 0 {
			return 0, io.EOF
		}
		return n, nil
	}
	n := copy(p, buf)
	v.s.r.Discard(n)
	v.s.off += int64(n)
	return n, nil
}
