package store_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/store"
	"go.etcd.io/bbolt"
)

// private is a mailbox whose every word would tell something.
func private(t *testing.T, key byte) (path string, words []string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "mail.db")
	s, err := store.Open(path, store.Options{Key: bytes.Repeat([]byte{key}, 32)})
	ok(t, err)
	const who = activesync.AccountID("accountname")
	m := fill(t, s, who)
	ok(t, s.UpdateState(t.Context(), who, func(st *activesync.AccountState) error {
		st.Quirks = map[string]string{"quirkname": "quirkvalue"}
		return nil
	}))
	p := mail(1)
	p.Fields = ^activesync.MessageFields(0)
	p.From = activesync.Address{Name: "Sendername", Address: "senderlocal@senderdomain.example"}
	p.To = []activesync.Address{{Name: "Recipientname", Address: "recipientlocal@recipientdomain.example"}}
	p.Cc = []activesync.Address{{Address: "copylocal@copydomain.example"}}
	p.Subject, p.Preview, p.MessageClass = "Subjectword Übersicht", "Previewword", "IPM.Classword"
	p.Categories, p.Conversation = []string{"Categoryword"}, []byte("conversationword")
	p.Body.Data = bytes.Repeat([]byte("Bodyword and the bodytext. "), 500) // long enough to be compressed
	p.Attachments = []activesync.Attachment{{Name: "attachmentname.pdf", ContentType: "application/contenttypeword", FileReference: "referenceword", ContentID: "contentidword"}}
	p.Meeting = &activesync.MeetingRequest{UID: "meetingword", Location: "meetingplace"}
	short := mail(2)
	short.Subject, short.Body.Data = "Shortsubject", []byte("Shortbody")
	m.sync(m.inbox, true, activesync.ItemChange{Kind: activesync.Added, ServerID: "serveridword", Message: p},
		activesync.ItemChange{Kind: activesync.Added, ServerID: "secondserverid", Message: short})
	contact := &activesync.ContactPatch{Whole: true}
	contact.FirstName, contact.LastName, contact.CompanyName, contact.MobilePhone = "Firstname", "Lastname", "Companyname", "+49 30 5551234567"
	contact.Email1 = activesync.Address{Address: "contactlocal@contactdomain.example"}
	m.sync(m.people, true, activesync.ItemChange{Kind: activesync.Added, ServerID: "contactserverid", Contact: contact})
	event := &activesync.EventPatch{Fields: ^activesync.EventFields(0)}
	event.UID, event.Subject, event.Location, event.Start, event.End = "eventuidword", "Eventsubject", "Eventplace", noon, noon.Add(time.Hour)
	m.sync(m.calendar, true, activesync.ItemChange{Kind: activesync.Added, ServerID: "eventserverid", Event: event})
	rows := m.rows(m.inbox)
	_, err = s.Queue(t.Context(), activesync.Op{Kind: activesync.OpMove, Item: rows[0].ID, To: m.archive}, nil)
	ok(t, err)
	_, err = s.Queue(t.Context(), activesync.Op{Kind: activesync.OpSend, Account: who, Send: &activesync.Outgoing{ClientID: "clientidword",
		MessageID: "<messageidword@example.test>", Subject: "Outgoingsubject"}}, []byte("Subject: Outgoingmime\r\n\r\nOutgoingtext\r\n"))
	ok(t, err)
	st, err := s.SyncState(t.Context(), m.archive)
	ok(t, err)
	ok(t, s.SetRequest(t.Context(), m.archive, st.Key, []byte("requestbytesword"), nil))
	ok(t, s.NoteFolder(t.Context(), m.inbox, noon, "problemword in a folder"))
	ok(t, s.Reset(t.Context(), m.inbox)) // everything waits by its fingerprint
	ok(t, s.Check(t.Context()))
	words = []string{"accountname", "quirkname", "quirkvalue", "sender", "recipient", "copylocal", "copydomain", "subjectword", "bersicht", "previewword",
		"classword", "categoryword", "conversationword", "bodyword", "bodytext", "attachmentname", "contenttype", "reference", "contentid", "meetingword",
		"meetingplace", "shortsubject", "shortbody", "serverid", "firstname", "lastname", "companyname", "5551234567", "contactlocal", "contactdomain",
		"eventuid", "eventsubject", "eventplace", "clientid", "messageid", "outgoing", "requestbytes", "problemword", "archive", "deleted items", "example",
		s.DeviceID()}
	ok(t, s.Close())
	return path, words
}

func TestSealedNothingReadable(t *testing.T) {
	path, words := private(t, 7)
	raw, err := os.ReadFile(path)
	ok(t, err)
	raw = bytes.TrimRight(raw, "\x00")
	low := bytes.ToLower(raw)
	for _, w := range words {
		if bytes.Contains(low, []byte(w)) {
			t.Errorf("%q can be read in the file", w)
		}
	}
	// Nor is there any other text than the names of buckets and single values.
	names := regexp.MustCompile(`accounts?|check|contents|counts|device|folders|hierarchy|items|journal|list|meta|mime|names|ops|prints|rows|schema|state|sync|waiting`)
	for _, run := range regexp.MustCompile(`[a-zA-Z@. ]{14,}`).FindAll(names.ReplaceAll(raw, []byte{0}), -1) {
		t.Errorf("%q can be read in the file", run)
	}
	if other, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); err != nil || len(other) != 1 {
		t.Errorf("beside the store lie %v, %v", other, err)
	}
}

// opaque are the parts of the keys of a file that stand for what they do not
// show: accounts, ServerIds, fingerprints.
func opaque(t *testing.T, path string, key byte) map[string]bool {
	t.Helper()
	s, err := store.Open(path, store.Options{Key: bytes.Repeat([]byte{key}, 32)})
	ok(t, err)
	defer s.Close()
	out := map[string]bool{}
	ok(t, s.Edit(func(tx *bbolt.Tx) error {
		accounts := tx.Bucket([]byte("accounts"))
		return accounts.ForEachBucket(func(name []byte) error {
			out[string(name)] = true
			for _, place := range []string{"names", "waiting"} {
				c := accounts.Bucket(name).Bucket([]byte(place)).Cursor()
				for k, _ := c.First(); k != nil; k, _ = c.Next() {
					out[string(k[8:24])] = true
				}
			}
			return nil
		})
	}))
	return out
}

// Under another key the same mailbox has no key of a bucket in common: whoever
// guesses a subject or an address cannot look whether it is here.
func TestSealedKeysAreOpaque(t *testing.T) {
	first, _ := private(t, 7)
	second, _ := private(t, 8)
	a, b := opaque(t, first, 7), opaque(t, second, 8)
	if len(a) < 6 || len(a) != len(b) {
		t.Fatalf("there are %d and %d keys", len(a), len(b))
	}
	for k := range maps.Keys(a) {
		if b[k] {
			t.Errorf("key %x does not depend on the data key", k)
		}
		if len(k) != 16 {
			t.Errorf("key %x shows the length of its name", k)
		}
	}
	again, _ := private(t, 7)
	for k := range opaque(t, again, 7) {
		if !a[k] {
			t.Errorf("key %x is not the same in a store of the same key", k)
		}
	}
}

func TestSealedTheSameTwiceLooksDifferent(t *testing.T) {
	m := newMailbox(t)
	m.sync(m.inbox, true, added("1:1", 1), added("1:2", 1))
	ok(t, m.Edit(func(tx *bbolt.Tx) error {
		accounts := tx.Bucket([]byte("accounts"))
		name, _ := accounts.Cursor().First()
		for _, place := range []string{"rows", "contents"} {
			c := accounts.Bucket(name).Bucket([]byte(place)).Cursor()
			_, first := c.First()
			_, second := c.Next()
			if n := min(len(first), len(second)); n < 28 || bytes.Equal(first[:12], second[:12]) || bytes.Equal(first[12:n], second[12:n]) {
				t.Errorf("two equal messages have %s that can be told equal", place)
			}
		}
		return nil
	}))
}
