package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/policy"
)

func (a *app) reportCommand() *cobra.Command {
	return a.governed(policy.PhishingAddresses, &cobra.Command{
		Use: "report ID...", Short: "Report messages as phishing",
		Long: "Report messages as phishing: each is sent as it is to those whom the policy Report phishing addresses names, and moved to Junk.",
		Args: minArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ids, err := parseItems(args)
			if err != nil {
				return err
			}
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error { return a.reportPhishing(ctx, l, ids) })
		},
	})
}

// reportPhishing reports messages, and tells the server.
func (a *app) reportPhishing(ctx context.Context, l agent.Service, ids []activesync.ItemID) error {
	reports := []activesync.PhishingReport{}
	var ops []activesync.OpID
	for _, id := range ids {
		r, err := l.ReportPhishing(ctx, id)
		if err != nil {
			return err
		}
		reports, ops = append(reports, r), append(ops, r.Ops...)
	}
	if _, err := a.push(ctx, l, ops); err != nil {
		return err
	}
	if a.json {
		return a.printJSON(reports)
	}
	for i, r := range reports {
		where := ""
		if r.Into != "" {
			where = ", moved to " + message.Clean(r.Into)
		}
		if err := a.line("%s reported to %s%s", ids[i], message.Clean(strings.Join(r.To, ", ")), where); err != nil {
			return err
		}
	}
	return nil
}
