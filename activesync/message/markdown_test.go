package message

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"eas.example/securemail/activesync"
)

func TestMarkdown(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"lines stay lines", "one\ntwo", "<p>one<br />\ntwo</p>"},
		{"emphasis and link", "a **b** <https://x.test/y>", `a <strong>b</strong> <a href="https://x.test/y">https://x.test/y</a>`},
		{"words below a quote are no part of it", "> theirs\nmine", "<p>theirs</p>\n</blockquote>\n<p>mine</p>"},
		{"HTML is shown", "see <script>alert(1)</script> and\n\n<table><tr>", "see &lt;script&gt;alert(1)&lt;/script&gt; and"},
		{"a block of it too", "<div onclick=x>\nhi\n</div>", "&lt;div onclick=x&gt;"},
		{"with its last line", "<!-- one\ntwo --> three\n\nfour", "<p>&lt;!-- one<br />\ntwo --&gt; three</p>\n<p>four</p>"},
		{"a link that runs is none", "[x](javascript:alert(1))", `<a href="">x</a>`},
		{"a signature is no heading", "Thanks\n-- \nAna\nHarbour Office", "-- <br />Ana<br />\nHarbour Office</div>"},
		{"one in the middle", "Thanks\n-- \nAna\n\nOn Monday, Bo wrote:\n> x", "Thanks<br />\n--<br />\nAna"},
		{"forwarded", "See below\n\n-------- Forwarded message --------\nFrom: Ana <ana@x.test>\n", `From: Ana <a href="mailto:ana@x.test">ana@x.test</a>`},
		{"table", "| a | b |\n|---|--:|\n| 1 | 2 |", `<td style="border:1px solid #b0b0b0;padding:3px 8px" align="right">2</td>`},
		{"a picture", "![p](my%20pic.png)", `<img src="cid:id1" alt="p" />`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := MarkdownHTML(c.text, map[string]string{"my pic.png": "id1"}); !strings.Contains(got, c.want) {
				t.Errorf("got\n%s\nwhich lacks\n%s", got, c.want)
			}
		})
	}
}

// Whatever is written, no tag comes into the page that Markdown has no sign for.
func FuzzMarkdown(f *testing.F) {
	f.Add("# a\n<b onload=x>\n> q\nx\n\n| a |\n|---|\n-- \nsig")
	f.Add("![x](javascript:y) <a@b.test> `c`")
	f.Fuzz(func(t *testing.T, s string) {
		known := " html head meta body p br strong em del a img ul ol li input h1 h2 h3 h4 h5 h6 hr blockquote pre code table thead tbody tr th td div "
		z := html.NewTokenizer(strings.NewReader(MarkdownHTML(s, nil)))
		for z.Next() != html.ErrorToken {
			tok := z.Token()
			if tok.Type == html.TextToken || tok.Type == html.DoctypeToken {
				continue
			}
			if !strings.Contains(known, " "+tok.Data+" ") {
				t.Fatalf("the page has %s", tok)
			}
			for _, a := range tok.Attr {
				if strings.HasPrefix(a.Key, "on") || strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:") {
					t.Fatalf("the page has %s", tok)
				}
			}
		}
	})
}

// The letter that is quoted in a reply is a stranger's: its signs take time that
// grows with its length. By the square of it each of these would take minutes.
func TestNoQuotedLetterHoldsTheWriterUp(t *testing.T) {
	for _, signs := range []string{"![a](", "[a](", "[a](<b ", "> ", ">", "1. ", "- ", "* > ", "[a]: b\n", "> [a] b\n"} {
		text := strings.Repeat(signs, (1<<20)/len(signs)) + "\n\n**the end**\n"
		if got := MarkdownHTML(text, nil); !strings.Contains(got, "<strong>the end</strong>") {
			t.Errorf("%q: what follows is lost", signs)
		}
	}
	if got := MarkdownHTML("See [the plan].\n\n[the plan]: https://plan.example\n", nil); !strings.Contains(got, `<a href="https://plan.example">the plan</a>.`) || strings.Contains(got, "]:") {
		t.Errorf("a link that is defined below:\n%s", got)
	}
	if got := MarkdownHTML(strings.Repeat("> ", 20)+"deep\n\n[a](https://a.example)\n", nil); strings.Count(got, "<blockquote") != 20 || !strings.Contains(got, `href="https://a.example"`) {
		t.Errorf("what people write is taken for too much:\n%s", got)
	}
}

func TestMarkdownIsSentInTwoForms(t *testing.T) {
	d := &activesync.Draft{To: []activesync.Address{{Address: "b@example.test"}}, Subject: "x", Text: "Look: ![p](plan.png)\n", Markdown: true,
		Attachments: []activesync.DraftAttachment{{Name: "plan.png", ContentType: "image/png", Data: []byte("png")}, {Name: "notes.txt", ContentType: "text/plain", Data: []byte("notes")}}}
	raw, err := Compose(d, ComposeOptions{From: activesync.Address{Address: "a@example.test"}, Date: time.Unix(0, 0), MessageID: "x@example.test"})
	if err != nil {
		t.Fatal(err)
	}
	m := ParseBytes(raw)
	if strings.TrimSpace(m.Text) != strings.TrimSpace(d.Text) || len(m.Attachments) != 2 {
		t.Fatalf("text %q, %d files", m.Text, len(m.Attachments))
	}
	pic, file := m.Attachments[0], m.Attachments[1]
	if !pic.Inline || pic.ContentID == "" || !strings.Contains(m.HTML, `src="cid:`+pic.ContentID+`"`) || !strings.HasSuffix(pic.ContentID, "@example.test") {
		t.Errorf("picture %+v in %s", pic, m.HTML)
	}
	if file.Inline || string(file.Content) != "notes" {
		t.Errorf("file %+v", file)
	}
	d.Markdown = false
	if raw, err = Compose(d, ComposeOptions{MessageID: "x@example.test"}); err != nil || bytes.Contains(raw, []byte("text/html")) {
		t.Errorf("plain does not stay plain: %v\n%s", err, raw)
	}
}

func TestAMessageIsEnclosedAsAMessage(t *testing.T) {
	inner := "From: bo@example.test\nSubject: inside\nContent-Type: text/plain; charset=utf-8\n\nGrüße\n"
	for _, c := range []struct{ data, encoding string }{{inner, "8bit"}, {strings.ReplaceAll(inner, "Grüße", "Gruss"), "7bit"}, {inner + strings.Repeat("x", 2000), "base64"}} {
		d := &activesync.Draft{Attachments: []activesync.DraftAttachment{{Name: "inside.eml", ContentType: "message/rfc822", Data: []byte(c.data)}}}
		raw, err := Compose(d, ComposeOptions{MessageID: "x@example.test"})
		if err != nil {
			t.Fatal(err)
		}
		m := ParseBytes(raw)
		if len(m.Attachments) != 1 || strings.ReplaceAll(strings.TrimSpace(string(m.Attachments[0].Content)), "\r\n", "\n") != strings.TrimSpace(c.data) {
			t.Errorf("enclosed %+v", m.Attachments)
		}
		if !strings.Contains(string(raw), "Content-Transfer-Encoding: "+c.encoding) {
			t.Errorf("not as %s:\n%.400s", c.encoding, raw)
		}
	}
}

func TestReceiptsAndImportance(t *testing.T) {
	d := &activesync.Draft{Importance: activesync.ImportanceHigh, ReadReceipt: true, DeliveryReceipt: true}
	raw, err := Compose(d, ComposeOptions{From: activesync.Address{Name: "Ana", Address: "ana@example.test"}, MessageID: "x@example.test"})
	if err != nil {
		t.Fatal(err)
	}
	h := ParseBytes(raw).Header
	for name, want := range map[string]string{"Importance": "high", "X-Priority": "1", "Disposition-Notification-To": `"Ana" <ana@example.test>`, "Return-Receipt-To": `"Ana" <ana@example.test>`} {
		if got := h.Raw(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// Letters that a header cannot carry are not left out of an address: the
// message would go to somebody else.
func TestNoAddressIsMadeAnother(t *testing.T) {
	for _, bad := range []string{"jøran@example.test", "=?iso-2022-jp?B?MTIx?=@example.test"} {
		if CheckAddress(bad) == nil {
			t.Errorf("%q counts as an address", bad)
		}
		d := &activesync.Draft{Cc: []activesync.Address{{Address: bad}}}
		if raw, err := Compose(d, ComposeOptions{MessageID: "x@example.test"}); !errors.Is(err, activesync.ErrRejected) {
			t.Errorf("%q was written: %v\n%s", bad, err, raw)
		}
	}
	d := &activesync.Draft{To: []activesync.Address{{Address: "jo@bücher.example"}}}
	raw, err := Compose(d, ComposeOptions{MessageID: "x@example.test"})
	if err != nil || !bytes.Contains(raw, []byte("To: jo@xn--bcher-kva.example\r\n")) {
		t.Errorf("%v\n%s", err, raw)
	}
	if err := CheckAddress("jo@bücher.example"); err != nil {
		t.Error(err)
	}
}

func TestRedate(t *testing.T) {
	at := time.Date(2030, 5, 6, 7, 8, 9, 0, time.FixedZone("", 7200))
	raw := []byte("To: a@b\r\nDate: Mon, 01 Jan 2024 00:00:00 +0000\r\nSubject: x\r\n\r\nDate: in the text\r\n")
	if got, want := string(Redate(raw, at)), "To: a@b\r\nDate: Mon, 06 May 2030 07:08:09 +0200\r\nSubject: x\r\n\r\nDate: in the text\r\n"; got != want {
		t.Errorf("got %q", got)
	}
	for _, none := range []string{"To: a@b\r\n\r\nDate: x\r\n", "", "Date", "\r\n\r\n"} {
		if got := string(Redate([]byte(none), at)); got != none {
			t.Errorf("%q became %q", none, got)
		}
	}
}

func TestDraftOf(t *testing.T) {
	d := &activesync.Draft{To: []activesync.Address{{Name: "Bo", Address: "b@example.test"}}, Bcc: []activesync.Address{{Address: "c@example.test"}}, Subject: "Grüße", Text: "Hallo\n",
		Attachments: []activesync.DraftAttachment{{Name: "a.txt", ContentType: "text/plain", Data: []byte("x")}}}
	raw, err := Compose(d, ComposeOptions{MessageID: "x@example.test"})
	if err != nil {
		t.Fatal(err)
	}
	got := DraftOf(raw)
	if got.Subject != d.Subject || got.Text != d.Text || len(got.To) != 1 || len(got.Bcc) != 1 || len(got.Attachments) != 1 || string(got.Attachments[0].Data) != "x" {
		t.Errorf("%+v", got)
	}
}
