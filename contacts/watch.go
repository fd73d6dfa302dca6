package contacts

// Watch tells that directories may have changed, without looking at them by a
// clock. Its methods are used by one goroutine.
type Watch interface {
	// On watches these directories and no others; one that cannot be watched, or
	// is not there, is left out until the next call.
	On(dirs []string)
	// Changed receives after changes, once for many.
	Changed() <-chan struct{}
	Close() error
}

// blind is the Watch where there is none: the directories are looked at now and
// then.
type blind struct{}

func (blind) On([]string)              {}
func (blind) Changed() <-chan struct{} { return nil }
func (blind) Close() error             { return nil }
