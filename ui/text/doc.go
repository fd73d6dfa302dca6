// Package text measures, cuts and wraps text in terminal cells.
//
// The unit is the grapheme cluster: what a person takes for one sign, such as
// a letter with its accents, a flag or a family of emoji. Text must be clean:
// one line without control characters and escape sequences (Wrap takes line
// feeds). What is not UTF-8 counts one cell a byte. Text of scripts that run
// from right to left is measured in the order it is stored.
//
// The package knows no styles and no mail, holds no state, and all of it may
// be used from any goroutine.
package text
