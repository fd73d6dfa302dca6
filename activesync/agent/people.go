package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/policy"
	"eas.example/securemail/contacts"
)

// AddContact makes a contact in the folder that it names, else in the default
// one.
func (l *Local) AddContact(ctx context.Context, id activesync.AccountID, c activesync.Contact) (activesync.ItemID, activesync.OpID, error) {
	if _, err := l.member(id); err != nil {
		return 0, 0, err
	}
	to, err := l.contactsFolder(ctx, id, c.Folder)
	if err != nil {
		return 0, 0, err
	}
	done, err := l.doEntries(ctx, []activesync.Op{{Kind: activesync.OpContactAdd, To: to, Contact: &c}})
	if err != nil {
		return 0, 0, err
	}
	return done[0].Item, done[0].ID, nil
}

// contactsFolder is where a new contact goes.
func (l *Local) contactsFolder(ctx context.Context, id activesync.AccountID, named activesync.FolderID) (activesync.FolderID, error) {
	if named != 0 {
		return named, nil
	}
	folders, err := l.Store.Folders(ctx, id)
	if err != nil {
		return 0, err
	}
	i := slices.IndexFunc(folders, func(f activesync.Folder) bool { return f.Type == activesync.FolderContacts })
	if i < 0 {
		return 0, contacts.ErrNotYet
	}
	return folders[i].ID, nil
}

// ChangeContact makes after of before, as it was read: what is alike in both is
// left as it is by now. It gives 0 where nothing changes.
func (l *Local) ChangeContact(ctx context.Context, before, after activesync.Contact) (activesync.OpID, error) {
	done, err := l.doEntries(ctx, []activesync.Op{{Kind: activesync.OpContactChange, Item: after.ID, Contact: &after, ContactBefore: &before}})
	if err != nil {
		return 0, err
	}
	return done[0].ID, nil
}

// PreviewImport tells what ImportContacts would do with a file of cards.
func (l *Local) PreviewImport(ctx context.Context, id activesync.AccountID, cards []byte) ([]contacts.Import, error) {
	if _, err := l.member(id); err != nil {
		return nil, err
	}
	list, _, err := l.preview(ctx, id, cards)
	return list, err
}

// preview is PreviewImport, with the contacts that are there by their ids.
func (l *Local) preview(ctx context.Context, id activesync.AccountID, cards []byte) ([]contacts.Import, map[activesync.ItemID]activesync.Contact, error) {
	people, err := contacts.FromVCard(cards)
	if err != nil {
		return nil, nil, err
	}
	own, _, err := l.peopleOf(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	known, byID := make([]activesync.Contact, 0, len(own)), map[activesync.ItemID]activesync.Contact{}
	for _, r := range own {
		c, err := l.Store.Contact(ctx, r.ID)
		if err != nil {
			return nil, nil, err
		}
		known, byID[c.ID] = append(known, c), c
	}
	return contacts.Preview(people, known), byID, nil
}

// ImportContacts makes and changes contacts as PreviewImport says. only are the
// places in the preview of the cards that are wanted; nil is all of them. The
// records are all written or none.
func (l *Local) ImportContacts(ctx context.Context, id activesync.AccountID, cards []byte, only []int) ([]activesync.OpID, error) {
	if _, err := l.member(id); err != nil {
		return nil, err
	}
	to, err := l.contactsFolder(ctx, id, 0)
	if err != nil {
		return nil, err
	}
	list, known, err := l.preview(ctx, id, cards)
	if err != nil {
		return nil, err
	}
	var ops []activesync.Op
	for i, in := range list {
		if only != nil && !slices.Contains(only, i) {
			continue
		}
		switch in.Kind {
		case contacts.New:
			ops = append(ops, activesync.Op{Kind: activesync.OpContactAdd, To: to, Contact: &in.Contact})
		case contacts.Update:
			before := known[in.ID]
			ops = append(ops, activesync.Op{Kind: activesync.OpContactChange, Item: in.ID, Contact: &in.Contact, ContactBefore: &before})
		}
	}
	if len(ops) == 0 {
		return []activesync.OpID{}, nil
	}
	done, err := l.doEntries(ctx, ops)
	if err != nil {
		return nil, err
	}
	return recorded(done), nil
}

// ShareDraft is a message with the vCards of contacts attached, to be written
// on and sent.
func (l *Local) ShareDraft(ctx context.Context, items ...activesync.ItemID) (activesync.Draft, error) {
	if len(items) == 0 {
		return activesync.Draft{}, fmt.Errorf("%w: there is nobody to share", activesync.ErrRejected)
	}
	now := l.managed()
	if err := now.AsError(policy.ExportContacts); err != nil {
		return activesync.Draft{}, err
	}
	m, err := l.ofItem(ctx, items[0])
	if err != nil {
		return activesync.Draft{}, err
	}
	d := activesync.Draft{Account: m.account.ID}
	names := map[string]bool{}
	for _, id := range items {
		c, err := l.Store.Contact(ctx, id)
		if err != nil {
			return activesync.Draft{}, err
		}
		c = contacts.Selection(now.Word(policy.ContactFields)).Of(c)
		card, err := contacts.ToVCard(c, contacts.SharedVersion)
		if err != nil {
			return activesync.Draft{}, err
		}
		name := contacts.FileName(c)
		for n := 2; names[name]; n++ {
			name = fmt.Sprintf("%d-%s", n, contacts.FileName(c))
		}
		names[name] = true
		d.Attachments = append(d.Attachments, activesync.DraftAttachment{Name: name, ContentType: "text/vcard", Data: card})
		if d.Subject == "" {
			d.Subject, d.Text = "Contact: "+c.Name(), "The contact "+c.Name()+" is attached as a vCard.\n"
		}
	}
	if n := len(items); n > 1 {
		d.Subject, d.Text = fmt.Sprintf("%d contacts", n), fmt.Sprintf("%d contacts are attached as vCards.\n", n)
	}
	return d, nil
}

// Policies are all policies that hold here: the managed ones, then what the
// servers demand.
func (l *Local) Policies(ctx context.Context) ([]policy.Row, error) {
	rows := l.managed().Rows()
	accounts, err := l.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	for _, a := range accounts {
		st, err := l.Store.State(ctx, a.ID)
		if err != nil {
			return nil, err
		}
		rows = append(rows, policy.FromServer(st.Policy).RowsOf("the server of "+a.Name)...)
	}
	return rows, nil
}

// ManagedPolicies are the values of the managed policies by their labels.
func (l *Local) ManagedPolicies() map[string]string {
	out := map[string]string{}
	for _, r := range l.managed().Rows() {
		out[r.Label] = r.Value
	}
	return out
}

// managed is the managed policy as it is now.
func (l *Local) managed() policy.Managed {
	if l.Config.Policy == nil {
		return policy.Managed{}
	}
	return l.Config.Policy()
}

// Conflicts are the contacts of an account of which there are two versions: of
// cards that were changed by hand, and of contacts that were changed here and
// on Exchange.
func (l *Local) Conflicts(ctx context.Context, id activesync.AccountID) ([]contacts.Conflict, error) {
	out, err := l.journalConflicts(ctx, id)
	if err != nil {
		return nil, err
	}
	b, err := l.addressBook(id)
	if errors.Is(err, errNoBooks) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	cards, err := b.Conflicts(ctx)
	return append(out, cards...), err
}

func (l *Local) journalConflicts(ctx context.Context, id activesync.AccountID) ([]contacts.Conflict, error) {
	ops, err := l.Store.Pending(ctx, id)
	if err != nil {
		return nil, err
	}
	var ids []activesync.OpID
	var of []activesync.Op
	for _, op := range ops {
		if op.TwoVersions() {
			ids, of = append(ids, op.ID), append(of, op)
		}
	}
	out := []contacts.Conflict{}
	if len(ids) == 0 {
		return out, nil
	}
	sides, err := l.Store.ContactChanges(ctx, id, ids...)
	if err != nil {
		return nil, err
	}
	for _, op := range of {
		side, ok := sides[op.ID]
		if !ok {
			continue
		}
		mine := side.After
		out = append(out, contacts.Conflict{ID: op.Item, Op: op.ID, Name: op.Name, Since: op.Created, Gone: op.Kind == activesync.OpContactAdd,
			Left: contacts.Differences(side.Before, mine), Card: &mine})
	}
	return out, nil
}

// ResolveConflict keeps one side of a conflict; op is that of the conflict, 0
// for a card that was changed by hand.
func (l *Local) ResolveConflict(ctx context.Context, id activesync.AccountID, item activesync.ItemID, op activesync.OpID, keep contacts.Side) error {
	switch {
	case keep != contacts.Exchange && keep != contacts.File:
		return fmt.Errorf("%w: %q is no side of a conflict", activesync.ErrRejected, keep)
	case op != 0 && keep == contacts.Exchange:
		return l.Discard(ctx, op)
	case op != 0:
		return l.Retry(ctx, op)
	}
	b, err := l.addressBook(id)
	if err != nil {
		return err
	}
	if err := b.Resolve(ctx, item, keep, editor{l}); err != nil {
		return err
	}
	l.wakeBooks()
	return nil
}

// editor carries out what a person wants of cards that they changed by hand.
type editor struct{ l *Local }

func (e editor) AddContact(ctx context.Context, id activesync.AccountID, c activesync.Contact) (activesync.ItemID, error) {
	item, _, err := e.l.AddContact(ctx, id, c)
	return item, err
}

func (e editor) ChangeContact(ctx context.Context, c activesync.Contact) error {
	before, err := e.l.Store.Contact(ctx, c.ID)
	if err != nil {
		return err
	}
	_, err = e.l.ChangeContact(ctx, before, c)
	return err
}
