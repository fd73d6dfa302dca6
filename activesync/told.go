package activesync

import "time"

// Told is what the person was told of an account, save of its messages, and
// what stands on their desktop now. It outlives the agent, so that its
// successor tells nothing twice and withdraws what is no longer so.
type Told struct {
	Shown     []Shown    `json:"shown,omitempty"`
	Reminders []Reminded `json:"reminders,omitempty"`
	// Snoozed are messages of which the person is to be told again.
	Snoozed []SnoozedMail `json:"snoozed,omitempty"`
	Failed  []OpID        `json:"failed,omitempty"` // records of the outbox that need the person
	SignIn  bool          `json:"signIn,omitempty"` // that the sign-in is refused
	// Policy is a sum of the server's policies that the person knows of.
	Policy string `json:"policy,omitempty"`
	// Managed are the managed policies that the person knows of, nil where they
	// were not looked at yet; only one account has them.
	Managed map[string]string `json:"managed,omitempty"`
}

// Shown is a notification that stands on the desktop.
type Shown struct {
	Name string `json:"name"` // what it is about; a later one of the same name replaces it
	ID   uint32 `json:"id"`   // that the desktop gave it
	// Desktop names the one that gave the id: ids of another mean nothing.
	Desktop string      `json:"desktop,omitempty"`
	Kind    NotifyKind  `json:"kind"`
	Mail    []ShownMail `json:"mail,omitempty"`   // the messages that it tells of
	Event   *Reminded   `json:"event,omitempty"`  // the occurrence
	Events  []Reminded  `json:"events,omitempty"` // of one that sums them up
	Op      OpID        `json:"op,omitempty"`     // the record of the outbox
	// Content is how much it tells; "" is all.
	Content NotifyContent `json:"content,omitempty"`
}

// Reminds are the occurrences that the notification reminds of.
func (s Shown) Reminds() []Reminded {
	if s.Event != nil {
		return []Reminded{*s.Event}
	}
	return s.Events
}

// Erased is an account that was erased by an order, and what may stand of it on
// the desktop.
type Erased struct {
	Account AccountID
	Name    string
	Shown   []Shown
}

// ShownMail is a message that a notification tells of. In another folder it is
// dealt with.
type ShownMail struct {
	Item   ItemID   `json:"item"`
	Folder FolderID `json:"folder"`
}

// Reminded is an occurrence of an event of which the person was reminded.
type Reminded struct {
	Event ItemID    `json:"event"`
	Start time.Time `json:"start"` // when the series has it; see Occurrence.OriginalStart
	Ends  time.Time `json:"ends"`  // then it need not be remembered any more
	// Again is when to remind once more, zero where the person did not ask for it.
	Again time.Time `json:"again,omitzero"`
	// Dismissed says that the person needs to hear no more of it.
	Dismissed bool `json:"dismissed,omitempty"`
}

// Of reports whether r is the reminder of the same occurrence.
func (m Reminded) Of(r Reminder) bool { return m.Event == r.Event && m.Start.Equal(r.OriginalStart) }

// Same reports whether both are of the same occurrence.
func (m Reminded) Same(o Reminded) bool { return m.Event == o.Event && m.Start.Equal(o.Start) }

// SnoozedMail is a message of which the person is to be told again.
type SnoozedMail struct {
	Item ItemID    `json:"item"`
	At   time.Time `json:"at"`
}

// NotifyKind is what a notification is about.
type NotifyKind string

// The kinds of notifications; the command that a person named gets them as
// "event".
const (
	NotifyMail       NotifyKind = "mail.new"
	NotifyMeeting    NotifyKind = "meeting.request"
	NotifyUpdated    NotifyKind = "meeting.update"
	NotifyCancelled  NotifyKind = "meeting.cancelled"
	NotifyReminder   NotifyKind = "event.reminder"
	NotifySendFailed NotifyKind = "send.failed"
	NotifySignIn     NotifyKind = "signin.needed"
	NotifyPolicy     NotifyKind = "policy.changed"
)

// Reminder is an occurrence of which it is time to remind, or will be.
type Reminder struct {
	Occurrence
	Due time.Time `json:"due"`
}
