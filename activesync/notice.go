package activesync

import "time"

// NoticeKind names what happened. The words are those of `securemail watch`.
type NoticeKind string

// What is told to screens and to `watch`.
const (
	NoticeMailNew NoticeKind = "mail.new" // a message arrived, not by an own action
	// NoticeFolder says that rows of a folder changed; read the window again.
	NoticeFolder  NoticeKind = "folder.changed"
	NoticeFolders NoticeKind = "folders.changed" // the hierarchy, counts or options
	NoticeStatus  NoticeKind = "status"
	NoticeOp      NoticeKind = "op.changed" // a journal record was done, failed or parked
	// NoticeWithheld says that the server removed so many items of a folder at
	// once that the person has to decide.
	NoticeWithheld NoticeKind = "deletions.withheld"
	// NoticeForked says that a draft was changed elsewhere while it was changed here:
	// it is two now.
	NoticeForked NoticeKind = "draft.forked"
	NoticePolicy NoticeKind = "policy.changed"
	// NoticeReminder says that it is time to remind of an event, or that one was put
	// off or dismissed.
	NoticeReminder NoticeKind = "event.reminder"
	// NoticePeople says that the organisation's address list has answered: complete anew.
	NoticePeople NoticeKind = "people.found"
	// NoticeAddressBook says that the local address book, or what keeps it from
	// being in step, has changed.
	NoticeAddressBook NoticeKind = "addressbook.changed"
	NoticeAccount     NoticeKind = "account.changed"
	// NoticeErased says that the server has an account erased here.
	NoticeErased NoticeKind = "account.erased"
	// NoticeClock says that the machine slept or its clock was set: what depends on
	// the time is to be considered anew.
	NoticeClock NoticeKind = "clock.changed"
	// NoticeStopped says that the person ended the agent: nothing is told until there
	// is one again, which begins with an overflow.
	NoticeStopped  NoticeKind = "agent.stopped"
	NoticeOverflow NoticeKind = "overflow" // the listener was too slow: read everything again
)

// Notice is one thing that happened. Only mail.new carries words of a message.
type Notice struct {
	Kind    NoticeKind `json:"event"`
	Account AccountID  `json:"account"`
	Time    time.Time  `json:"time"` // UTC
	Folder  FolderID   `json:"folder,omitempty"`
	Item    ItemID     `json:"id,omitempty"`
	From    *Address   `json:"from,omitempty"`
	Subject string     `json:"subject,omitempty"`
	Op      OpID       `json:"op,omitempty"`
	Status  *Status    `json:"status,omitempty"`
	Name    string     `json:"name,omitempty"` // of the account that was erased
}
