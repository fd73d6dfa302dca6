package notify

import (
	"context"
	"slices"

	"eas.example/securemail/activesync"
)

// maxShown is how many notifications of an account are remembered, so that they
// can be withdrawn.
const maxShown = 64

// show puts a notification up, and remembers it so that it can be replaced and
// withdrawn. of says what it tells of. What cannot be shown is only logged:
// there is nobody else to tell.
func (t *Teller) show(ctx context.Context, s activesync.Notifications, n Notice, of activesync.Shown) error {
	if level(s, n.Account, activesync.ContentAllow) == activesync.ContentBlock {
		return nil
	}
	of.Name, of.Kind, of.Content = n.ID, n.Kind, n.Content
	told, err := t.told(ctx, n.Account)
	if err != nil {
		return err
	}
	if !t.put(ctx, s, n, &of, told) {
		t.Log.Info("nobody was told", "kind", string(n.Kind), "way", string(s.Chosen()))
		return nil
	}
	return t.updateShown(ctx, n.Account, func(told *activesync.Told) {
		told.Shown = slices.DeleteFunc(told.Shown, func(o activesync.Shown) bool { return o.Name == of.Name })
		told.Shown = append(told.Shown, of)
		told.Shown = told.Shown[max(len(told.Shown)-maxShown, 0):]
	})
}

// put shows a notification by the way that the person chose.
func (t *Teller) put(ctx context.Context, s activesync.Notifications, n Notice, of *activesync.Shown, told activesync.Told) bool {
	way := s.Chosen()
	switch way {
	case activesync.NotifyNone:
		return false
	case activesync.NotifyCommand:
		return t.commands.put(s.Command, eventOf(n, false))
	case activesync.NotifyAuto, activesync.NotifyDesktop:
		name, err := t.desktopName(ctx)
		if err == nil {
			replaces := uint32(0)
			for _, o := range told.Shown {
				if o.Name == n.ID && o.Desktop == name {
					replaces = o.ID
				}
			}
			if of.ID, err = t.Desktop.Show(ctx, n, replaces); err == nil {
				of.Desktop = name
				return true
			}
		}
		if way == activesync.NotifyDesktop {
			t.Log.Warn("no desktop to notify", "error", err)
			return false
		}
	}
	return t.House.Alert(activesync.Alert{ID: n.ID, Title: n.Title, Body: n.Body})
}

// withdraw takes a notification away and forgets it.
func (t *Teller) withdraw(ctx context.Context, account activesync.AccountID, s activesync.Notifications, of activesync.Shown) error {
	t.takeAway(ctx, account, s, of)
	return t.forget(ctx, account, of.Name)
}

func (t *Teller) takeAway(ctx context.Context, account activesync.AccountID, s activesync.Notifications, of activesync.Shown) {
	switch {
	case of.Desktop != "":
		if name, err := t.desktopName(ctx); err == nil && name == of.Desktop {
			if err := t.Desktop.Withdraw(ctx, of.ID); err != nil {
				t.Log.Info("notification not withdrawn", "error", err)
			}
		}
	case s.Chosen() == activesync.NotifyCommand:
		t.commands.put(s.Command, eventOf(Notice{ID: of.Name, Kind: of.Kind, Account: account}, true))
	default:
		t.House.Alert(activesync.Alert{ID: of.Name, Withdraw: true})
	}
}

// takeAllAway takes away what stands of an account that is gone: its mail is, and
// with a wipe by an order.
func (t *Teller) takeAllAway(ctx context.Context, account activesync.AccountID) {
	if len(t.stands[account]) > 0 {
		s, err := t.House.Notifications(ctx)
		if err != nil {
			t.Log.Warn("settings not read; the defaults hold", "error", err)
		}
		for _, of := range t.stands[account] {
			t.takeAway(ctx, account, s, of)
		}
	}
	delete(t.stands, account)
}

func (t *Teller) forget(ctx context.Context, account activesync.AccountID, name string) error {
	return t.updateShown(ctx, account, func(told *activesync.Told) {
		told.Shown = slices.DeleteFunc(told.Shown, func(o activesync.Shown) bool { return o.Name == name })
	})
}

// updateShown changes what is remembered of what stands.
func (t *Teller) updateShown(ctx context.Context, account activesync.AccountID, change func(*activesync.Told)) error {
	return t.House.UpdateTold(ctx, account, func(told *activesync.Told) {
		change(told)
		t.stands[account] = slices.Clone(told.Shown)
	})
}

func (t *Teller) told(ctx context.Context, account activesync.AccountID) (activesync.Told, error) {
	st, err := t.House.State(ctx, account)
	return st.Told, err
}

// level is how much may be told of an account, and of a folder of it.
func level(s activesync.Notifications, account activesync.AccountID, folder activesync.NotifyContent) activesync.NotifyContent {
	return s.Content.Stricter(s.Accounts[account].Content).Stricter(folder).Stricter(s.Limit)
}
