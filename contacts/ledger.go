package contacts

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"eas.example/securemail/activesync"
)

// ledger is what is remembered of an address book: what this program wrote
// into it, and what it found there.
type ledger struct {
	On      bool      `json:"on"`
	Dir     string    `json:"dir,omitempty"`
	Token   string    `json:"token,omitempty"` // what marks the directory
	Made    bool      `json:"made,omitempty"`  // the directory was made by this program
	Last    time.Time `json:"last,omitzero"`   // of the last pass that came through
	Problem string    `json:"problem,omitempty"`
	Others  []Native  `json:"others,omitempty"` // of the last pass
	// Cards are what was written, by the contact.
	Cards map[activesync.ItemID]*entry `json:"cards,omitempty"`
	// Exports are cards that were written once, at the person's wish.
	Exports map[activesync.ItemID]*entry `json:"exports,omitempty"`
	// Foreign are the cards of others, by file.
	Foreign map[string]foreign `json:"foreign,omitempty"`
}

// entry is one card that was written.
type entry struct {
	UID   string `json:"uid"`
	File  string `json:"file"`
	From  string `json:"from,omitempty"`  // hash of the contact that it was made of
	Hash  string `json:"hash,omitempty"`  // of the bytes of the file
	Sense string `json:"sense,omitempty"` // of what it says
	Next  string `json:"next,omitempty"`  // Sense of a card that is being written
	// Fields are those that it was written with, NextFields those of Next; "" is not
	// known.
	Fields     Selection `json:"fields,omitempty"`
	NextFields Selection `json:"nextFields,omitempty"`

	Stamp stamp `json:"stamp,omitzero"`
	// Conflict is a change by hand that waits for the person.
	Conflict *clash `json:"conflict,omitempty"`
}

// clash is a card that a person changed by hand.
type clash struct {
	Since time.Time `json:"since"`
	Aside string    `json:"aside"`          // a copy of it, beside the ledger
	Hash  string    `json:"hash"`           // of the bytes of it
	Sense string    `json:"sense"`          // of what it says
	Gone  bool      `json:"gone,omitempty"` // the contact is no longer on Exchange
}

// foreign is a card that this program did not write.
type foreign struct {
	Stamp stamp    `json:"stamp"`
	UID   string   `json:"uid,omitempty"`
	Mails []string `json:"mails,omitempty"` // hashes of its addresses
}

// load reads the ledger; there may be none yet.
func (b *Book) load() (*ledger, error) {
	l := &ledger{}
	data, err := os.ReadFile(b.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read what was written to the address book: %w", err)
	}
	if err == nil {
		if err := json.Unmarshal(data, l); err != nil {
			return nil, fmt.Errorf("read what was written to the address book: %s: %w", b.path, err)
		}
	}
	if l.Cards == nil {
		l.Cards = map[activesync.ItemID]*entry{}
	}
	if l.Foreign == nil {
		l.Foreign = map[string]foreign{}
	}
	return l, nil
}

// save writes the ledger. The caller holds mu.
func (b *Book) save(l *ledger) error {
	data, err := json.Marshal(l)
	if err == nil {
		err = writeFile(b.path, data)
	}
	if err != nil {
		return fmt.Errorf("note what was written to the address book: %w", err)
	}
	b.recent.ledger = l
	return nil
}

// locked runs do while no other process works on the same address book.
func (b *Book) locked(do func(*ledger) error) error {
	if err := os.MkdirAll(filepath.Dir(b.path), 0o700); err != nil {
		return fmt.Errorf("make the directory for what was written: %w", err)
	}
	f, err := os.OpenFile(b.path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("lock the address book: %w", err)
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("lock the address book: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.recent.of(b.path)
	b.recent = memory{} // until all that do changes is in the file
	if l == nil {
		if l, err = b.load(); err != nil {
			return err
		}
	}
	err = do(l)
	if b.recent.ledger != nil {
		b.recent.info, _ = os.Stat(b.path)
	}
	return err
}

// memory is the ledger as it was written last, so that it need not be read for
// each look at the directory.
type memory struct {
	ledger *ledger
	info   fs.FileInfo
}

// of is the ledger, nil where another process has written the file since.
func (m memory) of(path string) *ledger {
	info, err := os.Stat(path)
	if m.ledger == nil || m.info == nil || err != nil || !os.SameFile(info, m.info) || !info.ModTime().Equal(m.info.ModTime()) {
		return nil
	}
	return m.ledger
}
