package server

import (
	"slices"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

// maxPingFolders is how many folders one Ping may name.
const maxPingFolders = 300

// ping waits until something changes in the folders (MS-ASCMD 2.2.1.13). The
// caller holds the mailbox's mu, which is let go while it waits.
func (x *exchange) ping() *reply {
	var req wire.PingRequest
	if x.root != nil && x.decode(&req) != nil {
		return document(&wire.PingResponse{Status: 4})
	}
	d := x.d
	if len(req.Folders) > 0 {
		d.pingFolders = nil
		for _, f := range req.Folders {
			if slices.Contains(d.pingFolders, f.ID) || !x.pings(f.Class) {
				return document(&wire.PingResponse{Status: 4})
			}
			d.pingFolders = append(d.pingFolders, f.ID)
		}
	}
	if req.HeartbeatInterval > 0 {
		d.pingBeat = req.HeartbeatInterval
	}
	x.Collections = slices.Clone(d.pingFolders)
	beat := time.Duration(d.pingBeat) * time.Second
	switch {
	case len(d.pingFolders) == 0 || beat == 0:
		return document(&wire.PingResponse{Status: 3})
	case len(d.pingFolders) > maxPingFolders:
		return document(&wire.PingResponse{Status: 6, MaxFolders: maxPingFolders})
	case beat < x.s.cfg.MinHeartbeat:
		return document(&wire.PingResponse{Status: 5, HeartbeatInterval: int(x.s.cfg.MinHeartbeat / time.Second)})
	case beat > x.s.cfg.MaxHeartbeat:
		return document(&wire.PingResponse{Status: 5, HeartbeatInterval: int(x.s.cfg.MaxHeartbeat / time.Second)})
	}
	d.pinged = time.Now()
	turn := x.turn("Ping")
	for _, id := range d.pingFolders {
		if f := x.folderNamed(id); f != nil && x.stuck(f) {
			x.pause(stuckPing)
			break
		}
	}
	timer := time.NewTimer(beat)
	defer timer.Stop()
	for {
		if rep := x.pingAnswer(x.Collections); rep != nil {
			return rep
		}
		if x.wait(turn, timer.C) {
			return document(&wire.PingResponse{Status: 1})
		}
	}
}

// pings reports whether a class may be watched (MS-ASCMD 2.2.3.27.4).
func (x *exchange) pings(class activesync.Class) bool {
	switch class {
	case activesync.ClassEmail, activesync.ClassCalendar, activesync.ClassContacts, activesync.ClassTasks:
		return true
	}
	return class == activesync.ClassNotes && x.Version >= activesync.V140
}

// turn ends the wait of the device's last request of a command, and is closed
// when that of this one has to end.
func (x *exchange) turn(command string) <-chan struct{} {
	if last := x.d.waits[command]; last != nil {
		close(last)
	}
	turn := make(chan struct{})
	x.d.waits[command] = turn
	return turn
}

// wait lets go of the mailbox until something changes in it. It is over when
// the time is, when it is another request's turn or the client has gone.
func (x *exchange) wait(turn <-chan struct{}, timer <-chan time.Time) (over bool) {
	if x.m.changed == nil {
		x.m.changed = make(chan struct{})
	}
	changed := x.m.changed
	x.m.mu.Unlock()
	select {
	case <-changed:
	case <-timer:
		over = true
	case <-turn:
	case <-x.http.Context().Done():
		over = true
	}
	x.m.mu.Lock()
	select {
	case <-turn: // it may have come while the mailbox was waited for
		over = true
	default:
	}
	return over
}

// pause lets go of the mailbox for a while.
func (x *exchange) pause(d time.Duration) {
	x.m.mu.Unlock()
	defer x.m.mu.Lock()
	sleep(x.http.Context(), d)
}

func (x *exchange) pingAnswer(folders []activesync.ServerID) *reply {
	if x.mustWipe() {
		return x.mustEraseFirst()
	}
	if x.d.hierarchy == nil || x.hierarchyMoved() {
		return document(&wire.PingResponse{Status: 7})
	}
	var news []activesync.ServerID
	for _, id := range folders {
		f := x.folderNamed(id)
		if f == nil {
			return document(&wire.PingResponse{Status: 7})
		}
		if x.news(f) && !x.overlooks(f) || x.stuck(f) {
			news = append(news, id)
		}
	}
	if len(news) > 0 {
		return document(&wire.PingResponse{Status: 2, Folders: news})
	}
	return nil
}

// hierarchyMoved reports whether a FolderSync would tell the device something.
func (x *exchange) hierarchyMoved() bool {
	n := 0
	for id, f := range x.m.folders {
		if f.gone {
			continue
		}
		n++
		if rev, ok := x.d.hierarchy[id]; !ok || rev != f.rev {
			return true
		}
	}
	return n != len(x.d.hierarchy)
}
