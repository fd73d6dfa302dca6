package contacts

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"eas.example/securemail/activesync"
)

// ErrChanged says that a card was changed by hand since it was written.
var ErrChanged = errors.New("the card was changed by hand since it was written; remove it first")

// Export writes the card of one contact into the directory of the address book,
// or dir where there is none yet, and returns its file. It is written once: with
// Sync with Local Contacts off later changes stay out of it. Another program's
// card of the same person is left as it is.
func (b *Book) Export(c activesync.Contact, dir, display string) (path string, err error) {
	err = b.locked(func(l *ledger) error {
		rules := b.rules()
		if rules.Forbidden != "" {
			return fmt.Errorf("%w: %s", activesync.ErrPolicy, rules.Forbidden)
		}
		if e := l.Cards[c.ID]; l.On && e != nil {
			path = vdir(l.Dir).path(e.File) // kept in step anyway
			return nil
		}
		if l.Dir == "" {
			l.Dir = dir
		}
		d := vdir(l.Dir)
		if _, err := os.Stat(l.Dir); errors.Is(err, fs.ErrNotExist) {
			if l.On {
				return fmt.Errorf("%w: %s", ErrDirectory, l.Dir)
			}
			l.Made = true
		}
		if err := d.make(display); err != nil {
			return err
		}
		path, err = b.exportTo(l, d, c, rules.Fields)
		return err
	})
	return path, err
}

func (b *Book) exportTo(l *ledger, d vdir, c activesync.Contact, fields Selection) (string, error) {
	e := l.Exports[c.ID]
	if e == nil {
		uid := UID(c)
		e = &entry{UID: uid, File: fileOf(uid)}
	}
	card, err := Encode(fields.Of(c), cardVersion, e.UID)
	if err != nil {
		return "", err
	}
	path := d.path(e.File)
	old, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return "", fmt.Errorf("read the card that is there: %w", err)
	case sense(old) == sense(card):
		return path, nil
	case hashOf(old) != e.Hash && sense(old) != e.Sense:
		return "", fmt.Errorf("%w: %s", ErrChanged, path)
	}
	was, _ := d.stamp(e.File)
	if e.Stamp, err = d.put(e.File, card, was); err != nil {
		return "", fmt.Errorf("write the card: %w", err)
	}
	d.sync()
	e.Hash, e.Sense = hashOf(card), sense(card)
	if l.Exports == nil {
		l.Exports = map[activesync.ItemID]*entry{}
	}
	l.Exports[c.ID] = e
	return path, b.save(l)
}
