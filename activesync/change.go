package activesync

// ChangeKind tells what happened to an item or a folder.
type ChangeKind uint8

// What can happen to an item or a folder.
const (
	Added ChangeKind = iota + 1
	Updated
	Removed
	// SoftRemoved items left the period; they are still on the server.
	SoftRemoved
)

// ItemChange is one item of a Sync answer. Exactly one of Message, Contact and
// Event is set for Added and Updated, none for the others.
type ItemChange struct {
	Kind     ChangeKind
	ServerID ServerID
	Message  *MessagePatch
	Contact  *ContactPatch
	Event    *EventPatch
}

// MessageFields says which fields a server's change carries.
type MessageFields uint32

// The fields of a message that a change may carry by themselves.
const (
	HasFrom MessageFields = 1 << iota
	HasTo
	HasCc
	HasBcc
	HasSender
	HasReplyTo
	HasSubject
	HasDate
	HasRead
	HasFlag
	HasImportance
	HasVerb
	HasAttachments
	HasMessageClass
	HasConversation
	HasCategories
	HasBody
	HasPreview
	HasMeeting
	HasDraft
)

// MessagePatch is a message of which only Fields are known.
type MessagePatch struct {
	Message
	Fields MessageFields
}

// Apply writes the known fields of p into m and leaves the others. A body that
// is shorter than what m has, because it was asked for truncated, does not
// replace a whole one of the same size.
func (p *MessagePatch) Apply(m *Message) {
	set := func(f MessageFields, do func()) {
		if p.Fields&f != 0 {
			do()
		}
	}
	set(HasFrom, func() { m.From = p.From })
	set(HasTo, func() { m.To = p.To })
	set(HasCc, func() { m.Cc = p.Cc })
	set(HasBcc, func() { m.Bcc = p.Bcc })
	set(HasSender, func() { m.Sender = p.Sender })
	set(HasReplyTo, func() { m.ReplyTo = p.ReplyTo })
	set(HasSubject, func() { m.Subject = p.Subject })
	set(HasDate, func() { m.Date = p.Date })
	set(HasRead, func() { m.Read = p.Read })
	set(HasFlag, func() { m.Flag = p.Flag })
	set(HasImportance, func() { m.Importance = p.Importance })
	set(HasVerb, func() { m.Verb = p.Verb })
	set(HasAttachments, func() { m.Attachments, m.HasAttachments = p.Attachments, p.HasAttachments })
	set(HasMessageClass, func() { m.MessageClass = p.MessageClass })
	set(HasConversation, func() { m.Conversation = p.Conversation })
	set(HasCategories, func() { m.Categories = p.Categories })
	set(HasPreview, func() { m.Preview = p.Preview })
	set(HasMeeting, func() {
		was := m.Meeting
		if m.Meeting = p.Meeting; was != nil && p.Meeting != nil && was.UID == p.Meeting.UID && p.Meeting.Answer == AnswerNone {
			again := *p.Meeting
			again.Answer = was.Answer // which no server repeats
			m.Meeting = &again
		}
	})
	set(HasDraft, func() { m.Draft = p.Draft })
	set(HasBody, func() {
		if p.Body.Truncated && m.Body.Whole() && p.Body.Type == m.Body.Type && p.Body.Size == m.Body.Size {
			return
		}
		m.Body, m.Size = p.Body, p.Size
	})
	if p.Note != "" {
		m.Note = p.Note
	}
}

// EventFields says which fields a server's change carries.
type EventFields uint32

// The fields of an event that a change may carry by themselves.
const (
	EventUID EventFields = 1 << iota
	EventSubject
	EventLocation
	EventAllDay
	EventStart
	EventEnd
	EventTimeZone
	EventBody
	EventCategories
	EventReminder
	EventSensitivity
	EventBusyStatus
	EventDTStamp
	EventOrganizer
	EventAttendees
	EventMeetingStatus
	EventResponseRequested
	EventResponseType
	EventRecurrence
	EventExceptions
	EventOnlineMeeting
)

// EventPatch is an event of which only Fields are known.
type EventPatch struct {
	Event
	Fields EventFields
	// Partial says that each exception carries only what changed in it.
	Partial bool
}

// Apply writes the known fields of p into e and leaves the others. Exceptions
// are merged by their Start: an exception that the server does not repeat
// stays (MS-ASCAL 2.2.2.21).
func (p *EventPatch) Apply(e *Event) {
	if p.retimes(e) {
		e.Exceptions = nil
	}
	set := func(f EventFields, do func()) {
		if p.Fields&f != 0 {
			do()
		}
	}
	set(EventUID, func() { e.UID = p.UID })
	set(EventSubject, func() { e.Subject = p.Subject })
	set(EventLocation, func() { e.Location = p.Location })
	set(EventAllDay, func() { e.AllDay = p.AllDay })
	set(EventStart, func() { e.Start = p.Start })
	set(EventEnd, func() { e.End = p.End })
	set(EventTimeZone, func() { e.TimeZone = p.TimeZone })
	set(EventBody, func() { e.Body = p.Body })
	set(EventCategories, func() { e.Categories = p.Categories })
	set(EventReminder, func() { e.Reminder = p.Reminder })
	set(EventSensitivity, func() { e.Sensitivity = p.Sensitivity })
	set(EventBusyStatus, func() { e.BusyStatus = p.BusyStatus })
	set(EventDTStamp, func() { e.DTStamp = p.DTStamp })
	set(EventOrganizer, func() { e.Organizer = p.Organizer })
	set(EventAttendees, func() { e.Attendees = p.Attendees })
	set(EventMeetingStatus, func() { e.MeetingStatus = p.MeetingStatus })
	set(EventResponseRequested, func() { e.ResponseRequested = p.ResponseRequested })
	set(EventResponseType, func() { e.ResponseType = p.ResponseType })
	set(EventRecurrence, func() { e.Recurrence = p.Recurrence })
	set(EventOnlineMeeting, func() { e.OnlineMeeting = p.OnlineMeeting })
	set(EventExceptions, func() { e.Exceptions = mergeExceptions(e.Exceptions, p.Exceptions, p.Partial) })
}

// retimes reports whether p gives a series other times. What was particular of its
// occurrences is void then (MS-ASCAL 2.2.2.37).
func (p *EventPatch) retimes(e *Event) bool {
	has := func(f EventFields) bool { return p.Fields&f != 0 }
	if !e.Recurrence.Set || has(EventRecurrence) && !p.Recurrence.Set {
		return false
	}
	return has(EventStart) && !p.Start.Equal(e.Start) || has(EventEnd) && !p.End.Equal(e.End) || has(EventRecurrence) && !p.Recurrence.Equal(e.Recurrence)
}

func mergeExceptions(old, new []Exception, partial bool) []Exception {
	out := append([]Exception(nil), old...)
next:
	for _, x := range new {
		for i := range out {
			if !out[i].Start.Equal(x.Start) {
				continue
			}
			if partial {
				out[i] = out[i].with(x)
			} else {
				out[i] = x
			}
			continue next
		}
		out = append(out, x)
	}
	return out
}

// with is x with the fields that p has.
func (x Exception) with(p Exception) Exception {
	x.Deleted = x.Deleted || p.Deleted
	x.NewStart = or(p.NewStart, x.NewStart)
	x.NewEnd = or(p.NewEnd, x.NewEnd)
	x.AllDay = or(p.AllDay, x.AllDay)
	x.Subject = or(p.Subject, x.Subject)
	x.Location = or(p.Location, x.Location)
	x.Body = or(p.Body, x.Body)
	x.Reminder = or(p.Reminder, x.Reminder)
	x.BusyStatus = or(p.BusyStatus, x.BusyStatus)
	x.Attendees = or(p.Attendees, x.Attendees)
	return x
}

func or[T any](a, b *T) *T {
	if a != nil {
		return a
	}
	return b
}

// Batch is what one answer to a Sync request does to a folder. It is committed
// in one transaction, and only if the folder's key still is From.
type Batch struct {
	Folder FolderID
	From   SyncKey
	To     SyncKey
	Items  []ItemChange
	// More says that the server has more to tell at once (MoreAvailable).
	More bool
	// InStep says that after this batch the folder equals the server's, as far
	// as its period goes. It ends a re-sync: items not told of since are gone.
	InStep bool
	// Unsure says that the answer told nothing although the server has something
	// to tell: what was moved into the folder and not told of is not gone for it.
	Unsure bool
	// Brake is how many deletions are carried out without a question.
	Brake Brake
	// Announce says that the person is to be told of messages that arrive.
	Announce bool
	// Done are journal records that this answer confirmed.
	Done []OpID
	// Named is what the server calls the items that records of Done made.
	Named map[OpID]ServerID
	// Failed are journal records that the server refused, with the reason.
	Failed map[OpID]string
}

// SyncState is what is kept of a folder between two Sync requests.
type SyncState struct {
	Key SyncKey `json:"key"`
	// Filter is the FilterType of the last request that was answered, in its
	// lowest 8 bits; the others are a mark of who asks.
	Filter int `json:"filter"`
	// Resync says that the folder started anew and old items wait to be found again.
	Resync bool `json:"resync,omitempty"`
	// Awaits says that something was moved into the folder that the server has not
	// told of. It is not stored but seen when it is read.
	Awaits bool `json:"-"`
	// Had is how many items were here when the folder was last in step.
	Had int `json:"had,omitempty"`
	// Request is the request under way, byte for byte, so that it can be repeated
	// after a lost answer or a crash. Empty when none is.
	Request []byte `json:"request,omitempty"`
	// RequestOps are the journal records that Request carries.
	RequestOps []OpID `json:"requestOps,omitempty"`
}

// Fresh reports whether the folder starts from nothing: the next request only
// asks for a key.
func (s SyncState) Fresh() bool { return s.Key == KeyNone || s.Key == "" }

// Applied tells what a batch did.
type Applied struct {
	Added, Updated, Removed int
	// Unknown are changes of items that are not here. They are left out: a
	// change is no item.
	Unknown int
	// Dropped are journal records that fell away because the server no longer
	// has their item.
	Dropped []OpID
	// Forked are drafts that were changed elsewhere too: each is two messages now.
	Forked int
	// Withheld are removals that wait for the person.
	Withheld int
	// Arrived are messages that were never seen before, newest last.
	Arrived []Header
}
