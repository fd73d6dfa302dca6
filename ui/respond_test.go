package ui_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/ui"
)

// scheduling is a message by Bob about a meeting tomorrow at 10.
func scheduling(method string) []byte {
	day := time.Now().UTC().AddDate(0, 0, 1).Format("20060102")
	return []byte(strings.ReplaceAll(fmt.Sprintf("From: Bob Stone <bob@example.test>\nTo: alice@example.test\nSubject: Audit\nDate: %s\nMessage-ID: <%s@example.test>\nMIME-Version: 1.0\n"+
		"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nJoin: https://teams.microsoft.com/l/meetup-join/42 please.\n--b\nContent-Type: text/calendar; method=%s\n\n"+
		"BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:%s\nBEGIN:VEVENT\nUID:audit\nDTSTAMP:20260302T100000Z\nDTSTART:%sT100000Z\nDTEND:%sT110000Z\nSUMMARY:Audit\n"+
		"LOCATION:Room 4\nORGANIZER;CN=Bob Stone:mailto:bob@example.test\nATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:alice@example.test\nATTENDEE;CN=Ana;PARTSTAT=ACCEPTED:mailto:ana@example.test\nEND:VEVENT\nEND:VCALENDAR\n--b--\n",
		time.Now().Format(time.RFC1123Z), method, method, method, day, day), "\n", "\r\n"))
}

// Who is invited is on the card too where the calendar has no event yet.
func TestInvitationNamesWhoIsInvited(t *testing.T) {
	mail := strings.Replace(string(scheduling("REQUEST")), "To: alice@example.test\r\n", "To: alice@example.test, Ana Souza <ana@example.test>\r\nCc: Cy Lee <cy@example.test>\r\n", 1)
	reading(t, []byte(mail), ui.Deps{}, func(d *driver) {
		d.want("organised by Bob Stone", "with you, Ana Souza, Cy Lee")
	})
	reading(t, scheduling("REQUEST"), ui.Deps{}, func(d *driver) {
		d.want("organised by Bob Stone")
		d.lacks("with you")
	})
}

func TestInvitationCard(t *testing.T) {
	for _, v := range []activesync.Version{activesync.V121, activesync.V161} {
		t.Run(v.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDriver(t, server.Config{Versions: []activesync.Version{v}})
				bob := d.srv.AddUser("bob", "pw", "bob@example.test")
				start := time.Now().UTC().Truncate(24 * time.Hour).Add(34*time.Hour + 30*time.Minute)
				for subject, busy := range map[string]uint8{"Crane count": 2, "Maybe lunch": 0} {
					if _, err := d.box.AddEvent("Calendar", activesync.Event{UID: subject, Subject: subject, Start: start, End: start.Add(time.Hour), BusyStatus: busy}); err != nil {
						t.Fatal(err)
					}
				}
				d.srv.Receive("alice@example.test", scheduling("REQUEST"))
				d.open(140, 40, ui.Deps{})
				defer d.close()
				d.press("enter")
				time.Sleep(time.Second)
				synctest.Wait()
				d.want("Invitation", "10:00–11:00", "Room 4", "organised by Bob Stone", "with you, Ana (accepted)", "Join: https://teams.microsoft.com/l/meetup-join/42",
					"At the same time: Crane count, 10:30–11:30", "A accept")
				d.lacks("Maybe lunch", "You accepted")
				d.press("A")
				time.Sleep(time.Second)
				synctest.Wait()
				d.want("You accepted. It is not sent yet.", "Accepted: Audit", "Undo z")
				d.press("z")
				time.Sleep(time.Second)
				synctest.Wait()
				d.want("Taken back", "A accept")
				time.Sleep(time.Minute)
				synctest.Wait()
				if got, _ := bob.Items("Inbox"); len(got) != 0 {
					t.Fatal("the organiser got what was taken back")
				}
				d.press("y", "2")
				d.press(strings.Split("late", "")...)
				d.press("enter")
				time.Sleep(time.Minute)
				synctest.Wait()
				got, _ := bob.Items("Inbox")
				if len(got) != 1 || !strings.Contains(string(message.ParseBytes(got[0].MIME).Calendar), "COMMENT:late") {
					t.Fatalf("the organiser got %d messages", len(got))
				}
			})
		})
	}
}

func TestMeetingMessagesInWords(t *testing.T) {
	for method, want := range map[string]string{"CANCEL": "This meeting was cancelled", "REPLY": "Bob Stone"} {
		synctest.Test(t, func(t *testing.T) {
			d := newDriver(t, server.Config{})
			raw := scheduling(method)
			if method == "REPLY" {
				raw = []byte(strings.NewReplacer("ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:alice", "ATTENDEE;PARTSTAT=DECLINED:mailto:bob", "PARTSTAT=ACCEPTED:mailto:ana", "PARTSTAT=DECLINED:mailto:bob").Replace(string(raw)))
				want = "Bob Stone declined"
			}
			d.srv.Receive("alice@example.test", raw)
			d.open(140, 40, ui.Deps{})
			defer d.close()
			d.press("enter")
			time.Sleep(time.Second)
			synctest.Wait()
			d.want(want)
			d.lacks("A accept", "At the same time")
			d.press("A")
			d.want("Select an invitation that can be answered first.")
		})
	}
}
