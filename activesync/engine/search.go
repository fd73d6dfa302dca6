package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/policy"
	"eas.example/securemail/activesync/wire"
)

// searchPage is how many results one request asks for.
const searchPage = 50

// Search looks for messages on the server, for at most n: it finds what lies
// beyond the period that is kept here, but nothing older than since, zero for
// any age. Folders are those of the query, by our ids; none is the whole
// mailbox.
func (e *Engine) Search(ctx context.Context, words string, folders []activesync.FolderID, since time.Time, n int) (found activesync.FoundMail, err error) {
	err = e.knowingFolders(ctx, func() error {
		found, err = e.search(ctx, words, folders, since, n)
		if s, ok := errors.AsType[*activesync.StatusError](err); ok && s.Command == "Find" && s.Code == findAnew {
			found, err = e.search(ctx, words, folders, since, n)
		}
		return err
	})
	return found, err
}

// findAnew is the Status of Find for a page of a search that the server does not
// remember (MS-ASCMD 2.2.3.177.2).
const findAnew = 4

// knowingFolders asks something that a server refuses while this side does not
// know its latest list of folders, and then once more (MS-ASCMD 2.2.3.177.2, .13).
func (e *Engine) knowingFolders(ctx context.Context, ask func() error) error {
	err := ask()
	if !errors.Is(err, activesync.ErrFolderGone) {
		return err
	}
	if err := e.syncHierarchy(ctx); err != nil {
		return err
	}
	return ask()
}

func (e *Engine) search(ctx context.Context, words string, folders []activesync.FolderID, since time.Time, n int) (activesync.FoundMail, error) {
	all, err := e.store.Folders(ctx, e.account.ID)
	if err != nil {
		return activesync.FoundMail{}, err
	}
	q := activesync.MailQuery{Words: words, After: since}
	ours := map[activesync.ServerID]activesync.FolderID{}
	for _, f := range all {
		ours[f.ServerID] = f.ID
	}
	for _, id := range folders {
		f, err := e.store.Folder(ctx, id)
		if err != nil {
			return activesync.FoundMail{}, err
		}
		q.Folders = append(q.Folders, f.ServerID)
	}
	out := activesync.FoundMail{Messages: []activesync.FoundMessage{}}
	name, seen := wire.NewSearchID(), 0
	for len(out.Messages) < n {
		var page activesync.FoundMail
		err := e.exchange(ctx, func(ctx context.Context) error {
			var err error
			page, err = e.server.SearchMail(ctx, name, q, seen, min(searchPage, n-len(out.Messages)))
			return err
		})
		if err != nil {
			return out, fmt.Errorf("search on the server: %w", err)
		}
		before := len(out.Messages)
		for _, m := range page.Messages {
			if m.Header.Date.Before(since) { // servers take the day, or no notice of it
				page.Total--
				continue
			}
			m.Header.Folder = ours[m.Folder]
			if m.ServerID != "" && m.Header.Folder != 0 {
				if m.Header.ID, err = e.store.ItemOf(ctx, m.Header.Folder, m.ServerID); err != nil {
					return out, err
				}
			}
			out.Messages = append(out.Messages, m)
		}
		seen += len(page.Messages)
		// The newest come first: behind a page of old ones there are only older ones.
		if out.Total = max(page.Total, out.Total, len(out.Messages)); len(out.Messages) == before || seen >= page.Total {
			break
		}
	}
	if !since.IsZero() {
		out.Total = min(out.Total, max(len(out.Messages), n))
	}
	return out, nil
}

// FetchFound brings a message that a search found, whole. It is not kept.
func (e *Engine) FetchFound(ctx context.Context, m activesync.FoundMessage) (activesync.Message, error) {
	out := activesync.Message{}
	err := e.exchange(ctx, func(ctx context.Context) error {
		account, err := e.state(ctx)
		if err != nil {
			return err
		}
		want := bodyPreference(account.Version, 0, !policy.FromServer(account.Policy).AllowHTML())
		fetch := wire.FetchItem(m.Folder, m.ServerID, want, 0)
		if m.LongID != "" {
			fetch = wire.FetchLong(m.LongID, want, 0)
		}
		answer, err := e.server.ItemOperations(ctx, &wire.ItemOperationsRequest{Fetches: []wire.Fetch{fetch}})
		if err != nil {
			return err
		}
		got := answer.Fetches()
		if len(got) == 0 {
			return activesync.ErrNotFound
		}
		if got[0].Status != 1 {
			return &activesync.StatusError{Command: "ItemOperations", Code: got[0].Status}
		}
		p, err := got[0].Email()
		if err == nil {
			err = saysSomething(p, m.Header)
		}
		if err == nil {
			p.Apply(&out)
		}
		return err
	})
	if err != nil {
		return out, fmt.Errorf("fetch the message: %w", err)
	}
	return out, nil
}
