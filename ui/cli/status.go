package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
)

// statusRow is an account as `status --json` has it.
type statusRow struct {
	Account  string `json:"account"`
	Unread   int    `json:"unread"` // in the Inbox
	Waiting  int    `json:"waiting"`
	Parked   int    `json:"parked"`
	LastSync string `json:"lastSync"`
}

func (a *app) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "One line for each account: unread mail, what waits, when it was last in step", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.with(cmd.Context(), a.status) },
	}
}

func (a *app) status(ctx context.Context, l *agent.Local) error {
	accounts, err := l.Accounts(ctx)
	if err != nil {
		return err
	}
	rows := []statusRow{}
	for _, acc := range accounts {
		s, err := l.Status(ctx, acc.ID)
		if err != nil {
			return err
		}
		r := statusRow{Account: acc.Name, Waiting: s.Pending, Parked: s.Parked, LastSync: jsonTime(s.LastSuccess)}
		folders, err := l.Folders(ctx, acc.ID)
		if err != nil {
			return err
		}
		for _, f := range folders {
			if f.Type == activesync.FolderInbox {
				r.Unread = f.Unread
			}
		}
		rows = append(rows, r)
		if a.json {
			continue
		}
		text := fmt.Sprintf("%s: %d unread, in step %s", acc.Name, r.Unread, localTime(s.LastSuccess))
		if r.Waiting > 0 {
			text += fmt.Sprintf(", %d waiting to be sent", r.Waiting)
		}
		if r.Parked > 0 {
			text += fmt.Sprintf(", %d need you (see the outbox)", r.Parked)
		}
		if err := a.line("%s", text); err != nil {
			return err
		}
	}
	if a.json {
		return a.printJSON(rows)
	}
	if len(rows) == 0 {
		return a.line("No account is set up; add one: securemail account add EMAIL")
	}
	return nil
}
