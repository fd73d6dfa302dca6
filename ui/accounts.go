package ui

import (
	"context"
	"strconv"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
)

// account is an account as it was read last.
type account struct {
	activesync.Account
	state   activesync.AccountState
	status  activesync.Status
	heard   uint64 // the number of the notice that told status last
	folders []activesync.Folder
	outbox  []activesync.Op
	// withheld are what the person has to decide about, by folder.
	withheld []activesync.Withheld
	// unreadable are messages that the server gives in a form that cannot be read.
	unreadable []activesync.Header
}

func (c *account) folder(id activesync.FolderID) *activesync.Folder {
	if c == nil || id == 0 {
		return nil
	}
	for i := range c.folders {
		if c.folders[i].ID == id {
			return &c.folders[i]
		}
	}
	return nil
}

// ofType is the first folder of a type.
func (c *account) ofType(t activesync.FolderType) *activesync.Folder {
	for i := range c.folders {
		if c.folders[i].Type == t {
			return &c.folders[i]
		}
	}
	return nil
}

// draftsLocal reports whether the server's version carries no drafts.
func (c *account) draftsLocal() bool {
	return c.state.Version != 0 && c.state.Version < activesync.V160
}

// invites reports whether the server writes to those who are invited to an event;
// up to 14.1 this program does.
func (c *account) invites() bool { return c.state.Version >= activesync.V160 }

// account is the account of an id, nil when there is none.
func (a *App) account(id activesync.AccountID) *account {
	for _, c := range a.accounts {
		if c.ID == id {
			return c
		}
	}
	return nil
}

// folder is a folder of any account, with its account.
func (a *App) folder(id activesync.FolderID) (*activesync.Folder, *account) {
	for _, c := range a.accounts {
		if f := c.folder(id); f != nil {
			return f, c
		}
	}
	return nil, nil
}

// current is the account that the person is looking at.
func (a *App) current() *account {
	if _, c := a.folder(a.mail.boxes.at()); c != nil {
		return c
	}
	if len(a.accounts) > 0 {
		return a.accounts[0]
	}
	return nil
}

// readAccounts reads everything that is known of all accounts.
func (a *App) readAccounts() tea.Cmd {
	b, gen, heard := a.backend, a.reload.gen, a.heard
	return a.read(&a.reload, quick, func(ctx context.Context) answer {
		accounts, err := readAll(ctx, b)
		return func(a *App) tea.Cmd {
			switch {
			case gen != a.reload.gen:
				return nil
			case err != nil:
				return a.fail("", err)
			}
			a.keepHeard(accounts, heard)
			return a.haveAccounts(accounts)
		}
	})
}

// keepHeard leaves the status of an account as a notice told it while the
// accounts were being read: what was read may be older.
func (a *App) keepHeard(accounts []*account, heard uint64) {
	for _, c := range accounts {
		if old := a.account(c.ID); old != nil && old.heard > heard {
			c.status, c.heard = old.status, old.heard
		}
	}
}

func readAll(ctx context.Context, b Backend) ([]*account, error) {
	list, err := b.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	var out []*account
	for _, acct := range list {
		c := &account{Account: acct}
		if c.state, err = b.State(ctx, acct.ID); err != nil {
			return nil, err
		}
		if c.status, err = b.Status(ctx, acct.ID); err != nil {
			return nil, err
		}
		if c.folders, err = b.Folders(ctx, acct.ID); err != nil {
			return nil, err
		}
		for i := range c.folders {
			c.folders[i].Name = clean(c.folders[i].Name)
			c.folders[i].Problem = clean(c.folders[i].Problem)
		}
		if c.outbox, err = b.Outbox(ctx, acct.ID); err != nil {
			return nil, err
		}
		if c.withheld, err = b.Withheld(ctx, acct.ID); err != nil {
			return nil, err
		}
		if u, can := b.(interface {
			Unreadable(context.Context, activesync.AccountID) ([]activesync.Header, error)
		}); can {
			if c.unreadable, err = u.Unreadable(ctx, acct.ID); err != nil {
				return nil, err
			}
		}
		out = append(out, c)
	}
	return out, nil
}

func (a *App) haveAccounts(accounts []*account) tea.Cmd {
	a.unlocked()
	first := !a.loaded
	a.accounts, a.loaded = accounts, true
	a.mail.boxes.rebuild(a)
	a.prefs.rebuild(a)
	a.outbox.rebuild(a)
	var cmds []tea.Cmd
	switch s := a.setup; {
	case len(accounts) == 0 && s == nil:
		a.openSetup(false)
		return a.arrange()
	case len(accounts) > 0 && s != nil && !s.more && !s.busy: // one was added elsewhere
		if s.more = s.begun(); !s.more {
			a.setup = nil
			cmds = append(cmds, a.arrange())
		}
	}
	cmds = append(cmds, a.sentOrNot(), a.mail.list.reword(a), a.idle())
	if first {
		cmds = append(cmds, a.heldStill(), a.prefs.local.load(a), a.prefs.policies.load(a))
	}
	if first || a.mail.list.folder == 0 {
		cmds = append(cmds, a.mail.openFirst(a))
	} else if f, _ := a.folder(a.mail.list.folder); f == nil {
		a.mail.list.open(a, 0)
		cmds = append(cmds, a.mail.openFirst(a))
	}
	if a.screen == peopleScreen && len(a.people.all) == 0 {
		cmds = append(cmds, a.people.load(a))
	}
	return tea.Batch(cmds...)
}

// listen waits for notices and brings all that have come by then at once, so
// that a burst is one repaint.
func (a *App) listen(notices <-chan activesync.Notice) tea.Cmd {
	return a.call(forever, func(context.Context) answer {
		n, ok := <-notices
		if !ok {
			return nil
		}
		burst := []activesync.Notice{n}
		for more := true; more; {
			select {
			case n, ok := <-notices:
				if more = ok; ok {
					burst = append(burst, n)
				}
			default:
				more = false
			}
		}
		return func(a *App) tea.Cmd { return tea.Batch(a.noticed(burst), a.listen(notices)) }
	})
}

// arrived shows new mail on the screen.
func (a *App) arrived(n activesync.Notice) tea.Cmd {
	a.newMail[n.Item] = n.Folder
	from := ""
	if n.From != nil {
		from = clean(n.From.Label()) + " " + a.theme.Dash + " "
	}
	subject := clean(n.Subject)
	if subject == "" {
		subject = noSubject
	}
	said := a.tell(note{text: "New mail: " + from + subject, folded: true})
	if _, ok := a.backend.(alerter); ok {
		return said // the agent says whether to ring
	}
	return tea.Batch(said, a.ring())
}

// seen takes a message out of what is new.
func (a *App) seen(id activesync.ItemID) { delete(a.newMail, id) }

// seenFolder takes all messages of a folder out of what is new.
func (a *App) seenFolder(id activesync.FolderID) {
	for item, folder := range a.newMail {
		if folder == id {
			delete(a.newMail, item)
		}
	}
}

// unread is the number of unread messages of all Inboxes, for the title.
func (a *App) unread() int {
	n := 0
	for _, c := range a.accounts {
		if f := c.ofType(activesync.FolderInbox); f != nil {
			n += f.Unread
		}
	}
	return n
}

// titleText is what the window is called.
func (a *App) titleText() string {
	if n := a.unread(); n > 0 && a.lock == nil {
		return "securemail (" + strconv.Itoa(n) + ")"
	}
	return "securemail"
}

// minute wakes at every full minute: days begin, now moves on.
func (a *App) minute() tea.Cmd {
	next := a.now.Truncate(time.Minute).Add(time.Minute).Sub(a.now)
	return a.after(next, func(a *App) tea.Cmd {
		a.mail.list.newDay(a)
		a.agenda.rebuild(a)
		a.mail.boxes.rebuild(a)
		a.outbox.rebuild(a)
		return tea.Batch(a.minute(), a.sayLook())
	})
}

func hasUTF8(s string) bool {
	s = strings.ToLower(s)
	return strings.Contains(s, "utf-8") || strings.Contains(s, "utf8")
}
