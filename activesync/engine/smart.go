package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/wire"
)

// envelope is a message as it goes out: what is kept of it, below a header that may
// have changed since.
type envelope struct {
	head []byte
	kept activesync.FileReader
	from int64 // of what is kept, where the text begins
}

// envelope reads a message to be sent. A reply is tied to what it answers. The ids
// of a thread stand in the header of the source, which only its MIME has; where
// that cannot be had the message goes out without them rather than not at all.
func (e *Engine) envelope(ctx context.Context, op activesync.Op) (*envelope, error) {
	kept, err := e.store.OpMIME(ctx, op.ID)
	if err != nil {
		return nil, err
	}
	head, err := message.Head(io.NewSectionReader(kept, 0, kept.Size()))
	if err != nil {
		return nil, errors.Join(err, kept.Close())
	}
	l := &envelope{head: head, kept: kept, from: int64(len(head))}
	if !op.Send.Date.IsZero() {
		l.head = message.Redate(l.head, op.Send.Date)
	}
	if op.Send.Source == 0 || op.Send.Verb != activesync.VerbReply && op.Send.Verb != activesync.VerbReplyAll {
		return l, nil
	}
	source, err := e.fetchHead(ctx, op.Send.Source)
	if err != nil {
		e.log.Info("reply goes out without its thread", "op", op.ID, "error", err)
		return l, nil
	}
	l.head = append(message.Thread(l.head, source), l.head...)
	return l, nil
}

func (l *envelope) size() int64 { return int64(len(l.head)) + l.kept.Size() - l.from }

// mime gives the message from its start.
func (l *envelope) mime() io.Reader {
	return io.MultiReader(bytes.NewReader(l.head), io.NewSectionReader(l.kept, l.from, l.kept.Size()-l.from))
}

// smartSource is what the server has to know of the message that is answered or
// sent on, so that it marks it; nil where the server cannot, or would add its
// text to ours (before 14.0) where that is not wished for.
func (e *Engine) smartSource(ctx context.Context, op activesync.Op) *wire.SmartSource {
	if op.Send.Source == 0 || op.Send.Verb == activesync.VerbNone {
		return nil
	}
	// Thread and files are asked for by its name too, whatever command is used.
	if home, _, err := e.store.ServerID(ctx, op.Send.Source); err != nil || e.settleNames(ctx, home, op) != nil {
		return nil
	}
	state, err := e.state(ctx)
	if err != nil || state.Version < activesync.V140 && !op.Send.Merge || !slices.Contains(state.Commands, smartCommand(op)) {
		return nil
	}
	folder, item, err := e.address(ctx, op.Send.Source)
	if err != nil || folder == "" {
		return nil
	}
	if unsure, err := e.store.Unsure(ctx, op.Send.Source); err != nil || unsure {
		return nil
	}
	return &wire.SmartSource{FolderID: folder, ItemID: item}
}

func smartCommand(op activesync.Op) string {
	if op.Send.Verb == activesync.VerbForward {
		return "SmartForward"
	}
	return "SmartReply"
}

// submit hands the message to the server. Where it refuses to tie it to the
// source, which may be gone, the message is sent on its own.
func (e *Engine) submit(ctx context.Context, op activesync.Op, smart *wire.SmartSource, l *envelope) error {
	id, size := op.Send.ClientID, l.size()
	if smart != nil {
		var err error
		if op.Send.Verb == activesync.VerbForward {
			err = e.server.SmartForward(ctx, id, *smart, l.mime(), size, true, !op.Send.Merge)
		} else {
			err = e.server.SmartReply(ctx, id, *smart, l.mime(), size, true)
		}
		if !refusesSource(err) {
			if err == nil {
				e.markDirty(ctx, op.Send.Source)
			}
			return err
		}
		if !missesSource(err) {
			if lerr := e.learn(ctx, activesync.QuirkBreaksSource, yes); lerr != nil {
				return lerr
			}
		}
		e.log.Info("sent without its source", "op", op.ID, "error", err)
		if op.Send.Merge {
			return fmt.Errorf("%w: %w", errNotMerged, err)
		}
	}
	return e.server.SendMail(ctx, id, l.mime(), size, true)
}

// refusesSource reports whether the server took no offence at the message but
// at its source, or does not know the command.
func refusesSource(err error) bool {
	if s, ok := errors.AsType[*activesync.StatusError](err); ok {
		switch s.Code {
		case 104, 117, 137, 146, 150: // bad or unknown source, reply not allowed, command not known
			return true
		}
		return false
	}
	h, ok := errors.AsType[*activesync.HTTPError](err)
	return ok && (h.Code == 501 || h.Code == 404 || h.Code == 400)
}

// missesSource reports whether a refusal is about this one source, which says
// nothing of the server (MS-ASCMD 2.2.2).
func missesSource(err error) bool {
	s, ok := errors.AsType[*activesync.StatusError](err)
	return ok && s.Code != 137
}

// markDirty has the folder of an item looked at soon.
func (e *Engine) markDirty(ctx context.Context, item activesync.ItemID) {
	if folder, _, err := e.store.ServerID(ctx, item); err == nil {
		e.dirty(folder)
	}
}
