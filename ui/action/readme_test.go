package action

import (
	"os"
	"strings"
	"testing"
)

// The keys in the README are those of the table. UPDATE_README=1 writes them.
func TestKeysInTheReadme(t *testing.T) {
	const path, begin, end = "../../README.md", "<!-- keys -->\n", "<!-- end of keys -->"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(b), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("the README has no place for the keys between %q and %q", begin, end)
	}
	want := before + begin + markdown() + end + after
	if string(b) == want {
		return
	}
	if os.Getenv("UPDATE_README") == "" {
		t.Fatal("the keys in the README are not those of the table; run this test with UPDATE_README=1")
	}
	if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

// markdown is the table of all keys.
func markdown() string {
	var b strings.Builder
	for _, g := range Groups() {
		b.WriteString("\n**" + string(g) + "**\n\n| keys | what | name |\n|---|---|---|\n")
		for _, a := range All() {
			if a.Group != g || len(a.Keys) == 0 {
				continue
			}
			var keys []string
			for _, k := range a.Keys {
				keys = append(keys, "`"+Show(k)+"`")
			}
			b.WriteString("| " + strings.ReplaceAll(strings.Join(keys, " "), "|", "\\|") + " | " + a.Help + " | `" + string(a.ID) + "` |\n")
		}
	}
	b.WriteString("\n")
	return b.String()
}
