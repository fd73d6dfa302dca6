package ui_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/ui"
)

// slowly never gets the whole text of the first message that it is asked for.
type slowly struct {
	*agent.Local
	stuck atomic.Int64 // its id
	ended atomic.Bool  // it is no longer asked for
}

func (s *slowly) FetchBody(ctx context.Context, id activesync.ItemID) (activesync.Message, error) {
	s.stuck.CompareAndSwap(0, int64(id))
	if s.stuck.Load() != int64(id) {
		return s.Local.FetchBody(ctx, id)
	}
	<-ctx.Done()
	s.ended.Store(true)
	return activesync.Message{}, ctx.Err()
}

func TestTextThatDoesNotComeHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, slow := newDriver(t, server.Config{}), &slowly{}
		d.wrap = func(l *agent.Local) ui.Backend { slow.Local = l; return slow }
		for i, subject := range []string{"second", "first"} {
			mail := fmt.Sprintf("From: Ana Souza <ana@example.test>\r\nTo: alice@example.test\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%d@example.test>\r\n\r\n%sThe end of the %s.\r\n",
				subject, time.Now().Add(time.Duration(i)*time.Minute).Format(time.RFC1123Z), i, strings.Repeat("Some line.\r\n", 40_000), subject)
			if _, err := d.box.Deliver("Inbox", server.Mail([]byte(mail)), false); err != nil {
				t.Fatal(err)
			}
		}
		d.open(200, 50, ui.Deps{})
		defer d.close()
		d.want("first")
		if slow.stuck.Load() == 0 {
			t.Fatal("the whole text of the first message is not asked for")
		}
		d.press("j")
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if !slow.ended.Load() {
			t.Error("the text of a message that was left is still asked for")
		}
		d.press("enter", "G")
		d.want("The end of the second.")
	})
}
