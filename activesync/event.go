package activesync

import (
	"slices"
	"time"
)

// Event is an item of a calendar (MS-ASCAL 2.2.2). A series is one Event with
// a Recurrence and its Exceptions; package calendar expands it.
type Event struct {
	ID     ItemID   `json:"id"`
	Folder FolderID `json:"folder"`

	UID      string    `json:"uid,omitempty"`
	Subject  string    `json:"subject"`
	Location string    `json:"location,omitempty"`
	AllDay   bool      `json:"allDay,omitempty"`
	Start    time.Time `json:"start"` // UTC; of an all-day event, midnight UTC of its date
	End      time.Time `json:"end"`   // exclusive
	// TimeZone is the 172-byte structure of MS-ASDTYPE 2.7.6, empty where the
	// server sent none. It decides how a series crosses a change of the clocks.
	TimeZone    []byte    `json:"timeZone,omitempty"`
	Body        Body      `json:"body,omitzero"`
	Categories  []string  `json:"categories,omitempty"`
	Reminder    *int      `json:"reminder,omitempty"` // minutes before; nil is none
	Sensitivity uint8     `json:"sensitivity,omitempty"`
	BusyStatus  uint8     `json:"busyStatus,omitempty"` // 0 free, 1 tentative, 2 busy, 3 out, 4 working elsewhere
	DTStamp     time.Time `json:"dtStamp,omitzero"`

	Organizer         Address     `json:"organizer,omitzero"`
	Attendees         []Attendee  `json:"attendees,omitempty"`
	MeetingStatus     uint8       `json:"meetingStatus,omitempty"` // bits: 1 meeting, 2 received, 4 cancelled
	ResponseRequested bool        `json:"responseRequested,omitempty"`
	ResponseType      uint8       `json:"responseType,omitempty"` // 1 organizer, 2 tentative, 3 accepted, 4 declined, 5 not responded
	Recurrence        Recurrence  `json:"recurrence,omitzero"`
	Exceptions        []Exception `json:"exceptions,omitempty"`
	OnlineMeeting     string      `json:"onlineMeeting,omitempty"`
}

// Private is the event as one of the person's own. Those who are invited stay out
// of it: a server would invite them in the person's name.
func (e Event) Private() Event {
	e.ID, e.Folder, e.Attendees, e.MeetingStatus, e.ResponseType, e.ResponseRequested = 0, 0, nil, 0, 0, false
	e.Exceptions = slices.Clone(e.Exceptions)
	for i := range e.Exceptions {
		e.Exceptions[i].Attendees = nil
	}
	return e
}

// Attendee of a meeting.
type Attendee struct {
	Address
	Status uint8 `json:"status,omitempty"` // 0 unknown, 2 tentative, 3 accepted, 4 declined, 5 none
	Type   uint8 `json:"type,omitempty"`   // 1 required, 2 optional, 3 resource
}

// Types of a recurrence (MS-ASCAL 2.2.2.45).
const (
	Daily      uint8 = 0
	Weekly     uint8 = 1
	Monthly    uint8 = 2
	MonthlyNth uint8 = 3
	Yearly     uint8 = 5
	YearlyNth  uint8 = 6
)

// AnyDay is the set of all days of the week in Recurrence.DayOfWeek.
const AnyDay = 0b1111111

// Recurrence is the rule of a series (MS-ASCAL 2.2.2.37). A zero Recurrence
// (Interval 0 and Set false) is a single event.
type Recurrence struct {
	Set            bool      `json:"set,omitempty"`
	Type           uint8     `json:"type"` // Daily to YearlyNth
	Interval       int       `json:"interval,omitempty"`
	Occurrences    int       `json:"occurrences,omitempty"`
	Until          time.Time `json:"until,omitzero"`
	DayOfWeek      int       `json:"dayOfWeek,omitempty"` // bits: 1 Sunday … 64 Saturday
	DayOfMonth     int       `json:"dayOfMonth,omitempty"`
	WeekOfMonth    int       `json:"weekOfMonth,omitempty"` // 5 is the last
	MonthOfYear    int       `json:"monthOfYear,omitempty"`
	FirstDayOfWeek int       `json:"firstDayOfWeek,omitempty"` // 0 Sunday
	CalendarType   int       `json:"calendarType,omitempty"`
	LeapMonth      bool      `json:"leapMonth,omitempty"`
}

// Equal reports whether two rules are the same.
func (r Recurrence) Equal(o Recurrence) bool {
	same := r.Until.Equal(o.Until)
	r.Until, o.Until = time.Time{}, time.Time{}
	return same && r == o
}

// Exception is an occurrence that differs from its series. A nil field is as
// in the series; an empty one was emptied for this occurrence.
type Exception struct {
	Start      time.Time   `json:"start"` // ExceptionStartTime or InstanceId: when it would have begun
	Deleted    bool        `json:"deleted,omitempty"`
	NewStart   *time.Time  `json:"newStart,omitempty"`
	NewEnd     *time.Time  `json:"newEnd,omitempty"`
	AllDay     *bool       `json:"allDay,omitempty"`
	Subject    *string     `json:"subject,omitempty"`
	Location   *string     `json:"location,omitempty"`
	Body       *Body       `json:"body,omitempty"`
	Reminder   *int        `json:"reminder,omitempty"` // -1 removes it
	BusyStatus *uint8      `json:"busyStatus,omitempty"`
	Attendees  *[]Attendee `json:"attendees,omitempty"`
}

// Occurrence is one appearance of an event in an agenda. An all-day one begins
// and ends at midnight where the person is.
type Occurrence struct {
	Event    ItemID    `json:"id"`
	Folder   FolderID  `json:"folder"`
	Subject  string    `json:"subject"`
	Location string    `json:"location,omitempty"`
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"`
	AllDay   bool      `json:"allDay"`
	Series   bool      `json:"series"`
	// OriginalStart is when the series has it, of all-day events midnight UTC of
	// the date; it names the occurrence.
	OriginalStart time.Time `json:"originalStart"`
	BusyStatus    uint8     `json:"busyStatus"`
	Cancelled     bool      `json:"cancelled,omitempty"`
	ResponseType  uint8     `json:"responseType,omitempty"`
}
