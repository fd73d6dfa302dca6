//go:build !linux

package contacts

// NewWatch watches nothing on this system: directories are looked at now and
// then.
func NewWatch() (Watch, error) { return blind{}, nil }
