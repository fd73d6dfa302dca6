package ui

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
)

// keepPause is how long after a change the text is kept: with the time that
// takes, no more than a second's words can be lost. Where it could not be kept
// it is tried again after keepAgain. closeTime is how long keeping may take when
// the screens close.
const (
	keepPause = 250 * time.Millisecond
	keepAgain = 5 * time.Second
	closeTime = 5 * time.Second
)

// drafter is a backend that keeps messages while they are written.
type drafter interface {
	// KeepDraft keeps a message in place of what had this key before. It is
	// activesync.ErrDraftChanged where that is not what the message was made from.
	KeepDraft(ctx context.Context, key string, d activesync.Draft) error
	// Drafts are all that are kept; where some cannot be read, the others come
	// with an error.
	Drafts(ctx context.Context) (map[string]activesync.Draft, error)
	// DropDraft forgets a message as it stood at a stamp.
	DropDraft(ctx context.Context, key, stamp string) error
}

// keeping is how far a message is kept outside of the screens.
type keeping struct {
	drafts    drafter // nil where nothing keeps them
	rev, kept uint64  // of the text now, and of what was kept
	stamp     string  // of what is kept
	writer    string  // begins the stamps of this screen
	waiting   bool
	retrying  bool
	busy      bool // it is being kept
	after     func(*App) tea.Cmd
	failed    bool
	at        time.Time // when it was kept
	restored  bool      // an earlier screen wrote it
	stored    bool      // it was in Drafts before it was opened here
}

// keepSoon keeps the text a little later, so that a run of keys is kept once.
func (w *compose) keepSoon(a *App) tea.Cmd {
	k := &w.keeping
	if k.drafts == nil || k.waiting {
		return nil
	}
	k.waiting = true
	return a.after(keepPause, func(a *App) tea.Cmd {
		k.waiting = false
		return w.keep(a)
	})
}

// tryAgain keeps a text that could not be kept, also where the person writes no
// more.
func (w *compose) tryAgain(a *App) tea.Cmd {
	k := &w.keeping
	if k.retrying {
		return nil
	}
	k.retrying = true
	return a.after(keepAgain, func(a *App) tea.Cmd {
		k.retrying = false
		return w.keep(a)
	})
}

// keep keeps the text as it is now.
func (w *compose) keep(a *App) tea.Cmd {
	k := &w.keeping
	if k.drafts == nil || w.gone || w.sending || k.rev == k.kept {
		return nil
	}
	if k.busy {
		k.after = w.keep
		return nil
	}
	rev, d, id := k.rev, w.stamped(), w.id
	k.busy = true
	return a.call(quick, func(ctx context.Context) answer {
		err := k.drafts.KeepDraft(ctx, id, d)
		return func(a *App) tea.Cmd {
			k.busy = false
			if err == nil {
				k.stamp = d.Stamp
			}
			cmd := w.isKept(a, rev, err)
			if next := k.after; next != nil {
				k.after = nil
				return tea.Batch(cmd, next(a))
			}
			return cmd
		}
	})
}

// isKept notes how keeping ended.
func (w *compose) isKept(a *App, rev uint64, err error) tea.Cmd {
	k := &w.keeping
	w.stale = true
	if w.gone {
		return nil
	}
	if errors.Is(err, activesync.ErrDraftChanged) {
		w.apart()
		return tea.Batch(w.keep(a), a.tell(note{text: "This message is also written on another screen. Both are kept: here it goes on as a message of its own.", alert: true}))
	}
	told := k.failed
	k.failed = err != nil
	switch {
	case err == nil:
		k.kept, k.at = rev, a.now
		if told {
			return a.say("The text is kept again.")
		}
	case told:
		return w.tryAgain(a)
	default:
		return tea.Batch(w.tryAgain(a), a.fail("The text is not kept on this machine yet", err))
	}
	return nil
}

// apart makes of the text a message of its own, beside the one of another screen.
func (w *compose) apart() {
	w.id, w.keeping.stamp, w.keeping.stored = rand.Text(), "", false
	w.keeping.rev++
}

// stamped is the draft with what it was made from and a name for this state.
func (w *compose) stamped() activesync.Draft {
	d := w.draft()
	d.Key, d.Base = w.id, w.keeping.stamp
	d.Stamp = w.keeping.writer + "." + strconv.FormatUint(w.keeping.rev, 36)
	return d
}

// afterKeeping does something once what is being kept is.
func (w *compose) afterKeeping(a *App, do func(*App) tea.Cmd) tea.Cmd {
	if w.keeping.busy {
		w.keeping.after = do
		return nil
	}
	return do(a)
}

// takeAway closes the screen for good.
func (w *compose) takeAway(a *App) tea.Cmd {
	w.gone = true
	a.aside = slices.DeleteFunc(a.aside, func(x *compose) bool { return x == w })
	if a.write == w {
		a.write = nil
	}
	return a.arrange()
}

// shut closes the screen of a message to which nothing was done. One that was in
// Drafts before stays there as it was.
func (w *compose) shut(a *App) tea.Cmd {
	if !w.keeping.stored {
		return w.giveUp(a)
	}
	return tea.Batch(w.keep(a), w.takeAway(a))
}

// giveUp closes the screen for good: the message is not wanted.
func (w *compose) giveUp(a *App) tea.Cmd {
	away := w.takeAway(a)
	k := &w.keeping
	if k.drafts == nil || k.rev == 0 && !k.restored && !k.stored {
		return away
	}
	return tea.Batch(away, w.afterKeeping(a, func(a *App) tea.Cmd {
		if k.stamp == "" && !k.restored && !k.stored {
			return nil // it never was kept
		}
		id, stamp := w.id, k.stamp
		return a.call(quick, func(ctx context.Context) answer {
			// Also when the screens close: what was given up must not come back.
			err := k.drafts.DropDraft(context.WithoutCancel(ctx), id, stamp)
			if err == nil {
				return nil
			}
			return func(a *App) tea.Cmd { return a.fail("A copy of it is still kept", err) }
		})
	}))
}

// setAside takes what is being written off the screen, and keeps it.
func (a *App) setAside() tea.Cmd {
	w := a.write
	if w == nil {
		return nil
	}
	held := w.writeHeld(a)
	if !w.changed() {
		return tea.Batch(held, w.shut(a))
	}
	a.write = nil
	a.aside = append(a.aside, w)
	return tea.Batch(held, w.keep(a), a.arrange())
}

// putAside is setAside, and says where what was written is.
func (a *App) putAside() tea.Cmd {
	before := len(a.aside)
	cmd := a.setAside()
	if len(a.aside) == before {
		return cmd
	}
	return tea.Batch(cmd, a.say("Kept aside. "+a.keys.Key(action.Resume)+" goes on with it."))
}

// resume goes on with a message that was put aside; where there are several it
// asks with which.
func (a *App) resume() tea.Cmd {
	if a.write != nil || len(a.aside) == 0 {
		return nil
	}
	if len(a.aside) == 1 {
		return a.goOn(a.aside[0])
	}
	m := &menu{title: "Go on writing", digits: true}
	for _, w := range slices.Backward(a.aside) {
		m.items = append(m.items, w.menuItem(a))
	}
	return a.menu(m)
}

func (a *App) goOn(w *compose) tea.Cmd {
	before := a.setAside()
	a.aside = slices.DeleteFunc(a.aside, func(x *compose) bool { return x == w })
	return tea.Batch(before, a.showCompose(w), w.catchUp(a))
}

// elsewhere reports whether the text is on its way somewhere, or in an editor, so
// that no other may take its place: that would be lost by what comes back.
func (w *compose) elsewhere() bool { return w.keeping.busy || w.sending || w.editing != nil }

// catchUp takes over what another screen made of a message that lay aside here.
func (w *compose) catchUp(a *App) tea.Cmd {
	k := &w.keeping
	if k.drafts == nil || k.rev != k.kept || w.elsewhere() {
		return nil
	}
	rev, id := k.rev, w.id
	return a.call(quick, func(ctx context.Context) answer {
		all, err := k.drafts.Drafts(ctx)
		d, ok := all[id]
		if err != nil && !ok {
			return nil // it will be told when the text is kept
		}
		return func(a *App) tea.Cmd {
			if k.rev != rev || w.gone || d.Stamp == k.stamp || w.elsewhere() {
				return nil
			}
			if !ok {
				k.stamp, k.kept, k.stored = "", 0, false // sent or discarded elsewhere; here it begins anew
				if a.write != w {
					return w.takeAway(a)
				}
				return a.say("This message was sent or discarded elsewhere. What you see here is kept as soon as you change it.")
			}
			w.fill(d)
			w.start, k.stamp, w.stale = w.written(), d.Stamp, true
			k.restored = !d.Elsewhere()
			who := "Another screen"
			if d.Elsewhere() {
				k.stored, who = true, "Another program"
			}
			looks := w.lookAtFiles(a)
			if a.write != w {
				return looks
			}
			return tea.Batch(looks, a.say(who+" wrote on; this is its text."))
		}
	})
}

// keptDrafts brings back what was being written when the screens closed or
// broke off.
func (a *App) keptDrafts() tea.Cmd {
	b, can := a.backend.(drafter)
	if !can {
		return nil
	}
	return a.call(quick, func(ctx context.Context) answer {
		drafts, err := b.Drafts(ctx)
		return func(a *App) tea.Cmd {
			if err != nil {
				return tea.Batch(a.restore(drafts), a.fail("Not all messages that you were writing can be read", err))
			}
			return a.restore(drafts)
		}
	})
}

func (a *App) restore(drafts map[string]activesync.Draft) tea.Cmd {
	n := 0
	for _, id := range slices.Sorted(maps.Keys(drafts)) {
		if d := drafts[id]; d.Elsewhere() {
			continue // it is in Drafts
		}
		if a.write != nil && a.write.id == id || slices.ContainsFunc(a.aside, func(w *compose) bool { return w.id == id }) {
			continue
		}
		w := newCompose(a, id, drafts[id], textPart)
		w.keeping.restored, w.keeping.stamp = true, drafts[id].Stamp
		a.aside = append(a.aside, w)
		n++
	}
	if n == 0 {
		return nil
	}
	return a.say(plural(n, "A message you were writing is kept: ", "%d messages you were writing are kept: ") + a.keys.Key(action.Resume) + " goes on.")
}

// unkept is how many messages would be lost if the screens closed now.
func (a *App) unkept() int {
	n := 0
	for _, w := range append(slices.Clone(a.aside), a.write) {
		if w != nil && !w.gone && w.changed() && (w.keeping.drafts == nil || w.keeping.failed) {
			n++
		}
	}
	return n
}

// close keeps what was written last. The screens are closing: nothing else
// uses the message any more.
func (w *compose) close() {
	if f := w.editing; f != nil {
		if text, err := f.take(); err == nil && text != f.before {
			w.text().SetText(text)
			w.keeping.rev++
		}
	}
	k := &w.keeping
	if k.drafts == nil || w.gone || k.rev == k.kept || !w.changed() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	// There is no screen left to tell of a failure.
	if d := w.stamped(); errors.Is(k.drafts.KeepDraft(ctx, w.id, d), activesync.ErrDraftChanged) {
		w.apart()
		_ = k.drafts.KeepDraft(ctx, w.id, w.stamped())
	}
}
