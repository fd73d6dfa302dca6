package cli

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/store/paths"
)

// completionWait is what a shell waits for names at most.
const completionWait = 2 * time.Second

// complete has the shell's completion offer what each argument and flag of c and
// the commands below it may be, as their own words say it: FOLDER is a folder,
// a|b one of some words. Names come from an agent that runs; none is started.
func (a *app) complete(c *cobra.Command) {
	_, use, _ := strings.Cut(c.Use, " ")
	words := strings.Fields(use)
	if c.ValidArgsFunction == nil {
		c.ValidArgsFunction = func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			return a.candidates(cmd.Context(), argument(words, len(args)), c.Parent() != nil && c.Parent().Name() == "account")
		}
	}
	flags := func(f *pflag.Flag) {
		word, _ := pflag.UnquoteUsage(f)
		// A flag of that name below takes the place of this one: no error counts here.
		_ = c.RegisterFlagCompletionFunc(f.Name, func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
			return a.candidates(cmd.Context(), word, f.Name == "account")
		})
	}
	c.LocalNonPersistentFlags().VisitAll(flags)
	c.PersistentFlags().VisitAll(flags)
	for _, sub := range c.Commands() {
		a.complete(sub)
	}
}

// argument is the word of a use line for the argument that follows n others. One
// that may be repeated goes on; what stands behind it may be meant from then on.
func argument(words []string, n int) string {
	for i, w := range words {
		if strings.HasPrefix(w, "-") {
			return ""
		}
		if bare := strings.TrimSuffix(strings.Trim(w, "[]"), "..."); bare != strings.Trim(w, "[]") {
			if n > i && i+1 < len(words) {
				return argument(words[i+1:], 0)
			}
			return bare
		} else if i == n {
			return bare
		}
	}
	return ""
}

// candidates are what may stand for a word.
func (a *app) candidates(ctx context.Context, word string, account bool) ([]string, cobra.ShellCompDirective) {
	choices, _, _ := strings.Cut(word, ";")
	switch {
	case word == "FILE" || word == "PATH":
		return nil, cobra.ShellCompDirectiveDefault
	case word == "DIR":
		return nil, cobra.ShellCompDirectiveFilterDirs
	case word == "FOLDER":
		return a.names(ctx, folderNames), cobra.ShellCompDirectiveNoFileComp
	case word == "NAME" && account:
		return a.names(ctx, accountNames), cobra.ShellCompDirectiveNoFileComp
	case strings.Contains(choices, "|"):
		return slices.DeleteFunc(strings.Split(choices, "|"), func(s string) bool { return s == strings.ToUpper(s) }), cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}

// names asks an agent that runs; without one there are none.
func (a *app) names(ctx context.Context, ask func(context.Context, *app, agent.Service) []string) []string {
	p, err := paths.Find(a.data)
	if err != nil {
		return nil
	}
	if ctx == nil {
		ctx = context.Background()
	}
	ctx, cancel := context.WithTimeout(ctx, completionWait)
	defer cancel()
	c := a.client(p, false)
	defer c.Close()
	if hello, err := c.Connect(ctx); err != nil || hello.Locked != nil {
		return nil
	}
	return ask(ctx, a, c)
}

func folderNames(ctx context.Context, a *app, l agent.Service) (out []string) {
	acc, err := a.chosen(ctx, l)
	if err != nil {
		return nil
	}
	all, err := l.Folders(ctx, acc.ID)
	if err != nil {
		return nil
	}
	for _, f := range all {
		out = append(out, folderPath(f, all))
	}
	return out
}

func accountNames(ctx context.Context, _ *app, l agent.Service) (out []string) {
	all, _ := l.Accounts(ctx) // without an answer there are none
	for _, acc := range all {
		out = append(out, acc.Name)
	}
	return out
}
