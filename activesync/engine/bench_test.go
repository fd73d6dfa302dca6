package engine_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/client"
	"eas.example/securemail/activesync/engine"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wire"
	"eas.example/securemail/store/storetest"
)

// realistic is the n-th of a mailbox's messages, the newest first: one in two
// with HTML, a few kilobytes each.
func realistic(n int, date time.Time) []byte {
	var text bytes.Buffer
	for i := range 10 + n%40 {
		fmt.Fprintf(&text, "Line %d of message %d says what has to be said about the figures of row %d.\r\n", i, n, i*n%97)
	}
	head := fmt.Sprintf("From: Person %d <person%d@example.test>\r\nTo: %s\r\nSubject: Budget, table %d\r\nDate: %s\r\nMessage-ID: <%d@example.test>\r\nMIME-Version: 1.0\r\n",
		n%300, n%300, testEmail, n, date.Format(time.RFC1123Z), n)
	if n%2 == 0 {
		return fmt.Appendf(nil, "%sContent-Type: text/plain; charset=utf-8\r\n\r\n%s", head, text.Bytes())
	}
	return fmt.Appendf(nil, "%sContent-Type: text/html; charset=utf-8\r\n\r\n<html><body><table><tr><td>%s</td></tr></table></body></html>", head,
		bytes.ReplaceAll(text.Bytes(), []byte("\r\n"), []byte("<br>\r\n")))
}

// BenchmarkFirstSync fills a mailbox of 20,000 messages, 40 of them a day. The
// time is that of server and client together, as both are in this process.
func BenchmarkFirstSync(b *testing.B) {
	const messages = 20_000
	srv := server.New(server.Config{})
	box := srv.AddUser(testUser, testPassword, testEmail)
	now := time.Now()
	for n := range messages {
		date := now.Add(-time.Duration(n) * 24 * time.Hour / 40)
		if _, err := box.DeliverDated("Inbox", func() []byte { return realistic(n, date) }, date, n%3 > 0); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		s := storetest.OpenAt(b, b.TempDir()+"/mail.db")
		c, err := client.New(client.Config{Endpoint: "http://127.0.0.1/Microsoft-Server-ActiveSync", User: testUser, Password: testPassword,
			DeviceID: s.DeviceID(), DeviceType: "securemail", Transport: srv.Transport()})
		if err != nil {
			b.Fatal(err)
		}
		e := engine.New(engine.Config{Account: activesync.Account{ID: "a", Email: testEmail, User: testUser}, Server: c, Store: s,
			Device: wire.DeviceInformation{Model: "securemail"}, Log: slog.New(slog.DiscardHandler)})
		sum, err := e.Sync(b.Context(), nil, true, nil)
		if err != nil || sum.Added != messages {
			b.Fatalf("%+v, %v", sum, err)
		}
		c.Close()
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(messages*float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}
