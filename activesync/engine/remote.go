package engine

import (
	"context"
	"io"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

// Server is the remote side: one method a command, one exchange each. Errors
// wrap the sentinels of package activesync; nothing is retried inside.
type Server interface {
	SetVersion(activesync.Version)
	SetPolicyKey(activesync.PolicyKey)
	SetEndpoint(string) error
	Options(context.Context) (activesync.Capabilities, error)
	Provision(context.Context, *wire.ProvisionRequest) (*wire.ProvisionResponse, error)
	Settings(context.Context, *wire.SettingsRequest) (*wire.SettingsResponse, error)
	FolderSync(context.Context, activesync.SyncKey) (*wire.FolderSyncResponse, error)
	FolderCreate(context.Context, *wire.FolderCreateRequest) (*wire.FolderCreateResponse, error)
	FolderUpdate(context.Context, *wire.FolderUpdateRequest) (*wire.FolderUpdateResponse, error)
	FolderDelete(context.Context, *wire.FolderDeleteRequest) (*wire.FolderDeleteResponse, error)
	SearchMail(ctx context.Context, searchID string, q activesync.MailQuery, first, n int) (activesync.FoundMail, error)
	EncodeSync(*wire.SyncRequest) ([]byte, error)
	SyncRaw(context.Context, []byte) (*wire.SyncResponse, error)
	GetItemEstimate(context.Context, *wire.GetItemEstimateRequest) (*wire.GetItemEstimateResponse, error)
	FindPeople(ctx context.Context, words string, n int) (activesync.People, error)
	Ping(context.Context, *wire.PingRequest) (*wire.PingResponse, error)
	ItemOperations(context.Context, *wire.ItemOperationsRequest) (*wire.ItemOperationsResponse, error)
	FetchRange(ctx context.Context, reference string, from, most int64, begin func(wire.FilePart) (io.Writer, error)) error
	MoveItems(context.Context, *wire.MoveItemsRequest) (*wire.MoveItemsResponse, error)
	MeetingResponse(context.Context, *wire.MeetingResponseRequest) (*wire.MeetingResponseResponse, error)
	SendMail(ctx context.Context, clientID string, mime io.Reader, size int64, saveInSent bool) error
	SmartReply(ctx context.Context, clientID string, source wire.SmartSource, mime io.Reader, size int64, saveInSent bool) error
	SmartForward(ctx context.Context, clientID string, source wire.SmartSource, mime io.Reader, size int64, saveInSent, whole bool) error
}

// Store keeps what must survive. Each method is one transaction.
type Store interface {
	State(context.Context, activesync.AccountID) (activesync.AccountState, error)
	UpdateState(context.Context, activesync.AccountID, func(*activesync.AccountState) error) error

	FolderSyncKey(context.Context, activesync.AccountID) (activesync.SyncKey, error)
	ApplyFolders(ctx context.Context, account activesync.AccountID, from, to activesync.SyncKey, changes []activesync.FolderChange) error
	Folders(context.Context, activesync.AccountID) ([]activesync.Folder, error)
	Folder(context.Context, activesync.FolderID) (activesync.Folder, error)
	NoteFolder(ctx context.Context, folder activesync.FolderID, lastSync time.Time, problem string) error
	NoteInStep(ctx context.Context, at time.Time, folders ...activesync.FolderID) error

	SyncState(context.Context, activesync.FolderID) (activesync.SyncState, error)
	SetRequest(ctx context.Context, folder activesync.FolderID, key activesync.SyncKey, request []byte, ops []activesync.OpID) error
	SetFilter(context.Context, activesync.FolderID, int) error
	Apply(context.Context, activesync.Batch) (activesync.Applied, error)
	Reset(context.Context, activesync.FolderID) error
	Withheld(context.Context, activesync.AccountID) ([]activesync.Withheld, error)

	Pending(context.Context, activesync.AccountID) ([]activesync.Op, error)
	OpMIME(context.Context, activesync.OpID) (activesync.FileReader, error)
	// OutgoingDraft is what the message of a record was made of; ReplaceMIME writes
	// that message anew.
	OutgoingDraft(context.Context, activesync.OpID) (activesync.Draft, error)
	ReplaceMIME(ctx context.Context, op activesync.Op, write func(io.Writer) error) error
	SetOp(context.Context, ...activesync.Op) error
	EventChanges(ctx context.Context, account activesync.AccountID, ids ...activesync.OpID) (map[activesync.OpID]activesync.EventChange, error)
	ContactChanges(context.Context, activesync.AccountID, ...activesync.OpID) (map[activesync.OpID]activesync.ContactChange, error)
	// DraftChange is what a record writes to Drafts, and which attachments are there
	// already; NoteDraft notes what it is about to write.
	DraftChange(context.Context, activesync.OpID) (d activesync.Draft, had []string, found bool, err error)
	NoteDraft(ctx context.Context, op activesync.OpID, d activesync.Draft, files []string) error
	WriteDrafts(context.Context, activesync.AccountID) error
	FinishOp(ctx context.Context, op activesync.OpID, newID activesync.ServerID) error
	FinishMove(ctx context.Context, op activesync.OpID, newID activesync.ServerID) error
	RevertOp(context.Context, activesync.OpID) error
	// QueueInstead puts a message to be sent in place of a record.
	QueueInstead(ctx context.Context, op activesync.OpID, send activesync.Op, mime []byte) (activesync.OpID, error)

	Header(context.Context, activesync.ItemID) (activesync.Header, error)
	Message(context.Context, activesync.ItemID) (activesync.Message, error)
	Window(context.Context, activesync.FolderID, activesync.WindowQuery) (activesync.Window, error)
	ServerID(context.Context, activesync.ItemID) (activesync.FolderID, activesync.ServerID, error)
	// Unsure reports whether that name is from before the folder started anew.
	Unsure(context.Context, activesync.ItemID) (bool, error)
	ItemOf(context.Context, activesync.FolderID, activesync.ServerID) (activesync.ItemID, error)
	MissingBodies(ctx context.Context, folder activesync.FolderID, limit int) ([]activesync.ItemID, error)
	// File is an attachment that is here whole, KeepFile one that is fetched.
	File(ctx context.Context, item activesync.ItemID, reference string) (activesync.FileReader, error)
	KeepFile(ctx context.Context, item activesync.ItemID, reference string) (activesync.FileWriter, error)
	// MissingHeads are messages of which nothing says what conversation they are of.
	MissingHeads(ctx context.Context, folder activesync.FolderID, limit int) ([]activesync.ItemID, error)
	PutHeads(context.Context, map[activesync.ItemID]activesync.Head) error
	PutBody(context.Context, activesync.ItemID, activesync.Body, []activesync.Attachment) error
}
