package ui

import (
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/list"
	"eas.example/securemail/ui/style"
)

// notCarried stands at the end of the mailboxes, so that no one looks for
// what cannot be there.
const notCarried = "Public folders and shared mailboxes are not carried by ActiveSync."

// boxRow is a line of the mailboxes pane: a mailbox, the outbox or the name of
// an account.
type boxRow struct {
	key     string
	folder  activesync.Folder
	account *account
	depth   int
	heading bool // the name of an account
	outbox  bool
}

// boxes is the pane of mailboxes.
type boxes struct {
	list  *list.List[string, boxRow]
	rect  rect
	stale bool
	drawn []string
}

func (b *boxes) init() {
	b.list = list.New(func(r boxRow) string { return r.key }, nil)
	b.stale = true
}

func (b *boxes) resize(r rect) {
	b.rect = r
	b.list.Resize(r.h - len(b.words(r)))
	b.stale = true
}

// words is what stands at the end of the pane, if there is room.
func (b *boxes) words(r rect) []string {
	if r.h < 14 || r.w < 16 {
		return nil
	}
	return append([]string{""}, wrap(notCarried, r.w-3)...)
}

// at is the mailbox under the cursor, 0 where there is none.
func (b *boxes) at() activesync.FolderID {
	r, ok := b.list.Current()
	if !ok || r.heading || r.outbox {
		return 0
	}
	return r.folder.ID
}

func (b *boxes) choose(id activesync.FolderID) {
	if i := b.list.Find("f" + id.String()); i >= 0 {
		b.list.To(i)
	}
	b.stale = true
}

// rebuild makes the rows anew from the accounts and keeps the cursor.
func (b *boxes) rebuild(a *App) {
	b.stale = true
	was, _ := b.list.Current()
	var rows []boxRow
	for _, c := range a.accounts {
		if len(a.accounts) > 1 {
			rows = append(rows, boxRow{key: "a" + string(c.ID), account: c, heading: true})
		}
		depth := map[activesync.FolderID]int{}
		for _, f := range c.folders {
			// The server's own Outbox is empty for clients of ActiveSync; ours is below.
			if f.Class != activesync.ClassEmail || f.Type == activesync.FolderOutbox && f.Total == 0 {
				continue
			}
			d := 0
			if up, ok := depth[f.Parent]; ok {
				d = up + 1
			}
			depth[f.ID] = d
			rows = append(rows, boxRow{key: "f" + f.ID.String(), folder: f, account: c, depth: d})
		}
		if n := len(visibleOps(c.outbox)); n > 0 {
			rows = append(rows, boxRow{key: "o" + string(c.ID), account: c, outbox: true})
		}
	}
	b.list.Put(0, len(rows), rows)
	if i := b.list.Find(was.key); i >= 0 {
		b.list.To(i)
	}
	b.skipHeading(1)
}

// skipHeading moves off the name of an account, on in the same direction.
func (b *boxes) skipHeading(step int) {
	for range b.list.Len() {
		if r, _ := b.list.Current(); !r.heading {
			return
		}
		at := b.list.Cursor()
		if at+step < 0 || at+step >= b.list.Len() {
			step = -step
		}
		b.list.Move(step)
	}
}

// moved follows the cursor: where the list of messages is on screen it shows
// the mailbox.
func (b *boxes) moved(a *App, step int) tea.Cmd {
	b.skipHeading(step)
	b.stale = true
	if id := b.at(); id != 0 && a.part(onList).w > 0 {
		return a.mail.list.open(a, id)
	}
	return nil
}

// open goes to the messages of the mailbox under the cursor.
func (b *boxes) open(a *App) tea.Cmd {
	r, ok := b.list.Current()
	if !ok || r.heading {
		return nil
	}
	if r.outbox {
		return a.goTo(outboxScreen)
	}
	return a.mail.openFolder(a, r.folder.ID)
}

func (b *boxes) lines(a *App) []string {
	if !b.stale {
		return b.drawn
	}
	b.stale = false
	b.drawn = b.drawn[:0]
	focus := a.mail.focus == onBoxes
	for _, s := range b.list.Visible() {
		r, _ := b.list.At(s.Index)
		on := style.Plain
		if s.Index == b.list.Cursor() {
			on = style.Resting
			if focus {
				on = style.Selected
			}
		}
		b.drawn = append(b.drawn, b.row(a, r, on))
	}
	words := b.words(b.rect)
	b.drawn = a.fill(b.drawn, b.rect.w, b.rect.h-len(words))
	for _, w := range words {
		b.drawn = append(b.drawn, a.theme.Line(b.rect.w, style.Plain).Skip(2).Put(style.Dim, w).String())
	}
	return b.drawn
}

// row draws a mailbox: its name, how often it is checked, and its count.
func (b *boxes) row(a *App, r boxRow, on style.Surface) string {
	l := a.theme.Line(b.rect.w, on)
	if on == style.Plain {
		l.Skip(1)
	} else {
		l.Put(style.Accent, a.theme.Bar)
	}
	if r.heading {
		sign, _, role := a.statusWords(r.account)
		return l.Put(style.Title, clean(r.account.Name)).Skip(1).Put(role, sign).String()
	}
	l.Skip(1 + 2*min(r.depth, 4))
	name, count, often := r.folder.Name, r.folder.Unread, shortFrequency(r.folder.Automatic(r.account.state))
	role := style.Text
	switch {
	case r.outbox:
		name, count, often = "Outbox", len(visibleOps(r.account.outbox)), ""
	case r.folder.Type == activesync.FolderDrafts:
		count = r.folder.Total
		if r.account.draftsLocal() {
			often = "local"
		}
	}
	if count > 0 {
		role = style.Unread
	}
	if r.folder.Problem != "" {
		often = a.theme.Warning
	}
	number := ""
	if count > 0 {
		number = strconv.Itoa(count)
	}
	nw := max(style.Width(number), 3)
	room := l.Room() - nw - 2
	if ow := style.Width(often); ow > 0 && (style.Width(name)+1+ow <= room || often != "push" && ow < room-3) {
		l.Cell(role, name, room-ow-1).Skip(1)
		if r.folder.Problem != "" {
			l.Put(style.Alert, often)
		} else {
			l.Put(style.Dim, often)
		}
	} else {
		l.Cell(role, name, room)
	}
	l.Skip(1).Right(style.Unread, number, nw)
	return l.String()
}

// shortFrequency words a check frequency for the narrow column of the list.
func shortFrequency(c activesync.CheckFrequency) string {
	switch c {
	case activesync.CheckPush:
		return "push"
	case activesync.CheckManual, "":
		return "manual"
	case activesync.Check1d:
		return "1 day"
	}
	s := string(c)
	n, unit := s[:len(s)-1], s[len(s)-1]
	if unit == 'm' {
		return n + " min"
	}
	return n + " h"
}
