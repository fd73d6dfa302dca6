package notify

import (
	"context"
	"slices"
	"time"

	"eas.example/securemail/activesync"
)

// tidy withdraws notifications of what was read, deleted or dealt with in the
// meantime, here or elsewhere, and makes a summary tell of what is left. What
// tells more than may be told by now is cut down, or withdrawn.
func (t *Teller) tidy(ctx context.Context, id activesync.AccountID, s activesync.Notifications) (next time.Time, err error) {
	told, err := t.told(ctx, id)
	if err != nil {
		return time.Time{}, err
	}
	now := time.Now()
	for _, of := range told.Shown {
		talks := of.Kind == activesync.NotifyReminder || of.Kind == activesync.NotifySendFailed // of what is in the account
		switch {
		case talks && of.Content.Exceeds(level(s, id, activesync.ContentAllow)):
			err = t.withdraw(ctx, id, s, of)
		case of.Op != 0 && !slices.Contains(told.Failed, of.Op):
			err = t.withdraw(ctx, id, s, of)
		case len(of.Reminds()) > 0:
			var until time.Time
			if until, err = t.tidyReminder(ctx, id, s, told, of, now); !until.IsZero() {
				sooner(&next, until)
			}
		case len(of.Mail) > 0:
			err = t.tidyMail(ctx, id, s, of)
		}
		if err != nil {
			return time.Time{}, err
		}
	}
	return next, nil
}

// dealtWith reports whether the person put a reminder off or dismissed it.
func dealtWith(told activesync.Told, of activesync.Reminded, now time.Time) bool {
	return slices.ContainsFunc(told.Reminders, func(m activesync.Reminded) bool {
		return m.Same(of) && (m.Dismissed || m.Again.After(now))
	})
}

// tidyReminder withdraws a reminder when none of its events is left to be reminded
// of: over, dealt with, gone, or one of which less may be told now. Else it returns
// when the next of them is over. What cannot be read leaves it.
func (t *Teller) tidyReminder(ctx context.Context, id activesync.AccountID, s activesync.Notifications, told activesync.Told, of activesync.Shown,
	now time.Time) (until time.Time, err error) {
	all, aerr := t.House.Reminders(ctx, id, now)
	folders, ferr := t.House.Folders(ctx, id)
	for _, m := range of.Reminds() {
		if !m.Ends.After(now) || dealtWith(told, m, now) {
			continue
		}
		if aerr == nil && ferr == nil {
			i := slices.IndexFunc(all, func(r activesync.Reminder) bool { return m.Of(r) && !r.Due.After(now) })
			if i < 0 {
				continue
			}
			if of.Content.Exceeds(level(s, id, folderOf(folders, all[i].Folder).NotifyContent)) {
				return time.Time{}, t.withdraw(ctx, id, s, of)
			}
		}
		sooner(&until, m.Ends)
	}
	if until.IsZero() {
		return until, t.withdraw(ctx, id, s, of)
	}
	return until, nil
}

func (t *Teller) tidyMail(ctx context.Context, id activesync.AccountID, s activesync.Notifications, of activesync.Shown) error {
	var left []activesync.Header
	for _, m := range of.Mail {
		if h, err := t.House.Header(ctx, m.Item); err == nil && !h.Read && h.Folder == m.Folder {
			left = append(left, h)
		}
	}
	if len(left) == 0 {
		return t.withdraw(ctx, id, s, of)
	}
	folders, err := t.House.Folders(ctx, id)
	if err != nil {
		return err
	}
	most := level(s, id, activesync.ContentAllow)
	for _, f := range folders {
		if slices.ContainsFunc(left, func(h activesync.Header) bool { return h.Folder == f.ID }) {
			most = most.Stricter(f.NotifyContent)
		}
	}
	switch exceeds := of.Content.Exceeds(most); {
	case exceeds && of.Desktop == "": // it cannot be replaced there without a ring
		return t.withdraw(ctx, id, s, of)
	case !exceeds && len(left) == len(of.Mail):
		return nil
	}
	var some []arrival
	for _, h := range left {
		if a, ok := t.worthTelling(s, id, folders, h); ok {
			a.kind = of.Kind
			some = append(some, a)
		}
	}
	n, ok := summary(id, some)
	if !ok {
		return t.withdraw(ctx, id, s, of)
	}
	n.ID, n.Actions = of.Name, t.mailActions(ctx, id, some)
	of.Mail = nil
	for _, a := range some {
		of.Mail = append(of.Mail, activesync.ShownMail{Item: a.header.ID, Folder: a.header.Folder})
	}
	if of.Desktop == "" {
		// A terminal would ring again, a command would take it for news.
		return t.updateShown(ctx, id, func(told *activesync.Told) {
			for i := range told.Shown {
				if told.Shown[i].Name == of.Name {
					told.Shown[i].Mail = of.Mail
				}
			}
		})
	}
	return t.show(ctx, s, n, of)
}
