package action

import "eas.example/securemail/activesync"

// The actions.
const (
	Down        ID = "down"
	Up          ID = "up"
	PageDown    ID = "page-down"
	PageUp      ID = "page-up"
	HalfDown    ID = "half-page-down"
	HalfUp      ID = "half-page-up"
	First       ID = "first"
	Last        ID = "last"
	Open        ID = "open"
	Back        ID = "back"
	NextPane    ID = "next-pane"
	PrevPane    ID = "previous-pane"
	Right       ID = "right"
	Left        ID = "left"
	NextMessage ID = "next-message"
	PrevMessage ID = "previous-message"

	Write       ID = "compose"
	Reply       ID = "reply"
	ReplyAll    ID = "reply-all"
	Forward     ID = "forward"
	Archive     ID = "archive"
	Junk        ID = "junk"
	Delete      ID = "delete"
	MoveTo      ID = "move"
	Read        ID = "read"
	Flag        ID = "flag"
	VIP         ID = "vip-sender"
	Report      ID = "report-phishing"
	Mark        ID = "mark"
	MarkAll     ID = "mark-all"
	Unmark      ID = "unmark-all"
	Undo        ID = "undo"
	Links       ID = "links"
	Save        ID = "save-attachment"
	Details     ID = "details"
	Source      ID = "source"
	Browser     ID = "open-in-browser"
	Pipe        ID = "pipe"
	Pictures    ID = "fetch-pictures"
	GiveKey     ID = "give-key"
	Older       ID = "older-in-conversation"
	Newer       ID = "newer-in-conversation"
	Unfold      ID = "unfold"
	UnfoldNext  ID = "unfold-next"
	OpenPart    ID = "open-attached-message"
	OpenFile    ID = "open-attachment"
	Preview     ID = "preview-attachment"
	StopFile    ID = "stop-download"
	Accept      ID = "accept"
	Tentative   ID = "accept-tentatively"
	Decline     ID = "decline"
	Comment     ID = "answer-with-comment"
	Entry       ID = "calendar-entry"
	Find        ID = "search"
	FindAll     ID = "search-all"
	FindNext    ID = "search-next"
	FindPrev    ID = "search-previous"
	UnreadOnly  ID = "unread-only"
	CheckNow    ID = "check-now"
	SyncOptions ID = "sync-options"
	Frequency   ID = "check-frequency"
	Period      ID = "period"
	GoInbox     ID = "inbox"
	GoNewMail   ID = "new-mail"

	Today   ID = "today"
	NextDay ID = "next-day"
	PrevDay ID = "previous-day"
	// What is done to events.
	NewEvent    ID = "new-event"
	EditEvent   ID = "edit-event"
	DeleteEvent ID = "delete-event"

	GoMail        ID = "mail"
	GoPeople      ID = "people"
	GoCalendar    ID = "calendar"
	GoSettings    ID = "settings"
	GoOutbox      ID = "outbox"
	Resume        ID = "resume-draft"
	AutoRefresh   ID = "auto-refresh"
	Background    ID = "background"
	Notifications ID = "notifications"
	LocalContacts ID = "local-contacts"
	Policies      ID = "policies"
	Security      ID = "security"
	AddAccount    ID = "add-account"
	Toggle        ID = "toggle"

	Retry   ID = "retry"
	Discard ID = "discard"
	// EditSent takes a message of the outbox back, SendLater says when one is sent.
	EditSent  ID = "edit-outgoing"
	SendLater ID = "send-later"
	// What a message asks for, and what is put into it.
	Markdown   ID = "markdown"
	Importance ID = "importance"
	Receipts   ID = "receipts"
	From       ID = "from"
	Others     ID = "other-drafts"
	Template   ID = "template"
	PutPicture ID = "put-picture"
	Spelling   ID = "spelling"
	AttachMail ID = "attach-message"
	// Answers of other kinds.
	ReplyFiles  ID = "reply-with-attachments"
	ForwardMail ID = "forward-as-attachment"
	EditAsNew   ID = "edit-as-new"
	Resend      ID = "resend"
	Postpone    ID = "change-time"
	Review      ID = "review-removals"
	Versions    ID = "versions"
	Problems    ID = "problems"
	Reminders   ID = "reminders"
	ExportOp    ID = "export-record"

	Send     ID = "send"
	Attach   ID = "attach"
	Detach   ID = "remove-attachment"
	Editor   ID = "editor"
	UndoEdit ID = "undo-edit"
	RedoEdit ID = "redo-edit"
	Close    ID = "close-draft"

	More    ID = "more"
	Palette ID = "palette"
	Help    ID = "help"
	Redraw  ID = "redraw"
	Leave   ID = "leave"
	QuitAll ID = "quit-everything"
)

// All is the table.
func All() []Action {
	var all []Action
	for _, part := range []struct {
		group   Group
		actions []Action
	}{
		{Moving, moving()}, {Message, mail()}, {Box, boxes()}, {Box, onServer()}, {Person, people()}, {Dates, dates()}, {Writing, writing()},
		{Sending, sending()}, {Choosing, settings()}, {Program, program()},
	} {
		for _, a := range part.actions {
			a.Group = part.group
			all = append(all, a)
		}
	}
	return all
}

func moving() []Action {
	return []Action{
		{ID: Down, Name: "Down", Help: "Go one row down, or one line in a text.", Keys: []string{"j", "down"}, In: Pages},
		{ID: Up, Name: "Up", Help: "Go one row up, or one line in a text.", Keys: []string{"k", "up"}, In: Pages},
		{ID: PageDown, Name: "Page down", Help: "Go one screen down.", Keys: []string{"pgdown", "ctrl+f", "space"}, In: Pages},
		{ID: PageUp, Name: "Page up", Help: "Go one screen up.", Keys: []string{"pgup", "ctrl+b"}, In: Pages},
		{ID: HalfDown, Name: "Half a page down", Help: "Go half a screen down.", Keys: []string{"ctrl+d"}, In: Pages},
		{ID: HalfUp, Name: "Half a page up", Help: "Go half a screen up.", Keys: []string{"ctrl+u"}, In: Pages},
		{ID: First, Name: "First", Help: "Go to the start.", Keys: []string{"g g", "home"}, In: Pages},
		{ID: Last, Name: "Last", Help: "Go to the end.", Keys: []string{"G", "end"}, In: Pages},
		{ID: Open, Name: "Open", Help: "Open what is selected. A message counts as read once it is opened, not when one passes over it.", Keys: []string{"enter"}, In: Lists},
		{ID: Back, Name: "Back", Help: "Go back, or drop the marks.", Keys: []string{"esc", "backspace"}, In: Pages},
		{ID: NextPane, Name: "Next pane", Help: "Go to the next pane.", Keys: []string{"tab"}, In: Pages},
		{ID: PrevPane, Name: "Previous pane", Help: "Go to the previous pane.", Keys: []string{"shift+tab"}, In: Pages},
		{ID: Right, Name: "Right", Help: "Go to the pane on the right, or open.", Keys: []string{"l", "right"}, In: Pages},
		{ID: Left, Name: "Left", Help: "Go to the pane on the left.", Keys: []string{"h", "left"}, In: Pages},
		{ID: NextMessage, Name: "Next message", Help: "Open the next message.", Keys: []string{"J", "ctrl+n"}, In: Messages | Reader, Need: needMessage},
		{ID: PrevMessage, Name: "Previous message", Help: "Open the previous message.", Keys: []string{"K", "ctrl+p"}, In: Messages | Reader, Need: needMessage},
	}
}

func mail() []Action {
	on := Messages | Reader
	return []Action{
		{ID: Write, Name: "Write a message", Help: "Write a new message; among people, to the one selected.", Also: "new compose mail", Keys: []string{"c"}, In: Mail | Contacts | Calendar | Outbox, Need: needAccount},
		{ID: Reply, Name: "Reply", Help: "Answer the sender.", Also: "answer", Keys: []string{"r"}, In: on, More: true, Need: needMessage},
		{ID: ReplyAll, Name: "Reply all", Help: "Answer the sender and everyone else who got it.", Also: "answer group", Keys: []string{"a"}, In: on, More: true, Need: needMessage},
		{ID: Forward, Name: "Forward", Help: "Send it on to someone else.", Keys: []string{"f"}, In: on, More: true, Need: needMessage},
		{ID: ReplyFiles, Name: "Reply with attachments", Help: "Answer the sender and send what was attached back with it.", Keys: []string{"R"}, In: on, More: true, Need: needMessage},
		{ID: ForwardMail, Name: "Forward as attachment", Help: "Send the message on as it is, attached to yours.", Also: "eml", Keys: []string{"F"}, In: on, More: true, Need: needMessage},
		{ID: EditAsNew, Name: "Edit as new", Help: "Begin a new message with everything that is in this one.", Also: "copy template again", Keys: []string{"ctrl+e"}, In: on, More: true, Need: needMessage},
		{ID: Resend, Name: "Send again", Help: "Send a message of yours once more, to the same people or others.", Also: "resend", In: on, More: true, Need: needOwn},
		{ID: Archive, Name: "Archive", Help: "Move it to the archive mailbox.", Keys: []string{"e"}, In: on, More: true, Need: needMessages},
		{ID: Junk, Name: "Move to Junk", Help: "Move it to the mailbox for junk, or from there back to the Inbox.", Also: "spam unwanted not", Keys: []string{"!"}, In: on, More: true, Need: needMessages,
			Label: func(f Facts) string {
				if f.Folder != nil && f.Folder.IsJunk() {
					return "Not junk"
				}
				return "Move to Junk"
			}},
		{ID: Delete, Name: "Delete", Help: "Move it to Deleted Items; from there, delete it for good.", Also: "trash remove", Keys: []string{"d", "delete"}, In: on, More: true, Need: needMessages},
		{ID: MoveTo, Name: "Move to…", Help: "Move it to another mailbox.", Also: "folder file", Keys: []string{"m"}, In: on, More: true, Need: needMessages},
		{ID: Read, Name: "Read or unread", Help: "Mark it as read, or as unread.", Also: "mark seen new", Keys: []string{"u"}, In: on, More: true, Need: needMessages,
			Label: func(f Facts) string {
				if f.Message != nil && !f.Unread {
					return "Mark as unread"
				}
				return "Mark as read"
			}},
		{ID: Flag, Name: "Flag", Help: "Flag it for follow-up, or take the flag away.", Also: "star follow-up", Keys: []string{"s"}, In: on, More: true, Need: needMessages,
			Label: func(f Facts) string {
				if f.Message != nil && f.Message.Flag == activesync.FlagActive {
					return "Remove the flag"
				}
				return "Flag"
			}},
		{ID: VIP, Name: "VIP sender", Help: "Make the sender one of those whose mail you are told of where only VIPs count, or no more.", Also: "notifications important person", In: on, More: true, Need: needMessage},
		{ID: Report, Name: "Report phishing", Help: "Send the message to those whom your organisation named for it, and move it to Junk.", Also: "junk spam fraud suspicious", In: on, More: true, Policy: "report_phishing_addresses", Need: needMessage},
		{ID: Mark, Name: "Mark", Help: "Mark the message, to act on several at once.", Also: "select", Keys: []string{"x"}, In: Messages, Need: needMessage},
		{ID: MarkAll, Name: "Mark all", Help: "Mark all messages that the list shows, to act on them at once.", Also: "select everything mailbox read empty", Keys: []string{"*", "ctrl+a"}, In: Messages, Need: needMessage},
		{ID: Unmark, Name: "Drop the marks", Help: "Unmark all messages.", Keys: []string{"X"}, In: Messages, Need: func(f Facts) string { return unless(f.Marked > 0, "No message is marked.") }},
		{ID: Undo, Name: "Undo", Help: "Take the last change back.", Also: "revert", Keys: []string{"z"}, In: Pages,
			Label: func(f Facts) string {
				if f.Undo != "" {
					return "Undo: " + f.Undo
				}
				return "Undo"
			},
			Need: func(f Facts) string { return unless(f.Undo != "", "There is nothing to take back.") }},
		{ID: Links, Name: "Open a link…", Help: "Open a link of the message or event by its number.", Also: "url join meeting", Keys: []string{"L"}, In: on | Event, More: true,
			Need: func(f Facts) string { return unless(f.Links > 0, "There are no links in what is shown.") }},
		{ID: Accept, Name: "Accept", Help: "Accept the invitation; the organiser is told.", Also: "invitation meeting yes rsvp", Keys: []string{"A"}, In: on | Calendar, More: true, Need: needInvitation},
		{ID: Tentative, Name: "Accept as tentative", Help: "Say that you may come.", Also: "invitation meeting maybe perhaps rsvp", Keys: []string{"T"}, In: on | Calendar, More: true, Need: needInvitation},
		{ID: Decline, Name: "Decline", Help: "Decline the invitation; the organiser is told.", Also: "invitation meeting no refuse rsvp", Keys: []string{"D"}, In: on | Calendar, More: true, Need: needInvitation},
		{ID: Comment, Name: "Answer with a comment…", Help: "Answer the invitation and say something to the organiser, or nothing at all.", Also: "invitation meeting rsvp silent", Keys: []string{"y"}, In: on | Calendar, More: true, Need: needInvitation},
		{ID: Entry, Name: "Add to calendar", Help: "Put the event of a calendar file into the calendar, or take a cancelled one out.", Also: "ics event invitation import remove", Keys: []string{"+"}, In: on, More: true,
			Label: func(f Facts) string {
				if f.Entry == "remove" {
					return "Remove from calendar"
				}
				return "Add to calendar"
			},
			Need: func(f Facts) string {
				return unless(f.Entry != "", "The message shown has no event to be put into the calendar.")
			}},
		{ID: Save, Name: "Save an attachment…", Help: "Save an attached file.", Also: "download file", Keys: []string{"S"}, In: on, More: true, Need: needFiles},
		{ID: OpenFile, Name: "Open an attachment…", Help: "Open an attached file with the system's program for it.", Also: "launch xdg-open view file", Keys: []string{"O"}, In: on, More: true, Policy: "open_in", Need: needFiles},
		{ID: Preview, Name: "Preview an attachment…", Help: "Show an attached text or picture in the reading pane.", Also: "view file look", Keys: []string{"p"}, In: on, More: true, Need: needFiles},
		{ID: StopFile, Name: "Stop the download", Help: "Stop the file that is on its way; what has come of it is kept.", Also: "cancel abort attachment", Keys: []string{"ctrl+x"}, In: Pages, Need: func(f Facts) string { return unless(f.Transfer, "No file is on its way.") }},
		{ID: OpenPart, Name: "Open an attached message…", Help: "Show a message that is attached to the one shown.", Also: "eml rfc822 forwarded", Keys: []string{"M"}, In: Reader, More: true,
			Need: func(f Facts) string {
				return unless(f.Enclosed > 0, "No message is attached to the one shown.")
			}},
		{ID: Unfold, Name: "Earlier messages", Help: "Show the earlier messages and quotes below a text, or fold them again.", Also: "unfold quotes thread reply chain", Keys: []string{"t"}, In: Reader, More: true, Need: needFolds,
			Label: func(f Facts) string {
				if f.Folds > 0 && f.Folded == 0 {
					return "Fold earlier messages"
				}
				return "Show earlier messages"
			}},
		{ID: UnfoldNext, Name: "Next earlier message", Help: "Show one more of the earlier messages below a text.", Also: "unfold quote", Keys: []string{"enter"}, In: Reader, Plain: true, Need: needFolds},
		{ID: Older, Name: "Older in the conversation", Help: "Show the message of the conversation that came before.", Also: "thread previous", Keys: []string{"["}, In: Reader, Need: needThread},
		{ID: Newer, Name: "Newer in the conversation", Help: "Show the message of the conversation that came next.", Also: "thread next", Keys: []string{"]"}, In: Reader, Need: needThread},
		{ID: Pictures, Name: "Fetch pictures", Help: "Fetch the pictures of the message that lie elsewhere. The sender learns that it is read.", Also: "load images remote", Keys: []string{"I"}, In: Reader, More: true,
			Need: func(f Facts) string { return unless(f.Remote > 0, "No pictures of the message lie elsewhere.") }},
		{ID: GiveKey, Name: "Open with your key…", Help: "Open an encrypted message: give the password of your key, or the file of another.", Also: "s/mime smime encrypted decrypt certificate p12 pfx unlock", Keys: []string{"P"}, In: on, Need: needClosed},
		{ID: Browser, Name: "Open in the browser", Help: "Show the message in the browser, cleaned: no scripts, nothing loaded from elsewhere.", Also: "html web page", Keys: []string{"o"}, In: on, More: true, Policy: "open_in", Need: needMessage},
		{ID: Pipe, Name: "Pipe to a command…", Help: "Give the source of the message to a command of the shell, and show what it says.", Also: "shell program filter", Keys: []string{"|"}, In: on, More: true, Policy: "open_in", Need: needMessage},
		{ID: Source, Name: "Source", Help: "Show the message as the server has it.", Also: "raw mime headers", Keys: []string{"v"}, In: on, More: true, Need: needMessage},
		{ID: Details, Name: "Details", Help: "Show everything known of the message.", Also: "headers", Keys: []string{"V"}, In: on, More: true, Need: needMessage},
	}
}

func boxes() []Action {
	list := Mailboxes | Messages
	return []Action{
		{ID: Find, Name: "Search", Help: "Search people, subject and first words in this mailbox; in an opened message, its text; among people, names, companies and addresses.", Also: "find filter", Keys: []string{"/"}, In: Mail | Contacts,
			Need: func(f Facts) string {
				return unless(f.Scope&Contacts != 0 || f.Folder != nil, "Open a mailbox first.")
			}},
		{ID: FindAll, Name: "Search all mailboxes", Help: "Search people, subject and first words in all mailboxes, and then, if wished, on the server.", Also: "find everywhere server", Keys: []string{"g /"}, In: Pages, Need: needAccount},
		{ID: FindNext, Name: "Next match", Help: "Go to the next message, or place in a message, that matches.", Keys: []string{"n"}, In: Messages | Reader, Plain: true, Need: needFind},
		{ID: FindPrev, Name: "Previous match", Help: "Go to the previous message, or place in a message, that matches.", Keys: []string{"N"}, In: Messages | Reader, Plain: true, Need: needFind},
		{ID: UnreadOnly, Name: "Unread only", Help: "Show only unread messages, or all again.", Also: "filter new", Keys: []string{"U"}, In: list, More: true, Need: needFolder},
		{ID: CheckNow, Name: "Check now", Help: "Look at the server now.", Also: "sync refresh get fetch", Keys: []string{"ctrl+r", "f5"}, In: Pages, More: true, Need: needAccount},
		{ID: SyncOptions, Name: "Sync options", Help: "How often the mailbox is checked, and how far back.", Also: "frequency period", In: Mail | Contacts | Calendar, More: true, Need: needFolder},
		{ID: Frequency, Name: "Check frequency", Help: "How often the mailbox is checked.", Also: "sync options push interval manual", In: Mail | Contacts | Calendar, Need: needFolder},
		{ID: Period, Name: "Period", Help: "How far back the mailbox is kept in step.", Also: "sync options days age", In: Mail | Calendar, Need: needFolder},
		{ID: GoInbox, Name: "Go to the Inbox", Help: "Open the Inbox.", Keys: []string{"g i"}, In: Pages, Need: needAccount},
		{ID: GoNewMail, Name: "Go to new mail", Help: "Open the newest message that just came.", Keys: []string{"i"}, In: Pages,
			Need: func(f Facts) string { return unless(f.NewMail > 0, "No new mail has come.") }},
	}
}

func dates() []Action {
	return []Action{
		{ID: Today, Name: "Today", Help: "Go to now.", Keys: []string{"t"}, In: Calendar, More: true},
		{ID: NextDay, Name: "Next day", Help: "Go to the next day with events.", Keys: []string{"J", "]"}, In: Calendar},
		{ID: PrevDay, Name: "Previous day", Help: "Go to the previous day with events.", Keys: []string{"K", "["}, In: Calendar},
		{ID: NewEvent, Name: "New event", Help: "Put an event into the calendar.", Also: "appointment meeting add create make", Keys: []string{"n"}, In: Calendar, More: true, Need: needAccount},
		{ID: EditEvent, Name: "Edit event", Help: "Change the event: of a series this one, or all of them.", Also: "change modify reschedule", Keys: []string{"e"}, In: Calendar, More: true, Need: needEvent},
		{ID: DeleteEvent, Name: "Delete event", Help: "Take the event out of the calendar: of a series this one, or all of them.", Also: "trash remove", Keys: []string{"d", "delete"}, In: Calendar, More: true, Need: needEvent},
	}
}

func writing() []Action {
	return []Action{
		{ID: Send, Name: "Send", Help: "Send the message.", Keys: []string{"ctrl+s", "alt+enter"}, In: Compose, More: true},
		{ID: SendLater, Name: "Send later…", Help: "Choose when the message is sent; until then it waits in the Outbox.", Also: "schedule delay postpone", Keys: []string{"alt+s"}, In: Compose, More: true},
		{ID: Attach, Name: "Attach a file…", Help: "Attach a file by its path.", Keys: []string{"ctrl+t"}, In: Compose, More: true},
		{ID: AttachMail, Name: "Attach from a message…", Help: "Attach a message of the open mailbox, or something that is attached to it.", Also: "forward eml", Keys: []string{"alt+a"}, In: Compose, More: true},
		{ID: PutPicture, Name: "Put a picture into the text…", Help: "Have a picture stand in the text, where the cursor is.", Also: "inline image photo embed markdown", Keys: []string{"alt+p"}, In: Compose, More: true},
		{ID: Detach, Name: "Remove an attachment…", Help: "Take an attached file off.", Keys: []string{"ctrl+x"}, In: Compose, More: true,
			Need: func(f Facts) string { return unless(f.Attachments > 0, "Nothing is attached.") }},
		{ID: Editor, Name: "Write in $EDITOR", Help: "Write the text in the editor that $VISUAL or $EDITOR names.", Also: "external vim emacs nano", Keys: []string{"ctrl+g"}, In: Compose, More: true},
		{ID: Spelling, Name: "Check spelling", Help: "Go through the words that the dictionary does not know.", Also: "spell hunspell aspell", Keys: []string{"alt+c", "f7"}, In: Compose, More: true},
		{ID: Template, Name: "Template…", Help: "Put a text from Settings › Writing where the cursor is.", Also: "snippet boilerplate", Keys: []string{"alt+t"}, In: Compose, More: true},
		{ID: Markdown, Name: "Markdown or plain", Help: "Send the text as Markdown, in two forms, or as plain text.", Also: "html format", Keys: []string{"alt+m"}, In: Compose, More: true},
		{ID: Importance, Name: "Importance…", Help: "Mark the message as important or unimportant.", Also: "priority urgent", Keys: []string{"alt+i"}, In: Compose, More: true},
		{ID: Receipts, Name: "Receipts…", Help: "Ask to be told when the message is delivered or read.", Also: "disposition notification", Keys: []string{"alt+r"}, In: Compose, More: true},
		{ID: From, Name: "From…", Help: "Choose the account and address that the message is from.", Also: "identity alias sender", Keys: []string{"alt+o"}, In: Compose, More: true},
		{ID: Others, Name: "Another message…", Help: "Put this message aside and go on with another, or begin one.", Also: "drafts switch", Keys: []string{"alt+n"}, In: Compose, More: true},
		{ID: UndoEdit, Name: "Undo typing", Help: "Take back what was typed.", Keys: []string{"ctrl+_", "alt+u"}, In: Compose, Plain: true},
		{ID: RedoEdit, Name: "Redo typing", Help: "Type it again.", Keys: []string{"ctrl+y", "alt+e"}, In: Compose, Plain: true},
		{ID: Close, Name: "Close", Help: "Put the message aside or discard it; asks first.", Also: "cancel discard", Keys: []string{"esc"}, In: Compose, More: true},
		{ID: Resume, Name: "Go on writing", Help: "Go back to the message that was put aside.", Also: "draft resume", Keys: []string{"C"}, In: Pages,
			Need: func(f Facts) string { return unless(f.Drafts > 0, "No message was put aside.") }},
	}
}

func sending() []Action {
	return []Action{
		{ID: Retry, Name: "Try again", Help: "Try to send or change it again; send now what waits for its time.", Also: "send now", Keys: []string{"r", "R"}, In: Outbox, More: true, Need: needOp,
			Label: func(f Facts) string {
				if f.Op != nil && f.Op.Held(f.Now) {
					return "Send now"
				}
				return "Try again"
			}},
		{ID: EditSent, Name: "Write on", Help: "Take a message that was not sent yet back and go on writing it.", Also: "edit outgoing undo send", Keys: []string{"e", "E"}, In: Outbox, More: true, Need: needUnsent},
		{ID: Postpone, Name: "Change the time…", Help: "Choose when a message that waits is sent.", Also: "schedule later postpone", Keys: []string{"t"}, In: Outbox, More: true, Need: needUnsent},
		{ID: Discard, Name: "Discard", Help: "Give it up for good; asks first.", Keys: []string{"d", "delete"}, In: Outbox, More: true, Need: needOp},
		{ID: ExportOp, Name: "Export…", Help: "Write the message, or what the change is about, into a file.", Also: "save file eml", Keys: []string{"s"}, In: Outbox, More: true, Need: needOp},
		{ID: Reminders, Name: "Snooze…", Help: "Put the reminder of an event off, or dismiss it.", Also: "reminder alarm dismiss later", Keys: []string{"g r"}, In: Pages, More: true,
			Need: func(f Facts) string { return unless(f.Reminders > 0, "No event is due.") }},
		{ID: Problems, Name: "Set aside…", Help: "What was refused, may have been sent, or waits for your decision, in one list.", Also: "problems poison conflict parked retry needs you", Keys: []string{"g x"}, In: Pages, More: true,
			Need: func(f Facts) string { return unless(f.Problems > 0, "Nothing is set aside.") }},
		{ID: Review, Name: "Removed on the server…", Help: "Decide what becomes of messages that the server removed in great numbers at once.", Also: "withheld deletions mass delete review keep accept", Keys: []string{"g w"}, In: Pages,
			Need: func(f Facts) string {
				return unless(f.Withheld > 0, "The server has not removed many messages at once.")
			}},
		{ID: Versions, Name: "Two versions of a person…", Help: "Decide which version of a person stays, where both sides changed.", Also: "conflict contact changed by hand card merge keep", Keys: []string{"g v"}, In: Pages,
			Need: func(f Facts) string { return unless(f.Versions > 0, "There is one version of everybody.") }},
		{ID: GoOutbox, Name: "Outbox", Help: "What waits to be sent or changed on the server, and what was refused.", Also: "pending queue parked", Keys: []string{"g o"}, In: Pages},
	}
}

func settings() []Action {
	return []Action{
		{ID: Toggle, Name: "Tick", Help: "Tick or untick the row.", Keys: []string{"space"}, In: Settings, Plain: true},
		{ID: AutoRefresh, Name: "Auto Refresh", Help: "Which mailboxes are checked by themselves.", Also: "settings on off automatic sync", In: Pages, Need: needAccount},
		{ID: Background, Name: "Background", Help: "How mail comes in while no screen is there.", Also: "settings refresh persistent push grace agent", In: Pages},
		{ID: Notifications, Name: "Notifications", Help: "How you learn of news, and how much they tell.", Also: "settings notify desktop bell quiet hours VIP snooze locked screen", In: Pages},
		{ID: LocalContacts, Name: "Sync with Local Contacts", Help: "Keep the people of your contacts in an address book of this machine.", Also: "settings vdir vcard khard export on off", In: Pages, Policy: "export_contacts", Need: needAccount},
		{ID: Policies, Name: "Policies", Help: "What your organisation and the server decided, and what of it is carried out here.", Also: "settings provision managed locked", In: Pages},
		{ID: Security, Name: "Security", Help: "What holds the key under which everything here is sealed.", Also: "settings key keyring passphrase password encryption", In: Pages},
		{ID: AddAccount, Name: "Add an account…", Help: "Set up one more account.", Also: "settings new sign in", In: Pages},
	}
}

func program() []Action {
	return []Action{
		{ID: GoMail, Name: "Mail", Help: "Go to Mail.", Keys: []string{"g m", "1"}, In: Pages},
		{ID: GoPeople, Name: "People", Help: "Go to People.", Also: "contacts address book", Keys: []string{"g p", "2"}, In: Pages},
		{ID: GoCalendar, Name: "Calendar", Help: "Go to Calendar.", Also: "agenda events appointments meetings", Keys: []string{"g d", "3"}, In: Pages},
		{ID: GoSettings, Name: "Settings", Help: "Go to Settings.", Also: "preferences options", Keys: []string{",", "4"}, In: Pages},
		{ID: More, Name: "More", Help: "Open the More menu in the lower-right corner.", Keys: []string{".", "alt+."}, In: Pages | Compose, Plain: true},
		{ID: Palette, Name: "All actions", Help: "Find any action, mailbox or setting by a few letters.", Keys: []string{"ctrl+k", ":"}, In: Pages | Compose, Plain: true},
		{ID: Help, Name: "Keys", Help: "Show all keys.", Also: "help shortcuts", Keys: []string{"?", "f1"}, In: Pages | Compose},
		{ID: Redraw, Name: "Draw the screen again", Help: "Draw the screen again.", Keys: []string{"ctrl+l"}, In: Pages | Compose, Plain: true},
		{ID: Leave, Name: "Leave", Help: "Close an opened message, else leave the screens.", Also: "quit exit", Keys: []string{"q"}, In: Pages},
		{ID: QuitAll, Name: "Quit everything", Help: "Leave, and stop what runs in the background.", Also: "exit stop agent", Keys: []string{"Q"}, In: Pages},
	}
}
