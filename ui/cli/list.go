package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
)

// row is a message as `list --json` has it.
type row struct {
	ID             activesync.ItemID    `json:"id"`
	Folder         activesync.FolderID  `json:"folder"`
	From           activesync.Address   `json:"from"`
	To             []activesync.Address `json:"to"`
	Subject        string               `json:"subject"`
	Date           string               `json:"date"` // RFC 3339, UTC
	Read           bool                 `json:"read"`
	Flagged        bool                 `json:"flagged"`
	HasAttachments bool                 `json:"hasAttachments"`
}

func newRow(h activesync.Header) row {
	to := h.To
	if to == nil {
		to = []activesync.Address{}
	}
	return row{ID: h.ID, Folder: h.Folder, From: h.From, To: to, Subject: h.Subject, Date: jsonTime(h.Date), Read: h.Read,
		Flagged: h.Flag == activesync.FlagActive, HasAttachments: h.HasAttachments}
}

func (a *app) listCommand() *cobra.Command {
	var limit int
	var unread bool
	c := &cobra.Command{
		Use: "list [FOLDER]", Short: "List messages, newest first", Args: maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if limit < 0 {
				return usage(fmt.Errorf("--limit is 0 or more, not %d", limit))
			}
			name := "inbox"
			if len(args) > 0 {
				name = args[0]
			}
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error { return a.list(ctx, l, name, limit, unread) })
		},
	}
	c.Flags().IntVar(&limit, "limit", 0, "at most `N` messages; 0 for all")
	c.Flags().BoolVar(&unread, "unread", false, "only unread ones")
	return c
}

// listStep is how many rows are read at a time.
const listStep = 500

func (a *app) list(ctx context.Context, l agent.Service, name string, limit int, unread bool) error {
	f, err := a.folder(ctx, l, name)
	if err != nil {
		return err
	}
	rows := []row{}
	for offset := 0; limit == 0 || offset < limit; offset += listStep {
		n := listStep
		if limit > 0 {
			n = min(n, limit-offset)
		}
		win, err := l.Window(ctx, f.ID, activesync.WindowQuery{Offset: offset, Count: n, Unread: unread})
		if err != nil {
			return err
		}
		for _, h := range win.Rows {
			if a.json {
				rows = append(rows, newRow(h))
			} else if err := a.listLine(h); err != nil {
				return err
			}
		}
		if offset+len(win.Rows) >= win.Total || len(win.Rows) == 0 {
			break
		}
	}
	if a.json {
		return a.printJSON(rows)
	}
	return nil
}

func (a *app) listLine(h activesync.Header) error {
	mark := " "
	if !h.Read {
		mark = "N"
	}
	if h.Flag == activesync.FlagActive {
		mark += "!"
	} else {
		mark += " "
	}
	if h.HasAttachments {
		mark += "@"
	} else {
		mark += " "
	}
	return a.row([]int{8, 3, 16, 28}, h.ID.String(), mark, localTime(h.Date), h.From.Label(), h.Subject)
}
