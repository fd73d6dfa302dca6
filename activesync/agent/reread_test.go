package agent

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"eas.example/securemail/activesync"
)

// decree writes the policy file of the organisation, and has the agent see it.
func (f *flat) decree(k *known, content string) {
	f.t.Helper()
	// Never half written: the agent looks at it whenever it wants.
	if err := os.WriteFile(f.policy+".new", []byte(content), 0o600); err != nil {
		f.t.Fatal(err)
	}
	if err := os.Rename(f.policy+".new", f.policy); err != nil {
		f.t.Fatal(err)
	}
	f.local.reread(k)
}

func TestAChangeOfManagedPoliciesIsTold(t *testing.T) {
	inFlat(t, func(f *flat) {
		var k known
		f.local.reread(&k)
		f.stands() // what holds from the start is no news
		f.decree(&k, "export_contacts = \"off\"\n")
		told := "Your organisation changed what is allowed here: Export contacts: off. Settings › Policies shows what holds now."
		f.stands(told)
		f.local.reread(&k) // nothing changed
		f.end()
		f.begin()
		f.stands(told)
		if f.desk.shows != 1 {
			t.Errorf("told %d times", f.desk.shows)
		}
		f.end() // it changes while no agent runs
		k = known{}
		f.decree(&k, "export_contacts = \"off\"\nattachments = \"off\"\n")
		f.begin()
		f.stands("Your organisation changed what is allowed here: Attachments: off. Settings › Policies shows what holds now.")
		f.choose(activesync.Notifications{Content: activesync.ContentBlock})
		f.decree(&k, "export_contacts = \"on\"\n")
		time.Sleep(time.Minute)
		if f.desk.shows != 2 {
			t.Error("told although nothing may be told")
		}
	})
}

func TestLockedScreenPolicyLimitsNotifications(t *testing.T) {
	inFlat(t, func(f *flat) {
		var k known
		f.choose(activesync.Notifications{Content: activesync.ContentSender})
		f.decree(&k, "control_locked_screen_notifications = \"count only\"\n")
		decided := "Your organisation changed what is allowed here: Control locked screen notifications: count only; Export contacts: off. Settings › Policies shows what holds now."
		id := f.letter("Inbox", "Ana <ana@example.test>", "one")
		f.stands(decided, "1 new message in Inbox")
		f.box.MarkRead(id, true)
		f.stands(decided)
		f.decree(&k, "not a policy file")
		f.letter("Inbox", "Bob <bob@example.test>", "two")
		f.stands(decided) // nothing is told where it cannot be known what may be
	})
}

// Quiet hours may be written into the file while the agent runs, and taken out.
func TestQuietHoursChangedByHandAreObeyed(t *testing.T) {
	inFlat(t, func(f *flat) {
		var k known
		f.local.reread(&k)
		write := func(n activesync.Notifications) { // as an editor does
			if err := f.book.SetNotifications(n); err != nil {
				t.Fatal(err)
			}
			f.local.reread(&k)
			time.Sleep(time.Second)
		}
		now := time.Now().In(time.Local)
		hours := activesync.QuietHours{From: time.Duration(now.Hour()) * time.Hour, To: time.Duration((now.Hour()+5)%24) * time.Hour}
		quiet := activesync.Notifications{Accounts: map[activesync.AccountID]activesync.AccountNotifications{f.acc.ID: {Quiet: []activesync.QuietHours{hours}}}}
		write(quiet)
		f.letter("Inbox", "Ana <ana@example.test>", "one")
		f.stands()
		write(activesync.Notifications{})
		f.stands("Ana: one – Text.")
		of := quiet.Accounts[f.acc.ID]
		of.QuietServer = true
		write(activesync.Notifications{Accounts: map[activesync.AccountID]activesync.AccountNotifications{f.acc.ID: of}})
		f.forget()
		time.Sleep(90 * time.Minute)
		if kinds := f.seen(); len(kinds) > 0 {
			t.Errorf("in quiet hours the server was asked for %q", kinds)
		}
		write(activesync.Notifications{})
		time.Sleep(time.Minute)
		if f.count("Ping") == 0 {
			t.Error("without quiet hours no Ping is open")
		}
	})
}

// Watch sees a file that comes, changes, is replaced and goes, in a directory
// that is not there at first.
func TestWatchSeesWhatBecomesOfAFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "etc", "securemail")
	path := filepath.Join(dir, "policy.toml")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	seen := make(chan string, 64)
	done := make(chan error, 1)
	go func() {
		done <- Watch(ctx, []string{path}, func() bool {
			b, err := os.ReadFile(path)
			if err != nil {
				b = []byte("none")
			}
			select {
			case seen <- string(b):
			case <-ctx.Done():
			}
			return true
		})
	}()
	await := func(want string) {
		t.Helper()
		for {
			select {
			case got := <-seen:
				if got == want {
					return
				}
			case <-ctx.Done():
				t.Fatalf("%q was not seen", want)
			}
		}
	}
	await("none")
	for _, step := range []struct {
		do   func() error
		want string
	}{
		{func() error { return os.MkdirAll(dir, 0o700) }, "none"},
		{func() error { return os.WriteFile(path, []byte("one"), 0o600) }, "one"},
		{func() error { return os.WriteFile(path, []byte("two"), 0o600) }, "two"},
		{func() error {
			if err := os.WriteFile(path+".new", []byte("three"), 0o600); err != nil {
				return err
			}
			return os.Rename(path+".new", path)
		}, "three"},
		{func() error { return os.RemoveAll(filepath.Dir(dir)) }, "none"},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		await(step.want)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
