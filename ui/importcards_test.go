package ui_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui"
)

const someCards = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Souza;Ana;;;\r\nFN:Ana Souza\r\nTEL;TYPE=CELL:4711\r\nEND:VCARD\r\n" +
	"BEGIN:VCARD\r\nVERSION:3.0\r\nN:Berg;Bo;;;\r\nFN:Bo Berg\r\nEND:VCARD\r\n" +
	"BEGIN:VCARD\r\nVERSION:4.0\r\nN:Dahl;Cy;;;\r\nFN:Cy\x1b[2J Dahl\r\nEND:VCARD\r\n" +
	"BEGIN:VCARD\r\nVERSION:4.0\r\nN:Berg;Bo;;;\r\nFN:Bo Berg\r\nEND:VCARD\r\n" +
	"BEGIN:VCARD\r\nVERSION:3.0\r\nN:Olsen;Eva;;;\r\nFN:Eva Olsen\r\nEND:VCARD\r\n"

// A file of vCards is looked through before it is taken over: what is new, what
// is known, and what differs; what is chosen comes as one change.
func TestImportIsPreviewedAndTakenBack(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "cards.vcf"), []byte(someCards), 0o600); err != nil {
		t.Fatal(err)
	}
	home := ui.Deps{Getenv: func(k string) string {
		if k == "HOME" {
			return dir
		}
		return ""
	}}
	people := []activesync.Contact{{FirstName: "Ana", LastName: "Souza", MobilePhone: "1"}, {FirstName: "Eva", LastName: "Olsen"}}
	for _, size := range [][2]int{{80, 24}, {200, 50}} {
		withPeople(t, size[0], size[1], home, people, func(t *testing.T, d *driver) {
			d.press("I")
			d.typed("~/none.vcf")
			d.want("Path of a file of vCards")
			d.lacks("Import 5 cards")
			d.typed("~/cards.vcf")
			d.pass(time.Second)
			d.want("Import 5 cards", "2 new, 1 of whom more or other things would be known, 2 known already", "[x] Ana Souza", "differs: 1 field",
				"[x] Bo Berg", "[x] Cy", "again in this file", "the same is here", "4711  instead of  1", "Import 3")
			d.press("esc")
			if n := len(d.onServer()); n != 2 {
				t.Errorf("%d contacts although nothing was chosen", n)
			}
			d.press("I")
			d.typed("~/cards.vcf")
			d.pass(time.Second)
			d.press("space", "a", "space") // none, and then Bo
			d.want("[ ] Ana Souza", "[x] Bo Berg", "Import 1")
			d.press("a")
			d.want("[ ] Bo Berg", "Import 0")
			d.press("enter") // nothing to do
			d.want("Import 5 cards")
			d.press("a")
			d.click("[x] Cy")
			d.want("[ ] Cy", "Import 2")
			d.press("enter")
			d.pass(5 * time.Second)
			d.want("Imported: 2 cards")
			ana, _ := d.person("Ana Souza")
			if _, ok := d.person("Bo Berg"); !ok || ana.MobilePhone != "4711" || len(d.onServer()) != 3 {
				t.Errorf("Ana's number is %q, Bo is there %v, %d on the server", ana.MobilePhone, ok, len(d.onServer()))
			}
			d.press("z")
			d.pass(5 * time.Second)
			ana, _ = d.person("Ana Souza")
			if _, ok := d.person("Bo Berg"); ok || ana.MobilePhone != "1" || len(d.onServer()) != 2 {
				t.Errorf("taken back Ana's number is %q, Bo is there %v, %d on the server", ana.MobilePhone, ok, len(d.onServer()))
			}
		})
	}
}
