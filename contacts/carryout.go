package contacts

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/contentline"
)

// writers is how many cards are written at the same time. Each waits for the
// disk by itself.
const writers = 8

// carryOut writes the cards. What is going to be written is noted first, so
// that after a crash it is not taken for a change by hand.
func (p *pass) carryOut(ctx context.Context) error {
	if len(p.work) == 0 {
		if p.report.Removed > 0 {
			p.dir.sync()
		}
		return nil
	}
	if err := p.book.save(p.ledger); err != nil {
		return err
	}
	jobs := make(chan *job)
	var wait sync.WaitGroup
	for range min(writers, len(p.work)) {
		wait.Go(func() {
			for j := range jobs {
				j.e.Stamp, j.err = p.dir.put(j.e.File, j.card, j.was)
			}
		})
	}
	started := 0
	for i := range p.work {
		if ctx.Err() != nil {
			break
		}
		jobs <- &p.work[i]
		started++
	}
	close(jobs)
	wait.Wait()
	p.dir.sync()
	var failed error
	for i := range p.work[:started] {
		switch j := &p.work[i]; {
		case j.err == nil:
			j.e.Hash, j.e.Sense, j.e.Next, j.e.From = hashOf(j.card), sense(j.card), "", j.from
			j.e.Fields, j.e.NextFields = p.fields, ""
			p.report.Written++
		case errors.Is(j.err, errTouched):
			j.e.Stamp = stamp{} // looked at in the next pass
			p.report.Problems = append(p.report.Problems, fmt.Sprintf("card %s: %v", j.e.File, j.err))
		default:
			j.e.Stamp = stamp{}
			failed = errors.Join(failed, fmt.Errorf("write a card: %w", j.err))
		}
	}
	return errors.Join(failed, ctx.Err())
}

// uidOf is the UID of the first card of a file.
func uidOf(data []byte) string { return property(data, "UID") }

// isOurs reports whether this program wrote a card.
func isOurs(data []byte) bool { return property(data, "PRODID") == productID }

// property is the value of the first property of that name.
func property(data []byte, name string) string {
	for _, raw := range contentline.Lines(data) {
		if line, ok := contentline.Parse(raw); ok && line.Name == name {
			return contentline.Unescape(strings.TrimSpace(line.Value))
		}
	}
	return ""
}

// mailsOf are hashes of a contact's addresses.
func mailsOf(c activesync.Contact) []string {
	var out []string
	for _, a := range c.Emails() {
		out = append(out, hashOf([]byte(strings.ToLower(strings.TrimSpace(a.Address)))))
	}
	return out
}
