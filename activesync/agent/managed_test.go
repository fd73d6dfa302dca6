package agent_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
)

// With Background refresh allowed off nothing is received while nobody looks,
// from the moment on when the file says so.
func TestPolicyForbidsTheBackground(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newPeopleHouse(t)
		h.run()
		detach := h.agent.Attach(true)
		time.Sleep(time.Minute)
		h.forbid(`background_refresh_allowed = "off"`)
		detach()
		time.Sleep(time.Hour)
		h.deliver(3)
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		if _, rows := h.inbox(); len(rows) != 0 {
			t.Errorf("%d messages came in the background", len(rows))
		}
		p, err := h.agent.Presence(t.Context())
		if err != nil || p.Mode != activesync.ModeOff {
			t.Errorf("the presence is %+v, %v", p, err)
		}
		if err := h.agent.SetBackground(t.Context(), activesync.Background{RefreshOff: true}); err != nil {
			t.Fatal(err)
		}
		if err := h.agent.SetBackground(t.Context(), activesync.Background{}); !errors.Is(err, activesync.ErrPolicy) {
			t.Errorf("turned on it says %v", err)
		}
		defer h.agent.Attach(true)()
		time.Sleep(time.Minute)
		if _, rows := h.inbox(); len(rows) != 3 {
			t.Errorf("%d messages are there in the foreground", len(rows))
		}
	})
}

// A mailbox begins with the period that the policy says, and no longer one than
// Max sync interval is asked for, whatever the person chose.
func TestPolicyLimitsThePeriod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newPeopleHouse(t)
		h.forbid("default_sync_interval = \"1w\"\nmax_sync_interval = \"all\"")
		h.deliver(24 * 40) // one an hour
		h.box.AddFolder("Projects", activesync.FolderUserMail)
		if _, err := h.agent.Sync(t.Context(), h.acc.ID, nil, true, nil); err != nil {
			t.Fatal(err)
		}
		folders, err := h.agent.Folders(t.Context(), h.acc.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range folders {
			want := activesync.PeriodAll
			if f.Name == "Projects" {
				want = activesync.Period1w // the others were there before the policy was
			}
			if f.Class == activesync.ClassEmail && f.Period != want {
				t.Errorf("%s begins with %s, want %s", f.Name, f.Period, want)
			}
		}
		if f, _ := h.inbox(); f.Total < 900 {
			t.Fatalf("%d messages without a limit", f.Total)
		}
		h.forbid(`max_sync_interval = "1w"`)
		time.Sleep(time.Minute)
		if _, err := h.agent.Sync(t.Context(), h.acc.ID, nil, true, nil); err != nil {
			t.Fatal(err)
		}
		if f, _ := h.inbox(); f.Total > 24*8 {
			t.Errorf("%d messages with a limit of a week", f.Total)
		}
	})
}
