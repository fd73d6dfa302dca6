package cli

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
)

// killCount is how often the program is killed in each of the tests, as
// SECUREMAIL_KILLS says.
func killCount(t *testing.T) int {
	t.Helper()
	s := os.Getenv("SECUREMAIL_KILLS")
	if s == "" {
		return 20
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestKilledWhileItSyncs(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a while")
	}
	kills := killCount(t)
	k := newKilled(t)
	k.deliver("Inbox", 1700)
	k.deliver("Archive", 200)
	k.deliver("Projects/Harbour", 100)
	k.fresh()
	began := time.Now()
	k.run("", "sync", "--all")
	whole := time.Since(began)
	k.same("undisturbed")
	var here []int // messages that had come, at each kill
	rounds, n := 0, 0
	for ; n < kills; rounds++ {
		k.fresh()
		for n < kills && k.runAndKill(time.Duration(k.rnd.Int64N(int64(whole/2))), "", "sync", "--all") {
			n++
			list, _ := k.local() // checks the store, that nothing is there twice, and the texts
			here = append(here, len(list))
			k.elsewhere(3)
		}
		k.run("", "sync", "--all")
		k.same(fmt.Sprintf("kill %d", n))
	}
	t.Logf("%d kills in %d mailboxes of 2000 messages, when so many had come: %v; one undisturbed sync takes %v", n, rounds, here, whole)
}

// inbox are the messages of the Inbox as the program lists them.
func (k *killed) inbox() (rows []row) {
	k.t.Helper()
	if err := json.Unmarshal([]byte(k.run("", "list", "--json")), &rows); err != nil {
		k.t.Fatal(err)
	}
	return rows
}

// settle brings the program in step after a kill. What the person saw then is
// what they see in the end, and what the server has.
func (k *killed) settle(what string) {
	k.t.Helper()
	saw, _ := k.local()
	k.run("", "sync", "--all")
	k.run("", "sync", "--all")
	k.same(what)
	see, _ := k.local()
	for subject, was := range saw {
		if see[subject] != was {
			k.t.Errorf("seed %d, %s: %q showed as %+v after the kill and shows as %+v in the end", k.seed, what, subject, was, see[subject])
		}
	}
	for subject, is := range see {
		if _, was := saw[subject]; !was && is.folder != "Deleted Items" {
			k.t.Errorf("seed %d, %s: %q was deleted and shows as %+v", k.seed, what, subject, is)
		}
	}
}

// act is something that a person does to messages.
type act struct {
	args    []string // the ids come behind the first
	request string   // that carries it
	fits    func(row) bool
}

var (
	actRead   = act{[]string{"mark", "--read"}, "Sync", func(r row) bool { return !r.Read }}
	actUnread = act{[]string{"mark", "--unread"}, "Sync", func(r row) bool { return r.Read }}
	actFlag   = act{[]string{"flag"}, "Sync", func(r row) bool { return !r.Flagged }}
	actMove   = act{[]string{"move", "Archive"}, "MoveItems", func(row) bool { return true }}
	actDelete = act{[]string{"delete"}, "Sync", func(row) bool { return true }}
)

// on is the command that does it to the first n messages of the Inbox that fit.
// Where none is read any more, because those were moved or deleted, the first
// are read before.
func (k *killed) on(a act, n int) []string {
	k.t.Helper()
	rows := k.inbox()
	if fit := slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return !a.fits(r) }); len(fit) > 0 {
		return a.to(fit, n)
	}
	k.run("", actRead.to(rows, n)...)
	return a.to(rows, n)
}

func (a act) to(rows []row, n int) []string {
	args := a.args[:1:1]
	for _, r := range rows[:min(n, len(rows))] {
		args = append(args, r.ID.String())
	}
	return append(args, a.args[1:]...)
}

// TestKilledWhileItChanges: whatever the program had kept of what the person
// did when it was killed reaches the server.
func TestKilledWhileItChanges(t *testing.T) {
	acts := []act{actRead, actUnread, actFlag, actMove, actDelete}
	for _, v := range []activesync.Version{activesync.V121, activesync.V161} {
		t.Run(v.String(), func(t *testing.T) {
			k := newKilled(t, v)
			k.deliver("Inbox", 90)
			k.fresh()
			k.run("", "sync", "--all")
			began := time.Now()
			k.run("", k.on(actRead, 1)...)
			whole := time.Since(began)
			n := 0
			for _, a := range acts {
				for _, carriedOut := range []bool{true, false} {
					k.runAndKillAt(a.request, carriedOut, "", k.on(a, 2)...)
					k.settle(fmt.Sprintf("%v, killed when its request came, carried out: %t", a.args, carriedOut))
				}
				for range max(killCount(t)/20, 1) {
					if k.runAndKill(time.Duration(k.rnd.Int64N(int64(whole))), "", k.on(a, 3)...) {
						n++
						k.settle(fmt.Sprintf("%v, killed at random", a.args))
					}
				}
			}
			t.Logf("killed %d times when the request came, %d times at random", 2*len(acts), n)
		})
	}
}

// settleSent brings the program in step after it ended in the middle of a send,
// and says whether it had kept the message, how often it was sent, and how the
// outbox still has it.
func (k *killed) settleSent(subject string) (kept bool, times int, left activesync.OpState) {
	k.t.Helper()
	_, ops := k.local()
	about := func(op activesync.Op) bool { return op.Send.Subject == subject }
	kept = slices.ContainsFunc(ops, about)
	k.run("", "sync", "--all")
	k.run("", "sync", "--all")
	here, ops := k.local()
	_, sent := k.remote(k.box)
	if i := slices.IndexFunc(ops, about); i >= 0 {
		left = ops[i].State
	}
	if _, listed := here[subject]; listed != (sent[subject] == 1) {
		k.t.Errorf("seed %d: %q is in Sent: %t, and was sent %d times", k.seed, subject, listed, sent[subject])
	}
	return kept, sent[subject], left
}

// letter is a message to be sent; every second one is so large that it is kept in
// a file.
func letter(subject string) string {
	text := "Text of " + subject + ".\r\n"
	if len(subject)%2 == 0 {
		text = strings.Repeat(text, 400<<10/len(text))
	}
	return "To: carol@example.test\r\nSubject: " + subject + "\r\n\r\n" + text
}

// noSpools holds that of messages that were sent nothing is left on the disk.
func (k *killed) noSpools() {
	k.t.Helper()
	left, ops := 0, 0
	err := filepath.WalkDir(k.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.Contains(path, ".outbox"+string(filepath.Separator)) {
			left++
		}
		return err
	})
	_, waiting := k.local()
	for _, op := range waiting {
		if op.Send.Spool != "" {
			ops++
		}
	}
	if err != nil || left != ops {
		k.t.Errorf("seed %d: %d large messages lie on the disk, %d wait; %v", k.seed, left, ops, err)
	}
}

// TestKilledWhileItSends: a message is sent once or, where that cannot be
// known, left to the person; never twice, and never lost.
func TestKilledWhileItSends(t *testing.T) {
	for _, v := range []activesync.Version{activesync.V121, activesync.V161} {
		t.Run(v.String(), func(t *testing.T) {
			k := newKilled(t, v)
			k.fresh()
			k.run("", "sync", "--all")
			began := time.Now()
			k.run(letter("undisturbed"), "send")
			whole := time.Since(began)
			// waits says whether a message that was not sent is left: to the person, or
			// to another look into Sent some minutes later.
			waits := func(s activesync.OpState) bool { return s == activesync.OpUncertain || s == activesync.OpSending }
			k.runAndKillAt("SendMail", true, letter("accepted"), "send")
			if kept, times, left := k.settleSent("accepted"); !kept || times != 1 || left != "" {
				t.Errorf("accepted, the answer lost: kept %t, sent %d times, in the outbox %q", kept, times, left)
			}
			for n := range max(killCount(t)/4, 5) {
				subject := fmt.Sprintf("random %d", n)
				if !k.runAndKill(time.Duration(k.rnd.Int64N(int64(whole))), letter(subject), "send") {
					continue
				}
				if kept, times, left := k.settleSent(subject); times > 1 || kept && times == 0 && !waits(left) || times == 1 && left != "" {
					t.Errorf("seed %d, kill %d: kept %t, sent %d times, in the outbox %q", k.seed, n, kept, times, left)
				}
			}
			k.runAndKillAt("SendMail", false, letter("never came"), "send")
			if kept, times, left := k.settleSent("never came"); !kept || times != 0 || !waits(left) {
				t.Errorf("the request never came: kept %t, sent %d times, in the outbox %q; want that it waits", kept, times, left)
			}
			k.noSpools()
		})
	}
}
