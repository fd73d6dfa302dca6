package agent

import (
	"context"

	"eas.example/securemail/activesync"
)

// KeepDraft keeps a message that is being written, so that it outlives the
// screen on which that happens. The next one with the same key replaces it.
func (l *Local) KeepDraft(ctx context.Context, key string, d activesync.Draft) error {
	if _, err := l.member(d.Account); err != nil {
		return err
	}
	return l.Store.KeepDraft(ctx, key, d)
}

// Drafts are the messages that are being written, by their keys. Where some
// cannot be read, the others come with an error.
func (l *Local) Drafts(ctx context.Context) (map[string]activesync.Draft, error) {
	return l.Store.Drafts(ctx)
}

// DropDraft forgets a message that was given up, as it stood at a stamp.
func (l *Local) DropDraft(ctx context.Context, key, stamp string) error {
	return l.Store.DropDraft(ctx, key, stamp)
}
