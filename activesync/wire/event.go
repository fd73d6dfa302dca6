package wire

// Calendar is the ApplicationData of an event (MS-ASCAL 2.2.2). A nil field is
// absent.
type Calendar struct {
	Timezone       *string     `wbxml:"Calendar:Timezone"` // base64 of 172 bytes
	AllDayEvent    *Switch     `wbxml:"Calendar:AllDayEvent"`
	BusyStatus     *Number     `wbxml:"Calendar:BusyStatus"`
	OrganizerName  *string     `wbxml:"Calendar:OrganizerName"`
	OrganizerEmail *string     `wbxml:"Calendar:OrganizerEmail"`
	DtStamp        *Stamp      `wbxml:"Calendar:DtStamp"`
	EndTime        *Stamp      `wbxml:"Calendar:EndTime"`
	PlainLocation  *string     `wbxml:"Calendar:Location"`    // up to 14.1
	Location       *Location   `wbxml:"AirSyncBase:Location"` // 16.0 on
	Reminder       *Number     `wbxml:"Calendar:Reminder"`    // minutes; empty is none
	Sensitivity    *Number     `wbxml:"Calendar:Sensitivity"`
	Subject        *string     `wbxml:"Calendar:Subject"`
	StartTime      *Stamp      `wbxml:"Calendar:StartTime"`
	UID            *string     `wbxml:"Calendar:UID"`
	ClientUID      *string     `wbxml:"Calendar:ClientUid"` // requests, 16.0 on
	MeetingStatus  *Number     `wbxml:"Calendar:MeetingStatus"`
	Attendees      *Attendees  `wbxml:"Calendar:Attendees"`
	Categories     *EventTags  `wbxml:"Calendar:Categories"`
	Recurrence     *Recurrence `wbxml:"Calendar:Recurrence"`
	Exceptions     *Exceptions `wbxml:"Calendar:Exceptions"`
	// InstanceID says that this is one occurrence of a series, from 16.0 on.
	InstanceID *Stamp `wbxml:"AirSyncBase:InstanceId"`

	ResponseRequested         *Switch      `wbxml:"Calendar:ResponseRequested"`
	ResponseType              *Number      `wbxml:"Calendar:ResponseType"`              // 14.0 on
	AppointmentReplyTime      *Stamp       `wbxml:"Calendar:AppointmentReplyTime"`      // 14.0 on
	DisallowNewTimeProposal   *Switch      `wbxml:"Calendar:DisallowNewTimeProposal"`   // 14.0 on
	OnlineMeetingConfLink     *string      `wbxml:"Calendar:OnlineMeetingConfLink"`     // 14.1 on
	OnlineMeetingExternalLink *string      `wbxml:"Calendar:OnlineMeetingExternalLink"` // 14.1 on
	Attachments               *Attachments `wbxml:"AirSyncBase:Attachments"`            // 16.0 on
	Body                      *Body        `wbxml:"AirSyncBase:Body"`
	NativeBodyType            *Number      `wbxml:"AirSyncBase:NativeBodyType"`
}

// EventTags are the categories of an event.
type EventTags struct {
	Names []string `wbxml:"Calendar:Category"`
}

// Attendees of a meeting.
type Attendees struct {
	Attendees []Attendee `wbxml:"Calendar:Attendee"`
}

// Attendee of a meeting. Status is not for requests from 16.0 on.
type Attendee struct {
	Email  string  `wbxml:"Calendar:Email"`
	Name   string  `wbxml:"Calendar:Name"`
	Status *Number `wbxml:"Calendar:AttendeeStatus"`
	Type   *Number `wbxml:"Calendar:AttendeeType"`
}

// Recurrence is the rule of a series (MS-ASCAL 2.2.2.37).
type Recurrence struct {
	Type           *Number `wbxml:"Calendar:Type"`
	Occurrences    *Number `wbxml:"Calendar:Occurrences"`
	Interval       *Number `wbxml:"Calendar:Interval"`
	WeekOfMonth    *Number `wbxml:"Calendar:WeekOfMonth"`
	DayOfWeek      *Number `wbxml:"Calendar:DayOfWeek"`
	MonthOfYear    *Number `wbxml:"Calendar:MonthOfYear"`
	Until          *Stamp  `wbxml:"Calendar:Until"`
	DayOfMonth     *Number `wbxml:"Calendar:DayOfMonth"`
	CalendarType   *Number `wbxml:"Calendar:CalendarType"`   // 14.0 on
	IsLeapMonth    *Switch `wbxml:"Calendar:IsLeapMonth"`    // 14.0 on
	FirstDayOfWeek *Number `wbxml:"Calendar:FirstDayOfWeek"` // 14.1 on
}

// Exceptions are the occurrences that differ from their series.
type Exceptions struct {
	Exceptions []Exception `wbxml:"Calendar:Exception"`
}

// Exception is one occurrence, named by ExceptionStartTime up to 14.1 and by
// InstanceID later. A nil field is as in the series, an empty one was emptied.
type Exception struct {
	Deleted            *Switch    `wbxml:"Calendar:Deleted"`
	ExceptionStartTime *Stamp     `wbxml:"Calendar:ExceptionStartTime"`
	InstanceID         *Stamp     `wbxml:"AirSyncBase:InstanceId"`
	Subject            *string    `wbxml:"Calendar:Subject"`
	StartTime          *Stamp     `wbxml:"Calendar:StartTime"`
	EndTime            *Stamp     `wbxml:"Calendar:EndTime"`
	Body               *Body      `wbxml:"AirSyncBase:Body"`
	PlainLocation      *string    `wbxml:"Calendar:Location"`
	Location           *Location  `wbxml:"AirSyncBase:Location"`
	Categories         *EventTags `wbxml:"Calendar:Categories"`
	Sensitivity        *Number    `wbxml:"Calendar:Sensitivity"`
	BusyStatus         *Number    `wbxml:"Calendar:BusyStatus"`
	AllDayEvent        *Switch    `wbxml:"Calendar:AllDayEvent"`
	Reminder           *Number    `wbxml:"Calendar:Reminder"`
	DtStamp            *Stamp     `wbxml:"Calendar:DtStamp"`
	MeetingStatus      *Number    `wbxml:"Calendar:MeetingStatus"`
	Attendees          *Attendees `wbxml:"Calendar:Attendees"` // 14.0 on
	ResponseType       *Number    `wbxml:"Calendar:ResponseType"`
}
