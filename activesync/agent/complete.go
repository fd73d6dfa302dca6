package agent

import (
	"context"
	"slices"
	"strings"

	"eas.example/securemail/activesync"
	"eas.example/securemail/contacts"
)

const (
	// mostMatches is how many people complete words at most.
	mostMatches = 50
	// latest is how many sent messages tell whom the person writes to, where the
	// server keeps no recipient cache, and how many of the Inbox who wrote.
	latest = 200
)

// Complete are those whom letters may mean: own contacts, those written to and
// the organisation's address list. It never waits for the network: where the
// list has not been asked, it is, and a NoticePeople tells when it has answered.
func (l *Local) Complete(ctx context.Context, id activesync.AccountID, words string) (contacts.Completion, error) {
	m, err := l.member(id)
	if err != nil {
		return contacts.Completion{}, err
	}
	_, index, err := l.peopleOf(ctx, id)
	if err != nil {
		return contacts.Completion{}, err
	}
	answer, state, why := l.listed(ctx, m, words)
	return contacts.Completion{Matches: index.Rank(words, answer.People, mostMatches), Listed: state, Why: why}, nil
}

// peopleOf are the contacts of an account, and the index of them and of those
// whom the person writes to: the recipient information cache, or the recipients
// of what was sent. Who asks while they are read waits for that.
func (l *Local) peopleOf(ctx context.Context, id activesync.AccountID) ([]activesync.ContactRow, *contacts.Index, error) {
	d := &l.directory
	d.mu.Lock()
	x := d.of(id)
	d.mu.Unlock()
	if err := x.reading.enter(ctx); err != nil {
		return nil, nil, err
	}
	defer x.reading.leave()
	d.mu.Lock()
	if x.known {
		defer d.mu.Unlock()
		return x.own, x.index, nil
	}
	x.known = true // a change that is heard from now on makes it false again
	d.mu.Unlock()
	own, recent, folders, err := l.readPeople(ctx, id)
	var index *contacts.Index
	if err == nil {
		index = contacts.NewIndex(own, recent)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil {
		x.known = false
		return nil, nil, err
	}
	x.own, x.index, x.folders = own, index, folders
	return own, index, nil
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
