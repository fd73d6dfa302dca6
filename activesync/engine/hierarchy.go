package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"eas.example/securemail/activesync"
)

// syncHierarchy brings the list of folders in step.
func (e *Engine) syncHierarchy(ctx context.Context) error {
	err := e.exchange(ctx, func(ctx context.Context) error {
		key, err := e.store.FolderSyncKey(ctx, e.account.ID)
		if err != nil {
			return err
		}
		err = e.folderSync(ctx, key)
		if errors.Is(err, activesync.ErrBadSyncKey) && key != activesync.KeyNone {
			e.doubtNames()
			err = e.folderSync(ctx, activesync.KeyNone)
		}
		return err
	})
	if err != nil {
		// The server may believe that it has told: it is asked again, whatever it
		// says when it is only waited for.
		e.mu.Lock()
		e.checked = time.Time{}
		e.mu.Unlock()
		return fmt.Errorf("sync the list of folders: %w", err)
	}
	if err := e.learnFromFolders(ctx); err != nil {
		return storeFailed(err)
	}
	if err := e.store.WriteDrafts(ctx, e.account.ID); err != nil {
		return storeFailed(err)
	}
	e.mu.Lock()
	e.checked = time.Now()
	e.mu.Unlock()
	return nil
}

func (e *Engine) folderSync(ctx context.Context, key activesync.SyncKey) error {
	answer, err := e.server.FolderSync(ctx, key)
	if err != nil {
		return err
	}
	changes := answer.FolderChanges()
	managed := e.managed()
	for i := range changes {
		if class := changes[i].Type.Class(); changes[i].Kind == activesync.Added && class != activesync.ClassNone {
			changes[i].Period = managed.DefaultPeriod(class)
		}
	}
	if key != activesync.KeyNone && answer.SyncKey == key && len(changes) == 0 {
		return nil
	}
	if key == activesync.KeyNone {
		if err := e.compareIDs(ctx, changes); err != nil {
			return err
		}
	}
	if err := e.store.ApplyFolders(ctx, e.account.ID, key, answer.SyncKey, changes); err != nil {
		return err
	}
	e.tell(activesync.Notice{Kind: activesync.NoticeFolders})
	return nil
}

// compareIDs learns whether the server calls a folder otherwise that is the only
// one of its type.
func (e *Engine) compareIDs(ctx context.Context, changes []activesync.FolderChange) error {
	all, err := e.store.Folders(ctx, e.account.ID)
	if err != nil {
		return err
	}
	for _, f := range all {
		for _, c := range changes {
			if !f.Type.UserMade() && c.Type == f.Type && c.ServerID != f.ServerID {
				return e.learn(ctx, activesync.QuirkRenamesFolders, yes)
			}
		}
	}
	return nil
}

// gone reports whether a folder has gone since it was read.
func (e *Engine) gone(ctx context.Context, id activesync.FolderID) (bool, error) {
	all, err := e.store.Folders(ctx, e.account.ID)
	if err != nil {
		return false, storeFailed(err)
	}
	return !slices.ContainsFunc(all, func(f activesync.Folder) bool { return f.ID == id }), nil
}
