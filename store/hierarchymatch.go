package store

import (
	"fmt"
	"strings"

	"eas.example/securemail/activesync"
)

// lastWords leaves of several lines about one folder the last, which stands when
// each is carried out after the other.
func lastWords(list []activesync.FolderChange) []activesync.FolderChange {
	last := make(map[activesync.ServerID]int, len(list))
	for i, c := range list {
		last[c.ServerID] = i
	}
	out := make([]activesync.FolderChange, 0, len(last))
	for i, c := range list {
		if last[c.ServerID] == i {
			out = append(out, c)
		}
	}
	return out
}

// heir is the one folder of messages that this answer added, of the type of one
// that is not in it any more: it may be the same under another id and another name.
// 0 is none, or more than one.
func (h *hierarchy) heir(gone activesync.FolderID) (heir activesync.FolderID) {
	t := h.all[gone].Type
	if t.Class() != activesync.ClassEmail {
		return 0
	}
	for id, r := range h.all {
		if r.Type != t || !h.isNew(id) {
			continue
		}
		if heir != 0 {
			return 0
		}
		heir = id
	}
	return heir
}

// match finds for each line of a whole list the folder that it means.
func (h *hierarchy) match(list []activesync.FolderChange) (found []activesync.FolderID, used map[activesync.FolderID]bool) {
	found, used = make([]activesync.FolderID, len(list)), map[activesync.FolderID]bool{}
	for i, c := range list {
		if id := h.by[c.ServerID]; id != 0 && !used[id] && h.all[id].Type.Class() == c.Type.Class() {
			found[i], used[id] = id, true
		}
	}
	ours, theirs := map[string][]activesync.FolderID{}, map[string][]int{}
	for id, r := range h.all {
		if !used[id] {
			k := spot(r.Type, h.path(id))
			ours[k] = append(ours[k], id)
		}
	}
	for i, c := range list {
		if found[i] == 0 {
			k := spot(c.Type, pathIn(list, c))
			theirs[k] = append(theirs[k], i)
		}
	}
	for k, ids := range ours {
		// Two of the same path and type cannot be told apart; both start anew.
		if lines := theirs[k]; len(ids) == 1 && len(lines) == 1 {
			found[lines[0]], used[ids[0]] = ids[0], true
		}
	}
	return found, used
}

// spot is what tells folders apart where ServerIds do not.
func spot(t activesync.FolderType, path string) string {
	if !t.UserMade() {
		path = ""
	}
	return fmt.Sprintf("%d\x00%s", t, path)
}

// maxDepth ends the walk up a tree that has no top.
const maxDepth = 64

func (h *hierarchy) path(id activesync.FolderID) string {
	var parts []string
	for n := 0; id != 0 && n < maxDepth; n++ {
		r := h.all[id]
		parts = append(parts, r.Name)
		id = h.by[r.Above]
	}
	return strings.Join(parts, "\x00")
}

func pathIn(list []activesync.FolderChange, c activesync.FolderChange) string {
	by := make(map[activesync.ServerID]activesync.FolderChange, len(list))
	for _, l := range list {
		by[l.ServerID] = l
	}
	parts := []string{c.Name}
	for n := 1; n < maxDepth; n++ {
		up, ok := by[c.Parent]
		if !ok {
			break
		}
		parts = append(parts, up.Name)
		c = up
	}
	return strings.Join(parts, "\x00")
}
