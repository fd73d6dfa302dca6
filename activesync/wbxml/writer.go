package wbxml

import (
	"errors"
	"fmt"
	"io"
	"math"
)

// flushSize is how many bytes a Writer gathers before it hands them over.
const flushSize = 32 << 10

// Writer puts a document together. The first error stays; Flush and Close
// return it.
type Writer struct {
	buf   []byte
	out   io.Writer // where full buffers go; nil keeps all in buf
	stack []int     // where the token of each open element stands in buf, -1 once it has content
	page  byte
	ended bool // the root has ended
	err   error
}

// NewWriter writes a document to out in pieces.
func NewWriter(out io.Writer) *Writer {
	w := &Writer{out: out, stack: make([]int, 0, 16)}
	w.buf = append(w.buf, header[:]...)
	return w
}

func (w *Writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// Start begins an element.
func (w *Writer) Start(t Tag) {
	switch {
	case t.Token() < firstToken || t.Token() >= tokens:
		w.fail(fmt.Errorf("wbxml: write %v: %w", t, ErrToken))
	case len(w.stack) >= defaultDepth:
		w.fail(fmt.Errorf("wbxml: write %v: %w", t, ErrDepth))
	case w.ended:
		w.fail(fmt.Errorf("wbxml: write %v behind the root: %w", t, ErrStructure))
	}
	w.fill()
	if p := t.Page(); p != w.page {
		w.buf = append(w.buf, switchPage, p)
		w.page = p
	}
	w.stack = append(w.stack, len(w.buf))
	w.buf = append(w.buf, t.Token())
}

// fill marks the innermost element as one with content.
func (w *Writer) fill() {
	if n := len(w.stack); n > 0 && w.stack[n-1] >= 0 {
		w.buf[w.stack[n-1]] |= hasContent
		w.stack[n-1] = -1
	}
}

// content is fill for what may only stand in an element.
func (w *Writer) content() {
	if len(w.stack) == 0 {
		w.fail(fmt.Errorf("wbxml: write text beside the root: %w", ErrStructure))
	}
	w.fill()
}

// End ends the innermost element.
func (w *Writer) End() {
	n := len(w.stack)
	if n == 0 {
		w.fail(fmt.Errorf("wbxml: end an element: %w", ErrStructure))
		return
	}
	if w.stack[n-1] < 0 {
		w.buf = append(w.buf, endToken)
	}
	w.stack = w.stack[:n-1]
	w.ended = n == 1
	w.settle()
}

// settle hands over what has gathered. No token may still have to change: the
// innermost element has just got content, or has ended.
func (w *Writer) settle() {
	if w.out != nil && len(w.buf) >= flushSize {
		w.drain()
	}
}

func (w *Writer) drain() {
	if w.err == nil {
		if _, err := w.out.Write(w.buf); err != nil {
			w.fail(err)
		}
	}
	w.buf = w.buf[:0]
}

// Empty writes an element without content.
func (w *Writer) Empty(t Tag) {
	w.Start(t)
	w.End()
}

// Text writes inline text. Characters that XML 1.0 does not have are left out,
// and U+FFFD stands for what is not UTF-8. Empty text is nothing.
func (w *Writer) Text(s string) {
	if s = clean(s); s == "" {
		return
	}
	w.content()
	w.buf = append(w.buf, inline)
	w.buf = append(w.buf, s...)
	w.buf = append(w.buf, 0)
	w.settle()
}

// TextBytes writes inline text of any encoding. The ASCII characters that XML
// 1.0 does not have are left out.
func (w *Writer) TextBytes(b []byte) {
	if b = cleanBytes(b); len(b) == 0 {
		return
	}
	w.content()
	w.buf = append(w.buf, inline)
	w.buf = append(w.buf, b...)
	w.buf = append(w.buf, 0)
	w.settle()
}

// TextFrom writes what r has as TextBytes does, without keeping it in memory
// where the Writer has somewhere to write to.
func (w *Writer) TextFrom(r io.Reader) {
	w.content()
	w.buf = append(w.buf, inline)
	part := make([]byte, flushSize)
	for w.err == nil {
		n, err := r.Read(part)
		w.buf = appendAllowed(w.buf, part[:n])
		w.settle()
		if err == io.EOF {
			break
		} else if err != nil {
			w.fail(fmt.Errorf("wbxml: read the text to write: %w", err))
		}
	}
	w.buf = append(w.buf, 0)
}

// Opaque writes bytes as they are. None are nothing.
func (w *Writer) Opaque(b []byte) {
	if len(b) == 0 {
		return
	}
	w.opaqueHead(int64(len(b)))
	w.buf = append(w.buf, b...)
	w.settle()
}

func (w *Writer) opaqueHead(n int64) {
	if n < 0 || n > math.MaxInt32 {
		w.fail(fmt.Errorf("wbxml: write opaque data of %d bytes: %w", n, ErrSize))
		return
	}
	w.content()
	w.buf = append(w.buf, opaqueData)
	w.buf = appendNumber(w.buf, uint32(n))
}

// OpaqueHead announces n bytes of opaque data and hands over all before them.
// The caller puts the bytes behind that himself, before or after the rest of
// the document is written: so a document can be cut in two around data that
// stays where it is.
func (w *Writer) OpaqueHead(n int64) {
	w.opaqueHead(n)
	if w.out == nil {
		w.fail(errors.New("wbxml: announce opaque data: there is nowhere to write to"))
		return
	}
	w.drain()
}

// OpaqueFrom writes n bytes of r as opaque data, without keeping them in
// memory where the Writer has somewhere to write to. That r has less is an
// error that wraps io.ErrUnexpectedEOF.
func (w *Writer) OpaqueFrom(r io.Reader, n int64) {
	w.opaqueHead(n)
	if w.err != nil {
		return
	}
	out := w.out
	if out == nil {
		out = (*tail)(&w.buf)
	} else {
		w.drain()
	}
	m, err := io.CopyN(out, r, n)
	if err == io.EOF {
		err = errEarly
	}
	if err != nil {
		w.fail(fmt.Errorf("wbxml: write opaque data, %d of %d bytes: %w", m, n, err))
	}
}

// tail appends what is written to it.
type tail []byte

func (t *tail) Write(p []byte) (int, error) {
	*t = append(*t, p...)
	return len(p), nil
}

// Flush hands over what can be: all, unless the innermost element has no
// content yet, which its token has to tell.
func (w *Writer) Flush() error {
	if n := len(w.stack); w.out != nil && (n == 0 || w.stack[n-1] < 0) {
		w.drain()
	}
	return w.err
}

// Close checks that the root has ended, and hands over the rest.
func (w *Writer) Close() error {
	if !w.ended {
		w.fail(fmt.Errorf("wbxml: close the document: %w", ErrStructure))
	}
	return w.Flush()
}

func appendNumber(dst []byte, n uint32) []byte {
	shift := 0
	for n>>(shift+7) != 0 {
		shift += 7
	}
	for ; shift > 0; shift -= 7 {
		dst = append(dst, byte(n>>shift)|0x80)
	}
	return append(dst, byte(n)&0x7F)
}
