package action

import "eas.example/securemail/activesync"

func unless(ok bool, why string) string {
	if ok {
		return ""
	}
	return why
}

func needAccount(f Facts) string { return unless(f.Accounts > 0, "Set up an account first.") }

func needFolder(f Facts) string { return unless(f.Folder != nil, "Select a mailbox first.") }

func needMessage(f Facts) string { return unless(f.Message != nil, "Select a message first.") }

func needMessages(f Facts) string {
	return unless(f.Message != nil || f.Marked > 0, "Select a message first.")
}

func needOwn(f Facts) string {
	if why := needMessage(f); why != "" {
		return why
	}
	return unless(f.Own, "Only a message that you sent can be sent again; Edit as new does it with any.")
}

func needFiles(f Facts) string {
	if why := needMessage(f); why != "" {
		return why
	}
	return unless(f.Attachments > 0, "The message has no attachments.")
}

func needEvent(f Facts) string { return unless(f.Event, "Select an event first.") }

func needInvitation(f Facts) string {
	return unless(f.Invited, "Select an invitation that can be answered first.")
}

func needFolds(f Facts) string {
	return unless(f.Folds > 0, "The message shown has no earlier ones below it.")
}

func needClosed(f Facts) string {
	if why := needMessage(f); why != "" {
		return why
	}
	return unless(f.Closed, "The message shown is not one that a key of yours (S/MIME) has to open.")
}

func needThread(f Facts) string {
	return unless(f.Thread > 1, "This message is not one of several.")
}

func needFind(f Facts) string { return unless(f.Find, "Search for something first, with /.") }

func needUnsent(f Facts) string {
	switch {
	case f.Op == nil || f.Op.Send == nil:
		return "Select a message that is to be sent first."
	case f.Op.State == activesync.OpSending:
		return "It is under way and cannot be stopped any more."
	}
	return ""
}

func needOp(f Facts) string { return unless(f.Op != nil, "The outbox is empty.") }
