package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

// conversations are the messages of each conversation of the Inbox, by subject.
func (w *world) conversations() (out []string) {
	w.t.Helper()
	f := w.folder(activesync.FolderInbox)
	win, err := w.store.Window(w.t.Context(), f.ID, activesync.WindowQuery{Count: 100, Conversations: true})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, c := range win.Conversations {
		var subjects []string
		for _, id := range c.Items {
			h, err := w.store.Header(w.t.Context(), id)
			if err != nil {
				w.t.Fatal(err)
			}
			subjects = append(subjects, h.Subject)
		}
		out = append(out, strings.Join(subjects, ", "))
	}
	return out
}

// A server of 12.1 names no conversation: headers do, and are brought in idle
// time. From 14.0 on they are not asked for.
func TestReferencesAreAskedForWhereTheServerNamesNoConversation(t *testing.T) {
	for _, v := range []activesync.Version{activesync.V121, activesync.V141} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, server.Config{Versions: []activesync.Version{v}})
			for i, m := range []struct{ subject, refs string }{
				{"Report", ""}, {"Report", ""}, {"Something else", "<0@example.test>"}, {"Re: Report", "<0@example.test> <2@example.test>"}} {
				raw := fmt.Sprintf("From: ana@example.test\r\nTo: %s\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%d@example.test>\r\n", testEmail, m.subject, time.Now().Add(time.Duration(i-10)*time.Hour).Format(time.RFC1123Z), i)
				if m.refs != "" {
					raw += "References: " + m.refs + "\r\n"
				}
				if _, err := w.box.Deliver("Inbox", server.Mail([]byte(raw+"\r\nText.\r\n")), false); err != nil {
					t.Fatal(err)
				}
			}
			w.prefetch = 100
			w.engine = w.newEngine(testPassword)
			w.run()
			time.Sleep(time.Minute)
			synctest.Wait()
			got := strings.Join(w.conversations(), " | ")
			asked := w.requests("ItemOperations", "")
			if v == activesync.V121 && (got != "Re: Report, Something else, Report | Report" || asked != 1) {
				t.Errorf("%v: the conversations are %s, after %d requests for headers", v, got, asked)
			}
			if v != activesync.V121 && asked != 0 {
				t.Errorf("%v: headers were asked for %d times", v, asked)
			}
			w.forget()
			time.Sleep(time.Hour)
			if n := w.requests("ItemOperations", ""); n != 0 {
				t.Errorf("%v: they are asked for %d times again", v, n)
			}
		})
	}
}

// Headers that cannot be had once are asked for again: else the messages would go
// by their topic for ever.
func TestHeadersThatCannotBeHadAreAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, server.Config{Versions: []activesync.Version{activesync.V121}})
		for i, refs := range []string{"", "References: <0@example.test>\r\n"} {
			raw := fmt.Sprintf("From: ana@example.test\r\nTo: %s\r\nSubject: Letter %d\r\nDate: %s\r\nMessage-ID: <%d@example.test>\r\n%s\r\nText.\r\n", testEmail, i, time.Now().Add(time.Duration(i-10)*time.Hour).Format(time.RFC1123Z), i, refs)
			if _, err := w.box.Deliver("Inbox", server.Mail([]byte(raw)), false); err != nil {
				t.Fatal(err)
			}
		}
		refused := 0
		w.setFault(func(q *server.Request) *server.Fault {
			if q.Command != "ItemOperations" || refused > 0 {
				return nil
			}
			refused++
			return &server.Fault{Status: 500}
		})
		w.prefetch = 100
		w.engine = w.newEngine(testPassword)
		w.run()
		time.Sleep(10 * time.Minute)
		if got := w.conversations(); refused == 0 || len(got) != 2 {
			t.Errorf("at first the conversations are %v, after %d refusals", got, refused)
		}
		time.Sleep(2 * time.Hour)
		if got := strings.Join(w.conversations(), " | "); got != "Letter 1, Letter 0" {
			t.Errorf("in the end the conversations are %s", got)
		}
	})
}
