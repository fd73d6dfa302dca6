package store

import (
	"context"
	"errors"
	"fmt"

	"eas.example/securemail/activesync"
)

// mostUnreadable is how many messages that cannot be read are remembered.
const mostUnreadable = 100

// noteUnreadable remembers a message of which nothing could be read.
func (a *account) noteUnreadable(id activesync.ItemID) error {
	st, err := a.state()
	if err != nil {
		return err
	}
	st.Unreadable = append(st.Unreadable, id)
	st.Unreadable = st.Unreadable[max(len(st.Unreadable)-mostUnreadable, 0):]
	return a.putJSON(inAccount, keyState, st)
}

// Unreadable are messages that the server gives in a form that cannot be read,
// the last of them. One that has gone, or that can be read by now, is left out.
func (s *Store) Unreadable(ctx context.Context, account activesync.AccountID) (out []activesync.Header, err error) {
	err = s.view(ctx, func(t *txn) error {
		a := t.account(account)
		if a == nil {
			return nil
		}
		st, err := a.state()
		if err != nil {
			return err
		}
		for _, id := range st.Unreadable {
			r, err := a.row(id)
			if errors.Is(err, ErrNoItem) || isCorrupt(err) {
				continue
			}
			if err != nil {
				return err
			}
			m, err := a.message(r, true)
			if err == nil && r.kind == kindMessage && r.shown != 0 && m.Note != "" {
				out = append(out, r.seen())
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("find messages that cannot be read: %w", err)
	}
	return out, nil
}
