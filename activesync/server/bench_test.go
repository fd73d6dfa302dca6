package server_test

import (
	"bytes"
	"context"
	"net/http"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/server/sample"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

// What the server itself costs when a mailbox is fetched for the first time:
// making, reading and encoding each message, and finding the next ones.
func BenchmarkFirstSync20000(b *testing.B) {
	const n = 20_000
	g, err := sample.NewGenerator(n, time.Now())
	if err != nil {
		b.Fatal(err)
	}
	srv := server.New(server.Config{})
	if err := g.Fill(srv.AddUser("alice", "wonderland", "alice@example.test"), "Inbox"); err != nil {
		b.Fatal(err)
	}
	bytesOut := 0
	call := func(command string, in, out any) {
		body, err := wbxml.Marshal(in)
		if err != nil {
			b.Fatal(err)
		}
		r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, endpoint+"?Cmd="+command+"&User=alice&DeviceId=dev1&DeviceType=test", bytes.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		r.SetBasicAuth("alice", "wonderland")
		r.Header.Set("MS-ASProtocolVersion", "16.1")
		r.Header.Set("Content-Type", "application/vnd.ms-sync.wbxml")
		res, err := srv.Transport().RoundTrip(r)
		if err != nil {
			b.Fatal(err)
		}
		var buf bytes.Buffer
		if _, err := buf.ReadFrom(res.Body); err != nil {
			b.Fatal(err)
		}
		bytesOut += buf.Len()
		if err := wbxml.Unmarshal(buf.Bytes(), out); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		call("FolderSync", &wire.FolderSyncRequest{SyncKey: "0"}, &wire.FolderSyncResponse{})
		in := wire.SyncCollection{SyncKey: activesync.KeyNone, CollectionID: "1"}
		got := 0
		for more := true; more; {
			var res wire.SyncResponse
			call("Sync", &wire.SyncRequest{Collections: []wire.SyncCollection{in}}, &res)
			c := res.Collections[0]
			if c.Commands != nil {
				got += len(c.Commands.Adds)
			}
			more = c.MoreAvailable || in.SyncKey == activesync.KeyNone
			in.SyncKey, in.WindowSize, in.Options = c.SyncKey, 512, []wire.SyncOptions{wholeText()}
		}
		if got != n {
			b.Fatalf("%d messages", got)
		}
	}
	b.ReportMetric(float64(bytesOut)/float64(b.N)/1e6, "MB/op")
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}
