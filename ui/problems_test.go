package ui

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"eas.example/securemail/activesync"
)

func (b *composeBackend) refused() {
	b.outbox = []activesync.Op{
		{ID: 1, Account: "a1", Kind: activesync.OpSend, State: activesync.OpParked, Reason: "the message is larger than the server takes", Send: &activesync.Outgoing{Subject: "Large", To: []activesync.Address{{Address: "ana@x.test"}}}},
		{ID: 2, Account: "a1", Kind: activesync.OpDraftChange, State: activesync.OpParked, Reason: "quota", Name: "Half a letter", Item: 7},
		{ID: 3, Account: "a1", Kind: activesync.OpRead, State: activesync.OpPending},
	}
}

func TestWhatIsSetAsideStandsInOneList(t *testing.T) {
	b := newComposeBackend()
	b.refused()
	onComposeScreen(t, &keepingBackend{composeBackend: b, drafts: map[string]activesync.Draft{}}, 120, 24, func(s *composeScreen) {
		s.do(s.app.readAccounts())
		s.shows("Set aside 2")
		s.keys("g x")
		s.shows("Set aside for you", "Send “Large”", "refused: the message", "Write to Drafts “Half a letter”")
		s.keys("2")
		s.shows("Outbox", "refused: quota", "Half a letter")
	})
}

// An event that was changed on both sides stands in the list; a person of whom
// there are two versions has a screen of their own.
func TestAnEventThatChangedOnBothSidesIsSetAside(t *testing.T) {
	b := newComposeBackend()
	b.outbox = []activesync.Op{
		{ID: 1, Account: "a1", Kind: activesync.OpEventChange, State: activesync.OpParked, Aside: true, Reason: "the event was changed on Exchange too, which stays", Name: "Audit", Item: 7},
		{ID: 2, Account: "a1", Kind: activesync.OpContactChange, State: activesync.OpParked, Aside: true, Reason: "changed on Exchange too, which stays: Title", Name: "Ana", Item: 8},
	}
	onComposeScreen(t, &keepingBackend{composeBackend: b, drafts: map[string]activesync.Draft{}}, 120, 24, func(s *composeScreen) {
		s.do(s.app.readAccounts())
		s.shows("Set aside 2")
		s.keys("g x")
		s.shows("Change “Audit”", "the event was changed", "People with two versions")
		s.keys("1")
		s.shows("Outbox", "Audit", "Exchange's side stands.")
	})
}

func TestARefusedChangeIsExported(t *testing.T) {
	b := newComposeBackend()
	b.refused()
	dir := t.TempDir()
	onComposeScreen(t, &keepingBackend{composeBackend: b, drafts: map[string]activesync.Draft{}}, 120, 24, func(s *composeScreen) {
		s.app.deps.Downloads = dir
		s.app.deps.SaveFile = func(dir, name string, write func(io.Writer) error) (string, error) {
			path := filepath.Join(dir, name)
			f, err := os.Create(path)
			if err != nil {
				return "", err
			}
			defer f.Close()
			return path, write(f)
		}
		s.do(s.app.readAccounts())
		s.keys("g x 2 s enter")
		s.shows("Exported:")
	})
	got, err := os.ReadFile(filepath.Join(dir, "Half a letter.txt"))
	if err != nil || !strings.Contains(string(got), "refused: quota") {
		t.Errorf("%q, %v", got, err)
	}
}

func TestNothingIsSetAside(t *testing.T) {
	b := newKeepingBackend()
	onComposeScreen(t, b, 120, 24, func(s *composeScreen) {
		s.hides("Set aside")
		s.keys("g x")
		s.shows("Nothing is set aside.")
	})
}
