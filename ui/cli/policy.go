package cli

import (
	"context"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/policy"
)

func (a *app) policyCommand() *cobra.Command {
	return &cobra.Command{
		Use: "policy", Short: "What the server demands, and what of it is carried out here", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.with(cmd.Context(), a.policy) },
	}
}

func (a *app) policy(ctx context.Context, l agent.Service) error {
	acc, err := a.chosen(ctx, l)
	if err != nil {
		return err
	}
	st, err := l.State(ctx, acc.ID)
	if err != nil {
		return err
	}
	rules := policy.FromServer(st.Policy).Rules()
	if a.json {
		return a.printJSON(rules)
	}
	if len(rules) == 0 {
		return a.line("The server of %s demands nothing.", acc.Name)
	}
	for _, r := range rules {
		met := "carried out here"
		if !r.Met {
			met = "NOT carried out here; the server was told so"
		}
		if err := a.line("%-44s %-20s %s", r.Label, r.Words, met); err != nil {
			return err
		}
	}
	return nil
}
