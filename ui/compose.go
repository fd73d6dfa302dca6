package ui

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
	"eas.example/securemail/ui/edit"
	"eas.example/securemail/ui/style"
)

// The parts of the writing screen, in the order in which tab goes through them.
const (
	fromPart = iota
	toPart
	ccPart
	bccPart
	subjectPart
	textPart
	// These take no keys.
	copiesPart // Cc and Bcc in one line while both are empty
	wrongPart  // what is wrong with the field above
	filesPart
	rulePart
)

// compose is the screen on which a message is written.
type compose struct {
	id      string // names the draft where it is kept
	account activesync.AccountID
	field   [textPart + 1]*edit.Buffer // by part; From has none
	wrong   [textPart + 1]string       // what is no address in a field
	files   []file
	source  activesync.ItemID
	verb    activesync.Verb
	wish    wishes
	due     time.Time // when it is to be sent, zero for at once
	start   written   // as it was opened
	focus   int
	options options

	rect    rect
	parts   []stretch
	drawn   []string
	stale   bool
	theme   *style.Theme // that drawn was made with
	cursorX int          // in cells of the pane
	cursorY int
	cursors bool // the cursor is on screen

	keeping keeping
	editing *editorFile
	sending bool
	gone    bool // sent or given up
}

// written is all that a person can change of a message, for comparing.
type written struct {
	account                              activesync.AccountID
	to, cc, bcc, subject, text, attached string
	wish                                 wishes
}

// openCompose opens the writing screen with a draft. focus is "to" or "text".
// What is being written already is put aside.
func (a *App) openCompose(d activesync.Draft, focus string) tea.Cmd {
	before := a.setAside()
	part := toPart
	if focus == "text" {
		part = textPart
	}
	w := newCompose(a, rand.Text(), d, part)
	return tea.Batch(before, a.showCompose(w))
}

// showCompose brings a message on screen.
func (a *App) showCompose(w *compose) tea.Cmd {
	a.write = w
	if a.account(w.account) == nil {
		if c := a.current(); c != nil {
			w.account = c.ID
		}
	}
	w.stale = true
	return tea.Batch(a.arrange(), w.lookAtFiles(a))
}

func newCompose(a *App, id string, d activesync.Draft, focus int) *compose {
	w := &compose{id: id, focus: focus, stale: true}
	w.fill(d)
	if c := a.current(); w.account == "" && c != nil {
		w.account = c.ID
	}
	if focus == toPart {
		w.field[toPart].Bottom() // else the first row of many is shown
	}
	w.keeping.drafts, _ = a.backend.(drafter)
	w.keeping.writer = rand.Text()
	w.start = w.written()
	return w
}

// fill makes the screen show a draft.
func (w *compose) fill(d activesync.Draft) {
	w.account, w.source, w.verb, w.due = d.Account, d.Source, d.Verb, d.Due
	w.wrong = [textPart + 1]string{}
	w.options.close()
	w.wish = wishes{from: d.From, markdown: d.Markdown, importance: d.Importance, read: d.ReadReceipt, delivered: d.DeliveryReceipt}
	w.field[toPart] = edit.New(addressText(d.To))
	w.field[ccPart] = edit.New(addressText(d.Cc))
	w.field[bccPart] = edit.New(addressText(d.Bcc))
	w.field[subjectPart] = edit.New(clean(d.Subject))
	w.field[textPart] = edit.New(d.Text)
	w.files = nil
	for _, f := range d.Attachments {
		x := file{DraftAttachment: f, size: int64(len(f.Data))}
		switch {
		case f.Path != "":
			x.size = -1 // not known yet
		case f.Elsewhere():
			x.size = cmp.Or(f.Size, -1)
		}
		w.files = append(w.files, x)
	}
}

func (w *compose) text() *edit.Buffer { return w.field[textPart] }

func (w *compose) written() written {
	attached := ""
	for _, f := range w.files {
		attached += fmt.Sprintf("%s/%s/%d/%d\n", f.Path, f.Name, f.Of, f.Part)
	}
	return written{account: w.account, wish: w.wish, to: w.field[toPart].Text(), cc: w.field[ccPart].Text(), bcc: w.field[bccPart].Text(),
		subject: w.field[subjectPart].Text(), text: w.text().Text(), attached: attached}
}

// changed reports whether there is anything to lose.
func (w *compose) changed() bool { return w.keeping.restored || w.written() != w.start }

// touched notes a change: the screen is drawn again, and the text kept soon.
func (w *compose) touched(a *App) tea.Cmd {
	w.stale = true
	w.keeping.rev++
	return w.keepSoon(a)
}

// draft is what is written, as far as it makes sense.
func (w *compose) draft() activesync.Draft {
	d := activesync.Draft{Account: w.account, Due: w.due, Source: w.source, Verb: w.verb, Subject: w.field[subjectPart].Text(), Text: w.text().Text(),
		From: w.wish.from, Markdown: w.wish.markdown, Importance: w.wish.importance, ReadReceipt: w.wish.read, DeliveryReceipt: w.wish.delivered}
	d.To = activesync.ParseAddresses(w.field[toPart].Text())
	d.Cc = activesync.ParseAddresses(w.field[ccPart].Text())
	d.Bcc = activesync.ParseAddresses(w.field[bccPart].Text())
	for _, f := range w.files {
		d.Attachments = append(d.Attachments, f.DraftAttachment)
	}
	return d
}

// do carries out an action of writing.
func (w *compose) do(a *App, id action.ID) (cmd tea.Cmd, mine bool) {
	if w.sending {
		return a.say("The message is being sent."), true
	}
	if cmd, mine := w.wishDo(a, id); mine {
		return cmd, true
	}
	switch id {
	case action.Send:
		return w.send(a, 0), true
	case action.SendLater:
		return a.askLater("Send later", w.due, func(a *App, t time.Time) tea.Cmd { return w.sendAt(a, t) }), true
	case action.Attach:
		return w.askFile(a), true
	case action.Detach:
		return w.askDetach(a), true
	case action.Editor:
		return w.openEditor(a), true
	case action.UndoEdit:
		return w.undo(a, (*edit.Buffer).Undo, "There is nothing to take back."), true
	case action.RedoEdit:
		return w.undo(a, (*edit.Buffer).Redo, "There is nothing to type again."), true
	case action.Close:
		return w.leave(a), true
	}
	return nil, false
}

func (w *compose) undo(a *App, step func(*edit.Buffer) bool, none string) tea.Cmd {
	b := w.field[w.focus]
	if b == nil || !step(b) {
		return a.say(none)
	}
	w.mend(a)
	w.options.close()
	return w.touched(a)
}

func (w *compose) key(a *App, k tea.KeyMsg, name string) tea.Cmd {
	if cmd, mine := w.optionsKey(a, k, name); mine {
		return cmd
	}
	// Letters are written, whatever they do elsewhere.
	if row, ok := a.keys.Lookup(name, action.Compose); ok && !isLetter(k) {
		return a.perform(row.ID)
	}
	if w.sending {
		return a.say("The message is being sent.")
	}
	if cmd, mine := w.moveKey(a, name); mine {
		return cmd
	}
	b := w.field[w.focus]
	if b == nil {
		return nil
	}
	mine, changed := typeText(b, k, name, w.focus == textPart)
	if !mine {
		return nil
	}
	w.stale = true
	if !changed {
		w.options.close()
		return nil
	}
	w.mend(a)
	return tea.Batch(w.suggest(a), w.touched(a))
}

// isLetter reports whether a key writes something.
func isLetter(k tea.KeyMsg) bool { return (k.Type == tea.KeyRunes || k.Type == tea.KeySpace) && !k.Alt }

// paste writes what comes from outside as it is; keys in it do nothing.
func (w *compose) paste(a *App, s string) tea.Cmd {
	b := w.field[w.focus]
	if w.sending || b == nil || s == "" {
		return nil
	}
	before := b.Text()
	b.Insert(w.fit(s))
	w.mend(a)
	w.options.close()
	return tea.Batch(w.touched(a), w.offerFiles(a, b, before, s))
}

func (w *compose) click(a *App, _, x, y int, _ bool) tea.Cmd {
	if w.sending {
		return nil
	}
	if i := w.options.row(x, y); i >= 0 {
		w.options.at = i
		return w.take(a)
	}
	for _, p := range w.parts {
		if y < p.y || y >= p.y+p.h {
			continue
		}
		switch p.part {
		case fromPart:
			w.enter(a, fromPart)
			return w.chooseFrom(a)
		case copiesPart:
			w.enter(a, ccPart)
		case filesPart:
			return a.perform(action.Detach)
		case toPart, ccPart, bccPart, subjectPart, textPart:
			w.enter(a, p.part)
			left, _ := w.room(p.part)
			w.field[p.part].Click(max(x-left, 0), y-p.y)
		}
		return nil
	}
	return nil
}

func (w *compose) wheel(_ *App, _, n int) tea.Cmd {
	w.text().Scroll(n)
	w.stale = true
	return nil
}

func (w *compose) resize(r rect) {
	w.rect, w.stale = r, true
	w.options.close()
}

// cursor is the cell of the screen where letters go.
func (w *compose) cursor() (x, y int, visible bool) {
	return w.rect.x + w.cursorX, w.rect.y + w.cursorY, w.cursors && !w.sending
}
