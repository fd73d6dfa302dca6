package cli

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/policy"
	"eas.example/securemail/store/paths"
)

func (a *app) policyCommand() *cobra.Command {
	return &cobra.Command{
		Use: "policy", Short: "The policies that hold: their values, who set them, and what of them is carried out here", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.with(cmd.Context(), a.policy) },
	}
}

func (a *app) policy(ctx context.Context, l agent.Service) error {
	rows, err := l.Policies(ctx)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(rows)
	}
	for _, r := range rows {
		enforced := "carried out here"
		if !r.Enforced {
			enforced = "NOT carried out here"
		}
		if err := a.line("%-36s %s  (%s)\n    %s: %s", r.Label, r.Value, r.By, enforced, r.How); err != nil {
			return err
		}
	}
	return nil
}

// managed is the managed policy for the data directory of this run.
func (a *app) managed() (policy.Managed, error) {
	p, err := paths.Find(a.data)
	if err != nil {
		return policy.Managed{}, err
	}
	return policy.NewFiles(paths.SystemPolicy, p.Policy).Now(), nil
}

// governed makes a command one that a policy can take away: it is then not
// shown, and typed all the same it ends with the policy's name.
func (a *app) governed(name string, c *cobra.Command) *cobra.Command {
	for _, sub := range c.Commands() {
		a.governed(name, sub)
	}
	if c.Annotations == nil {
		c.Annotations = map[string]string{}
	}
	c.Annotations[governedBy] = name
	run := c.RunE
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if err := a.allowed(name); err != nil {
			return err
		}
		return run(cmd, args)
	}
	if args := c.Args; args != nil {
		c.Args = func(cmd *cobra.Command, list []string) error {
			if err := a.allowed(name); err != nil {
				return err
			}
			return args(cmd, list)
		}
	}
	return c
}

func (a *app) allowed(name string) error {
	m, err := a.managed()
	if err != nil {
		return err
	}
	return m.AsError(name)
}

// governedBy marks the commands that a policy can take away.
const governedBy = "policy"

// hide takes the commands that a policy forbids out of help and completion.
// args are those of the run: which policy holds depends on --data.
func (a *app) hide(root *cobra.Command, args []string) {
	dir := os.Getenv("SECUREMAIL_DATA")
	for i, s := range args {
		if v, ok := strings.CutPrefix(s, "--data="); ok {
			dir = v
		} else if s == "--data" && i+1 < len(args) {
			dir = args[i+1]
		}
	}
	p, err := paths.Find(dir)
	if err != nil {
		return // said when something is done
	}
	now := policy.NewFiles(paths.SystemPolicy, p.Policy).Now()
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			if why := now.Forbidden(sub.Annotations[governedBy]); why != "" {
				sub.Hidden = true
				sub.SetHelpFunc(func(cmd *cobra.Command, _ []string) { fmt.Fprintln(cmd.OutOrStdout(), why) })
				continue
			}
			walk(sub)
		}
	}
	walk(root)
}
