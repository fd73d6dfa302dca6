package activesync

import (
	"fmt"
	"strings"
	"time"
)

// Class is a kind of item (MS-ASCMD 2.2.3.27).
type Class string

// The classes of the protocol. ClassNone folders are shown but not synced.
const (
	ClassNone     Class = ""
	ClassEmail    Class = "Email"
	ClassContacts Class = "Contacts"
	ClassCalendar Class = "Calendar"
	ClassTasks    Class = "Tasks"
	ClassNotes    Class = "Notes"
)

// FolderType is the Type element of the hierarchy (MS-ASCMD 2.2.3.186.2).
type FolderType uint8

// The folder types of the protocol.
const (
	FolderGeneric        FolderType = 1
	FolderInbox          FolderType = 2
	FolderDrafts         FolderType = 3
	FolderDeleted        FolderType = 4
	FolderSent           FolderType = 5
	FolderOutbox         FolderType = 6
	FolderTasks          FolderType = 7
	FolderCalendar       FolderType = 8
	FolderContacts       FolderType = 9
	FolderNotes          FolderType = 10
	FolderJournal        FolderType = 11
	FolderUserMail       FolderType = 12
	FolderUserCalendar   FolderType = 13
	FolderUserContacts   FolderType = 14
	FolderUserTasks      FolderType = 15
	FolderUserJournal    FolderType = 16
	FolderUserNotes      FolderType = 17
	FolderUnknown        FolderType = 18
	FolderRecipientCache FolderType = 19
)

// Class is the kind of items that a folder of this type holds. A generic
// folder is tried as mail.
func (t FolderType) Class() Class {
	switch t {
	case FolderGeneric, FolderInbox, FolderDrafts, FolderDeleted, FolderSent, FolderOutbox, FolderUserMail:
		return ClassEmail
	case FolderCalendar, FolderUserCalendar:
		return ClassCalendar
	case FolderContacts, FolderUserContacts, FolderRecipientCache:
		return ClassContacts
	case FolderTasks, FolderUserTasks:
		return ClassTasks
	case FolderNotes, FolderUserNotes:
		return ClassNotes
	}
	return ClassNone
}

// UserMade reports whether a person made the folder. The others are the
// automatic mailboxes.
func (t FolderType) UserMade() bool {
	switch t {
	case FolderGeneric, FolderUserMail, FolderUserCalendar, FolderUserContacts, FolderUserTasks,
		FolderUserJournal, FolderUserNotes, FolderUnknown:
		return true
	}
	return false
}

// CheckFrequency is how often a mailbox is looked at by itself.
type CheckFrequency string

// The choices of Sync options › Check frequency.
const (
	CheckPush   CheckFrequency = "push"
	Check5m     CheckFrequency = "5m"
	Check15m    CheckFrequency = "15m"
	Check30m    CheckFrequency = "30m"
	Check1h     CheckFrequency = "1h"
	Check2h     CheckFrequency = "2h"
	Check4h     CheckFrequency = "4h"
	Check12h    CheckFrequency = "12h"
	Check1d     CheckFrequency = "1d"
	CheckManual CheckFrequency = "manual"
)

// CheckFrequencies are all choices in the order in which they are offered.
func CheckFrequencies() []CheckFrequency {
	return []CheckFrequency{CheckPush, Check5m, Check15m, Check30m, Check1h, Check2h, Check4h, Check12h, Check1d, CheckManual}
}

// ParseCheckFrequency reads a choice as the command line writes it.
func ParseCheckFrequency(s string) (CheckFrequency, error) {
	for _, c := range CheckFrequencies() {
		if string(c) == s {
			return c, nil
		}
	}
	return "", fmt.Errorf("check frequency %q is not one of push, 5m, 15m, 30m, 1h, 2h, 4h, 12h, 1d, manual", s)
}

// Interval is the time between two looks, 0 for push and manual.
func (c CheckFrequency) Interval() time.Duration {
	switch c {
	case Check1d:
		return 24 * time.Hour
	case CheckPush, CheckManual, "":
		return 0
	}
	d, err := time.ParseDuration(string(c))
	if err != nil {
		return 0
	}
	return d
}

// Period is how far back a mailbox is kept in step.
type Period string

// The choices of Sync options › Period. Mail knows 1d to 1m, calendars 2w to 6m.
const (
	PeriodAll Period = "all"
	Period1d  Period = "1d"
	Period3d  Period = "3d"
	Period1w  Period = "1w"
	Period2w  Period = "2w"
	Period1m  Period = "1m"
	Period3m  Period = "3m"
	Period6m  Period = "6m"
)

// Periods are the choices for a class, in the order in which they are offered.
func Periods(c Class) []Period {
	switch c {
	case ClassEmail:
		return []Period{Period1d, Period3d, Period1w, Period2w, Period1m, PeriodAll}
	case ClassCalendar:
		return []Period{Period2w, Period1m, Period3m, Period6m, PeriodAll}
	}
	return []Period{PeriodAll}
}

// ParsePeriod reads a choice for a class.
func ParsePeriod(c Class, s string) (Period, error) {
	for _, p := range Periods(c) {
		if string(p) == s {
			return p, nil
		}
	}
	return "", fmt.Errorf("period %q is not one of %v", s, Periods(c))
}

// FilterType is the protocol's number for the period (MS-ASCMD 2.2.3.68.2).
func (p Period) FilterType() int {
	switch p {
	case Period1d:
		return 1
	case Period3d:
		return 2
	case Period1w:
		return 3
	case Period2w:
		return 4
	case Period1m:
		return 5
	case Period3m:
		return 6
	case Period6m:
		return 7
	}
	return 0
}

// Since is where the period begins that ends now, zero for PeriodAll.
func (p Period) Since(now time.Time) time.Time {
	switch p {
	case Period1d:
		return now.AddDate(0, 0, -1)
	case Period3d:
		return now.AddDate(0, 0, -3)
	case Period1w:
		return now.AddDate(0, 0, -7)
	case Period2w:
		return now.AddDate(0, 0, -14)
	case Period1m:
		return now.AddDate(0, -1, 0)
	case Period3m:
		return now.AddDate(0, -3, 0)
	case Period6m:
		return now.AddDate(0, -6, 0)
	}
	return time.Time{}
}

// Folder is a mailbox, calendar or contacts folder as the screens show it.
type Folder struct {
	ID       FolderID   `json:"id"`
	Account  AccountID  `json:"account"`
	ServerID ServerID   `json:"-"`
	Parent   FolderID   `json:"parent,omitempty"` // 0 at the top
	Name     string     `json:"name"`
	Type     FolderType `json:"type"`
	Class    Class      `json:"class"`
	Unread   int        `json:"unread"`
	Total    int        `json:"total"`

	FolderOptions

	LastSync time.Time `json:"lastSync"` // last time it was in step
	// Problem is the last failure of this folder in words, "" when there is none.
	Problem string `json:"problem,omitempty"`
}

// IsArchive reports whether the folder is named as one to archive into; there
// is no type for that (MS-ASCMD 2.2.3.186.3).
func (f Folder) IsArchive() bool {
	if f.Class != ClassEmail || !f.Type.UserMade() {
		return false
	}
	switch strings.ToLower(f.Name) {
	case "archive", "archives", "archiv", "archivo", "archief", "arquivo", "archivio":
		return true
	}
	return false
}

// IsJunk reports whether the folder is named as the one for unwanted mail; there
// is no type for that either.
func (f Folder) IsJunk() bool {
	if f.Class != ClassEmail || !f.Type.UserMade() {
		return false
	}
	switch strings.ToLower(f.Name) {
	case "junk", "junk email", "junk e-mail", "junk mail", "spam", "junk-e-mail", "courrier indésirable", "correo no deseado", "ongewenste e-mail",
		"lixo eletrônico", "posta indesiderata":
		return true
	}
	return false
}

// FolderOptions are the Sync options of one folder.
type FolderOptions struct {
	AutoRefresh bool           `json:"autoRefresh"` // ticked in Settings › Auto Refresh
	Check       CheckFrequency `json:"check"`
	Period      Period         `json:"period"`
	// Notify says of which messages the person is told, NotifyContent how much.
	Notify        NotifyFolder  `json:"notify,omitempty"`
	NotifyContent NotifyContent `json:"notifyContent,omitempty"`
}

// DefaultFolderOptions are those of a folder that has just been seen: the
// automatic mailboxes are ticked on push, those that a person made are not.
func DefaultFolderOptions(t FolderType) FolderOptions {
	return FolderOptions{AutoRefresh: !t.UserMade(), Check: CheckPush, Period: PeriodAll}
}

// Carried reports whether a folder is kept in step with a server that speaks a
// version. Below 16.0 none syncs Drafts (MS-ASCMD 2.2.3.186.2), and the Outbox is
// ours; of the classes mail, calendars and contacts are.
func (f Folder) Carried(v Version) bool {
	switch f.Type {
	case FolderDrafts:
		return v >= V160
	case FolderOutbox:
		return false
	}
	switch f.Class {
	case ClassEmail, ClassCalendar, ClassContacts:
		return true
	}
	return false
}

// Automatic is the check frequency in force: what the person chose, or manual
// where Auto Refresh is off for the account or the folder, or the folder is
// of no class that is synced.
func (f Folder) Automatic(account AccountState) CheckFrequency {
	if account.AutoRefreshOff || !f.AutoRefresh || f.Class == ClassNone || f.Check == "" {
		return CheckManual
	}
	return f.Check
}

// FolderChange is one line of a FolderSync answer.
type FolderChange struct {
	Kind     ChangeKind
	ServerID ServerID
	Parent   ServerID
	Name     string
	Type     FolderType
	Period   Period // that a folder which is new here starts with; "" for all
}
