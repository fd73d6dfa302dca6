package server_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/client"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

var update = flag.Bool("update", false, "write the golden pairs")

// pair is one exchange of a golden file: what the client sent and what the
// server answered.
type pair struct {
	c    *client.Client
	srv  *server.Server
	box  *server.Mailbox
	v    activesync.Version
	key  activesync.PolicyKey
	text strings.Builder
	mute bool // of exchanges that only lead up to the one that is kept
}

// RoundTrip keeps an exchange.
func (p *pair) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	r.Header.Del("Accept-Encoding") // documents are read here as they are
	res, err := p.srv.Transport().RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	res.Body = io.NopCloser(bytes.NewReader(answer))
	if !p.mute {
		query := strings.Replace(r.URL.RawQuery, "&User=alice&DeviceId=dev1&DeviceType=test", "", 1)
		fmt.Fprintf(&p.text, "> %s\n%s< %d\n%s", strings.TrimPrefix(query, "Cmd="), indented(body, r.Header.Get("Content-Type")), res.StatusCode,
			indented(answer, res.Header.Get("Content-Type")))
	}
	return res, nil
}

var guid = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)

func indented(body []byte, ctype string) string {
	var b strings.Builder
	switch {
	case len(body) == 0:
		return ""
	case strings.HasSuffix(ctype, "wbxml"):
		if err := wbxml.Dump(&b, body); err != nil {
			return "  not WBXML: " + err.Error() + "\n"
		}
	case strings.HasSuffix(ctype, "multipart"):
		for n := range binary.LittleEndian.Uint32(body) {
			at, size := binary.LittleEndian.Uint32(body[4+8*n:]), binary.LittleEndian.Uint32(body[8+8*n:])
			if part := body[at : at+size]; n > 0 {
				fmt.Fprintf(&b, "part %d %q\n", n, part)
			} else if err := wbxml.Dump(&b, part); err != nil {
				return "  not WBXML: " + err.Error() + "\n"
			}
		}
	default:
		fmt.Fprintf(&b, "%s %q\n", ctype, body[:min(len(body), 600)])
	}
	text := "  " + strings.ReplaceAll(strings.TrimRight(b.String(), "\n"), "\n", "\n  ") + "\n"
	return guid.ReplaceAllString(text, "«guid»")
}

// quietly does what leads up to a kept exchange.
func (p *pair) quietly(t *testing.T, do func() error) {
	t.Helper()
	p.mute = true
	defer func() { p.mute = false }()
	if err := do(); err != nil {
		t.Fatal(err)
	}
}

const (
	noon       = "2026-03-02T12:00:00Z"
	plainMail  = "From: Ana Souza <ana@example.test>\r\nTo: Alice <alice@example.test>\r\nCc: Bea <bea@example.test>\r\nSubject: Quay 4\r\nDate: Mon, 02 Mar 2026 10:00:00 +0000\r\nMessage-ID: <m1@example.test>\r\n\r\nThe quay is dry.\r\n"
	attachMail = "From: Bea <bea@example.test>\r\nTo: alice@example.test\r\nSubject: Figures\r\nDate: Mon, 02 Mar 2026 11:00:00 +0000\r\nMessage-ID: <m2@example.test>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nHere they are.\r\n--b\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename=\"figures.csv\"\r\n\r\n0123456789\r\n--b--\r\n"
)

// newPair is a client of one version with a mailbox that holds something of
// everything.
func newPair(t *testing.T, v activesync.Version) *pair {
	t.Helper()
	at, err := time.Parse(time.RFC3339, noon)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Until(at)) // under a clock of our own
	root, mine := certificate(t, "Harbour CA", nil), (*x509.Certificate)(nil)
	mine = certificate(t, "Ana Souza", root)
	roots := x509.NewCertPool()
	roots.AddCert(root)
	p := &pair{v: v, srv: server.New(server.Config{Roots: roots, Policies: map[string]string{"DevicePasswordEnabled": "1", "PasswordRecoveryEnabled": "1"}})}
	p.box = p.srv.AddUser("alice", "wonderland", "alice@example.test")
	bea := p.srv.AddUser("bea", "x", "bea@example.test")
	p.srv.AddPerson(server.Entry{Person: activesync.Person{Name: "Ana Souza", Email: "ana@example.test", FirstName: "Ana", LastName: "Souza", Title: "Head of finance",
		Company: "Harbour Office", Phone: "+44 1632 960012", Picture: []byte("\xFF\xD8\xFFana")}, Certificates: []*x509.Certificate{mine}})
	p.srv.AddDocument(`\\files\plans\quay.txt`, "text/plain", []byte("Plan of the quay"))
	must := func(_ activesync.ServerID, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(p.box.Deliver("Inbox", server.Mail([]byte(plainMail)), false))
	must(p.box.Deliver("Inbox", server.Mail([]byte(attachMail)), true))
	event := activesync.Event{UID: "uid-1", Subject: "Tide tables", Location: "Room 4", Start: at.Add(24 * time.Hour), End: at.Add(25 * time.Hour), BusyStatus: 2, DTStamp: at,
		Organizer: activesync.Address{Name: "Alice", Address: "alice@example.test"}, MeetingStatus: 1,
		Attendees: []activesync.Attendee{{Address: activesync.Address{Name: "Bea", Address: "bea@example.test"}, Type: 1}}}
	must(p.box.AddEvent("Calendar", event))
	must(bea.AddEvent("Calendar", event))
	must(p.box.AddContact("Contacts", activesync.Contact{FirstName: "Cal", LastName: "Ito", Email1: activesync.Address{Name: "Cal Ito", Address: "cal@example.test"}}))
	must(p.box.AddTask("Tasks", activesync.Task{Subject: "Paint the crane", Body: activesync.Body{Type: activesync.BodyPlain, Data: []byte("Red.")},
		Start: at, UTCStart: at, Due: at.Add(48 * time.Hour), UTCDue: at.Add(48 * time.Hour), Categories: []string{"Harbour"}}))
	must(p.box.AddNote("Notes", activesync.Note{Subject: "Berths", Body: activesync.Body{Type: activesync.BodyPlain, Data: []byte("Seven.")}}))
	p.c, err = client.New(client.Config{Endpoint: "http://localhost/Microsoft-Server-ActiveSync", User: "alice", Password: "wonderland", DeviceID: "dev1", DeviceType: "test", Transport: p})
	if err != nil {
		t.Fatal(err)
	}
	p.c.SetVersion(v)
	p.quietly(t, func() error { return p.provision(t.Context()) })
	return p
}

func (p *pair) provision(ctx context.Context) error {
	p.c.SetPolicyKey("0")
	if p.v < activesync.V141 {
		if _, err := p.c.Settings(ctx, wire.NewDeviceInformation(info)); err != nil {
			return err
		}
	}
	offer, err := p.c.Provision(ctx, wire.NewProvisionRequest(p.v, info))
	if err != nil {
		return err
	}
	p.c.SetPolicyKey(offer.Policy().Key)
	final, err := p.c.Provision(ctx, wire.AcknowledgeProvision(p.v, offer.Policy().Key, wire.PolicyApplied))
	if err != nil {
		return err
	}
	p.key = final.Policy().Key
	p.c.SetPolicyKey(p.key)
	return nil
}

// certificate makes one that is the same each time: all have the
// same key.
func certificate(t *testing.T, name string, parent *x509.Certificate) *x509.Certificate {
	t.Helper()
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: name}, NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}}
	if parent == nil {
		tmpl.IsCA, tmpl.BasicConstraintsValid, tmpl.ExtKeyUsage, tmpl.KeyUsage = true, true, nil, x509.KeyUsageCertSign
		parent = tmpl
	}
	der, err := x509.CreateCertificate(nil, tmpl, parent, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	out, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (p *pair) hierarchy(t *testing.T) (key activesync.SyncKey) {
	t.Helper()
	p.quietly(t, func() error {
		res, err := p.c.FolderSync(t.Context(), activesync.KeyNone)
		if err == nil {
			key = res.SyncKey
		}
		return err
	})
	return key
}

func (p *pair) id(t *testing.T, path string) activesync.ServerID {
	t.Helper()
	id, err := p.box.FolderID(path)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (p *pair) collection(id activesync.ServerID, key activesync.SyncKey, class activesync.Class) wire.SyncCollection {
	c := wire.SyncCollection{SyncKey: key, CollectionID: id}
	if p.v <= activesync.V121 {
		c.Class = class
	}
	if key != activesync.KeyNone {
		c.Options = []wire.SyncOptions{{BodyPreferences: []wire.BodyPreference{{Type: 1}}}}
	}
	return c
}

var classes = map[string]activesync.Class{"Inbox": mail, "Drafts": mail, "Calendar": activesync.ClassCalendar, "Contacts": activesync.ClassContacts,
	"Tasks": activesync.ClassTasks, "Notes": activesync.ClassNotes}

// syncOnce asks for a folder and gives its next key.
func (p *pair) syncOnce(t *testing.T, path string, key activesync.SyncKey) (activesync.SyncKey, error) {
	t.Helper()
	res, err := p.c.Sync(t.Context(), &wire.SyncRequest{Collections: []wire.SyncCollection{p.collection(p.id(t, path), key, classes[path])}})
	if err != nil || len(res.Collections) == 0 {
		return "", err
	}
	if c := res.Collections[0]; c.Status != 1 {
		return "", fmt.Errorf("%s: status %d", path, c.Status)
	}
	return res.Collections[0].SyncKey, nil
}

// prime starts a folder, quietly.
func (p *pair) prime(t *testing.T, path string) (id activesync.ServerID, key activesync.SyncKey) {
	t.Helper()
	p.hierarchy(t)
	p.quietly(t, func() (err error) {
		key, err = p.syncOnce(t, path, activesync.KeyNone)
		return err
	})
	return p.id(t, path), key
}

// first brings a folder in step, quietly.
func (p *pair) first(t *testing.T, path string) (id activesync.ServerID, key activesync.SyncKey) {
	t.Helper()
	id, key = p.prime(t, path)
	p.quietly(t, func() (err error) {
		key, err = p.syncOnce(t, path, key)
		return err
	})
	return id, key
}

// everything is the first Sync of a folder, with key 0 before it.
func (p *pair) everything(t *testing.T, path string) error {
	p.hierarchy(t)
	key, err := p.syncOnce(t, path, activesync.KeyNone)
	if err == nil {
		_, err = p.syncOnce(t, path, key)
	}
	return err
}

func (p *pair) conversation(t *testing.T, item activesync.ServerID) (id []byte) {
	t.Helper()
	p.quietly(t, func() error {
		res, err := p.c.ItemOperations(t.Context(), &wire.ItemOperationsRequest{Fetches: []wire.Fetch{wire.FetchItem(p.id(t, "Inbox"), item, nil, 0)}})
		if err != nil {
			return err
		}
		m, err := res.Fetches()[0].Email()
		if err == nil {
			id = m.Conversation
		}
		return err
	})
	return id
}

func (p *pair) source(t *testing.T) wire.SmartSource {
	inbox := p.id(t, "Inbox")
	return wire.SmartSource{FolderID: inbox, ItemID: inbox + ":1"}
}

// wipe is what a device that is to erase itself does.
func (p *pair) wipe(ctx context.Context) error {
	if _, err := p.c.FolderSync(ctx, activesync.KeyNone); err == nil {
		return fmt.Errorf("the folders were given")
	}
	res, err := p.c.Provision(ctx, wire.NewProvisionRequest(p.v, info))
	if err != nil {
		return err
	}
	if !res.Wipe() {
		return fmt.Errorf("no wipe was asked for")
	}
	if _, err = p.c.Provision(ctx, wire.AcknowledgeWipe(res, wire.WipeDone)); err != nil {
		return err
	}
	if device, account := p.box.Wiped(); !device && !account {
		return fmt.Errorf("the wipe is not noted")
	}
	return nil
}

// ask sends a document that the client has no method for in this version.
func (p *pair) ask(command string, in any) error {
	body, err := wbxml.Marshal(in)
	if err != nil {
		return err
	}
	r, err := http.NewRequest(http.MethodPost, endpoint+"?Cmd="+command+"&User=alice&DeviceId=dev1&DeviceType=test", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.SetBasicAuth("alice", "wonderland")
	r.Header.Set("MS-ASProtocolVersion", p.v.String())
	r.Header.Set("X-MS-PolicyKey", string(p.key))
	r.Header.Set("Content-Type", "application/vnd.ms-sync.wbxml")
	_, err = p.RoundTrip(r)
	return err
}

// TestGoldenPairs holds every command, as the client asks it and the server
// answers it, against what it was before: one file a command, one part for the
// versions that do not differ.
func TestGoldenPairs(t *testing.T) {
	for _, g := range goldens {
		t.Run(g.name, func(t *testing.T) {
			var parts []string // texts
			heads := map[string][]string{}
			versions := activesync.Versions()
			slices.Sort(versions)
			for _, v := range versions {
				if v < g.since {
					continue
				}
				synctest.Test(t, func(t *testing.T) {
					p := newPair(t, v)
					if err := g.do(t, p); err != nil {
						t.Errorf("%v: %v", v, err)
					}
					text := p.text.String()
					if len(heads[text]) == 0 {
						parts = append(parts, text)
					}
					heads[text] = append(heads[text], v.String())
				})
			}
			var b strings.Builder
			for i, text := range parts {
				if i > 0 {
					b.WriteString("\n")
				}
				fmt.Fprintf(&b, "== %s\n%s", strings.Join(heads[text], " "), text)
			}
			path := filepath.Join("testdata", "golden", g.name+".txt")
			if *update {
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if b.String() != string(want) {
				t.Errorf("differs from %s (-update writes it anew):\n%s", path, b.String())
			}
		})
	}
}
