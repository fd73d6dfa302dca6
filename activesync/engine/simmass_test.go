package engine_test

import (
	"fmt"
	"slices"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

// massRemoval: what another device removed at once, of a folder that was in
// step.
type massRemoval struct {
	items   map[activesync.ItemID]string // by subject
	folder  activesync.FolderID
	decided activesync.Decision
	kept    map[activesync.ItemID]bool
}

// removeMany lets another device empty a folder that is large and in step. The
// messages must stay here until the person decides.
func (s *sim) removeMany() {
	if s.mass != nil {
		s.decide()
		return
	}
	s.plan.SetRate(0)
	const path, most = "Archive", 60
	s.say("another device fills %s and empties it", path)
	var list []server.Delivery
	subjects := map[string]bool{}
	for range most {
		s.last++
		subject := fmt.Sprintf("m%d", s.last)
		subjects[subject] = true
		list = append(list, server.Delivery{Source: server.Mail(mime(subject, time.Now())), Date: time.Now(), Read: true})
	}
	if err := s.box.PutAll(path, list); err != nil {
		s.t.Fatal(err)
	}
	s.engine.CheckNow()
	s.sleep(20 * time.Minute)
	m := &massRemoval{items: map[activesync.ItemID]string{}, kept: map[activesync.ItemID]bool{}}
	for _, h := range s.shown() {
		if subjects[h.Subject] {
			m.items[h.ID], m.folder = h.Subject, h.Folder
		}
	}
	items, err := s.box.Items(path)
	if err != nil {
		s.t.Fatal(err)
	}
	if len(m.items) != most || len(items) > 5*most/2 { // a brake of a third would not hold
		s.say("of %d there are %d here, of %d in all", most, len(m.items), len(items))
		return
	}
	if st, err := s.store.SyncState(s.ctx, m.folder); err != nil || st.Had < most || st.Resync {
		s.say("not in step: %+v, %v", st, err)
		return
	}
	s.mass = m
	var ids []activesync.ServerID
	for _, it := range items {
		if subject := subjectOf(it.MIME); subjects[subject] {
			s.touched(subject)
			ids = append(ids, it.ID)
		}
	}
	s.box.DeleteAll(ids)
}

// decide lets the person choose what becomes of what is withheld.
func (s *sim) decide() {
	all, err := s.store.Withheld(s.ctx, s.account.ID)
	if err != nil {
		s.fail("withheld: %v", err)
	}
	for _, w := range all {
		if len(w.Items) == 0 || w.Folder != s.mass.folder || s.mass.decided != "" {
			continue
		}
		s.stillThere()
		d := []activesync.Decision{activesync.DecideKeep, activesync.DecideAccept, activesync.DecideAgain}[s.r.IntN(3)]
		s.say("person: %d withheld in %v: %s", len(w.Items), w.Folder, d)
		if err := s.store.Decide(s.ctx, w.Folder, d); err != nil {
			s.fail("decide: %v", err)
		}
		if d != activesync.DecideAgain {
			s.mass.decided = d
		}
		for _, id := range w.Items {
			s.mass.kept[id] = d == activesync.DecideKeep
		}
	}
	s.engine.CheckNow()
}

// stillThere: nothing of what was removed at once is gone before the person
// decided, and nothing of it but what the person did away with themselves.
func (s *sim) stillThere() {
	if s.mass == nil || s.mass.decided == activesync.DecideAccept {
		return
	}
	paths := s.paths()
	if paths[s.mass.folder] == "" {
		return
	}
	for id, subject := range s.mass.items {
		if w := s.wishes[subject]; w != nil && w.item != 0 {
			continue // the person had a hand in it
		}
		if h, err := s.store.Header(s.ctx, id); err != nil || h.Folder != s.mass.folder {
			s.fail("%s was removed with many others, and is gone without a question: %+v, %v", subject, h.Folder, err)
		}
	}
}

// aside reports whether an item is here although the server says that it is
// gone: the person keeps it, or was not asked yet.
func (s *sim) aside(id activesync.ItemID) bool {
	if s.mass == nil {
		return false
	}
	all, err := s.store.Withheld(s.ctx, s.account.ID)
	if err != nil {
		s.fail("withheld: %v", err)
	}
	return s.mass.kept[id] || slices.ContainsFunc(all, func(w activesync.Withheld) bool { return slices.Contains(w.Items, id) })
}
