package server_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

// invite is an invitation by Bob to Alice; extra are lines of its event.
func invite(method, uid, extra string) []byte {
	return []byte(strings.ReplaceAll(fmt.Sprintf("From: bob@example.test\nTo: alice@example.test\nSubject: Audit\nMessage-ID: <%s-%s@example.test>\nMIME-Version: 1.0\n"+
		"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nPlease come.\n--b\nContent-Type: text/calendar; method=%s\n\n"+
		"BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:%s\nBEGIN:VEVENT\nUID:%s\nDTSTAMP:20260302T100000Z\nDTSTART:20260309T090000Z\nDTEND:20260309T100000Z\nSUMMARY:Audit\n"+
		"LOCATION:Room 4\nORGANIZER;CN=Bob:mailto:bob@example.test\nATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:alice@example.test\n%sEND:VEVENT\nEND:VCALENDAR\n--b--\n",
		uid, method, method, method, uid, extra), "\n", "\r\n"))
}

// respond answers an item and gives the status of the result, and the event.
func (c *conn) respond(a wire.MeetingAnswer) (int, activesync.ServerID) {
	c.t.Helper()
	var out wire.MeetingResponseResponse
	if !c.call("MeetingResponse", &wire.MeetingResponseRequest{Requests: []wire.MeetingAnswer{a}}, &out) || len(out.Results) != 1 {
		c.t.Fatalf("no result: %+v", out)
	}
	return out.Results[0].Status, out.Results[0].CalendarID
}

// first is the id of the only item in a folder.
func first(t *testing.T, box *server.Mailbox, path string) activesync.ServerID {
	t.Helper()
	all, err := box.Items(path)
	if err != nil || len(all) != 1 {
		t.Fatalf("%s: %d items, %v", path, len(all), err)
	}
	return all[0].ID
}

func TestInvitationIsAnswered(t *testing.T) {
	for _, answer := range []struct {
		code     int
		want     activesync.Answer
		busy     uint8
		partstat string
	}{{wire.MeetingAccept, activesync.AnswerAccept, 2, "ACCEPTED"}, {wire.MeetingTentative, activesync.AnswerTentative, 1, "TENTATIVE"}, {wire.MeetingDecline, activesync.AnswerDecline, 0, "DECLINED"}} {
		t.Run(answer.want.String(), func(t *testing.T) {
			versions(t, server.Config{}, func(t *testing.T, c *conn) {
				bob := c.srv.AddUser("bob", "builder", "bob@example.test")
				if !c.srv.Receive("alice@example.test", invite("REQUEST", "audit", "")) {
					t.Fatal("nobody took the invitation")
				}
				event := first(t, c.box, "Calendar")
				inbox, _ := c.box.FolderID("Inbox")
				status, id := c.respond(wire.NewMeetingAnswer(c.v, inbox, first(t, c.box, "Inbox"), answer.code, "See you", time.Time{}).Requests[0])
				if status != 1 || (id == event) == (answer.want == activesync.AnswerDecline) {
					t.Fatalf("status %d, event %q, was %q", status, id, event)
				}
				if left, _ := c.box.Items("Inbox"); len(left) != 0 {
					t.Error("the invitation is still in the Inbox")
				}
				first(t, c.box, "Deleted Items")
				events, _ := c.box.Items("Calendar")
				if answer.want == activesync.AnswerDecline {
					if len(events) != 0 {
						t.Error("the event that was declined is still there")
					}
				} else if e := events[0].Event; e.ResponseType != uint8(answer.want) || e.BusyStatus != answer.busy || e.Attendees[0].Status != uint8(answer.want) {
					t.Errorf("%+v", e)
				}
				mails, _ := bob.Items("Inbox")
				if c.v < activesync.V160 {
					if len(mails) != 0 {
						t.Error("the server wrote to the organiser, which it does from 16.0 on")
					}
					return
				}
				m := message.ParseBytes(mails[0].MIME)
				f, err := calendar.ReadICS(m.Calendar, time.UTC)
				if err != nil || f.Method != "REPLY" || f.Items[0].Event.UID != "audit" || f.Items[0].Comment != "See you" ||
					!bytes.Contains(m.Calendar, []byte("PARTSTAT="+answer.partstat)) {
					t.Errorf("%v\n%s", err, mails[0].MIME)
				}
			})
		})
	}
}

func TestAnswersThatAreRefused(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		mine := activesync.Event{UID: "mine", Subject: "mine", Start: time.Now(), End: time.Now().Add(time.Hour), MeetingStatus: 1}
		theirs := mine
		theirs.UID, theirs.MeetingStatus = "theirs", 3
		mineID, _ := c.box.AddEvent("Calendar", mine)
		theirsID, _ := c.box.AddEvent("Calendar", theirs)
		plain := c.deliver("Inbox", "no invitation", time.Now())
		inbox, _ := c.box.FolderID("Inbox")
		archive, _ := c.box.FolderID("Archive")
		cal, _ := c.box.FolderID("Calendar")
		moved, _ := c.box.Deliver("Archive", server.Mail(invite("REQUEST", "elsewhere", "")), false)
		single, _ := c.box.Deliver("Inbox", server.Mail(invite("REQUEST", "single", "")), false)
		gone, _ := c.box.Deliver("Inbox", server.Mail(invite("CANCEL", "gone", "")), false)
		event := 2
		if c.v >= activesync.V141 {
			event = 1
		}
		for _, tt := range []struct {
			name string
			a    wire.MeetingAnswer
			want int
		}{
			{"a message that invites to nothing", wire.MeetingAnswer{UserResponse: 1, CollectionID: inbox, RequestID: plain}, 2},
			{"no such message", wire.MeetingAnswer{UserResponse: 1, CollectionID: inbox, RequestID: "9:9"}, 2},
			{"no such folder", wire.MeetingAnswer{UserResponse: 1, CollectionID: "99", RequestID: plain}, 2},
			{"not in the Inbox", wire.MeetingAnswer{UserResponse: 1, CollectionID: archive, RequestID: moved}, 2},
			{"a cancellation", wire.MeetingAnswer{UserResponse: 1, CollectionID: inbox, RequestID: gone}, 2},
			{"an answer that there is not", wire.MeetingAnswer{UserResponse: 4, CollectionID: inbox, RequestID: single}, 2},
			{"an event of one's own", wire.MeetingAnswer{UserResponse: 1, CollectionID: cal, RequestID: mineID}, 2},
			{"an event", wire.MeetingAnswer{UserResponse: 1, CollectionID: cal, RequestID: theirsID}, event},
		} {
			if got, _ := c.respond(tt.a); got != tt.want {
				t.Errorf("%s: status %d, want %d", tt.name, got, tt.want)
			}
		}
		if c.v >= activesync.V141 {
			for form, want := range map[wire.Stamp]int{"20260309T090000Z": 104, "2026-03-09T09:00:00.000Z": 146} {
				if got, _ := c.respond(wire.MeetingAnswer{UserResponse: 1, CollectionID: inbox, RequestID: single, InstanceID: &form}); got != want {
					t.Errorf("InstanceId %s of a single event: status %d, want %d", form, got, want)
				}
			}
		}
	})
}

// What a version does not know makes the whole request bad.
func TestAnswersOfOtherVersions(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		id, _ := c.box.Deliver("Inbox", server.Mail(invite("REQUEST", "audit", "")), false)
		inbox, _ := c.box.FolderID("Inbox")
		at := wire.Dashed(time.Now())
		for _, tt := range []struct {
			name  string
			a     wire.MeetingAnswer
			since activesync.Version
		}{
			{"InstanceId", wire.MeetingAnswer{UserResponse: 1, CollectionID: inbox, RequestID: id, InstanceID: &at}, activesync.V141},
			{"SendResponse", wire.MeetingAnswer{UserResponse: 3, CollectionID: inbox, RequestID: "no", SendResponse: &wire.SendResponse{}}, activesync.V160},
			{"proposed times", wire.MeetingAnswer{UserResponse: 3, CollectionID: inbox, RequestID: "no",
				SendResponse: &wire.SendResponse{ProposedStartTime: &at, ProposedEndTime: &at}}, activesync.V161},
		} {
			req := &wire.MeetingResponseRequest{Requests: []wire.MeetingAnswer{tt.a}}
			if c.v < tt.since {
				if got := c.refused("MeetingResponse", req); got != c.common(103, 400) {
					t.Errorf("%s: %d", tt.name, got)
				}
				continue
			}
			if got, _ := c.respond(tt.a); got == 103 {
				t.Errorf("%s is refused", tt.name)
			}
		}
		wrong := &struct {
			_    wbxml.Root          `wbxml:"MeetingResponse:MeetingResponse"`
			Item activesync.ServerID `wbxml:"MeetingResponse:Request>MeetingResponse:RequestId"`
			User int                 `wbxml:"MeetingResponse:Request>MeetingResponse:UserResponse"`
		}{Item: id, User: 1}
		if got := c.refused("MeetingResponse", wrong); got != c.common(103, 400) {
			t.Errorf("elements out of order: %d", got)
		}
	})
}

func TestCalendarFollowsTheMail(t *testing.T) {
	c := newConn(t, activesync.V161, server.Config{})
	c.srv.Receive("alice@example.test", invite("REQUEST", "audit", ""))
	events, _ := c.box.Items("Calendar")
	if len(events) != 1 || events[0].Event.ResponseType != 5 || events[0].Event.MeetingStatus != 3 {
		t.Fatalf("%+v", events)
	}
	c.srv.Receive("alice@example.test", invite("REQUEST", "audit", "SEQUENCE:1\r\nDESCRIPTION:later\r\n"))
	if events, _ = c.box.Items("Calendar"); len(events) != 1 || string(events[0].Event.Body.Data) != "later" {
		t.Errorf("the update is not in the calendar: %+v", events)
	}
	c.srv.Receive("alice@example.test", invite("CANCEL", "audit", ""))
	if events, _ = c.box.Items("Calendar"); len(events) != 1 || events[0].Event.MeetingStatus != 7 {
		t.Errorf("the cancellation is not in the calendar: %+v", events)
	}
	mine := activesync.Event{UID: "mine", Subject: "mine", Start: time.Now(), End: time.Now().Add(time.Hour), MeetingStatus: 1,
		Attendees: []activesync.Attendee{{Address: activesync.Address{Address: "bob@example.test"}, Type: 1}}}
	if _, err := c.box.AddEvent("Calendar", mine); err != nil {
		t.Fatal(err)
	}
	reply := bytes.ReplaceAll(invite("REPLY", "mine", ""), []byte("ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:alice"), []byte("ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob"))
	c.srv.Receive("alice@example.test", reply)
	if events, _ = c.box.Items("Calendar"); events[1].Event.Attendees[0].Status != 3 {
		t.Errorf("the answer is not in the calendar: %+v", events[1].Event)
	}
	c = newConn(t, activesync.V161, server.Config{Personality: server.Personality{LeavesCalendar: true}})
	c.srv.Receive("alice@example.test", invite("REQUEST", "audit", ""))
	if events, _ = c.box.Items("Calendar"); len(events) != 0 {
		t.Errorf("%+v", events)
	}
}
