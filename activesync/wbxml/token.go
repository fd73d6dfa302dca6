package wbxml

import (
	"errors"
	"fmt"
	"io"
)

// Global tokens of WBXML 1.3 that ActiveSync uses (MS-ASWBXML 2.1).
const (
	switchPage = 0x00
	endToken   = 0x01
	inline     = 0x03 // a string that ends with a zero byte
	opaqueData = 0xC3

	hasContent    = 0x40
	hasAttributes = 0x80
)

// header is version 1.3, public id 1, UTF-8, a string table of length 0.
var header = [...]byte{0x03, 0x01, 0x6A, 0x00}

const newestVersion = 3 // of WBXML: 1.3

// Limits bound what a document may ask of its reader. Zero fields mean the
// defaults.
type Limits struct {
	Depth    int // elements inside each other, 64 by default
	Elements int // elements in all, 1 << 20 by default: an empty one is a byte here and hundreds in a struct
	Size     int // bytes held in memory, 256 MiB by default; not what passes through as a stream
}

const (
	defaultDepth    = 64
	defaultElements = 1 << 20
	defaultSize     = 256 << 20
)

func (l Limits) filled() Limits {
	if l.Depth <= 0 {
		l.Depth = defaultDepth
	}
	if l.Elements <= 0 {
		l.Elements = defaultElements
	}
	if l.Size <= 0 {
		l.Size = defaultSize
	}
	return l
}

// Kind is what a token is.
type Kind uint8

// The kinds of tokens.
const (
	Start Kind = iota + 1 // an element begins
	End                   // the innermost element ends
	Text                  // text or opaque data; an element may have several
)

// Token is one piece of a document. An element without content is a Start and
// an End like any other.
type Token struct {
	Kind   Kind
	Tag    Tag    // of Start and End
	Text   []byte // of Text, a part of the document and not a copy; nil from a Decoder
	Opaque bool   // Text was opaque data
}

// SyntaxError says where a document is wrong. It wraps io.ErrUnexpectedEOF
// where the document merely ended too early.
type SyntaxError struct {
	Offset int64 // bytes from the start of the document
	Err    error
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("wbxml: byte %d: %v", e.Offset, e.Err) }

// Unwrap gives what is wrong.
func (e *SyntaxError) Unwrap() error { return e.Err }

// What can be wrong with a document, besides its early end.
var (
	ErrHeader    = errors.New("not a WBXML 1.3 document")
	ErrToken     = errors.New("a token that ActiveSync does not use")
	ErrDepth     = errors.New("elements too deep inside each other")
	ErrElements  = errors.New("too many elements")
	ErrSize      = errors.New("the document is too large")
	ErrStructure = errors.New("elements are not properly nested")
	ErrRoot      = errors.New("another document than was asked for")
	ErrValue     = errors.New("a value does not fit") // all else has been read
)

var errEarly = io.ErrUnexpectedEOF
