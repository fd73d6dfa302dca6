package agent

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"eas.example/securemail/activesync"
	"eas.example/securemail/contacts"
)

const (
	// mostListed is how many people of the address list one search brings.
	mostListed = 50
	// leastLetters is from how many letters on the address list is asked.
	leastLetters = 2
	// typing is how long letters are gathered before the address list is asked.
	typing = 250 * time.Millisecond
	// listedFor is how long an answer of the address list is good without asking
	// again, failedFor a failure.
	listedFor, failedFor = 15 * time.Minute, time.Minute
	// mostAnswers is how many answers are remembered for an account.
	mostAnswers = 200
)

// directory is what is remembered for completion. What the address list answered
// lies in the store too, with pictures and for longer.
type directory struct {
	mu       sync.Mutex
	accounts map[activesync.AccountID]*listed
}

// listed is what is remembered of one account. It is guarded by the
// directory's mu.
type listed struct {
	reading lane // whoever reads own and index
	own     []activesync.ContactRow
	index   *contacts.Index
	folders map[activesync.FolderID]bool // whose changes make own and index stale
	known   bool                         // own and index are as the store has them
	answers map[string]found             // by what was asked, lower case
	wanted  string                       // what is to be asked next
	asking  bool
}

// found is an answer of the address list, without pictures, or why there was
// none.
type found struct {
	people activesync.People
	err    error
	at     time.Time
}

func (f found) good() bool {
	if f.err != nil {
		return time.Since(f.at) < failedFor
	}
	return time.Since(f.at) < listedFor
}

func newDirectory() directory {
	return directory{accounts: map[activesync.AccountID]*listed{}}
}

// of is what is remembered of an account. The caller holds mu.
func (d *directory) of(id activesync.AccountID) *listed {
	x := d.accounts[id]
	if x == nil {
		x = &listed{reading: make(lane, 1), answers: map[string]found{}}
		d.accounts[id] = x
	}
	return x
}

// forget drops all that is remembered of an account.
func (d *directory) forget(id activesync.AccountID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.accounts, id)
}

// hear forgets what a notice makes stale.
func (d *directory) hear(n activesync.Notice) {
	switch n.Kind {
	case activesync.NoticeFolder, activesync.NoticeFolders, activesync.NoticeAccount:
	default:
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	// While they are read for the first time, it is not known yet what they depend on.
	if x := d.accounts[n.Account]; x != nil && (n.Folder == 0 && n.Kind == activesync.NoticeAccount || x.folders == nil || x.folders[n.Folder]) {
		x.known = false
	}
}

// question is how words are asked for.
func question(words string) string { return strings.ToLower(strings.TrimSpace(words)) }

// answersTo reports whether an answer to the first letters of key, or all of
// them, tells all that the list knows of key.
func answersTo(asked, key string, people activesync.People) bool {
	return !people.At.IsZero() && (asked == key || people.Total <= len(people.People))
}

// only are those of an answer whom key means.
func only(people activesync.People, key string) activesync.People {
	people.People = slices.DeleteFunc(slices.Clone(people.People), func(p activesync.Person) bool { return !p.Matches(key) })
	people.Total = len(people.People)
	return people
}

// remembered is the newest answer to key that the store has, its At is zero where
// there is none.
func (l *Local) remembered(ctx context.Context, id activesync.AccountID, key string) (newest activesync.People) {
	for n := len(key); n >= leastLetters; n-- {
		people, err := l.Store.Found(ctx, id, key[:n])
		// What cannot be read is asked for again.
		if err != nil || !answersTo(key[:n], key, people) || !people.At.After(newest.At) {
			continue
		}
		if newest = people; n < len(key) {
			newest = only(people, key)
		}
	}
	return newest
}

// listed is what is known of the address list's answer, and has it asked where
// that is not new. Until it has answered, what it said before serves.
func (l *Local) listed(ctx context.Context, m *member, words string) (activesync.People, contacts.Answer, string) {
	key := question(words)
	if utf8.RuneCountInString(key) < leastLetters {
		return activesync.People{}, contacts.NotAsked, ""
	}
	d := &l.directory
	d.mu.Lock()
	f, ok := d.of(m.account.ID).find(key)
	d.mu.Unlock()
	if ok && f.err == nil {
		return f.people, contacts.Answered, ""
	}
	before := l.remembered(ctx, m.account.ID, key)
	switch {
	case ok:
		return before, contacts.Unavailable, f.err.Error()
	case time.Since(before.At) < listedFor:
		return before, contacts.Answered, ""
	case !l.running():
		return before, contacts.Unavailable, "the agent does not run"
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	x := d.of(m.account.ID)
	x.wanted = key
	if !x.asking {
		x.asking = true
		l.wait.Add(1)
		go func() {
			defer l.wait.Done()
			l.askListed(m)
		}()
	}
	return before, contacts.Asking, ""
}

// find is an answer to key: one of its own, or a whole one to fewer letters.
// The caller holds mu.
func (x *listed) find(key string) (found, bool) {
	if f, ok := x.answers[key]; ok && f.good() {
		return f, true
	}
	for n := len(key) - 1; n >= leastLetters; n-- {
		f, ok := x.answers[key[:n]]
		if ok && f.good() && f.err == nil && answersTo(key[:n], key, f.people) {
			return f, true // Rank leaves out whom the further letters do not mean
		}
	}
	return found{}, false
}

// askListed asks for the letters that were typed last until none are left.
func (l *Local) askListed(m *member) {
	d := &l.directory
	l.mu.Lock()
	ctx := l.ctx
	l.mu.Unlock()
	for {
		pause := time.NewTimer(typing)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
		}
		d.mu.Lock()
		x := d.of(m.account.ID)
		key := x.wanted
		if x.wanted = ""; key == "" || ctx.Err() != nil {
			x.asking = false
			d.mu.Unlock()
			return
		}
		d.mu.Unlock()
		_, _ = l.askNow(ctx, m, key) // the failure is kept as the answer
		l.publish(activesync.Notice{Kind: activesync.NoticePeople, Account: m.account.ID, Time: time.Now().UTC()})
	}
}

// askNow asks the address list, and keeps its answer: with its pictures in the
// store, without them in memory.
func (l *Local) askNow(ctx context.Context, m *member, key string) (activesync.People, error) {
	people, err := m.engine.FindPeople(ctx, key, mostListed)
	if ctx.Err() != nil {
		return people, ctx.Err()
	}
	if people.At = time.Now().UTC(); err == nil {
		if err := l.Store.KeepFound(ctx, m.account.ID, key, people); err != nil {
			l.Log.Warn("the address list's answer is not kept", "account", string(m.account.ID), "error", err)
		}
	}
	plain := people
	plain.People = slices.Clone(people.People)
	for i := range plain.People {
		plain.People[i].Picture = nil
	}
	d := &l.directory
	d.mu.Lock()
	defer d.mu.Unlock()
	x := d.of(m.account.ID)
	if len(x.answers) >= mostAnswers {
		x.answers = map[string]found{}
	}
	x.answers[key] = found{plain, err, people.At}
	return people, err
}

// FindPeople searches the organisation's address list, with pictures. It waits
// for the network, unless the list was asked for the same a moment ago. Where
// it cannot be asked, what it answered before comes with the reason.
func (l *Local) FindPeople(ctx context.Context, id activesync.AccountID, words string) (activesync.People, error) {
	m, err := l.member(id)
	if err != nil {
		return activesync.People{}, err
	}
	key := question(words)
	before := l.remembered(ctx, id, key)
	if time.Since(before.At) < listedFor {
		return before, nil
	}
	people, err := l.askNow(ctx, m, key)
	if err != nil && ctx.Err() == nil && !before.At.IsZero() {
		before.Why = err.Error()
		return before, nil
	}
	return people, err
}
