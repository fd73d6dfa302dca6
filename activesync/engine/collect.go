package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

// maxRestarts is how often in a row a folder may start anew before it waits.
const maxRestarts = 3

// maxIdleWindows is how many windows in a row may announce more and bring
// nothing new before the folder is left for later.
const maxIdleWindows = 5

// errNothing: the server has no answer for a folder from the start. SOGo does
// so for a mailbox that only holds others, and where it cannot write what it has.
var errNothing = errors.New("the server gives nothing for this mailbox; it may only hold other mailboxes")

// collect brings one folder in step, window after window. progress, which may
// be nil, is called after each with the items so far, and between what is done
// between two of them.
func (e *Engine) collect(ctx context.Context, f activesync.Folder, progress func(done int), between ...func(context.Context) error) (activesync.Applied, error) {
	var total activesync.Applied
	idle, restarts, folderGone := 0, 0, 0
	if err := e.settleJoint(ctx); err != nil {
		return total, fmt.Errorf("sync %s: %w", f.Name, err)
	}
	for {
		step, err := e.collectWindow(ctx, f)
		switch {
		case errors.Is(err, activesync.ErrBadSyncKey):
			if restarts++; restarts > maxRestarts {
				return total, fmt.Errorf("sync %s: %w, again and again", f.Name, activesync.ErrBadSyncKey)
			}
			if rerr := e.startAnew(ctx, f.ID); rerr != nil {
				return total, rerr
			}
			continue
		case errors.Is(err, activesync.ErrFolderGone):
			if folderGone++; folderGone > 1 {
				return total, fmt.Errorf("sync %s: %w", f.Name, err)
			}
			if herr := e.syncHierarchy(ctx); herr != nil {
				return total, herr
			}
			if f, err = e.store.Folder(ctx, f.ID); err != nil {
				return total, nil // gone with its items
			}
			continue
		case err != nil:
			return total, fmt.Errorf("sync %s: %w", f.Name, err)
		}
		total.Added += step.applied.Added
		total.Updated += step.applied.Updated
		total.Removed += step.applied.Removed
		if progress != nil {
			progress(total.Added + total.Updated)
		}
		if step.more && (step.items == 0 || !step.moved) {
			if idle++; idle > maxIdleWindows {
				return total, fmt.Errorf("sync %s: %w: it announces more and brings nothing", f.Name, activesync.ErrBusy)
			}
		} else {
			idle = 0
		}
		// The answer to a request that was repeated is as old as its first try.
		if step.inStep && !step.repeated {
			return total, e.inStep(ctx, f)
		}
		for _, do := range between {
			if err := do(ctx); err != nil {
				return total, err
			}
		}
	}
}

// window is what one Sync exchange brought.
type window struct {
	applied  activesync.Applied
	items    int
	more     bool
	moved    bool // the key changed
	inStep   bool
	repeated bool // the request had been sent before
}

// collectWindow does one Sync exchange of a folder and commits it.
func (e *Engine) collectWindow(ctx context.Context, f activesync.Folder) (win window, err error) {
	err = e.exchange(ctx, func(ctx context.Context) error {
		win, err = e.syncOnce(ctx, f)
		return err
	})
	return win, err
}

func (e *Engine) syncOnce(ctx context.Context, f activesync.Folder) (window, error) {
	st, err := e.store.SyncState(ctx, f.ID)
	if err != nil {
		return window{}, err
	}
	account, err := e.state(ctx)
	if err != nil {
		return window{}, err
	}
	stage := stageOf(f, st, e.limits(account), account)
	stage.window = e.paceOf(f.ID).window(stage.window)
	body := st.Request
	// A request without commands whose answer was lost is repeated byte for
	// byte; the server recognises it and answers again (MS-ASCMD 3.1.5.9). One
	// with commands is not: what the server has is pulled first.
	if len(body) == 0 || len(st.RequestOps) > 0 || stage.stored != st.Filter {
		body, err = e.server.EncodeSync(pullRequest(f, st.Key, stage, account.Version))
		if err != nil {
			return window{}, fmt.Errorf("encode the request: %w", err)
		}
		if err := e.store.SetRequest(ctx, f.ID, st.Key, body, nil); err != nil {
			return window{}, err
		}
		if stage.stored != st.Filter {
			if err := e.store.SetFilter(ctx, f.ID, stage.stored); err != nil {
				return window{}, err
			}
		}
	}
	var win window
	answer, err := e.sendSync(ctx, body)
	if err == nil {
		win, err = e.commit(ctx, f, st, stage, answer)
		win.repeated = len(st.Request) > 0 && bytes.Equal(body, st.Request)
	}
	// Where the same bytes would fail again others are sent.
	serr := error(nil)
	if less := e.took(f.ID, err); less {
		serr = e.askLess(ctx, f, st, account)
	} else if errors.Is(err, activesync.ErrRejected) {
		serr = e.store.SetRequest(ctx, f.ID, st.Key, nil, nil)
	}
	if serr != nil {
		return window{}, serr
	}
	return win, err
}

// askLess puts a request for less in place of one whose answer breaks off. It is
// still one whose answer was lost: nothing is sent before it is answered.
func (e *Engine) askLess(ctx context.Context, f activesync.Folder, st activesync.SyncState, account activesync.AccountState) error {
	s := stageOf(f, st, e.limits(account), account)
	s.window = e.paceOf(f.ID).window(s.window)
	body, err := e.server.EncodeSync(pullRequest(f, st.Key, s, account.Version))
	if err != nil {
		return fmt.Errorf("encode the request: %w", err)
	}
	return e.store.SetRequest(ctx, f.ID, st.Key, body, nil)
}

// commit writes one answer to the store and tells of it.
func (e *Engine) commit(ctx context.Context, f activesync.Folder, st activesync.SyncState, stage stage, answer *wire.SyncResponse) (window, error) {
	b := activesync.Batch{Folder: f.ID, From: st.Key, To: st.Key}
	if !answer.Empty { // empty: nothing new, and the key stays (MS-ASCMD 2.2.1.21)
		c, ok := answer.Collection(f.ServerID)
		if !ok {
			return window{}, fmt.Errorf("%w: the answer is about another folder", activesync.ErrRejected)
		}
		if c.Status != 1 && c.Status != 0 {
			return window{}, &activesync.StatusError{Command: "Sync", Code: c.Status}
		}
		if c.SyncKey != "" {
			b.To = c.SyncKey
		}
		b.Items, b.More = e.itemChanges(f, c), c.MoreAvailable
	}
	// The first exchange of a folder only hands out a key.
	primed := st.Fresh()
	if primed && b.To == b.From {
		return window{}, errNothing // asked again it would say the same
	}
	ended := !b.More && !primed
	b.InStep, b.Brake = ended && stage.last, e.brake
	b.Announce = stage.news && !st.Resync && announces(f)
	if b.InStep && answer.Empty && (st.Resync || st.Awaits) {
		if err := e.trulyEmpty(ctx, f, st.Key, stage.filter&0xff); err != nil && st.Resync {
			return window{}, err
		} else if err != nil {
			b.Unsure = true
		}
	}
	win := window{items: len(b.Items), more: b.More, moved: b.To != b.From, inStep: b.InStep}
	var err error
	if win.applied, err = e.store.Apply(ctx, b); err != nil {
		return window{}, err
	}
	if ended && stage.after != stage.stored {
		if err := e.store.SetFilter(ctx, f.ID, stage.after); err != nil {
			return window{}, err
		}
	}
	e.forked(f, win.applied)
	if win.applied.Withheld > 0 {
		e.withheld(f, win.applied.Withheld)
	}
	if len(b.Items) > 0 {
		e.tell(activesync.Notice{Kind: activesync.NoticeFolder, Folder: f.ID})
	}
	if b.Announce {
		if err := e.arrived(ctx, len(win.applied.Arrived)); err != nil {
			return window{}, err
		}
		for _, h := range win.applied.Arrived {
			from := h.From
			e.tell(activesync.Notice{Kind: activesync.NoticeMailNew, Folder: f.ID, Item: h.ID, From: &from, Subject: h.Subject})
		}
	}
	return win, nil
}

// announces reports whether what arrives in the folder is new mail to the
// person: not what they wrote or threw away.
func announces(f activesync.Folder) bool {
	switch f.Type {
	case activesync.FolderSent, activesync.FolderDrafts, activesync.FolderDeleted, activesync.FolderOutbox:
		return false
	}
	return f.Class == activesync.ClassEmail
}

// itemChanges reads the items of an answer. One that cannot be read is kept
// with a note in place of what is missing, and does not stop the others.
func (e *Engine) itemChanges(f activesync.Folder, c *wire.SyncCollectionResponse) []activesync.ItemChange {
	changes, bad := c.Changes(f.Class)
	for id, err := range bad {
		e.log.Warn("item not understood", "folder", f.ID, "error", err, "idLength", len(id))
	}
	return changes
}
