// Package wbxml reads and writes the binary XML of ActiveSync (MS-ASWBXML): the
// tokens, the code pages, and Go structs whose tags name the elements, in the
// manner of encoding/xml.
//
// A field's tag is the page, a colon and the element, such as
// `wbxml:"AirSync:SyncKey"`, after it options:
//
//   - omitempty: a zero value, and empty bytes or Raw, are not written;
//   - empty: a bool that is written as an empty element when true, and read as
//     true when the element is there;
//   - opaque: bytes or a string written as opaque data instead of inline text.
//
// Fields are strings, bools, integers, bytes, structs, types that marshal to
// text, Raw, pointers and slices of these, and for writing any. A nil pointer
// is an absent element. "A:B>C:D" puts a repeated D into one B, which is there
// when D is; neighbours with the same B share it. Where two fields name one
// element, each is written and the later one read into. A blank field of type
// Root names the element of the whole document. Raw keeps the content of an
// element as it came.
//
// Reading takes elements in any order, text and opaque data alike, and passes
// over what it does not know: servers have more elements than their versions
// admit. Writing leaves out characters that XML 1.0 does not have.
//
// Documents in memory are read by Reader, Unmarshal, Parse and Dump, those that
// come in by Decoder. They are written by Marshal and Writer.
//
// The package knows nothing of mail and does no I/O but on the readers and
// writers it is given. Functions may be called from any goroutine; a Reader,
// Decoder or Writer belongs to one at a time; a Raw does not change.
package wbxml
