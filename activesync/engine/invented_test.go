package engine_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

// SOGo gives an empty message for one that is gone, and an empty file for one of
// its files. Neither takes the place of what is here, or is taken for a file.
func TestWhatAServerInventsIsNotTaken(t *testing.T) {
	for _, v := range []activesync.Version{activesync.V121, activesync.V141} {
		t.Run(v.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, server.Config{Versions: []activesync.Version{v}, Personality: server.Personality{InventsItems: true, TrustsIDs: true}})
				raw := fmt.Sprintf("From: ana@example.test\r\nTo: alice@example.test\r\nSubject: long\r\nDate: %s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n"+
					"--m\r\nContent-Type: text/plain\r\n\r\n%s\r\n--m\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\nPDF\r\n--m--\r\n",
					time.Now().Format(time.RFC1123Z), strings.Repeat("a line\r\n", 64<<10))
				id, err := w.box.Deliver("Inbox", server.Mail([]byte(raw)), false)
				if err != nil {
					t.Fatal(err)
				}
				w.sync()
				here := w.rows(activesync.FolderInbox)[0].ID
				if err := w.box.Delete(id); err != nil {
					t.Fatal(err)
				}
				_, mimeErr := w.engine.FetchMIME(t.Context(), here)
				for what, err := range map[string]error{"text": w.engine.FetchBody(t.Context(), here), "file": fetched(w.engine.Attachment(t.Context(), here, 0, nil)), "source": mimeErr} {
					if !errors.Is(err, activesync.ErrNotFound) {
						t.Errorf("%s: %v", what, err)
					}
				}
				m, err := w.store.Message(t.Context(), here)
				if err != nil || len(m.Body.Data) < 1000 || m.Body.Whole() {
					t.Errorf("%v, %d bytes of text are here, all of it: %v", err, len(m.Body.Data), m.Body.Whole())
				}
			})
		})
	}
}

// A file that is empty is one all the same, whatever size was announced.
func TestAnEmptyFileIsOne(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		raw := "From: ana@example.test\r\nTo: alice@example.test\r\nSubject: empty\r\nDate: " + time.Now().Format(time.RFC1123Z) + "\r\nMIME-Version: 1.0\r\n" +
			"Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: text/plain\r\n\r\nHere.\r\n" +
			"--m\r\nContent-Type: text/plain; name=a.txt\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\n\r\n--m--\r\n"
		if _, err := w.box.Deliver("Inbox", server.Mail([]byte(raw)), false); err != nil {
			t.Fatal(err)
		}
		w.sync()
		f, err := w.engine.Attachment(t.Context(), w.rows(activesync.FolderInbox)[0].ID, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		if b := whole(t, f); len(b) != 0 {
			t.Errorf("it holds %q", b)
		}
	})
}
