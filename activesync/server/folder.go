package server

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

// folder is a mailbox folder with its items in the order in which they came.
type folder struct {
	id, parent string
	name       string
	kind       activesync.FolderType
	rev        uint64 // of the last change of the folder itself
	gone       bool
	items      []*item // index is number-1; nil once deleted
	byDate     []int32 // numbers of items, in the order of dated once tidied
	latest     time.Time
	untidy     bool
}

// item is a message, contact, event, task or note.
type item struct {
	number  int
	date    time.Time
	changed uint64 // revision of the last change after it came
	whole   uint64 // of the last one that was not of marks only
	// A message is kept as its source and what may change about it.
	source    Source
	read      bool
	flag      activesync.FlagStatus
	verb      activesync.Verb
	draft     bool
	cats      []string // nil until there were any
	contact   *activesync.Contact
	event     *activesync.Event
	task      *activesync.Task
	clientUID string // of an event that a device made from 16.0 on
	note      *activesync.Note
	came      time.Time // when it was put here
	harmless  bool      // see poisonous
}

// Source gives the MIME of a message each time it is asked for, from any
// goroutine.
type Source func() []byte

// Mail is a Source that keeps the message in memory.
func Mail(mime []byte) Source { return func() []byte { return mime } }

// dated are the numbers of the items that are there, oldest first.
func (f *folder) dated() []int32 {
	if f.untidy {
		f.byDate = slices.DeleteFunc(f.byDate, func(n int32) bool { return f.items[n-1] == nil })
		slices.SortStableFunc(f.byDate, func(a, b int32) int { return f.items[a-1].date.Compare(f.items[b-1].date) })
		f.untidy = false
	}
	return f.byDate
}

func (f *folder) itemID(it *item) activesync.ServerID { return f.idOf(it.number) }

func (f *folder) idOf(number int) activesync.ServerID {
	return activesync.ServerID(f.id + ":" + strconv.Itoa(number))
}

// item finds an item by its id. The caller holds mu.
func (f *folder) item(id activesync.ServerID) *item {
	folder, number, ok := strings.Cut(string(id), ":")
	n, err := strconv.Atoi(number)
	if !ok || folder != f.id || err != nil || n < 1 || n > len(f.items) {
		return nil
	}
	return f.items[n-1]
}
