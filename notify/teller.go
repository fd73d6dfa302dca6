package notify

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"eas.example/securemail/activesync"
)

const (
	// gather is how long the first message waits for others to be told of with it.
	gather = 1500 * time.Millisecond
	// settle is how long a change of a folder waits for others.
	settle = 200 * time.Millisecond
	// lookAgain is how often reminders are looked for when nothing changes.
	lookAgain = 12 * time.Hour
	// tryAgain is the wait after a failure of the store or of the configuration.
	tryAgain = time.Minute
)

// TellerConfig is what a Teller is made of. Only House must be set.
type TellerConfig struct {
	House   House
	Desktop Desktop // nil is none
	// Command runs the person's command with an event on its standard input; nil
	// runs it as a process.
	Command func(ctx context.Context, words []string, event []byte) error
	// Archive is the mailbox that the person chose to archive into, 0 for none.
	Archive func(activesync.AccountID) activesync.FolderID
	// Open shows a message where no screen is attached, with reply to answer it.
	// Nil offers neither then.
	Open func(ctx context.Context, item activesync.ItemID, reply bool) error
	Log  *slog.Logger
}

// Teller tells the person what happens in the accounts of an agent: of each
// message once, whatever restarts meanwhile, and of nothing that they have
// before them.
type Teller struct {
	TellerConfig
	due      map[activesync.AccountID]*dues
	classes  map[activesync.FolderID]activesync.Class
	seen     map[activesync.ItemID]bool                  // arrived before the eyes of the person
	stands   map[activesync.AccountID][]activesync.Shown // what an account that goes may leave behind
	commands commands
	again    time.Time // when to look at everything once more, zero for not at all
}

// dues is when something of an account has to be looked at, zero for not at all.
type dues struct{ mail, events, trouble, shown time.Time }

// NewTeller makes a Teller. It does nothing before Run.
func NewTeller(c TellerConfig) *Teller {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Command == nil {
		c.Command = runCommand
	}
	return &Teller{TellerConfig: c, due: map[activesync.AccountID]*dues{}, classes: map[activesync.FolderID]activesync.Class{},
		seen: map[activesync.ItemID]bool{}, stands: map[activesync.AccountID][]activesync.Shown{}}
}

// Run tells until ctx ends.
func (t *Teller) Run(ctx context.Context) error {
	t.commands.start(ctx, t.Command, t.Log)
	defer t.commands.stop()
	notices := t.House.Subscribe(ctx)
	var events <-chan DesktopEvent
	if t.Desktop != nil {
		events = t.Desktop.Events()
	}
	if err := t.House.ForgetTold(ctx); err != nil && ctx.Err() == nil {
		t.Log.Warn("what was told long ago is kept", "error", err)
	}
	for _, e := range t.House.TakeErased() {
		t.stands[e.Account] = e.Shown
		t.erased(ctx, e.Account, e.Name)
	}
	t.everything(ctx)
	for ctx.Err() == nil {
		next := t.work(ctx)
		timer := time.NewTimer(time.Until(next))
		select {
		case n, ok := <-notices:
			if ok {
				t.heard(ctx, n)
			} else {
				notices = nil // ctx ends
			}
		case e := <-events:
			t.acted(ctx, e)
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
	return nil
}

// everything has all accounts looked at. Where they cannot be read those that are
// known stay, and it is tried again.
func (t *Teller) everything(ctx context.Context) {
	now := time.Now()
	t.again = time.Time{}
	accounts, err := t.House.Accounts(ctx)
	if err != nil {
		t.Log.Warn("accounts not read; tried again", "error", err)
		t.again = now.Add(tryAgain)
		return
	}
	known := map[activesync.AccountID]*dues{}
	for _, a := range accounts {
		known[a.ID] = &dues{mail: now.Add(gather), events: now, trouble: now, shown: now}
		if told, err := t.told(ctx, a.ID); err == nil {
			t.stands[a.ID] = told.Shown
		}
	}
	for id := range t.due {
		if known[id] == nil {
			t.takeAllAway(ctx, id)
		}
	}
	t.due = known
}

// sooner sets a time unless there is an earlier one.
func sooner(t *time.Time, at time.Time) {
	if t.IsZero() || at.Before(*t) {
		*t = at
	}
}

// heard notes what a notice says has to be looked at.
func (t *Teller) heard(ctx context.Context, n activesync.Notice) {
	now := time.Now()
	d := t.due[n.Account]
	switch n.Kind {
	case activesync.NoticeErased:
		t.erased(ctx, n.Account, n.Name)
		return
	case activesync.NoticeOverflow, activesync.NoticeAccount, activesync.NoticeNotifications, activesync.NoticeClock:
		t.everything(ctx)
		return
	}
	if d == nil {
		if n.Account != "" || n.Kind == activesync.NoticePolicy { // of this machine
			t.everything(ctx)
		}
		return
	}
	switch n.Kind {
	case activesync.NoticeMailNew:
		sooner(&d.mail, now.Add(gather))
		if t.House.LooksAt(n.Folder) {
			t.seen[n.Item] = true // whatever is before the person when it is told
		}
	case activesync.NoticeFolder, activesync.NoticeFolders:
		sooner(&d.shown, now.Add(settle))
		if n.Folder == 0 || t.class(ctx, n.Account, n.Folder) == activesync.ClassCalendar {
			sooner(&d.events, now.Add(settle))
		}
	case activesync.NoticeOp:
		sooner(&d.trouble, now.Add(settle))
		sooner(&d.shown, now.Add(settle))
	case activesync.NoticeReminder:
		sooner(&d.events, now.Add(settle))
		sooner(&d.shown, now.Add(settle))
	case activesync.NoticePolicy:
		sooner(&d.trouble, now.Add(settle))
	case activesync.NoticeStatus:
		// Only a refusal and a success say something of the sign-in.
		if s := n.Status; s != nil && (errors.Is(s.Err, activesync.ErrAuth) || s.Phase == activesync.PhaseLive || s.Phase == activesync.PhaseWaiting) {
			sooner(&d.trouble, now.Add(settle))
		}
	}
}

// class of a folder; one that is not known is of none.
func (t *Teller) class(ctx context.Context, account activesync.AccountID, id activesync.FolderID) activesync.Class {
	if c, ok := t.classes[id]; ok {
		return c
	}
	folders, err := t.House.Folders(ctx, account)
	if err != nil {
		return activesync.ClassNone
	}
	for _, f := range folders {
		t.classes[f.ID] = f.Class
	}
	return t.classes[id]
}

// work does what is due and returns when to look again.
func (t *Teller) work(ctx context.Context) (next time.Time) {
	now := time.Now()
	if !t.again.IsZero() && !t.again.After(now) {
		t.everything(ctx)
	}
	next = now.Add(lookAgain)
	if !t.again.IsZero() {
		sooner(&next, t.again)
	}
	var choices activesync.Notifications
	read := false
	for id, d := range t.due {
		for _, step := range []struct {
			at *time.Time
			do func(context.Context, activesync.AccountID, activesync.Notifications) (time.Time, error)
		}{{&d.mail, t.tellMail}, {&d.events, t.remind}, {&d.trouble, t.tellTrouble}, {&d.shown, t.tidy}} {
			if step.at.IsZero() || step.at.After(now) {
				continue
			}
			if !read {
				var err error
				if choices, err = t.House.Notifications(ctx); err != nil {
					t.Log.Warn("settings not read; the defaults hold", "error", err)
				}
				read = true
				t.House.NotifiedBy(t.words(ctx, choices))
			}
			again, err := step.do(ctx, id, choices)
			if err != nil && ctx.Err() == nil {
				t.Log.Warn("the person is told later", "account", string(id), "error", err)
				again = now.Add(tryAgain)
			}
			*step.at = again
		}
		for _, at := range []time.Time{d.mail, d.events, d.trouble, d.shown} {
			if !at.IsZero() {
				sooner(&next, at)
			}
		}
	}
	return next
}

// words say how the person is told now.
func (t *Teller) words(ctx context.Context, s activesync.Notifications) string {
	way := s.Chosen()
	desktop := ""
	if way == activesync.NotifyAuto || way == activesync.NotifyDesktop {
		_, err := t.desktopName(ctx)
		if err == nil {
			return "on the desktop"
		}
		desktop = "no desktop: " + err.Error()
	}
	switch {
	case way == activesync.NotifyNone:
		return "not at all: notifications are off"
	case way == activesync.NotifyCommand:
		return "by your command"
	case way == activesync.NotifyDesktop:
		return "not at all; " + desktop
	case desktop != "":
		return "by the terminal, while a screen is attached; " + desktop
	}
	return "by the terminal, while a screen is attached"
}

var errNoDesktop = errors.New("it is not used here")

func (t *Teller) desktopName(ctx context.Context) (string, error) {
	if t.Desktop == nil {
		return "", errNoDesktop
	}
	return t.Desktop.Name(ctx)
}
