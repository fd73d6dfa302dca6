package ui

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/edit"
)

// askMail asks for a message of the list, of which something is to be attached.
func (w *compose) askMail(a *App) tea.Cmd {
	_, rows := a.mail.list.list.Loaded()
	if len(rows) == 0 {
		return a.say("Open a mailbox first; its messages are offered here.")
	}
	m := &menu{title: "Attach from which message?", find: edit.NewField(""), width: 70}
	for _, r := range rows {
		h := r.Header
		subject := strings.TrimSpace(clean(h.Subject))
		if subject == "" {
			subject = noSubject
		}
		m.items = append(m.items, item{label: subject, value: cutTo(clean(h.From.Label()), 24, a.theme), also: h.From.Address, leads: h.HasAttachments, do: func(a *App) tea.Cmd {
			if !h.HasAttachments {
				return w.attachPart(a, wholeMail(h))
			}
			return w.askParts(a, h)
		}})
	}
	return a.menu(m)
}

// wholeMail is a message as an attachment.
func wholeMail(h activesync.Header) file {
	name := strings.TrimSpace(clean(h.Subject))
	if name == "" {
		name = "message"
	}
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) {
			return '-'
		}
		return r
	}, name)
	return file{DraftAttachment: activesync.DraftAttachment{Name: name + ".eml", ContentType: "message/rfc822", Part: activesync.WholeMessage, Of: h.ID}, size: -1}
}

// askParts asks which attachment of a message is meant, or the message itself.
func (w *compose) askParts(a *App, h activesync.Header) tea.Cmd {
	b := a.backend
	return a.call(network, func(ctx context.Context) answer {
		msg, err := b.Message(ctx, h.ID)
		return func(a *App) tea.Cmd {
			if a.write != w {
				return nil
			}
			if err != nil {
				a.closeMenus()
				return a.fail("Not opened", err)
			}
			m := &menu{title: "Attach what?", digits: true}
			m.items = append(m.items, item{label: "The message itself", do: func(a *App) tea.Cmd { return w.attachPart(a, wholeMail(h)) }})
			for i, f := range msg.Attachments {
				part := file{DraftAttachment: activesync.DraftAttachment{Name: fileName(f), ContentType: f.ContentType, Part: i + 1, Of: h.ID, Size: f.Size}, size: f.Size}
				m.items = append(m.items, item{label: fileName(f), value: size(f.Size), do: func(a *App) tea.Cmd { return w.attachPart(a, part) }})
			}
			return a.menu(m)
		}
	})
}

// attachPart attaches something of a message.
func (w *compose) attachPart(a *App, f file) tea.Cmd {
	for _, g := range w.files {
		if g.Part == f.Part && g.Of == f.Of && f.Part != 0 {
			return a.say("It is attached already.")
		}
	}
	if w.sending || w.gone {
		return a.tooLate()
	}
	w.files = append(w.files, f)
	return tea.Batch(w.touched(a), a.say("Attached: "+clean(f.Name)))
}
