package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/notify"
)

// letter puts one message into a mailbox.
func (f *flat) letter(folder, from, subject string, more ...string) activesync.ServerID {
	f.t.Helper()
	f.letters++ // no two are of the same second
	head := fmt.Sprintf("From: %s\r\nTo: alice@example.test\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s@example.test>\r\n", from, subject,
		time.Now().Add(time.Duration(f.letters)*time.Second).Format(time.RFC1123Z), strings.ReplaceAll(subject, " ", "."))
	id, err := f.box.Deliver(folder, server.Mail([]byte(head+strings.Join(more, "")+"\r\nText.\r\n")), false)
	if err != nil {
		f.t.Fatal(err)
	}
	return id
}

// stands compares what is to be seen on the desktop.
func (f *flat) stands(want ...string) {
	f.t.Helper()
	time.Sleep(10 * time.Second)
	synctest.Wait()
	if got := f.desk.standing(); !slices.Equal(got, want) {
		f.t.Errorf("the desktop shows %q, want %q", got, want)
	}
}

// choose changes Settings › Notifications.
func (f *flat) choose(n activesync.Notifications) {
	f.t.Helper()
	if err := f.local.SetNotifications(context.Background(), n); err != nil {
		f.t.Fatal(err)
	}
}

func inFlat(t *testing.T, do func(*flat)) {
	synctest.Test(t, func(t *testing.T) {
		f := newFlat(t)
		time.Sleep(time.Minute)
		do(f)
	})
}

func TestNewMailIsToldOnceAndWithdrawn(t *testing.T) {
	inFlat(t, func(f *flat) {
		one := f.letter("Inbox", "Ana <ana@example.test>", "one")
		f.stands("Ana: one – Text.")
		f.end() // the agent is killed
		f.begin()
		f.stands("Ana: one – Text.")
		if n := len(f.desk.items()); n != 1 {
			t.Errorf("told of %d messages", n)
		}
		f.box.ForgetKeys() // everything comes again
		time.Sleep(time.Hour)
		f.stands("Ana: one – Text.")
		if n := len(f.desk.items()); n != 1 {
			t.Errorf("after a new start of the folder: told of %d messages", n)
		}
		if err := f.box.MarkRead(one, true); err != nil { // elsewhere
			t.Fatal(err)
		}
		f.stands()
		two := f.letter("Inbox", "Bob <bob@example.test>", "two")
		f.stands("Bob: two – Text.")
		if err := f.box.Delete(two); err != nil {
			t.Fatal(err)
		}
		f.stands()
		three := f.letter("Inbox", "Cy <cy@example.test>", "three")
		f.stands("Cy: three – Text.")
		if _, err := f.box.Move(three, "Quarter"); err != nil { // by a rule or another program
			t.Fatal(err)
		}
		time.Sleep(20 * time.Minute)
		f.stands()
		if n := len(f.desk.items()); n != 3 {
			t.Errorf("told of %d messages", n)
		}
	})
}

// What stands on the desktop of an account goes with it, also what an agent before
// this one had put there.
func TestNotificationsGoWithTheirAccount(t *testing.T) {
	for name, way := range map[string]struct {
		gone   func(*flat)
		stands []string
	}{
		"removed": {func(f *flat) {
			if err := f.local.RemoveAccount(f.t.Context(), f.acc.ID); err != nil {
				f.t.Fatal(err)
			}
		}, nil},
		"erased": {func(f *flat) {
			f.box.Wipe()
			time.Sleep(time.Hour)
		}, []string{"alice@example.test was erased from this machine: Your organisation asked for it."}},
	} {
		for _, anew := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				inFlat(t, func(f *flat) {
					f.letter("Inbox", "Ana <ana@example.test>", "one")
					f.stands("Ana: one – Text.")
					if anew {
						f.end()
						f.begin()
						f.stands("Ana: one – Text.")
					}
					way.gone(f)
					f.stands(way.stands...)
				})
			})
		}
	}
}

// What a crash kept a wipe from doing is done at the next start, wherever it came:
// nothing is left on the desktop, the person hears of it, and the mail does not come
// back.
func TestAWipeIsFinishedAfterACrash(t *testing.T) {
	const word = "alice@example.test was erased from this machine: Your organisation asked for it."
	for name, c := range map[string]struct {
		crash  func(*flat)
		stands []string
	}{
		"the order was noted": {func(f *flat) {
			f.end()
			if err := f.store.UpdateState(context.Background(), f.acc.ID, func(s *activesync.AccountState) error { s.Erase = true; return nil }); err != nil {
				f.t.Fatal(err)
			}
		}, []string{word}},
		"the mail is gone": {func(f *flat) {
			f.book.breaks(errors.New("a crash"))
			f.box.Wipe()
			time.Sleep(time.Hour)
			f.end()
			f.book.breaks(nil)
		}, []string{word, word}}, // it is not known whether they heard of it
	} {
		t.Run(name, func(t *testing.T) {
			inFlat(t, func(f *flat) {
				f.letter("Inbox", "Ana <ana@example.test>", "one")
				f.stands("Ana: one – Text.")
				c.crash(f)
				f.forget()
				f.begin()
				time.Sleep(time.Hour)
				f.stands(c.stands...)
				if got := f.seen(); len(got) > 0 {
					t.Errorf("the server is asked for %q", got)
				}
				if left, err := f.local.Accounts(context.Background()); err != nil || len(left) > 0 {
					t.Errorf("there are %v, %v", left, err)
				}
				if s, err := f.store.State(context.Background(), f.acc.ID); err != nil || s.Erase || len(s.Told.Shown) > 0 {
					t.Errorf("of it is kept %+v, %v", s, err)
				}
			})
		})
	}
}

func TestSeveralAtOnceAreOneNotification(t *testing.T) {
	inFlat(t, func(f *flat) {
		var ids []activesync.ServerID
		for _, who := range []string{"Ana", "Bob", "Cy"} {
			ids = append(ids, f.letter("Inbox", who+" <x@example.test>", "from "+who))
		}
		f.stands("3 new messages in Inbox: Cy, Bob, Ana")
		f.box.MarkRead(ids[0], true)
		f.stands("2 new messages in Inbox: Cy, Bob")
		f.box.MarkRead(ids[1], true)
		f.stands("Cy: from Cy – Text.")
		f.box.MarkRead(ids[2], true)
		f.stands()
		if n := len(f.desk.ever()); n != 1 {
			t.Errorf("%d notifications came up", n)
		}
	})
}

// A mailbox of which nothing may be told is no part of what is told of others,
// nor of what is done from there.
func TestABlockedMailboxIsNoPartOfASummary(t *testing.T) {
	inFlat(t, func(f *flat) {
		quarter := f.folder("Quarter")
		for id, content := range map[activesync.FolderID]activesync.NotifyContent{f.folder("Inbox"): "", quarter: activesync.ContentBlock} {
			o := activesync.FolderOptions{AutoRefresh: true, Check: activesync.CheckPush, Period: activesync.PeriodAll, NotifyContent: content}
			if err := f.local.SetFolderOptions(f.t.Context(), id, o); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Minute)
		f.letter("Inbox", "Ana <ana@example.test>", "one")
		f.letter("Quarter", "Bob <bob@example.test>", "two")
		f.stands("Ana: one – Text.")
		f.letter("Quarter", "Cy <cy@example.test>", "three")
		f.stands("Ana: one – Text.")
		if f.desk.shows != 1 {
			t.Errorf("it was shown %d times", f.desk.shows)
		}
		f.desk.events <- notify.DesktopEvent{ID: f.desk.id(), Action: notify.ActRead}
		f.stands()
		rows, err := f.local.Window(f.t.Context(), quarter, activesync.WindowQuery{Count: 9})
		if err != nil || len(rows.Rows) != 2 || slices.ContainsFunc(rows.Rows, func(h activesync.Header) bool { return h.Read }) {
			t.Errorf("of the other mailbox: %+v, %v", rows.Rows, err)
		}
	})
}

func TestActionsOfANotification(t *testing.T) {
	for _, tt := range []struct {
		action string
		done   func(*flat, activesync.Header, error) bool
	}{
		{notify.ActRead, func(_ *flat, h activesync.Header, _ error) bool { return h.Read }},
		{notify.ActDelete, func(f *flat, _ activesync.Header, _ error) bool {
			deleted, err := f.box.Items("Deleted Items")
			return err == nil && len(deleted) == 1
		}},
		{notify.ActArchive, func(f *flat, h activesync.Header, _ error) bool { return h.Folder == f.folder("Archive") }},
	} {
		t.Run(tt.action, func(t *testing.T) {
			inFlat(t, func(f *flat) {
				f.box.AddFolder("Archive", activesync.FolderUserMail)
				if err := f.local.Check(f.t.Context(), f.acc.ID); err != nil {
					t.Fatal(err)
				}
				f.letter("Inbox", "Ana <ana@example.test>", "one")
				f.stands("Ana: one – Text.")
				item := f.desk.items()[0]
				f.end()
				f.begin() // the successor knows what it stands for
				time.Sleep(time.Minute)
				f.desk.events <- notify.DesktopEvent{ID: f.desk.id(), Action: tt.action}
				f.stands()
				if h, err := f.local.Header(f.t.Context(), item); !tt.done(f, h, err) {
					t.Errorf("not done: %+v, %v", h, err)
				}
			})
		})
	}
	t.Run(notify.ActSnooze, func(t *testing.T) {
		inFlat(t, func(f *flat) {
			f.letter("Inbox", "Ana <ana@example.test>", "one")
			f.stands("Ana: one – Text.")
			f.desk.events <- notify.DesktopEvent{ID: f.desk.id(), Action: notify.ActSnooze}
			f.stands()
			f.end()
			f.begin()
			time.Sleep(activesync.DefaultSnooze)
			f.stands("Ana: one – Text.")
		})
	})
	t.Run(notify.ActReply, func(t *testing.T) {
		inFlat(t, func(f *flat) {
			defer f.local.Attach(true)()
			f.local.Look(activesync.Look{Away: true})
			f.letter("Inbox", "Ana <ana@example.test>", "one")
			f.stands("Ana: one – Text.")
			f.desk.events <- notify.DesktopEvent{ID: f.desk.id(), Action: notify.ActReply}
			a := <-f.local.Alerts()
			if a.Open != f.desk.items()[0] || !a.Reply {
				t.Errorf("alert %+v", a)
			}
		})
	})
	t.Run(notify.ActInline, func(t *testing.T) {
		inFlat(t, func(f *flat) {
			f.letter("Inbox", "Ana <ana@example.test>", "one")
			f.stands("Ana: one – Text.")
			f.desk.events <- notify.DesktopEvent{ID: f.desk.id(), Action: notify.ActInline, Text: "Yes."}
			f.stands()
			sent, err := f.box.Items("Sent Items")
			if err != nil || len(sent) != 1 {
				t.Errorf("sent %v, %v", sent, err)
			}
		})
	})
}

func TestAnInvitationIsAnsweredFromItsNotification(t *testing.T) {
	inFlat(t, func(f *flat) {
		start := time.Now().Add(24 * time.Hour).UTC().Format("20060102T150405Z")
		body := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:u1\r\nSEQUENCE:0\r\nDTSTAMP:20260302T100000Z\r\nDTSTART:" + start +
			"\r\nDURATION:PT1H\r\nSUMMARY:Audit\r\nORGANIZER;CN=Bob:mailto:bob@example.test\r\nATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:alice@example.test\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
		mail := "From: Bob <bob@example.test>\r\nTo: alice@example.test\r\nSubject: Audit\r\nDate: " + time.Now().Format(time.RFC1123Z) +
			"\r\nMessage-ID: <u1@example.test>\r\nMIME-Version: 1.0\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\n" + body
		if _, err := f.box.Deliver("Inbox", server.Mail([]byte(mail)), false); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		titles := f.desk.standing()
		if len(titles) != 1 || !strings.HasPrefix(titles[0], "Invitation: Bob: Audit") {
			t.Fatalf("the desktop shows %q", titles)
		}
		item := f.desk.items()[0]
		f.desk.events <- notify.DesktopEvent{ID: f.desk.id(), Action: notify.ActAccept}
		f.stands()
		if _, err := f.local.Sync(f.t.Context(), f.acc.ID, []activesync.FolderID{f.folder("Calendar")}, false, nil); err != nil {
			t.Fatal(err)
		}
		for _, e := range f.events() {
			if e.UID == "u1" && e.ResponseType == uint8(activesync.AnswerAccept) {
				return
			}
		}
		t.Errorf("message %s: no event is accepted: %+v", item, f.events())
	})
}

// events are those of the next days.
func (f *flat) events() []activesync.Event {
	f.t.Helper()
	list, err := f.store.Events(context.Background(), f.acc.ID, time.Now().Add(-time.Hour), time.Now().Add(72*time.Hour))
	if err != nil {
		f.t.Fatal(err)
	}
	return list
}

func TestHowMuchANotificationTells(t *testing.T) {
	work := func(change func(*activesync.AccountNotifications)) func(*flat) activesync.Notifications {
		return func(f *flat) activesync.Notifications {
			var a activesync.AccountNotifications
			change(&a)
			return activesync.Notifications{Accounts: map[activesync.AccountID]activesync.AccountNotifications{f.acc.ID: a}}
		}
	}
	everywhere := func(n activesync.Notifications) func(*flat) activesync.Notifications {
		return func(*flat) activesync.Notifications { return n }
	}
	for _, tt := range []struct {
		name   string
		choose func(*flat) activesync.Notifications
		folder activesync.FolderOptions
		want   []string
	}{
		{"all", everywhere(activesync.Notifications{}), activesync.FolderOptions{}, []string{"Ana: one – Text."}},
		{"sender", everywhere(activesync.Notifications{Content: activesync.ContentSender}), activesync.FolderOptions{}, []string{"Ana"}},
		{"count", everywhere(activesync.Notifications{Content: activesync.ContentCount}), activesync.FolderOptions{}, []string{"1 new message in Inbox"}},
		{"block", everywhere(activesync.Notifications{Content: activesync.ContentBlock}), activesync.FolderOptions{}, nil},
		{"none", everywhere(activesync.Notifications{Way: activesync.NotifyNone}), activesync.FolderOptions{}, nil},
		{"count in this account", work(func(a *activesync.AccountNotifications) { a.Content = activesync.ContentCount }), activesync.FolderOptions{}, []string{"1 new message in Inbox"}},
		{"count in this mailbox", everywhere(activesync.Notifications{}), activesync.FolderOptions{NotifyContent: activesync.ContentCount}, []string{"1 new message in Inbox"}},
		{"not of this mailbox", everywhere(activesync.Notifications{}), activesync.FolderOptions{Notify: activesync.NotifyNever}, nil},
		{"not of this account", work(func(a *activesync.AccountNotifications) { a.Off = true }), activesync.FolderOptions{}, nil},
		{"VIPs only, not one", work(func(a *activesync.AccountNotifications) { a.VIPOnly = true }), activesync.FolderOptions{}, nil},
		{"VIPs only in this mailbox", everywhere(activesync.Notifications{VIPs: []string{"@example.test"}}), activesync.FolderOptions{Notify: activesync.NotifyVIP}, []string{"Ana: one – Text."}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inFlat(t, func(f *flat) {
				f.choose(tt.choose(f))
				inbox := f.folder("Inbox")
				o := tt.folder
				o.AutoRefresh, o.Check, o.Period = true, activesync.CheckPush, activesync.PeriodAll
				if err := f.local.SetFolderOptions(f.t.Context(), inbox, o); err != nil {
					t.Fatal(err)
				}
				f.letter("Inbox", "Ana <ana@example.test>", "one")
				f.stands(tt.want...)
				f.choose(activesync.Notifications{})
				if len(tt.want) == 0 {
					f.stands() // what was not told then is not told later
				}
			})
		})
	}
}

// What stands is cut down where less may be told than before, and does not grow
// again.
func TestWhatStandsIsCutDownWhenLessMayBeTold(t *testing.T) {
	inFlat(t, func(f *flat) {
		minutes := 15
		start := time.Now().Add(10 * time.Minute).UTC().Truncate(time.Minute)
		if _, err := f.box.AddEvent("Calendar", activesync.Event{UID: "1", Subject: "Audit", Start: start, End: start.Add(time.Hour), Reminder: &minutes}); err != nil {
			t.Fatal(err)
		}
		if _, err := f.local.Sync(f.t.Context(), f.acc.ID, []activesync.FolderID{f.folder("Calendar")}, false, nil); err != nil {
			t.Fatal(err)
		}
		event := "Audit: " + start.Local().Format("15:04") + "–" + start.Add(time.Hour).Local().Format("15:04")
		f.stands(event)
		f.letter("Inbox", "Ana <ana@example.test>", "one")
		f.letter("Inbox", "Bob <bob@example.test>", "two")
		f.stands(event, "2 new messages in Inbox: Bob, Ana")
		f.choose(activesync.Notifications{Content: activesync.ContentCount})
		f.stands("2 new messages in Inbox")
		f.choose(activesync.Notifications{})
		f.stands("2 new messages in Inbox")
		f.choose(activesync.Notifications{Content: activesync.ContentBlock})
		f.stands()
		if n := len(f.desk.ever()); n != 2 {
			t.Errorf("%d notifications came up", n)
		}
	})
}

func TestQuietHoursHoldBackAndThenSumUp(t *testing.T) {
	inFlat(t, func(f *flat) {
		now := time.Now().In(time.Local)
		f.choose(activesync.Notifications{Accounts: map[activesync.AccountID]activesync.AccountNotifications{f.acc.ID: {Quiet: []activesync.QuietHours{{
			From: time.Duration(now.Hour()) * time.Hour, To: time.Duration((now.Hour()+2)%24) * time.Hour,
		}}}}})
		read := f.letter("Inbox", "Ana <ana@example.test>", "one")
		f.letter("Inbox", "Bob <bob@example.test>", "two")
		time.Sleep(10 * time.Minute)
		f.letter("Inbox", "Cy <cy@example.test>", "three")
		f.stands()
		f.box.MarkRead(read, true)
		f.end()
		f.begin()
		f.stands()
		time.Sleep(2 * time.Hour)
		f.stands("2 new messages in Inbox: Cy, Bob")
	})
}

func TestTheServerIsLeftAloneInQuietHours(t *testing.T) {
	inFlat(t, func(f *flat) {
		now := time.Now().In(time.Local)
		hours := activesync.QuietHours{From: time.Duration(now.Hour()+1) * time.Hour, To: time.Duration(now.Hour()+3) * time.Hour}
		f.choose(activesync.Notifications{Accounts: map[activesync.AccountID]activesync.AccountNotifications{f.acc.ID: {Quiet: []activesync.QuietHours{hours}, QuietServer: true}}})
		time.Sleep(90 * time.Minute) // they have begun by themselves
		f.forget()
		f.letter("Inbox", "Ana <ana@example.test>", "one")
		time.Sleep(20 * time.Minute)
		if kinds := f.seen(); len(kinds) > 0 {
			t.Errorf("the server was asked for %q", kinds)
		}
		p, err := f.local.Presence(f.t.Context())
		if err != nil || !strings.HasPrefix(p.Accounts[0].Why[0], "quiet hours until") {
			t.Errorf("presence %+v, %v", p, err)
		}
		detach := f.local.Attach(true) // nobody who looks has quiet hours
		time.Sleep(time.Minute)
		if f.count("Ping") == 0 {
			t.Error("a screen is attached and no Ping is open")
		}
		detach()
		time.Sleep(2 * time.Hour)
		f.stands("Ana: one – Text.")
	})
}

func TestNothingIsToldOfWhatThePersonLooksAt(t *testing.T) {
	inFlat(t, func(f *flat) {
		detach := f.local.Attach(true)
		f.local.Look(activesync.Look{Folder: f.folder("Inbox")})
		f.letter("Inbox", "Ana <ana@example.test>", "one")
		f.stands()
		f.local.Look(activesync.Look{Folder: f.folder("Inbox"), Away: true})
		f.letter("Inbox", "Bob <bob@example.test>", "two")
		f.stands("Bob: two – Text.")
		f.local.Look(activesync.Look{Folder: f.folder("Inbox")})
		f.letter("Inbox", "Dan <dan@example.test>", "seen as it came")
		time.Sleep(time.Second)
		detach()
		f.letter("Inbox", "Cy <cy@example.test>", "three")
		f.stands("Bob: two – Text.", "Cy: three – Text.")
	})
}

func TestWithoutADesktopTheLastUsedScreenTells(t *testing.T) {
	inFlat(t, func(f *flat) {
		f.choose(activesync.Notifications{Way: activesync.NotifyTerminal})
		watcher := f.local.Attach(true) // says nothing of what it shows
		defer watcher()
		defer f.local.Attach(true)()
		f.local.Look(activesync.Look{Folder: f.folder("Quarter")})
		id := f.letter("Inbox", "Ana <ana@example.test>", "one")
		if a := <-f.local.Alerts(); a.Title != "Ana" || a.Withdraw {
			t.Errorf("alert %+v", a)
		}
		f.box.MarkRead(id, true)
		if a := <-f.local.Alerts(); !a.Withdraw || a.ID == "" {
			t.Errorf("alert %+v", a)
		}
		f.stands()
	})
}

func TestWhatNeedsThePersonIsToldAndWithdrawn(t *testing.T) {
	inFlat(t, func(f *flat) {
		op, err := f.store.Queue(f.t.Context(), activesync.Op{Account: f.acc.ID, Kind: activesync.OpSend, State: activesync.OpParked, Reason: "the mailbox is full",
			Created: time.Now(), Send: &activesync.Outgoing{ClientID: "c", MessageID: "<m@example.test>", Subject: "Offer", To: []activesync.Address{{Address: "bob@example.test"}}}}, []byte("From: a\r\n\r\nx"))
		if err != nil {
			t.Fatal(err)
		}
		f.local.publish(activesync.Notice{Kind: activesync.NoticeOp, Account: f.acc.ID, Op: op})
		f.stands("A message was not sent: Offer – the mailbox is full")
		if err := f.store.RevertOp(f.t.Context(), op); err != nil {
			t.Fatal(err)
		}
		f.local.publish(activesync.Notice{Kind: activesync.NoticeOp, Account: f.acc.ID, Op: op})
		f.stands()
		for _, policy := range []string{"1", "1", "2"} {
			err := f.local.Store.UpdateState(f.t.Context(), f.acc.ID, func(s *activesync.AccountState) error {
				s.Provisioned, s.Policy = true, map[string]string{"MinDevicePasswordLength": policy}
				s.Told.Policy = strings.Repeat(s.Told.Policy, 1)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			f.local.publish(activesync.Notice{Kind: activesync.NoticePolicy, Account: f.acc.ID})
			time.Sleep(10 * time.Second)
		}
		f.stands("The policies of alice@example.test changed: Settings › Policies shows what holds now.")
	})
}

func TestARefusedSignInIsToldOnce(t *testing.T) {
	inFlat(t, func(f *flat) {
		f.fail(&server.Fault{Status: 401})
		f.letter("Inbox", "Ana <ana@example.test>", "one")
		time.Sleep(time.Hour)
		f.stands("Sign in to alice@example.test: The server refuses the password. No mail comes until you sign in again.")
		f.end()
		f.begin()
		time.Sleep(time.Hour)
		if n := len(f.desk.ever()); n != 1 {
			t.Errorf("told %d times", n)
		}
		f.fail(nil)
		if err := f.local.SyncNow(f.t.Context(), f.acc.ID); err != nil {
			t.Fatal(err)
		}
		f.stands("Ana: one – Text.")
	})
}

// Once the network is back mail comes with the next try, and at once where the
// system says that there is a network.
func TestTheNetworkGoesAndComesBack(t *testing.T) {
	for _, told := range []bool{false, true} {
		inFlat(t, func(f *flat) {
			f.fail(&server.Fault{Refuse: true})
			f.letter("Inbox", "Ana <ana@example.test>", "one") // ends the Ping that is open
			time.Sleep(5 * time.Minute)
			p, err := f.local.Presence(f.t.Context())
			if err != nil || p.Accounts[0].Phase != activesync.PhaseOffline || !strings.Contains(p.Accounts[0].Problem, "cannot be reached") || p.Accounts[0].Next.IsZero() {
				t.Errorf("presence %+v, %v", p.Accounts, err)
			}
			f.stands()
			if told {
				time.Sleep(2 * time.Hour) // the tries have become rare
				f.fail(nil)
				f.local.NetworkChanged()
			} else {
				f.fail(nil)
				time.Sleep(30 * time.Minute)
			}
			f.stands("Ana: one – Text.")
			if p, err = f.local.Presence(f.t.Context()); err != nil || p.Accounts[0].Problem != "" {
				t.Errorf("presence %+v, %v", p.Accounts, err)
			}
		})
	}
}

func TestALookAtEverythingTellsNothingTwice(t *testing.T) {
	inFlat(t, func(f *flat) {
		f.letter("Inbox", "Ana <ana@example.test>", "one")
		f.stands("Ana: one – Text.")
		f.local.publish(overflow(f.acc.ID)) // everything is looked at again
		f.stands("Ana: one – Text.")
		if n := len(f.desk.ever()); n != 1 {
			t.Errorf("told %d times", n)
		}
	})
}

// The command gets the event on its standard input and nothing in its words.
func TestACommandIsTold(t *testing.T) {
	inFlat(t, func(f *flat) {
		f.end()
		type call struct {
			words []string
			event string
		}
		calls := make(chan call, 8)
		f.runs = func(_ context.Context, words []string, event []byte) error {
			calls <- call{words, string(event)}
			return errors.New("it failed") // which stops nothing
		}
		f.begin()
		f.choose(activesync.Notifications{Way: activesync.NotifyCommand, Command: []string{"tell", "me"}})
		id := f.letter("Inbox", "Ana <ana@example.test>", "one")
		c := <-calls
		if !slices.Equal(c.words, []string{"tell", "me"}) || !strings.Contains(c.event, `"event":"mail.new"`) || !strings.Contains(c.event, `"title":"Ana"`) {
			t.Errorf("%+v", c)
		}
		f.box.MarkRead(id, true)
		if c := <-calls; !strings.Contains(c.event, `"withdrawn":true`) {
			t.Errorf("%+v", c)
		}
		f.stands()
	})
}

// What an agent that ends has handed to the command is told: its successor takes
// it for told. A command that hangs does not keep the agent from ending.
func TestACommandIsToldOfWhatWaitsAtTheEnd(t *testing.T) {
	inFlat(t, func(f *flat) {
		f.end()
		hangs, told := false, make(chan string, 8)
		f.runs = func(ctx context.Context, _ []string, event []byte) error {
			limit := 2 * time.Second
			if hangs {
				limit = time.Hour
			}
			select {
			case <-time.After(limit):
				told <- string(event)
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		f.begin()
		f.choose(activesync.Notifications{Way: activesync.NotifyCommand, Command: []string{"tell"}})
		f.letter("Inbox", "Ana <ana@example.test>", "one")
		time.Sleep(3 * time.Second)
		synctest.Wait()
		f.letter("Inbox", "Bob <bob@example.test>", "two")
		time.Sleep(2 * time.Second)
		f.end()
		if len(told) != 2 {
			t.Errorf("%d events were told", len(told))
		}
		hangs = true
		f.begin()
		f.letter("Inbox", "Cy <cy@example.test>", "three")
		time.Sleep(10 * time.Second)
		began := time.Now()
		if f.end(); time.Since(began) > 10*time.Second {
			t.Errorf("the end took %s", time.Since(began))
		}
	})
}
