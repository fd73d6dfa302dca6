package ui

import (
	"context"
	"io"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/policy"
	"eas.example/securemail/contacts"
)

// Backend is what the screens show and act upon: all accounts of this
// machine. Methods may be called from any goroutine. Those that wait for the
// network say so; the others answer from what is kept on this machine.
type Backend interface {
	Accounts(ctx context.Context) ([]activesync.Account, error)
	Status(ctx context.Context, account activesync.AccountID) (activesync.Status, error)
	// State tells the server's version, its policies and Auto Refresh.
	State(ctx context.Context, account activesync.AccountID) (activesync.AccountState, error)
	SetAutoRefresh(ctx context.Context, account activesync.AccountID, on bool) error
	// Folders come in the order of the tree, parents before children.
	Folders(ctx context.Context, account activesync.AccountID) ([]activesync.Folder, error)
	SetFolderOptions(ctx context.Context, folder activesync.FolderID, options activesync.FolderOptions) error
	// MakeFolder, ChangeFolder and DropFolder change the mailboxes on the server and
	// wait for it; so do the two that follow for the out-of-office message.
	MakeFolder(ctx context.Context, account activesync.AccountID, parent activesync.FolderID, name string, class activesync.Class) (activesync.FolderID, error)
	ChangeFolder(ctx context.Context, folder, parent activesync.FolderID, name string) error
	DropFolder(ctx context.Context, folder activesync.FolderID) error
	OutOfOffice(ctx context.Context, account activesync.AccountID) (activesync.OutOfOffice, error)
	SetOutOfOffice(ctx context.Context, account activesync.AccountID, o activesync.OutOfOffice) error
	// SyncNow asks for a look at the server, at all mailboxes where none is
	// named. It returns at once; notices tell how it goes.
	SyncNow(ctx context.Context, account activesync.AccountID, folders ...activesync.FolderID) error

	Window(ctx context.Context, folder activesync.FolderID, q activesync.WindowQuery) (activesync.Window, error)
	// Message is what is here now of a message.
	Message(ctx context.Context, item activesync.ItemID) (activesync.Message, error)
	// FetchBody gets the whole body. It waits for the network.
	FetchBody(ctx context.Context, item activesync.ItemID) (activesync.Message, error)
	// Attachment writes the nth attachment, counted from 0. It waits for the network.
	Attachment(ctx context.Context, item activesync.ItemID, n int, w io.Writer) error

	// Do writes changes to the journal with their local effect.
	Do(ctx context.Context, ops ...activesync.Op) ([]activesync.OpID, error)
	// Undo takes changes back, whether or not the server has them already.
	Undo(ctx context.Context, ops ...activesync.OpID) error
	// Send puts a message into the journal, where it waits until it is due; the
	// outbox tells what became of it. What is kept under its key is kept on with it.
	Send(ctx context.Context, draft activesync.Draft) (activesync.OpID, error)
	Outbox(ctx context.Context, account activesync.AccountID) ([]activesync.Op, error)
	Retry(ctx context.Context, op activesync.OpID) error
	Discard(ctx context.Context, op activesync.OpID) error
	// TakeDraft takes a message that was not sent yet out of the outbox, to be
	// written on.
	TakeDraft(ctx context.Context, op activesync.OpID) (activesync.Draft, error)
	// Postpone changes when a message of the outbox is sent; zero is at once.
	Postpone(ctx context.Context, op activesync.OpID, due time.Time) error
	// Withheld are the items that the server removed in such numbers that the
	// person has to decide, by folder; Decide carries out what they chose.
	Withheld(ctx context.Context, account activesync.AccountID) ([]activesync.Withheld, error)
	Decide(ctx context.Context, folder activesync.FolderID, d activesync.Decision) error

	Contacts(ctx context.Context, account activesync.AccountID) ([]activesync.ContactRow, error)
	Contact(ctx context.Context, item activesync.ItemID) (activesync.Contact, error)
	// AddContact makes a contact in the folder that it names, else in the default
	// one, and ChangeContact makes after of before, as it was read: what is alike in
	// both is left as it is by now. Both are in the journal with their local effect,
	// and Undo takes them back; a contact is deleted by Do with OpDelete.
	AddContact(ctx context.Context, account activesync.AccountID, c activesync.Contact) (activesync.ItemID, activesync.OpID, error)
	ChangeContact(ctx context.Context, before, after activesync.Contact) (activesync.OpID, error)
	// Complete are those whom letters in To, Cc and Bcc may mean. Where the
	// organisation's address list is asked for them, a NoticePeople tells when it
	// has answered: then Complete knows more.
	Complete(ctx context.Context, account activesync.AccountID, words string) (contacts.Completion, error)
	// FindPeople searches the address list. It waits for the network.
	FindPeople(ctx context.Context, account activesync.AccountID, words string) (activesync.People, error)
	// PreviewImport tells what ImportContacts would do with a file of vCards; only
	// are the places in the preview that are wanted, nil is all.
	PreviewImport(ctx context.Context, account activesync.AccountID, cards []byte) ([]contacts.Import, error)
	ImportContacts(ctx context.Context, account activesync.AccountID, cards []byte, only []int) ([]activesync.OpID, error)
	// ShareDraft is a message with the vCards of contacts attached.
	ShareDraft(ctx context.Context, items ...activesync.ItemID) (activesync.Draft, error)
	// ExportContact writes one contact to the local address book.
	ExportContact(ctx context.Context, item activesync.ItemID) (path string, err error)
	// LocalContacts is Sync with Local Contacts of an account; a NoticeAddressBook
	// tells when it changes.
	LocalContacts(ctx context.Context, account activesync.AccountID) (contacts.Setting, error)
	SetLocalContacts(ctx context.Context, account activesync.AccountID, to contacts.Switch) (kept []string, err error)
	// Conflicts are contacts of which there are two versions, the person's and
	// that of Exchange; ResolveConflict keeps one side.
	Conflicts(ctx context.Context, account activesync.AccountID) ([]contacts.Conflict, error)
	ResolveConflict(ctx context.Context, account activesync.AccountID, item activesync.ItemID, op activesync.OpID, keep contacts.Side) error
	// ReportPhishing sends a message to those whom the policy Report phishing
	// addresses names, and moves it to Junk. It waits for the network.
	ReportPhishing(ctx context.Context, item activesync.ItemID) (activesync.PhishingReport, error)
	// Policies are all policies that hold, with who set them.
	Policies(ctx context.Context) ([]policy.Row, error)
	// Agenda are the occurrences that touch the time from from to to, in order.
	Agenda(ctx context.Context, account activesync.AccountID, from, to time.Time) ([]activesync.Occurrence, error)
	Event(ctx context.Context, item activesync.ItemID) (activesync.Event, error)
	// ChangeEvents makes, changes and deletes events, all or none; what a change
	// leaves as it was stays as it is by now. All of it is in the journal with its
	// local effect, and Undo takes it back.
	ChangeEvents(ctx context.Context, ops ...activesync.Op) ([]activesync.OpID, error)

	// Subscribe tells what happens until ctx ends; then the channel is closed.
	// A listener that is too slow gets a NoticeOverflow.
	Subscribe(ctx context.Context) <-chan activesync.Notice
	// Attach says that a screen is there, and whether it is in the foreground.
	Attach(foreground bool) (detach func())
	// AddAccount signs in to see that it works, and then keeps the account. It
	// waits for the network; its errors wrap those of package activesync.
	AddAccount(ctx context.Context, account activesync.Account, password string) (activesync.Account, error)
}
