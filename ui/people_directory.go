package ui

import (
	"context"
	"hash/fnv"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
)

const (
	// leastListed is from how many letters on the directory is asked.
	leastListed = 2
	// ofDirectory is set in the ids of those who are in the directory only: they
	// are none of the store's.
	ofDirectory activesync.ItemID = 1 << 63
)

// listing are those of the organisation's address list whom the search finds.
type listing struct {
	words  string // for which it was asked last, "" for none
	people []person
	asking bool
	total  int       // how many the list knows
	why    string    // it could not be asked
	at     time.Time // when it said so, where that is not now; zero for now or never
	lane   lane
}

// clear forgets what was found. An answer that is under way comes too late.
func (l *listing) clear() {
	lane := l.lane
	*l = listing{lane: lane}
}

// askListed asks the directories of all accounts for those in the field.
func (p *people) askListed(a *App) tea.Cmd {
	l := &p.listing
	words := strings.TrimSpace(p.field.Text())
	if words == l.words {
		return nil
	}
	if utf8.RuneCountInString(words) < leastListed || len(a.accounts) == 0 {
		l.clear()
		p.filter(a)
		return nil
	}
	l.words, l.asking = words, true
	var accounts []activesync.AccountID
	for _, c := range a.accounts {
		accounts = append(accounts, c.ID)
	}
	b := a.backend
	return a.read(&l.lane, network, func(ctx context.Context) answer {
		got := listing{words: words}
		for _, id := range accounts {
			found, err := b.FindPeople(ctx, id, words)
			got.take(id, found, err)
		}
		return func(a *App) tea.Cmd {
			p := &a.people
			if p.listing.words != words {
				return nil
			}
			got.lane = p.listing.lane
			p.listing = got
			p.filter(a)
			return p.follow(a)
		}
	})
}

// take adds what the directory of an account answered.
func (l *listing) take(id activesync.AccountID, found activesync.People, err error) {
	switch {
	case err != nil:
		l.why = explain(err)
	case found.Why != "":
		l.why, l.at = found.Why, found.At
	}
	l.total += found.Total
	for _, x := range found.People {
		l.people = append(l.people, listedPerson(id, x))
	}
}

func listedPerson(id activesync.AccountID, x activesync.Person) person {
	h := fnv.New64a()
	h.Write([]byte(string(id) + "\x00" + x.Email + "\x00" + x.Name))
	row := activesync.ContactRow{ID: ofDirectory | activesync.ItemID(h.Sum64()), Name: x.Name, Company: x.Company, Phone: x.Phone}
	if row.Phone == "" {
		row.Phone = x.Mobile
	}
	if x.Email != "" {
		row.Emails = []string{x.Email}
	}
	p := makePerson(row, id)
	p.letter, p.listed = "@", &x
	p.text += "\n" + fold(x.FirstName+" "+x.LastName+"\n"+x.Alias)
	return p
}

// besides are those whom the words mean and who are not among the contacts.
func (l *listing) besides(all []person, words []string) []person {
	if len(l.people) == 0 || len(words) == 0 {
		return nil
	}
	known := make(map[string]bool, len(l.people))
	for _, r := range l.people {
		for _, e := range r.Emails {
			known[strings.ToLower(e)] = false
		}
	}
	for _, r := range all {
		for _, e := range r.Emails {
			if e = strings.ToLower(e); !known[e] {
				if _, asked := known[e]; asked {
					known[e] = true
				}
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(l.people), func(r person) bool {
		return !r.matches(words) || len(r.Emails) > 0 && known[strings.ToLower(r.Emails[0])]
	})
}

// state says how far the directory is, "" while nothing is searched for in it.
func (l *listing) state(a *App, shown int) string {
	answered := "The directory knows nobody else."
	if shown > 0 {
		answered = plural(shown, "1 more is", "%d more are") + " in the directory"
		if l.total > len(l.people) {
			answered += ", the first of " + number(l.total)
		}
		answered += "."
	}
	switch {
	case l.words == "":
		return ""
	case l.asking:
		return "Asking the directory" + a.theme.Ellipsis
	case l.why == "":
		return answered
	case !l.at.IsZero():
		answered = strings.TrimSuffix(answered, ".") + " as of " + a.dateTime(l.at) + "."
	case shown == 0:
		answered = ""
	}
	return strings.TrimSpace(a.theme.Warning + " The directory cannot be asked: " + strings.TrimSuffix(clean(l.why), ".") + ". " + answered)
}

// addListed opens the form with who is in the directory only.
func (p *people) addListed(a *App) tea.Cmd {
	r, ok := p.list.Current()
	if !ok || r.listed == nil {
		return nil
	}
	return a.editContact(r.account, activesync.Contact{}, r.listed.Contact())
}
