package ui

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/style"
)

// view is what the reading pane shows of a message.
type view uint8

const (
	textView view = iota
	detailsView
	sourceView
)

// sourcer is a backend that can give a message as the server has it.
type sourcer interface {
	// Source is the message as MIME. It waits for the network.
	Source(ctx context.Context, item activesync.ItemID) ([]byte, error)
}

// toggleView shows something else of the message than its text, and back.
func (r *reader) toggleView(a *App, v view) tea.Cmd {
	if r.view == v {
		v = textView
	}
	r.view, r.page.top = v, 0
	if v != sourceView || r.source != nil {
		return r.render(a)
	}
	s, can := a.backend.(sourcer)
	if !can {
		r.view = textView
		return a.say("The source of messages cannot be had here.")
	}
	id, gen := r.id, r.lane.gen
	ask := a.read(&r.sourcing, network, func(ctx context.Context) answer {
		raw, err := s.Source(ctx, id)
		return func(a *App) tea.Cmd {
			r := &a.mail.reader
			switch {
			case gen != r.lane.gen:
				return nil
			case err != nil && r.view == sourceView:
				r.view = textView
				return tea.Batch(a.fail("The source was not fetched", err), r.render(a))
			case err != nil:
				return nil
			}
			r.source = raw
			return r.render(a)
		}
	})
	return tea.Batch(r.render(a), ask)
}

// mostSourceLines bounds the source that is shown.
const mostSourceLines = 50_000

// sourceLines draw the message as the server has it.
func (k look) sourceLines(s *sheet) {
	s.blank()
	if k.source == nil {
		s.words(style.Dim, "The source comes from the server"+k.theme.Ellipsis)
		return
	}
	for line := range strings.SplitSeq(strings.TrimRight(string(k.source), "\r\n"), "\n") {
		line = strings.ToValidUTF8(clean(strings.TrimSuffix(line, "\r")), "\uFFFD")
		for first := true; first || line != ""; first = false {
			part, _ := style.Cut(line, s.room(), "")
			if part == "" && line != "" {
				break // not even one letter fits
			}
			s.add(s.line().Put(style.Code, part))
			line = line[len(part):]
		}
		if len(s.out) > mostSourceLines {
			s.words(style.Dim, "The rest is left out. Save or pipe the message to see all of it.")
			return
		}
	}
}
