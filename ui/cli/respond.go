package cli

import (
	"context"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
)

func (a *app) calendarRespond() *cobra.Command {
	var comment string
	var silent bool
	c := &cobra.Command{
		Use: "respond ID accept|tentative|decline", Short: "Answer an invitation: a message, or an event of the calendar",
		Long: "Answer an invitation. ID is that of the message with it, or of the event. The organiser is told, unless --silent says otherwise;\n" +
			"without a connection, the answer is kept here and given later.",
		Args: exactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			ids, err := parseItems(args[:1])
			if err != nil {
				return err
			}
			answer, err := activesync.ParseAnswer(args[1])
			if err != nil {
				return usage(err)
			}
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error {
				return a.respond(ctx, l, ids[0], activesync.Response{Answer: answer, Comment: comment, Silent: silent})
			})
		},
	}
	c.Flags().StringVar(&comment, "comment", "", "`TEXT` for the organiser")
	c.Flags().BoolVar(&silent, "silent", false, "do not tell the organiser")
	c.MarkFlagsMutuallyExclusive("comment", "silent")
	return c
}

func (a *app) respond(ctx context.Context, l agent.Service, id activesync.ItemID, answer activesync.Response) error {
	op, err := l.Respond(ctx, id, answer)
	if err != nil {
		return err
	}
	waits, err := a.push(ctx, l, []activesync.OpID{op})
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(struct {
			Answer  string `json:"answer"`
			Waiting int    `json:"waiting"`
		}{answer.Answer.String(), waits})
	}
	return nil
}
