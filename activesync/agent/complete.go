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
	// mostMatches is how many people complete words at most.
	mostMatches = 50
	// mostListed is how many people of the address list one search brings.
	mostListed = 50
	// leastLetters is from how many letters on the address list is asked.
	leastLetters = 2
	// typing is how long letters are gathered before the address list is asked.
	typing = 250 * time.Millisecond
	// listedFor is how long an answer of the address list is good, failedFor a
	// failure.
	listedFor, failedFor = 15 * time.Minute, time.Minute
	// mostAnswers is how many answers are kept for an account.
	mostAnswers = 200
	// latest is how many sent messages tell whom the person writes to, where the
	// server keeps no recipient cache, and how many of the Inbox who wrote.
	latest = 200
)

// directory is what is remembered for completion.
type directory struct {
	mu       sync.Mutex
	accounts map[activesync.AccountID]*listed
}

// listed is what is remembered of one account. It is guarded by the
// directory's mu.
type listed struct {
	own     []activesync.ContactRow
	recent  []activesync.Contact
	folders map[activesync.FolderID]bool // whose changes make own and recent stale
	known   bool                         // own and recent are so
	answers map[string]found             // by what was asked, lower case
	wanted  string                       // what is to be asked next
	asking  bool
}

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
		x = &listed{answers: map[string]found{}}
		d.accounts[id] = x
	}
	return x
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
	if x := d.accounts[n.Account]; x != nil && (n.Folder == 0 && n.Kind == activesync.NoticeAccount || x.folders[n.Folder]) {
		x.known = false
	}
}

// Complete are those whom letters may mean: own contacts, those written to and
// the organisation's address list. It never waits for the network: where the
// list has not been asked, it is, and a NoticePeople tells when it has answered.
func (l *Local) Complete(ctx context.Context, id activesync.AccountID, words string) (contacts.Completion, error) {
	m, err := l.member(id)
	if err != nil {
		return contacts.Completion{}, err
	}
	own, recent, err := l.peopleOf(ctx, id)
	if err != nil {
		return contacts.Completion{}, err
	}
	answer, state, why := l.listed(m, words)
	matches := contacts.Rank(words, own, recent, answer.People)
	return contacts.Completion{Matches: matches[:min(len(matches), mostMatches)], Listed: state, Why: why}, nil
}

// listed is what is known of the address list's answer, and has it asked where
// nothing is.
func (l *Local) listed(m *member, words string) (activesync.People, contacts.Answer, string) {
	key := strings.ToLower(strings.TrimSpace(words))
	if utf8.RuneCountInString(key) < leastLetters {
		return activesync.People{}, contacts.NotAsked, ""
	}
	d := &l.directory
	d.mu.Lock()
	defer d.mu.Unlock()
	x := d.of(m.account.ID)
	if f, ok := x.find(key); ok {
		if f.err != nil {
			return activesync.People{}, contacts.Unavailable, f.err.Error()
		}
		return f.people, contacts.Answered, ""
	}
	if !l.running() {
		return activesync.People{}, contacts.Unavailable, "the agent does not run"
	}
	x.wanted = key
	if !x.asking {
		x.asking = true
		l.wait.Add(1)
		go func() {
			defer l.wait.Done()
			l.askListed(m)
		}()
	}
	return activesync.People{}, contacts.Asking, ""
}

// find is an answer to key: one of its own, or a whole one to fewer letters.
// The caller holds mu.
func (x *listed) find(key string) (found, bool) {
	if f, ok := x.answers[key]; ok && f.good() {
		return f, true
	}
	for n := len(key) - 1; n >= leastLetters; n-- {
		f, ok := x.answers[key[:n]]
		if ok && f.good() && f.err == nil && f.people.Total <= len(f.people.People) {
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

// askNow asks the address list and keeps its answer.
func (l *Local) askNow(ctx context.Context, m *member, key string) (activesync.People, error) {
	people, err := m.engine.FindPeople(ctx, key, mostListed)
	if ctx.Err() != nil {
		return people, ctx.Err()
	}
	d := &l.directory
	d.mu.Lock()
	defer d.mu.Unlock()
	x := d.of(m.account.ID)
	if len(x.answers) >= mostAnswers {
		x.answers = map[string]found{}
	}
	x.answers[key] = found{people, err, time.Now()}
	return people, err
}

// FindPeople searches the organisation's address list. It waits for the
// network; the answer serves Complete too.
func (l *Local) FindPeople(ctx context.Context, id activesync.AccountID, words string) (activesync.People, error) {
	m, err := l.member(id)
	if err != nil {
		return activesync.People{}, err
	}
	return l.askNow(ctx, m, strings.ToLower(strings.TrimSpace(words)))
}

// peopleOf are the contacts of an account, and those whom the person writes to:
// the recipient information cache, or the recipients of what was sent.
func (l *Local) peopleOf(ctx context.Context, id activesync.AccountID) ([]activesync.ContactRow, []activesync.Contact, error) {
	d := &l.directory
	d.mu.Lock()
	x := d.of(id)
	if x.known {
		defer d.mu.Unlock()
		return x.own, x.recent, nil
	}
	x.known = true // a change that is heard from now on makes it false again
	d.mu.Unlock()
	own, recent, folders, err := l.readPeople(ctx, id)
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil {
		x.known = false
		return nil, nil, err
	}
	x.own, x.recent, x.folders = own, recent, folders
	return own, recent, nil
}

func (l *Local) readPeople(ctx context.Context, id activesync.AccountID) (own []activesync.ContactRow, recent []activesync.Contact,
	folders map[activesync.FolderID]bool, err error) {
	all, err := l.Store.Folders(ctx, id)
	if err != nil {
		return nil, nil, nil, err
	}
	folders = map[activesync.FolderID]bool{}
	var cache, sent, inbox activesync.FolderID
	for _, f := range all {
		switch f.Type {
		case activesync.FolderRecipientCache:
			cache = f.ID
		case activesync.FolderSent:
			sent = f.ID
		case activesync.FolderInbox:
			inbox = f.ID
		}
		folders[f.ID] = f.Class == activesync.ClassContacts || f.Type == activesync.FolderInbox
	}
	rows, err := l.Store.Contacts(ctx, id)
	if err != nil {
		return nil, nil, nil, err
	}
	for _, r := range rows {
		if r.Folder != cache {
			own = append(own, r)
			continue
		}
		c, err := l.Store.Contact(ctx, r.ID)
		if err != nil {
			return nil, nil, nil, err
		}
		c.WeightedRank = max(c.WeightedRank, 1)
		recent = append(recent, c)
	}
	if len(recent) == 0 && sent != 0 {
		folders[sent] = true
		if recent, err = l.latestOf(ctx, sent, 1, func(h activesync.Header) []activesync.Address { return slices.Concat(h.To, h.Cc) }); err != nil {
			return nil, nil, nil, err
		}
	}
	if inbox != 0 {
		wrote, err := l.latestOf(ctx, inbox, 0, func(h activesync.Header) []activesync.Address { return []activesync.Address{h.From} })
		if err != nil {
			return nil, nil, nil, err
		}
		recent = append(recent, wrote...)
	}
	return own, recent, folders, nil
}

// latestOf are people of the latest messages of a folder. Each message adds
// weight to theirs.
func (l *Local) latestOf(ctx context.Context, folder activesync.FolderID, weight int, of func(activesync.Header) []activesync.Address) ([]activesync.Contact, error) {
	w, err := l.Store.Window(ctx, folder, activesync.WindowQuery{Count: latest})
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	var out []activesync.Contact
	for _, h := range w.Rows {
		for _, who := range of(h) {
			key := strings.ToLower(who.Address)
			if i, ok := at[key]; ok {
				out[i].WeightedRank += weight
			} else if key != "" {
				at[key] = len(out)
				out = append(out, activesync.Contact{FileAs: who.Name, Email1: who, WeightedRank: weight})
			}
		}
	}
	return out, nil
}
