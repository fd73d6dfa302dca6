package wbxml

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Writer puts a document together. The first error sticks; End returns it.
type Writer struct {
	buf   []byte
	out   io.Writer // where full buffers go; nil keeps all in buf
	page  byte
	stack []int // where the start byte of each open element stands in buf, -1 once flushed or filled
	err   error
}

// NewWriter writes a document to out. What is written stays in memory until
// Flush, save the data of OpaqueFrom.
func NewWriter(out io.Writer) *Writer {
	w := &Writer{out: out, stack: make([]int, 0, 16)}
	w.buf = append(w.buf, header[:]...)
	return w
}

func (w *Writer) tag(t Tag) {
	if p := t.Page(); p != w.page {
		w.buf = append(w.buf, switchPage, p)
		w.page = p
	}
}

// Start begins an element.
func (w *Writer) Start(t Tag) {
	w.fill()
	w.tag(t)
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

// End ends the innermost element.
func (w *Writer) End() {
	n := len(w.stack)
	if n == 0 {
		w.fail(ErrStructure)
		return
	}
	if w.stack[n-1] < 0 {
		w.buf = append(w.buf, endToken)
	}
	w.stack = w.stack[:n-1]
}

// Empty writes an element without content.
func (w *Writer) Empty(t Tag) {
	w.Start(t)
	w.End()
}

// Text writes inline text. Characters that XML 1.0 forbids are left out, as
// servers break on them; a zero byte would end the text.
func (w *Writer) Text(s string) {
	if nothing(s) {
		return
	}
	w.fill()
	w.buf = append(w.buf, inline)
	w.buf = appendClean(w.buf, s)
	w.buf = append(w.buf, 0)
}

// Opaque writes bytes as they are.
func (w *Writer) Opaque(b []byte) {
	w.fill()
	w.buf = append(w.buf, opaqueData)
	w.buf = appendNumber(w.buf, uint64(len(b)))
	w.buf = append(w.buf, b...)
}

// OpaqueFrom writes n bytes of r as opaque data, without keeping them in
// memory where the Writer has somewhere to write to.
func (w *Writer) OpaqueFrom(r io.Reader, n int64) {
	w.fill()
	w.buf = append(w.buf, opaqueData)
	w.buf = appendNumber(w.buf, uint64(n))
	if w.out == nil {
		at := len(w.buf)
		w.buf = append(w.buf, make([]byte, n)...)
		if _, err := io.ReadFull(r, w.buf[at:]); err != nil {
			w.fail(fmt.Errorf("read opaque data: %w", err))
		}
		return
	}
	if w.Flush() != nil {
		return
	}
	if m, err := io.CopyN(w.out, r, n); err != nil {
		w.fail(fmt.Errorf("copy opaque data after %d bytes: %w", m, err))
	}
}

// Flush hands over what was written so far.
func (w *Writer) Flush() error {
	if w.err != nil || w.out == nil {
		return w.err
	}
	for _, at := range w.stack {
		if at >= 0 { // an element that was begun is still open: it may get content
			w.fail(ErrStructure)
			return w.err
		}
	}
	if _, err := w.out.Write(w.buf); err != nil {
		w.fail(err)
	}
	w.buf = w.buf[:0]
	return w.err
}

// Close checks that all elements have ended, and hands over the rest.
func (w *Writer) Close() error {
	if len(w.stack) > 0 {
		w.fail(ErrStructure)
	}
	return w.Flush()
}

func (w *Writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

func appendNumber(dst []byte, n uint64) []byte {
	shift := 0
	for n>>(shift+7) != 0 {
		shift += 7
	}
	for ; shift > 0; shift -= 7 {
		dst = append(dst, byte(n>>shift)|0x80)
	}
	return append(dst, byte(n)&0x7F)
}

// appendClean appends s without the characters below the blank that XML 1.0
// forbids: all but tab, line feed and carriage return.
func appendClean[T string | []byte](dst []byte, s T) []byte {
	const low, high = 0x2020202020202020, 0x8080808080808080
	i := 0
	for start := 0; ; {
		// Eight bytes at a time: is any below the blank?
		for i+8 <= len(s) {
			x := binary.LittleEndian.Uint64([]byte(s[i : i+8]))
			if (x-low)&^x&high != 0 {
				break
			}
			i += 8
		}
		for n := min(i+8, len(s)); i < n; i++ {
			if !allowed(s[i]) {
				dst = append(dst, s[start:i]...)
				start = i + 1
			}
		}
		if i >= len(s) {
			return append(dst, s[start:]...)
		}
	}
}

func (w *Writer) textBytes(b []byte) {
	if nothing(b) {
		return
	}
	w.fill()
	w.buf = append(w.buf, inline)
	w.buf = appendClean(w.buf, b)
	w.buf = append(w.buf, 0)
}

// nothing reports whether no character of s may be written.
func nothing[T string | []byte](s T) bool {
	for i := range len(s) {
		if allowed(s[i]) {
			return false
		}
	}
	return true
}

func allowed(c byte) bool { return c >= 0x20 || c == '\t' || c == '\n' || c == '\r' }
