package ui

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
)

// keepPause is how long after a change the text is kept, and closeTime how
// long that may take when the screens close.
const (
	keepPause = time.Second
	closeTime = 5 * time.Second
)

// mostKept is how many bytes of attachments are written anew at each pause.
const mostKept = 1 << 20

// drafter is a backend that keeps messages while they are written.
type drafter interface {
	// KeepDraft keeps a message in place of what had this key before.
	KeepDraft(ctx context.Context, key string, d activesync.Draft) error
	// Drafts are all that are kept; where some cannot be read, the others come
	// with an error.
	Drafts(ctx context.Context) (map[string]activesync.Draft, error)
	DropDraft(ctx context.Context, key string) error
}

// keeping is how far a message is kept outside of the screens.
type keeping struct {
	drafts    drafter // nil where nothing keeps them
	lane      lane
	rev, kept uint64 // of the text now, and of what was kept
	waiting   bool
	failed    bool
	at        time.Time // when it was kept
	restored  bool      // an earlier screen wrote it
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

// keep keeps the text as it is now.
func (w *compose) keep(a *App) tea.Cmd {
	k := &w.keeping
	if k.drafts == nil || w.gone || k.rev == k.kept {
		return nil
	}
	rev, d := k.rev, w.keepable()
	return a.read(&k.lane, quick, func(ctx context.Context) answer {
		err := k.drafts.KeepDraft(ctx, w.id, d)
		return func(a *App) tea.Cmd {
			w.stale = true
			told := k.failed
			k.failed = err != nil
			switch {
			case err == nil:
				k.kept, k.at = rev, a.now
				if told {
					return a.say("The text is kept again.")
				}
			case !told && !w.gone:
				return a.fail("The text is not kept on this machine yet", err)
			}
			return nil
		}
	})
}

// keepable is the draft as it is kept: attachments of the original that are
// large can be had from there again.
func (w *compose) keepable() activesync.Draft {
	d := w.draft()
	carried := 0
	for _, f := range d.Attachments {
		carried += len(f.Data)
	}
	if carried <= mostKept {
		return d
	}
	for i := range d.Attachments {
		if d.Attachments[i].Part != 0 {
			d.Attachments[i].Data = nil
		}
	}
	return d
}

// giveUp closes the screen for good: the message was sent or is not wanted.
func (w *compose) giveUp(a *App) tea.Cmd {
	w.gone = true
	a.aside = slices.DeleteFunc(a.aside, func(x *compose) bool { return x == w })
	if a.write == w {
		a.write = nil
	}
	k := &w.keeping
	if k.drafts == nil || k.rev == 0 && !k.restored {
		return a.arrange()
	}
	return tea.Batch(a.arrange(), a.read(&k.lane, quick, func(ctx context.Context) answer {
		// Also when the screens close: what was sent must not come back.
		err := k.drafts.DropDraft(context.WithoutCancel(ctx), w.id)
		if err == nil {
			return nil
		}
		return func(a *App) tea.Cmd { return a.fail("A copy of it is still kept", err) }
	}))
}

// setAside takes what is being written off the screen, and keeps it.
func (a *App) setAside() tea.Cmd {
	w := a.write
	if w == nil {
		return nil
	}
	w.options.close()
	if !w.changed() {
		return w.giveUp(a)
	}
	a.write = nil
	a.aside = append(a.aside, w)
	return tea.Batch(w.keep(a), a.arrange())
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
		to := strings.Trim(clean(w.field[toPart].Text()), " ,;")
		if to == "" {
			to = "to no one yet"
		}
		subject := strings.TrimSpace(clean(w.field[subjectPart].Text()))
		if subject == "" {
			subject = noSubject
		}
		m.items = append(m.items, item{label: subject, value: cutTo(to, 30, a.theme), do: func(a *App) tea.Cmd { return a.goOn(w) }})
	}
	return a.menu(m)
}

func (a *App) goOn(w *compose) tea.Cmd {
	before := a.setAside()
	a.aside = slices.DeleteFunc(a.aside, func(x *compose) bool { return x == w })
	return tea.Batch(before, a.showCompose(w))
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
		if a.write != nil && a.write.id == id || slices.ContainsFunc(a.aside, func(w *compose) bool { return w.id == id }) {
			continue
		}
		w := newCompose(a, id, drafts[id], textPart)
		w.keeping.restored = true
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
	_ = k.drafts.KeepDraft(ctx, w.id, w.keepable())
}
