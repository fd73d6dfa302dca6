package cli

import (
	"bytes"
	"strings"
	"testing"
)

// TestHelpTellsNoDefaultOfWhatStays: a change leaves what is not named, so its help
// names no default; and no option is explained by the word for its value alone.
func TestHelpTellsNoDefaultOfWhatStays(t *testing.T) {
	t.Setenv("SECUREMAIL_DATA", "")
	for _, line := range []string{"calendar edit --help", "calendar add --help", "agent set --help", "notifications set --help"} {
		var out, errs bytes.Buffer
		if code := Main("test", strings.Fields(line), strings.NewReader(""), &out, &errs); code != 0 {
			t.Fatalf("%s: exit %d", line, code)
		}
		for l := range strings.Lines(out.String()) {
			if f := strings.Fields(l); len(f) == 3 && strings.HasPrefix(f[0], "--") && f[1] == f[2] || strings.Contains(l, " duration ") ||
				strings.Contains(l, "(default ") && strings.Contains(line, "edit") {
				t.Errorf("%s: %s", line, l)
			}
		}
	}
}

// TestWrongUseIsToldInWords: who uses a command wrongly reads how it is used, in
// words that are no programmer's, and where there is more.
func TestWrongUseIsToldInWords(t *testing.T) {
	t.Setenv("SECUREMAIL_DATA", t.TempDir())
	for line, want := range map[string]string{
		"show":                         "something is missing; it is used as: securemail show ID\nTry: securemail show --help",
		"move 1":                       "something is missing; it is used as: securemail move ID... FOLDER\nTry: securemail move --help",
		"account list x":               `"x" is too much; it is used as: securemail account list` + "\nTry: securemail account list --help",
		"attachment save 1 2 dir more": `"more" is too much`,
		"lisst":                        "there is no command securemail lisst; is it list?\nTry: securemail --help",
		"nonsense":                     "there is no command securemail nonsense\n",
		"contacts serch":               "there is no command securemail contacts serch; is it search?\nTry: securemail contacts --help",
		"folders creat":                "there is no command securemail folders creat; is it create?\n",
		"outbox":                       "say what: list, show, retry, edit, cancel\nTry: securemail outbox --help",
		"list --limit x":               `--limit takes a number, not "x"` + "\nTry: securemail list --help",
		"agent set --grace 5":          `--grace takes a time such as 90s, 10m or 2h, not "5"`,
		"flag 1 --clear --complete":    "--clear and --complete exclude each other\nTry: securemail flag --help",
		"list --jsn":                   "unknown flag: --jsn\nTry: securemail list --help",
	} {
		var out, errs bytes.Buffer
		if code := Main("test", strings.Fields(line), strings.NewReader(""), &out, &errs); code != exitUsage {
			t.Errorf("%s: exit %d", line, code)
		}
		if !strings.HasPrefix(errs.String(), "securemail: "+want) || out.Len() > 0 {
			t.Errorf("%s printed\n%s%s", line, out.String(), errs.String())
		}
	}
}
