package message

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gomail "github.com/emersion/go-message/mail"
	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"eas.example/securemail/activesync"
)

// readMail is a message as another program reads it.
type readMail struct {
	Subject string      `json:"subject"`
	From    [][2]string `json:"from"`
	To      [][2]string `json:"to"`
	Cc      [][2]string `json:"cc"`
	Bcc     [][2]string `json:"bcc"`
	Date    string      `json:"date"`
	ID      string      `json:"id"`
	Fields  []string    `json:"fields"`
	Plain   string      `json:"plain"`
	HTML    string      `json:"html"`
	Files   [][3]string `json:"files"` // name, type, SHA-256
	Defects []string    `json:"defects"`
}

// python reads mail with Python's email package. It skips the test where there
// is none.
func python(t *testing.T) func([]byte) readMail {
	t.Helper()
	path, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3 to read the messages with")
	}
	cmd := exec.Command(path, "testdata/readmail.py")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	})
	lines := bufio.NewReaderSize(out, 1<<20)
	return func(raw []byte) (m readMail) {
		t.Helper()
		if _, err := in.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(raw))), raw...)); err != nil {
			t.Fatal(err)
		}
		line, err := lines.ReadBytes('\n')
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(line, &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
}

// goMessage reads mail with github.com/emersion/go-message.
func goMessage(raw []byte) (m readMail, err error) {
	r, err := gomail.CreateReader(bytes.NewReader(raw))
	if err != nil {
		return m, err
	}
	if m.Subject, err = r.Header.Subject(); err != nil {
		return m, err
	}
	date, err := r.Header.Date()
	if err != nil {
		return m, err
	}
	m.Date = date.Format("2006-01-02T15:04:05-07:00")
	for name, list := range map[string]*[][2]string{"From": &m.From, "To": &m.To, "Cc": &m.Cc, "Bcc": &m.Bcc} {
		all, err := r.Header.AddressList(name)
		if err != nil {
			return m, err
		}
		for _, a := range all {
			*list = append(*list, [2]string{a.Name, a.Address})
		}
	}
	id, err := r.Header.MessageID()
	if err != nil {
		return m, err
	}
	m.ID = "<" + id + ">"
	for {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return m, nil
		}
		if err != nil {
			return m, err
		}
		data, err := io.ReadAll(p.Body)
		if err != nil {
			return m, err
		}
		switch h := p.Header.(type) {
		case *gomail.AttachmentHeader:
			name, err := h.Filename()
			if err != nil {
				return m, err
			}
			ctype, _, err := h.ContentType()
			if err != nil {
				return m, err
			}
			sum := sha256.Sum256(data)
			m.Files = append(m.Files, [3]string{name, ctype, fmt.Sprintf("%x", sum)})
		case *gomail.InlineHeader:
			switch ctype, _, err := h.ContentType(); {
			case err != nil:
				return m, err
			case ctype == "text/html":
				m.HTML = string(data)
			case ctype == "text/plain":
				m.Plain = strings.ReplaceAll(string(data), "\r\n", "\n")
			}
		}
	}
}

// words draws texts that mail programs stumble over.
func words(t *rapid.T, label string) string {
	piece := rapid.OneOf(
		rapid.SampledFrom([]string{"Grüße", "日本語のメール", "שלום עולם", "=?utf-8?B?eA==?=", "\r\nBcc: evil@example.test", "\"", "\\", ",", ";", "<x@y>", "(comment)", "👨‍👩‍👧", "=20", "--b", ".", "From ", "\t", "e\u0301",
			strings.Repeat("long", 60), "\u2028", "\x00", "\x1b[31m", "ı", "İ", "\ufeff", "@", ":"}),
		rapid.StringN(0, 12, 40), rapid.StringMatching(`[a-zA-Z0-9 ]{0,30}`))
	return strings.Join(rapid.SliceOfN(piece, 0, 8).Draw(t, label), rapid.SampledFrom([]string{"", " ", "\n"}).Draw(t, label+" between"))
}

func drawDraft(t *rapid.T) *activesync.Draft {
	who := func(label string) []activesync.Address {
		var out []activesync.Address
		for i := range rapid.IntRange(0, 3).Draw(t, label) {
			out = append(out, activesync.Address{Name: words(t, label+" name"), Address: string(rune('a'+i)) + "." + label + "@example.test"})
		}
		return out
	}
	d := &activesync.Draft{To: who("to"), Cc: who("cc"), Bcc: who("bcc"), Subject: words(t, "subject"), Text: words(t, "text"), Markdown: rapid.Bool().Draw(t, "markdown"),
		Importance: activesync.Importance(rapid.IntRange(0, 2).Draw(t, "importance")), ReadReceipt: rapid.Bool().Draw(t, "receipt")}
	for range rapid.IntRange(0, 2).Draw(t, "files") {
		d.Attachments = append(d.Attachments, activesync.DraftAttachment{
			// go-message decodes a name a second time where it looks encoded.
			Name: "x" + strings.ReplaceAll(words(t, "file"), "=?", "="), ContentType: "application/x-test", Data: rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "data")})
	}
	return d
}

// wanted is what another program has to read of a draft.
func wanted(d *activesync.Draft, o ComposeOptions) readMail {
	list := func(in []activesync.Address) (out [][2]string) {
		for _, a := range in {
			out = append(out, [2]string{oneLineOf(a.Name), a.Address})
		}
		return out
	}
	m := readMail{Subject: oneLineOf(d.Subject), From: list([]activesync.Address{o.From}), To: list(d.To), Cc: list(d.Cc), Bcc: list(d.Bcc),
		Date: o.Date.Format("2006-01-02T15:04:05-07:00"), ID: "<" + o.MessageID + ">"}
	m.Plain = strings.ToValidUTF8(strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(d.Text, "\r\n", "\n"), "\r", "\n"), "\x00", ""), "\uFFFD")
	if m.Plain != "" && !strings.HasSuffix(m.Plain, "\n") {
		m.Plain += "\n"
	}
	for _, f := range d.Attachments {
		sum := sha256.Sum256(f.Data)
		m.Files = append(m.Files, [3]string{attachmentName(&f), f.ContentType, fmt.Sprintf("%x", sum)})
	}
	return m
}

func unblanked(in [][2]string) (out [][2]string) {
	for _, p := range in {
		out = append(out, [2]string{strings.ReplaceAll(p[0], " ", ""), p[1]})
	}
	return out
}

func oneLineOf(s string) string { return strings.Join(strings.Fields(Clean(s)), " ") }

// What is composed is read by two other programs as it was meant, whatever was
// written, and tells nothing of this machine.
func TestComposedMailIsReadByOthers(t *testing.T) {
	read := python(t)
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	login := ""
	if u, err := user.Current(); err == nil {
		login = u.Username
	}
	rapid.Check(t, func(t *rapid.T) {
		d := drawDraft(t)
		o := ComposeOptions{From: activesync.Address{Name: "Ana Souza", Address: "ana@sender.example"}, Date: time.Date(2026, 3, 29, 2, 30, 0, 0, time.FixedZone("", rapid.IntRange(-12, 14).Draw(t, "zone")*3600)),
			MessageID: NewMessageID("sender.example")}
		raw, err := Compose(d, o)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(string(raw), "\r\n") {
			if strings.ContainsAny(line, "\r\n") || len(line) > 998 {
				t.Fatalf("bad line %.80q", line)
			}
		}
		head, _, _ := strings.Cut(string(raw), "\r\n\r\n")
		for _, secret := range []string{host, login} {
			if len(secret) > 3 && strings.Contains(head, secret) {
				t.Fatalf("the header tells %q:\n%s", secret, head)
			}
		}
		want := wanted(d, o)
		py := read(raw)
		if len(py.Defects) > 0 {
			t.Fatalf("Python finds %v in\n%s", py.Defects, raw)
		}
		for _, f := range py.Fields {
			if !strings.Contains(" from to cc bcc subject date message-id importance x-priority disposition-notification-to mime-version content-type content-transfer-encoding ", " "+f+" ") {
				t.Fatalf("the header has the field %s", f)
			}
		}
		same := func(name string, got readMail, but ...gocmp.Option) {
			if diff := gocmp.Diff(want, got, append(but, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(readMail{}, "Fields", "Defects", "HTML"))...); diff != "" {
				t.Fatalf("%s reads otherwise (-want +got):\n%s\n%s", name, diff, raw)
			}
			if (got.HTML != "") != d.Markdown {
				t.Fatalf("%s reads HTML: %q", name, got.HTML)
			}
		}
		// Python puts a blank between the encoded words of a long name, against RFC
		// 2047 6.2, so blanks in names do not count.
		same("Python", py, cmpopts.IgnoreFields(readMail{}, "From", "To", "Cc", "Bcc"))
		for i, list := range [][][2]string{py.From, py.To, py.Cc, py.Bcc} {
			if diff := gocmp.Diff(unblanked([][][2]string{want.From, want.To, want.Cc, want.Bcc}[i]), unblanked(list), cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("Python reads other people (-want +got):\n%s\n%s", diff, raw)
			}
		}
		other, err := goMessage(raw)
		if err != nil {
			t.Fatalf("go-message: %v\n%s", err, raw)
		}
		same("go-message", other)
	})
}

// Answers to real mail, and that mail passed on with its files, are read by two
// other programs as they were written. CORPUS_ALL takes every message.
func TestAnswersToTheCorpusAreReadByOthers(t *testing.T) {
	names := corpus(t)
	read := python(t)
	step := 150
	if os.Getenv("CORPUS_ALL") != "" {
		step = 1
	}
	n := 0
	for i := 0; i < len(names); i += step {
		b, err := os.ReadFile(names[i])
		if err != nil {
			t.Fatal(err)
		}
		m := ParseBytes(b)
		source := &activesync.Message{Header: activesync.Header{To: m.To, Cc: m.Cc, Subject: m.Subject, Date: m.Date}, Body: activesync.Body{Type: activesync.BodyPlain, Data: []byte(m.PlainText())}}
		if len(m.From) > 0 {
			source.From = m.From[0]
		}
		for _, verb := range []activesync.Verb{activesync.VerbReplyAll, activesync.VerbForward} {
			d := ReplyDraft(source, verb)
			d.Markdown = i%2 == 0
			for _, list := range []*[]activesync.Address{&d.To, &d.Cc} {
				*list = slices.DeleteFunc(*list, func(p activesync.Address) bool {
					return CheckAddress(p.Address) != nil || strings.ContainsFunc(p.Address, func(r rune) bool { return r >= 0x80 })
				})
			}
			for _, f := range m.Attachments {
				if verb == activesync.VerbForward && len(f.Content) < 1<<20 && !strings.Contains(f.Name, "=?") {
					d.Attachments = append(d.Attachments, activesync.DraftAttachment{Name: "f" + f.Name, ContentType: "application/x-test", Data: f.Content})
				}
			}
			o := ComposeOptions{From: activesync.Address{Address: "ana@sender.example"}, Date: time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC), MessageID: NewMessageID("sender.example"), SourceMIME: b}
			raw, err := Compose(&d, o)
			if err != nil {
				t.Fatal(err)
			}
			n++
			want := wanted(&d, o)
			ignore := cmpopts.IgnoreFields(readMail{}, "Fields", "Defects", "HTML", "From", "To", "Cc", "Bcc")
			py := read(raw)
			if diff := gocmp.Diff(want, py, cmpopts.EquateEmpty(), ignore); diff != "" || len(py.Defects) > 0 {
				t.Errorf("%s: Python reads it otherwise, %v (-want +got):\n%.1500s", filepath.Base(names[i]), py.Defects, diff)
			}
			other, err := goMessage(raw)
			if err != nil {
				t.Errorf("%s: go-message: %v", filepath.Base(names[i]), err)
				continue
			}
			if diff := gocmp.Diff(want, other, cmpopts.EquateEmpty(), ignore); diff != "" {
				t.Errorf("%s: go-message reads it otherwise (-want +got):\n%.1500s", filepath.Base(names[i]), diff)
			}
			for what, pair := range map[string][2][][2]string{"To": {want.To, other.To}, "Cc": {want.Cc, other.Cc}, "To of Python": {want.To, py.To}, "Cc of Python": {want.Cc, py.Cc}} {
				if diff := gocmp.Diff(unblanked(pair[0]), unblanked(pair[1]), cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("%s: %s (-want +got):\n%.800s", filepath.Base(names[i]), what, diff)
				}
			}
		}
	}
	t.Logf("%d messages were read", n)
}
