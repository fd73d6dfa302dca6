package contacts

// Answer is how far the search of the organisation's address list has come.
type Answer string

// The answers.
const (
	NotAsked    Answer = ""            // too few letters, or nobody to ask
	Asking      Answer = "asking"      // a NoticePeople will tell
	Answered    Answer = "answered"    // what it knows is among the matches
	Unavailable Answer = "unavailable" // it cannot be asked now, or there is none
)

// Completion are those whom letters typed into To, Cc or Bcc may mean.
type Completion struct {
	Matches []Match `json:"matches"`
	Listed  Answer  `json:"listed,omitempty"`
	Why     string  `json:"why,omitempty"` // the list is unavailable
}

// Setting is what Settings › Sync with Local Contacts shows of an account.
type Setting struct {
	Status
	Default   string    `json:"default"`             // the directory unless the person names another
	Fields    Selection `json:"fields"`              // which fields leave this program
	Forbidden string    `json:"forbidden,omitempty"` // why contacts may not leave it
	// Override: other programs that sync contacts are no reason not to.
	Override bool `json:"override"`
}

// Switch turns Sync with Local Contacts on or off. Off, Remove takes away what
// was written.
type Switch struct {
	On     bool   `json:"on"`
	Dir    string `json:"dir,omitempty"`
	Remove bool   `json:"remove,omitempty"`
}
