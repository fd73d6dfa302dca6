package store

import (
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"strings"
	"syscall"

	berrors "go.etcd.io/bbolt/errors"

	"eas.example/securemail/activesync"
)

// What can keep a store from doing its work. Test with errors.Is.
var (
	// ErrLocked: another process has the store open. See LockedError.
	ErrLocked = errors.New("the store is in use by another process")
	// ErrNewerSchema: a newer version of the program wrote it. Nothing was changed.
	ErrNewerSchema = errors.New("the store was written by a newer version of this program")
	// ErrDamaged: what lies at the path is no intact store. Nothing was changed.
	ErrDamaged = errors.New("the store is damaged")
	// ErrFull: there is no room to write. The transaction left no trace.
	ErrFull = errors.New("there is no room left on the disk")
	// ErrReadOnly: file or directory may not be written.
	ErrReadOnly = errors.New("the store may not be written")
	// ErrKey: the key given is not the one that sealed this store.
	ErrKey = errors.New("the key does not open this store")
	// ErrClosed: the store was closed.
	ErrClosed = errors.New("the store is closed")
	// ErrCorrupt: one value cannot be read; the rest of the store is intact. See
	// CorruptError.
	ErrCorrupt = errors.New("a value cannot be read")

	// ErrStaleKey: the folder, or the hierarchy, is no longer at the key that
	// the change starts from. Nothing was changed.
	ErrStaleKey = errors.New("the sync key has moved on")
	// ErrNoAccount, ErrNoFolder, ErrNoItem and ErrNoOp: there is no such thing here.
	ErrNoAccount = errors.New("no such account")
	ErrNoFolder  = errors.New("no such folder")
	ErrNoItem    = activesync.ErrNoItem
	ErrNoOp      = errors.New("no such record in the journal")
	// ErrUnderWay: the server may have carried the record out, and nothing could
	// make up for it.
	ErrUnderWay = errors.New("it may have been carried out already")
	// ErrClass: the folder or item is of another class than asked for.
	ErrClass = errors.New("the item is of another class")
)

// LockedError says who has the store open. It is ErrLocked.
type LockedError struct {
	Path string
	PID  int // 0 where not known
}

func (e *LockedError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("%s: %s", e.Path, ErrLocked)
	}
	return fmt.Sprintf("%s: %s (process %d)", e.Path, ErrLocked, e.PID)
}

// Is reports that e is ErrLocked.
func (e *LockedError) Is(target error) bool { return target == ErrLocked }

// CorruptError names one value that cannot be read. It is ErrCorrupt. Where
// Folder is not 0, Reset of that folder drops the value, and the server gives
// the item again.
type CorruptError struct {
	Bucket string
	ID     uint64 // the item, folder or journal record; 0 for a value that has no number
	Folder uint64 // the folder it was met in, 0 where that is not known
	Err    error
}

func (e *CorruptError) Error() string {
	if e.ID == 0 {
		return fmt.Sprintf("%s in bucket %s: %s", ErrCorrupt, e.Bucket, e.Err)
	}
	return fmt.Sprintf("%s in bucket %s, id %d: %s", ErrCorrupt, e.Bucket, e.ID, e.Err)
}

// Is reports that e is ErrCorrupt.
func (e *CorruptError) Is(target error) bool { return target == ErrCorrupt }

// Unwrap gives the cause.
func (e *CorruptError) Unwrap() error { return e.Err }

// classify gives an error of the file system or of bbolt one of the names above.
func classify(err error) error {
	for _, c := range []struct{ cause, name error }{
		{syscall.ENOSPC, ErrFull}, {syscall.EDQUOT, ErrFull}, {syscall.EFBIG, ErrFull},
		{berrors.ErrMaxSizeReached, ErrFull},
		{fs.ErrPermission, ErrReadOnly}, {syscall.EROFS, ErrReadOnly},
		{berrors.ErrInvalid, ErrDamaged}, {berrors.ErrChecksum, ErrDamaged},
		{berrors.ErrVersionMismatch, ErrDamaged}, {berrors.ErrInvalidMapping, ErrDamaged},
		{berrors.ErrDatabaseNotOpen, ErrClosed},
	} {
		if errors.Is(err, c.cause) && !errors.Is(err, c.name) {
			return fmt.Errorf("%w: %w", c.name, err)
		}
	}
	// bbolt says this one only in words.
	if err != nil && strings.Contains(err.Error(), "file size too small") {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return err
}

// faultAddr is the address from which on a fault is one of the mapped file and
// not a nil pointer.
const faultAddr = 4096

// damage turns a panic of bbolt over a page that makes no sense, or a fault in
// the mapped file, into an error. Any other panic goes on. It must be called by
// the function that recovered.
func damage(r any) error {
	if f, ok := r.(interface {
		error
		Addr() uintptr
	}); ok && f.Addr() >= faultAddr {
		return fmt.Errorf("%w: %w", ErrDamaged, f)
	}
	if !strings.HasPrefix(panicked(), "go.etcd.io/bbolt") {
		panic(r)
	}
	if err, ok := r.(error); ok {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return fmt.Errorf("%w: %v", ErrDamaged, r)
}

// panicked is the function in which the panic began that is being recovered.
func panicked() string {
	pc := make([]uintptr, 64)
	frames := runtime.CallersFrames(pc[:runtime.Callers(1, pc)])
	for inPanic := false; ; {
		f, more := frames.Next()
		inRuntime := strings.HasPrefix(f.Function, "runtime.")
		if inPanic && !inRuntime || !more {
			return f.Function
		}
		inPanic = inPanic || f.Function == "runtime.gopanic"
	}
}

func isCorrupt(err error) bool { return errors.Is(err, ErrCorrupt) }

func asCorrupt(err error) (*CorruptError, bool) { return errors.AsType[*CorruptError](err) }
