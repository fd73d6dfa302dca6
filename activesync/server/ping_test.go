package server_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wire"
)

func (c *conn) ping(in *wire.PingRequest) (res wire.PingResponse, after time.Duration) {
	c.t.Helper()
	begin := time.Now()
	c.call("Ping", in, &res)
	return res, time.Since(begin)
}

func watch(beat int, ids ...activesync.ServerID) *wire.PingRequest {
	in := &wire.PingRequest{HeartbeatInterval: beat}
	for _, id := range ids {
		in.Folders = append(in.Folders, wire.PingFolder{ID: id, Class: mail})
	}
	return in
}

func TestPing(t *testing.T) {
	for _, v := range activesync.Versions() {
		t.Run(v.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newConn(t, v, server.Config{})
				ids := c.folders()
				inbox, archive := ids["Inbox"], ids["Archive"]
				key := c.prime(inbox, mail)
				c.prime(archive, mail)
				if res, after := c.ping(watch(600, inbox, archive)); res.Status != 1 || after != 600*time.Second {
					t.Errorf("nothing happens: status %d after %v", res.Status, after)
				}
				time.AfterFunc(90*time.Second, func() { c.deliver("Inbox", "hello", time.Now()) })
				// The server remembers what to watch, and for how long.
				if res, after := c.ping(&wire.PingRequest{}); res.Status != 2 || after != 90*time.Second || !slices.Equal(res.Folders, []activesync.ServerID{inbox}) {
					t.Errorf("new mail: %+v after %v", res, after)
				}
				if res, after := c.ping(&wire.PingRequest{}); res.Status != 2 || after != 0 {
					t.Errorf("before Sync: status %d after %v", res.Status, after)
				}
				c.sync(c.collection(inbox, key, mail))
				time.AfterFunc(time.Minute, func() { c.deliver("Junk Email", "elsewhere", time.Now()) })
				time.AfterFunc(2*time.Minute, func() { c.box.AddFolder("New", activesync.FolderUserMail) })
				if res, after := c.ping(&wire.PingRequest{}); res.Status != 7 || after != 2*time.Minute {
					t.Errorf("a new folder: status %d after %v", res.Status, after)
				}
			})
		})
	}
}

func TestPingsThatAreRefused(t *testing.T) {
	versions(t, server.Config{MinHeartbeat: 2 * time.Minute, MaxHeartbeat: 10 * time.Minute}, func(t *testing.T, c *conn) {
		inbox := c.folders()["Inbox"]
		var many []activesync.ServerID
		for i := range 301 {
			many = append(many, inbox+activesync.ServerID(rune('a'+i)))
		}
		if res, _ := c.ping(&wire.PingRequest{}); res.Status != 3 {
			t.Errorf("nothing is known: status %d", res.Status)
		}
		if res, _ := c.ping(watch(119, inbox)); res.Status != 5 || res.HeartbeatInterval != 120 {
			t.Errorf("too short: %+v", res)
		}
		if res, _ := c.ping(watch(601, inbox)); res.Status != 5 || res.HeartbeatInterval != 600 {
			t.Errorf("too long: %+v", res)
		}
		if res, _ := c.ping(watch(300, many...)); res.Status != 6 || res.MaxFolders != 300 {
			t.Errorf("too many: %+v", res)
		}
		if res, _ := c.ping(watch(300, inbox, inbox)); res.Status != 4 {
			t.Errorf("twice: status %d", res.Status)
		}
		for class, want := range map[activesync.Class]int{"SMS": 4, "": 4, activesync.ClassNotes: map[bool]int{true: 4, false: 2}[c.v < activesync.V140]} {
			if res, _ := c.ping(&wire.PingRequest{HeartbeatInterval: 300, Folders: []wire.PingFolder{{ID: inbox, Class: class}}}); res.Status != want {
				t.Errorf("class %q: status %d, want %d", class, res.Status, want)
			}
		}
		if res, _ := c.ping(watch(300, "99")); res.Status != 7 {
			t.Errorf("no such folder: status %d", res.Status)
		}
	})
}

// A device that asks anew has given up the Ping before: that one ends.
func TestNewPingEndsTheOldOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newConn(t, activesync.V161, server.Config{})
		inbox := c.folders()["Inbox"]
		c.prime(inbox, mail)
		ended := make(chan time.Duration)
		go func() {
			_, after := c.ping(watch(600, inbox))
			ended <- after
		}()
		synctest.Wait()
		time.Sleep(time.Minute)
		go func() {
			_, after := c.ping(watch(600, inbox))
			ended <- after
		}()
		if first, second := <-ended, <-ended; first != time.Minute || second != 10*time.Minute {
			t.Errorf("the first ended after %v, the second after %v", first, second)
		}
	})
}
