package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/wire"
)

// prefetchStep is how many bodies one request in idle time brings.
const prefetchStep = 20

// FetchBody brings the whole text of a message into the store.
func (e *Engine) FetchBody(ctx context.Context, id activesync.ItemID) error {
	m, err := e.store.Message(ctx, id)
	if err != nil {
		return err
	}
	if m.Body.Whole() {
		return nil
	}
	return e.fetchBodies(ctx, []activesync.ItemID{id})
}

func (e *Engine) fetchBodies(ctx context.Context, ids []activesync.ItemID) error {
	found, err := e.fetchItems(ctx, ids, 0, func(s activesync.AccountState) []wire.BodyPreference {
		return bodyPreference(s.Version, 0, !e.limits(s).AllowHTML())
	})
	if err != nil {
		return fmt.Errorf("fetch the text: %w", err)
	}
	if len(found) == 0 { // asked again at once it would say the same
		return fmt.Errorf("fetch the text: %w: the server says nothing of it", activesync.ErrTruncated)
	}
	var failed error
	for _, id := range slices.Sorted(maps.Keys(found)) {
		failed = errors.Join(failed, e.keepBody(ctx, id, found[id]))
	}
	return failed
}

// fetchItems asks for messages in the forms that form gives, and returns what the
// server says of each that it speaks of. Those that it does not have yet are left
// out, and so is another message that it calls so by now.
func (e *Engine) fetchItems(ctx context.Context, ids []activesync.ItemID, mime int,
	form func(activesync.AccountState) []wire.BodyPreference) (map[activesync.ItemID]wire.FetchResponse, error) {
	byKey := map[activesync.ServerID]activesync.ItemID{}
	unsure := map[activesync.ItemID]bool{}
	var answer *wire.ItemOperationsResponse
	err := e.exchange(ctx, func(ctx context.Context) error {
		account, err := e.state(ctx)
		if err != nil {
			return err
		}
		clear(byKey)
		req := &wire.ItemOperationsRequest{}
		for _, id := range ids {
			folder, item, err := e.address(ctx, id)
			if err != nil {
				return err
			}
			if folder == "" {
				continue
			}
			if unsure[id], err = e.store.Unsure(ctx, id); err != nil {
				return err
			}
			byKey[item] = id
			req.Fetches = append(req.Fetches, wire.FetchItem(folder, item, form(account), mime))
		}
		if len(req.Fetches) == 0 {
			return fmt.Errorf("%w: it has not reached the server yet", activesync.ErrNotFound)
		}
		answer, err = e.server.ItemOperations(ctx, req)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := map[activesync.ItemID]wire.FetchResponse{}
	for _, r := range answer.Fetches() {
		id, ok := byKey[r.ServerID]
		if !ok && len(ids) == 1 {
			id, ok = ids[0], true // some servers do not repeat which one it is
		}
		switch {
		case !ok:
		case !unsure[id] || r.Status != 1 || e.isOf(ctx, id, r):
			out[id] = r
		case len(ids) == 1:
			return nil, fmt.Errorf("%w: the server calls it otherwise now; it can be had once its mailbox is in step", activesync.ErrNotFound)
		}
	}
	return out, nil
}

// isOf reports whether what was fetched is of a message that is here.
func (e *Engine) isOf(ctx context.Context, id activesync.ItemID, r wire.FetchResponse) bool {
	h, err := e.store.Header(ctx, id)
	if err != nil {
		return false
	}
	p, err := r.Email()
	return err == nil && p.Fields&activesync.HasSubject != 0 && p.Subject == h.Subject && p.Date.Equal(h.Date) && strings.EqualFold(p.From.Address, h.From.Address)
}

// saysSomething is an error where what was fetched of a message is of none: SOGo
// makes up an empty one where it has none of that name.
func saysSomething(p *activesync.MessagePatch, h activesync.Header) error {
	of := p.Subject != "" || p.From.Address != "" || len(p.To) > 0 || len(p.Body.Data) > 0
	if !of && (h.Subject != "" || h.From.Address != "") {
		return fmt.Errorf("%w: what the server gives of it is empty", activesync.ErrNotFound)
	}
	return nil
}

// present makes sure that the server has a message.
func (e *Engine) present(ctx context.Context, id activesync.ItemID) error {
	found, err := e.fetchItems(ctx, []activesync.ItemID{id}, 0, func(s activesync.AccountState) []wire.BodyPreference {
		return bodyPreference(s.Version, olderText, true)
	})
	if err != nil {
		return err
	}
	r, ok := found[id]
	if !ok {
		return fmt.Errorf("%w: the server says nothing of it", activesync.ErrTruncated)
	}
	if r.Status != 1 {
		return &activesync.StatusError{Command: "ItemOperations", Code: r.Status}
	}
	p, err := r.Email()
	if err != nil {
		return err
	}
	h, err := e.store.Header(ctx, id)
	if err != nil {
		return err
	}
	return saysSomething(p, h)
}

// verify makes sure that the server still means a message by what it calls it.
func (e *Engine) verify(ctx context.Context, id activesync.ItemID) error {
	if unsure, err := e.store.Unsure(ctx, id); err != nil || !unsure {
		return err
	}
	_, err := e.fetchSources(ctx, []activesync.ItemID{id}, headOnly())
	return err
}

func (e *Engine) keepBody(ctx context.Context, id activesync.ItemID, r wire.FetchResponse) error {
	if r.Status != 1 {
		return fmt.Errorf("fetch the text: %w", &activesync.StatusError{Command: "ItemOperations", Code: r.Status})
	}
	p, err := r.Email()
	if err != nil {
		return fmt.Errorf("read the text: %w", err)
	}
	h, err := e.store.Header(ctx, id)
	if err != nil {
		return err
	}
	if err := saysSomething(p, h); err != nil {
		return fmt.Errorf("fetch the text: %w", err)
	}
	if p.Fields&activesync.HasBody == 0 {
		p.Body = activesync.Body{Type: activesync.BodyPlain}
	}
	p.Body.Truncated = false // the whole was asked for; this is all there is
	if err := e.store.PutBody(ctx, id, p.Body, p.Attachments); err != nil {
		return err
	}
	folder, _, err := e.store.ServerID(ctx, id)
	if err != nil {
		return err
	}
	e.tell(activesync.Notice{Kind: activesync.NoticeFolder, Folder: folder, Item: id})
	return nil
}

// address is where the server has an item; empty when it does not have it yet.
func (e *Engine) address(ctx context.Context, id activesync.ItemID) (folder, item activesync.ServerID, err error) {
	fid, item, err := e.store.ServerID(ctx, id)
	if err != nil || item == "" {
		return "", "", err
	}
	f, err := e.store.Folder(ctx, fid)
	if err != nil {
		return "", "", err
	}
	return f.ServerID, item, nil
}

// FetchMIME brings the message as it came over the internet, or as the server
// makes it anew. It is not kept. It is refused where it holds an attachment
// that the server's policies forbid.
func (e *Engine) FetchMIME(ctx context.Context, id activesync.ItemID) ([]byte, error) {
	m, err := e.store.Message(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, a := range m.Attachments {
		if err := e.allowed(ctx, a.Size); err != nil {
			return nil, err
		}
	}
	return e.fetchMIME(ctx, id)
}

func (e *Engine) fetchMIME(ctx context.Context, id activesync.ItemID) ([]byte, error) {
	return e.fetchSource(ctx, id, wire.BodyPreference{Type: uint8(activesync.BodyMIME)})
}

// fetchHead brings the start of the MIME, with all of the header that matters.
func (e *Engine) fetchHead(ctx context.Context, id activesync.ItemID) ([]byte, error) {
	return e.fetchSource(ctx, id, headOnly())
}

func headOnly() wire.BodyPreference {
	return wire.BodyPreference{Type: uint8(activesync.BodyMIME), TruncationSize: wire.Int(headText)}
}

func (e *Engine) fetchSource(ctx context.Context, id activesync.ItemID, form wire.BodyPreference) ([]byte, error) {
	found, err := e.fetchSources(ctx, []activesync.ItemID{id}, form)
	if err != nil {
		return nil, err
	}
	if found[id] == nil {
		return nil, fmt.Errorf("fetch the source: %w: the server gives no MIME", activesync.ErrNotFound)
	}
	return found[id], nil
}

// fetchSources brings the MIME of messages. Of one alone it fails with what the
// server says of it; of several, those that cannot be had are left out.
func (e *Engine) fetchSources(ctx context.Context, ids []activesync.ItemID, form wire.BodyPreference) (map[activesync.ItemID][]byte, error) {
	found, err := e.fetchItems(ctx, ids, 2, func(activesync.AccountState) []wire.BodyPreference { return []wire.BodyPreference{form} })
	if err != nil {
		return nil, fmt.Errorf("fetch the source: %w", err)
	}
	out := map[activesync.ItemID][]byte{}
	for id, r := range found {
		mime, err := source(r)
		switch {
		case err != nil && len(ids) == 1:
			return nil, fmt.Errorf("fetch the source: %w", err)
		case err == nil && mime != nil:
			out[id] = mime
		}
	}
	return out, nil
}

// source is the MIME of a message that was fetched, nil where the server gives
// another form.
func source(r wire.FetchResponse) ([]byte, error) {
	if r.Status != 1 {
		return nil, &activesync.StatusError{Command: "ItemOperations", Code: r.Status}
	}
	p, err := r.Email()
	if err != nil || p.Body.Type != activesync.BodyMIME || len(p.Body.Data) == 0 {
		return nil, err
	}
	return p.Body.Data, nil
}

// prefetchSome brings a few whole bodies in idle time, newest mail first. did
// is false when there is nothing to bring.
func (e *Engine) prefetchSome(ctx context.Context) (did bool, err error) {
	state, err := e.state(ctx)
	if err != nil {
		return false, storeFailed(err)
	}
	if e.prefetch == 0 && !state.WholeTexts {
		return false, nil
	}
	folders, err := e.store.Folders(ctx, e.account.ID)
	if err != nil {
		return false, storeFailed(err)
	}
	for _, f := range folders {
		if f.Class != activesync.ClassEmail || !f.Carried(state.Version) || f.Automatic(state) == activesync.CheckManual {
			continue
		}
		if did, err := e.prefetchOf(ctx, f.ID, state.WholeTexts); did || err != nil {
			return did, err
		}
	}
	return false, nil
}

// prefetchOf brings a few headers or bodies of a mailbox.
func (e *Engine) prefetchOf(ctx context.Context, id activesync.FolderID, all bool) (did bool, err error) {
	if did, err := e.prefetchHeads(ctx, id); did || err != nil {
		return did, err
	}
	room := e.roomToFetch(id)
	if all {
		room = prefetchStep
	}
	if room == 0 {
		return false, nil
	}
	ids, err := e.store.MissingBodies(ctx, id, room)
	if err != nil {
		return false, storeFailed(err)
	}
	if len(ids) == 0 {
		return false, nil
	}
	if err := e.fetchBodies(ctx, ids); err != nil {
		if err = e.leftOut(ctx, "bodies", id, err); err == nil {
			e.noteFetched(id, e.prefetch)
		}
		return false, err
	}
	e.noteFetched(id, len(ids))
	return true, nil
}

// prefetchHeads brings the headers of messages of which the server does not say
// what conversation they are of.
func (e *Engine) prefetchHeads(ctx context.Context, id activesync.FolderID) (did bool, err error) {
	e.mu.Lock()
	wait := e.watch(id).headless
	e.mu.Unlock()
	if time.Now().Before(wait) {
		return false, nil
	}
	ids, err := e.store.MissingHeads(ctx, id, prefetchStep)
	if err != nil {
		return false, storeFailed(err)
	}
	if len(ids) == 0 {
		return false, nil
	}
	found, err := e.fetchSources(ctx, ids, headOnly())
	if err != nil {
		if err = e.leftOut(ctx, "headers", id, err); err == nil {
			e.headsLater(id)
		}
		return false, err
	}
	heads := map[activesync.ItemID]activesync.Head{}
	for _, item := range ids {
		source, ok := found[item]
		if !ok && e.missedHead(item) { // it may be had another time
			e.headsLater(id)
			continue
		}
		heads[item] = message.HeadOf(source)
	}
	if err := e.store.PutHeads(ctx, heads); err != nil {
		return false, storeFailed(err)
	}
	e.tell(activesync.Notice{Kind: activesync.NoticeFolder, Folder: id})
	return true, nil
}

const (
	// headPause is how long headers are not asked for again that could not be had,
	// and headTries how often the header of one message is.
	headPause = 30 * time.Minute
	headTries = 3
)

// headsLater puts off asking for the headers of a folder.
func (e *Engine) headsLater(id activesync.FolderID) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.watch(id).headless = time.Now().Add(headPause)
}

// missedHead notes that the header of a message could not be had, and reports
// whether it is to be asked for again.
func (e *Engine) missedHead(id activesync.ItemID) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.missed == nil {
		e.missed = map[activesync.ItemID]int{}
	}
	if e.missed[id]++; e.missed[id] < headTries {
		return true
	}
	delete(e.missed, id)
	return false
}

// leftOut passes an error on that concerns more than one mailbox.
func (e *Engine) leftOut(ctx context.Context, what string, id activesync.FolderID, err error) error {
	if ctx.Err() != nil || !concernsFolder(err) {
		return err
	}
	e.log.Warn(what+" not fetched", "folder", id, "error", err)
	return nil
}

func (e *Engine) roomToFetch(id activesync.FolderID) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return max(min(prefetchStep, e.prefetch-e.watch(id).fetched), 0)
}

func (e *Engine) noteFetched(id activesync.FolderID, n int) {
	e.mu.Lock()
	e.watch(id).fetched += n
	e.mu.Unlock()
}
