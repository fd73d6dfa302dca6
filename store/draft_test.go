package store_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"eas.example/securemail/activesync"
	"eas.example/securemail/store/storetest"
)

func writing(account activesync.AccountID, text string) activesync.Draft {
	return activesync.Draft{Account: account, To: []activesync.Address{{Name: "Ana Souza", Address: "ana@example.test"}}, Subject: "Budget", Text: text,
		Attachments: []activesync.DraftAttachment{{Name: "a.txt", Path: "/home/alice/a.txt"}, {Name: "b.bin", Data: []byte{0, 1, 2}}, {Name: "c", Part: 2}},
		Source:      7, Verb: activesync.VerbForward}
}

func keptDrafts(t *testing.T, m *mailbox, want map[string]activesync.Draft) {
	t.Helper()
	got, err := m.Drafts(t.Context())
	ok(t, err)
	if d := gocmp.Diff(want, got); d != "" {
		t.Errorf("drafts (-want +got):\n%s", d)
	}
}

func TestDrafts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mail.db")
	m := fill(t, storetest.OpenAt(t, path), alice)
	keptDrafts(t, m, map[string]activesync.Draft{})
	kept(t)(m.KeepDraft(t.Context(), "one", writing(alice, "first try")))
	kept(t)(m.KeepDraft(t.Context(), "two", writing(alice, "another")))
	kept(t)(m.KeepDraft(t.Context(), "one", writing(alice, "second try")))
	want := map[string]activesync.Draft{"one": writing(alice, "second try"), "two": writing(alice, "another")}
	keptDrafts(t, m, want)

	storetest.Close(t, m.Store)
	m = &mailbox{Store: storetest.OpenAt(t, path), t: t}
	keptDrafts(t, m, want)

	// Sent from another account now.
	kept(t)(m.KeepDraft(t.Context(), "one", writing("bob", "second try")))
	want["one"] = writing("bob", "second try")
	keptDrafts(t, m, want)
	ok(t, m.Check(t.Context()))

	ok(t, m.DropDraft(t.Context(), "one", ""))
	ok(t, m.DropDraft(t.Context(), "one", ""))
	delete(want, "one")
	keptDrafts(t, m, want)

	ok(t, m.RemoveAccount(t.Context(), alice))
	keptDrafts(t, m, map[string]activesync.Draft{})
}

func TestDrafts_nothingReadableOnDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mail.db")
	s := storetest.OpenAt(t, path)
	kept(t)(s.KeepDraft(t.Context(), "thekeyofit", writing(alice, "a secret word")))
	storetest.Close(t, s)
	b, err := os.ReadFile(path)
	ok(t, err)
	for _, word := range []string{"secret", "Budget", "ana@example", "thekeyofit"} {
		if bytes.Contains(b, []byte(word)) {
			t.Errorf("%q can be read in the file", word)
		}
	}
}

func TestDrafts_needAccountAndKey(t *testing.T) {
	s := storetest.Open(t)
	if _, err := s.KeepDraft(t.Context(), "one", activesync.Draft{Text: "x"}); err == nil {
		t.Error("a draft of no account was kept")
	}
	if _, err := s.KeepDraft(t.Context(), "", writing(alice, "x")); err == nil {
		t.Error("a draft without a key was kept")
	}
}
