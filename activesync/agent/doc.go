// Package agent is what screens and commands talk to: all accounts of this
// machine behind one interface, Service.
//
// Local runs the engines of all accounts in this process, over one store. It
// owns their goroutines, fans notices out to those who listen, turns what a
// person does into journal records, and decides by the presence of a person how
// the accounts are looked after. A Server answers at a Unix socket what a Local
// does; a Client is the Service of another process, which starts that process
// where there is none. The package draws nothing and knows no terminal.
//
// On the socket each method is a POST of JSON under /v1/, as the table of calls
// has them; GET /v1/events is a stream of notices, one object a line, that can
// be taken up again after any of them:
//
//	curl --unix-socket agent.sock http://agent/v1/events?since=SEQ
//
// All methods may be called from any goroutine. Slow listeners do not slow the
// engines: they lose notices and are told so by a NoticeOverflow. Nothing runs
// by a clock while nothing is due.
package agent
