package agent

import (
	"context"
	"time"

	"eas.example/securemail/activesync"
)

// Withheld are the items that the server removed in such numbers that the
// person has to decide, by folder.
func (l *Local) Withheld(ctx context.Context, id activesync.AccountID) ([]activesync.Withheld, error) {
	if _, err := l.member(id); err != nil {
		return nil, err
	}
	return l.Store.Withheld(ctx, id)
}

// Sound reports what is wrong with what is kept on this machine.
func (l *Local) Sound(ctx context.Context) error { return l.Store.Check(ctx) }

// Decide carries out what the person chose for the withheld items of a folder.
func (l *Local) Decide(ctx context.Context, folder activesync.FolderID, d activesync.Decision) error {
	m, err := l.of(ctx, folder)
	if err != nil {
		return err
	}
	if err := l.Store.Decide(ctx, folder, d); err != nil {
		return err
	}
	if err := l.Store.NoteFolder(ctx, folder, time.Time{}, ""); err != nil {
		return err
	}
	if d == activesync.DecideAgain {
		m.engine.CheckNow(folder)
	}
	now := time.Now().UTC()
	for _, kind := range []activesync.NoticeKind{activesync.NoticeFolder, activesync.NoticeFolders} {
		l.hub.publish(activesync.Notice{Kind: kind, Account: m.account.ID, Folder: folder, Time: now})
	}
	return nil
}

// Unreadable are messages that the server gives in a form that cannot be read.
func (l *Local) Unreadable(ctx context.Context, id activesync.AccountID) ([]activesync.Header, error) {
	return l.Store.Unreadable(ctx, id)
}

// Unreadable is Local.Unreadable.
func (c *Client) Unreadable(ctx context.Context, id activesync.AccountID) ([]activesync.Header, error) {
	return c.calls.unreadable.ask(ctx, c, ofAccount{id})
}
