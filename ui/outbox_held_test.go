package ui_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui"
)

// Where both sides changed an event, the person sees theirs beside that of Exchange
// before they choose, and can write it into a file.
func TestTheOwnSideOfAnEventIsShownAndExported(t *testing.T) {
	dir := t.TempDir()
	deps := ui.Deps{Downloads: dir, SaveFile: func(dir, name string, write func(w io.Writer) error) (string, error) {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			return "", err
		}
		return f.Name(), errors.Join(write(f), f.Close())
	}}
	start := time.Date(2000, 1, 3, 9, 0, 0, 0, time.UTC)
	audit := activesync.Event{Subject: "Audit", Start: start, End: start.Add(time.Hour), Location: "Room 4"}
	withEvents(t, 120, 40, deps, []activesync.Event{audit}, func(t *testing.T, d *driver) {
		o, err := d.agent.Agenda(t.Context(), "a", start.Add(-time.Hour), start.Add(time.Hour))
		if err != nil || len(o) != 1 {
			t.Fatalf("%v, %v", o, err)
		}
		before, err := d.agent.Event(t.Context(), o[0].Event)
		if err != nil {
			t.Fatal(err)
		}
		mine, theirs := before, audit
		mine.Location, mine.End = "Room 5", start.Add(2*time.Hour)
		theirs.Location = "Quay 4"
		items, err := d.box.Items("Calendar")
		if err != nil {
			t.Fatal(err)
		}
		if err := d.box.SetEvent(items[0].ID, theirs); err != nil {
			t.Fatal(err)
		}
		if _, err := d.agent.ChangeEvents(t.Context(), activesync.Op{Kind: activesync.OpEventChange, Item: before.ID, Event: &mine, EventBefore: &before}); err != nil {
			t.Fatal(err)
		}
		d.pass(time.Minute)
		d.press("g", "x", "1")
		d.want("Exchange's side stands.", "Yours", "Room 5", "on Exchange: Quay 4", "09:00–11:00", "09:00–10:00")
		d.lacks("Reminder", "Title")
		d.press("s", "enter")
		d.want("Exported:")
		file, err := os.ReadFile(filepath.Join(dir, "Audit.ics"))
		if err != nil || !strings.Contains(string(file), "LOCATION:Room 5\r\n") {
			t.Errorf("%s, %v", file, err)
		}
	})
}

// So is that of a person, where people may be exported.
func TestTheOwnSideOfAPersonIsExportedWhereThatIsAllowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newBookHouse(t)
		h.decree(`export_contacts = "on"`)
		h.show(80, 24)
		defer h.close()
		before, _ := h.person("Ana Souza")
		theirs, mine := before, before
		theirs.MobilePhone, mine.MobilePhone = "33", "22"
		if err := h.box.SetContact(h.onServer()[0].ID, theirs); err != nil {
			t.Fatal(err)
		}
		if _, err := h.agent.ChangeContact(t.Context(), before, mine); err != nil {
			t.Fatal(err)
		}
		soon()
		all, err := h.agent.Conflicts(t.Context(), "a")
		if err != nil || len(all) != 1 {
			t.Fatalf("%v, %v", all, err)
		}
		var card strings.Builder
		if err := h.agent.OutboxSource(t.Context(), all[0].Op, &card); err != nil || !strings.Contains(card.String(), ":22\r\n") {
			t.Errorf("%s, %v", card.String(), err)
		}
		h.decree(`export_contacts = "off"`)
		card.Reset()
		if err := h.agent.OutboxSource(t.Context(), all[0].Op, &card); !errors.Is(err, activesync.ErrPolicy) || card.Len() > 0 {
			t.Errorf("against the policy: %q, %v", card.String(), err)
		}
	})
}
