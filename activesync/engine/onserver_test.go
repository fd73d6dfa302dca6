package engine_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wire"
)

// What a person waits for is the same under every personality and version, but
// for the pages of a portal: it is not tried again by itself.
func TestWhatIsDoneOnTheServer(t *testing.T) {
	for _, p := range server.Personalities() {
		for _, v := range activesync.Versions() {
			t.Run(p.Name+" "+v.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p.Portal = 0
					w := newWorld(t, server.Config{Personality: p, Versions: []activesync.Version{v}})
					w.sync()
					foldersAreMadeChangedAndDropped(t, w)
					outOfOffice(t, w)
					searchOnTheServer(t, w)
				})
			})
		}
	}
}

// paths are the folders of the account as they are here.
func (w *world) paths() []string {
	w.t.Helper()
	all := w.all()
	names := map[activesync.FolderID]string{}
	var out []string
	for _, f := range all { // parents come first
		path := f.Name
		if f.Parent != 0 {
			path = names[f.Parent] + "/" + path
		}
		names[f.ID] = path
		out = append(out, path)
	}
	slices.Sort(out)
	return out
}

// sameFolders compares the folders here with the server's.
func (w *world) sameFolders(what string) {
	w.t.Helper()
	there := w.box.Folders()
	slices.Sort(there)
	if here := w.paths(); !slices.Equal(here, there) {
		w.t.Errorf("%s: here %v, there %v", what, here, there)
	}
	if err := w.store.Check(w.t.Context()); err != nil {
		w.t.Errorf("%s: %v", what, err)
	}
}

// Folders are made, renamed, moved and dropped while another device does so too.
func foldersAreMadeChangedAndDropped(t *testing.T, w *world) {
	ctx := t.Context()
	id, err := w.engine.MakeFolder(ctx, 0, " Harbour ", activesync.ClassEmail)
	if err != nil {
		t.Fatal(err)
	}
	w.box.AddFolder("By another device", activesync.FolderUserMail)
	below, err := w.engine.MakeFolder(ctx, id, "Quay 4", activesync.ClassEmail)
	if err != nil {
		t.Fatal(err)
	}
	w.sameFolders("made")
	if err := w.engine.ChangeFolder(ctx, below, 0, "Quay 5"); err != nil {
		t.Fatal(err)
	}
	w.sameFolders("renamed and moved")
	if f, err := w.store.Folder(ctx, below); err != nil || f.Name != "Quay 5" || f.Parent != 0 {
		t.Errorf("it is another folder now: %+v, %v", f, err)
	}
	if _, err := w.engine.MakeFolder(ctx, 0, "harbour", activesync.ClassEmail); !errors.Is(err, activesync.ErrRejected) {
		t.Errorf("the same name again: %v", err)
	}
	inbox := w.folder(activesync.FolderInbox)
	if err := w.engine.DropFolder(ctx, inbox.ID); err == nil {
		t.Error("the Inbox was dropped")
	}
	if err := w.engine.DropFolder(ctx, id); err != nil {
		t.Fatal(err)
	}
	w.sameFolders("dropped")
}

// What was carried out although its answer was lost is seen in the list, and
// done once.
func TestLostAnswerToFolderCreateMakesOneFolder(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		w.sync()
		w.setFault(func(q *server.Request) *server.Fault {
			if q.Command == "FolderCreate" {
				return &server.Fault{Cuts: true, Cut: 9}
			}
			return nil
		})
		if _, err := w.engine.MakeFolder(t.Context(), 0, "Harbour", activesync.ClassEmail); err == nil {
			t.Error("nothing is said of the lost answer")
		}
		w.setFault(nil)
		w.sync()
		w.sameFolders("after a lost answer")
		if n := w.requests("FolderCreate", ""); n != 1 {
			t.Errorf("asked %d times", n)
		}
	})
}

func searchOnTheServer(t *testing.T, w *world) {
	w.fill(60)
	w.sync()
	found, err := w.engine.Search(t.Context(), "message text", nil, time.Time{}, 55)
	if err != nil || len(found.Messages) != 55 || found.Total != 60 {
		t.Fatalf("%v: %d of %d messages", err, len(found.Messages), found.Total)
	}
	first := found.Messages[0]
	inbox := w.folder(activesync.FolderInbox)
	if first.Header.Subject != "message 0" || first.Header.From.Address != "ana@example.test" || first.Header.Folder != inbox.ID {
		t.Errorf("first %+v", first)
	}
	if first.ServerID != "" && first.Header.ID != w.rows(activesync.FolderInbox)[0].ID {
		t.Errorf("the message here is %v, it says %v", w.rows(activesync.FolderInbox)[0].ID, first.Header.ID)
	}
	since := found.Messages[7].Header.Date.Add(-time.Minute)
	late, err := w.engine.Search(t.Context(), "message text", nil, since, 55)
	if err != nil || len(late.Messages) != 8 || late.Total != 8 || late.Messages[7].Header.Subject != "message 7" {
		t.Errorf("of the last week: %v, %d of %d messages", err, len(late.Messages), late.Total)
	}
	m, err := w.engine.FetchFound(t.Context(), first)
	if err != nil || m.Subject != "message 0" || string(m.Body.Data) != "Text of message 0.\r\n" {
		t.Errorf("fetched: %v, %q", err, m.Body.Data)
	}
	only, err := w.engine.Search(t.Context(), "message", []activesync.FolderID{w.folder(activesync.FolderSent).ID}, time.Time{}, 10)
	if err != nil || len(only.Messages) != 0 {
		t.Errorf("in Sent: %v, %d messages", err, len(only.Messages))
	}
}

// A server that refuses to search because its folders have changed is asked again
// once they are known here.
func TestSearchAfterAFolderWasMade(t *testing.T) { everyServer(t, searchAfterAFolderWasMade) }

func searchAfterAFolderWasMade(t *testing.T, w *world) {
	w.fill(3)
	w.sync()
	w.box.AddFolder("New", activesync.FolderUserMail)
	found, err := w.engine.Search(t.Context(), "message text", nil, time.Time{}, 55)
	if err != nil || len(found.Messages) != 3 {
		t.Errorf("%v: %d messages", err, len(found.Messages))
	}
	w.box.AddFolder("Newer", activesync.FolderUserMail)
	people, err := w.engine.FindPeople(t.Context(), testUser, 9)
	if err != nil || len(people.People) != 1 {
		t.Errorf("%v: %d people", err, len(people.People))
	}
}

// What a person types is no language that the server would refuse.
func TestSearchForWordsAsTheyAre(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		if _, err := w.box.Deliver("Inbox", server.Mail(mime("re: tide (5\" pipe)", time.Now())), false); err != nil {
			t.Fatal(err)
		}
		w.sync()
		for _, words := range []string{"re: tide", "tide (5", "5\""} {
			if found, err := w.engine.Search(t.Context(), words, nil, time.Time{}, 9); err != nil || len(found.Messages) != 1 {
				t.Errorf("%s: %v, %d messages", words, err, len(found.Messages))
			}
		}
	})
}

// What comes between two pages of a search may make the server forget it.
func TestSearchThatIsForgotten(t *testing.T) { everyServer(t, searchThatIsForgotten) }

func searchThatIsForgotten(t *testing.T, w *world) {
	w.fill(60)
	w.sync()
	asked := 0
	w.setFault(func(q *server.Request) *server.Fault {
		if q.Command != "Find" {
			return nil
		}
		if asked++; asked != 2 {
			return nil
		}
		return &server.Fault{Status: 200, Body: document(&wire.FindMailResponse{Status: 1, Response: &wire.Found[wire.MailFound]{Status: 4}})}
	})
	found, err := w.engine.Search(t.Context(), "message text", nil, time.Time{}, 60)
	if err != nil || len(found.Messages) != 60 {
		t.Errorf("%v: %d messages", err, len(found.Messages))
	}
}

func outOfOffice(t *testing.T, w *world) {
	from := time.Now().UTC().Truncate(time.Second)
	want := activesync.OutOfOffice{State: activesync.OofTimed, From: from, To: from.Add(48 * time.Hour), Inside: "On the water.", Outside: "Away."}
	if err := w.engine.SetOutOfOffice(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	got, err := w.engine.OutOfOffice(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got.State != want.State || !got.From.Equal(want.From) || !got.To.Equal(want.To) || got.Inside != want.Inside {
		t.Errorf("got %+v", got)
	}
	// A text that is not given stays.
	if err := w.engine.SetOutOfOffice(t.Context(), activesync.OutOfOffice{State: activesync.OofOn, Inside: "Back soon."}); err != nil {
		t.Fatal(err)
	}
	if m := w.box.Oof().Messages; m[0].ReplyMessage != "Back soon." || m[1].ReplyMessage != "Away." {
		t.Errorf("the server has %+v", m)
	}
	for _, bad := range []activesync.OutOfOffice{{State: "maybe"}, {State: activesync.OofOn}, {State: activesync.OofTimed, From: from, To: from, Inside: "x"}} {
		if err := w.engine.SetOutOfOffice(t.Context(), bad); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}
