package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
)

// outboxRow is what `outbox list --json` and `outbox show --json` say of a message
// that waits.
type outboxRow struct {
	ID       activesync.OpID      `json:"id"`
	State    string               `json:"state"` // held, waiting, sending, refused or maybe-sent
	Subject  string               `json:"subject"`
	To       []activesync.Address `json:"to"`
	Size     int64                `json:"size"` // in bytes
	Created  time.Time            `json:"created"`
	Due      time.Time            `json:"due,omitzero"` // not sent before
	Attempts int                  `json:"attempts"`
	Next     time.Time            `json:"next,omitzero"` // try, where the last one failed
	Reason   string               `json:"reason,omitempty"`
	Editable bool                 `json:"editable"` // as it was written
}

func newOutboxRow(op activesync.Op, now time.Time) outboxRow {
	state := map[activesync.OpState]string{activesync.OpPending: "waiting", activesync.OpSending: "sending", activesync.OpParked: "refused",
		activesync.OpUncertain: "maybe-sent"}[op.State]
	r := outboxRow{ID: op.ID, State: state, Subject: op.Send.Subject, To: op.Send.To, Size: op.Send.Size, Created: op.Created, Due: op.Send.Due,
		Attempts: op.Attempts, Next: op.NotBefore, Reason: op.Reason, Editable: op.Send.Draft != ""}
	if op.Held(now) {
		r.State = "held"
	}
	return r
}

func (a *app) outboxCommand() *cobra.Command {
	return group("outbox", "List, send again, change and cancel messages that wait to be sent",
		a.outboxList(), a.outboxShow(), a.outboxRetry(), a.outboxEdit(), a.outboxCancel())
}

// waiting are the messages of the account that were not sent yet.
func (a *app) waiting(ctx context.Context, l agent.Service) (activesync.Account, []activesync.Op, error) {
	acc, err := a.chosen(ctx, l)
	if err != nil {
		return acc, nil, err
	}
	all, err := l.Outbox(ctx, acc.ID)
	if err != nil {
		return acc, nil, err
	}
	var out []activesync.Op
	for _, op := range all {
		if op.Send != nil {
			out = append(out, op)
		}
	}
	return acc, out, nil
}

// named does something with each message of the outbox that args name.
func (a *app) named(ctx context.Context, args []string, do func(context.Context, agent.Service, activesync.Account, activesync.Op) error) error {
	ids := make([]activesync.OpID, len(args))
	for i, s := range args {
		var err error
		if ids[i], err = activesync.ParseOpID(s); err != nil {
			return usage(fmt.Errorf("%q: %w", s, err))
		}
	}
	return a.with(ctx, func(ctx context.Context, l agent.Service) error {
		for _, id := range ids {
			acc, ops, err := a.waiting(ctx, l)
			if err != nil {
				return err
			}
			found := false
			for _, op := range ops {
				if op.ID == id {
					found = true
					if err := do(ctx, l, acc, op); err != nil {
						return err
					}
				}
			}
			if !found {
				return fmt.Errorf("no message %s waits in the outbox (it may have been sent); see securemail outbox list", id)
			}
		}
		return nil
	})
}

func (a *app) outboxList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the messages that wait to be sent", Args: noArgs,
		Long: `List the messages that wait to be sent. A state is held (until it is due), waiting (for
the server), sending, refused, or maybe-sent, which is yours to decide.

With --json each has id, state, subject, to, size in bytes, created, due, attempts, next
(the time of the next try), reason (of the last failure), and editable.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error {
				_, ops, err := a.waiting(ctx, l)
				if err != nil {
					return err
				}
				rows := []outboxRow{}
				for _, op := range ops {
					rows = append(rows, newOutboxRow(op, time.Now()))
				}
				if a.json {
					return a.printJSON(rows)
				}
				for _, r := range rows {
					when := r.Created
					if r.State == "held" {
						when = r.Due
					}
					if err := a.row([]int{-4, 10, 16, 30}, r.ID.String(), r.State, localTime(when), activesync.FormatAddresses(r.To, ", "), r.Subject); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
}

func (a *app) outboxShow() *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Show a message that waits, and why", Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.named(cmd.Context(), args, func(_ context.Context, _ agent.Service, _ activesync.Account, op activesync.Op) error {
				r := newOutboxRow(op, time.Now())
				if a.json {
					return a.printJSON(r)
				}
				fields := [][2]string{{"To", activesync.FormatAddresses(r.To, ", ")}, {"Subject", r.Subject}, {"State", r.State}, {"Size", size(r.Size)}, {"Written", localTime(r.Created)}}
				if !r.Due.IsZero() {
					fields = append(fields, [2]string{"Goes out", localTime(r.Due)})
				}
				if !r.Next.IsZero() {
					fields = append(fields, [2]string{"Next try", localTime(r.Next)})
				}
				if r.Reason != "" {
					fields = append(fields, [2]string{"Reason", r.Reason})
				}
				for _, f := range fields {
					if err := a.line("%-9s %s", f[0]+":", f[1]); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
}

func (a *app) outboxRetry() *cobra.Command {
	return &cobra.Command{
		Use: "retry ID...", Short: "Send messages now that wait or were refused",
		Long: "Send messages now: those that wait for their time, for the server, or were refused. One\n" +
			"that may have been sent is sent again; look into Sent first.",
		Args: minArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.named(cmd.Context(), args, func(ctx context.Context, l agent.Service, acc activesync.Account, op activesync.Op) error {
				var err error
				switch {
				case op.Held(time.Now()):
					err = l.Postpone(ctx, op.ID, time.Time{})
				case op.State != activesync.OpSending: // what became of that one is found out first
					err = l.Retry(ctx, op.ID)
				}
				if err != nil {
					return err
				}
				return a.sendKept(ctx, l, acc.ID, op.ID)
			})
		},
	}
}

// sendKept carries out the journal and says what became of one message in it,
// which stays there where it was not sent.
func (a *app) sendKept(ctx context.Context, l agent.Service, account activesync.AccountID, id activesync.OpID) error {
	failure := l.Push(ctx, account)
	ops, err := l.Outbox(context.WithoutCancel(ctx), account)
	if err != nil {
		return err
	}
	for _, op := range ops {
		switch {
		case op.ID != id:
			continue
		case failure == nil && op.Reason != "":
			failure = errors.New(op.Reason)
		case failure == nil:
			return a.sendResult(id, "queued")
		}
		return fmt.Errorf("the message is still in the outbox: %w", failure)
	}
	return a.sendResult(id, "sent")
}

func (a *app) outboxEdit() *cobra.Command {
	var at string
	c := &cobra.Command{
		Use: "edit ID", Short: "Take a message back to be written on, or change when it is sent",
		Long: "Take a message back: it is not sent, and the screens go on with it (C there).\n" +
			"With --at it stays in the outbox and goes out at another time; see securemail send.",
		Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			due, err := dueTime(at, time.Now())
			if err != nil {
				return usage(err)
			}
			return a.named(cmd.Context(), args, func(ctx context.Context, l agent.Service, _ activesync.Account, op activesync.Op) error {
				if !due.IsZero() {
					if err := l.Postpone(ctx, op.ID, due); err != nil {
						return err
					}
					return a.sendResult(op.ID, "queued")
				}
				if _, err := l.TakeDraft(ctx, op.ID); err != nil {
					return err
				}
				return a.sendResult(op.ID, "draft")
			})
		},
	}
	c.Flags().StringVar(&at, "at", "", "send it at `TIME`")
	return c
}

func (a *app) outboxCancel() *cobra.Command {
	return &cobra.Command{
		Use: "cancel ID...", Short: "Do not send messages, and forget them", Args: minArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.named(cmd.Context(), args, func(ctx context.Context, l agent.Service, _ activesync.Account, op activesync.Op) error {
				if err := l.Discard(ctx, op.ID); err != nil {
					return err
				}
				return a.sendResult(op.ID, "cancelled")
			})
		},
	}
}
