package contacts

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"eas.example/securemail/activesync"
)

func mailed(first, address string) activesync.Contact {
	return activesync.Contact{FirstName: first, LastName: "Souza", Email1: activesync.Address{Address: address}}
}

func kinds(list []Import) (out []Kind) {
	for _, in := range list {
		out = append(out, in.Kind)
	}
	return out
}

func TestImportKnowsWhoIsThere(t *testing.T) {
	known := []activesync.Contact{mailed("Ana", "ana@example.test"), {FirstName: "Bo", LastName: "Souza", MobilePhone: "1", Note: "n"}, mailed("Family", "all@example.test")}
	for i := range known {
		known[i].ID = activesync.ItemID(i + 1)
	}
	phone := mailed("ana", "ANA@example.test")
	phone.MobilePhone = "9"
	second := mailed("Ana", "ana@example.test")
	second.Email2 = activesync.Address{Address: "ana@home.test"}
	got := Preview([]activesync.Contact{
		mailed("Ana", "ana@example.test"), // same
		phone,                             // the same person again, with a number
		mailed("Bo", "bo@example.test"),   // Bo has no address yet
		mailed("Cy", "all@example.test"),  // shares an address
		{FirstName: "Ana", LastName: "Souza", JobTitle: "x"}, // has no address
		second,
		mailed("Di", "di@example.test"), mailed("Di", "di@example.test"),
	}, known)
	if diff := cmp.Diff([]Kind{Update, Twice, Update, New, Twice, Twice, New, Twice}, kinds(got)); diff != "" {
		t.Fatal(diff)
	}
	ana := got[0].Contact
	if ana.ID != 1 || ana.MobilePhone != "9" || ana.JobTitle != "x" || ana.Email2.Address != "ana@home.test" || ana.FirstName != "ana" && ana.FirstName != "Ana" {
		t.Errorf("what several cards say of Ana: %+v", ana)
	}
	if bo := got[2].Contact; bo.MobilePhone != "1" || bo.Note != "n" || bo.Email1.Address != "bo@example.test" || len(got[2].Changes) != 1 {
		t.Errorf("Bo: %+v, %+v", bo, got[2].Changes)
	}
	if again := Preview([]activesync.Contact{mailed("Ana", "ana@example.test")}, known); again[0].Kind != Same {
		t.Errorf("all of it is known, and it is %q", again[0].Kind)
	}
}

// A card is of the person by what a card before it said of them, too.
func TestImportKnowsWhatACardBeforeSaid(t *testing.T) {
	both := mailed("Ana", "ana@example.test")
	both.Email2 = activesync.Address{Address: "ana@home.test"}
	got := Preview([]activesync.Contact{mailed("Ana", "ana@example.test"), both, mailed("Ana", "ana@home.test")}, nil)
	if diff := cmp.Diff([]Kind{New, Twice, Twice}, kinds(got)); diff != "" {
		t.Error(diff)
	}
}

// Apple writes letters and their marks apart.
func TestSearchFindsMarksThatStandApart(t *testing.T) {
	own := []activesync.ContactRow{{ID: 1, Name: "Jose\u0301phine Crame\u0301r"}}
	for _, words := range []string{"josephine", "Jose\u0301phine", "Joséphine cramer"} {
		if len(Search(words, own)) != 1 {
			t.Errorf("%q finds nobody", words)
		}
	}
}

func TestRanking(t *testing.T) {
	own := []activesync.ContactRow{{ID: 1, Name: "Ana Souza", Emails: []string{"ana@example.test", "souza@home.test"}}, {ID: 2, Name: "Bo Anatol", Emails: []string{"bo@example.test"}},
		{ID: 3, Name: "Jürgen Groß", Emails: []string{"jg@example.test"}}}
	recent := []activesync.Contact{{FileAs: "Anabel", Email1: activesync.Address{Address: "anabel@example.test"}, WeightedRank: 70},
		{FileAs: "x", Email1: activesync.Address{Address: "SOUZA@home.test"}, WeightedRank: 90}}
	listed := []activesync.Person{{Name: "Ana Souza", Email: "Ana@example.test"}, {Name: "Anton Last", Email: "anton@example.test"}, {Name: "Anna", Email: ""}}
	for words, want := range map[string][]string{
		"an":       {"souza@home.test", "anabel@example.test", "ana@example.test", "anton@example.test", "bo@example.test"},
		"ana sou":  {"souza@home.test", "ana@example.test"},
		"juergen":  {"jg@example.test"},
		"gross":    {"jg@example.test"},
		"atol":     {"bo@example.test"},
		"example":  {"anabel@example.test", "ana@example.test", "bo@example.test", "jg@example.test", "anton@example.test"},
		"":         nil,
		"no such ": {},
	} {
		var got []string
		x := NewIndex(own, recent)
		for _, m := range x.Rank(words, listed, 50) {
			got = append(got, m.Address.Address)
		}
		for n := range got { // fewer are the best of them
			if few := x.Rank(words, listed, n); len(few) != n || n > 0 && few[n-1].Address.Address != got[n-1] {
				t.Errorf("%q: the best %d are %+v", words, n, few)
			}
		}
		if len(want)+len(got) > 0 {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%q: %s", words, diff)
			}
		}
	}
}

// A file of a megabyte, whose people all share an address or a name, took minutes.
func TestNoCardsHoldTheImportUp(t *testing.T) {
	const n = 20_000
	people := make([]activesync.Contact, 2*n)
	for i := range n {
		people[i] = activesync.Contact{FirstName: fmt.Sprint("Ana ", i), Email1: activesync.Address{Address: "info@example.test"}}
		people[n+i] = activesync.Contact{FirstName: "Ben", Email1: activesync.Address{Address: fmt.Sprint(i, "@example.test")}}
	}
	for i, in := range Preview(people, nil) {
		if in.Kind != New {
			t.Fatalf("person %d is %s", i, in.Kind)
		}
	}
}
