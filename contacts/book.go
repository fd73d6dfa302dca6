package contacts

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"eas.example/securemail/activesync"
)

// Rules are what the organisation allows, asked anew for each pass.
type Rules struct {
	// Forbidden says why contacts may not leave this program, "" where they may.
	Forbidden string
	Fields    Selection
	// Override lets contacts be synced although another program syncs an
	// Exchange account into an address book of this machine.
	Override bool
}

// People is where contacts come from.
type People interface {
	Folders(context.Context, activesync.AccountID) ([]activesync.Folder, error)
	Contacts(context.Context, activesync.AccountID) ([]activesync.ContactRow, error)
	Contact(context.Context, activesync.ItemID) (activesync.Contact, error)
}

// Book is the local address book of one account: a directory of cards that
// other programs read, and the ledger of what was written into it.
type Book struct {
	account activesync.AccountID
	path    string // of the ledger
	people  People
	rules   func() Rules
	others  func(dir string) ([]Native, error)

	mu     sync.Mutex
	recent memory // guarded by mu
}

// NewBook names the ledger; nothing is read or made yet. others finds programs
// that sync an Exchange account into an address book; see Machine.Others.
func NewBook(account activesync.AccountID, ledger string, people People, rules func() Rules, others func(dir string) ([]Native, error)) *Book {
	return &Book{account: account, path: ledger, people: people, rules: rules, others: others}
}

// Errors that a person can do something about.
var (
	// ErrOff: Sync with Local Contacts is not turned on.
	ErrOff = errors.New("contacts are not kept in the local address book: Sync with Local Contacts is off")
	// ErrNotYet: the contacts of the account were never in step.
	ErrNotYet = errors.New("the contacts of the account have not been fetched yet")
	// ErrNative: another program syncs an Exchange account into an address book.
	ErrNative = errors.New("another program already syncs contacts")
)

// Status is what Settings and `contacts sync status` say of an address book.
type Status struct {
	On        bool      `json:"on"`
	Dir       string    `json:"dir,omitempty"`
	Cards     int       `json:"cards"`
	Conflicts int       `json:"conflicts"`
	Last      time.Time `json:"last,omitzero"` // of the last pass that came through
	Problem   string    `json:"problem,omitempty"`
	Others    []Native  `json:"others,omitempty"` // programs that sync contacts too
}

// Status reads how the address book stands.
func (b *Book) Status() (Status, error) {
	l, err := b.load()
	if err != nil {
		return Status{}, err
	}
	s := Status{On: l.On, Dir: l.Dir, Cards: len(l.Cards), Last: l.Last, Problem: l.Problem, Others: l.Others}
	for _, e := range l.Cards {
		if e.Conflict != nil {
			s.Conflicts++
		}
	}
	if info, err := os.Stat(b.path); err == nil && l.On && l.Problem == "" {
		s.Last = info.ModTime().UTC() // a pass without a change only touches the file
	}
	return s, nil
}

// allowed is why a pass may not begin, nil where it may, and the other programs
// that sync contacts.
func (b *Book) allowed(dir string) (Rules, []Native, error) {
	rules := b.rules()
	if rules.Forbidden != "" {
		return rules, nil, fmt.Errorf("%w: %s", activesync.ErrPolicy, rules.Forbidden)
	}
	others, err := b.others(dir)
	if rules.Override {
		return rules, others, nil // said, not refused
	}
	if err != nil {
		return rules, others, fmt.Errorf("%w: Override native contacts check (override_native_contacts_check) is off, and it cannot be told whether there is another: %w",
			activesync.ErrPolicy, err)
	}
	if len(others) > 0 {
		var names []string
		for _, o := range others {
			names = append(names, o.String())
		}
		return rules, others, fmt.Errorf("%w: Override native contacts check (override_native_contacts_check) is off, and %w: %s",
			activesync.ErrPolicy, ErrNative, strings.Join(names, "; "))
	}
	return rules, others, nil
}

// On turns Sync with Local Contacts on for a directory, which is made where
// there is none. display is what other programs call the address book.
func (b *Book) On(dir, display string) error {
	return b.locked(func(l *ledger) error {
		_, others, err := b.allowed(dir)
		if err != nil {
			return err
		}
		if l.Dir != dir {
			if l.On {
				return fmt.Errorf("the address book is in %s; turn it off first to have it elsewhere", l.Dir)
			}
			*l = ledger{Cards: map[activesync.ItemID]*entry{}, Foreign: map[string]foreign{}}
		}
		if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
			l.Made = true
		}
		if l.Token == "" || vdir(dir).marked(l.Token) != nil {
			l.Token = newToken()
		}
		if err := vdir(dir).open(l.Token, display); err != nil {
			return err
		}
		l.On, l.Dir, l.Problem, l.Others = true, dir, "", others
		return b.save(l)
	})
}

// Off turns Sync with Local Contacts off. What was written stays, or is removed
// but for cards that a person changed by hand; their files are returned. What
// stays is known again when it is turned on for the same directory.
func (b *Book) Off(remove bool) (kept []string, err error) {
	err = b.locked(func(l *ledger) error {
		if !l.On && (!remove || len(l.Cards) == 0) {
			return ErrOff
		}
		d := vdir(l.Dir)
		if remove {
			if err := d.marked(l.Token); err != nil && l.On {
				return err
			}
			if kept, err = b.clear(l); err != nil {
				return err
			}
		}
		if d.marked(l.Token) == nil {
			if err := os.Remove(d.path(markerFile)); err != nil {
				return fmt.Errorf("take the mark off the address book: %w", err)
			}
		}
		if remove && l.Made {
			d.leave()
		}
		l.On, l.Problem, l.Others = false, "", nil
		return b.save(l)
	})
	return kept, err
}

// Forget ends the address book for good, as its account does: the cards stay, and
// all that this program notes and keeps of them goes.
func (b *Book) Forget() error {
	var left error
	if l, err := b.load(); err == nil && l.On { // one that cannot be read goes as it is
		if _, left = b.Off(false); errors.Is(left, ErrOff) {
			left = nil
		}
	}
	b.mu.Lock()
	b.recent = memory{}
	b.mu.Unlock()
	for _, path := range []string{b.asides(), b.path, b.path + ".lock"} {
		if err := os.RemoveAll(path); err != nil {
			left = errors.Join(left, fmt.Errorf("forget the address book: %w", err))
		}
	}
	return left
}

// clear removes the cards that are as they were written.
func (b *Book) clear(l *ledger) (kept []string, err error) {
	d := vdir(l.Dir)
	found, err := d.scan()
	if err != nil {
		return nil, err
	}
	p := &pass{book: b, ledger: l, dir: d, found: found, report: &Report{}}
	if err := p.recognise(); err != nil {
		return nil, err
	}
	for id, e := range l.Cards {
		_, there := found[e.File]
		if there && e.Conflict != nil {
			kept = append(kept, e.File)
			continue
		}
		if there {
			switch err := d.remove(e.File, found[e.File]); {
			case errors.Is(err, errTouched):
				kept = append(kept, e.File)
				continue
			case err != nil:
				return nil, fmt.Errorf("remove a card: %w", err)
			}
		}
		delete(l.Cards, id)
	}
	d.sync()
	slices.Sort(kept)
	return kept, nil
}
