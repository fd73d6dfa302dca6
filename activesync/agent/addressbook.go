package agent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/policy"
	"eas.example/securemail/contacts"
)

// AddressBooks says where the local address books lie.
type AddressBooks struct {
	Cards   string // the directory that holds those that are made
	Ledgers string // the directory for what was written into them
	// Others finds programs that sync an Exchange account into an address book;
	// see contacts.Machine.
	Others func(dir string) ([]contacts.Native, error)
	// Watch tells of cards that are changed by hand; nil looks for them by time.
	Watch contacts.Watch
}

// errNoBooks: this agent keeps no address books.
var errNoBooks = errors.New("there is no local address book here")

// bookcase holds the address books of all accounts.
type bookcase struct {
	wake chan struct{} // one was turned on or off

	mu    sync.Mutex
	books map[activesync.AccountID]*contacts.Book // guarded by mu
}

func newBookcase() bookcase {
	return bookcase{wake: make(chan struct{}, 1), books: map[activesync.AccountID]*contacts.Book{}}
}

// addressBook is the one of an account.
func (l *Local) addressBook(id activesync.AccountID) (*contacts.Book, error) {
	if l.Books == nil {
		return nil, errNoBooks
	}
	c := &l.bookcase
	c.mu.Lock()
	defer c.mu.Unlock()
	b := c.books[id]
	if b == nil {
		b = contacts.NewBook(id, filepath.Join(l.Books.Ledgers, string(id)+".json"), l, l.rules, l.Books.Others)
		c.books[id] = b
	}
	return b, nil
}

// rules are what the organisation allows at this moment.
func (l *Local) rules() contacts.Rules {
	m := l.managed()
	return contacts.Rules{Forbidden: m.Forbidden(policy.ExportContacts), Fields: contacts.Selection(m.Word(policy.ContactFields)), Override: m.Override()}
}

// cards is the directory of an account's address book unless the person names
// another.
func (l *Local) cards(id activesync.AccountID) string {
	return filepath.Join(l.Books.Cards, "securemail-"+string(id))
}

// LocalContacts is how Sync with Local Contacts stands for an account.
func (l *Local) LocalContacts(_ context.Context, id activesync.AccountID) (contacts.Setting, error) {
	if _, err := l.member(id); err != nil {
		return contacts.Setting{}, err
	}
	b, err := l.addressBook(id)
	if err != nil {
		return contacts.Setting{}, err
	}
	rules := l.rules()
	s := contacts.Setting{Default: l.cards(id), Fields: rules.Fields, Forbidden: rules.Forbidden, Override: rules.Override}
	if s.Status, err = b.Status(); err != nil {
		return contacts.Setting{}, err
	}
	if !s.On {
		dir := s.Dir
		if dir == "" {
			dir = s.Default
		}
		// What cannot be read is said when it is turned on.
		s.Others, _ = l.Books.Others(dir)
	}
	return s, nil
}

// SetLocalContacts turns Sync with Local Contacts on or off. Off, it gives the
// cards that were changed by hand and stay.
func (l *Local) SetLocalContacts(ctx context.Context, id activesync.AccountID, to contacts.Switch) (kept []string, err error) {
	m, err := l.member(id)
	if err != nil {
		return nil, err
	}
	b, err := l.addressBook(id)
	if err != nil {
		return nil, err
	}
	if to.On {
		dir, derr := absolute(to.Dir)
		if derr != nil {
			return nil, derr
		}
		if dir == "" {
			dir = l.cards(id)
		}
		if err = l.freeDirectory(id, dir); err == nil {
			err = b.On(dir, m.account.Name+" (securemail)")
		}
	} else {
		kept, err = b.Off(to.Remove)
	}
	if err != nil {
		return kept, err
	}
	if l.running() {
		l.wakeBooks()
	} else if to.On {
		// Nobody keeps it in step unless this process does so now.
		if _, err := b.Pass(ctx); err != nil && !errors.Is(err, contacts.ErrNotYet) {
			return kept, err
		}
	}
	l.tellBook(id)
	return kept, nil
}

// freeDirectory reports, as an error, whether a directory is the address book of
// another account: each would take the cards of the other for those of a stranger.
func (l *Local) freeDirectory(id activesync.AccountID, dir string) error {
	info, _ := os.Stat(dir)
	for _, m := range l.members() {
		if m.account.ID == id {
			continue
		}
		b, err := l.addressBook(m.account.ID)
		if err != nil {
			return err
		}
		s, err := b.Status()
		if err != nil || !s.On {
			continue // what is wrong there is said there
		}
		if there, err := os.Stat(s.Dir); filepath.Clean(s.Dir) == filepath.Clean(dir) || err == nil && os.SameFile(info, there) {
			return fmt.Errorf("%w: %s is the address book of %s; choose another directory", ErrSetting, dir, m.account.Name)
		}
	}
	return nil
}

// SyncLocalContacts brings the address book of an account in step now.
func (l *Local) SyncLocalContacts(ctx context.Context, id activesync.AccountID) (contacts.Report, error) {
	if _, err := l.member(id); err != nil {
		return contacts.Report{}, err
	}
	b, err := l.addressBook(id)
	if err != nil {
		return contacts.Report{}, err
	}
	return b.Pass(ctx)
}

// ExportContact writes one contact to the local address book and gives its
// file.
func (l *Local) ExportContact(ctx context.Context, item activesync.ItemID) (path string, err error) {
	m, err := l.ofItem(ctx, item)
	if err != nil {
		return "", err
	}
	b, err := l.addressBook(m.account.ID)
	if err != nil {
		return "", err
	}
	c, err := l.Store.Contact(ctx, item)
	if err != nil {
		return "", err
	}
	return b.Export(c, l.cards(m.account.ID), m.account.Name+" (securemail)")
}

// closeBook ends the address book of an account that goes; its cards stay.
func (l *Local) closeBook(id activesync.AccountID) error {
	b, err := l.addressBook(id)
	if errors.Is(err, errNoBooks) {
		return nil
	}
	if err == nil {
		err = b.Forget()
	}
	l.bookcase.mu.Lock()
	delete(l.bookcase.books, id)
	l.bookcase.mu.Unlock()
	l.wakeBooks()
	return err
}

func (l *Local) tellBook(id activesync.AccountID) {
	l.publish(activesync.Notice{Kind: activesync.NoticeAddressBook, Account: id, Time: time.Now().UTC()})
}

// wakeBooks has it seen that an address book was turned on or off.
func (l *Local) wakeBooks() {
	select {
	case l.bookcase.wake <- struct{}{}:
	default:
	}
}

func (l *Local) running() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ctx != nil && l.ctx.Err() == nil
}

// keepAgain is how long it takes until address books are kept again after that
// could not be done at all.
const keepAgain = time.Minute

// keepBooks keeps the address books in step while any is on, until ctx ends.
// Nothing runs by a clock while none is.
func (l *Local) keepBooks(ctx context.Context) {
	if l.Books == nil {
		return
	}
	for ctx.Err() == nil {
		if !l.anyBookOn(ctx) {
			select {
			case <-l.bookcase.wake:
			case <-ctx.Done():
			}
			continue
		}
		running, stop := context.WithCancel(ctx)
		done := make(chan error, 1)
		go func() { done <- contacts.Keep(running, l, l.addressBook, l.Books.Watch, l.kept) }()
		select {
		case <-l.bookcase.wake:
			stop()
			<-done
		case err := <-done:
			stop()
			if err != nil && ctx.Err() == nil {
				l.Log.Error("address books are not kept in step", "error", err)
				again := time.NewTimer(keepAgain)
				select {
				case <-again.C:
				case <-l.bookcase.wake:
				case <-ctx.Done():
				}
				again.Stop()
			}
		}
		stop()
	}
}

// WatchCards is a contacts.Watch by Watch.
func WatchCards(ctx context.Context, dirs []string, changed chan<- struct{}) error {
	var files []string
	for _, dir := range dirs {
		files = append(files, filepath.Join(dir, "cards")) // whatever is in the directory
	}
	first := true
	return Watch(ctx, files, func() bool {
		if !first {
			select {
			case changed <- struct{}{}:
			default:
			}
		}
		first = false
		return true
	})
}

// kept notes what a pass over an address book did.
func (l *Local) kept(id activesync.AccountID, r contacts.Report, err error) {
	if err != nil {
		l.Log.Warn("address book not in step", "account", string(id), "error", err)
	} else {
		l.Log.Info("address book in step", "account", string(id), "written", r.Written, "removed", r.Removed, "conflicts", r.Conflicts)
	}
	l.tellBook(id)
}

func (l *Local) anyBookOn(ctx context.Context) bool {
	accounts, err := l.Accounts(ctx)
	if err != nil {
		return true // found out by whoever keeps them
	}
	for _, a := range accounts {
		// A ledger is made when a book is turned on for the first time.
		if _, err := os.Stat(filepath.Join(l.Books.Ledgers, string(a.ID)+".json")); errors.Is(err, os.ErrNotExist) {
			continue
		}
		b, err := l.addressBook(a.ID)
		if err != nil {
			return false
		}
		if s, err := b.Status(); err != nil || s.On {
			return true
		}
	}
	return false
}
