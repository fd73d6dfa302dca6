package agent

import (
	"context"
	"io"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/engine"
	"eas.example/securemail/activesync/policy"
	"eas.example/securemail/contacts"
)

// Service is what screens and commands do through the agent. Local does it in
// this process, Client asks the process that does.
type Service interface {
	Accounts(context.Context) ([]activesync.Account, error)
	AddAccount(ctx context.Context, account activesync.Account, password string) (activesync.Account, error)
	SignIn(ctx context.Context, account activesync.Account, secret string) error
	RemoveAccount(context.Context, activesync.AccountID) error
	Status(context.Context, activesync.AccountID) (activesync.Status, error)
	State(context.Context, activesync.AccountID) (activesync.AccountState, error)
	SetAutoRefresh(ctx context.Context, account activesync.AccountID, on bool) error
	Folders(context.Context, activesync.AccountID) ([]activesync.Folder, error)
	SetFolderOptions(context.Context, activesync.FolderID, activesync.FolderOptions) error

	MakeFolder(ctx context.Context, account activesync.AccountID, parent activesync.FolderID, name string, class activesync.Class) (activesync.FolderID, error)
	ChangeFolder(ctx context.Context, folder, parent activesync.FolderID, name string) error
	DropFolder(context.Context, activesync.FolderID) error
	Search(ctx context.Context, account activesync.AccountID, words string, folders []activesync.FolderID, n int) (activesync.FoundMail, error)
	FetchFound(context.Context, activesync.AccountID, activesync.FoundMessage) (activesync.Message, error)
	OutOfOffice(context.Context, activesync.AccountID) (activesync.OutOfOffice, error)
	SetWholeTexts(ctx context.Context, account activesync.AccountID, on bool) error
	SetOutOfOffice(context.Context, activesync.AccountID, activesync.OutOfOffice) error

	SyncNow(ctx context.Context, account activesync.AccountID, folders ...activesync.FolderID) error
	Sync(ctx context.Context, account activesync.AccountID, folders []activesync.FolderID, every bool,
		progress func(activesync.Status)) (engine.Summary, error)
	Push(context.Context, activesync.AccountID) error
	Check(context.Context, activesync.AccountID) error
	// Sound reports what is wrong with what is kept on this machine.
	Sound(context.Context) error
	Traffic(context.Context, activesync.AccountID) (Traffic, error)

	Window(context.Context, activesync.FolderID, activesync.WindowQuery) (activesync.Window, error)
	Thread(context.Context, activesync.ItemID) ([]activesync.Header, error)
	Message(context.Context, activesync.ItemID) (activesync.Message, error)
	FetchBody(context.Context, activesync.ItemID) (activesync.Message, error)
	Source(context.Context, activesync.ItemID) ([]byte, error)
	Attachment(ctx context.Context, item activesync.ItemID, n int, w io.Writer) error
	FetchAttachment(ctx context.Context, item activesync.ItemID, n int, progress func(done, total int64)) error

	Do(ctx context.Context, ops ...activesync.Op) ([]activesync.OpID, error)
	Respond(ctx context.Context, item activesync.ItemID, answer activesync.Response) (activesync.OpID, error)
	Undo(ctx context.Context, ops ...activesync.OpID) error
	Send(context.Context, activesync.Draft) (activesync.OpID, error)
	SendMIME(ctx context.Context, account activesync.AccountID, due time.Time, mime io.Reader) (activesync.OpID, error)
	KeepDraft(ctx context.Context, key string, d activesync.Draft) error
	Drafts(context.Context) (map[string]activesync.Draft, error)
	OpenDraft(context.Context, activesync.ItemID) (activesync.Draft, error)
	DropDraft(ctx context.Context, key, stamp string) error
	TakeDraft(context.Context, activesync.OpID) (activesync.Draft, error)
	Postpone(ctx context.Context, op activesync.OpID, due time.Time) error
	Outbox(context.Context, activesync.AccountID) ([]activesync.Op, error)
	OutboxSource(ctx context.Context, op activesync.OpID, w io.Writer) error
	Retry(context.Context, activesync.OpID) error
	Discard(context.Context, activesync.OpID) error
	Withheld(context.Context, activesync.AccountID) ([]activesync.Withheld, error)
	Unreadable(context.Context, activesync.AccountID) ([]activesync.Header, error)
	Decide(context.Context, activesync.FolderID, activesync.Decision) error

	Contacts(context.Context, activesync.AccountID) ([]activesync.ContactRow, error)
	Contact(context.Context, activesync.ItemID) (activesync.Contact, error)
	AddContact(context.Context, activesync.AccountID, activesync.Contact) (activesync.ItemID, activesync.OpID, error)
	ChangeContact(ctx context.Context, before, after activesync.Contact) (activesync.OpID, error)
	Complete(ctx context.Context, account activesync.AccountID, words string) (contacts.Completion, error)
	FindPeople(ctx context.Context, account activesync.AccountID, words string) (activesync.People, error)
	PreviewImport(ctx context.Context, account activesync.AccountID, cards []byte) ([]contacts.Import, error)
	ImportContacts(ctx context.Context, account activesync.AccountID, cards []byte, only []int) ([]activesync.OpID, error)
	ShareDraft(context.Context, ...activesync.ItemID) (activesync.Draft, error)
	ExportContact(context.Context, activesync.ItemID) (path string, err error)
	LocalContacts(context.Context, activesync.AccountID) (contacts.Setting, error)
	SetLocalContacts(context.Context, activesync.AccountID, contacts.Switch) (kept []string, err error)
	SyncLocalContacts(context.Context, activesync.AccountID) (contacts.Report, error)
	Conflicts(context.Context, activesync.AccountID) ([]contacts.Conflict, error)
	ResolveConflict(ctx context.Context, account activesync.AccountID, item activesync.ItemID, op activesync.OpID, keep contacts.Side) error
	Policies(context.Context) ([]policy.Row, error)
	ReportPhishing(context.Context, activesync.ItemID) (activesync.PhishingReport, error)

	Agenda(ctx context.Context, account activesync.AccountID, from, to time.Time) ([]activesync.Occurrence, error)
	Event(context.Context, activesync.ItemID) (activesync.Event, error)

	ChangeEvents(ctx context.Context, ops ...activesync.Op) ([]activesync.OpID, error)

	Subscribe(context.Context) <-chan activesync.Notice
	Attach(foreground bool) (detach func())
	Presence(context.Context) (activesync.Presence, error)
	Background(context.Context) (activesync.Background, error)
	SetBackground(context.Context, activesync.Background) error
	Notifications(context.Context) (activesync.Notifications, error)
	SetNotifications(context.Context, activesync.Notifications) error

	Key(context.Context) (activesync.KeyState, error)
	HoldKey(context.Context, activesync.KeyChoice) error
	Unlock(ctx context.Context, passphrase string) error
}

// Traffic is what went over the wire for an account since the agent began.
type Traffic struct {
	Requests int64 `json:"requests"`
	Bytes    int64 `json:"bytes"`
}

// Sub is what was added since earlier.
func (t Traffic) Sub(earlier Traffic) Traffic {
	return Traffic{t.Requests - earlier.Requests, t.Bytes - earlier.Bytes}
}
