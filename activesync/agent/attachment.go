package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"eas.example/securemail/activesync"
)

// FetchAttachment brings attachment n, counted from 0, onto this machine, where
// it is kept sealed. progress is told how much has come of how much there is
// about. It waits for the network; what was cut off is gone on with the next time.
func (l *Local) FetchAttachment(ctx context.Context, id activesync.ItemID, n int, progress func(done, total int64)) error {
	who, err := l.ofItem(ctx, id)
	if err != nil {
		return err
	}
	r, err := who.engine.Attachment(ctx, id, n, progress)
	if err != nil {
		return err
	}
	return r.Close()
}

// fetchLine is a line of the answer: how far it is, or in the last one how it
// ended.
type fetchLine struct {
	Done  int64  `json:"done"`
	Total int64  `json:"total"`
	End   bool   `json:"end,omitempty"`
	Fault *fault `json:"fault,omitempty"`
}

func (s *Server) fetchAttachment(w http.ResponseWriter, r *http.Request) {
	var q attachmentQuestion
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		fail(w, http.StatusBadRequest, fmt.Errorf("read the question: %w", err))
		return
	}
	out := newLines(w)
	last := fetchLine{End: true}
	err := s.Local.FetchAttachment(r.Context(), q.Item, q.N, func(done, total int64) {
		last.Done, last.Total = done, total
		_ = out.write(fetchLine{Done: done, Total: total}) // the last line tells whether anybody reads
	})
	last.Fault = newFault(err)
	_ = out.write(last)
}

// FetchAttachment brings an attachment onto this machine. Breaking it off keeps
// what has come.
func (c *Client) FetchAttachment(ctx context.Context, id activesync.ItemID, n int, progress func(done, total int64)) error {
	body, err := json.Marshal(attachmentQuestion{id, n})
	if err != nil {
		return fmt.Errorf("ask the agent for an attachment: %w", err)
	}
	answer, err := c.post(ctx, "attachment/fetch", body, true)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	for dec := json.NewDecoder(answer.Body); ; {
		var l fetchLine
		switch err := dec.Decode(&l); {
		case err != nil:
			return c.broken(ctx, "attachment/fetch", err)
		case l.End:
			return l.Fault.err()
		case progress != nil:
			progress(l.Done, l.Total)
		}
	}
}
