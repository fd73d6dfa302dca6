package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"eas.example/securemail/activesync"
	"eas.example/securemail/store/sealfile"
)

// smallMail is how large a message may be, in bytes, that lies in the store
// itself. A larger one is a file beside it, and never whole in memory.
const smallMail = 256 << 10

// spool is a message on its way into the journal.
type spool struct {
	s     *Store
	dir   string
	small bytes.Buffer
	file  *sealfile.Writer // nil as long as it is small
	name  string           // of the file
	size  int64
}

// smallSpool is a message that is in memory as it is.
func smallSpool(mime []byte) *spool {
	return &spool{small: *bytes.NewBuffer(mime), size: int64(len(mime))}
}

// spoolDir holds the messages of an account that are files.
func (s *Store) spoolDir(account name) string {
	return filepath.Join(s.outboxDir(), hex.EncodeToString(account[:]))
}

// outboxDir holds those of all accounts.
func (s *Store) outboxDir() string {
	return strings.TrimSuffix(s.path, filepath.Ext(s.path)) + ".outbox"
}

// spoolMail has a message written, and on the disk where it is large. The caller
// calls drop where it is not made part of a record.
func (s *Store) spoolMail(ctx context.Context, id activesync.AccountID, write func(io.Writer) error) (*spool, error) {
	p := &spool{s: s, dir: s.spoolDir(s.sealer.name("account", string(id)))}
	err := write(&untilDone{ctx, p})
	if err == nil && p.file != nil {
		if err = p.file.Finish(); err == nil {
			err = syncDir(p.dir)
		}
	}
	if err != nil {
		p.drop()
		return nil, classify(err)
	}
	return p, nil
}

// untilDone passes on what is written as long as ctx lasts.
type untilDone struct {
	ctx context.Context
	w   io.Writer
}

func (u *untilDone) Write(b []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.w.Write(b)
}

func (p *spool) Write(b []byte) (int, error) {
	p.size += int64(len(b))
	if p.file == nil && p.size <= smallMail {
		return p.small.Write(b)
	}
	if p.file == nil {
		if err := p.begin(); err != nil {
			return 0, classify(err)
		}
	}
	n, err := p.file.Write(b)
	return n, classify(err)
}

// begin goes over to a file.
func (p *spool) begin() error {
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return err
	}
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails
	p.name = hex.EncodeToString(random[:])
	var err error
	if p.file, err = sealfile.Append(p.path(), p.s.sealer.files); err != nil {
		return err
	}
	_, err = p.file.Write(p.small.Bytes())
	p.small = bytes.Buffer{}
	return err
}

func (p *spool) path() string { return filepath.Join(p.dir, p.name) }

// drop removes what no record refers to.
func (p *spool) drop() {
	if p.file == nil {
		return
	}
	_ = p.file.Close()
	// What stays costs room until the store is opened anew.
	_ = errors.Join(removeFile(p.path()), removeFile(p.path()+sealfile.PartSuffix))
}

// fill notes in a record where its message is.
func (p *spool) fill(op *activesync.Op) {
	out := *op.Send
	out.Size, out.Spool = p.size, p.name
	op.Send = &out
}

// putMail makes a message that of a record, in place of the one it had.
func (a *account) putMail(op *activesync.Op, p *spool) error {
	key := idKey(uint64(op.ID))
	if err := a.dropMail(op); err != nil {
		return err
	}
	p.fill(op)
	if err := a.putOp(op); err != nil || p.file != nil {
		return err
	}
	return a.putPacked(inMIME, key, p.small.Bytes())
}

// dropMail forgets the message of a record; its file goes with the commit.
func (a *account) dropMail(op *activesync.Op) error {
	if op.Send != nil && op.Send.Spool != "" {
		path := filepath.Join(a.t.s.spoolDir(a.name), op.Send.Spool)
		a.t.tx.OnCommit(func() { _ = removeFile(path) }) // what stays costs room until the store is opened anew
	}
	return a.in(inMIME).Delete(idKey(uint64(op.ID)))
}

// OpMIME is the message of a record that sends one.
func (s *Store) OpMIME(ctx context.Context, id activesync.OpID) (activesync.FileReader, error) {
	var out activesync.FileReader
	err := s.view(ctx, func(t *txn) error {
		a, op, err := t.findOp(id)
		if err != nil {
			return err
		}
		if op.Send != nil && op.Send.Spool != "" {
			out, err = sealfile.Open(filepath.Join(s.spoolDir(a.name), op.Send.Spool), s.sealer.files)
			return err
		}
		b, err := a.unpacked(inMIME, idKey(uint64(id)))
		if err == nil && b == nil {
			err = ErrNoOp
		}
		out = inMemory{bytes.NewReader(b)}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read message of record %s: %w", id, err)
	}
	return out, nil
}

// inMemory is content that is no file.
type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error { return nil }

// ReplaceMIME writes the message of a record anew while nothing is being sent.
// write may also change op.Send, of which all but Size and Spool is kept.
func (s *Store) ReplaceMIME(ctx context.Context, op activesync.Op, write func(io.Writer) error) error {
	p, err := s.spoolMail(ctx, op.Account, write)
	if err == nil {
		err = s.changeOp(ctx, op.ID, func(a *account, have *activesync.Op) error {
			switch {
			case have.Send == nil:
				return ErrNoOp
			case have.State == activesync.OpSending:
				return ErrUnderWay
			}
			spooled := have.Send.Spool
			out := *op.Send
			out.Spool = spooled // what it has now goes
			have.Send = &out
			return a.putMail(have, p)
		})
		if err != nil {
			p.drop()
		}
	}
	if err != nil {
		return fmt.Errorf("write message of record %s: %w", op.ID, err)
	}
	return nil
}

// sweepSpools removes messages of which no record tells: a crash left them. The
// caller holds the lock of the store.
func (s *Store) sweepSpools(ctx context.Context) error {
	found, err := os.ReadDir(s.outboxDir())
	if errors.Is(err, fs.ErrNotExist) || len(found) == 0 && err == nil {
		return nil
	}
	if err != nil {
		return classify(err)
	}
	used := map[string]bool{}
	err = s.view(ctx, func(t *txn) (problem error) {
		t.each(func(a *account) bool {
			var ops []activesync.Op
			if ops, problem = a.journal(); problem != nil {
				return true
			}
			for i := range ops {
				if out := ops[i].Send; out != nil && out.Spool != "" {
					used[filepath.Join(s.spoolDir(a.name), out.Spool)] = true
				}
			}
			return false
		})
		return problem
	})
	if err != nil {
		return err // a journal that cannot be read may tell of any of them
	}
	return filepath.WalkDir(s.outboxDir(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || used[path] {
			return classify(err)
		}
		return removeFile(path)
	})
}

// unspooled are the records, of those that ids name, whose files are missing.
// A record that has ended meanwhile is no fault.
func (s *Store) unspooled(ctx context.Context, ids []activesync.OpID) (problem error) {
	for _, id := range ids {
		r, err := s.OpMIME(ctx, id)
		switch {
		case errors.Is(err, ErrNoOp):
		case err != nil:
			problem = errors.Join(problem, fmt.Errorf("record %s: its message is missing: %w", id, err))
		default:
			problem = errors.Join(problem, r.Close())
		}
	}
	return problem
}
