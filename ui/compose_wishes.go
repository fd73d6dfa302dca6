package ui

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/ui/action"
	"eas.example/securemail/ui/edit"
	"eas.example/securemail/ui/style"
)

// wishes are what a message asks for besides being sent.
type wishes struct {
	from       activesync.Address // zero is the account's own
	markdown   bool
	importance activesync.Importance
	read       bool // a receipt of each reader is asked for
	delivered  bool // and one of each reader's server
}

// words says what is asked for that one would not expect.
func (w *compose) wishWords() []string {
	var out []string
	if w.wish.markdown {
		out = append(out, "Markdown")
	}
	switch w.wish.importance {
	case activesync.ImportanceHigh:
		out = append(out, "important")
	case activesync.ImportanceLow:
		out = append(out, "unimportant")
	}
	if w.wish.read || w.wish.delivered {
		out = append(out, "receipt asked for")
	}
	return out
}

// toggleMarkdown changes the form in which the text is sent.
func (w *compose) toggleMarkdown(a *App) tea.Cmd {
	w.wish.markdown = !w.wish.markdown
	said := "It is sent as plain text."
	if w.wish.markdown {
		said = "It is sent as text and HTML; write Markdown."
	}
	return tea.Batch(w.touched(a), a.say(said))
}

func (w *compose) askImportance(a *App) tea.Cmd {
	m := &menu{title: "Importance", digits: true}
	for _, c := range []struct {
		name string
		is   activesync.Importance
	}{{"High", activesync.ImportanceHigh}, {"Normal", activesync.ImportanceNormal}, {"Low", activesync.ImportanceLow}} {
		m.items = append(m.items, item{label: c.name, radio: true, chosen: w.wish.importance == c.is, do: func(a *App) tea.Cmd {
			w.wish.importance = c.is
			return w.touched(a)
		}})
	}
	return a.menu(m)
}

func (w *compose) askReceipts(a *App) tea.Cmd {
	m := &menu{title: "Receipts", digits: true}
	for _, c := range []struct {
		label           string
		read, delivered bool
	}{{"None", false, false}, {"When it is read", true, false}, {"When it is delivered", false, true}, {"When it is delivered and read", true, true}} {
		m.items = append(m.items, item{label: c.label, radio: true, chosen: w.wish.read == c.read && w.wish.delivered == c.delivered, do: func(a *App) tea.Cmd {
			w.wish.read, w.wish.delivered = c.read, c.delivered
			return w.touched(a)
		}})
	}
	return a.menu(m)
}

// chooseFrom asks from which account, and as whom, the message is sent.
func (w *compose) chooseFrom(a *App) tea.Cmd {
	m := &menu{title: "From", digits: true}
	for _, c := range a.accounts {
		id := c.ID
		for i, p := range a.settings.identities(c.Account) {
			from := p
			if i == 0 && p.Name == "" {
				from = activesync.Address{}
			}
			m.items = append(m.items, item{label: clean(personText(p)), value: clean(c.Name), radio: true, chosen: id == w.account && from == w.wish.from, do: func(a *App) tea.Cmd {
				return w.sendAs(a, id, from)
			}})
		}
	}
	if len(m.items) < 2 {
		return a.say("There is one address to write from. More of them can be written down in Settings " + a.theme.Path + " Writing.")
	}
	return a.menu(m)
}

// canChooseFrom reports whether there is more than one address to write from.
func (w *compose) canChooseFrom(a *App) bool {
	n := 0
	for _, c := range a.accounts {
		n += len(a.settings.identities(c.Account))
	}
	return n > 1
}

// sendAs changes who writes. The signature goes with the account where it
// stands as it was put there.
func (w *compose) sendAs(a *App, id activesync.AccountID, from activesync.Address) tea.Cmd {
	was := w.account
	if was == id && w.wish.from == from {
		return nil
	}
	w.account, w.wish.from = id, from
	answer := w.verb != activesync.VerbNone
	if old, now := signatureBlock(a.settings.signature(was, answer)), signatureBlock(a.settings.signature(id, answer)); old != now {
		w.swapSignature(old, now)
	}
	return w.touched(a)
}

// swapSignature writes another signature in place of one.
func (w *compose) swapSignature(old, now string) {
	b, text := w.text(), w.text().Text()
	at := b.At()
	switch i := strings.Index("\n"+text, "\n"+old); {
	case old != "" && i >= 0:
		b.Replace(placeIn(text, i), placeIn(text, i+len(old)), now)
	case old == "" && now != "" && strings.TrimSpace(text) == "":
		b.SetText("\n\n" + now)
	default:
		return
	}
	b.Go(at)
}

// placeIn is the place of a byte of a text.
func placeIn(text string, at int) edit.Pos {
	before := text[:min(at, len(text))]
	line := strings.Count(before, "\n")
	return edit.Pos{Line: line, Byte: len(before) - strings.LastIndexByte(before, '\n') - 1}
}

// others offers the messages that were begun beside this one.
func (w *compose) others(a *App) tea.Cmd {
	m := &menu{title: "Messages you are writing", digits: true}
	for _, x := range slices.Backward(a.aside) {
		m.items = append(m.items, x.menuItem(a))
	}
	m.items = append(m.items, item{label: "A new message", do: func(a *App) tea.Cmd { return a.writeNew() }})
	return a.menu(m)
}

// menuItem is a message that was begun, in a menu.
func (w *compose) menuItem(a *App) item {
	to := strings.Trim(clean(w.field[toPart].Text()), " ,;")
	if to == "" {
		to = "to no one yet"
	}
	subject := strings.TrimSpace(clean(w.field[subjectPart].Text()))
	if subject == "" {
		subject = noSubject
	}
	return item{label: subject, value: cutTo(to, 30, a.theme), do: func(a *App) tea.Cmd { return a.goOn(w) }}
}

// outside are the addresses of a list that are not of the organisation.
func (a *App) outside(list []activesync.Address) (out []string) {
	if a.deps.External == nil {
		return nil
	}
	for _, p := range list {
		if message.CheckAddress(p.Address) == nil && a.deps.External(p.Address) {
			out = append(out, clean(p.Address))
		}
	}
	return out
}

// markOutside says behind the addresses of a field that some are not of the
// organisation, as soon as they are written.
func (w *compose) markOutside(a *App, l *style.Line, part int) {
	if !holdsAddresses(part) || w.wrong[part] != "" {
		return
	}
	n := len(a.outside(activesync.ParseAddresses(w.field[part].Text())))
	if n == 0 {
		return
	}
	words := a.theme.Warning + " " + plural(n, "outside", "%d outside")
	if l.Room() < style.Width(words)+2 {
		words = a.theme.Warning
	}
	if l.Room() > style.Width(words) { // the question before sending names them
		l.Skip(min(2, l.Room()-style.Width(words))).Put(style.Warn, words)
	}
}

// checkOutside asks before a message leaves the organisation.
func (w *compose) checkOutside(a *App) func() *question {
	return func() *question {
		d := w.draft()
		out := a.outside(d.Recipients())
		if len(out) == 0 {
			return nil
		}
		return &question{title: "Outside the organisation", yes: "Send",
			text: plural(len(out), "This address is not of your organisation: ", "%d addresses are not of your organisation: ") + strings.Join(out, ", ") + ". Send it there?"}
	}
}

// wishDo carries out the actions of this file.
func (w *compose) wishDo(a *App, id action.ID) (cmd tea.Cmd, mine bool) {
	switch id {
	case action.Markdown:
		return w.toggleMarkdown(a), true
	case action.Importance:
		return w.askImportance(a), true
	case action.Receipts:
		return w.askReceipts(a), true
	case action.From:
		return w.chooseFrom(a), true
	case action.Others:
		return w.others(a), true
	case action.Template:
		return w.askTemplate(a), true
	case action.Spelling:
		return w.checkSpelling(a), true
	case action.AttachMail:
		return w.askMail(a), true
	case action.PutPicture:
		return w.askPicture(a), true
	}
	return nil, false
}
