package wbxml

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
)

// Decoder takes a document apart while it comes in. Values of any length pass
// through without being held in memory; parts of the document can be read into
// structs. It may read more of its source than the document.
type Decoder struct {
	in     *bufio.Reader
	limits Limits
	off    int64
	stack  []Tag
	left   int // elements until the limit
	page   byte
	begun  bool
	ended  bool // an element without content was begun: its End is next
	done   bool
	value  *valueReader // of the last Text token
	err    error        // the first one stays
}

// NewDecoder reads a document from r within limits.
func NewDecoder(r io.Reader, l Limits) *Decoder {
	l = l.filled()
	return &Decoder{in: bufio.NewReaderSize(r, 32<<10), limits: l, left: l.Elements}
}

// fail keeps the first error. One of the source is not the document's fault,
// unless the source has come to its end.
func (d *Decoder) fail(err error) error {
	switch {
	case d.err != nil:
	case err == io.EOF || errors.Is(err, errEarly):
		d.err = &SyntaxError{d.off, errEarly}
	default:
		d.err = fmt.Errorf("wbxml: read the document after %d bytes: %w", d.off, err)
	}
	return d.err
}

// wrong is fail for what is the document's fault.
func (d *Decoder) wrong(err error) error {
	if d.err == nil {
		d.err = &SyntaxError{d.off, err}
	}
	return d.err
}

func (d *Decoder) readByte() (byte, error) {
	b, err := d.in.ReadByte()
	if err != nil {
		return 0, d.fail(err)
	}
	d.off++
	return b, nil
}

func (d *Decoder) number() (int64, error) {
	n := int64(0)
	for range 5 {
		b, err := d.readByte()
		if err != nil {
			return 0, err
		}
		n = n<<7 | int64(b&0x7F)
		if b&0x80 == 0 {
			if n > math.MaxInt32 {
				return 0, d.wrong(ErrSize)
			}
			return n, nil
		}
	}
	return 0, d.wrong(ErrToken)
}

func (d *Decoder) header() error {
	b, err := d.readByte()
	if err != nil {
		return err
	}
	if b > newestVersion {
		return d.wrong(ErrHeader)
	}
	var table int64
	for range 3 {
		if table, err = d.number(); err != nil {
			return err
		}
	}
	n, err := io.CopyN(io.Discard, d.in, table)
	d.off += n
	if err != nil {
		return d.fail(err)
	}
	return nil
}

// Depth is how many elements are open.
func (d *Decoder) Depth() int { return len(d.stack) }

// Offset is how many bytes of the document have been read.
func (d *Decoder) Offset() int64 { return d.off }

// Next returns the next token, io.EOF after the end of the root element. The
// Text of a Text token is nil: Value reads it. What was not read of the value
// before is passed over.
func (d *Decoder) Next() (Token, error) {
	if !d.begun {
		d.begun = true
		if err := d.header(); err != nil {
			return Token{}, err
		}
	}
	if d.value != nil {
		if _, err := io.Copy(io.Discard, d.value); err != nil {
			return Token{}, err
		}
		d.value = nil
	}
	if d.err != nil {
		return Token{}, d.err
	}
	if d.ended {
		d.ended = false
		return d.close(), nil
	}
	for !d.done {
		b, err := d.readByte()
		if err != nil {
			return Token{}, err
		}
		switch b {
		case switchPage:
			if d.page, err = d.readByte(); err != nil {
				return Token{}, err
			}
		case endToken:
			if len(d.stack) == 0 {
				return Token{}, d.wrong(ErrStructure)
			}
			return d.close(), nil
		case inline, opaqueData:
			return d.text(b)
		default:
			return d.open(b)
		}
	}
	return Token{}, io.EOF
}

func (d *Decoder) open(b byte) (Token, error) {
	switch {
	case b&hasAttributes != 0 || b&(tokens-1) < firstToken:
		return Token{}, d.wrong(ErrToken)
	case len(d.stack) >= d.limits.Depth:
		return Token{}, d.wrong(ErrDepth)
	case d.left == 0:
		return Token{}, d.wrong(ErrElements)
	}
	d.left--
	t := MakeTag(d.page, b)
	d.stack = append(d.stack, t)
	d.ended = b&hasContent == 0
	return Token{Kind: Start, Tag: t}, nil
}

func (d *Decoder) close() Token {
	t := d.stack[len(d.stack)-1]
	d.stack = d.stack[:len(d.stack)-1]
	d.done = len(d.stack) == 0
	return Token{Kind: End, Tag: t}
}

func (d *Decoder) text(b byte) (Token, error) {
	if len(d.stack) == 0 {
		return Token{}, d.wrong(ErrStructure)
	}
	v := &valueReader{d: d, left: -1}
	if b == opaqueData {
		n, err := d.number()
		if err != nil {
			return Token{}, err
		}
		v.left = n
	}
	d.value = v
	return Token{Kind: Text, Opaque: b == opaqueData}, nil
}

// Value reads the value of the Text token that Next returned last. It is at its
// end once Next, Skip, Text, Raw or Decode is called.
func (d *Decoder) Value() io.Reader {
	if d.value == nil {
		return bytes.NewReader(nil)
	}
	return d.value
}

// Skip passes over the rest of the innermost element, its End included.
func (d *Decoder) Skip() error {
	for depth := len(d.stack); len(d.stack) >= depth && depth > 0; {
		if _, err := d.Next(); err != nil {
			return err
		}
	}
	return nil
}

// Text reads the text of the innermost element up to its End, in memory and at
// most Limits.Size of it. Elements inside it are passed over.
func (d *Decoder) Text() ([]byte, error) {
	var out bytes.Buffer
	for {
		t, err := d.Next()
		if err != nil {
			return nil, err
		}
		switch t.Kind {
		case End:
			return out.Bytes(), nil
		case Start:
			err = d.Skip()
		case Text:
			if err = d.copyValue(&out, out.Len()); err == nil && out.Len() > d.limits.Size {
				err = d.wrong(ErrSize)
			}
		}
		if err != nil {
			return nil, err
		}
	}
}

// copyValue copies the value of the last token, but not much more than the
// limit allows behind what is held already.
func (d *Decoder) copyValue(out io.Writer, held int) error {
	_, err := io.CopyN(out, d.Value(), int64(d.limits.Size-held)+1)
	if err == io.EOF {
		err = nil
	}
	return err
}
