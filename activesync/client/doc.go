// Package client owns the HTTP side of ActiveSync: one method a command, one
// exchange each (MS-ASHTTP, MS-ASCMD). It turns what goes wrong on the way into
// the errors of package activesync.
//
// It stores no SyncKey, never follows a redirect, and repeats a request only where
// the token that it went with was refused: all else is for the caller to decide. TLS is always verified; plain HTTP is
// refused except to this machine. The password stays in memory and stands in no
// error and no log line.
//
// A Client may be used from any goroutine. What SetVersion, SetPolicyKey and
// SetEndpoint set holds for the exchanges that begin afterwards.
package client
