package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/server/sample"
)

// fill puts the sample into the mailbox of the demo, or in place of its mail
// what --mail or --messages ask for.
func fill(box *server.Mailbox, o demoOptions) error {
	now := time.Now()
	if o.mail == "" && o.messages == 0 {
		return sample.Fill(box, now)
	}
	if err := sample.FillRest(box, now); err != nil {
		return err
	}
	if o.mail != "" {
		if err := fillFiles(box, o.mail); err != nil {
			return err
		}
	}
	if o.messages == 0 {
		return nil
	}
	g, err := sample.NewGenerator(o.messages, now)
	if err != nil {
		return err
	}
	return g.Fill(box, "Inbox")
}

// fillFiles puts the .eml files of a directory into the Inbox. They are read
// when they are asked for.
func fillFiles(box *server.Mailbox, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return usage(fmt.Errorf("read the mail: %w", err))
	}
	n := 0
	for _, e := range entries {
		if e.IsDir() || !strings.EqualFold(filepath.Ext(e.Name()), ".eml") {
			continue
		}
		name := filepath.Join(dir, e.Name())
		source := func() []byte {
			b, err := os.ReadFile(name)
			if err != nil {
				return []byte("Subject: (the file is gone)\r\n\r\n")
			}
			return b
		}
		if _, err := box.Deliver("Inbox", source, false); err != nil {
			return err
		}
		n++
	}
	if n == 0 {
		return usage(fmt.Errorf("there are no .eml files in %s", dir))
	}
	return nil
}

// firstArrivals are how long the first messages are awaited, when nothing else
// is said; then they come slower.
var firstArrivals = [...]time.Duration{8 * time.Second, 20 * time.Second, 30 * time.Second, 25 * time.Second, 40 * time.Second, 35 * time.Second}

// arrivals lets new mail come into the Inbox until ctx ends: one message in
// every --arrive, or, where that is not set, one about every half minute at
// first and one every two minutes later. A mailbox that is there to be measured
// is left alone.
func arrivals(ctx context.Context, box *server.Mailbox, o demoOptions) error {
	if o.arrive == 0 && (o.noUI || o.mail != "" || o.messages > 0) {
		return nil
	}
	coming, err := sample.NewArrivals(time.Now())
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		timer := time.NewTimer(arrivalAfter(n, o.arrive))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case now := <-timer.C:
			if _, err := box.Put("Inbox", coming.Next(now)); err != nil {
				return fmt.Errorf("let mail arrive: %w", err)
			}
		}
	}
}

func arrivalAfter(n int, every time.Duration) time.Duration {
	switch {
	case every > 0:
		return every
	case n < len(firstArrivals):
		return firstArrivals[n]
	}
	return 2 * time.Minute
}

// requestLog writes one line a request: when, which command, the folders it
// names and the HTTP status.
type requestLog struct {
	mu  sync.Mutex
	f   *os.File
	box *server.Mailbox
}

func (l *requestLog) note(q server.Request) {
	line := []string{q.Time.UTC().Format("15:04:05.000"), q.Command, fmt.Sprint(q.Status)}
	for _, id := range q.Collections {
		line = append(line, l.box.Path(id))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintln(l.f, strings.Join(line, "\t"))
}
