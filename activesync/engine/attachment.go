package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"syscall"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

const (
	// rangeStep is how much of a file is asked for at once where it is gone on with.
	rangeStep = 64 << 20
	// maxCuts is how often in a row a connection may break before a byte came.
	maxCuts = 3
	// cutPause is how long a connection that broke is left alone, the first time.
	cutPause = time.Second
	// mostUnannounced is how much is taken of a file of which the message did not
	// say that it is so large: no more is kept of all together.
	mostUnannounced = 2 << 30
	// estimateTimes and estimateSlack are how far the size that the server tells may
	// be off: it is an estimate (MS-ASAIRS 2.2.2.24), and some count otherwise.
	estimateTimes, estimateSlack = 4, 16 << 20
)

// errEndless: more of a file came than it can be.
var errEndless = errors.New("far more came than the server announced")

// Attachment is attachment n, counted from 0, of a message. What is not here yet
// is fetched; progress, where it is not nil, is told how much is there of how
// much there is about. What is cut off is gone on with, by the next call too.
// What the server's policies forbid is refused.
//
// Files do not come in the lane: nobody has to wait for a large one.
func (e *Engine) Attachment(ctx context.Context, id activesync.ItemID, n int, progress func(done, total int64)) (activesync.FileReader, error) {
	m, err := e.store.Message(ctx, id)
	if err != nil {
		return nil, err
	}
	if n < 0 || n >= len(m.Attachments) {
		return nil, fmt.Errorf("%w: the message has %d attachments", activesync.ErrNotFound, len(m.Attachments))
	}
	a := m.Attachments[n]
	if err := e.allowed(ctx, a.Size); err != nil {
		return nil, err
	}
	leave, err := e.fetches.enter(ctx, id.String()+" "+a.FileReference)
	if err != nil {
		return nil, err
	}
	defer leave()
	if r, err := e.store.File(ctx, id, a.FileReference); err == nil {
		if err := e.allowed(ctx, r.Size()); err != nil {
			return nil, errors.Join(err, r.Close())
		}
		return r, nil
	}
	if progress == nil {
		progress = func(int64, int64) {}
	}
	if err := e.verify(ctx, id); err != nil { // the reference is made of the name
		return nil, fmt.Errorf("fetch the attachment: %w", err)
	}
	f, err := e.store.KeepFile(ctx, id, a.FileReference)
	if err != nil {
		return nil, err
	}
	d := &download{e: e, item: id, attachment: a, file: f, total: a.Size, progress: progress}
	if d.most, err = e.largestAttachment(ctx); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if err := d.run(ctx); err != nil {
		let := f.Close
		if hopeless(err) {
			let = f.Discard
		}
		return nil, fmt.Errorf("fetch the attachment: %w", errors.Join(err, let()))
	}
	return e.store.File(ctx, id, a.FileReference)
}

// download is an attachment on its way here.
type download struct {
	e          *Engine
	item       activesync.ItemID
	attachment activesync.Attachment
	file       activesync.FileWriter
	total      int64 // estimated, until the server says it
	exact      bool  // total is what the server says
	most       int64 // that the policies allow, 0 for no limit
	progress   func(done, total int64)
	told       time.Time
}

func (d *download) run(ctx context.Context) error {
	d.tell()
	for cuts := 0; ; {
		from := d.file.Size()
		err := d.e.beside(ctx, d.fetch)
		switch {
		case err == nil && (!d.exact || d.file.Size() >= d.total):
			return d.finish(ctx)
		case err == nil && d.file.Size() > from:
			cuts = 0
			continue
		case err == nil:
			return fmt.Errorf("%w: the server gives no more of it", activesync.ErrTruncated)
		case ctx.Err() != nil:
			return ctx.Err()
		case outOfRange(err) && from > 0:
			if err := d.file.Restart(); err != nil {
				return err
			}
			d.exact = false
			cuts++
		case !errors.Is(err, activesync.ErrTruncated) && !errors.Is(err, activesync.ErrUnreachable) && !errors.Is(err, activesync.ErrBusy):
			return err
		case d.file.Size() > from:
			cuts = 0
		default:
			cuts++
		}
		if cuts >= maxCuts {
			return err
		}
		d.e.log.Info("attachment cut off", "have", d.file.Size(), "error", err)
		if !sleepFor(ctx, cutPause<<cuts) {
			return ctx.Err()
		}
	}
}

// finish keeps the file. SOGo gives an empty one where the message is gone, so then
// that is made sure of.
func (d *download) finish(ctx context.Context) error {
	if d.file.Size() == 0 && d.attachment.Size > 0 {
		if err := d.e.present(ctx, d.item); err != nil {
			return err
		}
	}
	d.total = d.file.Size()
	d.tell()
	return d.file.Finish()
}

// fetch asks for what is missing, all of it in the beginning.
func (d *download) fetch(ctx context.Context) error {
	return d.e.server.FetchRange(ctx, d.attachment.FileReference, d.file.Size(), rangeStep, func(p wire.FilePart) (io.Writer, error) {
		if p.From != d.file.Size() { // it takes no notice of a Range
			if err := d.file.Restart(); err != nil {
				return nil, err
			}
			if p.From != 0 {
				return nil, fmt.Errorf("%w: the server gives another part of the file", activesync.ErrRejected)
			}
		}
		if d.exact = p.Total >= 0; d.exact {
			d.total = p.Total
		}
		return &arriving{d, ctx}, nil
	})
}

// outOfRange reports that the server has not what is asked for of a file
// (MS-ASCMD 2.2.3.177.9).
func outOfRange(err error) bool {
	s, ok := errors.AsType[*activesync.StatusError](err)
	return ok && s.Command == "ItemOperations" && s.Code == 8
}

// arriving is where a file goes while it comes in.
type arriving struct {
	d   *download
	ctx context.Context
}

func (w *arriving) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	d := w.d
	if d.most > 0 && (d.file.Size()+int64(len(p)) > d.most || d.exact && d.total > d.most) {
		return 0, tooLarge(d.most)
	}
	if bound := d.bound(); d.file.Size()+int64(len(p)) > bound {
		return 0, fmt.Errorf("%w: it was stopped after %d bytes of %d; try again, and tell those who run the server if it stays so", errEndless, d.file.Size(), d.total)
	}
	n, err := d.file.Write(p)
	if err == nil && time.Since(d.told) > tellEach {
		d.tell()
	}
	return n, err
}

// bound is how much is taken of a file: a server can go on without end.
func (d *download) bound() int64 {
	roomy := func(size int64) int64 { return estimateTimes*min(size, math.MaxInt64/8) + estimateSlack }
	if d.total <= 0 {
		return mostUnannounced
	}
	return max(roomy(d.attachment.Size), min(roomy(d.total), mostUnannounced))
}

// hopeless reports whether a file cannot be gone on with after an error: then what
// there is of it only takes room.
func hopeless(err error) bool {
	for _, e := range []error{errEndless, activesync.ErrPolicy, syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// tellEach is how often progress is told.
const tellEach = 100 * time.Millisecond

func (d *download) tell() {
	d.told = time.Now()
	d.progress(d.file.Size(), max(d.total, d.file.Size()))
}

// allowed reports as an error what the server's policies say against fetching an
// attachment of so many bytes.
func (e *Engine) allowed(ctx context.Context, size int64) error {
	most, err := e.largestAttachment(ctx)
	if err == nil && most > 0 && size > most {
		return tooLarge(most)
	}
	return err
}

// largestAttachment is how large an attachment may be, 0 for no limit; an error
// where none may be fetched.
func (e *Engine) largestAttachment(ctx context.Context) (int64, error) {
	account, err := e.state(ctx)
	if err != nil {
		return 0, err
	}
	p := e.limits(account)
	if err := p.AttachmentsError(); err != nil {
		return 0, err
	}
	return p.MaxAttachmentSize(), nil
}

func tooLarge(most int64) error {
	return fmt.Errorf("%w: your organisation allows attachments of at most %d bytes (MaxAttachmentSize)", activesync.ErrPolicy, most)
}
