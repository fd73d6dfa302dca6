package ui

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
	"eas.example/securemail/ui/list"
)

// outbox is the screen of what waits to be sent or changed on the server.
type outbox struct {
	list     *list.List[activesync.OpID, outboxRow]
	onDetail bool
	page     page
	shown    activesync.OpID // what the page is of
	left     rect
	right    rect
	stale    bool
	drawn    []string
}

func (o *outbox) init(*App) {
	o.list = list.New(func(r outboxRow) activesync.OpID { return r.op.ID }, o.lineCount)
	o.stale = true
}

// lineCount is two lines for a record, and one for the name of its account
// where that is another than above.
func (o *outbox) lineCount(i int, first bool) int {
	if o.headed(i, first) {
		return 3
	}
	return 2
}

func (o *outbox) headed(i int, first bool) bool {
	_, rows := o.list.Loaded()
	if i < 0 || i >= len(rows) || rows[0].account == rows[len(rows)-1].account {
		return false
	}
	return first || i == 0 || rows[i-1].account != rows[i].account
}

func (o *outbox) resize(a *App) {
	o.left, o.right = a.lay.parts[0], a.lay.parts[1]
	o.list.Resize(o.left.h)
	o.page.resize(o.right.w, o.right.h)
	o.show(a)
}

// rebuild makes the rows anew and keeps the cursor on its record, or where that
// was.
func (o *outbox) rebuild(a *App) {
	was, had := o.list.Current()
	var rows []outboxRow
	for _, c := range a.accounts {
		for _, op := range visibleOps(c.outbox) {
			rows = append(rows, a.outboxRow(c, op))
		}
	}
	o.list.Put(0, len(rows), rows)
	if i := o.list.Find(was.op.ID); had && i >= 0 {
		o.list.To(i)
	}
	if len(rows) == 0 && o.onDetail {
		o.onDetail = false
		if a.screen == outboxScreen {
			a.arrange()
		}
	}
	o.show(a)
}

// do carries an action out in the outbox.
func (o *outbox) do(a *App, id action.ID) (cmd tea.Cmd, mine bool) {
	switch id {
	case action.Retry:
		return o.retry(a), true
	case action.Discard:
		return o.discard(a), true
	case action.ExportOp:
		return o.askExport(a), true
	case action.EditSent:
		return o.edit(a), true
	case action.Postpone:
		return o.postpone(a), true
	case action.Back, action.Left:
		if o.onDetail {
			return o.look(a, false), true
		}
		if id == action.Back {
			return a.goTo(mailScreen), true
		}
		return nil, true
	case action.NextPane, action.PrevPane:
		return o.look(a, !o.onDetail && o.list.Len() > 0), true
	}
	if o.onDetail {
		return nil, o.scroll(id)
	}
	switch id {
	case action.Open, action.Right:
		return o.look(a, o.list.Len() > 0), true
	}
	if !moveList(o.list, id) {
		return nil, false
	}
	o.show(a)
	return nil, true
}

// scroll moves the words of one record.
func (o *outbox) scroll(id action.ID) bool {
	o.stale = true
	p := &o.page
	switch id {
	case action.Down:
		p.scroll(1)
	case action.Up:
		p.scroll(-1)
	case action.PageDown:
		p.scroll(p.height)
	case action.PageUp:
		p.scroll(-p.height)
	case action.HalfDown:
		p.scroll(p.height / 2)
	case action.HalfUp:
		p.scroll(-p.height / 2)
	case action.First:
		p.scroll(-len(p.text))
	case action.Last:
		p.scroll(len(p.text))
	case action.Open, action.Right:
	default:
		return false
	}
	return true
}

func (o *outbox) look(a *App, detail bool) tea.Cmd {
	o.onDetail = detail
	return a.arrange()
}

func (o *outbox) click(a *App, pane, _, y int, double bool) tea.Cmd {
	if pane == 1 {
		return o.look(a, o.list.Len() > 0)
	}
	i := o.list.IndexAt(y)
	if i < 0 {
		return o.look(a, false)
	}
	again := i == o.list.Cursor() && !o.onDetail
	o.list.To(i)
	o.show(a)
	return o.look(a, again || double)
}

func (o *outbox) wheel(a *App, pane, n int) tea.Cmd {
	if pane == 1 {
		o.page.scroll(n)
		o.stale = true
		return nil
	}
	o.list.Scroll(n)
	o.show(a)
	return nil
}

// retry has a record carried out again. A message that may have been sent goes
// out a second time only when the person says so.
func (o *outbox) retry(a *App) tea.Cmd {
	r, ok := o.list.Current()
	switch {
	case !ok:
		return nil
	case r.op.State == activesync.OpSending:
		return a.say("It is under way already.")
	case r.op.Held(a.now):
		return a.postponeTo(r, time.Time{})
	case r.op.State == activesync.OpUncertain:
		return a.ask(question{title: "Send again?",
			text: "Look into Sent first. If “" + r.subject + "” lies there, those it went to would get it twice.",
			yes:  "Send again", do: func(a *App) tea.Cmd { return a.again(r) }})
	}
	return a.again(r)
}

func (a *App) again(r outboxRow) tea.Cmd {
	b, id := a.backend, r.op.ID
	return a.call(quick, func(ctx context.Context) answer {
		err := b.Retry(ctx, id)
		return func(a *App) tea.Cmd {
			if err != nil {
				return tea.Batch(a.fail("Not tried", err), a.readAccounts())
			}
			return tea.Batch(a.say("Trying again: "+r.title()), a.readAccounts())
		}
	})
}

// discard gives a record up, after asking.
func (o *outbox) discard(a *App) tea.Cmd {
	r, ok := o.list.Current()
	switch {
	case !ok:
		return nil
	case r.op.State == activesync.OpSending:
		return a.say("It is under way and cannot be stopped any more.")
	}
	q := question{title: "Discard?", text: r.title() + ": " + a.without(r), yes: "Discard", do: func(a *App) tea.Cmd { return a.giveUp(r) }}
	if r.op.State == activesync.OpUncertain {
		q.title, q.yes = "Forget it?", "Forget"
	}
	return a.ask(q)
}

func (a *App) giveUp(r outboxRow) tea.Cmd {
	b, id := a.backend, r.op.ID
	again := a.withdraw(id)
	return a.call(quick, func(ctx context.Context) answer {
		err := b.Discard(ctx, id)
		return func(a *App) tea.Cmd {
			if err != nil {
				again()
				return tea.Batch(a.fail("Not discarded", err), a.readAccounts())
			}
			return tea.Batch(a.say("Discarded: "+r.title()), a.readAccounts())
		}
	})
}
