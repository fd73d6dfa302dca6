package message

import (
	"bytes"
	"mime"
	"mime/multipart"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"io"

	"eas.example/securemail/activesync"
)

func TestClean(t *testing.T) {
	tests := []struct{ in, want string }{
		{"plain", "plain"},
		{"two\r\nlines\tand a tab", "two lines and a tab"},
		{"\x1b[31mred\x1b[0m", "red"},
		{"\x1b]0;title\x07after", "after"},
		{"\x1b]8;;http://evil\x1b\\link", "\\link"},
		{"c1 \u009b31m", "c1 ›31m"},
		{"the world\u0092s \u0093first\u0094\u0085 \u0081", "the world’s “first”… "},
		{"bidi \u202egnp.exe", "bidi gnp.exe"},
		{"zero\u200bwidth", "zerowidth"},
		{"family 👩\u200d👩\u200d👧 stays", "family 👩\u200d👩\u200d👧 stays"},
		{"heart ❤\ufe0f", "heart ❤\ufe0f"},
		{"bad \xff byte", "bad \uFFFD byte"},
		{"grüße 漢字 עברית", "grüße 漢字 עברית"},
		{"tag\U000E0041\U000E0042", "tag"},
	}
	for _, tt := range tests {
		if got := Clean(tt.in); got != tt.want {
			t.Errorf("Clean(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
	if got := CleanText("a\r\nb\tc\x1b[2J"); got != "a\nb\tc" {
		t.Errorf("CleanText = %q", got)
	}
}

func safe(t *testing.T, s string, text bool) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Fatalf("not UTF-8: %q", s)
	}
	for _, r := range s {
		if (r < 0x20 && !(text && (r == '\n' || r == '\t'))) || r >= 0x7F && r < 0xA0 || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == 0x200E || r == 0x200F || r == 0x2028 {
			t.Fatalf("%U is left in %q", r, s)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("\x1b]0;x\x07\u202e\x9b31m")
	f.Fuzz(func(t *testing.T, s string) {
		safe(t, Clean(s), false)
		safe(t, CleanText(s), true)
		if c := Clean(s); Clean(c) != c {
			t.Fatalf("cleaning twice differs: %q, %q", c, Clean(c))
		}
	})
}

func TestParse_zoneNames(t *testing.T) {
	for zone, want := range map[string]string{
		"EST": "14:39", "EDT": "13:39", "CST": "15:39", "CDT": "14:39", "MST": "16:39", "MDT": "15:39", "PST": "17:39", "PDT": "16:39",
		"GMT": "09:39", "UT": "09:39", "Z": "09:39", "-0400 (EDT)": "13:39", "EDT (Eastern)": "13:39",
	} {
		m := ParseBytes([]byte("Date: Thu, 19 Sep 2002 09:39:00 " + zone + "\r\n\r\n"))
		if got := m.Date.Format("15:04"); got != want {
			t.Errorf("zone %s: %s, want %s", zone, got, want)
		}
	}
}

func TestFileName(t *testing.T) {
	for in, want := range map[string]string{"../../etc/passwd": "passwd", `C:\temp\a.txt`: "a.txt", ".bashrc": "bashrc", "": "attachment",
		"a\x00b\n.txt": "ab .txt", "Rechnung für Müller.pdf": "Rechnung für Müller.pdf", "..": "attachment", "a:b?.doc": "a_b_.doc"} {
		if got := FileName(in); got != want {
			t.Errorf("FileName(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestHeaderWords(t *testing.T) {
	tests := []struct{ in, want string }{
		{"=?utf-8?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"},
		{"=?utf-8?B?R3LDvMOfZQ==?= und mehr", "Grüße und mehr"},
		{"=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab"},
		{"=?utf-8?Q?=C3?= =?utf-8?Q?=BC?=", "ü"}, // cut in the middle of a character
		{"=?iso-8859-1?Q?caf=E9?=", "café"},
		{"=?gb2312?B?xOO6ww==?=", "你好"},
		{"=?utf-8?Q?with blanks inside?=", "with blanks inside"},
		{"not =? a word", "not =? a word"},
		{"caf\xe9", "café"},
		{"\"=?utf-8?Q?quoted?=\"", "\"quoted\""},
	}
	for _, tt := range tests {
		if got := decodeWords(tt.in); got != tt.want {
			t.Errorf("decodeWords(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestParseBrokenMail(t *testing.T) {
	tests := []struct {
		name, in   string
		subject    string
		text, file string
	}{
		{"bare", "Subject: s\n\nbody\n", "s", "body", ""},
		{"mbox line", "From x@y Mon\nSubject: s\n\nbody\n", "s", "body", ""},
		{"no blank line", "Subject: s\nThis is the body already\n", "s", "This is the body already", ""},
		{"missing end", "Subject: s\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nbody\n--b\nContent-Type: text/plain; name=a.txt\n\nfile", "s", "body", "a.txt"},
		{"missing boundary parameter", "Subject: s\nContent-Type: multipart/mixed\n\n--xyz1\nContent-Type: text/plain\n\nbody\n--xyz1--\n", "s", "body", ""},
		{"unknown encoding", "Subject: s\nContent-Transfer-Encoding: x-nothing\n\nbody\n", "s", "body", ""},
		{"base64 without padding", "Subject: s\nContent-Transfer-Encoding: base64\n\nYm9keQ", "s", "body", ""},
		{"utf-7", "Subject: s\nContent-Type: text/plain; charset=utf-7\n\nHi +AOQ-!\n", "s", "Hi ä!", ""},
		{"mislabelled", "Subject: s\nContent-Type: text/plain; charset=iso-8859-1\n\ngr\xc3\xbc\xc3\x9fe\n", "s", "grüße", ""},
		{"quoted-printable broken", "Subject: s\nContent-Transfer-Encoding: quoted-printable\n\na=ZZb=C3=A4=\nc\n", "s", "a=ZZbäc", ""},
		{"2231 name", "Subject: s\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nbody\n--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename*0*=utf-8''%C3%A4; filename*1=b.pdf\n\nx\n--b--\n", "s", "body", "äb.pdf"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := ParseBytes([]byte(tt.in))
			if m.Subject != tt.subject || strings.TrimSpace(m.PlainText()) != tt.text {
				t.Errorf("subject %q, text %q (%s)", m.Subject, m.PlainText(), m.Note)
			}
			if tt.file != "" && (len(m.Attachments) != 1 || m.Attachments[0].Name != tt.file) {
				t.Errorf("attachments %+v, want %s", m.Attachments, tt.file)
			}
		})
	}
}

func TestHTML(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"paragraphs", "<p>One</p><p>Two<br>three</p>", "One\n\nTwo\nthree\n"},
		{"words stay apart", "<div>one</div><div>two</div><span>a</span> <b>b</b>", "one\ntwo\na b\n"},
		{"hidden", `<div style="display:none">preheader</div><p>seen</p><span style="mso-hide:all">x</span>`, "seen\n"},
		{"list", "<ul><li>a</li><li>b<ol><li>c</li></ol></li></ul>", "• a\n• b\n  1. c\n"},
		{"quote", "<p>a</p><blockquote>b<blockquote>c</blockquote></blockquote>", "a\n\n> b\n>\n> > c\n"},
		{"data table", "<table><tr><th>Item</th><th>Qty</th></tr><tr><td>Rope</td><td>12</td></tr></table>", "Item  Qty\nRope   12\n"},
		{"layout table", "<table><tr><td><table><tr><td><p>a</p></td></tr></table></td></tr></table>", "a\n"},
		{"pre", "<pre>a\n  b</pre>", "a\n  b\n"},
		{"script", "<script>alert(1)</script><style>p{}</style>ok", "ok\n"},
		{"alt", `<img src="cid:1" alt="Logo"><img src="https://t.example/p.gif" width=1 height=1 alt="x">`, "[Logo]\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := renderHTML(tt.in, RenderOptions{Width: 60}).String(); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestLinksAreNumberedWithTheirTrueTarget(t *testing.T) {
	r := renderHTML(`<a href="https://evil.example/x">https://bank.example</a> and <a href="javascript:x()">no</a> <a href="https://b.example/">b</a>`, RenderOptions{Width: 60, Numbers: true})
	if len(r.Links) != 2 || r.Links[0].URL != "https://evil.example/x" || r.Links[0].Text != "https://bank.example" {
		t.Errorf("links = %+v", r.Links)
	}
	if got := r.String(); got != "https://bank.example[1] ▲ leads to evil.example and no b[2]\n" {
		t.Errorf("text = %q", got)
	}
	p := renderPlain("see https://a.example/x(y). Or www.b.example, ok", RenderOptions{})
	if len(p.Links) != 2 || p.Links[0].URL != "https://a.example/x(y)" || p.Links[1].URL != "https://www.b.example" {
		t.Errorf("plain links = %+v", p.Links)
	}
}

func TestWrapKeepsWithinWidth(t *testing.T) {
	text := "Lorem ipsum dolor sit amet, 日本語の文章は空白なしに続きます。 averyveryverylongwordthatdoesnotfitanywhere 👩‍👩‍👧 end"
	for width := 4; width < 80; width++ {
		var joined strings.Builder
		for _, line := range wrap([]Span{{Text: text}}, width) {
			n := 0
			for _, s := range line.Spans {
				n += cells(s.Text)
				joined.WriteString(s.Text)
			}
			if n > width {
				t.Errorf("width %d: a line has %d cells", width, n)
			}
		}
		if got, want := strings.ReplaceAll(joined.String(), " ", ""), strings.ReplaceAll(text, " ", ""); got != want {
			t.Errorf("width %d: text lost: %q", width, got)
		}
	}
}

func TestComposeIsReadByAnotherReader(t *testing.T) {
	d := &activesync.Draft{To: []activesync.Address{{Name: "Müller, Jörg", Address: "joerg@example.test"}}, Bcc: []activesync.Address{{Address: "b@example.test"}},
		Subject: "Grüße\r\nBcc: evil@example.test 漢字 and a subject that goes on for quite a while so that it has to be folded somewhere",
		Text:    "Zeile eins – mit Umlauten äöü\n.\nFrom here\n" + strings.Repeat("x", 2000) + "\n",
		Attachments: []activesync.DraftAttachment{{Name: "Übersicht über die sehr lange benannte Datei mit vielen Umlauten äöüÄÖÜ.csv", Data: []byte("a;b\n1;2\n")},
			{Name: "data.bin", Data: bytes.Repeat([]byte{0, 1, 2, 255}, 1000)}}}
	b, err := Compose(d, ComposeOptions{From: activesync.Address{Name: "Ana", Address: "ana@example.test"}, Date: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC), MessageID: NewMessageID("example.test")})
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(string(b), "\r\n") {
		if strings.ContainsAny(line, "\r\n") || len(line) > 998 {
			t.Fatalf("bad line %.80q", line)
		}
	}
	m, err := mail.ReadMessage(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Header.Get("Bcc"); got != "b@example.test" {
		t.Errorf("Bcc = %q", got)
	}
	to, err := m.Header.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Name != "Müller, Jörg" {
		t.Errorf("To = %v, %v", to, err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != strings.Join(strings.Fields(d.Subject), " ") {
		t.Errorf("Subject = %q, %v", subject, err)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	r := multipart.NewReader(m.Body, params["boundary"])
	p, err := r.NextPart() // decodes quoted-printable
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(p)
	if err != nil || strings.ReplaceAll(string(text), "\r\n", "\n") != d.Text {
		t.Errorf("text differs: %.60q, %v", text, err)
	}
	back := ParseBytes(b)
	if len(back.Attachments) != 2 || back.Attachments[0].Name != d.Attachments[0].Name || !bytes.Equal(back.Attachments[1].Content, d.Attachments[1].Data) {
		t.Errorf("attachments differ")
	}
	p, err = r.NextPart()
	if err != nil || p.FileName() != d.Attachments[0].Name {
		t.Errorf("file name = %q, %v", p.FileName(), err)
	}
}

func TestReplyDraft(t *testing.T) {
	me := activesync.Address{Address: "me@example.test"}
	src := &activesync.Message{Header: activesync.Header{ID: 7, From: activesync.Address{Name: "Ana", Address: "ana@example.test"}, Subject: "AW: Re: Budget",
		To: []activesync.Address{me, {Address: "ben@example.test"}}, Cc: []activesync.Address{{Address: "ana@example.test"}, {Address: "cy@example.test"}}},
		Body: activesync.Body{Type: activesync.BodyPlain, Data: []byte("line\n> older\n")}}
	d := ReplyDraft(src, activesync.VerbReplyAll, me)
	if d.Subject != "Re: Re: Budget" || len(d.To) != 2 || len(d.Cc) != 1 || d.To[1].Address != "ben@example.test" {
		t.Errorf("draft = %+v", d)
	}
	if !strings.Contains(d.Text, "\n> line\n>> older\n") {
		t.Errorf("text = %q", d.Text)
	}
	if f := ReplyDraft(src, activesync.VerbForward, me); f.Subject != "Fwd: AW: Re: Budget" || len(f.To) != 0 {
		t.Errorf("forward = %+v", f)
	}
}

func corpus(t testing.TB) []string {
	t.Helper()
	names, _ := filepath.Glob(filepath.Join("..", "..", "..", "shared", "corpus", "eml", "*.eml"))
	if len(names) == 0 {
		t.Skip("the corpus of real mail is not present")
	}
	return names
}

// corpusMail are the messages of the corpus, taken apart.
func corpusMail(t testing.TB) map[string]*Mail {
	t.Helper()
	out := map[string]*Mail{}
	for _, name := range corpus(t) {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(name)] = ParseBytes(b)
	}
	return out
}

func TestCorpusIsReadSafely(t *testing.T) {
	for _, name := range corpus(t) {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		m := ParseBytes(b)
		began := time.Now()
		for _, body := range []activesync.Body{{Type: activesync.BodyPlain, Data: []byte(m.Text)}, {Type: activesync.BodyHTML, Data: []byte(m.HTML)}} {
			for _, width := range []int{0, 80} {
				for _, l := range RenderText(body, RenderOptions{Width: width, Numbers: true}).Lines {
					safe(t, l.Text(), false)
					if n := cells(l.Text()) + 2*l.Quote; width > 0 && l.Quote < 20 && n > width {
						t.Errorf("%s: a line of %d cells: %q", filepath.Base(name), n, l.Text())
					}
				}
			}
		}
		safe(t, m.PlainText(), true)
		if d := time.Since(began); d > 2*time.Second {
			t.Logf("%s took %v", filepath.Base(name), d)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("Subject: s\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nbody\n--b--\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m := ParseBytes(b)
		safe(t, m.PlainText(), true)
		for _, a := range m.Attachments {
			safe(t, a.Name, false)
		}
	})
}

func FuzzHTML(f *testing.F) {
	f.Add("<table><tr><td>a<td><b>b</table><blockquote><ul><li>x")
	f.Fuzz(func(t *testing.T, s string) {
		for _, w := range []int{0, 20} {
			for _, l := range renderHTML(s, RenderOptions{Width: w, Numbers: true}).Lines {
				safe(t, l.Text(), false)
			}
		}
	})
}

func FuzzCompose(f *testing.F) {
	f.Add("subject", "text\n", "name", "file.txt", []byte("data"))
	f.Fuzz(func(t *testing.T, subject, text, name, file string, data []byte) {
		d := &activesync.Draft{To: []activesync.Address{{Name: name, Address: "a@example.test"}}, Subject: subject, Text: text,
			Attachments: []activesync.DraftAttachment{{Name: file, Data: data}}}
		b, err := Compose(d, ComposeOptions{From: activesync.Address{Address: "b@example.test"}, Date: time.Unix(0, 0), MessageID: "x@example.test"})
		if err != nil {
			t.Fatal(err)
		}
		m := ParseBytes(b)
		if want := strings.Join(strings.Fields(Clean(subject)), " "); m.Subject != want {
			t.Fatalf("subject %q, want %q", m.Subject, want)
		}
		if len(m.To) != 1 || m.To[0].Address != "a@example.test" || len(m.Bcc) != 0 {
			t.Fatalf("recipients %v %v", m.To, m.Bcc)
		}
		if len(m.Attachments) != 1 || !bytes.Equal(m.Attachments[0].Content, data) {
			t.Fatalf("attachments %+v", m.Attachments)
		}
	})
}

// A field that goes on over many lines is read in time that grows with its
// length, not with the square of it.
func TestLongHeaderIsReadQuickly(t *testing.T) {
	line := "\r\n\t" + strings.Repeat("a", 60)
	read := func(lines int) int {
		src := []byte("Subject: x\r\nX-Long: begin" + strings.Repeat(line, lines) + "\r\nTo: a@example.test\r\n\r\nbody")
		var m *Mail
		n := testing.AllocsPerRun(3, func() { m = ParseBytes(src) })
		if got := len(m.Header.Raw("X-Long")); got != 5+61*lines || len(m.To) != 1 || m.Text != "body" {
			t.Fatalf("the field of %d lines has %d bytes, to %v, text %q", lines, got, m.To, m.Text)
		}
		return int(n)
	}
	if few, many := read(10), read(4000); many > few+60 {
		t.Errorf("%d allocations for 10 lines, %d for 4000", few, many)
	}
}

// What a stranger can write into a message takes time that grows with its length.
// By the square of it each of these would take from half a minute to several.
func TestNoMessageHoldsTheReaderUp(t *testing.T) {
	const size = 1 << 20
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	for name, c := range map[string]struct{ mail, subject string }{
		"lines that end with CR alone":      {fill("a:\r"), ""},
		"blank ones between them":           {fill("a:\r \r"), ""},
		"encoded words without an end":      {"Subject: " + fill("=?a?B? ") + "\n\n", "=?a?B?"},
		"words of an encoding of no name":   {"Subject: " + fill("=?a?X? ") + "?=\n\n", "=?a?X?"},
		"delimiters in one line":            {"Content-Type: multipart/mixed; boundary=x\n\ny" + fill("--x"), ""},
		"delimiters between CRs that go on": {"Content-Type: multipart/mixed; boundary=x\n\n" + fill("\r--xy"), ""},
	} {
		m := ParseBytes([]byte(c.mail))
		if m.Size != int64(len(c.mail)) || !strings.HasPrefix(m.Subject, c.subject) {
			t.Errorf("%s: %d bytes, subject %.20q", name, m.Size, m.Subject)
		}
		Protection([]byte(c.mail))
	}
	for _, kind := range []string{"plain", "html"} {
		part := "--x\nContent-Type: text/" + kind + "\n\n" + strings.Repeat("y", 12_000) + "\n"
		m := ParseBytes([]byte("Content-Type: multipart/mixed; boundary=x\n\n" + strings.Repeat(part, maxParts-1)))
		if len(m.Text)+len(m.HTML) < (maxParts-1)*12_000 {
			t.Errorf("%d and %d bytes of very many parts of text", len(m.Text), len(m.HTML))
		}
	}
}

// Neither time nor room grows by the square of a text. Each of these took a minute
// or more, or gigabytes.
func TestNoTextHoldsTheReaderUp(t *testing.T) {
	lines := strings.Repeat("x<br>", 100_000)
	var letters strings.Builder
	for r := rune(0x4E00); r < 0x9FFF; r++ {
		letters.WriteRune(r)
	}
	rows := "<tr>" + strings.Repeat("<td>", maxTableColumns-1)
	for name, c := range map[string]struct {
		text string
		html bool
	}{
		"a link of parentheses":   {"http://x.test/" + strings.Repeat(")", 1<<20), false},
		"the name of a host":      {`<a href="http://` + letters.String() + `.` + letters.String() + `">x</a>`, true},
		"lists inside each other": {strings.Repeat("<ol start=-999999999999999><li>", 190) + lines, true},
		"quotes inside a quote":   {strings.Repeat("<blockquote type=cite>", 390) + lines, true},
		"words of pictures": {"<table><tr>" + strings.Repeat("<td><img alt="+strings.Repeat("x", 40_000)+">", maxTableColumns-1) +
			strings.Repeat(rows, maxTableRows-10) + "</table>", true},
	} {
		kind := activesync.BodyPlain
		if c.html {
			kind = activesync.BodyHTML
		}
		r := RenderText(activesync.Body{Type: kind, Data: []byte(c.text)}, RenderOptions{Numbers: true})
		if n := len(r.String()); n == 0 || n > 20*len(c.text) {
			t.Errorf("%s: %d bytes became %d", name, len(c.text), n)
		}
	}
}

// One picture that stands in a text very many times would be drawn as often.
func TestOnePictureIsNotDrawnForEver(t *testing.T) {
	o := RenderOptions{Width: 80, Picture: func(string, int, int, int) (int, int) { return 80, 30 }}
	r := renderHTML(strings.Repeat(`<img src=cid:x alt=x>`, 20_000), o)
	if len(r.Pictures) != mostDrawn || len(r.Lines) > 40*mostDrawn {
		t.Errorf("%d pictures on %d lines", len(r.Pictures), len(r.Lines))
	}
}

// A message whose lines end with CR alone has parts too.
func TestPartsBetweenBareCRs(t *testing.T) {
	m := ParseBytes([]byte("Content-Type: multipart/mixed; boundary=x\r\r--x\r\rone\r--x\rContent-Type: text/plain\r\rtwo\rlines\r--x--\r"))
	if m.Text != "one\n\ntwo\rlines" || m.Note != "" {
		t.Errorf("%q, %q", m.Text, m.Note)
	}
}
