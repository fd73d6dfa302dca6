package wire

import (
	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
)

// SyncResponse answers a SyncRequest.
type SyncResponse struct {
	_ wbxml.Root `wbxml:"AirSync:Sync"`
	// Status is there only when the request as a whole failed.
	Status      int                      `wbxml:"AirSync:Status,omitempty"`
	Limit       int                      `wbxml:"AirSync:Limit,omitempty"` // with Status 14 or 15
	Collections []SyncCollectionResponse `wbxml:"AirSync:Collections>AirSync:Collection,omitempty"`
	// Empty says that the answer had no body: nothing changed and the keys stay.
	Empty bool `wbxml:"-"`
}

// SyncCollectionResponse tells of one folder.
type SyncCollectionResponse struct {
	Class         activesync.Class    `wbxml:"AirSync:Class,omitempty"`
	SyncKey       activesync.SyncKey  `wbxml:"AirSync:SyncKey,omitempty"`
	CollectionID  activesync.ServerID `wbxml:"AirSync:CollectionId"`
	Status        int                 `wbxml:"AirSync:Status,omitempty"`
	MoreAvailable bool                `wbxml:"AirSync:MoreAvailable,empty"`
	Commands      *SyncItems          `wbxml:"AirSync:Commands"`
	Responses     *SyncResults        `wbxml:"AirSync:Responses"`
}

// SyncItems are the server's changes.
type SyncItems struct {
	Adds        []SyncItem `wbxml:"AirSync:Add"`
	Changes     []SyncItem `wbxml:"AirSync:Change"`
	Deletes     []SyncGone `wbxml:"AirSync:Delete"`
	SoftDeletes []SyncGone `wbxml:"AirSync:SoftDelete"`
}

// SyncItem is an item that was added or changed.
type SyncItem struct {
	Class           activesync.Class    `wbxml:"AirSync:Class,omitempty"`
	ServerID        activesync.ServerID `wbxml:"AirSync:ServerId"`
	ApplicationData wbxml.Raw           `wbxml:"AirSync:ApplicationData"`
}

// SyncGone is an item that was removed or has left the period.
type SyncGone struct {
	Class      activesync.Class    `wbxml:"AirSync:Class,omitempty"`
	ServerID   activesync.ServerID `wbxml:"AirSync:ServerId"`
	InstanceID string              `wbxml:"AirSyncBase:InstanceId,omitempty"`
}

// SyncResults say what became of the client's changes: successful Adds and
// Fetches, and everything that failed. What is not listed was done.
type SyncResults struct {
	Adds    []SyncAddResult    `wbxml:"AirSync:Add"`
	Changes []SyncChangeResult `wbxml:"AirSync:Change"`
	Deletes []SyncChangeResult `wbxml:"AirSync:Delete"`
	Fetches []SyncFetchResult  `wbxml:"AirSync:Fetch"`
}

// SyncAddResult tells of an Add.
type SyncAddResult struct {
	Class           activesync.Class    `wbxml:"AirSync:Class,omitempty"`
	ClientID        string              `wbxml:"AirSync:ClientId"`
	ServerID        activesync.ServerID `wbxml:"AirSync:ServerId,omitempty"`
	Status          int                 `wbxml:"AirSync:Status"`
	ApplicationData *wbxml.Raw          `wbxml:"AirSync:ApplicationData"`
}

// SyncChangeResult tells of a Change or a Delete.
type SyncChangeResult struct {
	Class           activesync.Class    `wbxml:"AirSync:Class,omitempty"`
	ServerID        activesync.ServerID `wbxml:"AirSync:ServerId"`
	InstanceID      string              `wbxml:"AirSyncBase:InstanceId,omitempty"`
	Status          int                 `wbxml:"AirSync:Status"`
	ApplicationData *wbxml.Raw          `wbxml:"AirSync:ApplicationData"`
}

// SyncFetchResult is the answer to a Fetch.
type SyncFetchResult struct {
	ServerID        activesync.ServerID `wbxml:"AirSync:ServerId"`
	Status          int                 `wbxml:"AirSync:Status"`
	ApplicationData *wbxml.Raw          `wbxml:"AirSync:ApplicationData"`
}

// Collection is the part of the answer about one folder. Where the answer has
// one part only and names no folder, that one is it.
func (r *SyncResponse) Collection(id activesync.ServerID) (*SyncCollectionResponse, bool) {
	for i := range r.Collections {
		if r.Collections[i].CollectionID == id {
			return &r.Collections[i], true
		}
	}
	if len(r.Collections) == 1 && r.Collections[0].CollectionID == "" {
		return &r.Collections[0], true
	}
	return nil, false
}

// Failures are the items whose Change or Delete was refused, with the status.
func (c *SyncCollectionResponse) Failures() map[activesync.ServerID]int {
	out := map[activesync.ServerID]int{}
	if c.Responses == nil {
		return out
	}
	for _, list := range [][]SyncChangeResult{c.Responses.Changes, c.Responses.Deletes} {
		for _, r := range list {
			if r.Status != 1 && r.Status != 0 {
				out[r.ServerID] = r.Status
			}
		}
	}
	return out
}

// Made is what became of the items that were to be made, by their ClientId.
func (c *SyncCollectionResponse) Made() map[string]SyncAddResult {
	out := map[string]SyncAddResult{}
	if c.Responses != nil {
		for _, r := range c.Responses.Adds {
			out[r.ClientID] = r
		}
	}
	return out
}

// classSMS is that of text messages among the mail, which are passed over: a
// server tells of them only where they are asked for (MS-ASMS).
const classSMS activesync.Class = "SMS"

// Changes are the server's changes in words of package activesync, removals
// first. Items that cannot be read are named in bad; a message among them is
// listed all the same with a note, so that it is seen that it exists.
func (c *SyncCollectionResponse) Changes(class activesync.Class) (items []activesync.ItemChange, bad map[activesync.ServerID]error) {
	if c.Commands == nil {
		return nil, nil
	}
	s := c.Commands
	alive := map[activesync.ServerID]bool{}
	for _, list := range [][]SyncItem{s.Adds, s.Changes} {
		for _, it := range list {
			alive[it.ServerID] = true
		}
	}
	items = make([]activesync.ItemChange, 0, len(s.Adds)+len(s.Changes)+len(s.Deletes)+len(s.SoftDeletes))
	gone := func(kind activesync.ChangeKind, list []SyncGone) {
		for _, g := range list {
			switch {
			case g.InstanceID != "" && class == activesync.ClassCalendar:
				items = append(items, occurrenceGone(g))
			case !alive[g.ServerID]: // removed and added in one answer: it lives
				items = append(items, activesync.ItemChange{Kind: kind, ServerID: g.ServerID})
			}
		}
	}
	gone(activesync.Removed, s.Deletes)
	gone(activesync.SoftRemoved, s.SoftDeletes)
	there := func(kind activesync.ChangeKind, list []SyncItem) {
		for _, it := range list {
			if it.Class == classSMS {
				continue
			}
			change := activesync.ItemChange{Kind: kind, ServerID: it.ServerID}
			if err := decodeItem(&change, class, it.ApplicationData); err != nil {
				if bad == nil {
					bad = map[activesync.ServerID]error{}
				}
				bad[it.ServerID] = err
				if class != activesync.ClassEmail || kind != activesync.Added {
					continue
				}
				change.Message = &activesync.MessagePatch{Message: activesync.Message{Note: "This message could not be read."}}
			}
			items = append(items, change)
		}
	}
	there(activesync.Added, s.Adds)
	there(activesync.Updated, s.Changes)
	return items, bad
}
