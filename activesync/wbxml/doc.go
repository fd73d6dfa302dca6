// Package wbxml reads and writes the binary XML of ActiveSync (MS-ASWBXML): the
// tokens, the code pages, and Go structs whose tags name the elements, in the
// manner of encoding/xml.
//
// A field's tag is the page, a colon and the element, such as
// `wbxml:"AirSync:SyncKey"`, after it options:
//
//   - omitempty: a zero value is not written;
//   - empty: a bool that is written as an empty element when true, and read as
//     true when the element is there;
//   - opaque: bytes or a string written as opaque data instead of inline text.
//
// "A:B>C:D" puts a repeated D into one B. A nil pointer is an absent element. A
// blank field of type Root names the element of the whole document. Raw keeps
// the content of an element as it came. Reading takes elements in any order,
// text and opaque data alike, and passes over what it does not know.
//
// It knows nothing of mail and does no I/O but on the readers and writers it
// is given. Functions may be called from any goroutine; a Reader, Stream or
// Writer belongs to one at a time.
package wbxml
