package wbxml

import (
	"bytes"
	"io"
	"math"
)

// Reader takes a document in memory apart. The text of its tokens is part of
// the document, not a copy. What stands behind the root element is not looked
// at.
type Reader struct {
	data     []byte
	pos      int
	stack    []Tag
	depth    int // limits
	elements int // what is left of the limit
	page     byte
	ended    bool  // an element without content was begun: its End is next
	done     bool  // the root has ended
	fragment bool  // data is the content of an element that ends with it
	shares   bool  // a Raw is a part of data, not a copy
	bad      error // the first value that did not fit
}

// NewReader checks the header of a document.
func NewReader(data []byte) (*Reader, error) { return NewReaderLimits(data, Limits{}) }

// NewReaderLimits is NewReader with other limits than the defaults.
func NewReaderLimits(data []byte, l Limits) (*Reader, error) {
	r, err := open(data, l)
	if err != nil {
		return nil, err
	}
	return &r, nil
}

func open(data []byte, l Limits) (Reader, error) {
	l = l.filled()
	r := Reader{data: data, depth: l.Depth, elements: l.Elements, stack: make([]Tag, 0, 16)}
	if len(data) > l.Size {
		return r, r.fail(ErrSize)
	}
	return r, r.header()
}

func (r *Reader) fail(err error) error { return &SyntaxError{int64(r.pos), err} }

// header takes any version up to 1.3, any public id and charset, as some
// servers write others than ActiveSync's, and passes over a string table.
func (r *Reader) header() error {
	if len(r.data) == 0 {
		return r.fail(errEarly)
	}
	if r.data[0] > newestVersion {
		return r.fail(ErrHeader)
	}
	r.pos = 1
	table := 0
	for range 3 { // public id, charset, length of the string table
		n, err := r.number()
		if err != nil {
			return err
		}
		table = n
	}
	if table > len(r.data)-r.pos {
		r.pos = len(r.data)
		return r.fail(errEarly)
	}
	r.pos += table
	return nil
}

// number reads an integer of at most 31 bits: 7 bits a byte, the upper bit set
// on all but the last.
func (r *Reader) number() (int, error) {
	n := uint64(0)
	for range 5 {
		if r.pos >= len(r.data) {
			return 0, r.fail(errEarly)
		}
		b := r.data[r.pos]
		r.pos++
		n = n<<7 | uint64(b&0x7F)
		if b&0x80 == 0 {
			if n > math.MaxInt32 {
				return 0, r.fail(ErrSize)
			}
			return int(n), nil
		}
	}
	return 0, r.fail(ErrToken)
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
	for !r.done {
		if r.pos >= len(r.data) {
			if r.fragment && len(r.stack) == 1 {
				return r.close(), nil
			}
			return Token{}, r.fail(errEarly)
		}
		b := r.data[r.pos]
		r.pos++
		switch b {
		case switchPage:
			if r.pos >= len(r.data) {
				return Token{}, r.fail(errEarly)
			}
			r.page = r.data[r.pos]
			r.pos++
		case endToken:
			if len(r.stack) == 0 {
				return Token{}, r.fail(ErrStructure)
			}
			return r.close(), nil
		case inline, opaqueData:
			return r.text(b)
		default:
			return r.open(b)
		}
	}
	return Token{}, io.EOF
}

func (r *Reader) open(b byte) (Token, error) {
	switch {
	case b&hasAttributes != 0 || b&(tokens-1) < firstToken:
		return Token{}, r.fail(ErrToken)
	case len(r.stack) >= r.depth:
		return Token{}, r.fail(ErrDepth)
	case r.elements == 0:
		return Token{}, r.fail(ErrElements)
	}
	r.elements--
	t := MakeTag(r.page, b)
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

func (r *Reader) text(b byte) (Token, error) {
	if len(r.stack) == 0 {
		return Token{}, r.fail(ErrStructure)
	}
	n, skip := 0, 0
	if b == inline {
		n, skip = bytes.IndexByte(r.data[r.pos:], 0), 1
	} else {
		var err error
		if n, err = r.number(); err != nil {
			return Token{}, err
		}
	}
	if n < 0 || n > len(r.data)-r.pos {
		r.pos = len(r.data)
		return Token{}, r.fail(errEarly)
	}
	text := r.data[r.pos : r.pos+n : r.pos+n]
	r.pos += n + skip
	return Token{Kind: Text, Text: text, Opaque: b == opaqueData}, nil
}

// Skip passes over the rest of the innermost element, its End included.
func (r *Reader) Skip() error {
	for depth := len(r.stack); len(r.stack) >= depth && depth > 0; {
		if _, err := r.Next(); err != nil {
			return err
		}
	}
	return nil
}

// Text reads the text of the innermost element up to its End. Elements inside
// it are passed over. The result is a copy only where the text came in parts.
func (r *Reader) Text() ([]byte, error) {
	var out []byte
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
			if out == nil {
				out = t.Text
			} else {
				out = append(out, t.Text...) // its capacity is its length: the document stays as it is
			}
		}
	}
}
