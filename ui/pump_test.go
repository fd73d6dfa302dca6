package ui

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
)

// pump carries a command out as Bubble Tea does: on a goroutine of its own, a
// batch side by side.
func pump(cmd tea.Cmd, msgs chan<- tea.Msg) {
	if cmd == nil {
		return
	}
	go func() {
		switch m := cmd().(type) {
		case nil:
		case tea.BatchMsg:
			for _, c := range m {
				pump(c, msgs)
			}
		default:
			msgs <- m
		}
	}()
}

// noticed hands notices on until ctx is done, as a backend's Subscribe does.
func noticed(ctx context.Context, notices <-chan activesync.Notice) <-chan activesync.Notice {
	out := make(chan activesync.Notice)
	go func() {
		defer close(out)
		for {
			select {
			case <-ctx.Done():
				return
			case n := <-notices:
				select {
				case out <- n:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return out
}
