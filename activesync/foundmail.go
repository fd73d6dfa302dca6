package activesync

import "time"

// MailQuery is what is looked for on the server. Words are all to be in a
// message; without Folders the whole mailbox is searched.
type MailQuery struct {
	Words   string     `json:"words"`
	Folders []ServerID `json:"folders,omitempty"`
	After   time.Time  `json:"after,omitzero"`
	Before  time.Time  `json:"before,omitzero"`
}

// FoundMessage is a message that the server found. It is named by LongID, or
// by Folder and ServerID; servers give the one or the other.
type FoundMessage struct {
	Header   Header   `json:"header"`
	LongID   string   `json:"longId,omitempty"`
	Folder   ServerID `json:"folder,omitempty"`
	ServerID ServerID `json:"serverId,omitempty"`
}

// FoundMail is an answer of the server's search.
type FoundMail struct {
	Messages []FoundMessage `json:"messages"`
	Total    int            `json:"total"` // how many there are; more than were asked for may be
}
