package server_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

// smartReply is the request for an answer from 14.0 on.
type smartReply struct {
	_        wbxml.Root          `wbxml:"ComposeMail:SmartReply"`
	ClientID string              `wbxml:"ComposeMail:ClientId"`
	Folder   activesync.ServerID `wbxml:"ComposeMail:Source>ComposeMail:FolderId"`
	Item     activesync.ServerID `wbxml:"ComposeMail:Source>ComposeMail:ItemId"`
	Save     bool                `wbxml:"ComposeMail:SaveInSentItems,empty"`
	Replace  bool                `wbxml:"ComposeMail:ReplaceMime,empty"`
	MIME     []byte              `wbxml:"ComposeMail:Mime,opaque"`
}

// send sends a message in the form of the version and gives the status.
func (c *conn) send(id string, mime string, save bool) int {
	c.t.Helper()
	mime = strings.ReplaceAll(mime, "\n", "\r\n")
	if c.v > activesync.V121 {
		return c.refused("SendMail", &wire.SendMailRequest{ClientID: id, SaveInSentItems: save, MIME: []byte(mime)})
	}
	c.header.Set("Content-Type", "message/rfc822")
	r := c.request("SendMail", []byte(mime))
	if save {
		r.URL.RawQuery += "&SaveInSent=T"
	}
	res, b := c.roundTrip(r)
	return c.statusOf(res.StatusCode, b)
}

func TestMailIsSent(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		bob := c.srv.AddUser("bob", "builder", "bob@example.test")
		mime := "From: =?utf-8?Q?Al=C3=ADce?= <someone@else.example>\nTo: Bob <bob@example.test>, x@elsewhere.example\nCc: ALICE@example.test\nBcc: bob@example.test,\n y@elsewhere.example\nSubject: hello\n\nText.\n"
		if got := c.send("c1", mime, true); got != 0 {
			t.Fatalf("status %d", got)
		}
		for _, tt := range []struct {
			box  *server.Mailbox
			path string
			read bool
			bcc  int
		}{{bob, "Inbox", false, 0}, {c.box, "Inbox", false, 0}, {c.box, "Sent Items", true, 2}} {
			all, err := tt.box.Items(tt.path)
			if err != nil || len(all) != 1 {
				t.Fatalf("%s of %s: %d messages, %v", tt.path, tt.box.Email(), len(all), err)
			}
			m := message.ParseBytes(all[0].MIME)
			if m.From[0] != (activesync.Address{Name: "Alíce", Address: "alice@example.test"}) || m.Subject != "hello" || len(m.Bcc) != tt.bcc ||
				!strings.Contains(m.Text, "Text.") || all[0].Read != tt.read {
				t.Errorf("%s of %s: %+v\n%s", tt.path, tt.box.Email(), all[0], all[0].MIME)
			}
		}
		if got := c.send("c2", "To: bob@example.test\n\nnot kept\n", false); got != 0 {
			t.Errorf("status %d", got)
		}
		if sent, _ := c.box.Items("Sent Items"); len(sent) != 1 {
			t.Errorf("%d in Sent Items although it was not asked for", len(sent))
		}
	})
}

func TestMailThatIsNotSent(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		for _, tt := range []struct {
			mime string
			want int
		}{
			{"Subject: to nobody\n\nText.\n", c.common(119, 400)},
			{"To: somebody\n\nText.\n", c.common(116, 400)},
			{"", c.common(119, 400)},
		} {
			if got := c.send("c", tt.mime, true); got != tt.want {
				t.Errorf("%q: status %d, want %d", tt.mime, got, tt.want)
			}
		}
		if c.v > activesync.V121 {
			if got := c.send("", "To: bob@example.test\n\n", true); got != 103 {
				t.Errorf("without ClientId: status %d", got)
			}
			if got := c.send(strings.Repeat("c", 41), "To: bob@example.test\n\n", true); got != 103 {
				t.Errorf("with a long ClientId: status %d", got)
			}
		}
		if sent, _ := c.box.Items("Sent Items"); len(sent) != 0 {
			t.Errorf("%d in Sent Items", len(sent))
		}
	})
}

func TestMailIsNotSentTwice(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		if c.v <= activesync.V121 {
			t.Skip("12.1 has no ClientId")
		}
		for _, want := range []int{0, 118, 118} {
			if got := c.send("c1", "To: alice@example.test\nSubject: once\n\nText.\n", true); got != want {
				t.Errorf("status %d, want %d", got, want)
			}
		}
		if all, _ := c.box.Items("Inbox"); len(all) != 1 {
			t.Errorf("%d came", len(all))
		}
	})
}

func TestSmartReply(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		id := c.deliver("Inbox", "question", time.Now())
		inbox := c.folders()["Inbox"]
		mime := letter("Re: question", time.Now(), "The answer.")
		reply := func(item activesync.ServerID) int {
			if c.v > activesync.V121 {
				return c.refused("SmartReply", &smartReply{ClientID: "r-" + string(item), Folder: inbox, Item: item, Save: true, MIME: mime})
			}
			c.header.Set("Content-Type", "message/rfc822")
			r := c.request("SmartReply", mime)
			r.URL.RawQuery += "&SaveInSent=T&CollectionId=" + string(inbox) + "&ItemId=" + string(item)
			res, b := c.roundTrip(r)
			return c.statusOf(res.StatusCode, b)
		}
		if got := reply(inbox + ":99"); got != c.common(150, 404) {
			t.Errorf("the source is gone: status %d", got)
		}
		if got := reply(id); got != 0 {
			t.Fatalf("status %d", got)
		}
		sent, _ := c.box.Items("Sent Items")
		if len(sent) != 1 || !bytes.Contains(sent[0].MIME, []byte("The answer.")) || !bytes.Contains(sent[0].MIME, []byte("Text of question.")) {
			t.Errorf("sent %s", sent[0].MIME)
		}
	})
}

// Two users who write to each other at the same time do not wait for each
// other's mailbox.
func TestTwoUsersWriteAtOnce(t *testing.T) {
	c := newConn(t, activesync.V161, server.Config{})
	bob := c.srv.AddUser("bob", "builder", "bob@example.test")
	done := make(chan int)
	for _, user := range []string{"alice", "bob"} {
		go func() {
			n := 0
			for i := range 50 {
				body, err := wbxml.Marshal(&wire.SendMailRequest{ClientID: string(rune('a' + i)), MIME: []byte("To: alice@example.test, bob@example.test\r\n\r\nx\r\n")})
				if err != nil {
					break
				}
				r := c.request("SendMail", body)
				r.SetBasicAuth(user, map[string]string{"alice": "wonderland", "bob": "builder"}[user])
				if res, err := c.srv.Transport().RoundTrip(r); err == nil && res.StatusCode == 200 {
					n++
				}
			}
			done <- n
		}()
	}
	if a, b := <-done, <-done; a != 50 || b != 50 {
		t.Errorf("%d and %d sent", a, b)
	}
	for _, box := range []*server.Mailbox{c.box, bob} {
		if all, _ := box.Items("Inbox"); len(all) != 100 {
			t.Errorf("%d came to %s", len(all), box.Email())
		}
	}
}
