package cli

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
)

// seedCount is how many real messages the mailbox gets.
const seedCount = 500

// seeds reads real messages from all over the corpus, where it is present.
func seeds(t *testing.T) [][]byte {
	t.Helper()
	dir := filepath.Join(root(t), "..", "shared", "corpus")
	manifest, err := os.ReadFile(filepath.Join(dir, "MANIFEST.tsv"))
	if err != nil {
		t.Skip("the corpus of real mail is not present")
	}
	var all [][]byte
	for line := range strings.Lines(string(manifest)) {
		c := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(c) < 11 || c[1] != "eml" || c[2] != "real" {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(c[0])))
		if err != nil {
			t.Fatal(err)
		}
		if seedable(b) {
			all = append(all, b)
		}
	}
	if len(all) < seedCount {
		t.Fatalf("the corpus holds %d messages that can be compared, want %d", len(all), seedCount)
	}
	out := make([][]byte, 0, seedCount)
	for i := range seedCount {
		out = append(out, all[i*len(all)/seedCount])
	}
	return out
}

// seedable keeps messages with one sender and a date, by which the lists of
// both sides are told to belong together.
func seedable(b []byte) bool {
	m, err := mail.ReadMessage(bytes.NewReader(b))
	if err != nil || len(b) > 1<<20 {
		return false
	}
	date, err := m.Header.Date()
	if err != nil {
		return false
	}
	if _, offset := date.Zone(); offset < -12*3600 || offset > 14*3600 || date.Year() < 1990 {
		return false
	}
	from, err := m.Header.AddressList("From")
	return err == nil && len(from) == 1
}

func TestSOGoMailboxOfRealMessages(t *testing.T) {
	s := newSOGo(t)
	seed := seeds(t)
	im := s.imap("alice")
	im.empty("INBOX")
	for i, b := range seed {
		flags := "()"
		if i%3 == 0 {
			flags = `(\Seen)`
		}
		im.appendMail("INBOX", flags, b)
	}
	s.add("alice")
	s.run("", "sync", "--all")
	var rows []row
	s.json(&rows, "list")
	server := im.fetch("INBOX")
	if len(rows) != len(server) || len(server) != len(seed) {
		t.Fatalf("%d rows listed, %d messages on the server, %d stored", len(rows), len(server), len(seed))
	}
	for _, p := range pairUp(t, rows, server) {
		if p.row.Read != p.imap.Seen {
			t.Errorf("UID %d: read %v, want %v", p.imap.UID, p.row.Read, p.imap.Seen)
		}
		if got, want := words(p.row.From.Name), words(message.Clean(p.want.From[0].Name)); got != want {
			p.errorf(t, "the sender is called %q, want %q", got, want)
		}
		var got shown
		s.json(&got, "show", p.row.ID.String())
		compareText(t, p, got.Text)
		s.compareFiles(p, got.Attachments)
	}
}

// pair is a message as the program lists it and as IMAP has it.
type pair struct {
	row  row
	imap imapMessage
	want *message.Mail
}

func (p pair) errorf(t *testing.T, format string, args ...any) {
	t.Helper()
	t.Errorf("UID %d %q: "+format, append([]any{p.imap.UID, p.want.Subject}, args...)...)
}

// pairUp finds the one row of each message: that with its subject, sender and
// date. It fails for messages that have none and for rows that belong to none.
func pairUp(t *testing.T, rows []row, server []imapMessage) []pair {
	t.Helper()
	byKey := map[string][]row{}
	for _, r := range rows {
		k := listKey(r.Subject, r.From.Address, r.Date)
		byKey[k] = append(byKey[k], r)
	}
	var out []pair
	for _, m := range server {
		want, err := message.Parse(bytes.NewReader(m.Raw))
		if err != nil {
			t.Fatalf("UID %d: %v", m.UID, err)
		}
		found := false
		for _, subject := range sogoSubjects(want) {
			k := listKey(subject, want.From[0].Address, jsonTime(sogoDate(want)))
			if list := byKey[k]; len(list) > 0 {
				out = append(out, pair{row: list[0], imap: m, want: want})
				byKey[k], found = list[1:], true
				break
			}
		}
		if !found {
			t.Errorf("UID %d %q of %s, %s, is not listed", m.UID, want.Subject, want.From[0].Address, jsonTime(want.Date))
		}
	}
	for k, left := range byKey {
		for range left {
			t.Errorf("listed, but not on the server: %s", k)
		}
	}
	return out
}

// listKey names a message by what the list shows of it.
func listKey(subject, from, date string) string {
	fold := func(s string) string { return strings.ToLower(strings.Join(strings.Fields(message.Clean(s)), " ")) }
	return fold(subject) + "|" + fold(from) + "|" + date
}

// sogoSubjects are the subjects that SOGo may give: none where the header has
// bytes that are neither ASCII nor UTF-8, and an encoded word with a byte that
// its charset does not have as if it were ISO-8859-1.
func sogoSubjects(m *message.Mail) []string {
	raw := m.Header.Raw("Subject")
	if strings.ToValidUTF8(raw, "") != raw {
		return []string{""}
	}
	out := []string{m.Subject}
	if strings.ContainsRune(m.Subject, utf8.RuneError) {
		latin1 := mime.WordDecoder{CharsetReader: func(_ string, r io.Reader) (io.Reader, error) {
			return charmap.ISO8859_1.NewDecoder().Reader(r), nil
		}}
		if s, err := latin1.DecodeHeader(raw); err == nil {
			out = append(out, s)
		}
	}
	return out
}

var summerTime = regexp.MustCompile(`(^|\s)[ECMP]DT\s*$`)

// sogoDate is the date that SOGo gives: it takes names of American summer time
// for those of winter time.
func sogoDate(m *message.Mail) time.Time {
	if summerTime.MatchString(m.Header.Raw("Date")) {
		return m.Date.Add(time.Hour)
	}
	return m.Date
}

// compareText holds the text of one message against its source. The server may
// have given its plain form or its HTML.
func compareText(t *testing.T, p pair, text string) {
	t.Helper()
	forms := []string{p.want.PlainText()}
	if p.want.HTML != "" {
		forms = append(forms, message.PlainText(activesync.Body{Type: activesync.BodyHTML, Data: []byte(p.want.HTML)}))
	}
	have := p.words(text)
	diff := ""
	for _, form := range forms {
		want := p.words(form)
		if have == want || p.sogoText(have, form) {
			return
		}
		at := 0
		for at < min(len(have), len(want)) && have[at] == want[at] {
			at++
		}
		diff += fmt.Sprintf("\n got …%.200q\nwant …%.200q", have[max(at-20, 0):], want[max(at-20, 0):])
	}
	p.errorf(t, "the text differs%s", diff)
}

// words is a text with one blank for any white space: converting between plain
// and HTML text keeps no more. Where lines are flowed, marks of quotes and the
// blanks behind them are laid out anew, so there nothing of them is left. The
// wave of Japanese charsets is one of two characters.
func (p pair) words(s string) string {
	s = strings.ReplaceAll(s, "\u301C", "\uFF5E")
	if bytes.Contains(bytes.ToLower(p.imap.Raw), []byte("format=flowed")) {
		return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '>' || unicode.IsSpace(r) }), "")
	}
	return words(s)
}

func words(s string) string { return strings.Join(strings.Fields(s), " ") }

// sogoText reports whether a text differs from its source in a way that is
// SOGo's: of several texts it gives the first as the body and the others as
// files or not at all; what declares no charset, a wrong one, or one in its HTML
// only, is ISO-8859-1 to it.
func (p pair) sogoText(have, form string) bool {
	if bytes.Contains(bytes.ToLower(p.imap.Raw), []byte("multipart/")) && have != "" && strings.HasPrefix(p.words(form), have) {
		return true
	}
	for _, enc := range []encoding.Encoding{encoding.Nop, traditionalchinese.Big5, simplifiedchinese.GB18030, japanese.ISO2022JP, charmap.Windows1252} {
		b, err := encoding.ReplaceUnsupported(enc.NewEncoder()).String(form)
		if err != nil {
			continue
		}
		if latin1, err := charmap.ISO8859_1.NewDecoder().String(b); err == nil && p.words(message.CleanText(latin1)) == have {
			return true
		}
	}
	return false
}

// compareFiles holds the attachments of one message against its source.
func (s *sogo) compareFiles(p pair, listed []shownAttachment) {
	s.t.Helper()
	var files []string
	for _, a := range listed {
		files = append(files, lines(s.saved(p, a)))
	}
	for _, f := range p.want.Attachments {
		content := lines(f.Content)
		i := slices.IndexFunc(listed, func(a shownAttachment) bool { return a.Name == f.Name })
		if i < 0 { // a name that one side made up
			i = slices.Index(files, content)
		}
		switch {
		case i < 0 && p.sogoListsNot(f):
		case i < 0:
			p.errorf(s.t, "the attachment %q (%s) is not listed in %+v", f.Name, f.ContentType, listed)
		case files[i] != content && !sogoFile(f, files[i]):
			p.errorf(s.t, "the attachment %q (%s) has %d bytes, want %d", f.Name, f.ContentType, len(files[i]), len(content))
		}
	}
}

// sogoListsNot reports whether SOGo says nothing of a file: of what lies in a
// signed part and of signatures, and of reports and texts without a name.
func (p pair) sogoListsNot(f message.File) bool {
	nameless := strings.HasPrefix(f.Name, "part-")
	return bytes.Contains(p.imap.Raw, []byte("multipart/signed")) ||
		nameless && (strings.HasPrefix(f.ContentType, "message/") || strings.HasPrefix(f.ContentType, "text/"))
}

// sogoFile reports whether SOGo gives a file that differs: nothing of an
// encrypted one, and nothing of bits behind the last whole byte of base64.
func sogoFile(f message.File, have string) bool {
	return strings.Contains(f.ContentType, "pkcs7-mime") && have == "" ||
		len(f.Content)-len(have) == 1 && strings.HasPrefix(string(f.Content), have)
}

func (s *sogo) saved(p pair, a shownAttachment) []byte {
	s.t.Helper()
	dir := s.t.TempDir()
	s.run("", "attachment", "save", p.row.ID.String(), fmt.Sprint(a.N), dir)
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(names) != 1 {
		s.t.Fatalf("UID %d: saved files %v, %v", p.imap.UID, names, err)
	}
	b, err := os.ReadFile(names[0])
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}

// lines is a file with one form of line ends.
func lines(b []byte) string { return strings.TrimSpace(strings.ReplaceAll(string(b), "\r\n", "\n")) }
