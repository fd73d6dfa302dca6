package contacts

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// What stands in a directory beside the cards. Names with a dot and names that
// do not end in .vcf are no cards to other programs.
const (
	markerFile  = ".securemail"
	displayFile = "displayname"
	colourFile  = "color"
	colour      = "#2e6fb7"
	tempPrefix  = ".securemail-"
	tempSuffix  = ".tmp"
)

// ErrDirectory says that the directory of the address book is not there, or is
// another one than before, such as the empty place of a disk that is not
// mounted. Nothing is read from that.
var ErrDirectory = errors.New("the directory of the address book is gone or another one")

// vdir is a directory with one card a file, as vdirsyncer describes it.
type vdir string

// stamp tells whether a file may have changed, without opening it.
type stamp struct {
	Size  int64  `json:"size"`
	Time  int64  `json:"time"` // nanoseconds
	Inode uint64 `json:"inode,omitempty"`
}

func stampOf(info fs.FileInfo) stamp {
	return stamp{Size: info.Size(), Time: info.ModTime().UnixNano(), Inode: inode(info)}
}

func (d vdir) path(name string) string { return filepath.Join(string(d), name) }

// open is make, and marks the directory with the token.
func (d vdir) open(token, display string) error {
	if err := d.make(display); err != nil {
		return err
	}
	if err := writeFile(d.path(markerFile), []byte(token+"\n")); err != nil {
		return fmt.Errorf("mark the directory of the address book: %w", err)
	}
	return nil
}

// make makes the directory where there is none. A display name and a colour
// that are there stay.
func (d vdir) make(display string) error {
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return fmt.Errorf("make the directory of the address book: %w", err)
	}
	for name, content := range map[string]string{displayFile: display, colourFile: colour} {
		if _, err := os.Lstat(d.path(name)); errors.Is(err, fs.ErrNotExist) {
			if err := writeFile(d.path(name), []byte(content+"\n")); err != nil {
				return fmt.Errorf("name the address book: %w", err)
			}
		}
	}
	return nil
}

// marked reports, as an error, whether the directory is not the one that was
// marked with the token.
func (d vdir) marked(token string) error {
	b, err := os.ReadFile(d.path(markerFile))
	if err == nil && strings.TrimSpace(string(b)) == token {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrDirectory, string(d))
}

// scan looks at all cards without opening one, and clears away what a crash
// left of files half written.
func (d vdir) scan() (map[string]stamp, error) {
	entries, err := os.ReadDir(string(d))
	if err != nil {
		return nil, fmt.Errorf("look at the address book: %w", err)
	}
	cards := make(map[string]stamp, len(entries))
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, tempPrefix) && strings.HasSuffix(name, tempSuffix) {
			if err := os.Remove(d.path(name)); err != nil {
				return nil, fmt.Errorf("clear the address book of half a file: %w", err)
			}
			continue
		}
		if strings.HasPrefix(name, ".") || !strings.EqualFold(filepath.Ext(name), fileExtension) || !e.Type().IsRegular() {
			continue
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("look at the address book: %w", err)
		}
		cards[name] = stampOf(info)
	}
	return cards, nil
}

// leave removes a directory in which only its name and colour are left.
func (d vdir) leave() {
	entries, err := os.ReadDir(string(d))
	if err != nil || slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() != displayFile && e.Name() != colourFile }) {
		return
	}
	for _, e := range entries {
		os.Remove(d.path(e.Name()))
	}
	os.Remove(string(d))
}

// errTouched says that a file is not as it was when it was looked at.
var errTouched = errors.New("the file was changed in the meantime")

// put writes a card whole or not at all. was is how the file was when it was
// looked at, the zero value for one that was not there; a file that is not so
// any more is left alone.
func (d vdir) put(name string, content []byte, was stamp) (stamp, error) {
	temp, err := d.temp(content)
	if err != nil {
		return stamp{}, err
	}
	defer os.Remove(temp)
	path := d.path(name)
	if was == (stamp{}) {
		// A link, unlike a rename, never replaces a file. Some disks have none.
		err := os.Link(temp, path)
		if errors.Is(err, fs.ErrExist) {
			return stamp{}, errTouched
		}
		if err == nil {
			return d.stamp(name)
		}
	}
	if now, err := d.stamp(name); now != was || err != nil && !errors.Is(err, fs.ErrNotExist) {
		return stamp{}, errTouched
	}
	if err := os.Rename(temp, path); err != nil {
		return stamp{}, err
	}
	return d.stamp(name)
}

func (d vdir) temp(content []byte) (string, error) {
	f, err := os.CreateTemp(string(d), tempPrefix+"*"+tempSuffix) // its mode is 0600
	if err != nil {
		return "", err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}

// stamp of a card, the zero value where there is none.
func (d vdir) stamp(name string) (stamp, error) {
	info, err := os.Lstat(d.path(name))
	if err != nil {
		return stamp{}, err
	}
	if !info.Mode().IsRegular() {
		return stamp{}, errTouched
	}
	return stampOf(info), nil
}

// remove removes a card that still is as it was.
func (d vdir) remove(name string, was stamp) error {
	now, err := d.stamp(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case now != was:
		return errTouched
	}
	return os.Remove(d.path(name))
}

// sync makes what was renamed and removed last over a power failure, where the
// file system can.
func (d vdir) sync() {
	f, err := os.Open(string(d))
	if err != nil {
		return
	}
	defer f.Close()
	_ = f.Sync()
}

// writeFile writes a file so that at any moment the old or the new one is there
// whole.
func writeFile(path string, content []byte) error {
	d := vdir(filepath.Dir(path))
	temp, err := d.temp(content)
	if err != nil {
		return err
	}
	defer os.Remove(temp)
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	d.sync()
	return nil
}

func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:12])
}

// sense is the hash of what a card says: the order of its lines, how they are
// folded, and which program wrote it when do not count.
func sense(card []byte) string {
	b := bytes.ReplaceAll(card, []byte("\r\n"), []byte("\n"))
	b = bytes.ReplaceAll(bytes.ReplaceAll(b, []byte("\n "), nil), []byte("\n\t"), nil)
	var lines [][]byte
	for line := range bytes.SplitSeq(b, []byte("\n")) {
		name, _, _ := bytes.Cut(line, []byte(":"))
		switch strings.ToUpper(string(name)) {
		case "", "REV", "PRODID":
			continue
		}
		lines = append(lines, line)
	}
	slices.SortFunc(lines, bytes.Compare)
	return hashOf(bytes.Join(lines, []byte("\n")))
}

// newToken names one directory.
func newToken() string { return strings.ToLower(rand.Text()) }

func now() time.Time { return time.Now().UTC().Truncate(time.Second) }
