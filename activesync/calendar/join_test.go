package calendar

import (
	"strings"
	"testing"
	"unicode"
)

func TestJoinLink(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"Join: https://teams.microsoft.com/l/meetup-join/19%3ameeting_x%40thread.v2/0?context=%7b%7d.", "https://teams.microsoft.com/l/meetup-join/19%3ameeting_x%40thread.v2/0?context=%7b%7d"},
		{`<a href="https://example.zoom.us/j/123?pwd=a&amp;b=c">Join</a>`, "https://example.zoom.us/j/123?pwd=a&b=c"},
		{"(https://meet.google.com/abc-defg-hij)", "https://meet.google.com/abc-defg-hij"},
		{"https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fteams.live.com%2Fmeet%2F94&data=x", "https://teams.live.com/meet/94"},
		{"https://acme.webex.com/acme/j.php?MTID=m1", "https://acme.webex.com/acme/j.php?MTID=m1"},
		{"https://teams.microsoft.com/options https://zoom.us/ https://meet.google.com/about", ""},
		{"https://zoom.us.evil.example/j/1 https://notzoom.us/j/1 http://zoom.us/j/1", ""},
		{"https://x.safelinks.protection.outlook.com/?url=https%3A%2F%2Fzoom.us%2Fj%2F1%C2%9B2J https://zoom.us/j/\u202e1", ""},
		{"", ""},
	} {
		if got := JoinLink("nothing here", tt.text); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.text, got, tt.want)
		}
	}
}

func FuzzJoinLink(f *testing.F) {
	f.Add("https://teams.microsoft.com/l/meetup-join/1")
	f.Add("https://x.safelinks.protection.outlook.com/?url=https://zoom.us/j/1")
	f.Fuzz(func(t *testing.T, s string) {
		if got := JoinLink(s); got != "" && (got[:8] != "https://" || strings.ContainsFunc(got, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) })) {
			t.Errorf("%q", got)
		}
	})
}
