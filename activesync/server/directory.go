package server

import (
	"crypto/x509"
	"slices"
	"strings"

	"eas.example/securemail/activesync"
)

// Entry is a person of the organisation's address list.
type Entry struct {
	activesync.Person
	Certificates []*x509.Certificate // for encrypted mail
}

// AddPerson puts somebody into the address list. The users of the server are
// in it without that, by their address.
func (s *Server) AddPerson(e Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.people = slices.DeleteFunc(s.people, func(have Entry) bool { return strings.EqualFold(have.Email, e.Email) })
	s.people = append(s.people, e)
}

// directory is the address list in the order of the names.
func (s *Server) directory() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := slices.Clone(s.people)
	for _, m := range s.users {
		if !slices.ContainsFunc(out, func(e Entry) bool { return strings.EqualFold(e.Email, m.email) }) {
			out = append(out, Entry{Person: activesync.Person{Name: m.name, Email: m.email, Alias: m.name}})
		}
	}
	slices.SortFunc(out, func(a, b Entry) int {
		return strings.Compare(strings.ToLower(a.Name+"\x00"+a.Email), strings.ToLower(b.Name+"\x00"+b.Email))
	})
	return out
}

// found are the people of the address list that match a prefix.
func (s *Server) found(prefix string) []Entry {
	return slices.DeleteFunc(s.directory(), func(e Entry) bool { return !e.Matches(prefix) })
}

// photographs hands out pictures within what a request allows (MS-ASCMD
// 2.2.3.132); nil hands out none.
type photographs struct {
	size, left int // 0 and -1 are without bound
}

// newPhotographs reads MaxSize and MaxPictures.
func newPhotographs(size, pictures int) *photographs {
	if pictures == 0 {
		pictures = -1
	}
	return &photographs{size, pictures}
}

// of is the picture of a person, or the status that says why there is none.
func (p *photographs) of(picture []byte) (data []byte, status int) {
	switch {
	case len(picture) == 0:
		return nil, 173
	case p.size > 0 && len(picture) > p.size:
		return nil, 174
	case p.left == 0:
		return nil, 175
	}
	if p.left > 0 {
		p.left--
	}
	return picture, 1
}
