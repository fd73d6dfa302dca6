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

// The ways in which many messages leave a folder at once.
const (
	byOther       = iota // another device removes them: the person is asked
	byOtherAnew          // the same, and the server forgets all keys: so too
	byPerson             // the person deletes them: nobody is asked
	byShortPeriod        // the person wants newer mail only: they are not removed at all
)

// removeMany fills a folder and has all of that leave it.
func (s *sim) removeMany() {
	if s.mass != nil {
		s.decide()
		return
	}
	s.plan.SetRate(0)
	const path, most = "Archive", 60
	how, date := s.r.IntN(4), time.Now()
	if how == byShortPeriod {
		date = date.AddDate(0, 0, -40)
	}
	s.say("another device fills %s, and it is emptied: %d", path, how)
	var list []server.Delivery
	subjects := map[string]bool{}
	for range most {
		s.last++
		subject := fmt.Sprintf("m%d", s.last)
		subjects[subject] = true
		list = append(list, server.Delivery{Source: server.Mail(letterOf(subject, date, false, false)), Date: date, Read: true})
	}
	if err := s.box.PutAll(path, list); err != nil {
		s.t.Fatal(err)
	}
	s.moment()
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
	switch how {
	case byPerson:
		s.deleteAll(m)
		return
	case byShortPeriod:
		s.periods(activesync.Period1m)
		s.sleep(20 * time.Minute)
		return
	}
	s.mass = m
	var ids []activesync.ServerID
	for _, it := range items {
		if subject := nameOf(it.MIME); subjects[subject] {
			s.touched(subject)
			ids = append(ids, it.ID)
		}
	}
	s.box.DeleteAll(ids)
	s.moment()
	if how == byOtherAnew {
		s.box.ForgetKeys()
	}
}

// deleteAll lets the person delete what would be too much at once for another
// device, on a bad line. No request comes twice on it: where the second one is
// refused nothing tells that the first was carried out, and the person is asked.
func (s *sim) deleteAll(m *massRemoval) {
	var ops []activesync.Op
	for id := range m.items {
		ops = append(ops, activesync.Op{Kind: activesync.OpDelete, Item: id})
	}
	slices.SortFunc(ops, func(a, b activesync.Op) int { return int(int64(a.Item) - int64(b.Item)) })
	if _, err := s.store.QueueAll(s.ctx, ops); err != nil {
		s.fail("delete %d: %v", len(ops), err)
	}
	for _, op := range ops {
		s.wished(op.Item, m.folder)
	}
	s.plan.Once()
	s.plan.SetRate(0.6)
	s.engine.Wake()
	s.sleep(10 * time.Minute)
}

// periods has the person choose how far back all mail is kept in step. What
// is not here for a while is another item when it comes again.
func (s *sim) periods(p activesync.Period) {
	for _, f := range s.folders() {
		if f.Class != activesync.ClassEmail || f.Period == p {
			continue
		}
		s.say("person: %s of %s", p, f.Name)
		s.periodChanged.Store(true)
		o := f.FolderOptions
		o.Period = p
		if err := s.store.SetFolderOptions(s.ctx, f.ID, o); err != nil {
			s.fail("period: %v", err)
		}
	}
	if s.periodChanged.Load() {
		clear(s.ids)
	}
	s.engine.CheckNow()
}

// unasked: the person is asked about what another device removed at once, and
// about nothing else.
func (s *sim) unasked() {
	all, err := s.store.Withheld(s.ctx, s.account.ID)
	if err != nil {
		s.fail("withheld: %v", err)
	}
	for _, w := range all {
		if len(w.Items) > 0 && (s.mass == nil || s.mass.folder != w.Folder) {
			s.fail("the person is asked about %d items of %v that nobody removed", len(w.Items), w.Folder)
		}
	}
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
