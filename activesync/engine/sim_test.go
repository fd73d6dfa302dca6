package engine_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/server"
)

// How many schedules are played, from which seed on, and how long they are. The
// environment may ask for others.
const (
	simCount = 300
	simSeed  = 1
	simSteps = 10
)

// maxHourly is how many requests an hour may cost in which nothing goes wrong
// and nobody does anything; with all its faults a busy one may cost maxBusy.
const (
	maxHourly = 150
	maxBusy   = 2500
)

func fromEnvironment(t *testing.T, name string, otherwise uint64) uint64 {
	s := os.Getenv(name)
	if s == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// Whatever happens, in whatever order, on whatever server: when it is over,
// what is here equals what is there, each message was sent once, and what the
// person wanted has come true or is kept for them with a reason.
// SECUREMAIL_SIM_COUNT, SECUREMAIL_SIM_SEED and SECUREMAIL_SIM_STEPS say how
// many schedules are played, which, and how long they are; with SECUREMAIL_SIM_TRACE=DIR
// all that happens in each is written into a file of DIR.
func TestSimulation(t *testing.T) {
	simulate(t, fromEnvironment(t, "SECUREMAIL_SIM_COUNT", simCount), false)
}

// The same, with a person who answers mail and passes it on besides: of each ten
// schedules of the other, one of these.
func TestSimulationOfAnswers(t *testing.T) {
	simulate(t, max(fromEnvironment(t, "SECUREMAIL_SIM_COUNT", simCount)/10, 1), true)
}

func simulate(t *testing.T, count uint64, answers bool) {
	first := fromEnvironment(t, "SECUREMAIL_SIM_SEED", simSeed)
	steps := fromEnvironment(t, "SECUREMAIL_SIM_STEPS", simSteps)
	t.Logf("%d schedules of %d steps from seed %d on", count, steps, first)
	var mu sync.Mutex
	unclear, busiest := map[string]int{}, map[string]int{}
	t.Run("seed", func(t *testing.T) { // ends when all have ended
		for seed := first; seed < first+count; seed++ {
			t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := newSim(t, seed, answers)
					s.play(steps)
					mu.Lock()
					defer mu.Unlock()
					unclear[s.who.Name] += s.unclear()
					busiest[s.who.Name] = max(busiest[s.who.Name], s.busiest())
				})
			})
		}
	})
	t.Logf("messages that may have been sent: %v", unclear)
	t.Logf("requests in the busiest hour: %v", busiest)
}

// A schedule that fails must fail again, on any machine: else what it shows
// cannot be looked into.
func TestSimulationIsTheSameAgain(t *testing.T) {
	const schedules, times = 12, 2
	var traces [schedules][times]string
	t.Run("seed", func(t *testing.T) {
		for i := range schedules * times {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := newSim(t, uint64(simSeed+i/times), i%(2*times) < times)
					s.play(simSteps)
					traces[i/times][i%times] = strings.Join(s.trace, "\n")
				})
			})
		}
	})
	for i, both := range traces {
		if both[0] != both[1] {
			a, b := strings.Split(both[0], "\n"), strings.Split(both[1], "\n")
			n := 0
			for n < min(len(a), len(b))-1 && a[n] == b[n] {
				n++
			}
			t.Errorf("seed %d was played twice; the first difference:\n%s\n%s", simSeed+i, a[n], b[n])
		}
	}
}

func (s *sim) play(steps uint64) {
	for range steps {
		s.step()
	}
	s.say("all is well from now on")
	s.plan.SetRate(0)
	if s.r.IntN(2) == 0 {
		s.cure()
	}
	s.periods(activesync.PeriodAll)
	s.engine.Resume()
	s.sleep(time.Hour)
	if s.answering {
		s.answerInPeace()
	}
	s.engine.Resume() // what was left waiting on a long pause
	s.sleep(35 * time.Minute)
	s.bounded()
	s.end(false)
	if s.wrong != "" {
		s.fail("%s", s.wrong)
	}
	s.findPoison()
	s.stillThere()
	s.equal()
	s.equalPeople()
	s.draftsStand()
	s.sentOnce()
	s.answersStand()
	s.wishesCameTrue()
	s.alikesStand()
	synctest.Wait()
	if dir := os.Getenv("SECUREMAIL_SIM_TRACE"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, strconv.FormatUint(s.seed, 10)), []byte(strings.Join(s.trace, "\n")+"\n"), 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
}

// bounded looks at the requests of each hour so far, and of half an hour more
// in which nothing happens.
func (s *sim) bounded() {
	if n := s.busiest(); n > maxBusy {
		s.fail("%d requests in an hour", n)
	}
	before := s.requests()
	s.sleep(30 * time.Minute)
	if n := s.requests() - before; n > maxHourly/2 {
		s.fail("%d requests in a quiet half hour", n)
	}
}

// requests is how many there were so far.
func (s *sim) requests() (total int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.hourly {
		total += n
	}
	return total
}

// busiest is how many there were in the hour that had most.
func (s *sim) busiest() (most int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.hourly {
		most = max(most, n)
	}
	return most
}

// paths are those of the folders here.
func (s *sim) paths() map[activesync.FolderID]string {
	out := map[activesync.FolderID]string{}
	for _, f := range s.folders() {
		out[f.ID] = f.Name
		if f.Parent != 0 {
			out[f.ID] = out[f.Parent] + "/" + f.Name
		}
	}
	return out
}

// equal compares all folders and their mail.
func (s *sim) equal() {
	paths := s.paths()
	var here []string
	state, err := s.store.State(s.ctx, s.account.ID)
	if err != nil {
		s.fail("state: %v", err)
	}
	for _, f := range s.folders() {
		here = append(here, paths[f.ID])
		if f.Class != activesync.ClassEmail || f.Type == activesync.FolderOutbox || f.Type == activesync.FolderDrafts && state.Version < activesync.V160 ||
			s.poisoned[paths[f.ID]] {
			continue
		}
		s.equalFolder(f, paths[f.ID])
	}
	there := s.box.Folders()
	slices.Sort(here)
	slices.Sort(there)
	if !slices.Equal(here, there) {
		s.fail("the folders here are %v, there %v", here, there)
	}
}

func (s *sim) equalFolder(f activesync.Folder, path string) {
	items, err := s.box.Items(path)
	if err != nil {
		s.fail("folder %s: %v", path, err)
	}
	held, _ := s.parked()
	var want, got []string
	for _, it := range items {
		if name := nameOf(it.MIME); s.who.Muddles && strings.HasPrefix(name, "muddled") {
			want = append(want, unreadable)
		} else {
			want = append(want, fmt.Sprintf("%s read=%v flag=%d verb=%d", name, it.Read, it.Flag, s.told(it.Verb)))
		}
	}
	win, err := s.store.Window(s.ctx, f.ID, activesync.WindowQuery{Count: 100_000})
	if err != nil {
		s.fail("list of %s: %v", path, err)
	}
	for _, h := range win.Rows {
		if held[h.ID] || s.aside(h.ID) {
			continue
		}
		m, err := s.store.Message(s.ctx, h.ID)
		if err != nil {
			s.fail("message %v: %v", h.ID, err)
		}
		if m.Note != "" {
			got = append(got, unreadable)
			continue
		}
		name := s.nameHere(&h)
		got = append(got, fmt.Sprintf("%s read=%v flag=%d verb=%d", name, h.Read, h.Flag, h.Verb))
		if text := string(m.Body.Data); strings.HasPrefix(h.Subject, "m") && (!strings.Contains(text, h.Subject+".") || m.Body.Whole() && !strings.Contains(text, "End of "+h.Subject+".")) {
			s.fail("%s has the text %q", h.Subject, m.Body.Data)
		}
		if was, w := s.ids[name], s.wishes[name]; was != 0 && was != h.ID && !s.twins[h.Subject] && (w == nil || !w.touched && !w.anew) {
			s.fail("%s was item %v and is %v", name, was, h.ID)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) && !s.onlyHeld(want, got, held) {
		s.fail("%s differs\n here %v\nthere %v\nproblem %q", path, difference(got, want), difference(want, got), f.Problem)
	}
}

// unreadable stands for a message that the server cannot put into words.
const unreadable = "(unreadable)"

// onlyHeld reports whether lists differ in nothing but what is set aside.
func (s *sim) onlyHeld(want, got []string, held map[activesync.ItemID]bool) bool {
	aside := map[string]bool{}
	for id := range held {
		if h, err := s.store.Header(s.ctx, id); err == nil {
			aside[s.nameHere(&h)] = true
		}
	}
	for _, line := range slices.Concat(difference(got, want), difference(want, got)) {
		subject, _, _ := strings.Cut(line, " read=")
		if !aside[subject] {
			return false
		}
	}
	return true
}

// difference is what a has and b has not, as often as it has it.
func difference(a, b []string) (out []string) {
	n := map[string]int{}
	for _, s := range b {
		n[s]++
	}
	for _, s := range a {
		if n[s]--; n[s] < 0 {
			out = append(out, s)
		}
	}
	return out
}

// arrived counts the messages that came to Bob.
func (s *sim) arrived() map[string]int {
	items, err := s.bob.Items("Inbox")
	if err != nil {
		s.t.Fatal(err)
	}
	out := map[string]int{}
	for _, it := range items {
		out[written(message.MessageID(it.MIME))]++
	}
	return out
}

func (s *sim) sentOnce() {
	came := s.arrived()
	_, ops := s.parked()
	for id, l := range s.sends {
		state, left := ops[l.op]
		a := s.answers[id]
		switch n := came[id]; {
		case left && state == activesync.OpParked && a != nil && !a.left:
			s.fail("%s lacks nothing, and is set aside", id)
		case n > 1:
			s.fail("%s was sent %d times", id, n)
		case l.recalled && n > 0:
			s.fail("%s was sent although it was taken back", id)
		case n == 0 && !l.recalled && !left:
			s.fail("%s was never sent, and is nowhere", id)
		case n == 1 && left && state == activesync.OpParked:
			s.fail("%s was sent, and is said to have been refused", id)
		}
	}
}

// unclear counts the messages of which the person is told that they may have
// been sent.
func (s *sim) unclear() (n int) {
	_, ops := s.parked()
	for _, state := range ops {
		if state == activesync.OpUncertain {
			n++
		}
	}
	return n
}

// wishesCameTrue looks for each message as the person left it.
func (s *sim) wishesCameTrue() {
	paths := s.paths()
	type place struct {
		path string
		it   server.Stored
	}
	there := map[string][]place{}
	for _, path := range s.box.Folders() {
		items, err := s.box.Items(path)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, it := range items {
			there[nameOf(it.MIME)] = append(there[nameOf(it.MIME)], place{path, it})
		}
	}
	held, _ := s.parked()
	for subject, w := range s.wishes {
		at := there[subject]
		if len(at) > 1 {
			s.fail("%s is %d times on the server", subject, len(at))
		}
		if w.touched || held[w.item] || held[w.copied] || s.poisoned[paths[w.folder]] || s.poisoned[paths[w.from]] {
			continue
		}
		switch {
		case w.folder != 0 && paths[w.folder] == "": // it was given other ids and another name at once
		case w.folder == 0:
			if len(at) > 0 && at[0].path != "Deleted Items" {
				s.fail("%s was deleted, and lies in %s", subject, at[0].path)
			}
		case len(at) == 0:
			s.fail("%s is gone; it was left in %s", subject, paths[w.folder])
		case at[0].path != paths[w.folder] || at[0].it.Read != w.read || at[0].it.Flag != w.flag:
			s.fail("%s was left in %s, read %v, flag %d; it is in %s, read %v, flag %d", subject, paths[w.folder], w.read, w.flag, at[0].path, at[0].it.Read, at[0].it.Flag)
		}
	}
}
