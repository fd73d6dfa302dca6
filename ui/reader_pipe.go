package ui

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/ui/edit"
	"eas.example/securemail/ui/style"
)

// mostOutput bounds what is kept of the words of a command.
const mostOutput = 1 << 20

// openPipe asks for the command that gets the source of the message.
func (a *App) openPipe() tea.Cmd {
	r := &a.mail.reader
	s, can := a.backend.(sourcer)
	if !can || !r.have {
		return a.say("The source of messages cannot be had here.")
	}
	id, raw := r.id, r.source
	return a.prompt(&prompt{
		title: "Pipe to a command", label: "The shell runs it with the source of the message as its input; what it says is shown.",
		field: edit.NewField(a.piped),
		do: func(a *App, line string) tea.Cmd {
			if line = strings.TrimSpace(line); line == "" {
				return nil
			}
			a.piped = line
			return tea.Batch(a.say("Running "+clean(line)+a.theme.Ellipsis), a.pipe(s, id, raw, line))
		},
	})
}

// pipe runs a command. It ends with the screens at the latest.
func (a *App) pipe(s sourcer, id activesync.ItemID, raw []byte, line string) tea.Cmd {
	return a.call(forever, func(ctx context.Context) answer {
		if raw == nil {
			var err error
			if raw, err = s.Source(ctx, id); err != nil {
				return func(a *App) tea.Cmd { return a.fail("The message could not be fetched", err) }
			}
		}
		cmd := exec.CommandContext(ctx, "/bin/sh", "-c", line)
		var out clipped
		cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(raw), &out, &out
		cmd.WaitDelay = time.Second
		err := cmd.Run()
		return func(a *App) tea.Cmd { return a.showOutput(line, &out, err) }
	})
}

func (a *App) showOutput(line string, out *clipped, err error) tea.Cmd {
	text := strings.TrimRight(message.CleanText(strings.ToValidUTF8(out.String(), "\uFFFD")), "\n ")
	if out.cut {
		text += "\n(The rest is left out.)"
	}
	ended := ""
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		ended = "The command ended with: " + exit.String()
	} else if err != nil {
		return a.fail("The command was not run", err)
	}
	switch {
	case text == "" && ended != "":
		return a.tell(note{text: ended, alert: true})
	case text == "":
		return a.say("Done: " + clean(line))
	}
	if ended != "" {
		ended = a.theme.Warning + " " + ended
	}
	return a.showText(line, passage{style.Warn, ended}, passage{style.Text, text})
}

// clipped keeps the beginning of what is written to it.
type clipped struct {
	bytes.Buffer
	cut bool
}

func (c *clipped) Write(p []byte) (int, error) {
	n := min(len(p), mostOutput-c.Len())
	c.Buffer.Write(p[:n])
	c.cut = c.cut || n < len(p)
	return len(p), nil
}
