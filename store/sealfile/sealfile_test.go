package sealfile_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"eas.example/securemail/store/sealfile"
)

var key = bytes.Repeat([]byte{7}, 32)

const piece = 64 << 10

func content(n int) []byte {
	b := make([]byte, n)
	src := rand.NewChaCha8([32]byte{byte(n)})
	_, _ = src.Read(b)
	return b
}

func write(t testing.TB, path string, b []byte) {
	t.Helper()
	w, err := sealfile.Append(path, key)
	if err != nil {
		t.Fatal(err)
	}
	for r := bytes.NewReader(b); r.Len() > 0; { // in odd steps
		if _, err := io.CopyN(w, r, min(int64(r.Len()), 10_007)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Finish(); err != nil {
		t.Fatal(err)
	}
}

// read is what a reader gives, and its error.
func read(path string, key []byte) ([]byte, error) {
	r, err := sealfile.Open(path, key)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.NewSectionReader(r, 0, r.Size()))
}

var sizes = []int{0, 1, 1000, piece - 1, piece, piece + 1, 2 * piece, 3*piece + 77}

func TestRoundTrip(t *testing.T) {
	for _, n := range sizes {
		path := filepath.Join(t.TempDir(), "f")
		b := content(n)
		write(t, path, b)
		got, err := read(path, key)
		if err != nil || !bytes.Equal(got, b) {
			t.Errorf("%d bytes: %d came back, %v", n, len(got), err)
		}
		raw, _ := os.ReadFile(path)
		if n > 32 && bytes.Contains(raw, b[:32]) {
			t.Errorf("%d bytes: the content can be read", n)
		}
		if _, err := os.Stat(path + ".part"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%d bytes: the part is left: %v", n, err)
		}
		if _, err := read(path, bytes.Repeat([]byte{8}, 32)); !errors.Is(err, sealfile.ErrDamaged) {
			t.Errorf("%d bytes: another key opens it: %v", n, err)
		}
	}
}

// However a write ended, the next writer goes on with what was whole, and the
// file is the same in the end.
func TestGoesOnWhereItEnded(t *testing.T) {
	for _, n := range sizes {
		b := content(n)
		for _, cut := range []int{0, min(1, n), n / 3, n / 2, n} {
			path := filepath.Join(t.TempDir(), "f")
			w, err := sealfile.Append(path, key)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = w.Write(b[:cut])
			if w.Size() != int64(cut) {
				t.Errorf("%d of %d bytes: the size is %d", cut, n, w.Size())
			}
			if cut%2 == 0 {
				_ = w.Close()
			} // else the process was killed
			if w, err = sealfile.Append(path, key); err != nil {
				t.Fatal(err)
			}
			have := w.Size()
			if have > int64(cut) || have < int64(cut)-piece {
				t.Errorf("%d of %d bytes: %d are left", cut, n, have)
			}
			_, _ = w.Write(b[have:])
			if err := w.Finish(); err != nil {
				t.Fatal(err)
			}
			if got, err := read(path, key); err != nil || !bytes.Equal(got, b) {
				t.Errorf("%d of %d bytes: %d came back, %v", cut, n, len(got), err)
			}
		}
	}
}

// What did not reach the disk, or only in part, is written again.
func TestGoesOnAfterAPowerCut(t *testing.T) {
	b := content(5 * piece)
	path := filepath.Join(t.TempDir(), "f")
	w, _ := sealfile.Append(path, key)
	_, _ = w.Write(b)
	whole, err := os.ReadFile(path + ".part")
	if err != nil {
		t.Fatal(err)
	}
	for _, lost := range []int{1, 40, 100, piece, piece + 28, 3 * piece, len(whole)} {
		torn := bytes.Clone(whole[:len(whole)-lost])
		if lost < piece && len(torn) > 100 {
			clear(torn[len(torn)-60:]) // the length was written, the content was not
		}
		if err := os.WriteFile(path+".part", torn, 0o600); err != nil {
			t.Fatal(err)
		}
		w, err := sealfile.Append(path, key)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write(b[w.Size():])
		if err := w.Finish(); err != nil {
			t.Fatal(err)
		}
		if got, err := read(path, key); err != nil || !bytes.Equal(got, b) {
			t.Errorf("%d lost: %d came back, %v", lost, len(got), err)
		}
	}
}

func TestDamageIsNoticed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	b := content(3*piece + 5)
	write(t, path, b)
	whole, _ := os.ReadFile(path)
	const sealed = piece + 28
	swapped := bytes.Clone(whole)
	copy(swapped[40:], whole[40+sealed:40+2*sealed])
	copy(swapped[40+sealed:], whole[40:40+sealed])
	for name, c := range map[string][]byte{
		"empty": {}, "head only": whole[:40], "cut at a piece": whole[:40+2*sealed], "cut in a piece": whole[:len(whole)-1],
		"without the first": append(bytes.Clone(whole[:40]), whole[40+sealed:]...), "exchanged": swapped,
		"a bit":  append(bytes.Clone(whole[:1000]), append([]byte{whole[1000] ^ 1}, whole[1001:]...)...),
		"longer": append(bytes.Clone(whole), 0), "nothing where there was something": append(bytes.Clone(whole[:40]), make([]byte, 28)...),
	} {
		if err := os.WriteFile(path, c, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := read(path, key); !errors.Is(err, sealfile.ErrDamaged) {
			t.Errorf("%s: %d bytes were read, %v", name, len(got), err)
		} else if !bytes.HasPrefix(b, got) {
			t.Errorf("%s: something else was read", name)
		}
	}
	if _, err := read(filepath.Join(t.TempDir(), "none"), key); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func TestReadAt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	b := content(2*piece + 9)
	write(t, path, b)
	r, err := sealfile.Open(path, key)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, at := range []int{0, 5, piece - 3, piece, 2 * piece, len(b) - 1} {
		p := make([]byte, 200)
		n, err := r.ReadAt(p, int64(at))
		want := b[at:min(at+200, len(b))]
		if !bytes.Equal(p[:n], want) || (n < 200) != (err == io.EOF) {
			t.Errorf("at %d: %d bytes, %v", at, n, err)
		}
	}
}

// A file takes no more memory the larger it is.
func TestMemoryIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	one := content(1 << 20)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	w, err := sealfile.Append(path, key)
	if err != nil {
		t.Fatal(err)
	}
	for range 24 {
		if _, err := w.Write(one); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	r, err := sealfile.Open(path, key)
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, io.NewSectionReader(r, 0, r.Size()))
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; err != nil || n != 24<<20 || used > 1<<20 {
		t.Errorf("%d bytes, %v: %d KiB were allocated", n, err, used>>10)
	}
	_ = r.Close()
}

func FuzzReader(f *testing.F) {
	dir := f.TempDir()
	write(f, filepath.Join(dir, "seed"), content(piece+100))
	seed, _ := os.ReadFile(filepath.Join(dir, "seed"))
	f.Add(seed)
	f.Add(seed[:40])
	f.Add([]byte("smfile 1"))
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := read(path, key); err == nil && !bytes.Equal(got, content(piece+100)) {
			t.Errorf("what was not written is read: %d bytes", len(got))
		}
		if err := os.Rename(path, path+".part"); err != nil {
			t.Fatal(err)
		}
		w, err := sealfile.Append(path, key)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write([]byte("more"))
		if err := w.Finish(); err != nil {
			t.Fatal(err)
		}
		if _, err := read(path, key); err != nil && w.Size() <= piece {
			t.Errorf("what went on cannot be read: %v", err)
		}
	})
}
