// Package action is the one table of what a person can do on the screens: the
// name, words and keys of each action, where it works, when it cannot be done
// and why, and the policy that governs it. Keys, the More menu, the help and
// the palette are all made from it.
//
// It only describes; the screens carry out. All functions are pure and may be
// called from any goroutine; a Keymap does not change after it was made.
package action

import (
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

// ID names an action. It is also its name in the configuration.
type ID string

// Scope is a place where keys work, or a set of such places.
type Scope uint16

// The places.
const (
	Mailboxes Scope = 1 << iota
	Messages
	Reader
	People
	Card // of a person
	Agenda
	Event // the card of one
	Settings
	Outbox
	Compose
	Setup

	Mail     = Mailboxes | Messages | Reader
	Contacts = People | Card
	Calendar = Agenda | Event
	Lists    = Mailboxes | Messages | People | Agenda | Settings | Outbox
	Pages    = Mail | Contacts | Calendar | Settings | Outbox
	Texts    = Reader | Card | Event
)

// Group is a heading of the help.
type Group string

// The groups in the order of the help.
const (
	Moving   Group = "Moving"
	Message  Group = "Messages"
	Box      Group = "Mailboxes"
	Person   Group = "People"
	Dates    Group = "Calendar"
	Writing  Group = "Writing"
	Sending  Group = "Outbox"
	Program  Group = "Everywhere"
	Choosing Group = "Settings"
)

// Groups are all groups in order.
func Groups() []Group {
	return []Group{Moving, Message, Box, Person, Dates, Writing, Sending, Choosing, Program}
}

// Facts are what availability depends on.
type Facts struct {
	Scope    Scope
	Now      time.Time
	Accounts int
	// Folder is the mailbox that is open or selected, nil where none is.
	Folder *activesync.Folder
	// Message is the one under the cursor or opened, nil where none is.
	Message     *activesync.Header
	Own         bool // and it is from the person
	Unread      bool // something of it, or of what is marked, is unread
	Marked      int  // messages or people marked with x
	Attachments int
	// Enclosed are those of them that are messages.
	Enclosed  int
	Thread    int // messages of the conversation shown
	Links     int
	Closed    bool // the message shown is encrypted and no key opened it
	Remote    int  // pictures of the message that lie elsewhere
	Folds     int  // chains of earlier messages in the text shown
	Folded    int  // of them, those that are folded
	Find      bool // something was searched for
	Contact   bool
	Listed    bool // someone of the organisation's directory who is no contact
	Mailable  bool // the contact has an address
	Event     bool
	Transfer  bool           // a file is on its way here
	Invited   bool           // it is an invitation that can be answered
	Entry     string         // what can be done with its event: add, remove, or nothing
	Op        *activesync.Op // selected in the outbox
	Undo      string         // what z would take back
	Drafts    int            // messages begun and put aside
	NewMail   int
	Withheld  int // mailboxes of which the server removed so much that the person is asked
	Versions  int // people of whom there are two versions
	Problems  int // things that are set aside, of any kind
	Reminders int // of events, that stand before the person
	Forbidden func(policy string) string
}

// Action is one thing a person can do.
type Action struct {
	ID    ID
	Name  string // in menus and the palette
	Help  string // one sentence
	Also  string // other words that find it
	Group Group
	Keys  []string
	In    Scope
	More  bool // stands in the More menu
	Plain bool // moving and the like: not in the palette
	// Policy is the policy that governs the action. Where it is forbidden the
	// action is not shown at all.
	Policy string
	// Label replaces Name where it depends on what is selected.
	Label func(Facts) string
	// Need says why the action cannot be done, "" when it can.
	Need func(Facts) string
}

// Title is the name of the action for what is selected.
func (a Action) Title(f Facts) string {
	if a.Label != nil {
		return a.Label(f)
	}
	return a.Name
}

// Hidden reports whether a policy takes the action away.
func (a Action) Hidden(f Facts) bool {
	return a.Policy != "" && f.Forbidden != nil && f.Forbidden(a.Policy) != ""
}

// Reason says why the action cannot be done now, "" when it can.
func (a Action) Reason(f Facts) string {
	if a.Policy != "" && f.Forbidden != nil {
		if why := f.Forbidden(a.Policy); why != "" {
			return why
		}
	}
	if a.Need != nil {
		return a.Need(f)
	}
	return ""
}

// Hint is a piece of the line of keys at the foot of the screen.
type Hint struct {
	Actions []ID // more than one share a word, as j/k move
	Word    string
}

// Hints are the pieces for a place, the most useful first.
func Hints(s Scope) []Hint {
	one := func(id ID, word string) Hint { return Hint{[]ID{id}, word} }
	move := Hint{[]ID{Down, Up}, "move"}
	switch s {
	case Mailboxes:
		return []Hint{move, one(Open, "open"), one(Write, "write"), one(CheckNow, "check now"), one(NextPane, "next pane"), one(Palette, "all actions")}
	case Messages:
		return []Hint{move, one(Open, "open"), one(Reply, "reply"), one(Archive, "archive"), one(Delete, "delete"), one(Find, "search"),
			one(Write, "write"), one(Read, "read"), one(Flag, "flag"), one(MoveTo, "move to"), one(Mark, "mark"), one(Undo, "undo"), one(Palette, "all actions")}
	case Reader:
		return []Hint{{[]ID{Down, Up}, "scroll"}, {[]ID{NextMessage, PrevMessage}, "next/previous"}, {[]ID{Older, Newer}, "conversation"}, one(Reply, "reply"), one(ReplyAll, "all"), one(Forward, "forward"), one(Unfold, "earlier"),
			one(Archive, "archive"), one(Delete, "delete"), one(Back, "back"), one(Links, "links"), one(Save, "save file"), one(Undo, "undo"), one(Palette, "all actions")}
	case People:
		return []Hint{move, one(Open, "card"), one(Find, "search"), one(Write, "write to"), one(Share, "share as vCard"),
			one(AddPerson, "add to contacts"), one(NewPerson, "new"), one(EditPerson, "edit"), one(DeletePerson, "delete"), one(MarkPerson, "mark"), one(Undo, "undo"), one(Palette, "all actions")}
	case Card:
		return []Hint{{[]ID{Down, Up}, "scroll"}, one(Write, "write to"), one(AddPerson, "add to contacts"), one(Share, "share as vCard"), one(EditPerson, "edit"), one(DeletePerson, "delete"), one(Back, "back"), one(Palette, "all actions")}
	case Agenda:
		return []Hint{move, one(Open, "event"), one(NewEvent, "new"), one(Today, "today"), {[]ID{NextDay, PrevDay}, "next/previous day"}, one(EditEvent, "edit"), one(DeleteEvent, "delete"), one(Palette, "all actions")}
	case Event:
		return []Hint{{[]ID{Down, Up}, "scroll"}, one(Back, "back"), one(EditEvent, "edit"), one(DeleteEvent, "delete"), one(Links, "links"), one(Today, "today"), one(Palette, "all actions")}
	case Settings:
		return []Hint{move, one(Open, "change"), one(Back, "back"), one(Palette, "all actions")}
	case Outbox:
		return []Hint{move, one(Retry, "try again"), one(EditSent, "write on"), one(Postpone, "change the time"), one(Discard, "discard"), one(Back, "back"), one(Palette, "all actions")}
	case Compose:
		return []Hint{one(Send, "send"), one(SendLater, "later"), one(Attach, "attach"), one(Close, "close"), one(Editor, "editor"), {[]ID{UndoEdit, RedoEdit}, "undo/redo"}, one(Palette, "all actions")}
	}
	return nil
}

// Where names the places in which the action works.
func (a Action) Where() string {
	var out []string
	for _, p := range []struct {
		in   Scope
		name string
	}{
		{Mailboxes, "mailboxes"}, {Messages | Reader, "messages"}, {Contacts, "people"}, {Calendar, "calendar"},
		{Settings, "settings"}, {Outbox, "outbox"}, {Compose, "writing"},
	} {
		if a.In&p.in != 0 {
			out = append(out, p.name)
		}
	}
	return strings.Join(out, ", ")
}
