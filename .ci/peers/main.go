// Command peers makes what .ci/bench-peers measures with: mail that is the same
// each time, a Sync answer, and what our codec makes of it.
//
//	peers mail N DIR      N messages as DIR/eml/N.eml, and a Maildir of them
//	peers answer FILE     a Sync answer of 100 messages, as WBXML
//	peers run NAME N COMMAND...  runs a command about N messages and says what it took
//	peers codec FILE      reading and writing it, in MB per second of processor time
//	peers decoding FILE N what reading N such messages takes, as the client does
package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

func main() {
	log.SetFlags(0)
	if err := run(os.Args[1:]); err != nil {
		log.Fatal("peers: ", err)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 3 && args[0] == "mail":
		n, err := strconv.Atoi(args[1])
		if err != nil {
			return err
		}
		return maildir(n, args[2])
	case len(args) > 3 && args[0] == "run":
		return process(args[1], args[2], args[3:])
	case len(args) == 2 && args[0] == "answer":
		return answer(args[1])
	case len(args) == 2 && args[0] == "codec":
		return codec(args[1])
	case len(args) == 3 && args[0] == "decoding":
		n, err := strconv.Atoi(args[2])
		if err != nil {
			return err
		}
		return decoding(args[1], n)
	}
	return fmt.Errorf("say mail N DIR, run NAME N COMMAND, answer FILE, codec FILE or decoding FILE N")
}

var vocabulary = strings.Fields("we shall send the plan of the harbour on Friday with all figures größer Überblick naïve and a table of costs per quay " +
	"Привет и спасибо 会議 室 office travel order deadline team answer customer delivery ticket invoice budget meeting crane lock tide water")

// letter is the n-th message: its length spreads as that of real mail does,
// half of them around 4 kB, one in a hundred above 80 kB; most have HTML beside
// their text, one in thirteen a file.
func letter(n int, date time.Time) []byte {
	r := rand.New(rand.NewPCG(uint64(n), 11))
	size := int(min(1900*math.Exp(r.NormFloat64()*1.25), 600_000))
	var text, html strings.Builder
	for text.Len() < size {
		html.WriteString(`<p style="margin:0 0 8px 0">`)
		for range 12 + r.IntN(50) {
			w := vocabulary[r.IntN(len(vocabulary))]
			text.WriteString(w + " ")
			html.WriteString(w + " ")
		}
		fmt.Fprintf(&text, "%d.\r\n\r\n", r.IntN(100000))
		fmt.Fprintf(&html, "%d.</p>\r\n", r.IntN(100000))
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: Person %d <person%d@example.test>\r\nTo: Alice <alice@example.test>\r\nSubject: %s %s, part %d\r\nDate: %s\r\nMessage-ID: <%d@example.test>\r\nMIME-Version: 1.0\r\n",
		n%400, n%400, vocabulary[n%len(vocabulary)], vocabulary[n/7%len(vocabulary)], n, date.Format(time.RFC1123Z), n)
	part := func(ctype, body string) {
		fmt.Fprintf(&b, "Content-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n%s", ctype, body)
	}
	file := n%13 == 0
	if file {
		b.WriteString("Content-Type: multipart/mixed; boundary=mixed\r\n\r\n--mixed\r\n")
	}
	if n%10 < 7 {
		b.WriteString("Content-Type: multipart/alternative; boundary=alt\r\n\r\n--alt\r\n")
		part("text/plain", text.String())
		b.WriteString("\r\n--alt\r\n")
		part("text/html", "<html><body>"+html.String()+"</body></html>")
		b.WriteString("\r\n--alt--\r\n")
	} else {
		part("text/plain", text.String())
	}
	if file {
		data := make([]byte, 3000+r.IntN(60000))
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		b.WriteString("\r\n--mixed\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=plan.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n")
		for text := base64.StdEncoding.EncodeToString(data); text != ""; {
			cut := min(76, len(text))
			b.WriteString(text[:cut] + "\r\n")
			text = text[cut:]
		}
		b.WriteString("--mixed--\r\n")
	}
	return b.Bytes()
}

// maildir writes the messages twice, by hard links: as .eml files, and as the
// Maildir that an IMAP server serves.
func maildir(n int, dir string) error {
	for _, d := range []string{"eml", "Maildir/cur", "Maildir/new", "Maildir/tmp"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return err
		}
	}
	newest := time.Now().Add(-time.Hour)
	for i := range n {
		date := newest.Add(-time.Duration(i) * 24 * time.Hour / 40)
		path := filepath.Join(dir, "eml", fmt.Sprintf("%06d.eml", i))
		if err := os.WriteFile(path, letter(i, date), 0o644); err != nil {
			return err
		}
		if err := os.Chtimes(path, date, date); err != nil {
			return err
		}
		if err := os.Link(path, filepath.Join(dir, "Maildir/cur", fmt.Sprintf("%d.M%dP1.bench:2,S", date.Unix(), i))); err != nil {
			return err
		}
	}
	return nil
}

// answer asks the embedded server for 100 messages.
func answer(path string) error {
	srv := server.New(server.Config{})
	box := srv.AddUser("alice", "x", "alice@example.test")
	for i := range 100 {
		date := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC).Add(-time.Duration(i) * time.Hour)
		if _, err := box.Deliver("Inbox", server.Mail(letter(i, date)), true); err != nil {
			return err
		}
	}
	inbox, err := box.FolderID("Inbox")
	if err != nil {
		return err
	}
	if _, err := ask(srv, "FolderSync", &wire.FolderSyncRequest{SyncKey: activesync.KeyNone}); err != nil {
		return err
	}
	c := wire.SyncCollection{SyncKey: activesync.KeyNone, CollectionID: inbox}
	first, err := ask(srv, "Sync", &wire.SyncRequest{Collections: []wire.SyncCollection{c}})
	if err != nil {
		return err
	}
	var res wire.SyncResponse
	if err := wbxml.Unmarshal(first, &res); err != nil {
		return err
	}
	c.SyncKey, c.WindowSize = res.Collections[0].SyncKey, 100
	c.Options = []wire.SyncOptions{{BodyPreferences: []wire.BodyPreference{{Type: 1}, {Type: 2}}}}
	data, err := ask(srv, "Sync", &wire.SyncRequest{Collections: []wire.SyncCollection{c}})
	if err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}

func ask(srv *server.Server, command string, in any) ([]byte, error) {
	body, err := wbxml.Marshal(in)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequest(http.MethodPost, "http://localhost/Microsoft-Server-ActiveSync?Cmd="+command+"&User=alice&DeviceId=bench&DeviceType=bench", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.SetBasicAuth("alice", "x")
	r.Header.Set("MS-ASProtocolVersion", "14.1")
	r.Header.Set("Content-Type", "application/vnd.ms-sync.wbxml")
	res, err := srv.Transport().RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", command, res.Status)
	}
	return io.ReadAll(res.Body)
}

// typed is the answer with the messages in it as structs.
type typed struct {
	_           wbxml.Root   `wbxml:"AirSync:Sync"`
	Collections []typedItems `wbxml:"AirSync:Collections>AirSync:Collection"`
}

type typedItems struct {
	SyncKey      string     `wbxml:"AirSync:SyncKey"`
	CollectionID string     `wbxml:"AirSync:CollectionId"`
	Status       int        `wbxml:"AirSync:Status"`
	Adds         []typedAdd `wbxml:"AirSync:Commands>AirSync:Add"`
}

type typedAdd struct {
	ServerID string     `wbxml:"AirSync:ServerId"`
	Mail     wire.Email `wbxml:"AirSync:ApplicationData"`
}

func codec(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var doc typed
	if err := wbxml.Unmarshal(data, &doc); err != nil {
		return err
	}
	if len(doc.Collections) != 1 || len(doc.Collections[0].Adds) != 100 {
		return fmt.Errorf("%s does not hold 100 messages", path)
	}
	for _, m := range []struct {
		name string
		do   func() error
	}{
		{"securemail token reader", func() error {
			r, err := wbxml.NewReader(data)
			for err == nil {
				_, err = r.Next()
			}
			if err == io.EOF {
				return nil
			}
			return err
		}},
		{"securemail Unmarshal", func() error { return wbxml.Unmarshal(data, &typed{}) }},
		{"securemail Marshal", func() error { _, err := wbxml.Marshal(&doc); return err }},
	} {
		if err := measure(m.name, len(data), m.do); err != nil {
			return err
		}
	}
	return nil
}

// decoding prints the processor time of reading n messages out of such answers
// as a first sync does: the answer, then each item; the best of nine runs.
func decoding(path string, n int) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	best := time.Duration(math.MaxInt64)
	const rounds = 50
	for range 9 {
		began := cpu()
		for range rounds {
			var res wire.SyncResponse
			if err := wbxml.UnmarshalShared(data, &res); err != nil {
				return err
			}
			for _, it := range res.Collections[0].Commands.Adds {
				if err := it.ApplicationData.Unmarshal(&wire.Email{}); err != nil {
					return err
				}
			}
		}
		best = min(best, cpu()-began)
	}
	fmt.Printf("| of it decoding | %.2f s of processor time |\n", best.Seconds()/rounds/100*float64(n))
	return nil
}

// measure prints MB per second of processor time, the best of five runs of at
// least half a second each; what the garbage collector does counts.
func measure(name string, size int, do func() error) error {
	best := 0.0
	for range 5 {
		n, began := 0, cpu()
		for ; n < 20 || cpu()-began < 500*time.Millisecond; n++ {
			if err := do(); err != nil {
				return err
			}
		}
		best = max(best, float64(size)*float64(n)/(cpu()-began).Seconds()/1e6)
	}
	fmt.Printf("| %s | %.0f MB/s |\n", name, best)
	return nil
}

func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
