package notify

import (
	"context"
	"time"

	"eas.example/securemail/activesync"
)

// House is the agent, as far as the person is told of what happens in it.
// Nothing in it waits for the network, save Respond where the server does not
// know the message for an invitation.
type House interface {
	Accounts(context.Context) ([]activesync.Account, error)
	Folders(context.Context, activesync.AccountID) ([]activesync.Folder, error)
	State(context.Context, activesync.AccountID) (activesync.AccountState, error)
	Status(context.Context, activesync.AccountID) (activesync.Status, error)
	Header(context.Context, activesync.ItemID) (activesync.Header, error)
	Message(context.Context, activesync.ItemID) (activesync.Message, error)
	Outbox(context.Context, activesync.AccountID) ([]activesync.Op, error)
	Reminders(ctx context.Context, account activesync.AccountID, now time.Time) ([]activesync.Reminder, error)
	Notifications(context.Context) (activesync.Notifications, error)
	// ManagedPolicies are the values of the managed policies by their labels.
	ManagedPolicies() map[string]string
	Subscribe(context.Context) <-chan activesync.Notice

	TakeUntold(context.Context, activesync.AccountID) ([]activesync.Header, error)
	UpdateTold(ctx context.Context, account activesync.AccountID, change func(*activesync.Told)) error
	ForgetTold(context.Context) error
	// TakeErased hands out the accounts that were erased before anybody could hear
	// of it, once.
	TakeErased() []activesync.Erased
	// NotifiedBy says in words how the person is told now.
	NotifiedBy(words string)

	// LooksAt reports whether the person has the list of a folder before them.
	LooksAt(activesync.FolderID) bool
	// Alert has the screen that was used last show something; false where there
	// is none.
	Alert(activesync.Alert) bool
	Screens() bool

	Do(ctx context.Context, ops ...activesync.Op) ([]activesync.OpID, error)
	Send(context.Context, activesync.Draft) (activesync.OpID, error)
	Respond(ctx context.Context, item activesync.ItemID, answer activesync.Response) (activesync.OpID, error)
}

// Desktop shows notifications on the person's desktop.
type Desktop interface {
	// Name names the desktop that answers now; ids of another mean nothing to it.
	Name(context.Context) (string, error)
	// Show puts a notification up in place of the one with the id replaces, 0 for
	// none, and returns the id of it.
	Show(ctx context.Context, n Notice, replaces uint32) (id uint32, err error)
	Withdraw(ctx context.Context, id uint32) error
	// Events are what the person does with notifications.
	Events() <-chan DesktopEvent
}

// DesktopEvent is what a person did with a notification.
type DesktopEvent struct {
	ID     uint32
	Action string // a key of it; "" where it only went away
	Text   string // of an answer written into it
}
