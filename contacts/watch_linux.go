package contacts

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/fsnotify/fsnotify"
)

// inotify is a Watch by the kernel. Elsewhere it would hold each file of a
// directory open (kqueue), so only Linux has one.
type inotify struct {
	watcher *fsnotify.Watcher
	changed chan struct{}
	done    chan struct{}
}

// NewWatch begins to watch. Its goroutine ends with Close.
func NewWatch() (Watch, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch for changes of cards: %w", err)
	}
	n := &inotify{watcher: w, changed: make(chan struct{}, 1), done: make(chan struct{})}
	go n.run()
	return n, nil
}

func (n *inotify) run() {
	defer close(n.done)
	for {
		select {
		case e, ok := <-n.watcher.Events:
			if !ok {
				return
			}
			if e.Op == fsnotify.Chmod || e.Has(fsnotify.Create|fsnotify.Write) && filepath.Ext(e.Name) != fileExtension {
				continue
			}
		case _, ok := <-n.watcher.Errors:
			if !ok {
				return
			}
			// Events may have been lost.
		}
		select {
		case n.changed <- struct{}{}:
		default:
		}
	}
}

func (n *inotify) On(dirs []string) {
	for _, old := range n.watcher.WatchList() {
		if !slices.Contains(dirs, old) {
			// Gone with the directory, perhaps.
			_ = n.watcher.Remove(old)
		}
	}
	for _, dir := range dirs {
		// What cannot be watched is looked at now and then all the same.
		_ = n.watcher.Add(dir)
	}
}

func (n *inotify) Changed() <-chan struct{} { return n.changed }

func (n *inotify) Close() error {
	err := n.watcher.Close()
	<-n.done
	return err
}
