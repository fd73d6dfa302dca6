package sample

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

//go:embed mail/*.txt
var mailFiles embed.FS

// sampler makes the sample for one moment.
type sampler struct {
	clock
	people map[string]person
	order  []string // of the people
}

func newSampler(now time.Time) (*sampler, error) {
	known, order, err := people()
	if err != nil {
		return nil, err
	}
	return &sampler{clock: clock{now}, people: known, order: order}, nil
}

// folders are those that Alice has made.
var folders = []string{"Projects", "Projects/Harbour", "Projects/Harbour/Quay 4", "Projects/Tender", "Projects/Website", "Newsletters", "Family", "Family/Choir"}

// Fill puts mail, people and events into a mailbox.
func Fill(box *server.Mailbox, now time.Time) error {
	s, err := newSampler(now)
	if err != nil {
		return err
	}
	if err := s.mail(box); err != nil {
		return err
	}
	return s.rest(box)
}

// FillRest puts people and events into a mailbox, and leaves its mail alone.
func FillRest(box *server.Mailbox, now time.Time) error {
	s, err := newSampler(now)
	if err != nil {
		return err
	}
	return s.rest(box)
}

// FillDirectory puts Alice's colleagues into the address list, those who are no
// contacts of hers too.
func FillDirectory(srv *server.Server) error {
	known, order, err := people()
	if err != nil {
		return err
	}
	for _, key := range order {
		p := known[key]
		if !p.listed && (!p.known || p.domain() != known[self].domain()) {
			continue
		}
		c := p.contact
		srv.AddPerson(server.Entry{Person: activesync.Person{Name: p.name(), Email: c.Email1.Address, FirstName: c.FirstName, LastName: c.LastName, Alias: key,
			Title: c.JobTitle, Company: c.CompanyName, Office: c.OfficeLocation, Phone: c.BusinessPhone, Mobile: c.MobilePhone, Picture: c.Picture}})
	}
	return nil
}

func (s *sampler) rest(box *server.Mailbox) error {
	for _, key := range s.order {
		if p := s.people[key]; p.known && key != self {
			if _, err := box.AddContact("Contacts", p.contact); err != nil {
				return fmt.Errorf("add %s: %w", key, err)
			}
		}
	}
	for _, e := range s.events() {
		if _, err := box.AddEvent("Calendar", e); err != nil {
			return fmt.Errorf("add the event %s: %w", e.Subject, err)
		}
	}
	return nil
}

// mail puts all letters into their folders, oldest first.
func (s *sampler) mail(box *server.Mailbox) error {
	for _, path := range folders {
		box.AddFolder(path, activesync.FolderUserMail)
	}
	all, err := s.letters()
	if err != nil {
		return err
	}
	for _, l := range all {
		if _, err := box.Put(l.folder, l.delivery()); err != nil {
			return fmt.Errorf("deliver %s: %w", l.id, err)
		}
	}
	return nil
}

// letters are all that lie in the mailbox when the demo begins, oldest first.
func (s *sampler) letters() ([]*letter, error) {
	entries, err := mailFiles.ReadDir("mail")
	if err != nil {
		return nil, fmt.Errorf("read the sample mail: %w", err)
	}
	var all []*letter
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), ".txt")
		if name == "arrivals" {
			continue
		}
		list, err := s.file(name)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	all = append(all, s.daily()...)
	slices.SortStableFunc(all, func(a, b *letter) int { return a.date.Compare(b.date) })
	return all, nil
}

func (s *sampler) file(name string) ([]*letter, error) {
	b, err := mailFiles.ReadFile("mail/" + name + ".txt")
	if err != nil {
		return nil, fmt.Errorf("read the sample mail: %w", err)
	}
	return s.thread(name, string(b))
}

// Arrivals are the letters that come while the demo runs: first those that
// were written for it, then what machines send, without end.
type Arrivals struct {
	s    *sampler
	list []*letter
	n    int
}

// NewArrivals makes the letters that come after the moment now.
func NewArrivals(now time.Time) (*Arrivals, error) {
	s, err := newSampler(now)
	if err != nil {
		return nil, err
	}
	list, err := s.file("arrivals")
	if err != nil {
		return nil, err
	}
	return &Arrivals{s: s, list: list}, nil
}

// Next is the next letter, as of now.
func (a *Arrivals) Next(now time.Time) server.Delivery {
	now = now.Truncate(time.Second)
	n := a.n
	a.n++
	if n >= len(a.list) {
		return a.s.routine(n-len(a.list), now).delivery()
	}
	l := a.list[n]
	l.date, l.read = now, false
	return l.delivery()
}
