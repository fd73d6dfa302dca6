package contacts

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"eas.example/securemail/activesync"
)

// filled draws a contact of which every field may be set.
func filled(t *rapid.T) activesync.Contact {
	var c activesync.Contact
	texts := rapid.OneOf(rapid.Just(""), rapid.StringMatching(`[A-Za-zäöüß漢字😀;:,\\"'=.-]{1,12}( [A-Za-z0-9;,\\]{1,12}){0,8}`), rapid.StringMatching(`[a-z;]{1,5}\n[a-z,]{1,5}`))
	v := reflect.ValueOf(&c).Elem()
	var fill func(v reflect.Value, name string)
	fill = func(v reflect.Value, name string) {
		for i := range v.NumField() {
			f, n := v.Field(i), v.Type().Field(i).Name
			switch {
			case f.Kind() == reflect.String:
				s := texts.Draw(t, name+n)
				if name == "Email" && n == "Address" {
					s = oneLine(s)
				}
				f.SetString(s)
			case f.Type() == reflect.TypeFor[activesync.Address]():
				fill(f, "Email")
			case f.Type() == reflect.TypeFor[activesync.PostalAddress]():
				fill(f, n)
			case f.Type() == reflect.TypeFor[time.Time]():
				if d := rapid.IntRange(0, 20000).Draw(t, n); d > 0 {
					f.Set(reflect.ValueOf(time.Date(1960, 1, d, 0, 0, 0, 0, time.UTC)))
				}
			case f.Type() == reflect.TypeFor[[]string]():
				if l := rapid.SliceOfN(rapid.StringMatching(`[a-zä,;\\]{1,9}`), 0, 3).Draw(t, n); len(l) > 0 {
					f.Set(reflect.ValueOf(l))
				}
			case f.Type() == reflect.TypeFor[[]byte]():
				if b := rapid.SliceOf(rapid.Byte()).Draw(t, n); len(b) > 0 {
					f.SetBytes(b)
				}
			case f.Kind() == reflect.Int:
				f.SetInt(int64(rapid.IntRange(0, 99).Draw(t, n)))
			}
		}
	}
	fill(v, "")
	return c
}

func TestNoFieldIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := filled(t)
		for _, version := range []string{"3.0", "4.0"} {
			b, err := ToVCard(c, version)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.SplitSeq(string(b), "\r\n") {
				if len(line) > 75 || !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n") {
					t.Fatalf("bad line %q", line)
				}
			}
			got, err := FromVCard(b)
			if err != nil || len(got) != 1 {
				t.Fatalf("read: %v, %d cards\n%s", err, len(got), b)
			}
			if !reflect.DeepEqual(got[0], c) {
				t.Fatalf("version %s\n got %+v\nwant %+v\n%s", version, got[0], c, b)
			}
		}
	})
}

func TestOldCards(t *testing.T) {
	in := "\xEF\xBB\xBFBEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=\r\n=B6rg\r\nTEL;HOME;CELL:1\r\nTEL;WORK;FAX:2\r\nitem1.EMAIL;INTERNET:a@example.test\r\nPHOTO;ENCODING=BASE64;JPEG:\r\n /9j/\r\n\r\nBDAY:1970-01-02\r\nEND:VCARD\r\n"
	got, err := FromVCard([]byte(in))
	if err != nil || len(got) != 1 {
		t.Fatal(err, len(got))
	}
	c := got[0]
	if c.LastName != "Müller" || c.FirstName != "Jörg" || c.MobilePhone != "1" || c.BusinessFax != "2" || c.Email1.Address != "a@example.test" || len(c.Picture) != 3 || c.Birthday.Year() != 1970 {
		t.Errorf("contact = %+v", c)
	}
}

func TestManyNumbersGoToTheNote(t *testing.T) {
	in := "BEGIN:VCARD\nVERSION:3.0\nFN:X\n" + strings.Repeat("TEL;TYPE=work:+49 1\n", 9) + "END:VCARD\n"
	got, err := FromVCard([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	n := strings.Count(got[0].Note, "+49 1")
	for _, p := range phones(&got[0]) {
		if *p.value != "" {
			n++
		}
	}
	if n != 9 {
		t.Errorf("%d of 9 numbers are left: %+v", n, got[0])
	}
}

func TestFileName(t *testing.T) {
	for name, want := range map[string]string{"Ana Souza": "Ana Souza.vcf", "../../x": "_.._x.vcf", "": "contact.vcf", "a/b:c": "a_b_c.vcf"} {
		if got := FileName(activesync.Contact{FileAs: name}); got != want {
			t.Errorf("FileName(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestCorpusCards(t *testing.T) {
	names, _ := filepath.Glob(filepath.Join("..", "..", "shared", "corpus", "vcf", "*.vcf"))
	if len(names) == 0 {
		t.Skip("the corpus of real vCards is not present")
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		list, err := FromVCard(b)
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(name), err)
		}
		for _, c := range list {
			for _, version := range []string{"3.0", "4.0"} {
				out, err := ToVCard(c, version)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				again, err := FromVCard(out)
				if err != nil || len(again) != 1 || !reflect.DeepEqual(again[0], c) {
					t.Errorf("%s (%s): differs after a round: %v\n got %+v\nwant %+v", filepath.Base(name), version, err, again, c)
				}
			}
		}
	}
}

func FuzzFromVCard(f *testing.F) {
	f.Add([]byte("BEGIN:VCARD\nN:a;b\nTEL;CELL:1\nEND:VCARD"))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := FromVCard(b)
		if err != nil {
			return
		}
		for _, c := range list {
			out, err := ToVCard(c, "4.0")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := FromVCard(out); err != nil {
				t.Fatalf("what was written cannot be read: %v", err)
			}
		}
	})
}
