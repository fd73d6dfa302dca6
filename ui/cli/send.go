package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
)

// maxMessage bounds what is read from standard input.
const maxMessage = 256 << 20

func (a *app) sendCommand() *cobra.Command {
	var noQueue bool
	c := &cobra.Command{
		Use: "send", Short: "Send the message on standard input",
		Long: `Send the RFC 5322 message on standard input at once and wait until the server has
accepted it. A missing Date, Message-ID, From or MIME-Version is filled in. When the
server cannot be reached the message stays in the outbox and is sent later.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			raw, err := io.ReadAll(io.LimitReader(a.stdin, maxMessage+1))
			switch {
			case err != nil:
				return fmt.Errorf("read the message: %w", err)
			case len(raw) > maxMessage:
				return fmt.Errorf("the message is larger than %s", size(maxMessage))
			case len(raw) == 0:
				return usage(errors.New("standard input holds no message"))
			}
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error { return a.send(ctx, l, raw, noQueue) })
		},
	}
	c.Flags().BoolVar(&noQueue, "no-queue", false, "fail instead of keeping the message for later")
	return c
}

func (a *app) send(ctx context.Context, l agent.Service, raw []byte, noQueue bool) error {
	acc, err := a.chosen(ctx, l)
	if err != nil {
		return err
	}
	id, err := l.SendMIME(ctx, acc.ID, raw)
	if err != nil {
		return err
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
