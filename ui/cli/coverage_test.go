package cli

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/engine"
	"eas.example/securemail/activesync/server"
)

// sogoCommands are the commands that the tests against SOGo send, as its log
// has them. Its answer to Provision is that it has no policies. Find is of a later
// version than it speaks.
var sogoCommands = []string{"FolderSync", "FolderCreate", "FolderUpdate", "FolderDelete", "Sync", "Ping", "ItemOperations", "MoveItems",
	"SendMail", "SmartReply", "SmartForward", "Search",
	"GetItemEstimate", "MeetingResponse", "Provision", "ResolveRecipients", "Settings"}

// engineMethods are the commands behind the methods of engine.Server whose
// names are others.
var engineMethods = map[string][]string{"SyncRaw": {"Sync"}, "FetchAttachment": {"ItemOperations"}, "SearchMail": {"Search", "Find"}, "FindPeople": {"Search", "Find"}}

// coverage is the table of ARCHITECTURE.md: of which versions a golden pair of
// the client's request and the server's answer is kept, and who sends the
// command.
func coverage(t *testing.T) string {
	versions := activesync.Versions()
	slices.Sort(versions)
	pairs := map[string]map[string]bool{} // command, version
	files, err := filepath.Glob(filepath.Join(root(t), "activesync/server/testdata/golden/*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatal("no golden pairs", err)
	}
	for _, path := range files {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		var part []string
		for lines := bufio.NewScanner(f); lines.Scan(); {
			if head, ok := strings.CutPrefix(lines.Text(), "== "); ok {
				part = strings.Fields(head)
			}
			if query, ok := strings.CutPrefix(lines.Text(), "> "); ok {
				command, _, _ := strings.Cut(query, "&")
				if pairs[command] == nil {
					pairs[command] = map[string]bool{}
				}
				for _, v := range part {
					pairs[command][v] = true
				}
			}
		}
	}
	used := map[string]bool{}
	remote := reflect.TypeFor[engine.Server]()
	for i := range remote.NumMethod() {
		name := remote.Method(i).Name
		used[name] = true
		for _, command := range engineMethods[name] {
			used[command] = true
		}
	}
	var b strings.Builder
	b.WriteString("| command |")
	for _, v := range versions {
		fmt.Fprintf(&b, " %v |", v)
	}
	b.WriteString(" engine | SOGo |\n|---|" + strings.Repeat("---|", len(versions)+2) + "\n")
	mark := func(on bool, word string) {
		if !on {
			word = "–"
		}
		fmt.Fprintf(&b, " %s |", word)
	}
	commands := server.Commands()
	slices.Sort(commands)
	for _, command := range commands {
		fmt.Fprintf(&b, "| %s |", command)
		for _, v := range versions {
			mark(pairs[command][v.String()], "c s")
		}
		mark(used[command], "yes")
		mark(slices.Contains(sogoCommands, command), "yes")
		b.WriteString("\n")
	}
	return b.String()
}

// UPDATE_COVERAGE=1 writes the table anew.
func TestCoverageTableIsTrue(t *testing.T) {
	path := filepath.Join(root(t), ".github", "ARCHITECTURE.md")
	doc, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- coverage -->\n", "<!-- /coverage -->"
	before, rest, ok := strings.Cut(string(doc), begin)
	have, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatal("ARCHITECTURE.md has no place for the table")
	}
	want := coverage(t)
	if have == want {
		return
	}
	if os.Getenv("UPDATE_COVERAGE") == "" {
		t.Fatalf("the table of commands is not true; UPDATE_COVERAGE=1 writes it:\n%s", want)
	}
	if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
