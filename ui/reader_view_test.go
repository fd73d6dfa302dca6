package ui_test

import (
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync/server"
	"eas.example/securemail/ui"
)

const page = "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html; charset=utf-8\n\n" +
	`<p>Sign in at <a href="https://evil.example/x">https://bank.example</a></p><script>steal()</script><img src="cid:logo@x"><img src="https://evil.example/logo.png" width=200>` +
	`<img src="https://evil.example/t.gif" width=1 height=1>` +
	"\n--b\nContent-Type: image/gif\nContent-ID: <logo@x>\nContent-Disposition: inline; filename=l.gif\nContent-Transfer-Encoding: base64\n\nR0lGODlhAQABAAAAACw=\n--b--\n"

func TestMessageInTheBrowser(t *testing.T) {
	scratch := t.TempDir()
	var opened string
	deps := ui.Deps{Scratch: scratch, Open: func(u string) error { opened = u; return nil }}
	reading(t, letter("Bank", page), deps, func(d *driver) {
		d.want("▲ leads to evil.example", "1 picture of this message lies elsewhere", "1 tracker would have told the sender")
		d.press("o")
		d.want("Shown in the browser")
		u, err := url.Parse(opened)
		if err != nil || u.Scheme != "file" || !strings.HasPrefix(u.Path, scratch) {
			t.Fatalf("%q was opened (%v)", opened, err)
		}
		b, err := os.ReadFile(u.Path)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"<title>Bank</title>", "data:image/gif;base64,R0lGODlh", `href="https://evil.example/x"`, "default-src 'none'"} {
			if !strings.Contains(string(b), want) {
				t.Errorf("the page lacks %s:\n%s", want, b)
			}
		}
		for _, bad := range []string{"steal", "logo.png", "t.gif"} {
			if strings.Contains(string(b), bad) {
				t.Errorf("the page has %s", bad)
			}
		}
		if i, err := os.Stat(u.Path); err != nil || i.Mode().Perm() != 0o600 {
			t.Errorf("the page is %v (%v)", i.Mode(), err)
		}
	})
	if left, err := filepath.Glob(filepath.Join(scratch, "*")); err != nil || len(left) != 0 {
		t.Errorf("%v is left behind (%v)", left, err)
	}
}

func TestLinkThatLiesIsAskedAbout(t *testing.T) {
	opened := ""
	reading(t, letter("Bank", page), ui.Deps{Open: func(u string) error { opened = u; return nil }}, func(d *driver) {
		d.press("L")
		d.want("Open which link?", "▲ leads to evil.example")
		d.press("1")
		d.want("It reads bank.example but leads to evil.example")
		d.press("enter")
		if opened != "" {
			t.Errorf("%s was opened without a yes", opened)
		}
		d.press("L", "1", "y")
		if opened != "https://evil.example/x" {
			t.Errorf("%q was opened", opened)
		}
	})
}

func TestPipe(t *testing.T) {
	reading(t, letter("Quay", "\n\nThe crane stands.\n"), ui.Deps{}, func(d *driver) {
		d.press("|")
		for _, r := range `grep -c crane; printf 'a\033[31mb\n'; exit 3` {
			key := string(r)
			if r == ' ' {
				key = "space"
			}
			d.press(key)
		}
		d.press("enter")
		d.want("The command ended with: exit status 3", "1", "ab")
		d.press("esc")
		d.lacks("exit status 3")
	})
}

func TestPolicyTakesOtherProgramsAway(t *testing.T) {
	ran := false
	deps := ui.Deps{Forbidden: func(name string) string {
		if name == "open_in" {
			return "Open in other programs (open_in) is off"
		}
		return ""
	}, Open: func(string) error { ran = true; return nil }}
	reading(t, letter("Quay", "\n\nThe crane stands.\n"), deps, func(d *driver) {
		d.press("o", "|")
		d.lacks("Pipe to a command", "Shown in the browser")
		d.press(".")
		d.lacks("browser", "Pipe")
		if ran {
			t.Error("the browser was started")
		}
	})
}

func TestSourceAndDetails(t *testing.T) {
	reading(t, letter("Quay", "X-Odd: a\x1b[31mb\n\nThe crane stands.\n"), ui.Deps{}, func(d *driver) {
		d.press("v")
		d.want("X-Odd: a[31mb", "Message-ID: <1@example.test>", "The crane stands.")
		d.press("V")
		d.want("Subject", "Kind", "Id")
		d.lacks("X-Odd")
		d.press("esc")
		d.want("The crane stands.")
		d.lacks("X-Odd", "Kind")
	})
}

// With the list on the whole screen, the browser, a command and the files are those
// of the message under the cursor: the one that was read before was shown and given to
// the command, and this one was said to have no attachments.
func TestTheMessageUnderTheCursorIsMeant(t *testing.T) {
	for key, want := range map[string]string{"o": "Shown in the browser", "|": "Pipe to a command", "S": "Save notes.txt"} {
		synctest.Test(t, func(t *testing.T) {
			opened := ""
			d := newDriver(t, server.Config{})
			d.deliver("Inbox", "The other one", time.Now().Add(-time.Hour))
			if _, err := d.box.Deliver("Inbox", server.Mail(withFiles([]string{"notes.txt"}, map[string][]byte{"notes.txt": []byte("Gulls")})), false); err != nil {
				t.Fatal(err)
			}
			d.open(80, 24, ui.Deps{Scratch: t.TempDir(), Downloads: t.TempDir(), Open: func(u string) error { opened = u; return nil },
				SaveFile: func(_, name string, _ func(io.Writer) error) (string, error) { return name, nil }})
			defer d.close()
			d.press("j", "enter")
			d.want("Text of The other one.")
			d.press("esc", "k")
			d.pass(time.Second)
			d.press(key)
			d.pass(time.Second)
			d.want("Here they are.", want)
			if key != "o" {
				return
			}
			if b, err := os.ReadFile(strings.TrimPrefix(opened, "file://")); err != nil || !strings.Contains(string(b), "Here they are.") {
				t.Errorf("the browser shows %s (%v)", b, err)
			}
		})
	}
}
