package engine_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

// attached is a message with one file of n bytes, and the file.
func attached(n int) (mail, file []byte) {
	file = make([]byte, n)
	src := rand.NewChaCha8([32]byte{9})
	_, _ = src.Read(file)
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: ana@example.test\r\nTo: alice@example.test\r\nSubject: the file\r\nDate: %s\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nHere.\r\n--x\r\nContent-Type: application/octet-stream\r\n"+
		"Content-Disposition: attachment; filename=\"plan.bin\"\r\nContent-Transfer-Encoding: base64\r\n\r\n", time.Now().Format(time.RFC1123Z))
	for c := file; len(c) > 0; {
		k := min(57, len(c))
		b.WriteString(base64.StdEncoding.EncodeToString(c[:k]) + "\r\n")
		c = c[k:]
	}
	b.WriteString("--x--\r\n")
	return b.Bytes(), file
}

// withFile is a world whose Inbox has one message with a file of n bytes.
func withFile(t *testing.T, cfg server.Config, n int) (w *world, id activesync.ItemID, file []byte) {
	t.Helper()
	w = newWorld(t, cfg)
	mail, file := attached(n)
	if _, err := w.box.Deliver("Inbox", server.Mail(mail), false); err != nil {
		t.Fatal(err)
	}
	for range 3 { // something in between may answer instead
		time.Sleep(time.Minute)
		_, _ = w.engine.Sync(context.Background(), nil, true, nil)
	}
	return w, w.rows(activesync.FolderInbox)[0].ID, file
}

// fetched is the error of a fetch whose file is not wanted.
func fetched(r activesync.FileReader, err error) error {
	if err == nil {
		err = r.Close()
	}
	return err
}

// whole reads a file.
func whole(t *testing.T, r activesync.FileReader) []byte {
	t.Helper()
	b, err := io.ReadAll(io.NewSectionReader(r, 0, r.Size()))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return b
}

// A file whose answer is cut off at any byte, again and again, is whole in the
// end. Where the server knows ranges nothing of it is fetched twice but for a
// piece.
func TestAttachmentIsGoneOnWith(t *testing.T) {
	for _, p := range server.Personalities() {
		for _, v := range []activesync.Version{activesync.V121, activesync.V141, activesync.V161} {
			t.Run(p.Name+" "+v.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w, id, file := withFile(t, server.Config{Versions: []activesync.Version{v}, Personality: p}, 300_000)
					n, cuts := 0, []int{0, 10, 30_000, 100_000, 150_000, 250_000}
					w.setFault(func(r *server.Request) *server.Fault {
						if r.Command != "ItemOperations" || n >= len(cuts) {
							return nil
						}
						n++
						return &server.Fault{Cuts: true, Cut: cuts[n-1]}
					})
					var last, total int64
					var r activesync.FileReader
					var err error
					for range 5 { // something in between may answer instead
						if r, err = w.engine.Attachment(t.Context(), id, 0, func(done, of int64) { last, total = done, of }); err == nil {
							break
						}
					}
					if err != nil {
						t.Fatal(err)
					}
					if got := whole(t, r); !bytes.Equal(got, file) {
						t.Fatalf("%d bytes came, not the file of %d", len(got), len(file))
					}
					if last != int64(len(file)) || total != last {
						t.Errorf("in the end %d of %d bytes were told", last, total)
					}
					before := w.requests("ItemOperations", "")
					if r, err = w.engine.Attachment(t.Context(), id, 0, nil); err != nil || !bytes.Equal(whole(t, r), file) {
						t.Error("a second time it is not there", err)
					}
					if w.requests("ItemOperations", "") != before {
						t.Error("what is here was fetched once more")
					}
				})
			})
		}
	}
}

// A fetch that the person broke off, or that ended with the program, goes on
// where it ended.
func TestAttachmentIsBrokenOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, id, file := withFile(t, server.Config{}, 700_000)
		ctx, cancel := context.WithCancel(t.Context())
		w.setFault(func(r *server.Request) *server.Fault {
			if r.Command == "ItemOperations" {
				return &server.Fault{Cuts: true, Cut: 400_000}
			}
			return nil
		})
		time.AfterFunc(time.Second/2, cancel)
		if err := fetched(w.engine.Attachment(ctx, id, 0, nil)); !errors.Is(err, context.Canceled) {
			t.Fatalf("broken off: %v", err)
		}
		w.setFault(nil)
		w.forget()
		w.engine = w.newEngine(testPassword)
		first := int64(-1)
		r, err := w.engine.Attachment(t.Context(), id, 0, func(done, _ int64) {
			if first < 0 {
				first = done
			}
		})
		if err != nil || !bytes.Equal(whole(t, r), file) {
			t.Fatal("it is not whole", err)
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		sent := 0
		for _, r := range w.log {
			sent += r.Sent
		}
		if first < 300_000 || sent > 400_000 {
			t.Errorf("it went on from %d, and %d bytes were sent", first, sent)
		}
	})
}

// Nobody has to wait for a large file, and two who want it get one.
func TestAttachmentKeepsNobodyWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, id, file := withFile(t, server.Config{}, 100_000)
		w.forget()
		w.setFault(func(r *server.Request) *server.Fault {
			if r.Command == "ItemOperations" {
				return &server.Fault{Late: time.Minute}
			}
			return nil
		})
		done := make(chan []byte, 2)
		for range 2 {
			go func() {
				r, err := w.engine.Attachment(context.Background(), id, 0, nil)
				if err != nil {
					t.Error(err)
					done <- nil
					return
				}
				done <- whole(t, r)
			}()
		}
		synctest.Wait()
		begin := time.Now()
		w.sync()
		if d := time.Since(begin); d > time.Second {
			t.Errorf("a sync took %v", d)
		}
		for range 2 {
			if got := <-done; !bytes.Equal(got, file) {
				t.Error("it is not the file")
			}
		}
		if n := w.requests("ItemOperations", ""); n != 1 {
			t.Errorf("it was fetched %d times", n)
		}
	})
}

// What the server estimates does not get around the limit of the policies, and a
// policy that comes later holds for what is here already.
func TestAttachmentLargerThanTheServerSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, id, _ := withFile(t, server.Config{Policies: map[string]string{"MaxAttachmentSize": "200000"}}, 100_000)
		if err := fetched(w.engine.Attachment(t.Context(), id, 0, nil)); err != nil {
			t.Fatal(err)
		}
		small := func(s *activesync.AccountState) error {
			s.Policy = map[string]string{"MaxAttachmentSize": "50000"}
			return nil
		}
		if err := w.store.UpdateState(t.Context(), w.account.ID, small); err != nil {
			t.Fatal(err)
		}
		if err := fetched(w.engine.Attachment(t.Context(), id, 0, nil)); !errors.Is(err, activesync.ErrPolicy) {
			t.Errorf("what is here already: %v", err)
		}
		m, err := w.store.Message(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		m.Attachments[0].Size = 10 // an estimate that is far off
		if err := w.store.PutBody(t.Context(), id, m.Body, m.Attachments); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(filesOf(w)); err != nil { // nobody used it for long
			t.Fatal(err)
		}
		if err := fetched(w.engine.Attachment(t.Context(), id, 0, nil)); !errors.Is(err, activesync.ErrPolicy) {
			t.Errorf("an estimate that is too small: %v", err)
		}
	})
}

// endless is the answer of a server that sends a file without end.
type endless struct{ next http.RoundTripper }

func (e endless) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Del("Accept-Encoding")
	answer, err := e.next.RoundTrip(r)
	if err != nil || answer.Header.Get("Content-Type") != "application/vnd.ms-sync.multipart" {
		return answer, err
	}
	table, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	answer.Body.Close()
	file := binary.LittleEndian.Uint32(table[12:])
	binary.LittleEndian.PutUint32(table[16:], math.MaxUint32) // its length
	answer.Body = io.NopCloser(io.MultiReader(bytes.NewReader(table[:file]), zeros{}))
	answer.ContentLength = -1
	return answer, nil
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// A server that sends a file without end fills no disk, and the file can be had
// when it is in its right mind again.
func TestAttachmentWithoutEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, id, file := withFile(t, server.Config{}, 100_000)
		good := w.line.next
		w.line.next = endless{good}
		most := int64(0)
		err := fetched(w.engine.Attachment(t.Context(), id, 0, func(done, _ int64) { most = max(most, done) }))
		if err == nil || !strings.Contains(err.Error(), "far more came than the server announced") || !strings.Contains(err.Error(), "try again") {
			t.Errorf("the person reads %v", err)
		}
		if most > 32<<20 {
			t.Errorf("%d bytes were taken of a file of %d", most, len(file))
		}
		err = filepath.WalkDir(filesOf(w), func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				t.Errorf("%s was left", d.Name())
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
		w.line.next = good
		if r, err := w.engine.Attachment(t.Context(), id, 0, nil); err != nil || !bytes.Equal(whole(t, r), file) {
			t.Error("it cannot be had afterwards", err)
		}
	})
}

// filesOf is where a store keeps attachments.
func filesOf(w *world) string {
	return strings.TrimSuffix(w.store.Path(), filepath.Ext(w.store.Path())) + ".files"
}
