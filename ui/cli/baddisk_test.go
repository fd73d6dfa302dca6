package cli

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestBadDisk runs the built program where the disk is full or may not be
// written, and over files that it cannot use.
func TestBadDisk(t *testing.T) {
	bin := build(t)
	for name, test := range map[string]func(*testing.T, *program){
		"full disk":                 fullDisk,
		"full disk from the start":  fullFromTheStart,
		"file size limit":           fileSizeLimit,
		"full disk for attachments": fullForAttachments,
		"read-only directory":       readOnlyDirectory,
		"read-only data":            readOnlyData,
		"damaged files":             damagedFiles,
		"newer store":               newerStore,
		"store in use":              storeInUse,
		"files others can read":     exposedFiles,
	} {
		t.Run(name, func(t *testing.T) { test(t, newProgram(t, bin)) })
	}
}

// small mounts a file system of a size and returns where. Only root can.
func small(t *testing.T, size string) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can mount a small file system")
	}
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+size+",mode=0777", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("no small file system can be mounted here: %v %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v %s", err, out)
		}
	})
	return dir
}

// listed is how many messages are here.
func (p *program) listed() int {
	p.t.Helper()
	var rows []row
	if err := json.Unmarshal([]byte(p.want(0, nil, "", "list", "--json").out), &rows); err != nil {
		p.t.Fatal(err)
	}
	return len(rows)
}

func fullDisk(t *testing.T, p *program) {
	dir := small(t, "4m")
	p.data = filepath.Join(dir, "data")
	m := newMailServer(t)
	m.fill(t, 100, 100_000)
	p.add(m)
	r := p.want(exitFailed, []string{"no room left"}, "", "sync", "--all")
	if strings.Contains(r.out, "100 added") {
		t.Errorf("all of it found room: %s", r.out)
	}
	before := p.listed() // still opens, and shows what there was room for
	p.want(exitFailed, []string{"no room left"}, "", "sync", "--all")
	if n := p.listed(); n < before {
		t.Errorf("%d messages listed, %d before", n, before)
	}
	if out, err := exec.Command("mount", "-o", "remount,size=64m", dir).CombinedOutput(); err != nil {
		t.Fatalf("remount: %v %s", err, out)
	}
	p.want(0, nil, "", "sync", "--all")
	if n := p.listed(); n != 100 {
		t.Errorf("%d messages listed when there was room again, want 100", n)
	}
}

func fullFromTheStart(t *testing.T, p *program) {
	dir := small(t, "256k")
	if err := os.WriteFile(filepath.Join(dir, "filler"), make([]byte, 244<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	p.data = filepath.Join(dir, "data")
	m := newMailServer(t)
	r := p.want(exitFailed, []string{"room"}, testPassword, "account", "add", testEmail, "--server", m.url, "--user", testUser, "--password-stdin")
	if m.asked() != 0 {
		t.Errorf("the server was asked although nothing can be kept: %s", r.err)
	}
	if err := os.Remove(filepath.Join(dir, "filler")); err != nil {
		t.Fatal(err)
	}
	p.add(m)
	p.want(0, nil, "", "sync", "--all")
}

// fileSizeLimit is a full disk that does not take root.
func fileSizeLimit(t *testing.T, p *program) {
	m := newMailServer(t)
	m.fill(t, 60, 60_000)
	p.add(m)
	p.wrap = func(cmd *exec.Cmd) { // 2 MiB, in blocks of 512 bytes
		cmd.Args = append([]string{"sh", "-c", `ulimit -f 4096; exec "$0" "$@"`}, append([]string{cmd.Path}, cmd.Args[1:]...)...)
		cmd.Path = "/bin/sh"
	}
	p.want(exitFailed, []string{"no room left"}, "", "sync", "--all")
	before := p.listed()
	p.wrap = nil
	p.want(0, nil, "", "sync", "--all")
	if n := p.listed(); n != 60 || before > n {
		t.Errorf("%d messages listed, %d before; want 60 in the end", n, before)
	}
}

func fullForAttachments(t *testing.T, p *program) {
	dir := small(t, "256k")
	m := newMailServer(t)
	m.deliver(t, "From: Ana <ana@example.test>\nSubject: a large file\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\nHere.\n"+
		"--x\nContent-Type: text/csv\nContent-Disposition: attachment; filename=large.csv\n\n"+noise(3, 900_000)+"\n--x--\n")
	p.add(m)
	p.want(0, nil, "", "sync", "--all")
	var rows []row
	if err := json.Unmarshal([]byte(p.want(0, nil, "", "list", "--json").out), &rows); err != nil || len(rows) != 1 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	p.want(exitFailed, []string{"save the attachment", "no space left"}, "", "attachment", "save", rows[0].ID.String(), "1", dir)
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left in the directory: %v, %v", left, err)
	}
}

// asNobody runs the program as a user for whom the modes of files count, and
// lets that user reach it and a directory of the test.
func (p *program) asNobody(dir string) {
	p.t.Helper()
	if os.Getuid() != 0 {
		return
	}
	p.wrap = func(cmd *exec.Cmd) {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	for _, d := range []string{filepath.Dir(p.bin), dir} {
		for ; d != os.TempDir() && d != "/"; d = filepath.Dir(d) {
			if err := os.Chmod(d, 0o755); err != nil {
				p.t.Fatal(err)
			}
		}
	}
}

func readOnlyDirectory(t *testing.T, p *program) {
	dir := t.TempDir()
	p.asNobody(dir)
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	p.data = filepath.Join(dir, "data")
	m := newMailServer(t)
	for _, args := range [][]string{{"list"}, {"account", "add", testEmail, "--server", m.url, "--password-stdin"}} {
		p.want(exitFailed, []string{p.data, "permission denied"}, testPassword, args...)
	}
	if m.asked() != 0 {
		t.Error("the server was asked although nothing can be kept")
	}
	p.data = dir
	p.want(exitFailed, []string{dir, "permission denied"}, "", "list")
}

func readOnlyData(t *testing.T, p *program) {
	dir := t.TempDir()
	p.asNobody(dir)
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	p.data = filepath.Join(dir, "data")
	m := newMailServer(t)
	m.fill(t, 2, 100)
	p.add(m)
	p.want(0, nil, "", "sync", "--all")
	if err := os.Chmod(filepath.Join(p.data, "mail.db"), 0o400); err != nil {
		t.Fatal(err)
	}
	before := contents(t, p.data)
	p.want(exitFailed, []string{"may not be written", "mail.db"}, "", "list")
	unchanged(t, before, p.data)
	if err := os.Chmod(filepath.Join(p.data, "mail.db"), 0o600); err != nil {
		t.Fatal(err)
	}
	if n := p.listed(); n != 2 {
		t.Errorf("%d messages listed, want 2", n)
	}
}

// contents are the sums of all files but the log.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || strings.HasSuffix(path, ".log") {
			return err
		}
		b, err := os.ReadFile(path)
		out[path] = fmt.Sprintf("%x", sha256.Sum256(b))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func unchanged(t *testing.T, before map[string]string, dir string) {
	t.Helper()
	after := contents(t, dir)
	for path, sum := range before {
		if after[path] != sum {
			t.Errorf("%s was written over", filepath.Base(path))
		}
	}
	for path := range after {
		if before[path] == "" {
			t.Errorf("%s was left behind", filepath.Base(path))
		}
	}
}

func damagedFiles(t *testing.T, p *program) {
	m := newMailServer(t)
	m.fill(t, 30, 2000)
	p.add(m)
	p.want(0, nil, "", "sync", "--all")
	text := func([]byte) []byte { return []byte("Dear diary,\n") }
	cut := func(b []byte) []byte { return b[:min(len(b)/3, 6*os.Getpagesize())] } // the end of the store is unused
	nothing := func([]byte) []byte { return nil }
	for _, tt := range []struct {
		file, name string
		damage     func([]byte) []byte
		words      []string
	}{
		{"mail.db", "text", text, []string{"mail.db", "damaged"}},
		{"mail.db", "cut off", cut, []string{"mail.db", "damaged"}},
		{"mail.db", "empty", nothing, []string{"mail.db", "damaged", "empty"}},
		{"mail.db", "no heads", func(b []byte) []byte { return append(make([]byte, 2*os.Getpagesize()), b[2*os.Getpagesize():]...) }, []string{"mail.db", "damaged"}},
		{"mail.db", "no pages", func(b []byte) []byte {
			return append(bytes.Clone(b[:2*os.Getpagesize()]), bytes.Repeat([]byte{0xA5}, len(b)-2*os.Getpagesize())...)
		}, []string{"mail.db", "damaged"}},
		{"key", "text", text, []string{"key"}},
		{"key", "empty", nothing, []string{"key"}},
		{"secrets", "text", text, []string{"secrets"}},
		{"secrets", "cut off", cut, []string{"secrets"}},
		{"config.toml", "text", text, []string{"config.toml"}},
		{"config.toml", "an unknown word", func(b []byte) []byte { return append([]byte("colour = \"blue\"\n"), b...) }, []string{"config.toml", "colour"}},
	} {
		path := filepath.Join(p.data, tt.file)
		good, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, tt.damage(good), 0o600); err != nil {
			t.Fatal(err)
		}
		before := contents(t, p.data)
		for _, args := range [][]string{{"list"}, {"sync", "--all"}, {"account", "list"}} {
			r := p.run("", args...)
			if r.code != exitFailed {
				t.Errorf("%s, %s: %v ends with %d:\n%s%s", tt.file, tt.name, args, r.code, r.out, r.err)
			}
			for _, w := range tt.words {
				if !strings.Contains(r.err, w) {
					t.Errorf("%s, %s: %v does not say %q: %s", tt.file, tt.name, args, w, r.err)
				}
			}
		}
		if unchanged(t, before, p.data); t.Failed() {
			t.Fatalf("after %s, %s", tt.file, tt.name)
		}
		if err := os.WriteFile(path, good, 0o600); err != nil {
			t.Fatal(err)
		}
		if n := p.listed(); n != 30 {
			t.Fatalf("%s, %s: %d messages listed when it was mended", tt.file, tt.name, n)
		}
	}
}

func newerStore(t *testing.T, p *program) {
	m := newMailServer(t)
	p.add(m)
	path := filepath.Join(p.data, "mail.db")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// The number of the structure stands behind its name. Pages have no sum.
	n := 0
	for at := 0; ; n++ {
		i := bytes.Index(b[at:], []byte("schema\x00\x00\x00\x00\x00\x00\x00"))
		if i < 0 {
			break
		}
		at += i + len("schema") + 7
		b[at] = 99
	}
	if n == 0 {
		t.Fatal("the structure of the store is not found")
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	before := contents(t, p.data)
	for _, args := range [][]string{{"list"}, {"sync"}, {"account", "remove", testEmail}} {
		p.want(exitFailed, []string{"newer version of this program", "99"}, "", args...)
	}
	unchanged(t, before, p.data)
}

func storeInUse(t *testing.T, p *program) {
	m := newMailServer(t)
	p.add(m)
	f, err := os.OpenFile(filepath.Join(p.data, "mail.db"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(p.data, "mail.db.pid"), fmt.Appendf(nil, "%d\n", os.Getpid()), 0o600); err != nil {
		t.Fatal(err)
	}
	before := contents(t, p.data)
	p.want(exitFailed, []string{"securemail: open the mail kept here: " + filepath.Join(p.data, "mail.db") + ": the store is in use", "A demo has its directory for itself", fmt.Sprintf("process %d", os.Getpid())}, "", "list")
	unchanged(t, before, p.data)
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_UN); err != nil {
		t.Fatal(err)
	}
	p.want(0, nil, "", "list")
}

func exposedFiles(t *testing.T, p *program) {
	m := newMailServer(t)
	p.add(m)
	for _, name := range []string{"key", "secrets"} {
		path := filepath.Join(p.data, name)
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
		p.want(exitFailed, []string{name, "others can read", "chmod 600"}, "", "sync")
		if err := os.Chmod(path, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p.want(0, nil, "", "sync")
}
