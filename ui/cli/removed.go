package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
)

// removedRow is what `removed --json` says of a folder.
type removedRow struct {
	Folder activesync.FolderID `json:"folder"`
	Path   string              `json:"path"`
	Items  []activesync.ItemID `json:"items"`
	Kept   int                 `json:"kept"`
}

func (a *app) removedCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "removed", Short: "What the server removed in great numbers at once",
		Long: `What the server removed in great numbers at once, and which stays here until you
decide: keep it on this machine, accept that it is gone, or ask the server again.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.with(cmd.Context(), a.removed) },
	}
	c.AddCommand(
		a.removedDecide(activesync.DecideKeep, "Keep what was removed, on this machine only", "stays on this machine; the server does not have it"),
		a.removedDecide(activesync.DecideAccept, "Remove it here too", "is removed here too"),
		a.removedDecide(activesync.DecideAgain, "Ask the server for the whole folder again", "is asked for again"),
	)
	return c
}

func (a *app) removed(ctx context.Context, l agent.Service) error {
	acc, err := a.chosen(ctx, l)
	if err != nil {
		return err
	}
	all, err := l.Folders(ctx, acc.ID)
	if err != nil {
		return err
	}
	list, err := l.Withheld(ctx, acc.ID)
	if err != nil {
		return err
	}
	rows := []removedRow{}
	for _, w := range list {
		for _, f := range all {
			if f.ID == w.Folder {
				rows = append(rows, removedRow{w.Folder, folderPath(f, all), append([]activesync.ItemID{}, w.Items...), w.Kept})
			}
		}
	}
	if a.json {
		return a.printJSON(rows)
	}
	waits := false
	for _, r := range rows {
		if len(r.Items) == 0 {
			continue
		}
		waits = true
		if err := a.line("%s: the server removed %d items at once. They stay here until you decide.", r.Path, len(r.Items)); err != nil {
			return err
		}
	}
	if !waits {
		return a.line("The server has not removed many items at once.")
	}
	return a.line("Decide with: securemail removed keep|accept|again FOLDER")
}

func (a *app) removedDecide(d activesync.Decision, short, done string) *cobra.Command {
	return &cobra.Command{
		Use: string(d) + " FOLDER", Short: short, Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error {
				f, err := a.folder(ctx, l, args[0])
				if err != nil {
					return err
				}
				acc, err := a.chosen(ctx, l)
				if err != nil {
					return err
				}
				list, err := l.Withheld(ctx, acc.ID)
				if err != nil {
					return err
				}
				for _, w := range list {
					if w.Folder != f.ID || len(w.Items) == 0 {
						continue
					}
					if err := l.Decide(ctx, f.ID, d); err != nil {
						return err
					}
					return a.line("%s: what was removed (%d items) %s.", f.Name, len(w.Items), done)
				}
				return errors.New("the server has not removed many items of " + f.Name + " at once; there is nothing to decide")
			})
		},
	}
}
