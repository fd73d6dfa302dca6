package contacts

import (
	"context"
	"errors"
	"slices"
	"time"

	"eas.example/securemail/activesync"
)

const (
	// gather is how long changes are gathered before a pass, patience how long
	// a stream of them can put it off.
	gather   = 300 * time.Millisecond
	patience = 3 * time.Second
	// lookEvery is how often the directory is looked at without being told of a
	// change: it may have been mounted again, and not all systems tell.
	lookEvery = 30 * time.Second
)

// Listener tells what happens; see ui.Backend.
type Listener interface {
	People
	Accounts(context.Context) ([]activesync.Account, error)
	Subscribe(context.Context) <-chan activesync.Notice
}

// Watch tells changed of changes in directories until ctx ends, once for many. It
// gives up with the reason where they cannot be watched.
type Watch func(ctx context.Context, dirs []string, changed chan<- struct{}) error

// watching is a Watch at work.
type watching struct {
	watch   Watch // nil watches nothing
	dirs    []string
	changed chan struct{}
	stop    context.CancelFunc
	done    chan struct{}
}

// on has these directories watched and no others.
func (w *watching) on(ctx context.Context, dirs []string) {
	if w.watch == nil || slices.Equal(dirs, w.dirs) {
		return
	}
	w.end()
	w.dirs = dirs
	if len(dirs) == 0 {
		return
	}
	ctx, w.stop = context.WithCancel(ctx)
	w.done = make(chan struct{})
	go func(done chan struct{}) {
		defer close(done)
		// What cannot be watched is looked at now and then all the same.
		_ = w.watch(ctx, dirs, w.changed)
	}(w.done)
}

func (w *watching) end() {
	if w.stop != nil {
		w.stop()
		<-w.done
		w.stop = nil
	}
}

// Keep keeps the address books of all accounts in step while ctx lasts, those
// for which Sync with Local Contacts is on: every change of a contact is
// written within seconds, and every change of a card that watch tells of is seen
// as soon. done is told of each pass that did something or failed; watch and done
// may be nil.
func Keep(ctx context.Context, listen Listener, book func(activesync.AccountID) (*Book, error), watch Watch, done func(activesync.AccountID, Report, error)) error {
	if done == nil {
		done = func(activesync.AccountID, Report, error) {}
	}
	watched := watching{watch: watch, changed: make(chan struct{}, 1)}
	defer watched.end()
	notices := listen.Subscribe(ctx)
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	last := map[activesync.AccountID]string{} // what was told of an account
	for told := true; ; {
		accounts, err := listen.Accounts(ctx)
		if err != nil && ctx.Err() == nil {
			return err
		}
		news := news{notices: notices, changed: watched.changed, classes: map[activesync.FolderID]activesync.Class{}}
		var dirs []string
		for _, a := range accounts {
			folders, _ := listen.Folders(ctx, a.ID) // without them all news counts
			for _, f := range folders {
				news.classes[f.ID] = f.Class
			}
			b, err := book(a.ID)
			if err != nil {
				return err
			}
			pass := b.Pass
			if !told {
				pass = b.Look
			}
			report, err := pass(ctx)
			if report.dir != "" {
				dirs = append(dirs, report.dir)
			}
			switch {
			case ctx.Err() != nil:
				return nil
			case errors.Is(err, ErrOff):
				continue
			case err != nil && err.Error() == last[a.ID]:
				continue // said already
			case err == nil && !report.changed && last[a.ID] == "":
				continue
			}
			last[a.ID] = ""
			if err != nil {
				last[a.ID] = err.Error()
			}
			done(a.ID, report, err)
		}
		watched.on(ctx, dirs)
		var ok bool
		if told, ok = news.await(ctx, look.C); !ok {
			return nil
		}
	}
}

// news is what a change is learned from.
type news struct {
	notices <-chan activesync.Notice
	changed <-chan struct{} // of directories
	classes map[activesync.FolderID]activesync.Class
}

// await waits until contacts may have changed, then told is true, or it is time
// to look at the directory. ok is false when ctx has ended.
func (w news) await(ctx context.Context, look <-chan time.Time) (told, ok bool) {
	for {
		select {
		case n, ok := <-w.notices:
			if !ok {
				return false, false
			}
			if concerns(n, w.classes) {
				return w.settle(ctx, true)
			}
		case <-w.changed:
			return w.settle(ctx, false)
		case <-look:
			return false, ctx.Err() == nil
		case <-ctx.Done():
			return false, false
		}
	}
}

// settle lets a burst of changes pass. told says whether contacts are among
// them.
func (w news) settle(ctx context.Context, told bool) (bool, bool) {
	end := time.NewTimer(patience)
	defer end.Stop()
	quiet := time.NewTimer(gather)
	defer quiet.Stop()
	for {
		select {
		case n, ok := <-w.notices:
			if !ok {
				return told, false
			}
			if concerns(n, w.classes) {
				told = true
				quiet.Reset(gather)
			}
		case <-w.changed:
			quiet.Reset(gather)
		case <-quiet.C:
			return told, true
		case <-end.C:
			return told, true
		case <-ctx.Done():
			return told, false
		}
	}
}

// concerns reports whether contacts, or what may be done with them, may have
// changed. A folder that is not known yet may be one of contacts.
func concerns(n activesync.Notice, classes map[activesync.FolderID]activesync.Class) bool {
	switch n.Kind {
	case activesync.NoticeFolder, activesync.NoticeFolders:
		class, known := classes[n.Folder]
		return n.Folder != 0 && (!known || class == activesync.ClassContacts)
	case activesync.NoticePolicy, activesync.NoticeAccount, activesync.NoticeOverflow:
		return true
	}
	return false
}
