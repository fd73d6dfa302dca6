package wire

import "testing"

// SOGo tells the parts of a name and not the whole.
func TestPersonWithoutADisplayName(t *testing.T) {
	s := Searched[GALSearched]{Results: []GALSearched{{Properties: &GALProperties{FirstName: "Bob", LastName: "Tester", EmailAddress: "bob@sogo.test"}}, {Properties: nil}, {Properties: &GALProperties{}}}}
	p := SearchedPeople(&s)
	if len(p.People) != 1 || p.Total != 1 || p.People[0].Name != "Bob Tester" {
		t.Errorf("the people are %+v", p)
	}
}
