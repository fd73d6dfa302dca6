package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync/server"
)

// TestBadNetwork runs the built program against servers that refuse, are not
// there, or are something else.
func TestBadNetwork(t *testing.T) {
	bin := build(t)
	for name, test := range map[string]func(*testing.T, *program){
		"wrong password":         wrongPassword,
		"password changed":       passwordChanged,
		"unreachable":            unreachable,
		"unreachable afterwards": unreachableAfterwards,
		"not ActiveSync":         notActiveSync,
		"unknown certificate":    unknownCertificate,
		"bad addresses":          badAddresses,
		"broken mail":            brokenMail,
		"text that cannot come":  textThatCannotCome,
		"what is set aside":      whatIsSetAside,
	} {
		t.Run(name, func(t *testing.T) { test(t, newProgram(t, bin)) })
	}
}

func wrongPassword(t *testing.T, p *program) {
	m := newMailServer(t)
	r := p.want(exitAuth, []string{"refuses the sign-in", "not tried again"}, "queen-of-hearts\n",
		"account", "add", testEmail, "--server", m.url, "--user", testUser, "--password-stdin")
	if n := m.asked(); n != 1 {
		t.Errorf("%d requests with a wrong password, want one", n)
	}
	if strings.Contains(r.out+r.err, "queen-of-hearts") {
		t.Errorf("the password is told:\n%s%s", r.out, r.err)
	}
	if r := p.want(0, nil, "", "account", "list", "--json"); strings.TrimSpace(r.out) != "[]" {
		t.Errorf("accounts %s, want none", r.out)
	}
	p.add(m) // the right one is taken afterwards
}

func passwordChanged(t *testing.T, p *program) {
	m := newMailServer(t)
	m.fill(t, 2, 100)
	p.add(m)
	p.want(0, nil, "", "sync", "--all")
	m.lock(true)
	m.asked()
	for _, args := range [][]string{{"sync", "--all"}, {"account", "check"}, {"sync", "inbox"}} {
		p.want(exitAuth, []string{"refuses the sign-in"}, "", args...)
		if n := m.asked(); n != 1 {
			t.Errorf("%v: %d requests with a wrong password, want one", args, n)
		}
	}
	p.want(exitAuth, []string{"not sent"}, "To: bob@example.test\n\nHello.\n", "send")
	if n := m.asked(); n != 1 {
		t.Errorf("send: %d requests with a wrong password, want one", n)
	}
	if r := p.want(0, nil, "", "list"); !strings.Contains(r.out, "message 1") {
		t.Errorf("the mail that is here is not listed:\n%s", r.out)
	}
	m.lock(false)
	p.want(0, nil, "", "sync", "--all")
}

// closedPort is an address at which nothing listens.
func closedPort(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

func unreachable(t *testing.T, p *program) {
	addr := closedPort(t)
	p.want(exitUnreachable, []string{"cannot be reached", addr}, testPassword, "account", "add", testEmail, "--server", "http://"+addr, "--password-stdin")
	p.want(exitUnreachable, []string{"cannot be reached", "no-such-host.invalid"}, testPassword,
		"account", "add", testEmail, "--server", "no-such-host.invalid", "--password-stdin")
}

func unreachableAfterwards(t *testing.T, p *program) {
	m := newMailServer(t)
	m.fill(t, 3, 100)
	p.add(m)
	p.want(0, nil, "", "sync", "--all")
	host := strings.TrimPrefix(m.url, "http://")
	m.stop()
	p.want(exitUnreachable, []string{"securemail: sync " + testEmail + ": the server cannot be reached: " + host + ": connection refused\n"}, "", "sync", "--all")
	p.want(exitUnreachable, []string{"securemail: check " + testEmail + ": the server cannot be reached: " + host + ": connection refused\n"}, "", "account", "check")
	mail := "To: bob@example.test\nSubject: later\n\nHello.\n"
	p.want(exitUnreachable, []string{"securemail: the message was not sent: the server cannot be reached: "}, mail, "send", "--no-queue")
	if r := p.want(0, nil, mail, "send"); !strings.Contains(r.out, "queued") {
		t.Errorf("send says %q, want that it is queued", r.out)
	}
	var rows []row
	if err := json.Unmarshal([]byte(p.want(0, nil, "", "list", "--json").out), &rows); err != nil || len(rows) != 3 {
		t.Fatalf("%d rows, %v; want the 3 that are here", len(rows), err)
	}
	p.want(0, []string{"when the server can be reached"}, "", "mark", rows[0].ID.String(), "--read")
	m.start(host)
	p.want(0, nil, "", "sync", "--all")
	if sent, err := m.box.Items("Sent Items"); err != nil || len(sent) != 1 {
		t.Errorf("%d messages in Sent, %v; want the one that was queued", len(sent), err)
	}
}

func notActiveSync(t *testing.T, p *program) {
	for _, tt := range []struct {
		name  string
		h     http.HandlerFunc
		words []string
	}{
		{"a web page", func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "<html><head><title>Router \x1b[2Jset-up</title></head>")
		}, []string{"not an ActiveSync server", "Router"}},
		{"not found", http.NotFound, []string{"404", "page not found"}},
		{"a redirect", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://sso.example.test/login?x=1", http.StatusFound)
		}, []string{"302", "https://sso.example.test/login"}},
		{"another method", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusMethodNotAllowed) }, []string{"405"}},
	} {
		hs := httptest.NewServer(tt.h)
		r := p.want(exitFailed, append(tt.words, strings.TrimPrefix(hs.URL, "http://"), "/Microsoft-Server-ActiveSync"), testPassword,
			"account", "add", testEmail, "--server", hs.URL, "--password-stdin")
		if strings.Contains(r.err, "\x1b") {
			t.Errorf("%s: an escape sequence gets through: %q", tt.name, r.err)
		}
		hs.Close()
	}
}

func unknownCertificate(t *testing.T, p *program) {
	hs := httptest.NewUnstartedServer(http.NotFoundHandler())
	hs.Config.ErrorLog = log.New(io.Discard, "", 0) // it will not like to be refused
	hs.StartTLS()
	defer hs.Close()
	p.want(exitUnreachable, []string{"certificate", "--ca-file"}, testPassword, "account", "add", testEmail, "--server", hs.URL, "--password-stdin")
}

func badAddresses(t *testing.T, p *program) {
	for server, words := range map[string][]string{
		"http://mail.example.test":               {"https://"},
		"https://alice:secret@mail.example.test": {"must not hold"},
		"ftp://mail.example.test":                {"https://"},
		"https://":                               {"address"},
	} {
		if r := p.want(exitUsage, words, testPassword, "account", "add", testEmail, "--server", server, "--password-stdin"); strings.Contains(r.err, "secret") {
			t.Errorf("%s: the password is told: %s", server, r.err)
		}
	}
	p.want(exitUsage, []string{"not an e-mail address"}, testPassword, "account", "add", "alice", "--server", "https://mail.example.test", "--password-stdin")
	p.want(exitUsage, []string{"no password"}, "", "account", "add", testEmail, "--server", "https://mail.example.test", "--password-stdin")
	p.want(exitUsage, []string{"--password-stdin"}, "", "account", "add", testEmail, "--server", "https://mail.example.test")
}

func brokenMail(t *testing.T, p *program) {
	m := newMailServer(t)
	for _, raw := range []string{
		"no header at all, and no end of line",
		"Subject: only a subject",
		"\n\nonly a text",
		"Subject: without a date\nFrom: not an address\n\nHello.",
		"Subject: =?utf-8?b?broken?= =?nope?q?=ZZ?=\nDate: yesterday\nFrom: <<<>>>\n\nHello \x1b]0;title\x07\x1b[2J\u202e.",
		"Subject: a boundary that never comes\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\nThe text.\n--x\nContent-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\nJVBERi0xLjQKJ",
		"Subject: an unknown charset\nContent-Type: text/plain; charset=klingon\nContent-Transfer-Encoding: 8bit\n\nGr\xfc\xdfe",
		"Subject: bad base64\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n!!!!SGVsbG8=!!!",
		"Subject: NUL\x00 bytes\n\na\x00b",
		"Subject: " + strings.Repeat("long ", 20_000) + "\n\nHello.",
		"Subject: HTML that never ends\nContent-Type: text/html\n\n<html><body><table><tr><td>Hello <b>there<style>",
	} {
		m.deliver(t, raw)
	}
	p.add(m)
	p.want(0, nil, "", "sync", "--all")
	var rows []row
	if err := json.Unmarshal([]byte(p.want(0, nil, "", "list", "--json").out), &rows); err != nil || len(rows) != 11 {
		t.Fatalf("%d rows, %v; want all 11", len(rows), err)
	}
	for _, r := range rows {
		id := r.ID.String()
		for _, args := range [][]string{{"show", id}, {"show", id, "--headers"}, {"attachment", "list", id}} {
			out := p.want(0, nil, "", args...).out
			if i := strings.IndexFunc(out, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7F || r == 0x202E }); i >= 0 {
				t.Errorf("%v of %.40q: %q gets through", args, r.Subject, out[i:min(i+10, len(out))])
			}
		}
		p.want(0, nil, "", "show", id, "--raw")
	}
}

func textThatCannotCome(t *testing.T, p *program) {
	m := newMailServer(t)
	m.deliver(t, "From: Ana <ana@example.test>\nSubject: long\nDate: "+time.Now().Format(time.RFC1123Z)+"\n\nThe beginning.\n"+noise(1, 600_000)+"\nThe end.\n")
	p.add(m)
	p.want(0, nil, "", "sync", "--all")
	var rows []row
	if err := json.Unmarshal([]byte(p.want(0, nil, "", "list", "--json").out), &rows); err != nil || len(rows) != 1 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	id := rows[0].ID.String()
	m.setFault(func(r *server.Request) *server.Fault {
		if r.Command == "ItemOperations" {
			return &server.Fault{Cuts: true, Cut: 1000}
		}
		return nil
	})
	out := p.want(0, nil, "", "show", id).out
	if !strings.Contains(out, "The beginning.") || strings.Contains(out, "The end.") || !strings.Contains(out, "Note:") || !strings.Contains(out, "Only a part") {
		t.Errorf("show says %.400q", out)
	}
	m.setFault(nil)
	if out := p.want(0, nil, "", "show", id).out; !strings.Contains(out, "The end.") || strings.Contains(out, "Note:") {
		t.Errorf("afterwards show ends with %q", out[max(0, len(out)-200):])
	}
}
