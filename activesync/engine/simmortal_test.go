package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/engine"
)

// mortal is a store that dies: from then on nothing is written, as when the
// process is killed.
type mortal struct {
	engine.Store
	delay   func(context.Context) // before each write
	say     func(format string, args ...any)
	applied func()                                    // after each batch
	opened  func(activesync.ItemID)                   // after each text that came whole
	named   func(*activesync.Outgoing, []byte) []byte // what was put together anew

	mu   sync.Mutex
	dead bool
	doom doom
}

// doom is before what a store dies: the write after so many, the batch of an
// answer after so many. Negative is never.
type doom struct{ writes, batches int }

var (
	spared    = doom{-1, -1}
	errKilled = errors.New("killed")
)

// kill ends it now.
func (m *mortal) kill() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dead = true
}

// dieAt has it end before a certain write.
func (m *mortal) dieAt(d doom) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.doom = d
}

func (m *mortal) isDead() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.dead
}

// write does a write while it lives.
func (m *mortal) write(ctx context.Context, do func() error) error {
	m.delay(ctx)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dead = m.dead || m.doom.writes == 0
	m.doom.writes--
	if m.dead {
		return errKilled
	}
	return do()
}

func (m *mortal) UpdateState(ctx context.Context, id activesync.AccountID, fn func(*activesync.AccountState) error) error {
	return m.write(ctx, func() error { return m.Store.UpdateState(ctx, id, fn) })
}

func (m *mortal) ApplyFolders(ctx context.Context, id activesync.AccountID, from, to activesync.SyncKey, changes []activesync.FolderChange) error {
	return m.write(ctx, func() error { return m.Store.ApplyFolders(ctx, id, from, to, changes) })
}

func (m *mortal) NoteFolder(ctx context.Context, id activesync.FolderID, at time.Time, problem string) error {
	return m.write(ctx, func() error { return m.Store.NoteFolder(ctx, id, at, problem) })
}

func (m *mortal) NoteInStep(ctx context.Context, at time.Time, folders ...activesync.FolderID) error {
	return m.write(ctx, func() error { return m.Store.NoteInStep(ctx, at, folders...) })
}

func (m *mortal) SetRequest(ctx context.Context, id activesync.FolderID, key activesync.SyncKey, request []byte, ops []activesync.OpID) error {
	return m.write(ctx, func() error { return m.Store.SetRequest(ctx, id, key, request, ops) })
}

func (m *mortal) SetFilter(ctx context.Context, id activesync.FolderID, filter int) error {
	return m.write(ctx, func() error { return m.Store.SetFilter(ctx, id, filter) })
}

func (m *mortal) Apply(ctx context.Context, b activesync.Batch) (out activesync.Applied, err error) {
	m.batch(b)
	err = m.write(ctx, func() error {
		out, err = m.Store.Apply(ctx, b)
		m.tell(b, out, err)
		if len(b.Items) > 0 {
			m.applied()
		}
		return err
	})
	return out, err
}

// batch counts those that bring something: between two of them is where a key and
// what came with it may part.
func (m *mortal) batch(b activesync.Batch) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(b.Items)+len(b.Done) == 0 && b.From == b.To {
		return
	}
	m.dead = m.dead || m.doom.batches == 0
	m.doom.batches--
}

// tell writes down what a batch said and did.
func (m *mortal) tell(b activesync.Batch, out activesync.Applied, err error) {
	var items []string
	for _, c := range b.Items {
		line := fmt.Sprintf("%s%s", []string{"?", "+", "~", "-", "s"}[c.Kind], c.ServerID)
		if c.Message != nil {
			line += fmt.Sprintf("(%s read=%v/%v)", c.Message.Subject, c.Message.Read, c.Message.Fields&activesync.HasRead != 0)
		}
		items = append(items, line)
	}
	m.say("    folder %v %s→%s in step %v: %v, done %v, failed %v, dropped %v, %v", b.Folder, b.From, b.To, b.InStep, items, b.Done, b.Failed, out.Dropped, err)
}

func (m *mortal) Reset(ctx context.Context, id activesync.FolderID) error {
	return m.write(ctx, func() error {
		m.say("    folder %v starts anew", id)
		return m.Store.Reset(ctx, id)
	})
}

func (m *mortal) SetOp(ctx context.Context, ops ...activesync.Op) error {
	return m.write(ctx, func() error { return m.Store.SetOp(ctx, ops...) })
}

func (m *mortal) FinishOp(ctx context.Context, id activesync.OpID, name activesync.ServerID) error {
	return m.write(ctx, func() error {
		m.say("    record %v is done, %q", id, name)
		return m.Store.FinishOp(ctx, id, name)
	})
}

func (m *mortal) FinishMove(ctx context.Context, id activesync.OpID, name activesync.ServerID) error {
	return m.write(ctx, func() error {
		m.say("    move %v is done, %q", id, name)
		return m.Store.FinishMove(ctx, id, name)
	})
}

func (m *mortal) PutHeads(ctx context.Context, heads map[activesync.ItemID]activesync.Head) error {
	return m.write(ctx, func() error { return m.Store.PutHeads(ctx, heads) })
}

func (m *mortal) PutBody(ctx context.Context, id activesync.ItemID, b activesync.Body, files []activesync.Attachment) error {
	return m.write(ctx, func() error {
		err := m.Store.PutBody(ctx, id, b, files)
		if err == nil {
			m.opened(id)
		}
		return err
	})
}

func (m *mortal) NoteDraft(ctx context.Context, id activesync.OpID, d activesync.Draft, files []string) error {
	return m.write(ctx, func() error { return m.Store.NoteDraft(ctx, id, d, files) })
}

func (m *mortal) WriteDrafts(ctx context.Context, id activesync.AccountID) error {
	return m.write(ctx, func() error { return m.Store.WriteDrafts(ctx, id) })
}

func (m *mortal) RevertOp(ctx context.Context, id activesync.OpID) error {
	return m.write(ctx, func() error { return m.Store.RevertOp(ctx, id) })
}

func (m *mortal) QueueInstead(ctx context.Context, id activesync.OpID, send activesync.Op, mime []byte) (out activesync.OpID, err error) {
	err = m.write(ctx, func() error {
		out, err = m.Store.QueueInstead(ctx, id, send, mime)
		return err
	})
	return out, err
}

func (m *mortal) ReplaceMIME(ctx context.Context, op activesync.Op, write func(io.Writer) error) error {
	var mime bytes.Buffer // what is missing is fetched, which is no part of the write
	if err := write(&mime); err != nil {
		return err
	}
	whole := m.named(op.Send, mime.Bytes())
	return m.write(ctx, func() error {
		return m.Store.ReplaceMIME(ctx, op, func(w io.Writer) error { _, err := w.Write(whole); return err })
	})
}
