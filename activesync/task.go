package activesync

import "time"

// Task is something to be done (MS-ASTASK). Start and Due are the person's
// days; the moments that go with them are UTCStart and UTCDue.
type Task struct {
	Subject     string     `json:"subject"`
	Body        Body       `json:"body"`
	Categories  []string   `json:"categories,omitempty"`
	Importance  Importance `json:"importance,omitempty"`
	Start       time.Time  `json:"start,omitzero"`
	UTCStart    time.Time  `json:"utcStart,omitzero"`
	Due         time.Time  `json:"due,omitzero"`
	UTCDue      time.Time  `json:"utcDue,omitzero"`
	Complete    bool       `json:"complete,omitempty"`
	Completed   time.Time  `json:"completed,omitzero"`
	Sensitivity uint8      `json:"sensitivity,omitempty"`
	Reminder    time.Time  `json:"reminder,omitzero"`
	Recurrence  Recurrence `json:"recurrence,omitzero"`
	// Begins is when the recurrence starts. Regenerates: the next one is made when
	// this one is done. DeadOccurrence: this one recurs no more.
	Begins         time.Time `json:"begins,omitzero"`
	Regenerates    bool      `json:"regenerates,omitempty"`
	DeadOccurrence bool      `json:"deadOccurrence,omitempty"`
}

// Note is a note (MS-ASNOTE), of 14.0 on. Modified is set by the server.
type Note struct {
	Subject    string    `json:"subject"`
	Body       Body      `json:"body"`
	Categories []string  `json:"categories,omitempty"`
	Modified   time.Time `json:"modified,omitzero"`
}
