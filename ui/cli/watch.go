package cli

import (
	"context"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
)

func (a *app) watchCommand() *cobra.Command {
	var foreground bool
	c := &cobra.Command{
		Use: "watch", Short: "Print what happens, one JSON object a line, until interrupted", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error { return a.watch(ctx, l, foreground) })
		},
	}
	c.Flags().BoolVar(&foreground, "foreground", false, "count as a screen that is attached")
	return c
}

func (a *app) watch(ctx context.Context, l agent.Service, foreground bool) error {
	detach := l.Attach(foreground)
	defer detach()
	notices, stop := listenTo(ctx, l)
	var failure error
	for n := range notices {
		if failure = a.printJSON(watched(n)); failure != nil {
			break
		}
	}
	if err := stop(); err != nil {
		return err
	}
	if failure == nil && ctx.Err() != nil {
		return errInterrupted
	}
	return failure
}

// listenTo tells what happens until stop, which waits for the end, or ctx ends.
// Where there is no agent that keeps the accounts in step this process does.
func listenTo(ctx context.Context, l agent.Service) (notices <-chan activesync.Notice, stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	notices = l.Subscribe(ctx)
	done := make(chan error, 1)
	if here, ok := l.(*agent.Local); ok {
		go func() { done <- here.Run(ctx) }()
	} else {
		done <- nil
	}
	return notices, func() error {
		cancel()
		return <-done
	}
}

// watched is a notice as the stream has it: only mail.new carries words of a
// message, and a status the words of the status line.
func watched(n activesync.Notice) any {
	type line struct {
		activesync.Notice
		Phase string `json:"phase,omitempty"`
		Error string `json:"error,omitempty"`
	}
	out := line{Notice: n}
	if n.Kind != activesync.NoticeMailNew {
		out.From, out.Subject = nil, ""
	}
	if s := n.Status; s != nil {
		out.Phase = string(s.Phase)
		if s.Err != nil {
			out.Error = s.Err.Error()
		}
		out.Status = nil
	}
	return out
}
