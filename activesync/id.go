package activesync

import (
	"crypto/rand"
	"errors"
	"strconv"
	"strings"
)

// AccountID names one account on this machine. It is chosen when the account
// is added, is made of lower-case letters and digits and never changes.
type AccountID string

// FolderID is our own id of a mailbox, calendar or contacts folder. It is
// unique over all accounts and survives a re-sync; ServerID does not.
// Zero is no folder.
type FolderID uint64

// ItemID is our own id of a message, contact or event. It is unique over all
// accounts and folders and survives moves and re-syncs. Zero is no item.
type ItemID uint64

// OpID numbers a record of the journal, in the order of the person's actions.
// Zero is no record.
type OpID uint64

// ServerID is what the server calls a folder or an item. It is opaque, unique
// in its folder only, and may be re-assigned (MS-ASCMD 2.2.3.166).
type ServerID string

// SyncKey names a state of a folder, or of the folder hierarchy, that server
// and client share. "0" starts anew (MS-ASCMD 2.2.3.181).
type SyncKey string

// KeyNone is the SyncKey that starts a synchronisation from nothing.
const KeyNone SyncKey = "0"

// PolicyKey names the set of policies that the device has acknowledged
// (MS-ASPROV 2.2.2.42).
type PolicyKey string

// Folders with fixed ids of the protocol.
const (
	// RootFolder is the ServerID of the parent of top-level folders.
	RootFolder ServerID = "0"
)

// NewClientID makes the id that stays the same over all tries of one command: 26
// letters and digits, within the 40 of MS-ASCMD 2.2.3.29.2.
func NewClientID() string { return strings.ToLower(rand.Text()) }

var errID = errors.New("not an id: ids are letters and digits, as the list shows them")

func formatID(n uint64) string { return strconv.FormatUint(n, 36) }

func parseID(s string) (uint64, error) {
	n, err := strconv.ParseUint(strings.ToLower(s), 36, 64)
	if err != nil || n == 0 {
		return 0, errID
	}
	return n, nil
}

func (id FolderID) String() string { return formatID(uint64(id)) }
func (id ItemID) String() string   { return formatID(uint64(id)) }
func (id OpID) String() string     { return formatID(uint64(id)) }

// ParseFolderID reads what String wrote.
func ParseFolderID(s string) (FolderID, error) { n, err := parseID(s); return FolderID(n), err }

// ParseItemID reads what String wrote.
func ParseItemID(s string) (ItemID, error) { n, err := parseID(s); return ItemID(n), err }

// ParseOpID reads what String wrote.
func ParseOpID(s string) (OpID, error) { n, err := parseID(s); return OpID(n), err }

// The text forms make ids strings in JSON. Zero is the empty string.

func (id FolderID) MarshalText() ([]byte, error) { return marshalID(uint64(id)), nil }
func (id ItemID) MarshalText() ([]byte, error)   { return marshalID(uint64(id)), nil }
func (id OpID) MarshalText() ([]byte, error)     { return marshalID(uint64(id)), nil }

func (id *FolderID) UnmarshalText(b []byte) error { return unmarshalID((*uint64)(id), b) }
func (id *ItemID) UnmarshalText(b []byte) error   { return unmarshalID((*uint64)(id), b) }
func (id *OpID) UnmarshalText(b []byte) error     { return unmarshalID((*uint64)(id), b) }

func marshalID(n uint64) []byte {
	if n == 0 {
		return []byte{}
	}
	return strconv.AppendUint(nil, n, 36)
}

func unmarshalID(n *uint64, b []byte) (err error) {
	if len(b) == 0 {
		*n = 0
		return nil
	}
	*n, err = parseID(string(b))
	return err
}
