package activesync

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestParseAddresses(t *testing.T) {
	type list = []Address
	for in, want := range map[string]list{
		"":                            nil,
		" , ;, ":                      nil,
		"ana@x.test":                  {{Address: "ana@x.test"}},
		"<ana@x.test>":                {{Address: "ana@x.test"}},
		`"Ana" <ana@x.test>`:          {{Name: "Ana", Address: "ana@x.test"}},
		"Ana  Souza <ana@x.test>":     {{Name: "Ana Souza", Address: "ana@x.test"}},
		"ana@x.test (Ana Souza)":      {{Name: "Ana Souza", Address: "ana@x.test"}},
		`"Souza, Ana" <ana@x.test>`:   {{Name: "Souza, Ana", Address: "ana@x.test"}},
		"Souza, Ana <ana@x.test>":     {{Name: "Souza, Ana", Address: "ana@x.test"}},
		`"A \"B\" \\C" <a@x.test>`:    {{Name: `A "B" \C`, Address: "a@x.test"}},
		"a@x.test, b@x.test;c@x.test": {{Address: "a@x.test"}, {Address: "b@x.test"}, {Address: "c@x.test"}},
		"A <a@x.test>,, B <b@x.test>": {{Name: "A", Address: "a@x.test"}, {Name: "B", Address: "b@x.test"}},
		`"ana@x.test" <ana@x.test>`:   {{Address: "ana@x.test"}},
		`"bob@y.test" <ana@x.test>`:   {{Name: "bob@y.test", Address: "ana@x.test"}},
		"Ana Souza; Bea":              {{Name: "Ana Souza"}, {Name: "Bea"}},
		"Team: a@x.test, b@x.test;":   {{Address: "a@x.test"}, {Address: "b@x.test"}},
		"undisclosed-recipients:;":    nil,
		`"No End <a@x.test>`:          {{Name: "No End <a@x.test>"}},
		"Ana <ana@x.test":             {{Name: "Ana", Address: "ana@x.test"}},
		"Ana <mailto:ana@x.test>":     {{Name: "Ana", Address: "ana@x.test"}},
		"<mailto:MAILTO:ana@x.test>":  {{Address: "ana@x.test"}},
		"<mailto:mailto:":             nil,
		`"Room" </o=Org/ou=Group/cn=Recipients/cn=room>`: {{Name: "Room", Address: "/o=Org/ou=Group/cn=Recipients/cn=room"}},
		"=?utf-8?q?J=C3=B6rg?= <j@x.test>":               {{Name: "Jörg", Address: "j@x.test"}},
		"東京 <t@x.test>, Jörg Müller <j@x.test>":          {{Name: "東京", Address: "t@x.test"}, {Name: "Jörg Müller", Address: "j@x.test"}},
		"Bob, ana@x.test":                                {{Name: "Bob"}, {Address: "ana@x.test"}},
		`Bob, "Ana" <ana@x.test>`:                        {{Name: "Bob"}, {Name: "Ana", Address: "ana@x.test"}},
	} {
		if diff := cmp.Diff(want, ParseAddresses(in)); diff != "" {
			t.Errorf("%q: %s", in, diff)
		}
	}
	if a := ParseAddress("; Ana <ana@x.test>, Bea <b@x.test>"); a != (Address{Name: "Ana", Address: "ana@x.test"}) {
		t.Errorf("the first address is %+v", a)
	}
}

func TestAddressesSurviveTheWire(t *testing.T) {
	name := rapid.StringMatching(`[A-Za-zäöüЖ東"\\,;:<>()@. ]{0,12}`)
	address := rapid.StringMatching(`[a-z+.]{1,6}@[a-z]{1,6}\.test`)
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Address {
			return Address{Name: tidy(name.Draw(t, "name")), Address: address.Draw(t, "address")}
		}), 0, 4).Draw(t, "list")
		for _, separator := range []string{", ", ";"} {
			s := FormatAddresses(list, separator)
			got := ParseAddresses(s)
			if diff := cmp.Diff(strings.Join(labels(list), "\n"), strings.Join(labels(got), "\n")); diff != "" {
				t.Fatalf("%q: %s", s, diff)
			}
		}
	})
}

func labels(list []Address) []string {
	var out []string
	for _, a := range list {
		if strings.EqualFold(a.Name, a.Address) {
			a.Name = ""
		}
		out = append(out, a.Name+"|"+a.Address)
	}
	return out
}

func FuzzParseAddresses(f *testing.F) {
	f.Add(`"Souza, Ana" <ana@x.test>, Team: a@x.test; b (c\)) <`)
	f.Add("<mailto:mailto:")
	f.Add("Ana <mailto:ana@x.test>;=?utf-8?q?J=C3=B6rg?= <j@x.test>,,")
	f.Fuzz(func(t *testing.T, s string) {
		list := ParseAddresses(s)
		if len(list) > strings.Count(s, ",")+strings.Count(s, ";")+strings.Count(s, ":")+1 {
			t.Errorf("%q became %d addresses", s, len(list))
		}
		for _, a := range list {
			if a == (Address{}) {
				t.Errorf("%q: an address with nothing in it", s)
			}
			// What was understood once stays the same.
			again := ParseAddress(FormatAddress(a))
			if again.Address != a.Address && !strings.ContainsAny(a.Address, "<>\\\"") {
				t.Errorf("%q: %+v became %+v", s, a, again)
			}
		}
	})
}
