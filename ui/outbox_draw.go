package ui

import "eas.example/securemail/ui/style"

// show puts the record under the cursor into the right pane.
func (o *outbox) show(a *App) {
	o.stale = true
	r, ok := o.list.Current()
	if !ok {
		o.page.set(nil)
		return
	}
	if r.op.ID != o.shown {
		o.shown, o.page.top = r.op.ID, 0
	}
	s := newSheet(a.theme, o.right.w)
	s.words(style.Strong, r.subject)
	s.blank()
	s.entry("What", r.what, outboxColumn)
	if r.op.Send != nil {
		s.entry("To", addresses(r.op.Send.To), outboxColumn)
		s.entry("Size", size(r.op.Send.Size), outboxColumn)
	} else if r.op.Before != nil {
		s.entry("From", clean(r.op.Before.From.Label()), outboxColumn)
		s.entry("Message of", a.dateTime(r.op.Before.Date), outboxColumn)
	}
	s.entry("Since", a.dateTime(r.op.Created), outboxColumn)
	if r.op.Attempts > 0 {
		s.entry("Tried", plural(r.op.Attempts, "once", "%d times"), outboxColumn)
	}
	if r.op.Send != nil && r.op.Send.Due.After(a.now) {
		s.entry("Goes out", a.dateTime(r.op.Send.Due), outboxColumn)
	}
	if r.op.NotBefore.After(a.now) {
		s.entry("Next try", a.dateTime(r.op.NotBefore), outboxColumn)
	}
	if len(a.accounts) > 1 {
		s.entry("Account", clean(r.account.Name), outboxColumn)
	}
	s.blank()
	words, wrong := a.opState(r)
	if wrong {
		s.words(style.Alert, a.theme.Warning+" "+sentence(words))
	} else {
		s.words(style.Strong, sentence(words))
	}
	s.blank()
	s.words(style.Text, a.advice(r))
	a.heldRows(s, &r.op)
	o.page.set(s.out)
}

// outboxColumn is where the values of a record begin.
const outboxColumn = 12

// columns are the panes as they are drawn now.
func (o *outbox) columns(a *App) []column {
	var list, detail column
	if o.left.w > 0 {
		list = column{lines: o.lines(a), width: o.left.w, extra: o.count(a), focus: !o.onDetail}
	}
	if o.right.w > 0 {
		detail = column{lines: o.page.lines(a), width: o.right.w, focus: o.onDetail}
		if r, ok := o.list.Current(); ok {
			detail.title, detail.extra = r.what, o.page.below()
		}
	}
	return a.beside("Outbox", list, detail)
}

// count says how many records wait, and how many of them for the person.
func (o *outbox) count(a *App) string {
	_, rows := o.list.Loaded()
	wrong := 0
	for _, r := range rows {
		if _, w := a.opState(r); w {
			wrong++
		}
	}
	switch {
	case len(rows) == 0:
		return ""
	case wrong == 0:
		return number(len(rows)) + " waiting"
	case wrong == len(rows):
		return plural(wrong, "1 needs you", "%d need you")
	}
	return number(len(rows)-wrong) + " waiting, " + plural(wrong, "1 needs you", "%d need you")
}

func (o *outbox) lines(a *App) []string {
	if !o.stale {
		return o.drawn
	}
	o.stale = false
	o.drawn = nil
	if o.list.Len() == 0 {
		o.drawn = append(o.drawn, style.Blanks(o.left.w))
		for _, w := range wrap("Nothing waits to be sent or changed on the server.", o.left.w-4) {
			o.drawn = append(o.drawn, a.theme.Line(o.left.w, style.Plain).Skip(2).Put(style.Dim, w).String())
		}
	}
	for _, s := range o.list.Visible() {
		r, _ := o.list.At(s.Index)
		lines := o.row(a, r, s.Index == o.list.Cursor())
		if o.headed(s.Index, s.Index == o.list.Top()) {
			head := a.theme.Line(o.left.w, style.Plain).Skip(1).Put(style.Title, clean(r.account.Name)).String()
			lines = append([]string{head}, lines...)
		}
		o.drawn = append(o.drawn, lines[:min(s.Lines, len(lines))]...)
	}
	o.drawn = a.fill(o.drawn, o.left.w, o.left.h)
	return o.drawn
}

// row draws a record: what is to be done since when, and where it stands.
func (o *outbox) row(a *App, r outboxRow, cursor bool) []string {
	on := style.Plain
	if cursor {
		on = style.Selected
		if o.onDetail {
			on = style.Resting
		}
	}
	begin := func() *style.Line {
		l := a.theme.Line(o.left.w, on)
		if cursor {
			return l.Put(style.Accent, a.theme.Bar).Skip(1)
		}
		return l.Skip(2)
	}
	when := a.clockOrDay(r.op.Created)
	ww := style.Width(when)
	l := begin()
	room := l.Room() - ww - 2
	what := cutTo(r.what, room, a.theme)
	l.Put(style.Strong, what).Skip(2).Cell(style.Text, r.subject, room-style.Width(what)-2)
	l.Skip(l.Room()-ww-1).Put(style.Dim, when)
	second := begin()
	words, wrong := a.opState(r)
	if wrong {
		second.Put(style.Alert, a.theme.Warning+" "+words)
	} else {
		second.Put(style.Accent, a.theme.Waiting+" ").Put(style.Text, words)
	}
	if left := second.Room() - 3; r.whither != "" && left > 8 {
		second.Skip(2).Cell(style.Dim, r.whither, left)
	}
	return []string{l.String(), second.String()}
}
