package engine_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/client"
	"eas.example/securemail/activesync/engine"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wire"
	"eas.example/securemail/store"
	"eas.example/securemail/store/storetest"
)

// sim is one schedule: a server with a personality, a client that is killed and
// started anew, a person who does things, and what must have come of them.
type sim struct {
	t    *testing.T
	seed uint64
	// answering: the person answers mail, some of which has files. Without it the
	// schedules are those of before.
	answering bool
	r         *rand.Rand // of the schedule
	m         *rand.Rand // of what happens while a request is under way
	ctx       context.Context
	who       server.Personality
	v         activesync.Version
	server    *server.Server
	box       *server.Mailbox
	bob       *server.Mailbox // to whom the person writes
	plan      *server.Plan

	store   *store.Store
	mortal  *mortal
	engine  *engine.Engine
	stop    context.CancelFunc
	done    chan error
	account activesync.Account

	line          *line
	turns         *turns
	watcher       *watcher
	wrong         string // what the watcher saw first
	periodChanged atomic.Bool

	last     int                // number of the last message
	sends    map[string]*letter // by Message-ID
	answers  map[string]*answer // those of them that are about another message
	wishes   map[string]*wish   // by subject
	mass     *massRemoval
	poisoned map[string]bool // folders that a message has stopped
	trace    []string
	began    time.Time

	people   map[string]bool              // contacts and events that the person made, by name
	theirs   map[string]string            // what another device last made of one, which must stand
	outlived map[string]bool              // contacts and events that were deleted elsewhere while the person changed them
	mine     map[string]string            // what the person did, unless another device had a hand in it
	weeks    map[string]map[int]string    // how occurrences were left, by series and week
	ids      map[string]activesync.ItemID // of messages, as they were first seen here
	papers   map[string]*simDraft         // by text
	twins    map[string]bool              // subjects of which there are two messages
	doubles  map[string]bool              // those of them that are alike in all
	alikes   map[string]*alike            // how the person left these
	opened   map[activesync.ItemID]string // messages whose whole text was here

	reverting activesync.ItemID
	smartAt   time.Time           // when a request last named a message to answer
	stuck     activesync.ServerID // the server's own id of the folder of which no answer comes through

	mu     sync.Mutex
	hourly map[int]int          // requests by hour
	synced map[inOneSecond]bool // contacts and calendar
}

// letter is a message that the person sent.
type letter struct {
	op       activesync.OpID
	subject  string
	recalled bool // taken back while it could be
}

// wish is how the person left a message. It must come true on the server,
// unless someone else had a hand in it.
type wish struct {
	item    activesync.ItemID
	read    bool
	flag    activesync.FlagStatus
	folder  activesync.FolderID // 0: deleted
	from    activesync.FolderID // where it was when it was deleted
	touched bool                // by someone else
	copied  activesync.ItemID   // what the server told of it in its new folder before the move was confirmed
	anew    bool                // it was deleted before Deleted Items were here, and comes as another item
}

const simEndpoint = "https://mail.example.test/Microsoft-Server-ActiveSync"

func newSim(t *testing.T, seed uint64, answers bool) *sim {
	s := &sim{t: t, seed: seed, answering: answers, r: rand.New(rand.NewPCG(seed, 1)), m: rand.New(rand.NewPCG(seed, 2)), ctx: context.Background(), sends: map[string]*letter{}, answers: map[string]*answer{}, wishes: map[string]*wish{},
		poisoned: map[string]bool{}, hourly: map[int]int{}, people: map[string]bool{}, theirs: map[string]string{}, mine: map[string]string{}, weeks: map[string]map[int]string{}, ids: map[string]activesync.ItemID{}, twins: map[string]bool{}, doubles: map[string]bool{}, alikes: map[string]*alike{}, outlived: map[string]bool{},
		opened: map[activesync.ItemID]string{}, papers: map[string]*simDraft{}, synced: map[inOneSecond]bool{}, began: time.Now()}
	all, versions := server.Personalities(), activesync.Versions()
	s.who, s.v = all[seed%uint64(len(all))], versions[s.r.IntN(len(versions))]
	s.plan = server.NewPlan(seed, 0)
	cfg := server.Config{Versions: []activesync.Version{s.v}, Personality: s.who, OldestFirst: s.r.IntN(2) == 0, Fault: s.fault, Log: s.note}
	if s.r.IntN(3) == 0 {
		cfg.Window = 20
	}
	if s.r.IntN(2) == 0 {
		cfg.Policies = map[string]string{"DevicePasswordEnabled": "1"}
	}
	s.server = server.New(cfg)
	s.box = s.server.AddUser(testUser, testPassword, testEmail)
	s.bob = s.server.AddUser("bob", "builder", "bob@example.test")
	s.plan.Meanwhile(func(*server.Request) { s.folderEvent(s.m) })
	s.plan.Meanwhile(func(*server.Request) { s.deliver(s.m, 1) })
	s.box.AddFolder("Projects", activesync.FolderUserMail)
	s.deliver(s.r, 3+s.r.IntN(12))
	for range 4 {
		s.addPersonOrEvent("Contacts")
		s.addPersonOrEvent("Calendar")
	}
	s.draftElsewhere()
	s.turns = newTurns(seed)
	s.line = &line{next: s.server.Transport(), delay: s.turns.wait}
	s.watcher = newWatcher(s, s.line)
	s.store = storetest.OpenQuick(t)
	s.account = activesync.Account{ID: "a", Name: "Alice", Email: testEmail, Server: simEndpoint, User: testUser, Auth: "basic"}
	s.start(spared)
	return s
}

func (s *sim) say(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.write(format, args...)
}

func (s *sim) write(format string, args ...any) {
	s.trace = append(s.trace, fmt.Sprintf("%9s ", time.Since(s.began).Round(time.Millisecond))+fmt.Sprintf(format, args...))
}

// note looks at each request as the server sees it.
func (s *sim) note(q server.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hourly[int(time.Since(s.began)/time.Hour)]++
	if q.Command == "Sync" {
		for _, id := range q.Collections {
			s.synced[inOneSecond{bareFolder(id), time.Now().Unix()}] = true
		}
	}
	s.write("  %s %v %v → %d, %d bytes", q.Command, q.Collections, q.Keys, q.Status, q.Sent)
}

// bareFolder is the server's own id of a folder; see RenamesFolders.
func bareFolder(id activesync.ServerID) activesync.ServerID {
	bare, _, _ := strings.Cut(string(id), ".")
	return activesync.ServerID(bare)
}

// start begins a life of the client, which ends at d.
func (s *sim) start(d doom) {
	c, err := client.New(client.Config{Endpoint: simEndpoint, User: testUser, Password: testPassword, DeviceID: "simulation", DeviceType: "securemail",
		Transport: s.watcher})
	if err != nil {
		s.t.Fatal(err)
	}
	s.mortal = &mortal{Store: s.store, delay: s.turns.wait, say: s.say, applied: s.standsHere, opened: s.opens, named: s.named, doom: d}
	s.engine = engine.New(engine.Config{Account: s.account, Server: c, Store: s.mortal, Device: wire.DeviceInformation{Model: "securemail"},
		Log: slog.New(slog.DiscardHandler)})
	ctx, stop := context.WithCancel(s.ctx)
	s.stop, s.done = stop, make(chan error, 1)
	e, m, done := s.engine, s.mortal, s.done
	go func() {
		err := e.Run(ctx)
		if err != nil && !m.isDead() {
			err = fmt.Errorf("Run ended: %w", err)
		} else {
			err = nil
		}
		done <- err
	}()
	synctest.Wait()
}

// crash ends some lives of the client, each in the middle of whatever it does.
func (s *sim) crash() {
	s.mortal.dieAt(s.someDoom())
	for more := s.r.IntN(3); ; more-- {
		if s.r.IntN(2) == 0 {
			s.somethingToDo()
			s.moment()
		}
		s.engine.CheckNow()
		s.sleep(time.Duration(s.r.IntN(120)) * time.Second)
		s.end(true)
		if s.r.IntN(4) == 0 {
			storetest.Close(s.t, s.store)
			s.store = storetest.OpenAt(s.t, s.store.Path())
		}
		if s.r.IntN(2) == 0 {
			s.somethingToDo()
		}
		if more <= 0 {
			break
		}
		s.start(s.someDoom())
	}
	s.start(spared)
}

// someDoom is before what a life ends: any write, or one of the first answers
// that bring something; at times it ends by itself.
func (s *sim) someDoom() doom {
	d := spared
	switch s.r.IntN(4) {
	case 0:
		d.writes = s.r.IntN(12)
	case 1, 2:
		d.batches = s.r.IntN(4)
	}
	s.say("dies before %+v", d)
	return d
}

// somethingToDo gives the client something to fetch, or to carry out, or both.
func (s *sim) somethingToDo() {
	if s.r.IntN(3) > 0 {
		s.deliver(s.r, 1+s.r.IntN(3))
	}
	if s.r.IntN(2) == 0 {
		s.act()
	}
	if s.answering && s.r.IntN(4) == 0 {
		s.moment()
		s.answer()
	}
}

// end stops the client; killed, nothing is written on the way.
func (s *sim) end(killed bool) {
	if s.say("stopped, killed %v", killed); killed {
		s.mortal.kill()
	}
	s.stop()
	if err := <-s.done; err != nil {
		s.fail("%v", err)
	}
}

// sleep lets time pass.
func (s *sim) sleep(d time.Duration) {
	s.sleepFor(d)
	s.ticked()
}

// ticked lets each folder be looked at by itself.
func (s *sim) ticked() {
	s.unasked()
	s.shownAsLeft()
	fresh := false
	for _, f := range s.folders() {
		if f.Class != activesync.ClassNone && !f.AutoRefresh {
			o := f.FolderOptions
			o.AutoRefresh, o.Check = true, activesync.CheckPush
			if err := s.store.SetFolderOptions(s.ctx, f.ID, o); err != nil && !errors.Is(err, store.ErrNoFolder) {
				s.t.Fatal(err)
			}
			fresh = true
		}
	}
	if fresh {
		s.engine.Wake()
		s.moment()
	}
}

func (s *sim) folders() []activesync.Folder {
	s.t.Helper()
	all, err := s.store.Folders(s.ctx, s.account.ID)
	if err != nil {
		s.fail("folders: %v", err)
	}
	return all
}

// fail ends the schedule with all that happened.
func (s *sim) fail(format string, args ...any) {
	s.t.Helper()
	s.stop() // what runs on would hide why
	tail := s.trace
	const most = 400
	if len(tail) > most {
		tail = tail[len(tail)-most:]
	}
	s.t.Fatalf("seed %d, %s, %v: %s\nfaults %v\n%s", s.seed, s.who.Name, s.v, fmt.Sprintf(format, args...), s.plan.Counts(), strings.Join(tail, "\n"))
}
