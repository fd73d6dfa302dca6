package activesync

import "io"

// FileReader is a file that is kept on this machine. Close it after use.
type FileReader interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// FileWriter is a file that is being fetched. What was written is kept after
// Close, and after Finish the file is whole.
type FileWriter interface {
	io.Writer
	// Size is how much there is of it, from an earlier try too.
	Size() int64
	// Restart forgets what there is.
	Restart() error
	Finish() error
	Close() error
	// Discard removes what there is; it takes the place of Finish and Close.
	Discard() error
}
