package message

import (
	"errors"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
)

// part is a part of a message, several are a multipart of the kind.
func part(ctype, body string) string { return "Content-Type: " + ctype + "\r\n\r\n" + body }

func parts(kind string, list ...string) string {
	border := "border-" + kind
	return part("multipart/"+kind+"; boundary="+border, "--"+border+"\r\n"+strings.Join(list, "\r\n--"+border+"\r\n")+"\r\n--"+border+"--\r\n")
}

// TestEveryPartIsRead sees to it that neither form of a text lacks a part that
// only the other has.
func TestEveryPartIsRead(t *testing.T) {
	plain := func(s string) string { return part("text/plain", s) }
	page := func(s string) string { return part("text/html", "<p>"+s+"</p>") }
	tests := []struct{ name, source, html, text string }{
		{"a text before a page", parts("mixed", plain("Look at this."), page("News")),
			"<pre>Look at this.</pre><hr><p>News</p>", "Look at this.\n\n" + strings.Repeat("─", 40) + "\n\nNews"},
		{"a page before the foot of a list", parts("mixed", page("News"), plain("To leave this list")),
			"<p>News</p><pre>To leave this list</pre>", "News\n\nTo leave this list"},
		{"the head of a list before both forms", parts("mixed", plain("List head"), parts("alternative", plain("News"), page("News"))),
			"<pre>List head</pre><hr><p>News</p>", "List head\n\nNews"},
		{"a page in pieces beside its text", parts("alternative", plain("One, two"), parts("mixed", page("One"), page("two"))),
			"<p>One</p><hr><p>two</p>", "One, two"},
		{"both forms", parts("alternative", plain("News"), page("News")), "<p>News</p>", "News"},
		{"two texts that say the same", parts("alternative", plain("News"), plain("Nouvelles")), "", "News"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := ParseBytes([]byte("Subject: x\r\n" + tt.source))
			if m.HTML != tt.html {
				t.Errorf("HTML is %q, want %q", m.HTML, tt.html)
			}
			if got := strings.TrimSpace(m.PlainText()); got != tt.text {
				t.Errorf("text is %q, want %q", got, tt.text)
			}
		})
	}
}

func TestFlowedIsThatOfTheFirstText(t *testing.T) {
	m := ParseBytes([]byte(parts("mixed", part("text/plain; format=flowed", "a long \r\nline"), parts("alternative", part("text/plain", "other")))))
	if !m.Flowed || !strings.HasPrefix(m.PlainText(), "a long line\n") {
		t.Errorf("flowed %v: %q", m.Flowed, m.PlainText())
	}
}

func TestNameSaidTwice(t *testing.T) {
	_, got := parameters(`attachment; filename*=utf-8''gr%C3%BCn.pdf; filename*0="gruen.pdf"`)
	if got["filename"] != "grün.pdf" {
		t.Errorf("the file is called %q", got["filename"])
	}
}

func TestCharsetWithComment(t *testing.T) {
	m := ParseBytes([]byte("Content-Type: text/plain; charset=iso-8859-2 (Latin 2)\r\n\r\n\xb3\xf3d\xbc"))
	if m.Text != "łódź" || m.Note != "" {
		t.Errorf("text %q, note %q", m.Text, m.Note)
	}
}

func TestCalendarPartIsOfItsCharset(t *testing.T) {
	m := ParseBytes([]byte(part("text/calendar; charset=iso-8859-2; method=REQUEST", "SUMMARY:\xb3\xf3d\xbc")))
	if string(m.Calendar) != "SUMMARY:łódź" {
		t.Errorf("%q", m.Calendar)
	}
}

// TestAddressWithBlanksIsNotWrittenTo: without its blanks it is somebody else's.
func TestAddressWithBlanksIsNotWrittenTo(t *testing.T) {
	d := &activesync.Draft{To: []activesync.Address{{Address: `"ana souza"@example.test`}}, Text: "x"}
	got, err := Compose(d, ComposeOptions{From: activesync.Address{Address: "me@example.test"}, Date: time.Unix(0, 0), MessageID: "1@example.test"})
	if !errors.Is(err, activesync.ErrRejected) {
		t.Errorf("%v\n%s", err, got)
	}
}

func TestForwardsOfOtherLanguages(t *testing.T) {
	for subject, want := range map[string]bool{"VL: raportti": true, "I: relazione": true, "VS: raportti": false, "R: relazione": false, "Invoice: May": false} {
		if got := Forwards(subject); got != want {
			t.Errorf("Forwards(%q) = %v", subject, got)
		}
	}
}

func TestAnswerToAMessageWithoutDate(t *testing.T) {
	m := &activesync.Message{Header: activesync.Header{From: activesync.Address{Name: "Ana"}}, Body: activesync.Body{Type: activesync.BodyPlain, Data: []byte("x")}}
	if got := ReplyText(m); got != "Ana wrote:\n> x\n" {
		t.Errorf("answered %q", got)
	}
	if got := ForwardText(m); strings.Contains(got, "Date:") || strings.Contains(got, "0001") {
		t.Errorf("passed on %q", got)
	}
}
