package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os/exec"
	"sync"
	"time"

	"eas.example/securemail/activesync"
)

const (
	// commandLimit is how long the person's command may take for one event.
	commandLimit = 30 * time.Second
	// commandsAhead is how many events may wait for it.
	commandsAhead = 64
	// commandsLast is how long events may take that wait for it at the end.
	commandsLast = 5 * time.Second
)

// event is what the person's command gets on its standard input: one line of
// JSON. It holds no more than a notification may tell.
type event struct {
	Event   activesync.NotifyKind `json:"event"`
	Account activesync.AccountID  `json:"account"`
	Time    time.Time             `json:"time"`
	// Name is the same for a notification and its withdrawal.
	Name      string              `json:"name"`
	Title     string              `json:"title,omitempty"`
	Body      string              `json:"body,omitempty"`
	Items     []activesync.ItemID `json:"ids,omitempty"`
	Withdrawn bool                `json:"withdrawn,omitempty"`
}

func eventOf(n Notice, withdrawn bool) event {
	return event{n.Kind, n.Account, time.Now().UTC(), n.ID, n.Title, n.Body, n.Items, withdrawn}
}

// commands runs the person's command for one event after another.
type commands struct {
	queue chan commandRun
	cut   context.CancelFunc
	wait  sync.WaitGroup
}

type commandRun struct {
	words []string
	event event
}

func (c *commands) start(ctx context.Context, run func(context.Context, []string, []byte) error, log *slog.Logger) {
	c.queue = make(chan commandRun, commandsAhead)
	ctx, c.cut = context.WithCancel(context.WithoutCancel(ctx))
	c.wait.Go(func() {
		for r := range c.queue {
			b, err := json.Marshal(r.event)
			if err == nil {
				limit, cancel := context.WithTimeout(ctx, commandLimit)
				err = run(limit, r.words, append(b, '\n'))
				cancel()
			}
			if err != nil {
				log.Warn("your command for notifications failed", "error", err)
			}
		}
	})
}

// stop lets what waits be told: it counts as told, and no successor tells of it.
func (c *commands) stop() {
	close(c.queue)
	defer time.AfterFunc(commandsLast, c.cut).Stop()
	c.wait.Wait()
	c.cut()
}

// put hands an event over; false where too many wait or there is no command.
func (c *commands) put(words []string, e event) bool {
	if len(words) == 0 {
		return false
	}
	select {
	case c.queue <- commandRun{words, e}:
		return true
	default:
		return false
	}
}

// runCommand runs the words as a process. What it prints is thrown away: it
// could hold what the person did not want in a log.
func runCommand(ctx context.Context, words []string, event []byte) error {
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Stdin = bytes.NewReader(event)
	cmd.WaitDelay = time.Second
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("run %s: %w", words[0], err)
	}
	return nil
}
