package agent

import (
	"context"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
)

// KeepDraft keeps a message that is being written, so that it outlives the
// screen on which that happens. The next one with the same key replaces it. It is
// written to the Drafts of the server where that carries them.
func (l *Local) KeepDraft(ctx context.Context, key string, d activesync.Draft) error {
	m, err := l.member(d.Account)
	if err != nil {
		return err
	}
	due, err := l.Store.KeepDraft(ctx, key, d)
	if err == nil && due {
		l.draftDue(m)
	}
	return err
}

// draftDue tells that drafts changed, which are to be written to the server.
func (l *Local) draftDue(m *member) {
	l.publish(activesync.Notice{Kind: activesync.NoticeFolders, Account: m.account.ID, Time: time.Now().UTC()})
	m.engine.Wake()
}

// OpenDraft is a message in Drafts, to be gone on with. It may wait for the
// network, where another program wrote it. Its attachments are those of the
// message, see activesync.DraftAttachment.
func (l *Local) OpenDraft(ctx context.Context, item activesync.ItemID) (activesync.Draft, error) {
	who, err := l.ofItem(ctx, item)
	if err != nil {
		return activesync.Draft{}, err
	}
	if d, found, err := l.Store.DraftOf(ctx, item); found || err != nil {
		return d, err
	}
	m, err := l.FetchBody(ctx, item)
	if err != nil {
		return activesync.Draft{}, err
	}
	d := activesync.Draft{Account: who.account.ID, To: m.To, Cc: m.Cc, Bcc: m.Bcc, Subject: m.Subject, Importance: m.Importance, Text: message.PlainText(m.Body), Formatted: m.Body.Type == activesync.BodyHTML}
	for i, f := range m.Attachments {
		d.Attachments = append(d.Attachments, activesync.DraftAttachment{Name: f.Name, ContentType: f.ContentType, Part: i + 1, Of: item, Size: f.Size})
	}
	return l.Store.OpenDraft(ctx, item, d)
}

// Drafts are the messages that are being written, by their keys. Where some
// cannot be read, the others come with an error.
func (l *Local) Drafts(ctx context.Context) (map[string]activesync.Draft, error) {
	return l.Store.Drafts(ctx)
}

// DropDraft forgets a message that was given up, as it stood at a stamp; what the
// server has of it goes to Deleted Items.
func (l *Local) DropDraft(ctx context.Context, key, stamp string) error {
	if err := l.Store.DropDraft(ctx, key, stamp); err != nil {
		return err
	}
	for _, m := range l.members() {
		l.draftDue(m)
	}
	return nil
}
