package action

import (
	"strings"
	"testing"

	"eas.example/securemail/activesync"
)

func TestTableIsWhole(t *testing.T) {
	seen := map[ID]bool{}
	groups := map[Group]bool{}
	for _, a := range All() {
		if a.ID == "" || a.Name == "" || a.Help == "" || a.In == 0 {
			t.Errorf("%q lacks a name, a word of help or a place", a.ID)
		}
		if !strings.HasSuffix(a.Help, ".") {
			t.Errorf("the help of %s is no sentence: %q", a.ID, a.Help)
		}
		if seen[a.ID] {
			t.Errorf("%s stands twice in the table", a.ID)
		}
		seen[a.ID] = true
		groups[a.Group] = true
		if len(a.Keys) == 0 && a.Plain {
			t.Errorf("%s has no key and is not in the palette", a.ID)
		}
	}
	for _, g := range Groups() {
		if !groups[g] {
			t.Errorf("the help has nothing under %s", g)
		}
	}
	for s := Mailboxes; s <= Setup; s <<= 1 {
		for _, h := range Hints(s) {
			for _, id := range h.Actions {
				if !seen[id] {
					t.Errorf("a hint names %s, which is not in the table", id)
				}
			}
		}
	}
}

func TestDefaultKeysDoNotCollide(t *testing.T) {
	if _, err := NewKeymap(nil); err != nil {
		t.Error(err)
	}
}

func TestKeysOfTheDesign(t *testing.T) {
	m, _ := NewKeymap(nil)
	for key, want := range map[string]ID{
		"j": Down, "k": Up, "down": Down, "up": Up, "enter": Open, "esc": Back, "tab": NextPane, "/": Find, "c": Write, "r": Reply,
		"a": ReplyAll, "f": Forward, "e": Archive, "d": Delete, "m": MoveTo, "u": Read, "s": Flag, "x": Mark, "z": Undo, ".": More,
		",": GoSettings, "g m": GoMail, "g p": GoPeople, "g d": GoCalendar, "ctrl+k": Palette, "?": Help, "q": Leave, "Q": QuitAll,
		"g g": First, "G": Last, "pgdown": PageDown, "pgup": PageUp, "home": First, "end": Last,
	} {
		if a, ok := m.Lookup(key, Messages); !ok || a.ID != want {
			t.Errorf("key %s in the list does %q, want %q", key, a.ID, want)
		}
	}
	if a, _ := m.Lookup("space", Settings); a.ID != Toggle {
		t.Errorf("space in the settings does %q", a.ID)
	}
	if !m.Prefix("g", Messages) || m.Prefix("j", Messages) || m.Prefix("g", Compose) {
		t.Error("g starts a sequence in the list, and nothing else does")
	}
}

func TestOverrides(t *testing.T) {
	m, err := NewKeymap(map[string][]string{"delete": {"D"}})
	if err != nil {
		t.Fatal(err)
	}
	if a, _ := m.Lookup("D", Messages); a.ID != Delete {
		t.Errorf("D does %q", a.ID)
	}
	if a, ok := m.Lookup("d", Messages); ok {
		t.Errorf("d still does %q", a.ID)
	}
	if _, err := NewKeymap(map[string][]string{"delet": {"D"}}); err == nil || !strings.Contains(err.Error(), "delet") {
		t.Errorf("an unknown action gave %v", err)
	}
	if _, err := NewKeymap(map[string][]string{"delete": {"e"}}); err == nil || !strings.Contains(err.Error(), "archive") {
		t.Errorf("a key with two meanings gave %v", err)
	}
}

func TestReasons(t *testing.T) {
	m, _ := NewKeymap(nil)
	if why := m.Action(Reply).Reason(Facts{}); why == "" {
		t.Error("one can reply to nothing")
	}
	f := Facts{Message: &activesync.Header{Read: true}}
	if why := m.Action(Reply).Reason(f); why != "" {
		t.Errorf("one cannot reply: %s", why)
	}
	if got := m.Action(Read).Title(f); got != "Mark as unread" {
		t.Errorf("the action is called %q", got)
	}
}

func TestPolicyHidesTheAction(t *testing.T) {
	m, _ := NewKeymap(nil)
	f := Facts{Contact: true, Forbidden: func(p string) string {
		if p == "export_contacts" {
			return "Your organisation does not allow it."
		}
		return ""
	}}
	if !m.Action(Share).Hidden(f) || m.Action(Share).Reason(f) == "" {
		t.Error("the policy does not take sharing away")
	}
	if m.Action(Write).Hidden(f) {
		t.Error("the policy takes writing away")
	}
}

// Where no message is selected that is the reason, not that it has no attachments.
func TestFilesNeedAMessage(t *testing.T) {
	for _, row := range All() {
		if row.ID != Save && row.ID != OpenFile && row.ID != Preview {
			continue
		}
		if why := row.Reason(Facts{Scope: Messages}); why != "Select a message first." {
			t.Errorf("%s says %q", row.ID, why)
		}
		if why := row.Reason(Facts{Scope: Messages, Message: new(activesync.Header), Attachments: 1}); why != "" {
			t.Errorf("%s says %q", row.ID, why)
		}
	}
}
