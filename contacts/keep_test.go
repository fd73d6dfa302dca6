package contacts

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
)

// listener is a world that tells what happens.
type listener struct {
	*world
	mu      sync.Mutex
	notices chan activesync.Notice
}

// change changes the world while somebody may look at it.
func (l *listener) change(do func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	do()
}

func (l *listener) Folders(ctx context.Context, a activesync.AccountID) ([]activesync.Folder, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.world.Folders(ctx, a)
}

func (l *listener) Contacts(ctx context.Context, a activesync.AccountID) ([]activesync.ContactRow, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.world.Contacts(ctx, a)
}

func (l *listener) Contact(ctx context.Context, id activesync.ItemID) (activesync.Contact, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.world.Contact(ctx, id)
}

func (l *listener) Accounts(context.Context) ([]activesync.Account, error) {
	return []activesync.Account{{ID: testAccount}}, nil
}

func (l *listener) Subscribe(ctx context.Context) <-chan activesync.Notice {
	out := make(chan activesync.Notice, 16)
	l.mu.Lock()
	l.notices = out
	l.mu.Unlock()
	context.AfterFunc(ctx, func() { close(out) })
	return out
}

func TestChangeIsWrittenWithinSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		l := &listener{world: w}
		w.book.people = l
		w.on()
		ctx, stop := context.WithCancel(t.Context())
		passes := 0
		ended := make(chan error, 1)
		go func() {
			ended <- Keep(ctx, l, func(activesync.AccountID) (*Book, error) { return w.book, nil }, nil, func(activesync.AccountID, Report, error) { passes++ })
		}()
		synctest.Wait()
		l.change(func() { w.add(person(1)) })
		l.notices <- activesync.Notice{Kind: activesync.NoticeFolder, Folder: 99} // not known: may be contacts
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if len(w.cards()) != 1 || passes != 1 {
			t.Errorf("%d cards, %d passes", len(w.cards()), passes)
		}
		l.change(func() { w.add(person(2)) })
		l.notices <- activesync.Notice{Kind: activesync.NoticeFolder, Folder: testFolder}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if len(w.cards()) != 2 {
			t.Errorf("%d cards", len(w.cards()))
		}
		// A card that is lost comes back without a notice.
		name := ""
		for name = range w.cards() {
			break
		}
		if err := vdir(w.dir).remove(name, mustStamp(t, w, name)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(w.cards()) != 2 {
			t.Errorf("%d cards after one was lost", len(w.cards()))
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// A card that is changed by hand is seen as soon as the directory says so, and
// no directory of a book that is off is watched.
func TestHandEditIsSeenAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.add(person(1))
		l := &listener{world: w}
		w.book.people = l
		w.on()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		var watched []string
		var changed chan<- struct{}
		watch := func(ctx context.Context, dirs []string, c chan<- struct{}) error {
			watched, changed = dirs, c
			<-ctx.Done()
			watched = nil
			return nil
		}
		go func() {
			ended <- Keep(ctx, l, func(activesync.AccountID) (*Book, error) { return w.book, nil }, watch, nil)
		}()
		synctest.Wait()
		name := ""
		for name = range w.cards() {
			break
		}
		path := filepath.Join(w.dir, name)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, bytes.Replace(b, []byte("END:VCARD"), []byte("NOTE:by hand\r\nEND:VCARD"), 1), 0o600); err != nil {
			t.Fatal(err)
		}
		changed <- struct{}{}
		time.Sleep(time.Second)
		synctest.Wait()
		if s, err := w.book.Status(); err != nil || s.Conflicts != 1 {
			t.Errorf("a second later there are %d conflicts, %v", s.Conflicts, err)
		}
		if len(watched) != 1 || watched[0] != w.dir {
			t.Errorf("watched are %q", watched)
		}
		if _, err := w.book.Off(false); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(watched) != 0 {
			t.Errorf("still watched are %q", watched)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func mustStamp(t *testing.T, w *world, name string) stamp {
	t.Helper()
	s, err := vdir(w.dir).stamp(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A failure is told once, not each time it is met again.
func TestKeepTellsAFailureOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.add(person(1))
		l := &listener{world: w}
		w.book.people = l
		w.on()
		w.fresh = true
		ctx, stop := context.WithCancel(t.Context())
		var told []error
		ended := make(chan error, 1)
		go func() {
			ended <- Keep(ctx, l, func(activesync.AccountID) (*Book, error) { return w.book, nil }, nil, func(_ activesync.AccountID, _ Report, err error) { told = append(told, err) })
		}()
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		l.change(func() { w.fresh = false })
		time.Sleep(time.Minute)
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if len(told) != 2 || told[0] == nil || told[1] != nil {
			t.Errorf("told %v", told)
		}
	})
}
