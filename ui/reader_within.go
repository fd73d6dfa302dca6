package ui

import (
	"bytes"
	"context"
	"errors"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/message/unwrap"
	"eas.example/securemail/ui/action"
)

// outer is a message of which an attached one is shown.
type outer struct {
	msg    activesync.Message
	parcel *parcel
	source []byte
	open   []int
	album  album
	top    int
}

// within reports whether an attached message is shown.
func (r *reader) within() bool { return len(r.outer) > 0 }

// isMessage reports whether an attachment is a message.
func isMessage(f activesync.Attachment) bool {
	return f.Method == activesync.AttachedMessage || strings.EqualFold(f.ContentType, "message/rfc822") || strings.HasSuffix(strings.ToLower(f.Name), ".eml")
}

// openAttached shows a message that is attached to the one shown.
func (r *reader) openAttached(a *App) tea.Cmd {
	m := &menu{title: "Open which message?", digits: true, width: 64}
	from := r.parts(a.backend)
	for n, f := range from.files {
		if isMessage(f) {
			m.items = append(m.items, item{label: fileName(f), value: size(f.Size), do: func(a *App) tea.Cmd { return a.mail.reader.enterMessage(a, from, n) }})
		}
	}
	switch len(m.items) {
	case 0:
		return nil
	case 1:
		return m.items[0].do(a)
	}
	return a.menu(m)
}

var errTooLarge = errors.New("it is too large to be shown; save it instead")

// bounded is a buffer that takes no more than a message may have to be shown.
type bounded struct{ bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > unwrap.Largest {
		return 0, errTooLarge
	}
	return b.Buffer.Write(p)
}

// enterMessage shows attachment n as a message.
func (r *reader) enterMessage(a *App, from parts, n int) tea.Cmd {
	if from.gen != r.lane.gen {
		return nil // another message is shown by now
	}
	u, look := a.unpacker(), r.look(a)
	return a.read(&r.entering, network, func(ctx context.Context) answer {
		var raw bounded
		if err := from.get(ctx, n, &raw); err != nil {
			return func(a *App) tea.Cmd { return a.fail("Not opened", err) }
		}
		p := u.unpack(ctx, messageOf(message.ParseBytes(raw.Bytes())), raw.Bytes())
		look.set, look.open, look.parcel, look.view, look.find, look.album = nil, nil, p, textView, "", nil
		text := renderMessage(look, p.msg)
		return func(a *App) tea.Cmd {
			r := &a.mail.reader
			if from.gen != r.lane.gen {
				return nil
			}
			r.outer = append(r.outer, outer{r.msg, r.parcel, r.source, r.open, r.album, r.page.top})
			r.album = nil
			r.msg, r.parcel, r.source, r.view, r.find = p.msg, p, raw.Bytes(), textView, ""
			r.page.top = 0
			r.edition++
			r.drawn(text)
			return tea.Batch(r.fetchPictures(a), a.say("This message is attached to the other one; "+a.keys.Key(action.Back)+" goes back to it."))
		}
	})
}

// leaveMessage goes back from an attached message to the one that carries it.
func (r *reader) leaveMessage(a *App) tea.Cmd {
	o := r.outer[len(r.outer)-1]
	r.outer = r.outer[:len(r.outer)-1]
	r.msg, r.parcel, r.source, r.open, r.set, r.view, r.find = o.msg, o.parcel, o.source, o.open, nil, textView, ""
	r.page.top, r.album = o.top, o.album
	r.edition++
	return r.render(a)
}
