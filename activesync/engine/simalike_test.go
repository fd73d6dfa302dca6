package engine_test

import (
	"fmt"
	"slices"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

// alike is how the person left the two messages of a subject that differ in
// nothing, by item. The server must have two such, whichever is which.
type alike struct {
	left    map[activesync.ItemID]wish
	touched bool // by someone else
}

// leftAlike notes how one of two that are alike is left. The caller holds mu.
func (s *sim) leftAlike(h *activesync.Header) {
	p := s.alikes[h.Subject]
	if p == nil {
		p = &alike{left: map[activesync.ItemID]wish{}}
		s.alikes[h.Subject] = p
	}
	p.left[h.ID] = wish{read: h.Read, flag: h.Flag, folder: h.Folder}
}

// moveUnheard moves a message, or two that are alike, out of a folder of which no
// answer comes through for a while, and does more to them meanwhile: to what
// stands there twice, to both of the two.
func (s *sim) moveUnheard() {
	rows := s.shown()
	if len(rows) == 0 {
		return
	}
	first := rows[s.r.IntN(len(rows))]
	if n := slices.IndexFunc(rows, func(h activesync.Header) bool { return s.doubles[h.Subject] }); n >= 0 && s.r.IntN(2) == 0 {
		first = rows[n]
	}
	folders := s.workFolders()
	to := folders[s.r.IntN(len(folders))]
	same := func(h activesync.Header) bool { return h.Subject == first.Subject }
	for _, h := range rows {
		if h.ID == first.ID || s.doubles[h.Subject] && same(h) {
			s.change(h, activesync.Op{Kind: activesync.OpMove, To: to})
		}
	}
	from, err := s.box.FolderID(s.paths()[first.Folder])
	if err != nil {
		return // it goes by another name there
	}
	s.stick(from)
	s.engine.Wake()
	s.sleep(time.Duration(1+s.r.IntN(10)) * time.Minute)
	for _, h := range s.shown() {
		switch {
		case !same(h):
		case s.doubles[h.Subject]:
			s.change(h, activesync.Op{Kind: activesync.OpFlag, Flag: activesync.FlagActive - h.Flag})
		case h.ID != first.ID && !s.twins[h.Subject]:
			s.changeCopy(first, h)
		}
	}
	s.engine.Wake()
	if s.r.IntN(2) == 0 {
		s.sleep(time.Duration(1+s.r.IntN(10)) * time.Minute)
	}
	s.stick("")
	s.engine.Reconnect()
}

// stick has no answer come through that is about a folder.
func (s *sim) stick(id activesync.ServerID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stuck = id
}

// fault is what goes wrong with a request.
func (s *sim) fault(q *server.Request) *server.Fault {
	s.mu.Lock()
	stuck := s.stuck != "" && slices.ContainsFunc(q.Collections, func(id activesync.ServerID) bool { return bareFolder(id) == s.stuck })
	s.mu.Unlock()
	if stuck && (q.Command == "MoveItems" || q.Command == "Sync") {
		return &server.Fault{After: 500}
	}
	return s.plan.Fault(q)
}

// changeCopy flags what the server tells of a message in its new folder before
// the move is confirmed: one and the same for the person, who must find it so.
func (s *sim) changeCopy(moved, copied activesync.Header) {
	if _, err := s.store.Queue(s.ctx, activesync.Op{Kind: activesync.OpFlag, Item: copied.ID, Flag: activesync.FlagActive - copied.Flag}, nil); err != nil {
		s.fail("flag %s: %v", copied.Subject, err)
	}
	s.say("person: flags %s (item %v), which is item %v too", copied.Subject, copied.ID, moved.ID)
	s.mu.Lock()
	defer s.mu.Unlock()
	if w := s.wishes[moved.Subject]; w != nil && w.item == moved.ID {
		w.flag, w.copied = activesync.FlagActive-copied.Flag, copied.ID
	}
}

// alikesStand looks on the server for both of two that are alike, as the person
// left them.
func (s *sim) alikesStand() {
	held, _ := s.parked()
	paths := s.paths()
	for subject, p := range s.alikes {
		var want, got []string
		known := !p.touched && len(p.left) == 2
		for id, w := range p.left {
			known = known && !held[id] && paths[w.folder] != "" && !s.poisoned[paths[w.folder]]
			want = append(want, fmt.Sprintf("in %s, read %v, flag %d", paths[w.folder], w.read, w.flag))
		}
		if !known {
			continue
		}
		for _, path := range s.box.Folders() {
			for _, it := range s.itemsOf(path, subject) {
				got = append(got, fmt.Sprintf("in %s, read %v, flag %d", path, it.Read, it.Flag))
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(want, got) {
			s.fail("the two of %s were left %v, and are %v", subject, want, got)
		}
	}
}

// itemsOf are the messages of a subject in a folder of the server.
func (s *sim) itemsOf(path, subject string) []server.Stored {
	items, err := s.box.Items(path)
	if err != nil {
		s.t.Fatal(err)
	}
	return slices.DeleteFunc(slices.Clone(items), func(it server.Stored) bool { return nameOf(it.MIME) != subject })
}
