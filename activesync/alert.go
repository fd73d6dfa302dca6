package activesync

// Look is what the person has before them on a screen that is attached.
type Look struct {
	// Folder is the mailbox whose list is on screen, 0 for none.
	Folder FolderID `json:"folder,omitempty"`
	// Away says that the person looks elsewhere, as far as the terminal and the
	// keys tell.
	Away bool `json:"away,omitempty"`
}

// Alert is what a screen is asked to do for a notification.
type Alert struct {
	// ID names the notification; one of the same name takes its place.
	ID    string `json:"id,omitempty"`
	Title string `json:"title,omitempty"`
	Body  string `json:"body,omitempty"`
	// Withdraw takes the notification of this name away.
	Withdraw bool `json:"withdraw,omitempty"`
	// Open is a message to show, with Reply to answer it.
	Open  ItemID `json:"open,omitempty"`
	Reply bool   `json:"reply,omitempty"`
}
