// Package vt is a terminal for tests: bytes go in, and what a person would see
// comes out, cell by cell with its style.
//
// It knows what ui/term and common programs send: cursor movement, erasing,
// inserting and deleting, scroll regions, SGR, wide and joined characters, the
// alternate screen, synchronized output (nothing of an update is seen before
// its end), titles, hyperlinks, and the modes of mouse, paste, focus and
// keyboard. It answers what terminals are asked. Where terminals differ it
// does as xterm does; sequences it does not know are passed over and counted.
//
// A Screen may be used from several goroutines.
package vt
