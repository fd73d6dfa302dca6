package notify

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

// Notice is one notification. Its texts are clean: one line each, without
// control characters.
type Notice struct {
	// ID names the notification; a later one of the same name takes its place
	// where the backend can do that. Letters and digits.
	ID    string
	Title string
	Body  string // may be empty

	Kind    activesync.NotifyKind
	Account activesync.AccountID
	Items   []activesync.ItemID // what it is about
	Actions []Action
	// Content is how much of what it is about it tells.
	Content activesync.NotifyContent
	// Urgent says that it should not go away by itself.
	Urgent bool
}

// Action is what a person can do from a notification.
type Action struct {
	Key   string
	Label string
}

// The keys of actions. ActOpen is what a click on the notification does.
const (
	ActOpen      = "default"
	ActReply     = "reply"
	ActRead      = "read"
	ActArchive   = "archive"
	ActDelete    = "delete"
	ActSnooze    = "snooze"
	ActAccept    = "accept"
	ActTentative = "tentative"
	ActDecline   = "decline"
	// ActInline is an answer written into the notification itself; desktops that
	// know it take it in place of ActReply.
	ActInline = "inline-reply"
)

// Mail is a message that has arrived, as far as a notification tells of it.
type Mail struct {
	Account activesync.AccountID
	Folder  string // its name
	Item    activesync.ItemID
	From    activesync.Address
	Subject string
	Preview string // first words; may be empty
	Date    time.Time
}

// Longest texts, in characters. Terminals cut or drop longer ones.
const (
	maxTitle = 80
	maxBody  = 200
	maxNames = 3
)

// Summarise makes one notification of messages that arrived together, as far
// as the level lets it. It reports false where there is nothing to be said.
func Summarise(mails []Mail, level activesync.NotifyContent) (Notice, bool) {
	level = level.Stricter(activesync.ContentAllow) // an unknown one blocks
	if len(mails) == 0 || level == activesync.ContentBlock {
		return Notice{}, false
	}
	n := Notice{ID: "mail" + mails[len(mails)-1].Item.String()}
	switch {
	case level == activesync.ContentCount:
		n.Title = count(mails)
	case len(mails) > 1:
		n.Title, n.Body = count(mails), senders(mails)
	default:
		m := mails[0]
		n.Title = m.From.Label()
		if level == activesync.ContentAllow {
			n.Body = m.Subject
			if preview := strings.TrimSpace(m.Preview); preview != "" {
				n.Body = strings.TrimSpace(n.Body + " – " + preview)
			}
		}
		if cleanLine(n.Title, maxTitle) == "" {
			n.Title = count(mails)
		}
	}
	n.Title, n.Body = cleanLine(n.Title, maxTitle), cleanLine(n.Body, maxBody)
	return n, true
}

// count is "3 new messages in Inbox".
func count(mails []Mail) string {
	s := "1 new message"
	if len(mails) > 1 {
		s = fmt.Sprintf("%d new messages", len(mails))
	}
	var folders []string
	accounts := map[activesync.AccountID]bool{}
	for _, m := range mails {
		accounts[m.Account] = true
		if m.Folder != "" && !slices.Contains(folders, m.Folder) {
			folders = append(folders, m.Folder)
		}
	}
	switch {
	case len(accounts) > 1:
		return fmt.Sprintf("%s in %d accounts", s, len(accounts))
	case len(folders) == 0:
		return s
	case len(folders) == 1:
		return s + " in " + folders[0]
	case len(folders) == 2:
		return s + " in " + folders[0] + " and " + folders[1]
	}
	return fmt.Sprintf("%s in %d mailboxes", s, len(folders))
}

// senders are the names of those who wrote, each once, the newest first.
func senders(mails []Mail) string {
	var names []string
	for _, m := range slices.Backward(mails) {
		if name := cleanLine(m.From.Label(), 40); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if more := len(names) - maxNames; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:maxNames], ", "), more)
	}
	return strings.Join(names, ", ")
}
