package contacts

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/contentline"
)

// fill sets the fields of a struct, whatever they are called, so that a field
// that is added later is tested too. A kind of field that it does not know
// stops the test.
func fill(t *rapid.T, v reflect.Value, name string, text *rapid.Generator[string]) {
	for i := range v.NumField() {
		f, n := v.Field(i), name+v.Type().Field(i).Name
		switch f.Interface().(type) {
		case activesync.ItemID, activesync.FolderID:
			continue // belong to this machine
		case activesync.Address, activesync.PostalAddress:
			fill(t, f, n, text)
		case time.Time:
			if d := rapid.OneOf(rapid.IntRange(0, 60000), rapid.IntRange(-104000, -103700)).Draw(t, n); d != 0 {
				f.Set(reflect.ValueOf(time.Date(1888, 1, d, 0, 0, 0, 0, time.UTC)))
			}
		case []string:
			list := rapid.SliceOfN(text.Filter(func(s string) bool { return s != "" }), 0, 3).Draw(t, n)
			if len(list) > 0 {
				f.Set(reflect.ValueOf(list))
			}
		case []byte:
			b := rapid.OneOf(rapid.SliceOfN(rapid.Byte(), 0, 300), rapid.SampledFrom([][]byte{[]byte("\xFF\xD8\xFFjpeg"), []byte("\x89PNG\r\n\x1a\nx"), nil})).Draw(t, n)
			if len(b) > 0 {
				f.SetBytes(b)
			}
		case int:
			f.SetInt(int64(rapid.IntRange(-9, 99).Draw(t, n)))
		case string:
			f.SetString(text.Draw(t, n))
		default:
			t.Fatalf("field %s of a kind that is not tested: %s", n, f.Type())
		}
	}
}

func drawContact(t *rapid.T) activesync.Contact {
	text := rapid.OneOf(
		rapid.Just(""),
		rapid.StringMatching(`[A-Za-zäöüß漢字カナ😀]{1,30}( [A-Za-z0-9]{1,12}){0,9}`),
		rapid.SampledFrom([]string{`\`, `\n`, `a\`, `;`, `,;,`, "\n", " lead", "trail ", "a\n\nb\n", "tab\there", "im:x", "sip:a@b", ":", "=", "a=\n", "BEGIN:VCARD", "^n^'^^\"", "%41", "\uFEFFbom", "e\u0301"}),
		rapid.Map(rapid.String(), contentline.Tidy),
	)
	var c activesync.Contact
	fill(t, reflect.ValueOf(&c).Elem(), "", text)
	return c
}

func TestNoFieldIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawContact(t)
		for _, version := range []string{"3.0", "4.0"} {
			b, err := ToVCard(c, version)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.SplitSeq(string(b), "\r\n") {
				if len(line) > 75 || !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n") {
					t.Fatalf("line %q", line)
				}
			}
			got, err := FromVCard(b)
			if err != nil || len(got) != 1 {
				t.Fatalf("read: %v, %d cards\n%s", err, len(got), b)
			}
			if diff := cmp.Diff(c, got[0]); diff != "" {
				t.Fatalf("version %s: %s\n%s", version, diff, b)
			}
		}
	})
}

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func ana() activesync.Contact {
	return activesync.Contact{
		FileAs: "Souza, Ana", Title: "Dr.", FirstName: "Ana", LastName: "Souza", YomiFirstName: "アナ", YomiLastName: "ソウザ",
		Email1: activesync.Address{Name: "Ana Souza", Address: "ana@example.test"}, Email3: activesync.Address{Address: "third@example.test"},
		CompanyName: "Harbour, Sons; Co", Department: "Audit", JobTitle: "Head", OfficeLocation: "4.12",
		MobilePhone: "+49 170 1", Business2Phone: "+49 30 2", HomeFax: "+49 30 3", AssistantPhone: "+49 30 4", IMAddress2: "ana", WebPage: "https://example.test/?a=1;b,c",
		Business: activesync.PostalAddress{Street: "Kai 1\nHof", City: "Hamburg", PostalCode: "20457"},
		Birthday: day(1969, 2, 28), Anniversary: day(noYear, 2, 29), Spouse: "Bo", ManagerName: "Cy", AssistantName: "Di", Children: []string{"Ed", "Flo, jr."},
		Categories: []string{"Friends", "a,b"}, Picture: []byte("\xFF\xD8\xFF\xE0 a picture of some length, folded over more than one line"), Note: "one\ntwo", WeightedRank: 3,
	}
}

func TestCardAsOtherProgramsExpectIt(t *testing.T) {
	for version, want := range map[string]string{"4.0": `BEGIN:VCARD
VERSION:4.0
ADR;TYPE=work;X-SECUREMAIL-FIELD=Business:;;Kai 1\nHof;Hamburg;;20457;
ANNIVERSARY:--0229
BDAY:19690228
CATEGORIES:Friends,a\,b
EMAIL;PREF=1;X-SECUREMAIL-FIELD=Email1:ana@example.test
EMAIL;X-SECUREMAIL-FIELD=Email3:third@example.test
FN:Ana Souza
IMPP;X-SECUREMAIL-FIELD=IMAddress2:im:ana
N;SORT-AS="ソウザ,アナ":Souza;Ana;;Dr.;
NOTE:one\ntwo
ORG:Harbour\, Sons\; Co;Audit
PHOTO:data:image/jpeg;base64,/9j/4CBhIHBpY3R1cmUgb2Ygc29tZSBsZW5ndGgsIGZvbG
 RlZCBvdmVyIG1vcmUgdGhhbiBvbmUgbGluZQ==
PRODID:-//securemail//EN
RELATED;TYPE=spouse;VALUE=text:Bo
RELATED;TYPE=x-manager;VALUE=text:Cy
RELATED;TYPE=x-assistant;VALUE=text:Di
RELATED;TYPE=child;VALUE=text:Ed
RELATED;TYPE=child;VALUE=text:Flo\, jr.
TEL;TYPE=cell;X-SECUREMAIL-FIELD=MobilePhone:+49 170 1
TEL;TYPE=work;TYPE=voice;X-SECUREMAIL-FIELD=Business2Phone:+49 30 2
TEL;TYPE=home;TYPE=fax;X-SECUREMAIL-FIELD=HomeFax:+49 30 3
TEL;TYPE=x-assistant;X-SECUREMAIL-FIELD=AssistantPhone:+49 30 4
TITLE:Head
UID:urn:uuid:0
URL:https://example.test/?a=1;b,c
X-PHONETIC-FIRST-NAME:アナ
X-PHONETIC-LAST-NAME:ソウザ
X-SECUREMAIL-EMAILNAME;X-SECUREMAIL-FIELD=Email1:Ana Souza
X-SECUREMAIL-FILEAS:Souza\, Ana
X-SECUREMAIL-OFFICE:4.12
X-SECUREMAIL-RANK:3
END:VCARD
`, "3.0": `BEGIN:VCARD
VERSION:3.0
ADR;TYPE=work;X-SECUREMAIL-FIELD=Business:;;Kai 1\nHof;Hamburg;;20457;
BDAY:1969-02-28
CATEGORIES:Friends,a\,b
EMAIL;TYPE=INTERNET;TYPE=pref;X-SECUREMAIL-FIELD=Email1:ana@example.test
EMAIL;TYPE=INTERNET;X-SECUREMAIL-FIELD=Email3:third@example.test
FN:Ana Souza
IMPP;X-SECUREMAIL-FIELD=IMAddress2:im:ana
N:Souza;Ana;;Dr.;
NOTE:one\ntwo
ORG:Harbour\, Sons\; Co;Audit
PHOTO;ENCODING=b;TYPE=JPEG:/9j/4CBhIHBpY3R1cmUgb2Ygc29tZSBsZW5ndGgsIGZvbGRl
 ZCBvdmVyIG1vcmUgdGhhbiBvbmUgbGluZQ==
PRODID:-//securemail//EN
TEL;TYPE=cell;X-SECUREMAIL-FIELD=MobilePhone:+49 170 1
TEL;TYPE=work;TYPE=voice;X-SECUREMAIL-FIELD=Business2Phone:+49 30 2
TEL;TYPE=home;TYPE=fax;X-SECUREMAIL-FIELD=HomeFax:+49 30 3
TEL;TYPE=x-assistant;X-SECUREMAIL-FIELD=AssistantPhone:+49 30 4
TITLE:Head
UID:urn:uuid:0
URL:https://example.test/?a=1;b,c
X-ANNIVERSARY;X-APPLE-OMIT-YEAR=1604:1604-02-29
X-ASSISTANT:Di
X-CHILD:Ed
X-CHILD:Flo\, jr.
X-MANAGER:Cy
X-PHONETIC-FIRST-NAME:アナ
X-PHONETIC-LAST-NAME:ソウザ
X-SECUREMAIL-EMAILNAME;X-SECUREMAIL-FIELD=Email1:Ana Souza
X-SECUREMAIL-FILEAS:Souza\, Ana
X-SECUREMAIL-OFFICE:4.12
X-SECUREMAIL-RANK:3
X-SPOUSE:Bo
END:VCARD
`} {
		got, err := Encode(ana(), version, "urn:uuid:0")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, strings.ReplaceAll(string(got), "\r\n", "\n")); diff != "" {
			t.Errorf("%s: %s", version, diff)
		}
	}
	if _, err := ToVCard(ana(), "2.1"); err == nil {
		t.Error("version 2.1 is written")
	}
	if b, err := ToVCard(activesync.Contact{}, "4.0"); err != nil || !strings.Contains(string(b), "FN:Unnamed\r\n") {
		t.Errorf("a card without FN: %v\n%s", err, b)
	}
}

func TestCardsOfOtherPrograms(t *testing.T) {
	card := func(lines ...string) string { return "BEGIN:VCARD\n" + strings.Join(lines, "\n") + "\nEND:VCARD\n" }
	email := func(s string) activesync.Address { return activesync.Address{Address: s} }
	tests := []struct {
		name string
		in   string
		want activesync.Contact
	}{
		{"2.1", "\xEF\xBB\xBFBEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=\r\n=B6rg\r\nTEL;HOME;CELL:1\r\nTEL;WORK;FAX:2\r\nitem1.EMAIL;INTERNET:a@example.test\r\nPHOTO;ENCODING=BASE64;JPEG:\r\n /9j/\r\n\r\nBDAY:1970-01-02\r\nEND:VCARD\r\n",
			activesync.Contact{LastName: "Müller", FirstName: "Jörg", MobilePhone: "1", BusinessFax: "2", Email1: email("a@example.test"), Picture: []byte("\xFF\xD8\xFF"), Birthday: day(1970, 1, 2)}},
		{"QP with lines", card("N:x", "NOTE;ENCODING=QUOTED-PRINTABLE:one=0D=0A=", "two=3D"), activesync.Contact{LastName: "x", Note: "one\ntwo="}},
		{"bare QP", card("N;QUOTED-PRINTABLE;CHARSET=iso-8859-1:M=FCller"), activesync.Contact{LastName: "Müller"}},
		{"Shift JIS", card("N;CHARSET=SHIFT_JIS:\x88\xC0\x93\xA1"), activesync.Contact{LastName: "安藤"}},
		{"Shift JIS with a backslash in a character", card("N;CHARSET=SHIFT_JIS:\x95\x5C;\x83\x5C"), activesync.Contact{LastName: "表", FirstName: "ソ"}},
		{"says Latin 1, is UTF-8", card("N;CHARSET=ISO-8859-1:Müller"), activesync.Contact{LastName: "Müller"}},
		{"says nothing, is Latin 1", card("N:M\xFCller"), activesync.Contact{LastName: "Müller"}},
		{"backslashes", card("N:;A\\;B\\\\;C\\\\\\;;D;\\:E;\\\\\\\\;"), activesync.Contact{FirstName: "A;B\\", MiddleName: "C\\;", Title: "D", Suffix: ":E"}},
		{"a backslash at the end", card("N:x", "NICKNAME:a\\"), activesync.Contact{LastName: "x", NickName: "a\\"}},
		{"escaped line break in capitals", card("N:x", "NOTE:a\\Nb"), activesync.Contact{LastName: "x", Note: "a\nb"}},
		{"folded inside a character", card("N:M\xC3\n \xBCller"), activesync.Contact{LastName: "Müller"}},
		{"picture without folds", card("N:x", "PHOTO;TYPE=JPEG;ENCODING=b:/9j/", "/9j/", "", "TEL;CELL:1"), activesync.Contact{LastName: "x", Picture: []byte("\xFF\xD8\xFF\xFF\xD8\xFF"), MobilePhone: "1"}},
		{"picture elsewhere", card("N:x", "PHOTO;VALUE=uri:https://example.test/p.jpg"), activesync.Contact{LastName: "x"}},
		{"picture in 4.0, escaped", card("N:x", `PHOTO:data:image/jpeg\;base64\,/9j/`), activesync.Contact{LastName: "x", Picture: []byte("\xFF\xD8\xFF")}},
		{"agent inside", card("N:x", "AGENT:", "BEGIN:VCARD", "N:y", "TEL:9", "END:VCARD", "TEL;CELL:1"), activesync.Contact{LastName: "x", MobilePhone: "1"}},
		{"agent in a line", card("N:x", `AGENT:BEGIN:VCARD\nN:y\nEND:VCARD`, "TEL;CELL:1"), activesync.Contact{LastName: "x", MobilePhone: "1"}},
		{"agent elsewhere", card("N:x", "AGENT;VALUE=uri:CID:1@x", "TEL;CELL:1"), activesync.Contact{LastName: "x", MobilePhone: "1"}},
		{"Apple", card("N:Doe;John;Richter,James;Mr.;Sr.", "FN:Mr. John Richter James Doe Sr.", "item1.EMAIL;type=INTERNET:b@x.test", "EMAIL;type=INTERNET;type=pref:a@x.test", "item2.TEL:5",
			"item2.X-ABLabel:_$!<AssistantPhone>!$_", "item3.X-ABRELATEDNAMES:Bo", "item3.X-ABLabel:_$!<Spouse>!$_", "item4.X-ABRELATEDNAMES:Mo", "item4.X-ABLabel:_$!<Mother>!$_",
			"item5.X-ABDATE:2001-09-08", "item5.X-ABLABEL:_$!<Anniversary>!$_", "BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-15", `item6.URL:http\://x.test`, "IMPP;X-SERVICE-TYPE=Jabber:xmpp:a@x.test", "X-JABBER:a@x.test"),
			activesync.Contact{LastName: "Doe", FirstName: "John", MiddleName: "Richter James", Title: "Mr.", Suffix: "Sr.", Email1: email("a@x.test"), Email2: email("b@x.test"), AssistantPhone: "5",
				Spouse: "Bo", Anniversary: day(2001, 9, 8), Birthday: day(1604, 4, 15), WebPage: "http://x.test", IMAddress: "xmpp:a@x.test", Note: "Mother: Mo"}},
		{"Evolution", card("N:x", "X-EVOLUTION-FILE-AS:x\\, y", "X-EVOLUTION-SPOUSE:Bo", "X-EVOLUTION-MANAGER:Cy", "X-EVOLUTION-ASSISTANT:Di", "X-EVOLUTION-ANNIVERSARY:2001-09-08"),
			activesync.Contact{LastName: "x", FileAs: "x, y", Spouse: "Bo", ManagerName: "Cy", AssistantName: "Di", Anniversary: day(2001, 9, 8)}},
		{"Outlook", card("N:x", "X-MS-MANAGER:Cy", "X-MS-ASSISTANT:Di", "X-MS-ANNIVERSARY:20010908", "X-MS-IMADDRESS:im@x.test", "TEL;WORK;VOICE:1", "TEL;WORK;VOICE:2", "TEL;WORK;VOICE:3", "ORG:Firm;Dept;Unit"),
			activesync.Contact{LastName: "x", ManagerName: "Cy", AssistantName: "Di", Anniversary: day(2001, 9, 8), IMAddress: "im@x.test", BusinessPhone: "1", Business2Phone: "2", CompanyMainPhone: "3", CompanyName: "Firm", Department: "Dept / Unit"}},
		{"Android", card("N:x", "X-ANDROID-CUSTOM:vnd.android.cursor.item/nickname;Nick;1;;;;;;;;;;;;;", "X-ANDROID-CUSTOM:vnd.android.cursor.item/contact_event;2001-09-08;1;;;;;;;;;;;;;",
			"X-ANDROID-CUSTOM:vnd.android.cursor.item/relation;Bo;14;;;;;;;;;;;;;", "X-ANDROID-CUSTOM:vnd.android.cursor.item/relation;Fay;6;;;"),
			activesync.Contact{LastName: "x", NickName: "Nick", Anniversary: day(2001, 9, 8), Spouse: "Bo", Note: "Relation: Fay"}},
		{"4.0", card("VERSION:4.0", "FN:John Q. Public", "KIND:individual", "TEL;VALUE=uri;PREF=1;TYPE=\"voice,home\":tel:+1-555", "RELATED;TYPE=spouse:urn:uuid:1", "RELATED;TYPE=friend;VALUE=text:Fay", "BDAY:--0415", "ANNIVERSARY:20010908T120000Z"),
			activesync.Contact{FirstName: "John Q.", LastName: "Public", HomePhone: "+1-555", Birthday: day(1604, 4, 15), Anniversary: day(2001, 9, 8), Note: "Friend: Fay"}},
		{"a kind in other letters", card("N:x", "item1.X-ABRELATEDNAMES:Bo", "item1.X-ABLABEL:友達", "RELATED;TYPE=äiti:Mo"), activesync.Contact{LastName: "x", Note: "Äiti: Mo\n友達: Bo"}},
		{"a date of Android that is none", card("N:x", "X-ANDROID-CUSTOM:vnd.android.cursor.item/contact_event;spring 1985;3;;;"), activesync.Contact{LastName: "x", Note: "Birthday: spring 1985"}},
		{"a scheme in capitals", card("N:x", "TEL;VALUE=uri;TYPE=cell:TEL:+1-555"), activesync.Contact{LastName: "x", MobilePhone: "+1-555"}},
		{"an organisation", card("FN:Harbour Office Ltd", "KIND:org"), activesync.Contact{CompanyName: "Harbour Office Ltd"}},
		{"a name to be filed under", card("FN:The Boss", "N:Souza;Ana"), activesync.Contact{FirstName: "Ana", LastName: "Souza", FileAs: "The Boss"}},
		{"a composed name", card("FN:Souza\\, Ana", "N:Souza;Ana"), activesync.Contact{FirstName: "Ana", LastName: "Souza"}},
		{"reading of a name", card("N;SORT-AS=\"アンドウ,ロイド\":安藤;ロイド"), activesync.Contact{LastName: "安藤", FirstName: "ロイド", YomiLastName: "アンドウ", YomiFirstName: "ロイド"}},
		{"sorting is no reading", card("N;SORT-AS=\"Harten,Rene\":van der Harten;Rene"), activesync.Contact{LastName: "van der Harten", FirstName: "Rene"}},
		{"address in words", card("N:x", `EMAIL;INTERNET:"Omega"`, "  <omega@x.test>"), activesync.Contact{LastName: "x", Email1: activesync.Address{Name: "Omega", Address: "omega@x.test"}}},
		{"more than there is room for", card("N:x", "EMAIL:a@x.test", "EMAIL:b@x.test", "EMAIL:c@x.test", "EMAIL:d@x.test", "URL:u", "URL:v", "TITLE:Head", "ROLE:Boss", "BDAY:sometime", "NOTE:one", "NOTE:two"),
			activesync.Contact{LastName: "x", Email1: email("a@x.test"), Email2: email("b@x.test"), Email3: email("c@x.test"), WebPage: "u", JobTitle: "Head", Note: "one\ntwo\nRole: Boss\nE-mail: d@x.test\nBirthday: sometime\nWeb page: v"}},
		{"addresses", card("N:x", "ADR;HOME:;Apt 2;Kai 1;Hamburg;HH;20457;DE", "ADR:Box 9;;;Bremen;;;", "ADR;TYPE=home,pref:;;Weg 3;Kiel"),
			activesync.Contact{LastName: "x", Home: activesync.PostalAddress{Street: "Weg 3", City: "Kiel"}, Other: activesync.PostalAddress{Street: "Kai 1\nApt 2", City: "Hamburg", State: "HH", PostalCode: "20457", Country: "DE"},
				Business: activesync.PostalAddress{Street: "Box 9", City: "Bremen"}}},
		{"no end", "BEGIN:VCARD\nN:x\nTEL;CELL:1", activesync.Contact{LastName: "x", MobilePhone: "1"}},
		{"old Mac", "begin:vcard\rn:x\rtel;cell:1\rend:vcard\r", activesync.Contact{LastName: "x", MobilePhone: "1"}},
		{"rubbish around", "hello\n\nBEGIN:VCARD\n:x\n;\nno colon\nN:x\nEND:VCARD\nbye", activesync.Contact{LastName: "x"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := FromVCard([]byte(tt.in))
			if err != nil || len(got) != 1 {
				t.Fatal(err, got)
			}
			if diff := cmp.Diff(tt.want, got[0]); diff != "" {
				t.Error(diff)
			}
		})
	}
	many, err := FromVCard([]byte(card("N:a") + "BEGIN:VCARD\nN:b\n" + card("N:c")))
	if err != nil || len(many) != 3 || many[1].LastName != "b" {
		t.Errorf("%v, %+v", err, many)
	}
	for _, s := range []string{"", "hello", "BEGIN:VCALENDAR\nEND:VCALENDAR", "END:VCARD"} {
		if list, err := FromVCard([]byte(s)); !errors.Is(err, ErrNoCard) || list != nil {
			t.Errorf("%q: %v, %v", s, list, err)
		}
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

func TestUID(t *testing.T) {
	a := activesync.Contact{ID: 5, FirstName: "Ana", LastName: "Souza", Email1: activesync.Address{Address: "ana@example.test"}}
	b := activesync.Contact{ID: 9, FirstName: "Ana", LastName: " souza", Email2: activesync.Address{Address: "Ana@Example.test"}, Note: "x"}
	if UID(a) != UID(b) {
		t.Error("the same person on two machines has two UIDs")
	}
	if !regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(UID(a)) {
		t.Errorf("UID %q", UID(a))
	}
	other := a
	other.Email1.Address = "other@example.test"
	phone := activesync.Contact{ID: 5, FirstName: "Ana", LastName: "Souza", MobilePhone: "1"}
	if UID(a) == UID(other) || UID(a) == UID(phone) || UID(phone) == UID(activesync.Contact{FirstName: "Ana", LastName: "Souza"}) {
		t.Error("two people have one UID")
	}
}

func TestFileName(t *testing.T) {
	for name, want := range map[string]string{
		"Ana Souza": "Ana Souza.vcf", "../../x": "_.._x.vcf", "": "contact.vcf", "a/b:c": "a_b_c.vcf", "con": "_con.vcf", "COM1.x": "_COM1.x.vcf", "Connie": "Connie.vcf",
		"a\x1b[31m\u202Eb\nc": "a[31m_b c.vcf", "...": "contact.vcf", "-rf": "_rf.vcf", "安藤": "安藤.vcf", strings.Repeat("漢", 50): strings.Repeat("漢", 26) + ".vcf", "a.": "a.vcf",
	} {
		if got := FileName(activesync.Contact{FileAs: name}); got != want {
			t.Errorf("FileName(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestFields(t *testing.T) {
	c := ana()
	var got []string
	for _, f := range Fields(c) {
		got = append(got, f.Label)
	}
	for _, want := range []string{"Name", "Job title", "Company", "E-mail", "Mobile", "Work address", "Birthday", "Anniversary", "Partner", "Children", "Note"} {
		if !strings.Contains("|"+strings.Join(got, "|")+"|", "|"+want+"|") {
			t.Errorf("%s is not told: %v", want, got)
		}
	}
}

// 1604 says that a date has no year; nobody was born then.
func TestABirthdayWithoutAYear(t *testing.T) {
	got := Fields(activesync.Contact{Birthday: day(1604, 2, 29), Anniversary: day(1988, 2, 29)})
	if want := []Field{{"Birthday", "29 February"}, {"Anniversary", "29 February 1988"}}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func corpus(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("..", "..", "shared", "corpus", "vcf", "*.vcf"))
	if err != nil {
		t.Fatal(err)
	}
	if len(names) == 0 {
		t.Skip("the corpus of real vCards is not present")
	}
	return names
}

var plainValue = regexp.MustCompile(`(?mi)^(?:[a-z0-9]+\.)?(?:tel|email)(?:;(?:type=)?[a-z,-]+)*:([^\\\r\n=;"]+)\r?$`)

// Every real card is read; what it says of numbers and addresses is somewhere
// in the contact; and the contact survives being written in both versions.
func TestCorpusCards(t *testing.T) {
	cards, values := 0, 0
	for _, name := range corpus(t) {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		list, err := FromVCard(b)
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(name), err)
			continue
		}
		all := ""
		for _, c := range list {
			cards++
			for _, version := range []string{"3.0", "4.0"} {
				out, err := ToVCard(c, version)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				again, err := FromVCard(out)
				if err != nil || len(again) != 1 {
					t.Fatalf("%s (%s): %v\n%s", filepath.Base(name), version, err, out)
				}
				if diff := cmp.Diff(c, again[0]); diff != "" {
					t.Errorf("%s (%s): %s", filepath.Base(name), version, diff)
				}
			}
			for _, f := range Fields(c) {
				all += f.Value + "\n"
			}
		}
		if strings.Contains(string(b), "AGENT:") {
			continue // the card of another person
		}
		for _, m := range plainValue.FindAllStringSubmatch(string(b), -1) {
			values++
			if v := strings.TrimPrefix(strings.Join(strings.Fields(m[1]), " "), "tel:"); !strings.Contains(strings.Join(strings.Fields(all), " "), v) {
				t.Errorf("%s: %q is lost", filepath.Base(name), v)
			}
		}
	}
	t.Logf("%d cards, %d values", cards, values)
}

func FuzzFromVCard(f *testing.F) {
	f.Add([]byte("BEGIN:VCARD\nN:a;b\nTEL;CELL:1\nEND:VCARD"))
	f.Add([]byte("BEGIN:VCARD\nN;QUOTED-PRINTABLE;CHARSET=shift_jis:=88=C0=\n;b\nPHOTO;ENCODING=b:\n /9j/\nAGENT:\nBEGIN:VCARD\nEND:VCARD\nEND:VCARD"))
	f.Add([]byte("BEGIN:VCARD\nitem1.X-ABDATE:--0229\nitem1.X-ABLABEL:_$!<Anniversary>!$_\nEMAIL;X-SECUREMAIL-FIELD=Email2;TYPE=\"a,b\":x@y\nX-ANDROID-CUSTOM:a/relation;b\\;c;1"))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := FromVCard(b)
		if err != nil {
			if list != nil {
				t.Fatal("an error and contacts")
			}
			return
		}
		for _, c := range list {
			FileName(c)
			for _, version := range []string{"3.0", "4.0"} {
				out, err := ToVCard(c, version)
				if err != nil {
					t.Fatal(err)
				}
				again, err := FromVCard(out)
				if err != nil || len(again) != 1 {
					t.Fatalf("what was written cannot be read: %v\n%s", err, out)
				}
				more, err := ToVCard(again[0], version)
				if err != nil || string(more) != string(out) {
					t.Fatalf("a card changes by being read: %v\n%s\n%s", err, out, more)
				}
			}
		}
	})
}
