package activesync

// decision maps a Status element to what has to be done, nil where no
// sentinel applies. The numbers are those of MS-ASCMD 2.2.2 (common codes)
// and 2.2.3.177 (codes of one command).
func decision(command string, code int) error {
	switch code {
	case 110, 111, 114, 120, 132, 133, 135:
		return ErrBusy // of a state that vanished the next request says what to do
	case 134, 136:
		switch command {
		case "Sync", "FolderSync", "FolderCreate", "FolderUpdate", "FolderDelete":
			return ErrBadSyncKey
		}
		return ErrBusy
	case 138:
		return nil // asked for in another version it may be had
	case 113, 115:
		return ErrQuota
	case 118:
		return ErrAlreadySent
	case 123, 125, 126, 127, 128, 129, 130, 131, 139, 145, 177:
		return ErrForbidden
	case 140:
		return ErrWipe
	case 141, 142, 143, 144:
		return ErrProvision
	case 150:
		return ErrNotFound
	}
	if code > 100 {
		return ErrRejected
	}
	switch command {
	case "Sync":
		switch code {
		case 3:
			return ErrBadSyncKey
		case 12:
			return ErrFolderGone
		case 5, 16:
			return ErrBusy
		case 4, 6:
			return ErrRejected
		case 9:
			return ErrQuota
		}
	case "Sync/item":
		switch code {
		case 8:
			return ErrNotFound
		case 9:
			return ErrQuota
		case 5, 16:
			return ErrBusy
		case 4, 6, 7:
			return ErrRejected
		}
	case "FolderSync", "FolderCreate", "FolderUpdate", "FolderDelete":
		switch code {
		case 9:
			return ErrBadSyncKey
		case 6, 11, 12:
			return ErrBusy
		case 4, 5:
			return ErrNotFound
		}
		return ErrRejected
	case "Ping":
		switch code {
		case 7:
			return ErrFolderGone
		case 8:
			return ErrBusy
		case 3, 4:
			return ErrRejected
		}
	case "MoveItems":
		switch code {
		case 1:
			return ErrNotFound
		case 2, 4:
			return ErrRejected
		case 5, 7:
			return ErrBusy
		}
	case "ItemOperations":
		switch code {
		case 6, 15:
			return ErrNotFound
		case 3, 7:
			return ErrBusy
		case 18:
			return ErrAuth
		}
		return ErrRejected
	case "Search/store":
		switch code {
		case 3, 7, 9, 10:
			return ErrBusy
		case 5, 13, 14:
			return ErrForbidden
		case 11:
			return ErrFolderGone
		}
		return ErrRejected
	case "Search":
		return ErrBusy
	case "Find":
		if code == 3 {
			return ErrFolderGone
		}
		return ErrRejected
	case "Settings":
		if code == 4 {
			return ErrBusy
		}
		return ErrRejected
	case "ResolveRecipients":
		if code == 6 {
			return ErrBusy
		}
		return ErrRejected
	case "ValidateCert":
		if code == 17 {
			return ErrBusy
		}
		return ErrRejected
	case "MeetingResponse":
		if code == 3 || code == 4 {
			return ErrBusy
		}
		return ErrRejected
	case "Provision":
		if code == 3 {
			return ErrBusy
		}
		return ErrRejected
	}
	return nil
}

// StatusText says what a Status means, in words.
func StatusText(command string, code int) string {
	if s, ok := commonStatus[code]; ok {
		return s
	}
	if s, ok := commandStatus[command][code]; ok {
		return s
	}
	return "the server gave no reason"
}

var commonStatus = map[int]string{
	101: "the request was not understood",
	102: "the request was not understood",
	103: "the request was not understood",
	104: "a date was not understood",
	105: "the ids do not go together",
	106: "an id was not understood",
	107: "the message is not valid",
	108: "the device id is missing or not valid",
	109: "the device type is missing or not valid",
	110: "the server has a fault",
	111: "the server has a fault, later may work",
	112: "the server may not read the directory; an administrator must allow it",
	113: "the mailbox is full",
	114: "the mailbox is offline",
	115: "the mailbox is too full to send",
	116: "a recipient is not known",
	117: "this message may not be answered",
	118: "the message was already sent",
	119: "the message has no recipient",
	120: "the message was not accepted for sending",
	121: "the answer could not be sent",
	122: "the attachment is too large",
	123: "this user has no mailbox",
	124: "a sign-in is needed",
	125: "this user is not known",
	126: "ActiveSync is switched off for this user",
	127: "the server is set up not to let this mailbox sync",
	128: "the server is set up not to let mailboxes on older servers sync",
	129: "this device is blocked by the administrator",
	130: "this user may not do that; an administrator can allow it",
	131: "the account is disabled",
	132: "the server lost the state of this device",
	133: "the server has locked the state of this device; the mailbox may be moving",
	134: "the server's state of this device is damaged",
	135: "this device began to sync twice at once",
	136: "the server's state of this device is of another version",
	137: "the server does not know this command",
	138: "the server does not speak this version",
	139: "it takes only devices that keep all its policies, see Settings, Policies",
	140: "the administrator asks to erase the data of this account",
	141: "the server takes no device that cannot acknowledge policies",
	142: "the policies have not been acknowledged",
	143: "the policies have changed",
	144: "the acknowledgement of the policies is out of date",
	145: "the server takes no device that another system manages",
	146: "the event has no occurrences",
	147: "the server does not know this kind of item",
	148: "the server that has the mailbox offers no TLS",
	149: "the server needs the whole request",
	150: "the item is no longer there",
	151: "the mailbox has too many folders",
	152: "the mailbox has no folders",
	153: "some items were not found after they were moved",
	154: "the server could not move the items",
	155: "a conversation can only be moved for good",
	156: "a conversation cannot be moved to that folder",
	160: "too many people were asked about",
	161: "the list has too many members",
	162: "when they are free is not known now",
	163: "when they are free may not be known",
	164: "this form of the text cannot be had",
	165: "the server wants to know the device",
	166: "the account is not known",
	167: "the account may not send",
	168: "rights management is switched off",
	169: "rights management has a fault, later may work",
	170: "rights management has a fault",
	171: "the template of the rights is not known",
	172: "the rights do not allow it",
	173: "the server found no picture",
	174: "the picture is too large",
	175: "there are more pictures than were asked for",
	176: "the conversation is too large",
	177: "too many devices use this mailbox; remove one in the webmail's settings",
	178: "the elements do not go together",
	179: "the elements do not go together",
	183: "a recipient is missing or not valid",
	184: "the series was added without some of its exceptions",
}

var commandStatus = map[string]map[int]string{
	"Sync": {
		3: "the server no longer knows the state of this folder", 4: "the request was not understood",
		5: "the server has a fault", 6: "an item was not understood", 7: "the server's copy won",
		8: "the item is no longer there", 9: "the mailbox is full", 12: "the folders have changed on the server",
		13: "the server needs the whole request", 14: "the waiting time is out of the server's bounds",
		15: "too many folders in one request", 16: "the server asks to try again",
	},
	"Sync/item": {
		4: "the item was not understood", 5: "the server has a fault", 6: "the item was not understood",
		7: "it was changed on the server at the same time; the server's copy stays", 8: "the item is no longer there",
		9: "the mailbox is full", 16: "the server asks to try again",
	},
	"FolderSync": {6: "the server has a fault", 9: "the server no longer knows the state of the folders",
		10: "the request was not understood", 11: "the server has a fault", 12: "the server has a fault"},
	"FolderCreate": {2: "a folder of that name is there already", 3: "nothing can be made in this folder", 5: "the folder above is no longer there",
		6: "the server has a fault", 9: "the server no longer knows the state of the folders", 10: "the request was not understood", 11: "the server has a fault",
		12: "the server has a fault"},
	"FolderUpdate": {2: "a folder of that name is there already, or the server keeps this one", 3: "the server keeps this folder",
		4: "the folder is no longer there", 5: "the folder above is no longer there", 6: "the server has a fault",
		9: "the server no longer knows the state of the folders", 10: "the request was not understood", 11: "the server has a fault"},
	"FolderDelete": {3: "the server keeps this folder", 4: "the folder is no longer there", 6: "the server has a fault",
		9: "the server no longer knows the state of the folders", 10: "the request was not understood", 11: "the server has a fault"},
	"Settings": {2: "the request was not understood", 3: "access is denied", 4: "the server is not there now", 5: "a value is not valid",
		6: "the values do not go together", 7: "a policy forbids it"},
	"Ping": {2: "something changed", 3: "the server does not remember what to watch", 4: "the request was not understood",
		5: "the waiting time is out of the server's bounds", 6: "too many folders to watch",
		7: "the folders have changed on the server", 8: "the server has a fault"},
	"MoveItems": {1: "the item is no longer there", 2: "the folder is no longer there", 4: "source and destination are the same",
		5: "the server could not move it", 7: "the item is in use"},
	"ItemOperations": {2: "the request was not understood", 3: "the server has a fault", 4: "the link is not valid", 5: "access is denied",
		6: "the item is no longer there", 7: "the document could not be reached", 8: "that part of the attachment is not there", 9: "the store is not known", 10: "the file is empty", 11: "the request is too large",
		12: "the file could not be read", 14: "the item could not be turned into that form",
		15: "the attachment is no longer there", 16: "access is denied", 17: "not all of it could be done", 18: "a sign-in is needed"},
	"MeetingResponse": {2: "the server sees no invitation there that it could answer", 3: "the server has a fault", 4: "the server has a fault"},
	"Search":          {3: "the server has a fault"},
	"Search/store": {2: "the words were not understood", 3: "the server has a fault", 4: "the link is not valid", 5: "access is denied", 6: "the server has none such to search",
		7: "the server could not reach what is searched", 8: "the search is too complex", 9: "the server has a fault", 10: "the search took too long",
		11: "the folders have changed on the server", 12: "there are no more", 13: "access is blocked", 14: "a sign-in is needed"},
	"Find": {2: "the words were not understood", 3: "the folders have changed on the server", 4: "the search has to begin anew"},
	"Provision": {2: "the server could not read the request", 3: "the server has a fault", 4: "the server's policies are damaged",
		5: "the server has other policies by now"},
}
