package server_test

import (
	"fmt"
	"strings"
	"testing"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wire"
)

func (c *conn) folderSync(key activesync.SyncKey) *wire.FolderSyncResponse {
	c.t.Helper()
	res := &wire.FolderSyncResponse{}
	c.call("FolderSync", &wire.FolderSyncRequest{SyncKey: key}, res)
	return res
}

// told is an answer in words.
func told(res *wire.FolderSyncResponse) string {
	var out []string
	for _, ch := range res.FolderChanges() {
		out = append(out, fmt.Sprintf("%d %s", ch.Kind, ch.Name))
	}
	return strings.Join(out, ", ")
}

func TestFolderSync(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		c.box.AddFolder("Projects/Harbour/Quay 4", activesync.FolderUserMail)
		first := c.folderSync("0")
		if n := len(c.box.Folders()); len(first.Changes.Adds) != n || first.Changes.Count.Int(0) != n {
			t.Errorf("%d folders, want %d", len(first.Changes.Adds), n)
		}
		parents := map[activesync.ServerID]string{"0": ""}
		for _, f := range first.Changes.Adds {
			parent, ok := parents[f.ParentID]
			if !ok {
				t.Errorf("%s stands before its parent", f.DisplayName)
			}
			parents[f.ServerID] = strings.TrimPrefix(parent+"/"+f.DisplayName, "/")
			if got := c.box.Path(f.ServerID); got != parents[f.ServerID] {
				t.Errorf("%s, want %s", parents[f.ServerID], got)
			}
		}
		if again := c.folderSync(first.SyncKey); again.SyncKey != first.SyncKey || told(again) != "" {
			t.Errorf("nothing changed: %s, %s", again.SyncKey, told(again))
		}
		c.box.AddFolder("New", activesync.FolderUserMail)
		if err := c.box.RenameFolder("Archive", "Old"); err != nil {
			t.Fatal(err)
		}
		if err := c.box.DropFolder("Projects"); err != nil {
			t.Fatal(err)
		}
		const want = "3 , 3 , 3 , 1 New, 2 Old"
		second := c.folderSync(first.SyncKey)
		if told(second) != want {
			t.Errorf("changed: %s, want %s", told(second), want)
		}
		if lost := c.folderSync(first.SyncKey); told(lost) != want || lost.SyncKey == first.SyncKey {
			t.Errorf("the answer was lost: %s", told(lost))
		}
		if got := c.folderSync("99").Status; got != 9 {
			t.Errorf("another key: status %d", got)
		}
		if got := c.folderSync("0"); told(got) == "" || got.Status != 1 {
			t.Errorf("anew: %+v", got)
		}
	})
}

func TestFoldersOfAPerson(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		key := c.folderSync("0").SyncKey
		id := func(path string) activesync.ServerID {
			id, err := c.box.FolderID(path)
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		create := func(parent activesync.ServerID, name string, kind activesync.FolderType) wire.FolderCreateResponse {
			var res wire.FolderCreateResponse
			c.call("FolderCreate", &wire.FolderCreateRequest{SyncKey: key, ParentID: parent, DisplayName: name, Type: kind}, &res)
			if res.Status == 1 {
				key = res.SyncKey
			}
			return res
		}
		update := func(folder, parent activesync.ServerID, name string) int {
			var res wire.FolderUpdateResponse
			c.call("FolderUpdate", &wire.FolderUpdateRequest{SyncKey: key, ServerID: folder, ParentID: parent, DisplayName: name}, &res)
			if res.Status == 1 {
				key = res.SyncKey
			}
			return res.Status
		}
		remove := func(folder activesync.ServerID) int {
			var res wire.FolderDeleteResponse
			c.call("FolderDelete", &wire.FolderDeleteRequest{SyncKey: key, ServerID: folder}, &res)
			if res.Status == 1 {
				key = res.SyncKey
			}
			return res.Status
		}
		made := create("0", "Projects", activesync.FolderUserMail)
		if made.Status != 1 || made.ServerID != id("Projects") {
			t.Fatalf("got %+v", made)
		}
		sub := create(made.ServerID, "Harbour", activesync.FolderUserMail)
		for name, got := range map[string][2]int{
			"the name is taken":        {create("0", "projects", activesync.FolderUserMail).Status, 2},
			"no parent":                {create("99", "x", activesync.FolderUserMail).Status, 5},
			"a second Inbox":           {create("0", "x", activesync.FolderInbox).Status, 10},
			"no name":                  {create("0", "", activesync.FolderUserMail).Status, 10},
			"a long name":              {create("0", strings.Repeat("é", 257), activesync.FolderUserMail).Status, 10},
			"renamed: the Inbox":       {update(id("Inbox"), "0", "Box"), 2},
			"renamed: taken":           {update(made.ServerID, "0", "Inbox"), 2},
			"renamed: not there":       {update("99", "0", "x"), 4},
			"moved: no parent":         {update(made.ServerID, "99", "x"), 5},
			"moved: into itself":       {update(made.ServerID, sub.ServerID, "x"), 5},
			"deleted: the Inbox":       {remove(id("Inbox")), 3},
			"deleted: what is not":     {remove("99"), 4},
			"renamed":                  {update(sub.ServerID, made.ServerID, "Harbours"), 1},
			"renamed: no name":         {update(sub.ServerID, made.ServerID, ""), 10},
			"an outdated SyncKey":      {c.refused("FolderDelete", &wire.FolderDeleteRequest{SyncKey: "99", ServerID: sub.ServerID}), 9},
			"the same name in another": {create(made.ServerID, "Inbox", activesync.FolderUserMail).Status, 1},
		} {
			if got[0] != got[1] {
				t.Errorf("%s: status %d, want %d", name, got[0], got[1])
			}
		}
		if got := remove(made.ServerID); got != 1 {
			t.Errorf("deleted: status %d", got)
		}
		if res := c.folderSync(key); told(res) != "3 , 3 " {
			t.Errorf("told %q: the folder that was deleted is known, those in it are not", told(res))
		}
		if _, err := c.box.FolderID("Projects"); err == nil {
			t.Error("it is still there")
		}
	})
}
