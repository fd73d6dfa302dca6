package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

// Errors of what a person asks of the folders.
var (
	errNoName     = errors.New("a folder needs a name")
	errFolderKept = errors.New("the server keeps this folder: it can be neither renamed nor deleted")
	errNoClass    = errors.New("folders hold mail, contacts, events, tasks or notes")
)

// userTypes are the types of folders that a person makes.
var userTypes = map[activesync.Class]activesync.FolderType{
	activesync.ClassEmail: activesync.FolderUserMail, activesync.ClassCalendar: activesync.FolderUserCalendar, activesync.ClassContacts: activesync.FolderUserContacts,
	activesync.ClassTasks: activesync.FolderUserTasks, activesync.ClassNotes: activesync.FolderUserNotes,
}

// MakeFolder makes a folder below another one, 0 for none, and waits for the
// server (MS-ASCMD 2.2.1.3).
func (e *Engine) MakeFolder(ctx context.Context, parent activesync.FolderID, name string, class activesync.Class) (activesync.FolderID, error) {
	kind, ok := userTypes[class]
	if name = strings.TrimSpace(name); name == "" {
		return 0, errNoName
	}
	if !ok {
		return 0, errNoClass
	}
	var made activesync.ServerID
	err := e.changeHierarchy(ctx, func(ctx context.Context, key activesync.SyncKey) (activesync.SyncKey, activesync.FolderChange, error) {
		above, err := e.above(ctx, parent)
		if err != nil {
			return "", activesync.FolderChange{}, err
		}
		res, err := e.server.FolderCreate(ctx, &wire.FolderCreateRequest{SyncKey: key, ParentID: above, DisplayName: name, Type: kind})
		if err != nil {
			return "", activesync.FolderChange{}, err
		}
		made = res.ServerID
		return res.SyncKey, activesync.FolderChange{Kind: activesync.Added, ServerID: made, Parent: above, Name: name, Type: kind}, nil
	})
	if err != nil {
		return 0, fmt.Errorf("make the folder %q: %w", name, err)
	}
	all, err := e.store.Folders(ctx, e.account.ID)
	if err != nil {
		return 0, err
	}
	for _, f := range all {
		if f.ServerID == made {
			return f.ID, nil
		}
	}
	return 0, fmt.Errorf("make the folder %q: %w: it is not in the server's list", name, activesync.ErrNotFound)
}

// ChangeFolder gives a folder another name and place, and waits for the server
// (MS-ASCMD 2.2.1.6). Its items stay as they are.
func (e *Engine) ChangeFolder(ctx context.Context, id, parent activesync.FolderID, name string) error {
	if name = strings.TrimSpace(name); name == "" {
		return errNoName
	}
	err := e.changeHierarchy(ctx, func(ctx context.Context, key activesync.SyncKey) (activesync.SyncKey, activesync.FolderChange, error) {
		f, err := e.ownFolder(ctx, id)
		if err != nil {
			return "", activesync.FolderChange{}, err
		}
		above, err := e.above(ctx, parent)
		if err != nil {
			return "", activesync.FolderChange{}, err
		}
		res, err := e.server.FolderUpdate(ctx, &wire.FolderUpdateRequest{SyncKey: key, ServerID: f.ServerID, ParentID: above, DisplayName: name})
		if err != nil {
			return "", activesync.FolderChange{}, err
		}
		return res.SyncKey, activesync.FolderChange{Kind: activesync.Updated, ServerID: f.ServerID, Parent: above, Name: name, Type: f.Type}, nil
	})
	if err != nil {
		return fmt.Errorf("change the folder: %w", err)
	}
	return nil
}

// DropFolder removes a folder with all that is in it, for good, and waits for
// the server (MS-ASCMD 2.2.1.4).
func (e *Engine) DropFolder(ctx context.Context, id activesync.FolderID) error {
	err := e.changeHierarchy(ctx, func(ctx context.Context, key activesync.SyncKey) (activesync.SyncKey, activesync.FolderChange, error) {
		f, err := e.ownFolder(ctx, id)
		if err != nil {
			return "", activesync.FolderChange{}, err
		}
		res, err := e.server.FolderDelete(ctx, &wire.FolderDeleteRequest{SyncKey: key, ServerID: f.ServerID})
		if err != nil {
			return "", activesync.FolderChange{}, err
		}
		return res.SyncKey, activesync.FolderChange{Kind: activesync.Removed, ServerID: f.ServerID}, nil
	})
	if err != nil {
		return fmt.Errorf("delete the folder: %w", err)
	}
	return nil
}

// changeHierarchy has the server change the list of folders at the key of the
// list that is here, and looks at the list afterwards. A key that is not known
// is renewed once. What was carried out although its answer was lost shows in
// the list.
func (e *Engine) changeHierarchy(ctx context.Context,
	do func(context.Context, activesync.SyncKey) (activesync.SyncKey, activesync.FolderChange, error)) error {
	var err error
	for range 2 {
		if err = e.syncHierarchy(ctx); err != nil {
			return err
		}
		err = e.exchange(ctx, func(ctx context.Context) error {
			from, err := e.store.FolderSyncKey(ctx, e.account.ID)
			if err != nil {
				return err
			}
			to, change, err := do(ctx, from)
			if err != nil {
				return err
			}
			return e.store.ApplyFolders(ctx, e.account.ID, from, to, []activesync.FolderChange{change})
		})
		if !errors.Is(err, activesync.ErrBadSyncKey) {
			break
		}
	}
	if err != nil && !errors.Is(err, activesync.ErrTruncated) {
		return err
	}
	e.tell(activesync.Notice{Kind: activesync.NoticeFolders})
	e.Wake()
	if serr := e.syncHierarchy(ctx); serr != nil && err == nil {
		e.log.Warn("the list of folders is not in step", "error", serr)
	}
	return err
}

// above is what the server calls a parent.
func (e *Engine) above(ctx context.Context, id activesync.FolderID) (activesync.ServerID, error) {
	if id == 0 {
		return activesync.RootFolder, nil
	}
	f, err := e.store.Folder(ctx, id)
	return f.ServerID, err
}

// ownFolder is a folder that a person made.
func (e *Engine) ownFolder(ctx context.Context, id activesync.FolderID) (activesync.Folder, error) {
	all, err := e.store.Folders(ctx, e.account.ID)
	if err != nil {
		return activesync.Folder{}, err
	}
	i := slices.IndexFunc(all, func(f activesync.Folder) bool { return f.ID == id })
	switch {
	case i < 0:
		return activesync.Folder{}, fmt.Errorf("%w: there is no such folder", activesync.ErrNotFound)
	case !all[i].Type.UserMade():
		return activesync.Folder{}, fmt.Errorf("%w: %s", errFolderKept, all[i].Name)
	}
	return all[i], nil
}
