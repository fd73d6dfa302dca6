package activesync_test

import (
	"testing"

	"eas.example/securemail/activesync"
)

// One is not told of junk, whatever the server's language calls it; a folder for
// contacts of that name is none.
func TestNothingIsToldOfJunkInAnyLanguage(t *testing.T) {
	for _, name := range []string{"Junk Email", "Junk-E-Mail", "Courrier indésirable", "Posta indesiderata", "Spam"} {
		f := activesync.Folder{Name: name, Class: activesync.ClassEmail, Type: activesync.FolderUserMail}
		if got := f.Notified(); got != activesync.NotifyNever {
			t.Errorf("%s: %q", name, got)
		}
		if f.Notify = activesync.NotifyAll; f.Notified() != activesync.NotifyAll {
			t.Errorf("%s: what the person chose does not count", name)
		}
	}
	if f := (activesync.Folder{Name: "Spam", Class: activesync.ClassContacts, Type: activesync.FolderUserContacts}); f.Notified() != activesync.NotifyAll {
		t.Error("a folder for contacts is taken for junk")
	}
}
