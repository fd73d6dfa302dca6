package cli

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/contacts"
)

// khard is the address book program of that name, with a configuration of its
// own.
type khard struct {
	t      *testing.T
	dir    string
	config string
}

// tool finds a program, or skips the test and says so.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed", name)
	}
	return path
}

func newKhard(t *testing.T) *khard {
	t.Helper()
	tool(t, "khard")
	return &khard{t: t, dir: t.TempDir()}
}

// book has khard show the address book in dir.
func (k *khard) book(dir string) {
	k.t.Helper()
	k.config = filepath.Join(k.dir, "khard.conf")
	text := "[addressbooks]\n[[work]]\npath = " + dir + "\n[general]\neditor = /bin/true\nmerge_editor = /bin/true\ndefault_action = list\n"
	if err := os.WriteFile(k.config, []byte(text), 0o600); err != nil {
		k.t.Fatal(err)
	}
}

func (k *khard) run(args ...string) (string, error) {
	cmd := exec.Command("khard", append([]string{"-c", k.config}, args...)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "HOME="+k.dir)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// list is what khard lists, "" where that is nobody.
func (k *khard) list() string {
	out, err := k.run("list", "--parsable")
	if err != nil {
		return ""
	}
	return out
}

// realCards are the vCards of the corpus, one string a file.
func realCards(t *testing.T) [][]byte {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root(t), "..", "shared", "corpus", "vcf", "*.vcf"))
	if err != nil {
		t.Fatal(err)
	}
	if len(names) == 0 {
		t.Skip("the corpus of real vCards is not present")
	}
	var out [][]byte
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	return out
}

// What was written of real cards is listed and shown by khard, and read by
// vobject, which is another parser.
func TestRealCardsInOtherReaders(t *testing.T) {
	k := newKhard(t)
	dir := filepath.Join(t.TempDir(), "book")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	n := 0
	var people []activesync.Contact
	for _, b := range realCards(t) {
		list, err := contacts.FromVCard(b)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			card, err := contacts.Encode(c, "3.0", fmt.Sprintf("uid-%04d", n))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.vcf", n)), card, 0o600); err != nil {
				t.Fatal(err)
			}
			people = append(people, c)
			n++
		}
	}
	k.book(dir)
	listed := k.list()
	if got := strings.Count(listed, "\n"); got != n {
		t.Errorf("khard lists %d of %d cards", got, n)
	}
	for i, c := range people {
		out, err := k.run("show", "--uid", fmt.Sprintf("uid-%04d", i))
		if err != nil {
			t.Errorf("khard does not show card %d: %v %s", i, err, out)
			continue
		}
		for _, a := range c.Emails() {
			if !strings.Contains(out, a.Address) {
				t.Errorf("khard shows card %d without %s:\n%s", i, a.Address, out)
			}
		}
		if i == 12 {
			break // each takes a process; the listing read them all
		}
	}
	if err := exec.Command("/usr/bin/python3", "-c", "import vobject").Run(); err != nil {
		t.Skip("vobject, which khard brings with it, is not installed")
	}
	read := `
import sys, glob, vobject
n = 0
for name in glob.glob(sys.argv[1] + "/*.vcf"):
    for card in vobject.readComponents(open(name, encoding="utf-8", newline="").read()):
        card.validate(raiseException=True)
        assert card.fn.value is not None and card.uid.value
        n += 1
print(n)`
	out, err := exec.Command("/usr/bin/python3", "-c", read, dir).CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != fmt.Sprint(n) {
		t.Errorf("vobject reads %s of %d: %v", out, n, err)
	}
}

// radicale is a CardDAV server with one collection.
func radicale(t *testing.T) (url string) {
	t.Helper()
	path := tool(t, "radicale")
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	ln.Close()
	dir := t.TempDir()
	cmd := exec.Command(path, "--config", "", "--server-hosts", addr, "--storage-filesystem-folder", dir, "--auth-type", "none")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		_ = cmd.Wait()
	})
	url = "http://" + addr + "/ana/people/"
	body := `<?xml version="1.0"?><create xmlns="DAV:" xmlns:CR="urn:ietf:params:xml:ns:carddav"><set><prop><resourcetype><collection/><CR:addressbook/></resourcetype><displayname>people</displayname></prop></set></create>`
	for began := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		req, err := http.NewRequest("MKCOL", url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth("ana", "")
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			b, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if resp.StatusCode == http.StatusCreated {
				return url
			}
			t.Fatalf("radicale says %s: %s", resp.Status, b)
		}
		if time.Since(began) > 30*time.Second {
			t.Fatalf("radicale does not answer: %v\n%s", err, said.String())
		}
	}
}

// davRequest asks radicale as Ana.
func davRequest(t *testing.T, method, url, body string) string {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("ana", "")
	req.Header.Set("Content-Type", "text/vcard")
	req.Header.Set("Depth", "1")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode/100 != 2 {
		t.Fatalf("%s %s: %s %v", method, url, resp.Status, err)
	}
	return string(b)
}

// A vdirsyncer pair carries the address book on to a CardDAV server, and what
// is changed there comes back as a change by hand that waits for the person.
func TestAddressBookIsCarriedToRadicale(t *testing.T) {
	vdirsyncer := tool(t, "vdirsyncer")
	url := radicale(t)
	r := newContactsRun(t)
	for _, name := range []string{"Ana", "Bo"} {
		if _, err := r.box.AddContact("Contacts", activesync.Contact{FirstName: name, LastName: "Souza", MobilePhone: "1", Note: "kept"}); err != nil {
			t.Fatal(err)
		}
	}
	r.must("sync", "--all")
	dir := filepath.Join(t.TempDir(), "book")
	r.must("contacts", "sync", "on", "--dir", dir)
	config := filepath.Join(t.TempDir(), "vdirsyncer")
	text := fmt.Sprintf("[general]\nstatus_path = %q\n\n[pair people]\na = \"here\"\nb = \"there\"\ncollections = null\nconflict_resolution = \"b wins\"\n\n"+
		"[storage here]\ntype = \"filesystem\"\npath = %q\nfileext = \".vcf\"\n\n[storage there]\ntype = \"carddav\"\nurl = %q\nusername = \"ana\"\npassword = \"x\"\n",
		filepath.Join(filepath.Dir(config), "status"), dir, url)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	carry := func() {
		t.Helper()
		for _, what := range []string{"discover", "sync"} {
			cmd := exec.Command(vdirsyncer, "-c", config, what)
			cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("vdirsyncer %s: %v\n%s", what, err, out)
			}
		}
	}
	carry()
	all := davRequest(t, "GET", url, "")
	if strings.Count(all, "BEGIN:VCARD") != 2 || !strings.Contains(all, "Ana") || !strings.Contains(all, "kept") {
		t.Fatalf("radicale has\n%s", all)
	}
	// A change on Exchange goes all the way.
	items, err := r.box.Items("Contacts")
	if err != nil {
		t.Fatal(err)
	}
	c := *items[0].Contact
	c.JobTitle = "Pilot"
	if err := r.box.SetContact(items[0].ID, c); err != nil {
		t.Fatal(err)
	}
	r.must("sync", "--all")
	r.must("contacts", "sync", "now")
	carry()
	if all = davRequest(t, "GET", url, ""); !strings.Contains(all, "Pilot") {
		t.Errorf("radicale has\n%s", all)
	}
	// A change there comes back as one by hand: kept, shown and taken over if the
	// person says so.
	names := regexp.MustCompile(`/ana/people/([^<]+\.vcf)`).FindStringSubmatch(davRequest(t, "PROPFIND", url, ""))
	if names == nil {
		t.Fatal("radicale names no card")
	}
	card := davRequest(t, "GET", url+names[1], "")
	davRequest(t, "PUT", url+names[1], strings.Replace(card, "NOTE:kept", "NOTE:changed on the phone", 1))
	carry()
	r.must("contacts", "sync", "now")
	if rows := decoded[[]problemRow](t, r.must("problems", "--json")); len(rows) != 1 || rows[0].Kind != "versions" || rows[0].Person == 0 || rows[0].What == "" {
		t.Errorf("set aside: %+v", rows)
	}
	list := decoded[[]contacts.Conflict](t, r.must("contacts", "conflicts", "--json"))
	if len(list) != 1 || len(list[0].Left) != 1 || list[0].Left[0].File != "changed on the phone" {
		t.Fatalf("conflicts are %+v", list)
	}
	r.must("contacts", "resolve", list[0].ID.String(), "--keep", "mine")
	if got := r.server(); !slices.ContainsFunc(got, func(c activesync.Contact) bool { return c.Note == "changed on the phone" && c.MobilePhone == "1" }) {
		t.Errorf("the server has %+v", got)
	}
	r.must("contacts", "sync", "now")
	if list := decoded[[]contacts.Conflict](t, r.must("contacts", "conflicts", "--json")); len(list) != 0 {
		t.Errorf("conflicts are %+v", list)
	}
}
