package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
)

// choose takes the account that an argument names. An empty one, as of a variable
// that is not set, means none, never the first.
func (a *app) choose(name string) error {
	if name == "" {
		return usage(errors.New("say which account: see securemail account list"))
	}
	a.account = name
	return nil
}

// chosen is the account that --account names, or the only one, or the first.
func (a *app) chosen(ctx context.Context, l agent.Service) (activesync.Account, error) {
	all, err := l.Accounts(ctx)
	if err != nil {
		return activesync.Account{}, err
	}
	if len(all) == 0 {
		return activesync.Account{}, fmt.Errorf("no account is set up; add one: securemail account add EMAIL")
	}
	if a.account == "" {
		return all[0], nil
	}
	for _, acc := range all {
		if strings.EqualFold(acc.Name, a.account) || strings.EqualFold(acc.Email, a.account) || string(acc.ID) == a.account {
			return acc, nil
		}
	}
	return activesync.Account{}, fmt.Errorf("%w: %q", agent.ErrNoAccount, a.account)
}

// folderPath is the name of a folder below its parents.
func folderPath(f activesync.Folder, all []activesync.Folder) string {
	name := f.Name
	for depth := 0; f.Parent != 0 && depth < 32; depth++ {
		found := false
		for _, p := range all {
			if p.ID == f.Parent {
				name, f, found = p.Name+"/"+name, p, true
				break
			}
		}
		if !found {
			break
		}
	}
	return name
}

// wellKnown are words for the automatic mailboxes that work whatever language
// the server names them in.
var wellKnown = map[string]activesync.FolderType{
	"inbox": activesync.FolderInbox, "drafts": activesync.FolderDrafts, "sent": activesync.FolderSent,
	"deleted": activesync.FolderDeleted, "trash": activesync.FolderDeleted, "calendar": activesync.FolderCalendar,
	"contacts": activesync.FolderContacts,
}

// findFolder takes an id, a path, a name, or a word for an automatic mailbox.
func findFolder(name string, all []activesync.Folder) (activesync.Folder, error) {
	for _, f := range all {
		if f.ID.String() == name {
			return f, nil
		}
	}
	var hits []activesync.Folder
	for _, f := range all {
		if strings.EqualFold(folderPath(f, all), name) {
			return f, nil
		}
		if strings.EqualFold(f.Name, name) {
			hits = append(hits, f)
		}
	}
	if t, ok := wellKnown[strings.ToLower(name)]; ok && len(hits) == 0 {
		for _, f := range all {
			if f.Type == t {
				hits = append(hits, f)
			}
		}
	}
	switch len(hits) {
	case 0:
		return activesync.Folder{}, fmt.Errorf("there is no folder %q; see securemail folders", name)
	case 1:
		return hits[0], nil
	}
	return activesync.Folder{}, fmt.Errorf("several folders are called %q; name one by its path or id, see securemail folders", name)
}

func (a *app) folder(ctx context.Context, l agent.Service, name string) (activesync.Folder, error) {
	acc, err := a.chosen(ctx, l)
	if err != nil {
		return activesync.Folder{}, err
	}
	all, err := l.Folders(ctx, acc.ID)
	if err != nil {
		return activesync.Folder{}, err
	}
	return findFolder(name, all)
}

func parseItems(args []string) ([]activesync.ItemID, error) {
	ids := make([]activesync.ItemID, len(args))
	for i, s := range args {
		id, err := activesync.ParseItemID(s)
		if err != nil {
			return nil, usage(fmt.Errorf("%q: %w", s, err))
		}
		ids[i] = id
	}
	return ids, nil
}
