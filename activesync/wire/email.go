package wire

// Email is the ApplicationData of a message (MS-ASEMAIL 2.2.2, MS-ASAIRS
// 2.2.2). A nil field is absent. The order is the one servers use.
type Email struct {
	To           *string         `wbxml:"Email:To"`
	Cc           *string         `wbxml:"Email:Cc"`
	From         *string         `wbxml:"Email:From"`
	Subject      *string         `wbxml:"Email:Subject"`
	ReplyTo      *string         `wbxml:"Email:ReplyTo"`
	DateReceived *Stamp          `wbxml:"Email:DateReceived"`
	DisplayTo    *string         `wbxml:"Email:DisplayTo"`
	ThreadTopic  *string         `wbxml:"Email:ThreadTopic"`
	Importance   *Number         `wbxml:"Email:Importance"`
	Read         *Switch         `wbxml:"Email:Read"`
	Attachments  *Attachments    `wbxml:"AirSyncBase:Attachments"`
	Body         *Body           `wbxml:"AirSyncBase:Body"`
	MessageClass *string         `wbxml:"Email:MessageClass"`
	Meeting      *MeetingRequest `wbxml:"Email:MeetingRequest"`
	InternetCPID *Number         `wbxml:"Email:InternetCPID"`
	Flag         *Flag           `wbxml:"Email:Flag"`
	ContentClass *string         `wbxml:"Email:ContentClass"`

	NativeBodyType        *Number     `wbxml:"AirSyncBase:NativeBodyType"`
	ConversationID        []byte      `wbxml:"Email2:ConversationId,opaque,omitempty"`    // 14.0 on
	ConversationIndex     []byte      `wbxml:"Email2:ConversationIndex,opaque,omitempty"` // 14.0 on
	LastVerbExecuted      *Number     `wbxml:"Email2:LastVerbExecuted"`                   // 14.0 on
	LastVerbExecutionTime *Stamp      `wbxml:"Email2:LastVerbExecutionTime"`              // 14.0 on
	ReceivedAsBcc         *Switch     `wbxml:"Email2:ReceivedAsBcc"`                      // 14.0 on
	Sender                *string     `wbxml:"Email2:Sender"`                             // 14.0 on
	Categories            *Categories `wbxml:"Email:Categories"`                          // 14.0 on
	Bcc                   *string     `wbxml:"Email2:Bcc"`                                // 16.0 on
	IsDraft               *Switch     `wbxml:"Email2:IsDraft"`                            // 16.0 on
}

// Categories of a message. Empty clears them, absent leaves them.
type Categories struct {
	Names []string `wbxml:"Email:Category"`
}

// Flag is the follow-up flag; an empty one is none (MS-ASEMAIL 2.2.2.34). The
// start and due dates stand all four or not at all.
type Flag struct {
	Status        *Number `wbxml:"Email:Status"`
	FlagType      *string `wbxml:"Email:FlagType"`
	DateCompleted *Stamp  `wbxml:"Tasks:DateCompleted"`
	CompleteTime  *Stamp  `wbxml:"Email:CompleteTime"`
	StartDate     *Stamp  `wbxml:"Tasks:StartDate"`
	DueDate       *Stamp  `wbxml:"Tasks:DueDate"`
	UTCStartDate  *Stamp  `wbxml:"Tasks:UtcStartDate"`
	UTCDueDate    *Stamp  `wbxml:"Tasks:UtcDueDate"`
}

// MeetingRequest is the invitation in a message (MS-ASEMAIL 2.2.2.49). Up to
// 14.1 the place is text and the id a GlobalObjId, later a Location and a UID.
type MeetingRequest struct {
	AllDayEvent       *Switch      `wbxml:"Email:AllDayEvent"`
	StartTime         *Stamp       `wbxml:"Email:StartTime"`
	DtStamp           *Stamp       `wbxml:"Email:DtStamp"`
	EndTime           *Stamp       `wbxml:"Email:EndTime"`
	InstanceType      *Number      `wbxml:"Email:InstanceType"`
	PlainLocation     *string      `wbxml:"Email:Location"` // up to 14.1
	Location          *Location    `wbxml:"AirSyncBase:Location"`
	Organizer         *string      `wbxml:"Email:Organizer"`
	RecurrenceID      *Stamp       `wbxml:"Email:RecurrenceId"`
	Reminder          *Number      `wbxml:"Email:Reminder"` // seconds
	ResponseRequested *Switch      `wbxml:"Email:ResponseRequested"`
	Recurrences       *Recurrences `wbxml:"Email:Recurrences"`
	Sensitivity       *Number      `wbxml:"Email:Sensitivity"`
	BusyStatus        *Number      `wbxml:"Email:BusyStatus"`
	TimeZone          *string      `wbxml:"Email:TimeZone"`    // base64
	GlobalObjID       *string      `wbxml:"Email:GlobalObjId"` // base64, up to 14.1
	UID               *string      `wbxml:"Calendar:UID"`      // 16.0 on

	DisallowNewTimeProposal *Switch `wbxml:"Email:DisallowNewTimeProposal"`
	MeetingMessageType      *Number `wbxml:"Email2:MeetingMessageType"` // 14.1 on
}

// Recurrences holds the rule of the series that is invited to.
type Recurrences struct {
	Recurrence EmailRecurrence `wbxml:"Email:Recurrence"`
}

// EmailRecurrence is Recurrence with the names that messages use.
type EmailRecurrence struct {
	Type           *Number `wbxml:"Email:Type"`
	Interval       *Number `wbxml:"Email:Interval"`
	Until          *Stamp  `wbxml:"Email:Until"`
	Occurrences    *Number `wbxml:"Email:Occurrences"`
	WeekOfMonth    *Number `wbxml:"Email:WeekOfMonth"`
	DayOfMonth     *Number `wbxml:"Email:DayOfMonth"`
	DayOfWeek      *Number `wbxml:"Email:DayOfWeek"`
	MonthOfYear    *Number `wbxml:"Email:MonthOfYear"`
	CalendarType   *Number `wbxml:"Email2:CalendarType"`
	IsLeapMonth    *Switch `wbxml:"Email2:IsLeapMonth"`
	FirstDayOfWeek *Number `wbxml:"Email2:FirstDayOfWeek"`
}
