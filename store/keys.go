package store

import (
	"encoding/binary"
	"time"

	"eas.example/securemail/activesync"
)

// name files something whose own name must not be read; see sealer.name.
type name [16]byte

// fingerprint is what an item is known by when its ServerId is not.
type fingerprint [16]byte

// Top-level buckets.
var (
	bucketMeta     = []byte("meta")
	bucketAccounts = []byte("accounts")
)

// place is a bucket of an account.
type place uint8

// The buckets of an account. The numbers are not kept, the words are.
const (
	inAccount place = iota // the account's own bucket: single values
	inFolders
	inSync
	inCounts
	inList
	inNames
	inWaiting
	inPrints
	inRows
	inContents
	inJournal
	inMIME
	inThreads
	inHeads
	inDrafts // made when the first one is kept; older files have none
	inUntold // made when needed, as are those below
	inTold
	inLinks
	inFound
	places
)

func (p place) String() string {
	return [places]string{"account", "folders", "sync", "counts", "list", "names", "waiting", "prints",
		"rows", "contents", "journal", "mime", "threads", "heads", "drafts", "untold", "told", "links", "found"}[p]
}

// Keys in meta and of single values of an account.
var (
	keySchema     = []byte("schema")
	keyCheck      = []byte("check")
	keyDevice     = []byte("device")
	keyLastFolder = []byte("folders")
	keyLastItem   = []byte("items")
	keyLastOp     = []byte("ops")
	keyAccount    = []byte("account")
	keyState      = []byte("state")
	keyHierarchy  = []byte("hierarchy")
)

// checkWord is what keyCheck holds.
const checkWord = "securemail"

const (
	listKeySize    = 24
	namesKeySize   = 24
	waitingKeySize = 32
)

func idKey(id uint64) []byte { return binary.BigEndian.AppendUint64(make([]byte, 0, 8), id) }

func readID(b []byte) uint64 {
	if len(b) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}

// newestFirst maps a time so that a later one sorts before an earlier one.
func newestFirst(t time.Time) uint64 { return ^(uint64(t.UnixMilli()) ^ 1<<63) }

// millis is the inverse of newestFirst.
func millis(key uint64) int64 { return int64(^key ^ 1<<63) }

func listKey(folder activesync.FolderID, at uint64, item activesync.ItemID) []byte {
	k := make([]byte, 0, listKeySize)
	k = binary.BigEndian.AppendUint64(k, uint64(folder))
	k = binary.BigEndian.AppendUint64(k, at)
	return binary.BigEndian.AppendUint64(k, uint64(item))
}

// splitListKey reads the time and the item of a key of the list.
func splitListKey(k []byte) (at uint64, item activesync.ItemID) {
	return binary.BigEndian.Uint64(k[8:16]), activesync.ItemID(binary.BigEndian.Uint64(k[16:24]))
}

func namesKey(folder activesync.FolderID, n name) []byte {
	return append(binary.BigEndian.AppendUint64(make([]byte, 0, namesKeySize), uint64(folder)), n[:]...)
}

func waitingKey(folder activesync.FolderID, p fingerprint, item activesync.ItemID) []byte {
	k := binary.BigEndian.AppendUint64(make([]byte, 0, waitingKeySize), uint64(folder))
	return binary.BigEndian.AppendUint64(append(k, p[:]...), uint64(item))
}

// Flags of a line of a list.
const (
	listUnread  = 1 << iota // of a message
	listFlagged             // of a message
	listPartial             // the whole body is not here
	listSeries              // an event that recurs
)
