package agent

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"eas.example/securemail/activesync"
)

// trailer carries what went wrong after the first bytes were out, as a fault.
const trailer = "Securemail-Fault"

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // fails only where nobody listens any more
}

// lines writes one JSON object a line, each at once. A client that does not
// read is dropped.
type lines struct {
	w   http.ResponseWriter
	enc *json.Encoder
	ctl *http.ResponseController
}

func newLines(w http.ResponseWriter) *lines {
	w.Header().Set("Content-Type", "application/x-ndjson")
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return &lines{w, enc, http.NewResponseController(w)}
}

func (l *lines) write(v any) error {
	if err := l.ctl.SetWriteDeadline(time.Now().Add(slowWrite)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	err := l.enc.Encode(v)
	if err == nil {
		err = l.ctl.Flush()
	}
	_ = l.ctl.SetWriteDeadline(time.Time{}) // the connection may be used again
	return err
}

// The question of a sync, and a line of its answer.
type (
	syncQuestion struct {
		Account activesync.AccountID  `json:"account"`
		Folders []activesync.FolderID `json:"folders,omitempty"`
		Every   bool                  `json:"every,omitempty"`
	}
	syncLine struct {
		Progress *statusLine  `json:"progress,omitempty"`
		Summary  *summaryLine `json:"summary,omitempty"`
		Fault    *fault       `json:"fault,omitempty"`
	}
)

func (s *Server) sync(w http.ResponseWriter, r *http.Request) {
	var q syncQuestion
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		fail(w, http.StatusBadRequest, fmt.Errorf("read the question: %w", err))
		return
	}
	out := newLines(w)
	sum, err := s.Local.Sync(r.Context(), q.Account, q.Folders, q.Every, func(st activesync.Status) {
		line := newStatusLine(st)
		_ = out.write(syncLine{Progress: &line}) // the last line tells whether anybody reads
	})
	_ = out.write(syncLine{Summary: newSummaryLine(sum), Fault: newFault(err)})
}

// The question for an attachment; N is counted from 0.
type attachmentQuestion struct {
	Item activesync.ItemID `json:"id"`
	N    int               `json:"n"`
}

func (s *Server) attachment(w http.ResponseWriter, r *http.Request) {
	var q attachmentQuestion
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		fail(w, http.StatusBadRequest, fmt.Errorf("read the question: %w", err))
		return
	}
	out := newFlow(w)
	out.finish(s.Local.Attachment(r.Context(), q.Item, q.N, out))
}

func (s *Server) source(w http.ResponseWriter, r *http.Request) {
	var q ofItem
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		fail(w, http.StatusBadRequest, fmt.Errorf("read the question: %w", err))
		return
	}
	mime, err := s.Local.Source(r.Context(), q.Item)
	out := newFlow(w)
	if err == nil {
		_, err = out.Write(mime)
	}
	out.finish(err)
}

func (s *Server) outboxSource(w http.ResponseWriter, r *http.Request) {
	var q ofOps
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil || len(q.Ops) != 1 {
		fail(w, http.StatusBadRequest, fmt.Errorf("read the question: %w", cmp.Or(err, errOneRecord)))
		return
	}
	out := newFlow(w)
	out.finish(s.Local.OutboxSource(r.Context(), q.Ops[0], out))
}

var errOneRecord = errors.New("it names one record")

func (s *Server) sendMIME(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	due, err := time.Parse(time.RFC3339, q.Get("due"))
	if err != nil {
		fail(w, http.StatusBadRequest, fmt.Errorf("read when it is due: %w", err))
		return
	}
	id, err := s.Local.SendMIME(r.Context(), activesync.AccountID(q.Get("account")), due, r.Body)
	if err != nil {
		_, _ = io.Copy(io.Discard, r.Body) // who still writes does not read why
		fail(w, http.StatusInternalServerError, err)
		return
	}
	writeJSON(w, made{Ops: []activesync.OpID{id}})
}

// flow is an answer of bytes. What goes wrong before the first of them is a
// fault as with any call, later it stands in the trailer.
type flow struct {
	w     http.ResponseWriter
	ctl   *http.ResponseController
	begun bool
}

func newFlow(w http.ResponseWriter) *flow { return &flow{w: w, ctl: http.NewResponseController(w)} }

func (f *flow) Write(p []byte) (int, error) {
	if !f.begun {
		f.begun = true
		f.w.Header().Set("Content-Type", "application/octet-stream")
		f.w.Header().Set("Trailer", trailer)
	}
	if err := f.ctl.SetWriteDeadline(time.Now().Add(slowWrite)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	return f.w.Write(p)
}

func (f *flow) finish(err error) {
	_ = f.ctl.SetWriteDeadline(time.Time{}) // the connection may be used again
	switch {
	case err == nil && !f.begun:
		_, _ = f.Write(nil) // an empty file
	case err != nil && !f.begun:
		fail(f.w, http.StatusInternalServerError, err)
	case err != nil:
		b, jerr := json.Marshal(newFault(err))
		if jerr != nil {
			b = []byte(`{"error":"cut off"}`)
		}
		f.w.Header().Set(trailer, string(b))
	}
}

// drain copies the answer to w, and finds in the trailer whether it is whole.
func drain(w io.Writer, answer *http.Response) error {
	if _, err := io.Copy(w, answer.Body); err != nil {
		return err
	}
	if t := answer.Trailer.Get(trailer); t != "" {
		var f fault
		if err := json.Unmarshal([]byte(t), &f); err != nil {
			return fmt.Errorf("read why the answer was cut off: %w", err)
		}
		return f.err()
	}
	return nil
}
