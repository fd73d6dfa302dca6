package contacts

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// recognise finds out what became of the cards that were written: still so,
// renamed, lost, or changed by hand.
func (p *pass) recognise() error {
	owner := map[string]*entry{}
	for _, e := range p.ledger.Cards {
		owner[e.File] = e
	}
	if err := p.strangers(owner); err != nil {
		return err
	}
	p.byUID = map[string]string{}
	for _, name := range sortedKeys(p.ledger.Foreign) {
		if uid := p.ledger.Foreign[name].UID; uid != "" && p.byUID[uid] == "" {
			p.byUID[uid] = name
		}
	}
	p.uids, p.alike = map[string]bool{}, map[string]int{}
	for _, id := range sortedKeys(p.ledger.Cards) {
		e := p.ledger.Cards[id]
		p.uids[e.UID] = true
		if _, there := p.found[e.File]; !there {
			name, ok := p.byUID[e.UID]
			if !ok {
				e.Stamp, e.Conflict = stamp{}, nil // lost: it is written again
				p.report.changed = true
				continue
			}
			delete(p.ledger.Foreign, name)
			delete(p.byUID, e.UID)
			e.File, e.Stamp = name, stamp{}
			p.report.Renamed++
			p.report.changed = true
		}
		if err := p.inspect(e); err != nil {
			return err
		}
	}
	p.mails = map[string]bool{}
	for _, f := range p.ledger.Foreign {
		for _, m := range f.Mails {
			p.mails[m] = true
		}
	}
	return nil
}

// strangers reads the cards that this program did not write, those only that
// were not read before.
func (p *pass) strangers(owner map[string]*entry) error {
	for name := range p.ledger.Foreign {
		if _, there := p.found[name]; !there || owner[name] != nil {
			delete(p.ledger.Foreign, name)
			p.report.changed = true
		}
	}
	for name, s := range p.found {
		if old, known := p.ledger.Foreign[name]; owner[name] != nil || known && old.Stamp == s {
			continue
		}
		data, err := p.read(name)
		if err != nil {
			return err
		}
		f := foreign{Stamp: s, UID: uidOf(data)}
		if people, err := FromVCard(data); err == nil {
			for _, c := range people {
				f.Mails = append(f.Mails, mailsOf(c)...)
			}
		}
		p.ledger.Foreign[name] = f
	}
	return nil
}

func (p *pass) read(name string) ([]byte, error) {
	p.report.Opened++
	p.report.changed = true
	data, err := os.ReadFile(p.dir.path(name))
	if errors.Is(err, os.ErrNotExist) {
		return nil, errTouched
	}
	if err != nil {
		return nil, fmt.Errorf("read a card: %w", err)
	}
	return data, nil
}

// inspect looks whether a card that is there was changed by hand. It opens the
// file only if its stamp is another one.
func (p *pass) inspect(e *entry) error {
	s := p.found[e.File]
	if s == e.Stamp {
		return nil
	}
	data, err := p.read(e.File)
	if err != nil {
		return err
	}
	switch hash := hashOf(data); {
	case e.Next != "" && sense(data) == e.Next:
		// Written, but the program ended before it could note that.
		e.Hash, e.Sense, e.Next, e.From = hash, sense(data), "", ""
		e.Fields, e.NextFields = e.NextFields, ""
		e.Conflict = nil
	case hash == e.Hash:
	case e.Sense != "" && sense(data) == e.Sense:
		e.Hash = hash
	default:
		aside, err := p.book.putAside(e.UID, data)
		if err != nil {
			return err
		}
		if e.Conflict == nil {
			e.Conflict = &clash{Since: now()}
		}
		e.Conflict.Aside, e.Conflict.Hash, e.Conflict.Sense = aside, hash, sense(data)
	}
	if e.Conflict != nil && hashOf(data) == e.Hash {
		e.Conflict = nil // taken back by hand
	}
	e.Stamp = s
	return nil
}

// asides is the directory for copies of cards that were changed by hand.
func (b *Book) asides() string {
	return strings.TrimSuffix(b.path, filepath.Ext(b.path)) + "-conflicts"
}

// putAside copies a card that was changed by hand, so that the change cannot be
// lost.
func (b *Book) putAside(uid string, card []byte) (string, error) {
	dir := b.asides()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("keep a changed card aside: %w", err)
	}
	path := filepath.Join(dir, fileOf(uid))
	if err := writeFile(path, card); err != nil {
		return "", fmt.Errorf("keep a changed card aside: %w", err)
	}
	return path, nil
}
