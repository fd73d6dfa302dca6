package wire

import (
	"fmt"
	"strconv"
	"strings"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
)

// The stores of ItemOperations and Search.
const (
	storeMailbox = "Mailbox"
	storeLibrary = "DocumentLibrary"
)

// ItemOperationsRequest fetches items and attachments and empties folders
// (MS-ASCMD 2.2.1.10), 100 operations at most.
type ItemOperationsRequest struct {
	_       wbxml.Root            `wbxml:"ItemOperations:ItemOperations"`
	Empty   []EmptyFolderContents `wbxml:"ItemOperations:EmptyFolderContents"`
	Fetches []Fetch               `wbxml:"ItemOperations:Fetch"`
	Moves   []ConversationMove    `wbxml:"ItemOperations:Move"`
}

// ConversationMove moves all messages of a conversation (14.0 on), with
// MoveAlways those that are still to come as well; Exchange refuses it without.
type ConversationMove struct {
	ConversationID []byte                   `wbxml:"ItemOperations:ConversationId,opaque"`
	DstFldID       activesync.ServerID      `wbxml:"ItemOperations:DstFldId"`
	Options        *ConversationMoveOptions `wbxml:"ItemOperations:Options"`
}

// ConversationMoveOptions says whether later messages follow.
type ConversationMoveOptions struct {
	MoveAlways bool `wbxml:"ItemOperations:MoveAlways,empty"`
}

// EmptyFolderContents removes what is in a folder for good.
type EmptyFolderContents struct {
	CollectionID activesync.ServerID `wbxml:"AirSync:CollectionId"`
	Options      *EmptyFolderOptions `wbxml:"ItemOperations:Options"`
}

// EmptyFolderOptions says whether subfolders go too.
type EmptyFolderOptions struct {
	DeleteSubFolders bool `wbxml:"ItemOperations:DeleteSubFolders,empty"`
}

// Fetch asks for one item, attachment or document: by CollectionID and
// ServerID, by LongID, by LinkID or by FileReference.
type Fetch struct {
	Store         string              `wbxml:"ItemOperations:Store"`
	CollectionID  activesync.ServerID `wbxml:"AirSync:CollectionId,omitempty"`
	ServerID      activesync.ServerID `wbxml:"AirSync:ServerId,omitempty"`
	LongID        string              `wbxml:"Search:LongId,omitempty"`
	LinkID        string              `wbxml:"DocumentLibrary:LinkId,omitempty"`
	FileReference string              `wbxml:"AirSyncBase:FileReference,omitempty"`
	Options       *FetchOptions       `wbxml:"ItemOperations:Options"`
}

// FetchOptions says what is wanted of the item.
type FetchOptions struct {
	Range              string              `wbxml:"ItemOperations:Range,omitempty"` // "m-n", bytes, attachments and documents only
	MIMESupport        *int                `wbxml:"AirSync:MIMESupport"`
	BodyPreferences    []BodyPreference    `wbxml:"AirSyncBase:BodyPreference"`
	BodyPartPreference *BodyPartPreference `wbxml:"AirSyncBase:BodyPartPreference"`
}

// FetchItem asks for an item of a folder. mimeSupport is 0 never, 1 for signed
// and encrypted messages, 2 always.
func FetchItem(folder, item activesync.ServerID, bodies []BodyPreference, mimeSupport int) Fetch {
	f := Fetch{Store: storeMailbox, CollectionID: folder, ServerID: item}
	f.Options = &FetchOptions{MIMESupport: Int(mimeSupport), BodyPreferences: bodies}
	return f
}

// FetchFile asks for an attachment.
func FetchFile(reference string) Fetch {
	return Fetch{Store: storeMailbox, FileReference: reference}
}

// FetchLong asks for an item that a search found.
func FetchLong(longID string, bodies []BodyPreference, mimeSupport int) Fetch {
	return Fetch{Store: storeMailbox, LongID: longID, Options: &FetchOptions{MIMESupport: Int(mimeSupport), BodyPreferences: bodies}}
}

// FetchDocument asks for a file of the document library.
func FetchDocument(link string) Fetch { return Fetch{Store: storeLibrary, LinkID: link} }

// FetchFileRange asks for the bytes from first to last of an attachment.
func FetchFileRange(reference string, first, last int64) Fetch {
	return Fetch{Store: storeMailbox, FileReference: reference, Options: &FetchOptions{Range: fmt.Sprintf("%d-%d", first, last)}}
}

// ItemOperationsResponse answers an ItemOperationsRequest.
type ItemOperationsResponse struct {
	_        wbxml.Root          `wbxml:"ItemOperations:ItemOperations"`
	Status   int                 `wbxml:"ItemOperations:Status"`
	Response *ItemOperationsDone `wbxml:"ItemOperations:Response"`
	// Parts are those of a multipart answer; part 0 is the answer itself.
	Parts [][]byte `wbxml:"-"`
}

// ItemOperationsDone holds the answer to each operation.
type ItemOperationsDone struct {
	Moves   []ConversationMoved   `wbxml:"ItemOperations:Move"`
	Empty   []EmptyFolderResponse `wbxml:"ItemOperations:EmptyFolderContents"`
	Fetches []FetchResponse       `wbxml:"ItemOperations:Fetch"`
}

// ConversationMoved tells of a ConversationMove.
type ConversationMoved struct {
	Status         int    `wbxml:"ItemOperations:Status"`
	ConversationID []byte `wbxml:"ItemOperations:ConversationId,opaque"`
}

// EmptyFolderResponse tells of an EmptyFolderContents.
type EmptyFolderResponse struct {
	Status       int                 `wbxml:"ItemOperations:Status"`
	CollectionID activesync.ServerID `wbxml:"AirSync:CollectionId"`
}

// FetchResponse is the answer to one Fetch. Match it by the ids it repeats.
type FetchResponse struct {
	Status        int                 `wbxml:"ItemOperations:Status"`
	CollectionID  activesync.ServerID `wbxml:"AirSync:CollectionId,omitempty"`
	ServerID      activesync.ServerID `wbxml:"AirSync:ServerId,omitempty"`
	LongID        string              `wbxml:"Search:LongId,omitempty"`
	Class         activesync.Class    `wbxml:"AirSync:Class,omitempty"`
	LinkID        string              `wbxml:"DocumentLibrary:LinkId,omitempty"`
	FileReference string              `wbxml:"AirSyncBase:FileReference,omitempty"`
	Properties    *wbxml.Raw          `wbxml:"ItemOperations:Properties"`

	parts [][]byte
}

// AttachmentProperties are the Properties of a fetched attachment. Data is
// base64 text; in a multipart answer Part says where the bytes are.
type AttachmentProperties struct {
	ContentType string `wbxml:"AirSyncBase:ContentType,omitempty"`
	Range       string `wbxml:"ItemOperations:Range,omitempty"`
	Total       Number `wbxml:"ItemOperations:Total,omitempty"`
	Data        []byte `wbxml:"ItemOperations:Data,omitempty"`
	Part        *int   `wbxml:"ItemOperations:Part"`
}

// FilePart is what of a file an answer holds.
type FilePart struct {
	ContentType string
	// From is the first byte, Total the length of the whole file; -1 where the
	// server does not say it, which then gives all of it.
	From, Total int64
}

// File is what the properties say of the content. A server that takes no notice
// of a Range says nothing of one.
func (p *AttachmentProperties) File() FilePart {
	out := FilePart{ContentType: p.ContentType, Total: -1}
	first, _, ok := strings.Cut(p.Range, "-")
	from, err := strconv.ParseInt(strings.TrimSpace(first), 10, 64)
	if !ok || err != nil || from < 0 {
		return out
	}
	out.From = from
	if total, err := strconv.ParseInt(strings.TrimSpace(string(p.Total)), 10, 64); err == nil && total >= from {
		out.Total = total
	}
	return out
}

// Fetches are the answers to the Fetch operations.
func (r *ItemOperationsResponse) Fetches() []FetchResponse {
	if r.Response == nil {
		return nil
	}
	out := make([]FetchResponse, len(r.Response.Fetches))
	for i, f := range r.Response.Fetches {
		f.parts = r.Parts
		out[i] = f
	}
	return out
}

// Email reads the fetched message.
func (f FetchResponse) Email() (*activesync.MessagePatch, error) {
	if f.Properties == nil {
		return nil, fmt.Errorf("read the fetched message: %w", activesync.ErrNotFound)
	}
	return decodeEmail(*f.Properties, f.parts)
}

// Contact reads the fetched contact.
func (f FetchResponse) Contact() (*activesync.ContactPatch, error) {
	if f.Properties == nil {
		return nil, fmt.Errorf("read the fetched contact: %w", activesync.ErrNotFound)
	}
	return DecodeContact(*f.Properties)
}

// Event reads the fetched event.
func (f FetchResponse) Event() (*activesync.EventPatch, error) {
	if f.Properties == nil {
		return nil, fmt.Errorf("read the fetched event: %w", activesync.ErrNotFound)
	}
	return DecodeEvent(*f.Properties)
}

// part is part n of a multipart answer, nil where there is none.
func part(parts [][]byte, n *int) []byte {
	if n == nil || *n <= 0 || *n >= len(parts) {
		return nil
	}
	return parts[*n]
}
