package engine

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/policy"
	"eas.example/securemail/activesync/wire"
)

// writing is a draft on its way to the server.
type writing struct {
	draft activesync.Draft
	files wire.Attachments
}

// filterOf is the FilterType of a folder. Drafts are written for as long as
// they are there, however old.
func filterOf(f activesync.Folder, limits policy.Policy) int {
	period := f.Period
	if f.Type == activesync.FolderDrafts {
		period = activesync.PeriodAll
	}
	return limits.ClampFilter(f.Class, period.FilterType())
}

// add adds the command that writes the draft.
func (l *writing) add(c *wire.SyncCollection, op activesync.Op) {
	switch op.Kind {
	case activesync.OpDraftAdd:
		c.AddDraft(op.ClientID, &l.draft, &l.files, false)
	case activesync.OpDraftChange:
		c.ChangeDraft(op.ServerID, &l.draft, &l.files, false)
	}
}

// draftOf is what a record writes to Drafts, nil where it does something else.
// found is false where the draft, and the record with it, is gone. Only files that
// the server does not have are sent, and those that it has too much taken off.
func (e *Engine) draftOf(ctx context.Context, op activesync.Op) (l *writing, found bool, err error) {
	if !op.Kind.Drafts() {
		return nil, true, nil
	}
	d, had, found, err := e.store.DraftChange(ctx, op.ID)
	if err != nil || !found {
		return nil, false, err
	}
	l = &writing{draft: d}
	var want []string
	for i := range d.Attachments {
		want = append(want, d.Attachments[i].Identity(op.Item))
	}
	files := slices.DeleteFunc(slices.Clone(had), func(f string) bool { return !slices.Contains(want, f) })
	if len(files) < len(had) || len(files) < len(want) {
		if files, err = e.attach(ctx, l, op, had, want); err != nil {
			return nil, false, err
		}
	}
	return l, true, e.store.NoteDraft(ctx, op.ID, d, files)
}

// attach sets out which files are to be attached and which taken off, and gives
// those that the server has then. What it has now is asked for: the references
// of files change, and the answer to an earlier try may be lost.
func (e *Engine) attach(ctx context.Context, l *writing, op activesync.Op, had, want []string) (files []string, err error) {
	var there []activesync.Attachment
	if op.Kind == activesync.OpDraftChange {
		if err := e.fetchBodies(ctx, []activesync.ItemID{op.Item}); err != nil {
			return nil, err
		}
		m, err := e.store.Message(ctx, op.Item)
		if err != nil {
			return nil, err
		}
		there = m.Attachments
	}
	take := func(name string) (reference string, ok bool) {
		n := slices.IndexFunc(there, func(a activesync.Attachment) bool { return a.Name == name })
		if n < 0 {
			return "", false
		}
		reference = there[n].FileReference
		there = slices.Delete(slices.Clone(there), n, n+1)
		return reference, true
	}
	for _, f := range had {
		reference, ok := take(activesync.NameIn(f))
		switch {
		case !ok: // it was taken off there
		case slices.Contains(want, f):
			files = append(files, f)
		default:
			l.files.Deletes = append(l.files.Deletes, wire.AttachmentDelete{FileReference: reference})
		}
	}
	room := int64(activesync.DraftRoom)
	for i := range l.draft.Attachments {
		f := &l.draft.Attachments[i]
		if slices.Contains(files, want[i]) {
			continue
		}
		if op.State == activesync.OpSending {
			if _, ok := take(f.Name); ok { // it arrived, only the answer did not
				files = append(files, want[i])
				continue
			}
		}
		data, err := e.contentOf(ctx, &l.draft, f, room)
		switch {
		case err != nil && !errors.Is(err, errNotHere):
			return nil, err
		case err != nil:
			e.log.Info("attachment stays out of Drafts", "op", op.ID, "number", i, "error", err)
			continue
		}
		room -= int64(len(data))
		add := wire.AttachmentAdd{ClientID: "file" + strconv.Itoa(i), Method: "1", Content: data, DisplayName: f.Name, ContentType: f.ContentType}
		if f.Part == activesync.WholeMessage {
			add.Method = "5"
		}
		l.files.Adds = append(l.files.Adds, add)
		files = append(files, want[i])
	}
	return files, nil
}

// errNotHere: a file cannot be had, or is too large. It must not keep the text
// from the server.
var errNotHere = errors.New("the file is not here, or too large")

// contentOf is an attachment of a draft.
func (e *Engine) contentOf(ctx context.Context, d *activesync.Draft, f *activesync.DraftAttachment, room int64) ([]byte, error) {
	switch {
	case f.Path != "":
		return readFile(f.Path, room)
	case int64(len(f.Data)) > room:
		return nil, errNotHere
	case !f.Elsewhere():
		return f.Data, nil
	}
	r, err := e.openPart(ctx, d.Source, f)
	if err != nil {
		return nil, notHere(err)
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, room+1))
	if int64(len(data)) > room {
		return nil, errNotHere
	}
	return data, err
}

func readFile(path string, room int64) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, errNotHere
	case info.Size() > room || !info.Mode().IsRegular():
		return nil, errNotHere
	}
	data, err := os.ReadFile(path)
	if _, failed := errors.AsType[*fs.PathError](err); failed {
		return nil, errNotHere
	}
	return data, err
}

// notHere is why a file cannot be had from the server: for now, or at all.
func notHere(err error) error {
	if errors.Is(err, activesync.ErrUnreachable) || errors.Is(err, activesync.ErrBusy) || errors.Is(err, context.Canceled) {
		return err
	}
	return errNotHere
}

// lookAtDraft learns by which references the files of a draft are to be had, once
// some were attached or taken off. Without that it is learned when they are needed.
func (e *Engine) lookAtDraft(ctx context.Context, op activesync.Op, l *writing) {
	if l == nil || len(l.files.Adds)+len(l.files.Deletes) == 0 {
		return
	}
	if err := e.fetchBodies(ctx, []activesync.ItemID{op.Item}); err != nil {
		e.log.Info("draft not looked at", "item", op.Item, "error", err)
	}
}

// forked tells of drafts that were changed elsewhere too.
func (e *Engine) forked(f activesync.Folder, a activesync.Applied) {
	if a.Forked > 0 {
		e.tell(activesync.Notice{Kind: activesync.NoticeForked, Folder: f.ID})
	}
}
