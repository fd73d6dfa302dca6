package wire

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"eas.example/securemail/activesync"
)

func TestContactSurvivesTheWire(t *testing.T) {
	for name, c := range map[string]activesync.Contact{
		"all": sampleContact(), "company": {CompanyName: "Harbour Office"},
		"address without @": {FileAs: "x", Email1: activesync.Address{Address: "/o=Org/cn=x"}},
	} {
		for _, v := range activesync.Versions() {
			t.Run(name+" "+v.String(), func(t *testing.T) {
				p := syncItem(t, activesync.ClassContacts, EncodeContact(&c, v)).Contact
				if !p.Whole {
					t.Error("not taken for the whole contact")
				}
				got := activesync.Contact{ID: 7, Folder: 8, HomePhone: "old", Note: "old", Picture: []byte("old")}
				want := c
				want.ID, want.Folder = 7, 8
				p.Apply(&got)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func TestPartOfAContactLeavesTheRest(t *testing.T) {
	p := syncItem(t, activesync.ClassContacts, &Contact{MobilePhoneNumber: ptr("123"), NickName: ptr("")}).Contact
	c := sampleContact()
	p.Apply(&c)
	want := sampleContact()
	want.MobilePhone, want.NickName = "123", ""
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
}

// The rows of texts, of TextFields and the tags must stand in the same order.
func TestContactTextsMatchTheirElements(t *testing.T) {
	var w Contact
	fields := (&activesync.Contact{}).TextFields()
	texts := w.texts()
	if len(texts) != len(fields) {
		t.Fatalf("%d texts, %d fields", len(texts), len(fields))
	}
	seen := map[*string]bool{}
	for i, p := range texts {
		if seen[fields[i].Value] {
			t.Errorf("%s stands for a field that another one has", fields[i].Name)
		}
		seen[fields[i].Value] = true
		rv := reflect.ValueOf(&w).Elem()
		for n := range rv.NumField() {
			if rv.Field(n).Addr().Interface() == any(p) && rv.Type().Field(n).Tag.Get("wbxml") != fields[i].Name {
				t.Errorf("%s is written as %s", fields[i].Name, rv.Type().Field(n).Tag.Get("wbxml"))
			}
		}
	}
	if got := len(fields); got != 53 {
		t.Errorf("%d text fields", got)
	}
}

func TestPictureThatIsNoBase64(t *testing.T) {
	p := syncItem(t, activesync.ClassContacts, &Contact{FileAs: ptr("x"), Picture: ptr("@@@")}).Contact
	if p.Fields["Contacts:Picture"] || p.Picture != nil {
		t.Errorf("got %+v", p)
	}
}
