package wbxml

import (
	"bytes"
	"io"
)

// Reader takes a document in memory apart. The text of its tokens is part of
// the document, not a copy.
type Reader struct {
	data  []byte
	pos   int
	page  byte
	stack []Tag
	limit int
	ended bool // an element without content was begun: its End is next
	done  bool // the root has ended
}

// NewReader checks the header of a document.
func NewReader(data []byte) (*Reader, error) { return NewReaderLimits(data, Limits{}) }

// NewReaderLimits is NewReader with other limits than the defaults.
func NewReaderLimits(data []byte, l Limits) (*Reader, error) {
	l = l.filled()
	if len(data) > l.Size {
		return nil, &SyntaxError{0, ErrSize}
	}
	r := &Reader{data: data, limit: l.Depth, stack: make([]Tag, 0, 16)}
	if err := r.header(); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *Reader) fail(err error) error { return &SyntaxError{int64(r.pos), err} }

// header takes any version 1.x, any public id and charset, as some servers
// write others than ActiveSync's, and passes over a string table.
func (r *Reader) header() error {
	if len(r.data) == 0 {
		return r.fail(errEarly)
	}
	if r.data[0] > 3 {
		return r.fail(ErrHeader)
	}
	r.pos = 1
	for range 2 {
		if _, err := r.number(); err != nil {
			return err
		}
	}
	n, err := r.number()
	if err != nil {
		return err
	}
	if n > len(r.data)-r.pos {
		return r.fail(errEarly)
	}
	r.pos += n
	return nil
}

// number reads a multi-byte integer: 7 bits a byte, the upper bit set on all
// but the last.
func (r *Reader) number() (int, error) {
	n := 0
	for i := 0; ; i++ {
		if r.pos >= len(r.data) {
			return 0, r.fail(errEarly)
		}
		if i == 5 {
			return 0, r.fail(ErrToken)
		}
		b := r.data[r.pos]
		r.pos++
		n = n<<7 | int(b&0x7F)
		if b&0x80 == 0 {
			return n, nil
		}
	}
}

// Depth is how many elements are open.
func (r *Reader) Depth() int { return len(r.stack) }

// Offset is how many bytes of the document have been read.
func (r *Reader) Offset() int { return r.pos }

// Next returns the next token, io.EOF after the end of the root element.
func (r *Reader) Next() (Token, error) {
	if r.ended {
		r.ended = false
		return r.close(), nil
	}
	for {
		if r.done {
			return Token{}, io.EOF
		}
		if r.pos >= len(r.data) {
			return Token{}, r.fail(errEarly)
		}
		b := r.data[r.pos]
		r.pos++
		switch {
		case b == switchPage:
			if r.pos >= len(r.data) {
				return Token{}, r.fail(errEarly)
			}
			r.page = r.data[r.pos]
			r.pos++
		case b == endToken:
			if len(r.stack) == 0 {
				return Token{}, r.fail(ErrStructure)
			}
			return r.close(), nil
		case b == inline:
			return r.inline()
		case b == opaqueData:
			return r.opaque()
		case b&hasAttributes != 0 || b&(tokens-1) < 5:
			return Token{}, r.fail(ErrToken)
		default:
			return r.open(b)
		}
	}
}

func (r *Reader) open(b byte) (Token, error) {
	if len(r.stack) >= r.limit {
		return Token{}, r.fail(ErrDepth)
	}
	t := Tag(r.page)<<8 | Tag(b&(tokens-1))
	r.stack = append(r.stack, t)
	r.ended = b&hasContent == 0
	return Token{Kind: Start, Tag: t}, nil
}

func (r *Reader) close() Token {
	t := r.stack[len(r.stack)-1]
	r.stack = r.stack[:len(r.stack)-1]
	r.done = len(r.stack) == 0
	return Token{Kind: End, Tag: t}
}

func (r *Reader) inline() (Token, error) {
	if len(r.stack) == 0 {
		return Token{}, r.fail(ErrStructure)
	}
	n := bytes.IndexByte(r.data[r.pos:], 0)
	if n < 0 {
		r.pos = len(r.data)
		return Token{}, r.fail(errEarly)
	}
	text := r.data[r.pos : r.pos+n : r.pos+n]
	r.pos += n + 1
	return Token{Kind: Text, Text: text}, nil
}

func (r *Reader) opaque() (Token, error) {
	if len(r.stack) == 0 {
		return Token{}, r.fail(ErrStructure)
	}
	n, err := r.number()
	if err != nil {
		return Token{}, err
	}
	if n > len(r.data)-r.pos {
		r.pos = len(r.data)
		return Token{}, r.fail(errEarly)
	}
	text := r.data[r.pos : r.pos+n : r.pos+n]
	r.pos += n
	return Token{Kind: Text, Text: text, Opaque: true}, nil
}

// Skip passes over the rest of the innermost element, its End included.
func (r *Reader) Skip() error {
	for depth := len(r.stack); len(r.stack) >= depth; {
		if _, err := r.Next(); err != nil {
			return err
		}
	}
	return nil
}

// text reads the text of the innermost element up to its End. Elements inside
// it are passed over. The result is a copy only where the text came in parts.
func (r *Reader) text() ([]byte, error) {
	var out []byte
	parts := 0
	for {
		t, err := r.Next()
		if err != nil {
			return nil, err
		}
		switch t.Kind {
		case End:
			return out, nil
		case Start:
			if err := r.Skip(); err != nil {
				return nil, err
			}
		case Text:
			if parts++; parts == 1 {
				out = t.Text
			} else {
				out = append(out[:len(out):len(out)], t.Text...)
			}
		}
	}
}
