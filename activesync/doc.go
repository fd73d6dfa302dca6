// Package activesync is the vocabulary that all other packages share: typed
// ids, folders, messages, contacts, events, the changes a person makes and the
// events that tell of changes, and the meaning of protocol statuses.
//
// It does no I/O, keeps no state and imports only the standard library. All
// types are plain values; copies may be used from any goroutine.
package activesync
