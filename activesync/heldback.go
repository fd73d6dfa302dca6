package activesync

// HeldBack reports whether a server may hold this device back until an
// administrator allows it: Exchange lets such a device in, shows it all folders
// as empty, and puts nothing but a message about that into the Inbox. A mailbox
// that is new looks the same.
func HeldBack(folders []Folder) bool {
	inbox, looked := false, 0
	for _, f := range folders {
		if f.LastSync.IsZero() {
			continue
		}
		most := 0
		if f.Type == FolderInbox {
			inbox, most = true, 1
		}
		if f.Total > most || f.Problem != "" {
			return false
		}
		looked++
	}
	return inbox && looked >= 3
}
