package contacts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"eas.example/securemail/activesync"
)

// SharedVersion is the version of vCard that goes out to others: what most
// programs read.
const SharedVersion = "3.0"

// cardVersion is the version of vCard that khard, vdirsyncer and the servers
// behind it all take.
const cardVersion = "3.0"

// Report is what one pass did.
type Report struct {
	Written   int      `json:"written"`
	Removed   int      `json:"removed"`
	Renamed   int      `json:"renamed"` // by hand, and recognised
	Same      int      `json:"same"`
	Held      int      `json:"held"` // people of whom another program's card is there
	Conflicts int      `json:"conflicts"`
	Opened    int      `json:"-"`                  // files that were read
	Problems  []string `json:"problems,omitempty"` // of single contacts
	Others    []Native `json:"others,omitempty"`   // programs that sync contacts too
	changed   bool     // the ledger did
	dir       string   // that is kept in step
}

// pass brings the directory in step once.
type pass struct {
	book   *Book
	ledger *ledger
	dir    vdir
	fields Selection
	found  map[string]stamp // cards in the directory as they were looked at
	report *Report

	uids  map[string]bool   // in use
	alike map[string]int    // how many more of a UID's name and number there are
	byUID map[string]string // file of another's card
	mails map[string]bool   // addresses on cards of others
	work  []job
}

// job is one card to be written.
type job struct {
	e    *entry
	from string
	card []byte
	was  stamp
	err  error
}

// Pass brings the address book in step with the default contacts folder.
func (b *Book) Pass(ctx context.Context) (Report, error) { return b.run(ctx, false) }

// Look is Pass where no contact has changed: unless something is different in
// the directory, contacts are not read.
func (b *Book) Look(ctx context.Context) (Report, error) { return b.run(ctx, true) }

func (b *Book) run(ctx context.Context, look bool) (Report, error) {
	var report Report
	if _, err := os.Stat(b.path); errors.Is(err, os.ErrNotExist) {
		return report, ErrOff
	}
	err := b.locked(func(l *ledger) error {
		if !l.On {
			return ErrOff
		}
		report.dir = l.Dir
		err := b.pass(ctx, l, &report, look && l.Problem == "")
		if ctx.Err() != nil {
			b.recent = memory{} // what it holds is not all in the file
			return ctx.Err()
		}
		problem := ""
		if err != nil {
			problem = err.Error()
		} else if len(report.Problems) > 0 {
			problem = strings.Join(report.Problems, "; ")
		}
		quiet := !report.changed && problem == l.Problem && slices.Equal(report.Others, l.Others)
		l.Problem, l.Others = problem, report.Others
		if err == nil {
			l.Last = now()
			if quiet {
				b.recent.ledger = l
				return os.Chtimes(b.path, l.Last, l.Last) // enough to tell of it
			}
		}
		return errors.Join(err, b.save(l))
	})
	return report, err
}

func (b *Book) pass(ctx context.Context, l *ledger, report *Report, look bool) error {
	rules, others, err := b.allowed(l.Dir)
	report.Others = others
	if err != nil {
		return err
	}
	ids, err := b.wanted(ctx)
	if err != nil {
		return err
	}
	d := vdir(l.Dir)
	if err := d.marked(l.Token); err != nil {
		return err
	}
	p := &pass{book: b, ledger: l, dir: d, fields: rules.Fields, report: report}
	if p.found, err = d.scan(); err != nil {
		return err
	}
	if err := p.recognise(); err != nil {
		return err
	}
	if look && !report.changed {
		return nil
	}
	if err := p.compare(ctx, ids); err != nil {
		return err
	}
	return p.carryOut(ctx)
}

// wanted are the contacts that belong into the address book: those of the
// default contacts folder, never of its subfolders.
func (b *Book) wanted(ctx context.Context) ([]activesync.ItemID, error) {
	folders, err := b.people.Folders(ctx, b.account)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(folders, func(f activesync.Folder) bool { return f.Type == activesync.FolderContacts })
	if i < 0 || folders[i].LastSync.IsZero() {
		return nil, ErrNotYet
	}
	rows, err := b.people.Contacts(ctx, b.account)
	if err != nil {
		return nil, err
	}
	var ids []activesync.ItemID
	for _, r := range rows {
		if r.Folder == folders[i].ID {
			ids = append(ids, r.ID)
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// compare finds out what has to be written and removed.
func (p *pass) compare(ctx context.Context, ids []activesync.ItemID) error {
	alive := make(map[activesync.ItemID]bool, len(ids))
	for _, id := range ids {
		alive[id] = true
	}
	orphans := map[string]activesync.ItemID{} // UID → a card whose contact has gone
	for id, e := range p.ledger.Cards {
		if !alive[id] {
			orphans[e.UID] = id
		}
	}
	for _, id := range ids {
		if err := ctx.Err(); err != nil {
			return err
		}
		c, err := p.book.people.Contact(ctx, id)
		if err != nil {
			p.report.Problems = append(p.report.Problems, fmt.Sprintf("contact %s: %v", id, err))
			continue
		}
		e := p.ledger.Cards[id]
		if e == nil {
			if e, err = p.adopt(c, orphans); err != nil {
				return err
			} else if e == nil {
				p.report.Held++
				continue
			}
			p.ledger.Cards[id] = e
		}
		if err := p.consider(e, p.fields.Of(c)); err != nil {
			return err
		}
	}
	for id, e := range p.ledger.Cards {
		if alive[id] {
			continue
		}
		if e.Conflict != nil {
			p.report.changed = p.report.changed || !e.Conflict.Gone
			e.Conflict.Gone = true
			p.report.Conflicts++
			continue
		}
		switch err := p.dir.remove(e.File, p.found[e.File]); {
		case errors.Is(err, errTouched):
			continue // looked at in the next pass
		case err != nil:
			return fmt.Errorf("remove a card: %w", err)
		}
		delete(p.ledger.Cards, id)
		p.report.Removed++
		p.report.changed = true
	}
	return nil
}

// consider looks whether the card of a contact has to be written.
func (p *pass) consider(e *entry, c activesync.Contact) error {
	from, err := digest(c)
	if err != nil {
		return err
	}
	was, there := p.found[e.File]
	if there && e.From == from && e.Conflict == nil {
		p.report.Same++
		return nil
	}
	card, err := Encode(c, cardVersion, e.UID)
	if err != nil {
		return err
	}
	if x := e.Conflict; x != nil {
		if sense(card) != x.Sense {
			p.report.changed = p.report.changed || x.Gone
			x.Gone = false
			p.report.Conflicts++
			return nil
		}
		// Both sides say the same by now.
		_ = os.Remove(x.Aside)
		e.Hash, e.Sense, e.Conflict = x.Hash, x.Sense, nil
	}
	if there && sense(card) == e.Sense {
		e.From, e.Fields, p.report.changed = from, p.fields, true
		p.report.Same++
		return nil
	}
	p.report.changed = true
	if !there {
		e.File = p.free(e.UID)
		p.found[e.File] = stamp{}
	}
	e.Next, e.NextFields = sense(card), p.fields
	p.work = append(p.work, job{e: e, from: from, card: card, was: was})
	return nil
}

// digest is the hash of what a contact says.
func digest(c activesync.Contact) (string, error) {
	c.ID, c.Folder = 0, 0
	b, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("compare a contact: %w", err)
	}
	return hashOf(b), nil
}

func sortedKeys[K ~string | ~uint64, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
