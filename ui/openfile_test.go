package ui_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync/server"
	"eas.example/securemail/ui"
)

// withFiles is a message with the files given, by name.
func withFiles(names []string, files map[string][]byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: ana@example.test\r\nTo: alice@example.test\r\nSubject: Files\r\nDate: %s\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nHere they are.\r\n", time.Now().Format(time.RFC1123Z))
	for _, name := range names {
		fmt.Fprintf(&b, "--x\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=%q\r\nContent-Transfer-Encoding: base64\r\n\r\n", name)
		for e := base64.StdEncoding.EncodeToString(files[name]); e != ""; {
			n := min(len(e), 76)
			b.WriteString(e[:n] + "\r\n")
			e = e[n:]
		}
	}
	b.WriteString("--x--\r\n")
	return b.Bytes()
}

func TestAttachmentsOnScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := map[string][]byte{"notes.txt": []byte("Gr\xfc\xdfe aus dem Hafen\r\n\x1b[31mred\r\n"), "setup.pdf.exe": []byte("MZ\x00\x00program"), "blob.dat": bytes.Repeat([]byte{0, 1, 2, 3}, 50_000)}
		d := newDriver(t, server.Config{Fault: func(r *server.Request) *server.Fault {
			if r.Command == "ItemOperations" && bytes.Contains(r.Body, []byte(":2")) {
				return &server.Fault{Late: time.Minute} // the large one takes its time
			}
			return nil
		}})
		if _, err := d.box.Deliver("Inbox", server.Mail(withFiles([]string{"notes.txt", "setup.pdf.exe", "blob.dat"}, files)), false); err != nil {
			t.Fatal(err)
		}
		dir, scratch := t.TempDir(), t.TempDir()
		var opened []string
		d.open(140, 40, ui.Deps{Downloads: dir, Scratch: scratch,
			Open: func(url string) error { opened = append(opened, url); return nil },
			SaveFile: func(dir, name string, write func(io.Writer) error) (string, error) {
				var b bytes.Buffer
				if err := write(&b); err != nil {
					return "", err
				}
				path := filepath.Join(dir, name)
				return path, os.WriteFile(path, b.Bytes(), 0o600)
			}})
		d.press("enter")
		settle := func(x time.Duration) { time.Sleep(x); synctest.Wait() }

		d.press("p", "1")
		settle(time.Second)
		d.want("Grüße aus dem Hafen", "goes back to the message")
		d.press("esc")
		settle(time.Second)
		d.want("Here they are.")
		d.press("p", "2")
		settle(time.Second)
		d.want("There is no preview of this kind of file")

		d.press("O", "2")
		d.want("It is a program that has the name of a document.", "Do not open")
		d.press("enter") // No is what enter means
		settle(time.Second)
		if len(opened) != 0 {
			t.Fatalf("a program was opened without being asked for: %v", opened)
		}
		d.press("O", "1")
		settle(time.Second)
		d.want("Opened: notes.txt")
		if len(opened) != 1 || !strings.HasSuffix(opened[0], "/notes.txt") {
			t.Fatalf("opened %v", opened)
		}
		path := strings.TrimPrefix(opened[0], "file://")
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 || !strings.HasPrefix(path, scratch) {
			t.Errorf("%s: %v, %v", path, info, err)
		}

		d.press("S", "3", "enter")
		settle(time.Second)
		d.want("Getting blob.dat", "Stop ctrl+x")
		d.press("ctrl+x")
		settle(time.Second)
		d.want("Stopped. What has come is kept")
		d.press("S", "4", "enter")
		settle(10 * time.Minute)
		for name, want := range files {
			if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: %d bytes, %v", name, len(got), err)
			}
		}
		d.close()
		if _, err := os.Stat(path); !os.IsNotExist(err) {
			t.Error("the copy that was opened is left:", err)
		}
	})
}
