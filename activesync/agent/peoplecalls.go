package agent

import (
	"context"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/policy"
	"eas.example/securemail/contacts"
)

type (
	newContact struct {
		Account activesync.AccountID `json:"account"`
		Contact activesync.Contact   `json:"contact"`
	}
	newSides struct {
		Before activesync.Contact `json:"before"`
		After  activesync.Contact `json:"after"`
	}
	madeContact struct {
		Item activesync.ItemID `json:"id,omitempty"`
		Op   activesync.OpID   `json:"op,omitempty"`
	}
	someWords struct {
		Account activesync.AccountID `json:"account"`
		Words   string               `json:"words"`
	}
	someCards struct {
		Account activesync.AccountID `json:"account"`
		Cards   []byte               `json:"cards"`
		Only    []int                `json:"only"`
	}
	ofItems struct {
		Items []activesync.ItemID `json:"ids"`
	}
	ofFile struct {
		Path string `json:"path"`
	}
	bookSwitch struct {
		Account activesync.AccountID `json:"account"`
		contacts.Switch
	}
	keptCards struct {
		Kept []string `json:"kept"`
	}
	resolution struct {
		Account activesync.AccountID `json:"account"`
		Item    activesync.ItemID    `json:"id"`
		Op      activesync.OpID      `json:"op,omitempty"`
		Keep    contacts.Side        `json:"keep"`
	}
)

// peopleCalls are the calls about contacts, the address book and who letters are for.
type peopleCalls struct {
	list      call[ofAccount, []activesync.ContactRow]
	read      call[ofItem, activesync.Contact]
	add       call[newContact, madeContact]
	change    call[newSides, madeContact]
	complete  call[someWords, contacts.Completion]
	find      call[someWords, activesync.People]
	preview   call[someCards, []contacts.Import]
	load      call[someCards, ofOps]
	share     call[ofItems, activesync.Draft]
	export    call[ofItem, ofFile]
	local     call[ofAccount, contacts.Setting]
	setLocal  call[bookSwitch, keptCards]
	syncLocal call[ofAccount, contacts.Report]
	conflicts call[ofAccount, []contacts.Conflict]
	resolve   call[resolution, nothing]
	policies  call[nothing, []policy.Row]
}

func newPeopleCalls(t *table) peopleCalls {
	return peopleCalls{
		list: byAccount(t, "contacts", again, (*Local).Contacts),
		read: byItem(t, "contact", again, (*Local).Contact),
		add: on(t, "contacts/add", once, func(ctx context.Context, l *Local, q newContact) (madeContact, error) {
			item, op, err := l.AddContact(ctx, q.Account, q.Contact)
			return madeContact{item, op}, err
		}),
		change: on(t, "contacts/change", again, func(ctx context.Context, l *Local, q newSides) (madeContact, error) {
			op, err := l.ChangeContact(ctx, q.Before, q.After)
			return madeContact{q.After.ID, op}, err
		}),
		complete: on(t, "contacts/complete", again, func(ctx context.Context, l *Local, q someWords) (contacts.Completion, error) {
			return l.Complete(ctx, q.Account, q.Words)
		}),
		find: on(t, "contacts/find", again, func(ctx context.Context, l *Local, q someWords) (activesync.People, error) {
			return l.FindPeople(ctx, q.Account, q.Words)
		}),
		preview: on(t, "contacts/import/preview", again, func(ctx context.Context, l *Local, q someCards) ([]contacts.Import, error) {
			return l.PreviewImport(ctx, q.Account, q.Cards)
		}),
		load: on(t, "contacts/import", once, func(ctx context.Context, l *Local, q someCards) (ofOps, error) {
			ids, err := l.ImportContacts(ctx, q.Account, q.Cards, q.Only)
			return ofOps{ids}, err
		}),
		share: on(t, "contacts/share", again, func(ctx context.Context, l *Local, q ofItems) (activesync.Draft, error) {
			return l.ShareDraft(ctx, q.Items...)
		}),
		export: on(t, "contacts/export", again, func(ctx context.Context, l *Local, q ofItem) (ofFile, error) {
			path, err := l.ExportContact(ctx, q.Item)
			return ofFile{path}, err
		}),
		local: byAccount(t, "contacts/local", again, (*Local).LocalContacts),
		setLocal: on(t, "contacts/local/set", again, func(ctx context.Context, l *Local, q bookSwitch) (keptCards, error) {
			kept, err := l.SetLocalContacts(ctx, q.Account, q.Switch)
			return keptCards{kept}, err
		}),
		syncLocal: byAccount(t, "contacts/local/sync", again, (*Local).SyncLocalContacts),
		conflicts: byAccount(t, "contacts/conflicts", again, (*Local).Conflicts),
		resolve: on(t, "contacts/conflicts/resolve", once, func(ctx context.Context, l *Local, q resolution) (nothing, error) {
			return nothing{}, l.ResolveConflict(ctx, q.Account, q.Item, q.Op, q.Keep)
		}),
		policies: bare(t, "policies", again, (*Local).Policies),
	}
}

// AddContact is Local.AddContact.
func (c *Client) AddContact(ctx context.Context, id activesync.AccountID, contact activesync.Contact) (activesync.ItemID, activesync.OpID, error) {
	m, err := c.calls.people.add.ask(ctx, c, newContact{id, contact})
	return m.Item, m.Op, err
}

// ChangeContact is Local.ChangeContact.
func (c *Client) ChangeContact(ctx context.Context, before, after activesync.Contact) (activesync.OpID, error) {
	m, err := c.calls.people.change.ask(ctx, c, newSides{before, after})
	return m.Op, err
}

// Complete is Local.Complete.
func (c *Client) Complete(ctx context.Context, id activesync.AccountID, words string) (contacts.Completion, error) {
	return c.calls.people.complete.ask(ctx, c, someWords{id, words})
}

// FindPeople is Local.FindPeople.
func (c *Client) FindPeople(ctx context.Context, id activesync.AccountID, words string) (activesync.People, error) {
	return c.calls.people.find.ask(ctx, c, someWords{id, words})
}

// PreviewImport is Local.PreviewImport.
func (c *Client) PreviewImport(ctx context.Context, id activesync.AccountID, cards []byte) ([]contacts.Import, error) {
	return c.calls.people.preview.ask(ctx, c, someCards{Account: id, Cards: cards})
}

// ImportContacts is Local.ImportContacts.
func (c *Client) ImportContacts(ctx context.Context, id activesync.AccountID, cards []byte, only []int) ([]activesync.OpID, error) {
	a, err := c.calls.people.load.ask(ctx, c, someCards{id, cards, only})
	return a.Ops, err
}

// ShareDraft is Local.ShareDraft.
func (c *Client) ShareDraft(ctx context.Context, items ...activesync.ItemID) (activesync.Draft, error) {
	return c.calls.people.share.ask(ctx, c, ofItems{items})
}

// ExportContact is Local.ExportContact.
func (c *Client) ExportContact(ctx context.Context, item activesync.ItemID) (string, error) {
	a, err := c.calls.people.export.ask(ctx, c, ofItem{item})
	return a.Path, err
}

// LocalContacts is Local.LocalContacts.
func (c *Client) LocalContacts(ctx context.Context, id activesync.AccountID) (contacts.Setting, error) {
	return c.calls.people.local.ask(ctx, c, ofAccount{id})
}

// SetLocalContacts is Local.SetLocalContacts.
func (c *Client) SetLocalContacts(ctx context.Context, id activesync.AccountID, to contacts.Switch) ([]string, error) {
	var err error
	if to.Dir, err = absolute(to.Dir); err != nil {
		return nil, err
	}
	a, err := c.calls.people.setLocal.ask(ctx, c, bookSwitch{id, to})
	return a.Kept, err
}

// SyncLocalContacts is Local.SyncLocalContacts.
func (c *Client) SyncLocalContacts(ctx context.Context, id activesync.AccountID) (contacts.Report, error) {
	return c.calls.people.syncLocal.ask(ctx, c, ofAccount{id})
}

// Conflicts is Local.Conflicts.
func (c *Client) Conflicts(ctx context.Context, id activesync.AccountID) ([]contacts.Conflict, error) {
	return c.calls.people.conflicts.ask(ctx, c, ofAccount{id})
}

// ResolveConflict is Local.ResolveConflict.
func (c *Client) ResolveConflict(ctx context.Context, id activesync.AccountID, item activesync.ItemID, op activesync.OpID, keep contacts.Side) error {
	return tell(ctx, c.calls.people.resolve, c, resolution{id, item, op, keep})
}

// Policies is Local.Policies.
func (c *Client) Policies(ctx context.Context) ([]policy.Row, error) {
	return c.calls.people.policies.ask(ctx, c, nothing{})
}
