package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/contacts"
)

func (a *app) contactsSync() *cobra.Command {
	c := group("sync", "Sync with Local Contacts: keep the people in an address book of this machine",
		a.contactsSyncOn(), a.contactsSyncOff(), a.contactsSyncStatus(), a.contactsSyncNow())
	c.Long = `Sync with Local Contacts: while it is on, each change of a person is written to an address
book of this machine, a directory with one vCard a file, which khard reads and vdirsyncer
carries on. Only the default contacts folder goes there, never its subfolders.`
	return c
}

// local runs do with the account that is chosen.
func (a *app) local(ctx context.Context, do func(context.Context, agent.Service, activesync.AccountID) error) error {
	return a.with(ctx, func(ctx context.Context, l agent.Service) error {
		acc, err := a.chosen(ctx, l)
		if err != nil {
			return err
		}
		return do(ctx, l, acc.ID)
	})
}

func (a *app) contactsSyncOn() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use: "on", Short: "Turn it on", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.local(cmd.Context(), func(ctx context.Context, l agent.Service, id activesync.AccountID) error {
				if err := a.sayWhatLeaves(ctx, l, id, dir); err != nil {
					return err
				}
				if _, err := l.SetLocalContacts(ctx, id, contacts.Switch{On: true, Dir: dir}); err != nil {
					return err
				}
				return a.printSetting(ctx, l, id)
			})
		},
	}
	c.Flags().StringVar(&dir, "dir", "", "the address book is the directory `DIR`")
	return c
}

// sayWhatLeaves says, before the first card is written, what leaves this program and
// whereto.
func (a *app) sayWhatLeaves(ctx context.Context, l agent.Service, id activesync.AccountID, dir string) error {
	s, err := l.LocalContacts(ctx, id)
	if err != nil || s.On || a.json {
		return err
	}
	_, err = fmt.Fprintf(a.stderr, "securemail: %s of the default contacts folder go to %s, where other programs can read them\n",
		message.Clean(s.Fields.Words()), message.Clean(cmp.Or(dir, s.Dir, s.Default)))
	return err
}

func (a *app) contactsSyncOff() *cobra.Command {
	var keep, remove bool
	c := &cobra.Command{
		Use: "off --keep|--remove", Short: "Turn it off", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if keep == remove {
				return usage(errors.New("say what becomes of the cards that were written: --keep or --remove"))
			}
			return a.local(cmd.Context(), func(ctx context.Context, l agent.Service, id activesync.AccountID) error {
				kept, err := l.SetLocalContacts(ctx, id, contacts.Switch{Remove: remove})
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(struct {
						Kept []string `json:"kept"`
					}{append([]string{}, kept...)})
				}
				for _, file := range kept {
					if err := a.line("kept, as it was changed by hand: %s", file); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	c.Flags().BoolVar(&keep, "keep", false, "the cards stay")
	c.Flags().BoolVar(&remove, "remove", false, "the cards are removed, save those that were changed by hand")
	return c
}

func (a *app) contactsSyncStatus() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "Say how it stands", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.local(cmd.Context(), a.printSetting) },
	}
}

func (a *app) contactsSyncNow() *cobra.Command {
	return &cobra.Command{
		Use: "now", Short: "Bring the address book in step now", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.local(cmd.Context(), func(ctx context.Context, l agent.Service, id activesync.AccountID) error {
				r, err := l.SyncLocalContacts(ctx, id)
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(r)
				}
				return a.line("%d written, %d removed, %d as they were, %d held back, %d conflicts.", r.Written, r.Removed, r.Same, r.Held, r.Conflicts)
			})
		},
	}
}

func (a *app) printSetting(ctx context.Context, l agent.Service, id activesync.AccountID) error {
	s, err := l.LocalContacts(ctx, id)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(s)
	}
	if !s.On {
		if err := a.line("Sync with Local Contacts is off; turned on it would write to %s", s.Default); err != nil {
			return err
		}
	} else if err := a.line("Sync with Local Contacts is on: %d cards in %s, in step %s", s.Cards, s.Dir, localTime(s.Last)); err != nil {
		return err
	}
	if err := a.line("Of the default contacts folder, not of its subfolders: %s.", s.Fields.Words()); err != nil {
		return err
	}
	for _, o := range s.Others {
		words := "Another program syncs contacts too: %s"
		if !s.Override {
			words = "Not while another program syncs contacts: %s"
		}
		if err := a.line(words, o.String()); err != nil {
			return err
		}
	}
	if s.Conflicts > 0 {
		if err := a.line("%d cards were changed by hand; see securemail contacts conflicts", s.Conflicts); err != nil {
			return err
		}
	}
	if s.Problem != "" {
		return a.line("Not in step: %s", s.Problem)
	}
	return nil
}

func (a *app) contactsConflicts() *cobra.Command {
	return &cobra.Command{
		Use: "conflicts", Short: "List people of whom there are two versions", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.local(cmd.Context(), func(ctx context.Context, l agent.Service, id activesync.AccountID) error {
				list, err := l.Conflicts(ctx, id)
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(append([]contacts.Conflict{}, list...))
				}
				for _, x := range list {
					if err := a.printConflict(x); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
}

func (a *app) printConflict(x contacts.Conflict) error {
	what := "changed here and on Exchange"
	switch {
	case x.Op == 0:
		what = "changed by hand: " + x.File
	case x.Gone:
		what = "changed here and deleted on Exchange"
	}
	if err := a.row([]int{8, 30}, x.ID.String(), x.Name, what); err != nil {
		return err
	}
	for _, d := range x.Left {
		if err := a.line("         %s: on Exchange %q, here %q", d.Label, d.Exchange, d.File); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) contactsResolve() *cobra.Command {
	var keep string
	c := &cobra.Command{
		Use: "resolve ID --keep exchange|mine", Short: "Keep one of two versions of a person", Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			side := map[string]contacts.Side{"exchange": contacts.Exchange, "mine": contacts.File}[keep]
			if side == "" {
				return usage(errors.New("say which: --keep exchange or --keep mine"))
			}
			ids, err := parseItems(args)
			if err != nil {
				return err
			}
			return a.local(cmd.Context(), func(ctx context.Context, l agent.Service, id activesync.AccountID) error {
				list, err := l.Conflicts(ctx, id)
				if err != nil {
					return err
				}
				n := 0
				for _, x := range list {
					if x.ID != ids[0] {
						continue
					}
					n++
					if err := l.ResolveConflict(ctx, id, x.ID, x.Op, side); err != nil {
						return err
					}
				}
				if n == 0 {
					return fmt.Errorf("%w of person %s", contacts.ErrNoConflict, ids[0])
				}
				_, err = a.push(ctx, l, nil)
				return err
			})
		},
	}
	c.Flags().StringVar(&keep, "keep", "", "`SIDE`: exchange or mine")
	return c
}
