package agent

import (
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/engine"
)

// statusLine is a status on the socket, with what its own JSON leaves out.
type statusLine struct {
	activesync.Status
	Done  int    `json:"done,omitempty"`
	Total int    `json:"total,omitempty"`
	Fault *fault `json:"fault,omitempty"`
}

func newStatusLine(s activesync.Status) statusLine {
	return statusLine{s, s.Done, s.Total, newFault(s.Err)}
}

func (l statusLine) status() activesync.Status {
	s := l.Status
	s.Done, s.Total, s.Err = l.Done, l.Total, l.Fault.err()
	return s
}

// eventLine is a notice on the socket. Seq is where to go on from after it.
type eventLine struct {
	Seq string `json:"seq"`
	activesync.Notice
	Status *statusLine `json:"status,omitempty"`
	// Alert is for the screen that is attached by this stream.
	Alert *activesync.Alert `json:"alert,omitempty"`
	// Reason says why the agent ends, in the last line of a stream.
	Reason string `json:"reason,omitempty"`
}

// Lines of a stream that are no notices.
const (
	lineHello activesync.NoticeKind = "hello" // the first one
	lineBye   activesync.NoticeKind = "bye"   // the agent ends
)

func newEventLine(seq string, n activesync.Notice) eventLine {
	l := eventLine{Seq: seq, Notice: n}
	if n.Status != nil {
		s := newStatusLine(*n.Status)
		l.Status, l.Notice.Status = &s, nil
	}
	return l
}

func (l eventLine) notice() activesync.Notice {
	n := l.Notice
	if l.Status != nil {
		s := l.Status.status()
		n.Status = &s
	}
	return n
}

// summaryLine is what a sync did, on the socket.
type summaryLine struct {
	Folders  int               `json:"folders"`
	Added    int               `json:"added"`
	Changed  int               `json:"changed"`
	Deleted  int               `json:"deleted"`
	Duration time.Duration     `json:"duration"`
	Problems map[string]*fault `json:"problems,omitempty"`
}

func newSummaryLine(s engine.Summary) *summaryLine {
	l := &summaryLine{s.Folders, s.Added, s.Changed, s.Deleted, s.Duration, map[string]*fault{}}
	for name, err := range s.Problems {
		l.Problems[name] = newFault(err)
	}
	return l
}

func (l *summaryLine) summary() engine.Summary {
	s := engine.Summary{Folders: l.Folders, Added: l.Added, Changed: l.Changed, Deleted: l.Deleted, Duration: l.Duration,
		Problems: map[string]error{}}
	for name, f := range l.Problems {
		s.Problems[name] = f.err()
	}
	return s
}
