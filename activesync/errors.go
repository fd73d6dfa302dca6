package activesync

import (
	"errors"
	"fmt"
	"time"
)

// Decisions that a failed request can ask for. Errors of the client wrap one
// of them where one applies; test with errors.Is.
var (
	// ErrAuth: the server refuses the name or the password. Never repeated by itself.
	ErrAuth = errors.New("the server refuses the sign-in")
	// ErrForbidden: the account or this device may not use ActiveSync here.
	ErrForbidden = errors.New("the server does not let this device in")
	// ErrUnreachable: no answer came at all.
	ErrUnreachable = errors.New("the server cannot be reached")
	// ErrNotActiveSync: something answered that is not an ActiveSync server.
	ErrNotActiveSync = errors.New("what answers there is not an ActiveSync server")
	// ErrNoServer: no ActiveSync server could be found for an address.
	ErrNoServer = errors.New("no ActiveSync server could be found for the address")
	// ErrTruncated: the answer ended too early. Nothing in it counts.
	ErrTruncated = errors.New("the answer was cut off")
	// ErrTooLarge: the answer is larger than fits; less has to be asked for.
	ErrTooLarge = errors.New("the answer is too large")
	// ErrBusy: come back later, see RetryAfter.
	ErrBusy = errors.New("the server is busy")
	// ErrProvision: the policies must be acknowledged first (449, 141 to 144).
	ErrProvision = errors.New("the server wants its policies acknowledged")
	// ErrWipe: the server asks that this device be erased (140).
	ErrWipe = errors.New("the server asks to erase the data of this account")
	// ErrBadSyncKey: start the folder or the hierarchy anew (Sync 3, FolderSync 9).
	ErrBadSyncKey = errors.New("the server no longer knows the state of this folder")
	// ErrFolderGone: do a FolderSync first (Sync 12, Ping 7).
	ErrFolderGone = errors.New("the folders have changed on the server")
	// ErrNotFound: the item is not there any more.
	ErrNotFound = errors.New("the item is no longer on the server")
	// ErrNoItem: nothing that is kept here has that id.
	ErrNoItem = errors.New("no such item")
	// ErrQuota: the mailbox is full (113, 507).
	ErrQuota = errors.New("the mailbox is full")
	// ErrAlreadySent: the server has seen this ClientId before (118).
	ErrAlreadySent = errors.New("the message was already sent")
	// ErrRejected: the same request will be refused again.
	ErrRejected = errors.New("the server refuses the request")
	// ErrPolicy: a policy forbids it.
	ErrPolicy = errors.New("a policy forbids it")
	// ErrDraftChanged: what is kept of a draft is not what the change was made
	// from; another screen writes the same message, or it is being sent.
	ErrDraftChanged = errors.New("the message was changed or sent on another screen")
	// ErrOutgoing: the message waits in the outbox; it has to be taken back before it
	// can be changed.
	ErrOutgoing = errors.New("the message waits in the outbox")
)

// ErrSignIn: the authorization server refuses to sign the person in, or what it gave
// has run out. It is an ErrAuth too.
var ErrSignIn error = signInError{}

type signInError struct{}

func (signInError) Error() string        { return "the sign-in is refused or has run out" }
func (signInError) Is(target error) bool { return target == ErrAuth }

// StatusError is a Status element other than success. Codes below 100 mean
// different things in different commands, so Command belongs to it.
type StatusError struct {
	Command string // "Sync", "Ping", …; "Sync/item" for the status of one item
	Code    int
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("%s: %s (status %d)", e.Command, StatusText(e.Command, e.Code), e.Code)
}

// Is maps the code to a decision.
func (e *StatusError) Is(target error) bool { return decision(e.Command, e.Code) == target }

// HTTPError is an HTTP answer other than 200.
type HTTPError struct {
	Command    string
	Code       int
	Host       string
	RetryAfter time.Duration // 0 when the server did not say
	Location   string        // where a 451 or a redirect points to; never followed by itself
	Bearer     bool          // a refused password, where one can sign in by OAuth 2.0
	Excerpt    string        // first words of the body, cleaned
}

func (e *HTTPError) Error() string {
	s := e.Command + ": "
	for _, d := range []error{ErrAuth, ErrForbidden, ErrNotActiveSync, ErrProvision, ErrBusy, ErrQuota, ErrRejected} {
		if e.Is(d) {
			s += d.Error() + ": "
		}
	}
	s += fmt.Sprintf("%s answered %d", e.Host, e.Code)
	if e.Bearer {
		s += " and offers to sign in by OAuth 2.0"
	}
	if e.Location != "" {
		s += " and points to " + e.Location
	}
	if e.Excerpt != "" {
		s += ": " + e.Excerpt
	}
	return s
}

// Is maps the code to a decision.
func (e *HTTPError) Is(target error) bool {
	switch e.Code {
	case 401, 456, 457: // 456: the account is blocked, 457: the password has expired
		return target == ErrAuth
	case 403:
		return target == ErrForbidden
	case 301, 302, 303, 307, 308, 404, 405, 501:
		return target == ErrNotActiveSync
	case 449:
		return target == ErrProvision
	case 429, 500, 502, 503, 504:
		return target == ErrBusy
	case 507:
		return target == ErrQuota
	case 400, 413:
		return target == ErrRejected
	}
	return false
}

// DeviceError is a refusal of this device, with the id by which the server
// knows it.
type DeviceError struct {
	ID  string
	Err error
}

func (e *DeviceError) Error() string {
	return e.Err.Error() + "; the server knows this device as " + e.ID
}

func (e *DeviceError) Unwrap() error { return e.Err }

// RetryAfter is how long the server asked to wait, 0 when it did not say.
func RetryAfter(err error) time.Duration {
	if e, ok := errors.AsType[*HTTPError](err); ok {
		return e.RetryAfter
	}
	return 0
}
