package notify

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"eas.example/securemail/activesync"
)

func mail(id activesync.ItemID, folder, name, subject string) Mail {
	return Mail{Account: "work", Folder: folder, Item: id, From: activesync.Address{Name: name, Address: "x@example.test"}, Subject: subject}
}

func TestSummarise(t *testing.T) {
	one := []Mail{mail(36, "Inbox", "Ana Souza", "Budget")}
	withPreview := []Mail{one[0]}
	withPreview[0].Preview = "Thanks, the new\nfigures"
	three := []Mail{mail(1, "Inbox", "Ana Souza", "a"), mail(2, "Inbox", "Bob", "b"), mail(3, "Inbox", "Ana Souza", "c")}
	many := append(three[:3:3], mail(4, "Projects", "Carol", "d"), mail(5, "Tender", "Dan", "e"))
	other := mail(6, "Inbox", "Eve", "f")
	other.Account = "home"
	unnamed := []Mail{{Item: 7, Folder: "Inbox", From: activesync.Address{Address: "x@example.test"}, Subject: "s"}}
	nobody := []Mail{{Item: 8, Folder: "Inbox", Subject: "s"}}
	evil := []Mail{mail(9, "Inbox\x1b]0;x\a", "\x1b]52;c;AAAA\aEve\u202E\nil", "a\x9b31mb\r\nc\x00")}
	tests := []struct {
		name  string
		mails []Mail
		level activesync.NotifyContent
		want  Notice
	}{
		{"one", one, activesync.ContentAllow, Notice{ID: "mail10", Title: "Ana Souza", Body: "Budget"}},
		{"one with its first words", withPreview, activesync.ContentAllow, Notice{ID: "mail10", Title: "Ana Souza", Body: "Budget – Thanks, the new figures"}},
		{"one, sender", withPreview, activesync.ContentSender, Notice{ID: "mail10", Title: "Ana Souza", Body: ""}},
		{"one, count", one, activesync.ContentCount, Notice{ID: "mail10", Title: "1 new message in Inbox", Body: ""}},
		{"one, block", one, activesync.ContentBlock, Notice{}},
		{"an unknown level blocks", one, "all", Notice{}},
		{"an unknown level blocks", one, "else", Notice{}},
		{"none", nil, activesync.ContentAllow, Notice{}},
		{"several", three, activesync.ContentAllow, Notice{ID: "mail3", Title: "3 new messages in Inbox", Body: "Ana Souza, Bob"}},
		{"several, sender", three, activesync.ContentSender, Notice{ID: "mail3", Title: "3 new messages in Inbox", Body: "Ana Souza, Bob"}},
		{"several, count", three, activesync.ContentCount, Notice{ID: "mail3", Title: "3 new messages in Inbox", Body: ""}},
		{"several mailboxes", many, activesync.ContentAllow, Notice{ID: "mail5", Title: "5 new messages in 3 mailboxes", Body: "Dan, Carol, Ana Souza and 1 more"}},
		{"two mailboxes", many[:4], activesync.ContentCount, Notice{ID: "mail4", Title: "4 new messages in Inbox and Projects", Body: ""}},
		{"two accounts", append(three[:3:3], other), activesync.ContentCount, Notice{ID: "mail6", Title: "4 new messages in 2 accounts", Body: ""}},
		{"no name", unnamed, activesync.ContentAllow, Notice{ID: "mail7", Title: "x@example.test", Body: "s"}},
		{"nobody", nobody, activesync.ContentSender, Notice{ID: "mail8", Title: "1 new message in Inbox", Body: ""}},
		{"evil", evil, activesync.ContentAllow, Notice{ID: "mail9", Title: "]52;c;AAAAEve il", Body: "a\uFFFD31mb c"}},
		{"evil folder", evil, activesync.ContentCount, Notice{ID: "mail9", Title: "1 new message in Inbox]0;x", Body: ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := Summarise(tt.mails, tt.level)
			if diff := cmp.Diff(tt.want, got); diff != "" || ok != (tt.want.Title != "") {
				t.Errorf("%v %s", ok, diff)
			}
		})
	}
}

func TestChoose(t *testing.T) {
	tests := []struct {
		name string
		wish Kind
		env  string
		want Choice
	}{
		{"kitty", KindAuto, "TERM=xterm-kitty", Choice{Kind: KindOSC99}},
		{"kitty, other TERM", KindAuto, "TERM=xterm-256color KITTY_WINDOW_ID=1", Choice{Kind: KindOSC99}},
		{"foot", KindAuto, "TERM=foot", Choice{Kind: KindOSC777}},
		{"foot-extra", KindAuto, "TERM=foot-extra", Choice{Kind: KindOSC777}},
		{"ghostty over ssh", KindAuto, "TERM=xterm-ghostty SSH_TTY=/dev/pts/1", Choice{Kind: KindOSC777}},
		{"WezTerm", KindAuto, "TERM=xterm-256color TERM_PROGRAM=WezTerm", Choice{Kind: KindOSC777}},
		{"urxvt", KindAuto, "TERM=rxvt-unicode-256color", Choice{Kind: KindOSC777}},
		{"iTerm2", KindAuto, "TERM=xterm-256color TERM_PROGRAM=iTerm.app", Choice{Kind: KindOSC9}},
		{"iTerm2 over ssh", KindAuto, "TERM=xterm-256color LC_TERMINAL=iTerm2", Choice{Kind: KindOSC9}},
		{"xterm", KindAuto, "TERM=xterm-256color", Choice{Kind: KindBell}},
		{"footloose is no foot", KindAuto, "TERM=footloose", Choice{Kind: KindBell}},
		{"GNOME Terminal", KindAuto, "TERM=xterm-256color VTE_VERSION=7600", Choice{Kind: KindBell}},
		{"VS Code", KindAuto, "TERM=xterm-256color TERM_PROGRAM=vscode", Choice{Kind: KindBell}},
		{"linux", KindAuto, "TERM=linux", Choice{Kind: KindBell}},
		{"dumb", KindAuto, "TERM=dumb", Choice{Kind: KindNone}},
		{"nothing known", KindAuto, "", Choice{Kind: KindNone}},
		{"tmux in kitty", KindAuto, "TERM=tmux-256color TMUX=/tmp/x TERM_PROGRAM=tmux KITTY_WINDOW_ID=1", Choice{Kind: KindOSC99, Wrap: WrapTmux, Bell: true}},
		{"tmux in something", KindAuto, "TERM=screen-256color TMUX=/tmp/x TERM_PROGRAM=tmux", Choice{Kind: KindBell}},
		{"screen in iTerm2", KindAuto, "TERM=screen STY=1.pts LC_TERMINAL=iTerm2", Choice{Kind: KindOSC9, Wrap: WrapScreen, Bell: true}},
		{"zellij in kitty", KindAuto, "TERM=xterm-kitty ZELLIJ=0", Choice{Kind: KindBell}},
		{"as wished", KindOSC777, "TERM=xterm-256color", Choice{Kind: KindOSC777}},
		{"as wished in tmux", KindOSC9, "TERM=tmux TMUX=x", Choice{Kind: KindOSC9, Wrap: WrapTmux, Bell: true}},
		{"bell in tmux", KindBell, "TERM=tmux TMUX=x", Choice{Kind: KindBell}},
		{"none", KindNone, "TERM=xterm-kitty", Choice{Kind: KindNone}},
		{"no wish", "", "TERM=xterm-kitty", Choice{Kind: KindOSC99}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			env := map[string]string{}
			for _, kv := range strings.Fields(tt.env) {
				k, v, _ := strings.Cut(kv, "=")
				env[k] = v
			}
			if got := Choose(tt.wish, func(k string) string { return env[k] }); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
	for _, k := range Kinds() {
		if got, err := ParseKind(" " + strings.ToUpper(string(k))); err != nil || got != k {
			t.Errorf("%q reads %q, %v", k, got, err)
		}
	}
	if _, err := ParseKind("smoke"); err == nil {
		t.Error("an unknown way is taken")
	}
	if k, err := ParseKind(""); k != KindAuto || err != nil {
		t.Error("nothing is not auto")
	}
}

func TestSequences(t *testing.T) {
	n := Notice{ID: "mail1", Title: "Ana; Souza", Body: "Budget; table 2"}
	title := Notice{Title: "4;1 new"}
	tests := []struct {
		name   string
		choice Choice
		n      Notice
		want   string
	}{
		{"bell", Choice{Kind: KindBell}, n, "\a"},
		{"none", Choice{Kind: KindNone}, n, ""},
		{"auto was not resolved", Choice{Kind: KindAuto}, n, ""},
		{"nothing to say", Choice{Kind: KindBell}, Notice{}, ""},
		{"only control characters", Choice{Kind: KindOSC9}, Notice{Title: "\x1b\a\n"}, ""},
		{"OSC 9", Choice{Kind: KindOSC9}, n, "\x1b]9;Ana; Souza: Budget; table 2\a"},
		{"OSC 9 is no progress bar", Choice{Kind: KindOSC9}, title, "\x1b]9;4,1 new\a"},
		{"OSC 777", Choice{Kind: KindOSC777}, n, "\x1b]777;notify;Ana, Souza;Budget, table 2\a"},
		{"OSC 99", Choice{Kind: KindOSC99}, n, "\x1b]99;i=mail1:d=0:p=title;Ana; Souza\a\x1b]99;i=mail1:d=1:p=body;Budget; table 2\a"},
		{"OSC 99, title only", Choice{Kind: KindOSC99}, Notice{ID: "a:b;c", Title: "x"}, "\x1b]99;i=abc:d=1:p=title;x\a"},
		{"OSC 99 without a name", Choice{Kind: KindOSC99}, Notice{Body: "x"}, "\x1b]99;i=securemail:d=1:p=title;x\a"},
		{"tmux", Choice{Kind: KindOSC9, Wrap: WrapTmux, Bell: true}, title, "\x1bPtmux;\x1b\x1b]9;4,1 new\a\x1b\\\a"},
		{"tmux, OSC 99", Choice{Kind: KindOSC99, Wrap: WrapTmux}, n, "\x1bPtmux;\x1b\x1b]99;i=mail1:d=0:p=title;Ana; Souza\a\x1b\\\x1bPtmux;\x1b\x1b]99;i=mail1:d=1:p=body;Budget; table 2\a\x1b\\"},
		{"screen", Choice{Kind: KindOSC777, Wrap: WrapScreen}, title, "\x1bP\x1b]777;notify;4,1 new;\a\x1b\\"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.choice.Sequence(tt.n); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// Long texts go through screen in pieces that together are the sequence.
func TestLongTextsThroughScreen(t *testing.T) {
	n := Notice{Title: strings.Repeat("漢", 300), Body: strings.Repeat("字", 300)}
	plain := Choice{Kind: KindOSC777}.Sequence(n)
	var pieces string
	for piece := range strings.SplitSeq(Choice{Kind: KindOSC777, Wrap: WrapScreen}.Sequence(n), "\x1b\\") {
		if len(piece) > 768 {
			t.Errorf("a piece of %d bytes", len(piece))
		}
		pieces += strings.TrimPrefix(piece, "\x1bP")
	}
	if pieces != plain || utf8.RuneCountInString(plain) > 320 {
		t.Errorf("got %q, want %q", pieces, plain)
	}
}

func TestCleanLine(t *testing.T) {
	for _, tt := range []struct {
		in   string
		n    int
		want string
	}{
		{"  a \t\r\n b\u2028c ", 20, "a b c"}, {"a\x1b[31mb\x7f\u0085c\u009b", 20, "a[31mb c"}, {"\u202Eevil\u2066x\u200B\uFEFF", 20, "evilx"},
		{"👩\u200D💻 ok", 20, "👩\u200D💻 ok"}, {"abcdef", 5, "abcd…"}, {"abc def", 5, "abc…"}, {"abce\u0301def", 5, "abc…"}, {"ab👩\u200D💻x", 5, "ab👩…"}, {"\xff\xfe", 9, "\uFFFD"},
	} {
		if got := cleanLine(tt.in, tt.n); got != tt.want {
			t.Errorf("%q in %d: got %q, want %q", tt.in, tt.n, got, tt.want)
		}
	}
}

// Whatever a message says, it cannot leave the sequence it stands in.
func FuzzSequence(f *testing.F) {
	f.Add("Ana", "\x1b]0;x\a", "Inbox", uint8(0))
	f.Add("4;1", "a\x9cb\u202E", "\x1b\\", uint8(7))
	f.Fuzz(func(t *testing.T, name, subject, folder string, how uint8) {
		m := mail(1, folder, name, subject)
		kinds := []Kind{KindOSC9, KindOSC777, KindOSC99}
		for _, mails := range [][]Mail{{m}, {m, mail(2, folder, subject, name)}} {
			n, ok := Summarise(mails, activesync.ContentAllow)
			if !ok {
				t.Fatal("nothing to say")
			}
			kind := kinds[int(how)%len(kinds)]
			s := Choice{Kind: kind}.Sequence(n)
			parts := strings.Count(s, "\a")
			if want := 1; parts != want && !(kind == KindOSC99 && parts == 2) {
				t.Fatalf("%d ends in %q", parts, s)
			}
			if strings.Count(s, "\x1b") != parts || !utf8.ValidString(s) {
				t.Fatalf("%q", s)
			}
			for _, r := range s {
				if unicode.IsControl(r) && r != '\x1b' && r != '\a' {
					t.Fatalf("%q holds %U", s, r)
				}
			}
		}
	})
}
