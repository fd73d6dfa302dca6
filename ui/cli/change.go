package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
)

func (a *app) markCommand() *cobra.Command {
	var read, unread bool
	c := &cobra.Command{
		Use: "mark ID...", Short: "Mark messages as read or unread", Args: minArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if read == unread {
				return usage(errors.New("say --read or --unread"))
			}
			return a.change(cmd.Context(), args, activesync.Op{Kind: activesync.OpRead, Read: read})
		},
	}
	c.Flags().BoolVar(&read, "read", false, "mark as read")
	c.Flags().BoolVar(&unread, "unread", false, "mark as unread")
	return c
}

func (a *app) flagCommand() *cobra.Command {
	var clear, complete bool
	c := &cobra.Command{
		Use: "flag ID...", Short: "Flag messages for follow-up", Args: minArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			flag := activesync.FlagActive
			switch {
			case clear:
				flag = activesync.FlagNone
			case complete:
				flag = activesync.FlagComplete
			}
			return a.change(cmd.Context(), args, activesync.Op{Kind: activesync.OpFlag, Flag: flag})
		},
	}
	c.Flags().BoolVar(&clear, "clear", false, "take the flag off")
	c.Flags().BoolVar(&complete, "complete", false, "mark the follow-up as done")
	c.MarkFlagsMutuallyExclusive("clear", "complete")
	return c
}

func (a *app) moveCommand() *cobra.Command {
	return &cobra.Command{
		Use: "move ID... FOLDER", Short: "Move messages to a folder", Args: minArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			ids, err := parseItems(args[:len(args)-1])
			if err != nil {
				return err
			}
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error {
				f, err := a.folder(ctx, l, args[len(args)-1])
				if err != nil {
					return err
				}
				return a.carryOut(ctx, l, ids, activesync.Op{Kind: activesync.OpMove, To: f.ID})
			})
		},
	}
}

func (a *app) deleteCommand() *cobra.Command {
	return &cobra.Command{
		Use: "delete ID...", Short: "Delete messages",
		Long: "Delete messages: to Deleted Items, and from there for good.",
		Args: minArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.change(cmd.Context(), args, activesync.Op{Kind: activesync.OpDelete})
		},
	}
}

func (a *app) change(ctx context.Context, args []string, op activesync.Op) error {
	ids, err := parseItems(args)
	if err != nil {
		return err
	}
	return a.with(ctx, func(ctx context.Context, l agent.Service) error { return a.carryOut(ctx, l, ids, op) })
}

// carryOut writes a change of each message to the journal and then tries to
// tell the server. What the server cannot be told now is told later.
func (a *app) carryOut(ctx context.Context, l agent.Service, ids []activesync.ItemID, op activesync.Op) error {
	ops := make([]activesync.Op, len(ids))
	for i, id := range ids {
		ops[i] = op
		ops[i].Item = id
	}
	done, err := l.Do(ctx, ops...)
	if err != nil {
		return err
	}
	return a.changed(ctx, l, done)
}

// changed tells the server of records of the journal and says what became of them.
func (a *app) changed(ctx context.Context, l agent.Service, ops []activesync.OpID) error {
	waits, err := a.push(ctx, l, ops)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(struct {
			Changed int `json:"changed"`
			Waiting int `json:"waiting"`
		}{len(ops), waits})
	}
	return nil
}

// push carries out the journal and looks what became of the given records.
func (a *app) push(ctx context.Context, l agent.Service, ids []activesync.OpID) (waits int, err error) {
	accounts, err := l.Accounts(ctx)
	if err != nil {
		return 0, err
	}
	var failure error
	for _, acc := range accounts {
		if err := l.Push(ctx, acc.ID); err != nil {
			failure = errors.Join(failure, err)
		}
		ops, err := l.Outbox(ctx, acc.ID)
		if err != nil {
			return 0, err
		}
		for _, op := range ops {
			for _, id := range ids {
				if op.ID != id {
					continue
				}
				if op.State == activesync.OpParked {
					return waits, fmt.Errorf("%w: %s", activesync.ErrRejected, op.Reason)
				}
				waits++
			}
		}
	}
	switch {
	case errors.Is(failure, activesync.ErrAuth), errors.Is(failure, activesync.ErrForbidden), ctx.Err() != nil:
		return waits, failure
	case waits > 0:
		fmt.Fprintln(a.stderr, "securemail: kept here and carried out when the server can be reached")
	}
	return waits, nil
}
