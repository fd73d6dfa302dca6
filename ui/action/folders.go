package action

import "eas.example/securemail/activesync"

// What is done to mailboxes on the server, and what it answers for the person.
const (
	NewFolder    ID = "new-mailbox"
	RenameFolder ID = "rename-mailbox"
	DropFolder   ID = "delete-mailbox"
	OutOfOffice  ID = "out-of-office"
)

func onServer() []Action {
	return []Action{
		{ID: NewFolder, Name: "New mailbox", Help: "Make a mailbox below the selected one, or at the top.", Also: "folder create make", In: Mailboxes, More: true, Need: needAccount},
		{ID: RenameFolder, Name: "Rename mailbox", Help: "Give the mailbox another name.", Also: "folder", In: Mailboxes, More: true, Need: needOwnFolder},
		{ID: DropFolder, Name: "Delete mailbox", Help: "Move the mailbox with all that is in it to Deleted Items; from there it is deleted for good.", Also: "folder remove", In: Mailboxes, More: true, Need: needOwnFolder},
		{ID: OutOfOffice, Name: "Out of office", Help: "What the server answers while you are away.", Also: "oof vacation automatic reply absence holiday", In: Pages, Need: needAccount},
	}
}

func needOwnFolder(f Facts) string {
	if f.Folder == nil {
		return "Select a mailbox first."
	}
	return unless(f.Folder.Type.UserMade() && f.Folder.Type != activesync.FolderUnknown, "The server keeps this mailbox as it is.")
}
