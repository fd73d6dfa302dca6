package activesync

// PhishingReport is what became of a message that was reported.
type PhishingReport struct {
	To   []string `json:"to"`             // whom it was reported to
	Into string   `json:"into,omitempty"` // the folder that it is moved to, "" where it stays
	Ops  []OpID   `json:"ops"`            // what Undo takes back: the move
}
