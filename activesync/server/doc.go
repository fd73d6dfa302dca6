// Package server is a complete ActiveSync server in one process, for the demo
// and for tests. It answers as strictly as Exchange does, in versions 12.1 to
// 16.1, and can play faults on a plan.
//
// It keeps mailboxes in memory, or reads their messages when they are asked
// for, and delivers only to its own users. It knows nothing of the client.
// A Server and its Mailboxes may be used from any goroutine.
package server
