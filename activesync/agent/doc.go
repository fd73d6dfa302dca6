// Package agent is what screens and commands talk to: all accounts of this
// machine behind one interface.
//
// Local runs the engines of all accounts in this process, over one store. It
// owns their goroutines, fans notices out to those who listen, and turns what
// a person does into journal records. It draws nothing and knows no terminal.
//
// All methods may be called from any goroutine. Slow listeners do not slow the
// engines: they lose notices and are told so by a NoticeOverflow.
package agent
