package ui_test

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/ui"
)

// withPeople shows the people of an account at a size.
func withPeople(t *testing.T, width, height int, deps ui.Deps, people []activesync.Contact, test func(*testing.T, *driver)) {
	t.Helper()
	withScreen(t, width, height, deps, "2", func(d *driver) error {
		for _, c := range people {
			if _, err := d.box.AddContact("Contacts", c); err != nil {
				return err
			}
		}
		return nil
	}, test)
}

// pass lets time go by.
func (d *driver) pass(t time.Duration) {
	time.Sleep(t)
	synctest.Wait()
}

// write types letters where the cursor is.
func (d *driver) write(text string) {
	d.t.Helper()
	for _, r := range text {
		if r == ' ' {
			d.press("space")
			continue
		}
		d.press(string(r))
	}
}

// person is a contact of the server by its name.
func (d *driver) person(name string) (activesync.Contact, bool) {
	d.t.Helper()
	ctx := context.Background()
	rows, err := d.agent.Contacts(ctx, "a")
	if err != nil {
		d.t.Fatal(err)
	}
	for _, r := range rows {
		if r.Name == name {
			c, err := d.agent.Contact(ctx, r.ID)
			if err != nil {
				d.t.Fatal(err)
			}
			return c, true
		}
	}
	return activesync.Contact{}, false
}

// onServer are the contacts that the server has.
func (d *driver) onServer() []server.Stored {
	d.t.Helper()
	all, err := d.box.Items("Contacts")
	if err != nil {
		d.t.Fatal(err)
	}
	return all
}

func TestAContactIsMadeChangedAndDeleted(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {200, 50}} {
		withPeople(t, size[0], size[1], ui.Deps{}, []activesync.Contact{{FirstName: "Zoe", LastName: "Olm", MobilePhone: "1", Picture: []byte("\xff\xd8\xffpicture")}}, func(t *testing.T, d *driver) {
			d.press("n")
			d.want("New contact", "First name")
			d.press("ctrl+s")
			d.want("A contact needs a name")
			d.write("Ana")
			d.press("tab", "tab")
			d.write("Souza")
			d.click("E-mail 2")
			d.write("nonsense")
			d.press("ctrl+s")
			d.want("This is no address.")
			d.press("ctrl+u")
			d.write("ana@example.test")
			d.press("ctrl+s")
			d.want("Made: Ana Souza", "Undo")
			d.pass(5 * time.Second)
			c, ok := d.person("Ana Souza")
			if !ok || c.Email2.Address != "ana@example.test" {
				t.Fatalf("made is %+v", c)
			}
			if got := d.onServer(); len(got) != 2 {
				t.Errorf("the server has %d contacts", len(got))
			}
			// The cursor is on her, and z takes her back.
			d.press("e")
			d.want("─ Ana Souza")
			d.press("esc", "z")
			d.pass(5 * time.Second)
			d.lacks("Ana Souza  ", "ana@example.test")
			// What is not touched stays, the picture too.
			d.press("g", "g", "e")
			d.want("JPEG", "Zoe")
			d.press("ctrl+end") // the note
			d.press("enter")
			d.write("Rowing.")
			d.press("ctrl+s")
			d.want("Rowing.")
			d.press("ctrl+s")
			d.pass(5 * time.Second)
			if c, _ := d.person("Zoe Olm"); c.Note != "Rowing." || c.MobilePhone != "1" || len(c.Picture) == 0 {
				t.Errorf("changed is %+v", c)
			}
			d.press("d")
			d.want("Deleted: Zoe Olm", "Undo")
			d.pass(5 * time.Second)
			if got := d.onServer(); len(got) != 0 {
				t.Errorf("the server still has %d contacts", len(got))
			}
			d.press("z")
			d.pass(5 * time.Second)
			if c, ok := d.person("Zoe Olm"); !ok || c.Note != "Rowing." || len(c.Picture) == 0 {
				t.Errorf("brought back is %+v", c)
			}
			if got := d.onServer(); len(got) != 1 {
				t.Errorf("the server has %d contacts", len(got))
			}
		})
	}
}

// Every field that a contact has stands in the form, is shown as it is, is
// changed by it, and comes to the server.
func TestTheFormHasEveryField(t *testing.T) {
	full := activesync.Contact{Email1: activesync.Address{Address: "a@example.test"}, Email2: activesync.Address{Address: "b@example.test"}, Email3: activesync.Address{Address: "c@example.test"},
		Birthday: time.Date(1984, 3, 3, 0, 0, 0, 0, time.UTC), Anniversary: time.Date(2010, 3, 3, 0, 0, 0, 0, time.UTC), Children: []string{"Kim"}, Categories: []string{"Red"}, Note: "note"}
	for _, f := range full.TextFields() {
		if f.Name != "Contacts:Alias" {
			*f.Value = strings.ToLower(strings.NewReplacer("Contacts:", "", "Contacts2:", "").Replace(f.Name))
		}
	}
	withPeople(t, 200, 50, ui.Deps{}, []activesync.Contact{full}, func(t *testing.T, d *driver) {
		name := full.Name()
		before, _ := d.person(name)
		d.press("e")
		shown := strings.Join(d.screen(), "\n")
		for _, f := range full.TextFields() {
			if !strings.Contains(shown, *f.Value) {
				t.Errorf("%s is not on the form", f.Name)
			}
		}
		d.want("1984-03-03", "2010-03-03", "Kim", "Red", "c@example.test", "note")
		d.press("ctrl+s")
		d.want("Nothing of it was changed.")
		d.press("e")
		d.press("ctrl+home")
		for range 70 { // more than there are
			at := ""
			for _, l := range d.screen() {
				if _, rest, ok := strings.Cut(l, "▌"); ok && !strings.Contains(rest[:6], "Keep") {
					at = l
				}
			}
			switch {
			case strings.Contains(at, "▌ Picture"):
			case strings.Contains(at, "Birthday") || strings.Contains(at, "Anniversary"):
				d.press("backspace", "4")
			case strings.Contains(at, "enter opens it"):
				d.press("enter", "x", "ctrl+s")
			default:
				d.press("x")
			}
			if strings.Contains(at, "▌ Note") {
				break
			}
			d.press("down")
		}
		d.press("ctrl+s")
		d.pass(5 * time.Second)
		rows, err := d.agent.Contacts(context.Background(), "a")
		if err != nil || len(rows) != 1 {
			t.Fatalf("%v %v\n%s", rows, err, strings.Join(d.screen(), "\n"))
		}
		after, err := d.agent.Contact(context.Background(), rows[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		x, y := reflect.ValueOf(before), reflect.ValueOf(after)
		for i := range x.NumField() {
			n := x.Type().Field(i).Name
			if slices.Contains([]string{"ID", "Folder", "Picture", "Alias", "WeightedRank"}, n) {
				continue
			}
			if reflect.DeepEqual(x.Field(i).Interface(), y.Field(i).Interface()) {
				t.Errorf("%s was not changed: %v", n, x.Field(i))
			}
		}
	})
}

func TestAFormIsNotLostByMistake(t *testing.T) {
	withPeople(t, 80, 24, ui.Deps{}, nil, func(t *testing.T, d *driver) {
		d.press("n", "esc")
		d.lacks("New contact")
		d.press("n", "A", "esc")
		d.want("not kept yet")
		d.press("enter") // go on
		d.want("New contact")
		d.press("esc", "tab", "tab", "enter") // drop
		d.lacks("New contact")
		d.pass(3 * time.Second)
		if _, ok := d.person("A"); ok {
			t.Error("what was dropped was made")
		}
		d.press("n", "A")
		d.click("Keep ")
		d.pass(3 * time.Second)
		if _, ok := d.person("A"); !ok {
			t.Error("a click on Keep kept nothing")
		}
	})
}

func TestThePictureOfAContact(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	picture, text := write("ana.gif", "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"), write("text", "no picture")
	withPeople(t, 80, 24, ui.Deps{}, []activesync.Contact{{FirstName: "Ana"}}, func(t *testing.T, d *driver) {
		d.press("e")
		for range 9 {
			d.press("down")
		}
		d.want("▌ Picture")
		d.press("enter")
		d.write(text)
		d.press("enter")
		d.want("This is no picture.")
		d.press("ctrl+u")
		d.write(picture)
		d.press("enter")
		d.want("GIF, ")
		d.press("ctrl+s")
		d.pass(5 * time.Second)
		if c, _ := d.person("Ana"); len(c.Picture) == 0 {
			t.Fatal("there is no picture")
		}
		d.press("e")
		for range 9 {
			d.press("down")
		}
		d.press("enter", "tab", "tab", "enter", "ctrl+s") // remove it
		d.pass(5 * time.Second)
		if c, _ := d.person("Ana"); len(c.Picture) != 0 {
			t.Error("the picture is still there")
		}
	})
}

func TestMarkedPeople(t *testing.T) {
	people := []activesync.Contact{{FirstName: "Ana", Email1: activesync.Address{Address: "ana@example.test"}}, {FirstName: "Ben"}, {FirstName: "Cem"}}
	withPeople(t, 80, 24, ui.Deps{}, people, func(t *testing.T, d *driver) {
		d.press("x", "x")
		d.want("2 marked", "✓ Ana", "✓ Ben")
		d.press("v")
		d.want("2 contacts", "Ana.vcf", "Ben.vcf")
		d.press("esc", "esc")
		d.pass(time.Second)
	})
	withPeople(t, 80, 24, ui.Deps{}, people, func(t *testing.T, d *driver) {
		d.press("x", "x", "esc")
		d.lacks("marked")
		d.press("g", "g", "x", "x", "d")
		d.want("Deleted: 2 contacts")
		d.pass(5 * time.Second)
		if got := d.onServer(); len(got) != 1 {
			t.Errorf("the server has %d contacts", len(got))
		}
		d.press("z")
		d.pass(5 * time.Second)
		if got := d.onServer(); len(got) != 3 {
			t.Errorf("the server has %d contacts after undo", len(got))
		}
	})
}

// Export contacts off takes all that lets contacts leave from every place, and
// leaves the rest.
func TestPolicyHidesWhatLetsContactsLeave(t *testing.T) {
	off := ui.Deps{Forbidden: func(policy string) string {
		if policy == "export_contacts" {
			return "Your organisation does not allow it."
		}
		return ""
	}}
	withPeople(t, 200, 50, off, []activesync.Contact{{FirstName: "Ana"}}, func(t *testing.T, d *driver) {
		d.press("v", "E")
		d.lacks("vCard", "ddress book", ".vcf")
		d.press(".")
		d.want("New contact", "Edit contact")
		d.lacks("vCard", "ddress book")
		d.press("esc", "ctrl+k")
		d.write("export")
		d.lacks("Export to address book")
		d.press("esc", "?")
		d.lacks("Export to address book", "Share as vCard")
	})
	withPeople(t, 200, 50, ui.Deps{}, []activesync.Contact{{FirstName: "Ana"}}, func(t *testing.T, d *driver) {
		d.press(".")
		d.want("Share as vCard", "Export to address book")
		d.press("esc", "E")
		d.want("Not exported:") // there is no address book in this test
	})
}
