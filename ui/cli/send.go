package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/ui"
)

// maxMessage bounds what is read from standard input.
const maxMessage = 256 << 20

func (a *app) sendCommand() *cobra.Command {
	var noQueue bool
	var at string
	c := &cobra.Command{
		Use: "send", Short: "Send the message on standard input",
		Long: `Send the RFC 5322 message on standard input at once and wait until the server has
accepted it. A missing Date, Message-ID, From or MIME-Version is filled in. When the
server cannot be reached the message stays in the outbox and is sent later.

With --at it waits in the outbox for its time: 17:30, tomorrow 9:00, friday 8:00,
in 2 hours, 2026-12-24 10:00.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			due, err := dueTime(at, time.Now())
			if err != nil {
				return usage(err)
			}
			in := &limited{r: bufio.NewReader(a.stdin), left: maxMessage}
			if _, err := in.r.Peek(1); err == io.EOF {
				return usage(errors.New("standard input holds no message"))
			}
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error { return a.send(ctx, l, in, due, noQueue) })
		},
	}
	c.Flags().BoolVar(&noQueue, "no-queue", false, "fail instead of keeping the message for later")
	c.Flags().StringVar(&at, "at", "", "keep it in the outbox until `TIME`")
	c.MarkFlagsMutuallyExclusive("no-queue", "at")
	return c
}

// dueTime reads when a message is to be sent; "" is at once, and zero.
func dueTime(s string, now time.Time) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		var ok bool
		if t, ok = ui.ParseTime(s, now); !ok {
			return t, fmt.Errorf("%q is no time; write 17:30, tomorrow 9:00, friday 8:00, in 2 hours or 2026-12-24 10:00", s)
		}
	}
	if !t.After(now) {
		return t, fmt.Errorf("%s is over", localTime(t))
	}
	return t, nil
}

// limited reads a message of bounded size, and keeps why it could not.
type limited struct {
	r    *bufio.Reader
	left int
	err  error
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if l.left -= n; l.left < 0 {
		err = fmt.Errorf("the message is larger than %s", size(maxMessage))
	}
	if err != nil && err != io.EOF {
		l.err = err
	}
	return n, err
}

func (a *app) send(ctx context.Context, l agent.Service, in *limited, due time.Time, noQueue bool) error {
	acc, err := a.chosen(ctx, l)
	if err != nil {
		return err
	}
	id, err := l.SendMIME(ctx, acc.ID, due, in)
	switch {
	case in.err != nil:
		return fmt.Errorf("read the message: %w", in.err)
	case err != nil:
		return err
	case !due.IsZero():
		return a.sendResult(id, "queued")
	}
	return a.sendNow(ctx, l, acc.ID, id, noQueue)
}

// sendNow carries out the journal and says what became of one message in it.
func (a *app) sendNow(ctx context.Context, l agent.Service, account activesync.AccountID, id activesync.OpID, noQueue bool) error {
	failure := l.Push(ctx, account)
	ops, err := l.Outbox(context.WithoutCancel(ctx), account)
	if err != nil {
		return err
	}
	for _, op := range ops {
		if op.ID == id {
			return a.notSent(context.WithoutCancel(ctx), l, op, failure, noQueue)
		}
	}
	return a.sendResult(id, "sent")
}

// notSent says why a message still is in the outbox.
func (a *app) notSent(ctx context.Context, l agent.Service, op activesync.Op, failure error, noQueue bool) error {
	if failure == nil {
		failure = errors.New(op.Reason)
	}
	switch op.State {
	case activesync.OpParked:
		if derr := l.Discard(ctx, op.ID); derr != nil {
			return errors.Join(failure, derr)
		}
		return fmt.Errorf("the message was not sent: %w: %s", activesync.ErrRejected, op.Reason)
	case activesync.OpSending, activesync.OpUncertain:
		return fmt.Errorf("the message may have been sent; it stays in the outbox as %s: %w", op.ID, failure)
	}
	refused, _ := errors.AsType[*activesync.StatusError](failure)
	if noQueue || errors.Is(failure, activesync.ErrAuth) || errors.Is(failure, activesync.ErrForbidden) || refused != nil && refused.Code == 120 {
		if err := l.Discard(ctx, op.ID); err != nil {
			return errors.Join(failure, err)
		}
		return fmt.Errorf("the message was not sent: %w", failure)
	}
	return a.sendResult(op.ID, "queued")
}

func (a *app) sendResult(id activesync.OpID, state string) error {
	if a.json {
		return a.printJSON(struct {
			ID    activesync.OpID `json:"id"`
			State string          `json:"state"`
		}{id, state})
	}
	return a.line("%s %s", id.String(), state)
}
