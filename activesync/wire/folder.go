package wire

import (
	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
)

// FolderSyncRequest asks what changed in the folder hierarchy (MS-ASCMD 2.2.1.5).
type FolderSyncRequest struct {
	_       wbxml.Root         `wbxml:"FolderHierarchy:FolderSync"`
	SyncKey activesync.SyncKey `wbxml:"FolderHierarchy:SyncKey"`
}

// FolderSyncResponse names the folders that changed. With key 0 all are Adds.
type FolderSyncResponse struct {
	_       wbxml.Root         `wbxml:"FolderHierarchy:FolderSync"`
	Status  int                `wbxml:"FolderHierarchy:Status"`
	SyncKey activesync.SyncKey `wbxml:"FolderHierarchy:SyncKey,omitempty"`
	Changes *FolderChanges     `wbxml:"FolderHierarchy:Changes"`
}

// FolderChanges is the list of changes in a FolderSync answer.
type FolderChanges struct {
	Count   Number               `wbxml:"FolderHierarchy:Count,omitempty"`
	Updates []FolderElement      `wbxml:"FolderHierarchy:Update"`
	Deletes []FolderDeletedEntry `wbxml:"FolderHierarchy:Delete"`
	Adds    []FolderElement      `wbxml:"FolderHierarchy:Add"`
}

// FolderElement is a folder that was added or changed.
type FolderElement struct {
	ServerID    activesync.ServerID   `wbxml:"FolderHierarchy:ServerId"`
	ParentID    activesync.ServerID   `wbxml:"FolderHierarchy:ParentId"`
	DisplayName string                `wbxml:"FolderHierarchy:DisplayName"`
	Type        activesync.FolderType `wbxml:"FolderHierarchy:Type"`
}

// FolderDeletedEntry is a folder that is gone.
type FolderDeletedEntry struct {
	ServerID activesync.ServerID `wbxml:"FolderHierarchy:ServerId"`
}

// FolderChanges are the changes of the answer: deletions first, so that a
// folder that is named twice in one answer stays.
func (r *FolderSyncResponse) FolderChanges() []activesync.FolderChange {
	if r.Changes == nil {
		return nil
	}
	c := r.Changes
	out := make([]activesync.FolderChange, 0, len(c.Deletes)+len(c.Adds)+len(c.Updates))
	for _, f := range c.Deletes {
		out = append(out, activesync.FolderChange{Kind: activesync.Removed, ServerID: f.ServerID})
	}
	add := func(kind activesync.ChangeKind, list []FolderElement) {
		for _, f := range list {
			out = append(out, activesync.FolderChange{Kind: kind, ServerID: f.ServerID, Parent: f.ParentID, Name: f.DisplayName, Type: f.Type})
		}
	}
	add(activesync.Added, c.Adds)
	add(activesync.Updated, c.Updates)
	return out
}

// FolderCreateRequest makes a folder (MS-ASCMD 2.2.1.3). Type is 1 or 12 to 17.
type FolderCreateRequest struct {
	_           wbxml.Root            `wbxml:"FolderHierarchy:FolderCreate"`
	SyncKey     activesync.SyncKey    `wbxml:"FolderHierarchy:SyncKey"`
	ParentID    activesync.ServerID   `wbxml:"FolderHierarchy:ParentId"`
	DisplayName string                `wbxml:"FolderHierarchy:DisplayName"`
	Type        activesync.FolderType `wbxml:"FolderHierarchy:Type"`
}

// FolderCreateResponse answers a FolderCreateRequest.
type FolderCreateResponse struct {
	_        wbxml.Root          `wbxml:"FolderHierarchy:FolderCreate"`
	Status   int                 `wbxml:"FolderHierarchy:Status"`
	SyncKey  activesync.SyncKey  `wbxml:"FolderHierarchy:SyncKey,omitempty"`
	ServerID activesync.ServerID `wbxml:"FolderHierarchy:ServerId,omitempty"`
}

// FolderDeleteRequest removes a folder for good (MS-ASCMD 2.2.1.4).
type FolderDeleteRequest struct {
	_        wbxml.Root          `wbxml:"FolderHierarchy:FolderDelete"`
	SyncKey  activesync.SyncKey  `wbxml:"FolderHierarchy:SyncKey"`
	ServerID activesync.ServerID `wbxml:"FolderHierarchy:ServerId"`
}

// FolderDeleteResponse answers a FolderDeleteRequest.
type FolderDeleteResponse struct {
	_       wbxml.Root         `wbxml:"FolderHierarchy:FolderDelete"`
	Status  int                `wbxml:"FolderHierarchy:Status"`
	SyncKey activesync.SyncKey `wbxml:"FolderHierarchy:SyncKey,omitempty"`
}

// FolderUpdateRequest renames or moves a folder (MS-ASCMD 2.2.1.6).
type FolderUpdateRequest struct {
	_           wbxml.Root          `wbxml:"FolderHierarchy:FolderUpdate"`
	SyncKey     activesync.SyncKey  `wbxml:"FolderHierarchy:SyncKey"`
	ServerID    activesync.ServerID `wbxml:"FolderHierarchy:ServerId"`
	ParentID    activesync.ServerID `wbxml:"FolderHierarchy:ParentId"`
	DisplayName string              `wbxml:"FolderHierarchy:DisplayName"`
}

// FolderUpdateResponse answers a FolderUpdateRequest.
type FolderUpdateResponse struct {
	_       wbxml.Root         `wbxml:"FolderHierarchy:FolderUpdate"`
	Status  int                `wbxml:"FolderHierarchy:Status"`
	SyncKey activesync.SyncKey `wbxml:"FolderHierarchy:SyncKey,omitempty"`
}
