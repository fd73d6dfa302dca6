package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// The paths on the socket begin with the version of what is spoken there.
const (
	protocol = 1
	root     = "/v1/"
)

// call is one method of the agent: its name on the socket and what it does.
// The question is the body of a POST, the answer that of a 200; a failure is a
// fault and any other status.
type call[Q, A any] struct {
	name string
	// harmless calls may be asked again when the agent died over them.
	harmless bool
	do       func(context.Context, *Local, Q) (A, error)
}

// nothing is the question or the answer of calls that have none.
type nothing struct{}

// endpoint is a call with its types forgotten.
type endpoint interface {
	path() string
	handler(*Local) http.HandlerFunc
}

func (c call[Q, A]) path() string { return root + c.name }

func (c call[Q, A]) handler(l *Local) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var q Q
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil && !errors.Is(err, io.EOF) {
			fail(w, http.StatusBadRequest, fmt.Errorf("read the question: %w", err))
			return
		}
		a, err := c.do(r.Context(), l, q)
		if err != nil {
			fail(w, http.StatusInternalServerError, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(a) // fails only where nobody listens any more
	}
}

func fail(w http.ResponseWriter, status int, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(newFault(err))
}

// ask is the other side of handler.
func (c call[Q, A]) ask(ctx context.Context, to *Client, q Q) (A, error) {
	var a A
	body, err := json.Marshal(q)
	if err != nil {
		return a, fmt.Errorf("ask the agent for %s: %w", c.name, err)
	}
	answer, err := to.post(ctx, c.name, body, c.harmless)
	if err != nil {
		return a, err
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&a); err != nil {
		var zero A
		return zero, to.broken(ctx, c.name, err)
	}
	_, _ = io.Copy(io.Discard, answer.Body) // lets the connection be used again
	return a, nil
}

// tell is ask where the answer is that it was done.
func tell[Q any](ctx context.Context, c call[Q, nothing], to *Client, q Q) error {
	_, err := c.ask(ctx, to, q)
	return err
}

// post sends a question and returns the answer where it is no fault.
func (c *Client) post(ctx context.Context, path string, body []byte, harmless bool) (*http.Response, error) {
	answer, err := c.postStream(ctx, path, bytes.NewReader(body))
	if harmless && errors.Is(err, ErrLost) && ctx.Err() == nil {
		return c.postStream(ctx, path, bytes.NewReader(body)) // it died over the question; its successor answers
	}
	return answer, err
}

// postStream is post for a question that can be read only once.
func (c *Client) postStream(ctx context.Context, path string, body io.Reader) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://agent"+root+path, body)
	if err != nil {
		return nil, fmt.Errorf("ask the agent for %s: %w", path, err)
	}
	answer, err := c.http.Do(r)
	switch {
	case err != nil:
		return nil, c.broken(ctx, path, err)
	case answer.StatusCode == http.StatusOK:
		return answer, nil
	}
	defer answer.Body.Close()
	var f fault
	if err := json.NewDecoder(answer.Body).Decode(&f); err != nil || f.Text == "" {
		return nil, fmt.Errorf("ask the agent for %s: it answered %s", path, answer.Status)
	}
	return nil, f.err()
}

// broken is the error for a question without an answer.
func (c *Client) broken(ctx context.Context, path string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if there, ok := errors.AsType[*startError](err); ok {
		return there.err // what kept the agent from starting is the reason
	}
	if errors.Is(err, errNotThere) {
		return ErrNotRunning
	}
	return fmt.Errorf("ask the agent for %s: %w: %w", path, ErrLost, err)
}

var (
	// ErrNotRunning: there is no agent, and none is to be started.
	ErrNotRunning = errors.New("the background process does not run")
	// ErrLost: the agent ended before it had answered. What was asked may have
	// been done or not.
	ErrLost = errors.New("the background process ended before it had answered")
)
