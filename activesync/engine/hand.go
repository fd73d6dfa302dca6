package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"eas.example/securemail/activesync"
)

// Summary is what one sync by hand did.
type Summary struct {
	Folders                 int           `json:"folders"`
	Added, Changed, Deleted int           `json:"-"`
	Duration                time.Duration `json:"-"`
	// Problems are the folders that could not be brought in step, with the reason.
	Problems map[string]error `json:"-"`
}

func (s *Summary) add(a activesync.Applied) {
	s.Added += a.Added
	s.Changed += a.Updated
	s.Deleted += a.Removed
}

// Check signs in and reads the list of folders. It is how an account is tried
// when it is added.
func (e *Engine) Check(ctx context.Context) error { return e.syncHierarchy(ctx) }

// Sync brings folders in step once, whatever their check frequency: those
// that are named, else all that are checked by themselves, or every one. It
// first carries out what the person did.
func (e *Engine) Sync(ctx context.Context, folders []activesync.FolderID, every bool, progress func(activesync.Status)) (Summary, error) {
	began := time.Now()
	sum := Summary{Problems: map[string]error{}}
	if err := e.syncHierarchy(ctx); err != nil {
		return sum, err
	}
	if _, err := e.pushJournal(ctx, true); err != nil && !concernsFolder(err) {
		return sum, err
	}
	todo, err := e.chosen(ctx, folders, every)
	if err != nil {
		return sum, err
	}
	done, err := e.together(ctx, todo)
	if err != nil {
		return sum, err
	}
	sum.add(done.came)
	for _, f := range todo {
		if done.rest[f.ID] {
			sum.Folders++
			continue
		}
		e.setFolder(f.ID)
		total, err := e.collect(ctx, f, func(done int) {
			e.change(func(s *activesync.Status) { s.Done = done })
			if progress != nil {
				progress(e.Status())
			}
		})
		sum.add(total)
		if err != nil {
			if ctx.Err() != nil || !concernsFolder(err) {
				return sum, err
			}
			if gone, gerr := e.gone(ctx, f.ID); gone || gerr != nil {
				if gerr != nil {
					return sum, gerr
				}
				continue
			}
			if !errors.Is(err, errNothing) {
				sum.Problems[f.Name] = err
			}
			if serr := e.store.NoteFolder(ctx, f.ID, f.LastSync, err.Error()); serr != nil {
				return sum, serr
			}
			continue
		}
		e.mu.Lock()
		e.watch(f.ID).dirty = false
		e.mu.Unlock()
		sum.Folders++
	}
	sum.Duration = time.Since(began)
	return sum, nil
}

var errManualOnly = errors.New("this folder is not carried by ActiveSync here")

func (e *Engine) chosen(ctx context.Context, ids []activesync.FolderID, every bool) ([]activesync.Folder, error) {
	state, err := e.state(ctx)
	if err != nil {
		return nil, err
	}
	all, err := e.store.Folders(ctx, e.account.ID)
	if err != nil {
		return nil, err
	}
	named := map[activesync.FolderID]bool{}
	for _, id := range ids {
		named[id] = true
	}
	var out []activesync.Folder
	for _, f := range all {
		ok := f.Carried(state.Version)
		switch {
		case named[f.ID] && !ok:
			return nil, fmt.Errorf("sync %s: %w", f.Name, errManualOnly)
		case named[f.ID], len(ids) == 0 && ok && (every || f.Automatic(state) != activesync.CheckManual):
			out = append(out, f)
		}
	}
	return out, nil
}

// Push carries out what waits in the journal, once, and returns the first
// failure.
func (e *Engine) Push(ctx context.Context) error {
	_, err := e.pushJournal(ctx, true)
	return err
}
