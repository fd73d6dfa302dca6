package server

import (
	"slices"
	"unicode/utf8"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

// folderSync tells what changed in the hierarchy (MS-ASCMD 2.2.1.5).
func (x *exchange) folderSync() *reply {
	var req wire.FolderSyncRequest
	if x.decode(&req) != nil {
		return document(&wire.FolderSyncResponse{Status: 10})
	}
	d := x.d
	switch req.SyncKey {
	case activesync.KeyNone:
		d.before, d.beforeKey, d.hierarchy = nil, "", map[string]uint64{}
		if d.turns++; x.personality().RenamesFolders {
			d.collections = map[string]*collection{}
		}
	case d.hierarchyKey:
	case d.beforeKey:
		if d.beforeKey == "" {
			return document(&wire.FolderSyncResponse{Status: 9})
		}
		d.hierarchy, d.hierarchyKey = d.before, d.beforeKey
	default:
		return document(&wire.FolderSyncResponse{Status: 9})
	}
	if d.hierarchy == nil {
		return document(&wire.FolderSyncResponse{Status: 9})
	}
	changes := &wire.FolderChanges{}
	now := map[string]uint64{}
	for _, id := range x.m.order {
		f := x.m.folders[id]
		rev, known := d.hierarchy[id]
		el := wire.FolderElement{ServerID: x.folderName(f.id), ParentID: x.folderName(f.parent), DisplayName: f.name, Type: f.kind}
		switch {
		case f.gone && known:
			changes.Deletes = append(changes.Deletes, wire.FolderDeletedEntry{ServerID: x.folderName(id)})
		case f.gone:
		case !known:
			changes.Adds = append(changes.Adds, el)
		case rev < f.rev:
			changes.Updates = append(changes.Updates, el)
		}
		if !f.gone {
			now[id] = f.rev
		}
	}
	n := len(changes.Adds) + len(changes.Updates) + len(changes.Deletes)
	changes.Count = wire.MakeNumber(n)
	if n > 0 || req.SyncKey == activesync.KeyNone {
		d.before, d.beforeKey = d.hierarchy, req.SyncKey
		if req.SyncKey == activesync.KeyNone {
			d.before, d.beforeKey = nil, ""
		}
		d.hierarchy, d.hierarchyKey = now, d.nextKey()
	}
	return document(&wire.FolderSyncResponse{Status: 1, SyncKey: d.hierarchyKey, Changes: changes})
}

// folderRequest asks for a folder to be made, changed or removed.
type folderRequest struct {
	SyncKey  activesync.SyncKey    `wbxml:"FolderHierarchy:SyncKey"`
	ServerID activesync.ServerID   `wbxml:"FolderHierarchy:ServerId"`
	ParentID activesync.ServerID   `wbxml:"FolderHierarchy:ParentId"`
	Name     string                `wbxml:"FolderHierarchy:DisplayName"`
	Type     activesync.FolderType `wbxml:"FolderHierarchy:Type"`
}

// changeHierarchy makes, renames, moves and removes folders of a person.
func (x *exchange) changeHierarchy() *reply {
	var req folderRequest
	if x.decode(&req) != nil {
		return x.folderReply(wire.FolderCreateResponse{Status: 10})
	}
	if req.SyncKey != x.d.hierarchyKey || x.d.hierarchy == nil {
		return x.folderReply(wire.FolderCreateResponse{Status: 9})
	}
	do := map[string]func(folderRequest) (*folder, int){"FolderCreate": x.createFolder, "FolderDelete": x.deleteFolder, "FolderUpdate": x.updateFolder}
	f, status := do[x.Command](req)
	if status != 1 {
		return x.folderReply(wire.FolderCreateResponse{Status: status})
	}
	if f.gone {
		delete(x.d.hierarchy, f.id)
	} else {
		x.d.hierarchy[f.id] = f.rev
	}
	x.d.before, x.d.beforeKey = nil, ""
	x.d.hierarchyKey = x.d.nextKey()
	return x.folderReply(wire.FolderCreateResponse{Status: 1, SyncKey: x.d.hierarchyKey, ServerID: x.folderName(f.id)})
}

// folderReply is the answer in the form of the command; that to FolderCreate alone
// names the folder.
func (x *exchange) folderReply(a wire.FolderCreateResponse) *reply {
	switch x.Command {
	case "FolderDelete":
		return document(&wire.FolderDeleteResponse{Status: a.Status, SyncKey: a.SyncKey})
	case "FolderUpdate":
		return document(&wire.FolderUpdateResponse{Status: a.Status, SyncKey: a.SyncKey})
	}
	return document(&a)
}

// parentOf is the id of the folder in which one is to be, ok where it is there.
func (x *exchange) parentOf(req folderRequest) (id string, ok bool) {
	if f := x.folderNamed(req.ParentID); f != nil {
		return f.id, true
	}
	return string(activesync.RootFolder), req.ParentID == activesync.RootFolder
}

func (x *exchange) createFolder(req folderRequest) (*folder, int) {
	above, ok := x.parentOf(req)
	switch {
	case req.Type != activesync.FolderGeneric && (req.Type < activesync.FolderUserMail || req.Type > activesync.FolderUserNotes), !goodName(req.Name):
		return nil, 10
	case !ok:
		return nil, 5
	case x.m.child(above, req.Name) != nil:
		return nil, 2
	}
	return x.m.addFolder(above, req.Name, req.Type), 1
}

func (x *exchange) deleteFolder(req folderRequest) (*folder, int) {
	f := x.folderNamed(req.ServerID)
	switch {
	case f == nil:
		return nil, 4
	case !f.kind.UserMade():
		return nil, 3
	}
	x.m.drop(f)
	return f, 1
}

func (x *exchange) updateFolder(req folderRequest) (*folder, int) {
	f := x.folderNamed(req.ServerID)
	above, ok := x.parentOf(req)
	switch {
	case f == nil:
		return nil, 4
	case !f.kind.UserMade():
		return nil, 2
	case !goodName(req.Name):
		return nil, 10
	case !ok || x.m.below(above, f.id):
		return nil, 5
	}
	if other := x.m.child(above, req.Name); other != nil && other != f {
		return nil, 2
	}
	f.name, f.parent = req.Name, above
	f.rev = x.m.touch()
	return f, 1
}

func goodName(s string) bool { return s != "" && utf8.RuneCountInString(s) <= 256 }

// drop removes a folder with those below it.
func (m *Mailbox) drop(f *folder) {
	f.gone = true
	f.rev = m.touch()
	for _, id := range slices.Clone(m.order) {
		if c := m.folders[id]; !c.gone && c.parent == f.id {
			m.drop(c)
		}
	}
}

// below reports whether folder id lies in, or is, folder top.
func (m *Mailbox) below(id, top string) bool {
	for depth := 0; depth < 100; depth++ {
		if id == top {
			return true
		}
		f := m.folders[id]
		if f == nil {
			return false
		}
		id = f.parent
	}
	return true
}

// RenameFolder is what another device of the user does.
func (m *Mailbox) RenameFolder(path, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	f, err := m.path(path)
	if err != nil {
		return err
	}
	f.name, f.rev = name, m.touch()
	return nil
}

// DropFolder removes a folder as another device of the user does.
func (m *Mailbox) DropFolder(path string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	f, err := m.path(path)
	if err == nil {
		m.drop(f)
	}
	return err
}
