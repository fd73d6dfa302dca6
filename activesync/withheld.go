package activesync

// Brake is how many deletions by the server are carried out without a question.
// The zero value carries out all.
type Brake struct {
	// Items and Share: from one in-step state of a folder to the next, more than
	// so many items and more than this share of the folder are withheld.
	Items int
	Share float64
}

// DefaultBrake stops at more than 50 items and a third of the folder.
func DefaultBrake() Brake { return Brake{Items: 50, Share: 1.0 / 3} }

// Stops reports whether so many deletions in a folder of so many items have to
// be confirmed.
func (b Brake) Stops(deletions, items int) bool {
	return b.Items > 0 && deletions > b.Items && float64(deletions) > b.Share*float64(items)
}

// Withheld are items of a folder that the server says are gone and that stay
// here until the person decides.
type Withheld struct {
	Folder FolderID `json:"folder"`
	Items  []ItemID `json:"items"`
	// Kept are those that the person chose to keep; the server does not have them.
	Kept int `json:"kept,omitempty"`
}

// Decision is what becomes of withheld items.
type Decision string

// The choices of the review.
const (
	DecideKeep   Decision = "keep"   // they stay, on this machine only
	DecideAccept Decision = "accept" // they are removed here too
	DecideAgain  Decision = "again"  // the server is asked for the whole folder again
)
