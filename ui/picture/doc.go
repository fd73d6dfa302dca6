// Package picture turns pictures that came with mail into what a terminal can
// show: half blocks, kitty graphics, sixel.
//
// It knows nothing of mail and does no I/O. Content is not trusted: a picture
// that says it is larger than any screen needs is refused before memory is
// given to it. Functions may be called from any goroutine.
package picture
