package agent

import (
	"context"
	"errors"
	"io/fs"
	"syscall"

	"eas.example/securemail/activesync"
)

// fault is an error on the socket: its words, and what it is.
type fault struct {
	Text   string                  `json:"error"`
	Is     []string                `json:"is,omitempty"`
	Status *activesync.StatusError `json:"status,omitempty"`
	HTTP   *activesync.HTTPError   `json:"http,omitempty"`
	Path   *pathFault              `json:"path,omitempty"`
	Device string                  `json:"device,omitempty"` // that is refused
}

type pathFault struct{ Op, Path, Text string }

// sentinels are the errors that keep their identity on the socket, by name.
func sentinels() map[string]error {
	return map[string]error{
		"auth": activesync.ErrAuth, "forbidden": activesync.ErrForbidden, "unreachable": activesync.ErrUnreachable,
		"not-activesync": activesync.ErrNotActiveSync, "truncated": activesync.ErrTruncated, "busy": activesync.ErrBusy,
		"provision": activesync.ErrProvision, "wipe": activesync.ErrWipe, "bad-sync-key": activesync.ErrBadSyncKey,
		"folder-gone": activesync.ErrFolderGone, "not-found": activesync.ErrNotFound, "no-item": activesync.ErrNoItem, "quota": activesync.ErrQuota,
		"already-sent": activesync.ErrAlreadySent, "rejected": activesync.ErrRejected, "policy": activesync.ErrPolicy, "draft-changed": activesync.ErrDraftChanged, "outgoing": activesync.ErrOutgoing,
		"no-account": ErrNoAccount, "done": ErrDone, "in-use": ErrInUse, "other-person": ErrOtherPerson, "setting": ErrSetting, "locked": activesync.ErrLocked, "passphrase": activesync.ErrPassphrase, "sign-in": activesync.ErrSignIn,
		"canceled": context.Canceled, "deadline": context.DeadlineExceeded,
		"not-exist": fs.ErrNotExist, "permission": fs.ErrPermission, "no-space": syscall.ENOSPC,
	}
}

// newFault describes an error; nil is nil.
func newFault(err error) *fault {
	if err == nil {
		return nil
	}
	f := &fault{Text: err.Error()}
	if e, ok := errors.AsType[*activesync.StatusError](err); ok {
		f.Status = e
	}
	if e, ok := errors.AsType[*activesync.HTTPError](err); ok {
		f.HTTP = e
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		f.Path = &pathFault{e.Op, e.Path, e.Err.Error()}
	}
	if e, ok := errors.AsType[*activesync.DeviceError](err); ok {
		f.Device = e.ID
	}
	for name, s := range sentinels() {
		if errors.Is(err, s) {
			f.Is = append(f.Is, name)
		}
	}
	return f
}

// err makes the error again.
func (f *fault) err() error {
	if f == nil {
		return nil
	}
	e := &farError{text: f.Text}
	if f.Status != nil {
		e.causes = append(e.causes, f.Status)
	}
	if f.HTTP != nil {
		e.causes = append(e.causes, f.HTTP)
	}
	if f.Device != "" {
		e.causes = append(e.causes, &activesync.DeviceError{ID: f.Device, Err: activesync.ErrForbidden})
	}
	if f.Path != nil {
		e.causes = append(e.causes, &fs.PathError{Op: f.Path.Op, Path: f.Path.Path, Err: errors.New(f.Path.Text)})
	}
	known := sentinels()
	for _, name := range f.Is {
		if s, ok := known[name]; ok {
			e.causes = append(e.causes, s)
		}
	}
	return e
}

// farError is an error of the other process.
type farError struct {
	text   string
	causes []error
}

func (e *farError) Error() string   { return e.text }
func (e *farError) Unwrap() []error { return e.causes }
