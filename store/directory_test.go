package store_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"eas.example/securemail/activesync"
	"eas.example/securemail/store"
	"eas.example/securemail/store/storetest"
)

func listOf(name string, at time.Time) activesync.People {
	return activesync.People{People: []activesync.Person{{Name: name, Email: name + "@example.test", Picture: []byte("p")}}, Total: 1, At: at.UTC().Round(0)}
}

func TestAnswersOfTheAddressListAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, ctx := storetest.OpenQuick(t), t.Context()
		keep := func(words string) activesync.People {
			t.Helper()
			p := listOf(words, time.Now())
			if err := s.KeepFound(ctx, "a", words, p); err != nil {
				t.Fatal(err)
			}
			return p
		}
		get := func(words string) activesync.People {
			t.Helper()
			p, err := s.Found(ctx, "a", words)
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		if p := get("zz"); !p.At.IsZero() {
			t.Errorf("nothing was kept, and it gives %+v", p)
		}
		first := keep("ana")
		if diff := cmp.Diff(first, get("ana")); diff != "" {
			t.Error(diff)
		}
		if p, err := s.Found(ctx, "b", "ana"); err != nil || !p.At.IsZero() {
			t.Errorf("another account gets %+v, %v", p, err)
		}
		time.Sleep(time.Hour)
		keep("ana") // the same words are one answer
		for i := range 99 {
			time.Sleep(time.Second)
			keep(fmt.Sprint("w", i))
		}
		if get("ana").At.Equal(first.At) || get("ana").At.IsZero() {
			t.Error("an answer was dropped although there is room, or is the older one")
		}
		keep("one more")
		if !get("ana").At.IsZero() || get("w0").At.IsZero() {
			t.Error("not the oldest answer was dropped")
		}
		if err := s.Check(ctx); err != nil {
			t.Error(err)
		}
		time.Sleep(31 * 24 * time.Hour)
		if !get("w98").At.IsZero() {
			t.Error("an answer of a month ago still counts")
		}
	})
}

func TestAnswersOfTheAddressListAreSealed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	s, err := store.Open(path, store.Options{Key: bytes.Repeat([]byte{7}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.KeepFound(t.Context(), "a", "anastasia", listOf("anastasia", time.Now())); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil || bytes.Contains(b, []byte("anastasia")) {
		t.Errorf("who was looked for, or found, can be read from the file (%v)", err)
	}
}
