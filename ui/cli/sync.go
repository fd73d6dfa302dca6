package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/engine"
)

func (a *app) syncCommand() *cobra.Command {
	var all bool
	var texts string
	c := &cobra.Command{
		Use: "sync [FOLDER...]", Short: "Bring folders in step once",
		Long: "Bring folders in step once: those that are named, else all with Auto Refresh, or every one with --all.",
		RunE: func(cmd *cobra.Command, args []string) error {
			if texts != "" && texts != textsWhole && texts != textsRecent {
				return usage(fmt.Errorf("--texts is whole or recent, not %q", texts))
			}
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error {
				if err := a.keepTexts(ctx, l, texts); err != nil {
					return err
				}
				return a.sync(ctx, l, args, all)
			})
		},
	}
	c.Flags().StringVar(&texts, "texts", "", "from now on keep the `whole|recent` texts here: of all mail, or the first words of what is older than a week")
	c.Flags().BoolVar(&all, "all", false, "every folder, whatever its Auto Refresh says")
	return c
}

// The choices of --texts.
const (
	textsWhole  = "whole"
	textsRecent = "recent"
)

// keepTexts notes how much of the mail's texts is to be here; "" changes
// nothing.
func (a *app) keepTexts(ctx context.Context, l agent.Service, texts string) error {
	if texts == "" {
		return nil
	}
	acc, err := a.chosen(ctx, l)
	if err != nil {
		return err
	}
	return l.SetWholeTexts(ctx, acc.ID, texts == textsWhole)
}

// synced is the summary as `sync --json` has it.
type synced struct {
	Account  string   `json:"account"`
	Folders  int      `json:"folders"`
	Added    int      `json:"added"`
	Changed  int      `json:"changed"`
	Deleted  int      `json:"deleted"`
	Requests int64    `json:"requests"`
	Bytes    int64    `json:"bytes"`
	Seconds  float64  `json:"seconds"`
	Problems []string `json:"problems"`
}

func (a *app) sync(ctx context.Context, l agent.Service, names []string, every bool) error {
	accounts, err := l.Accounts(ctx)
	if err != nil {
		return err
	}
	if a.account != "" || len(names) > 0 || len(accounts) == 0 {
		acc, err := a.chosen(ctx, l)
		if err != nil {
			return err
		}
		accounts = []activesync.Account{acc}
	}
	results := []synced{}
	var failure error
	for _, acc := range accounts {
		s, err := a.syncAccount(ctx, l, acc, names, every)
		if err != nil {
			failure = errors.Join(failure, fmt.Errorf("sync %s: %w", acc.Name, err))
			continue
		}
		if len(s.Problems) > 0 {
			failure = errors.Join(failure, errors.New("not every folder could be brought in step"))
		}
		results = append(results, s)
		if !a.json {
			if err := a.printSynced(s); err != nil {
				return err
			}
		}
	}
	if a.json && (failure == nil || len(results) > 0) {
		if err := a.printJSON(results); err != nil {
			return err
		}
	}
	return failure
}

func (a *app) syncAccount(ctx context.Context, l agent.Service, acc activesync.Account, names []string, every bool) (synced, error) {
	var ids []activesync.FolderID
	if len(names) > 0 {
		all, err := l.Folders(ctx, acc.ID)
		if err != nil {
			return synced{}, err
		}
		if len(all) == 0 {
			if err := l.Check(ctx, acc.ID); err != nil {
				return synced{}, err
			}
			if all, err = l.Folders(ctx, acc.ID); err != nil {
				return synced{}, err
			}
		}
		for _, name := range names {
			f, err := findFolder(name, all)
			if err != nil {
				return synced{}, err
			}
			ids = append(ids, f.ID)
		}
	}
	before, err := l.Traffic(ctx, acc.ID)
	if err != nil {
		return synced{}, err
	}
	bar := a.newProgress(ctx, l, acc, ids, every)
	sum, err := l.Sync(ctx, acc.ID, ids, every, bar.show)
	bar.end()
	if err != nil {
		return synced{}, err
	}
	after, err := l.Traffic(ctx, acc.ID)
	if err != nil {
		return synced{}, err
	}
	wire := after.Sub(before)
	return summary(acc, sum, wire.Requests, wire.Bytes), nil
}

func summary(acc activesync.Account, sum engine.Summary, requests, bytes int64) synced {
	s := synced{Account: acc.Name, Folders: sum.Folders, Added: sum.Added, Changed: sum.Changed, Deleted: sum.Deleted,
		Requests: requests, Bytes: bytes, Seconds: sum.Duration.Seconds(), Problems: []string{}}
	for name, err := range sum.Problems {
		s.Problems = append(s.Problems, fmt.Sprintf("%s: %v", name, err))
	}
	return s
}

func (a *app) printSynced(s synced) error {
	if err := a.line("%s: %d added, %d changed, %d deleted in %s; %s, %s, %.1f s",
		s.Account, s.Added, s.Changed, s.Deleted, numberOf(s.Folders, "folder"), numberOf(s.Requests, "request"), size(s.Bytes), s.Seconds); err != nil {
		return err
	}
	for _, p := range s.Problems {
		if err := a.line("  %s", p); err != nil {
			return err
		}
	}
	return nil
}

func size(n int64) string {
	switch {
	case n < 10_000:
		return fmt.Sprintf("%d bytes", n)
	case n < 10_000_000:
		return fmt.Sprintf("%d kB", n/1000)
	}
	return fmt.Sprintf("%d MB", n/1_000_000)
}
