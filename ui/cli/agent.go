package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/notify"
	"eas.example/securemail/store/paths"
)

func (a *app) agentCommand() *cobra.Command {
	c := group("agent", "The background process that owns the mail, the connection and the timers",
		a.agentRunCommand(), a.agentStart(), a.agentStop(), a.agentStatus(), a.agentInstall(), a.agentSet())
	c.Long = `The background process that owns the mail, the connection and the timers. There is one
for each data directory. Commands and screens start it where it does not run; it goes on
when they have ended, as Settings › Background says, and ends by itself when its data
directory is gone or when it has nothing to do.

With ` + noAgent + `=1 in the environment no agent is started: a command uses one that runs,
else does its work itself.`
	return c
}

func (a *app) agentRunCommand() *cobra.Command {
	var detached bool
	c := &cobra.Command{
		Use: "run", Short: "Be the agent until stopped, for a service manager", Args: noArgs,
		Long: `Be the agent until stopped. One that runs already is asked to hand over. Commands and
screens start an agent by themselves; this is for a service manager. It ends with 75 where
another program has become the agent, so that the manager starts the newer one.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := paths.Find(a.data)
			if err != nil {
				return err
			}
			return a.agentRun(cmd.Context(), p, detached)
		},
	}
	c.Flags().BoolVar(&detached, "detached", false, "give way to an agent that runs, and report to the process that started this one")
	if err := c.Flags().MarkHidden("detached"); err != nil {
		panic(err) // only for a flag that does not exist
	}
	return c
}

func (a *app) agentStart() *cobra.Command {
	return &cobra.Command{
		Use: "start", Short: "Start the agent if it does not run", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withClient(true, func(c *agent.Client) error {
				h, err := c.Connect(cmd.Context())
				if err != nil {
					return err
				}
				return a.line("The agent runs (process %d).", h.PID)
			})
		},
	}
}

func (a *app) agentStop() *cobra.Command {
	return &cobra.Command{
		Use: "stop", Short: "End the agent and wait until it has ended", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withClient(false, func(c *agent.Client) error {
				err := c.Stop(cmd.Context())
				if errors.Is(err, agent.ErrNotRunning) {
					return a.line("No agent runs.")
				}
				return err
			})
		},
	}
}

// withClient runs do with a client of the agent, which is started for it if start
// says so.
func (a *app) withClient(start bool, do func(*agent.Client) error) error {
	p, err := paths.Find(a.data)
	if err != nil {
		return err
	}
	c := a.client(p, start)
	defer c.Close()
	return do(c)
}

// stoppedState is the state of an agent that does not run.
const stoppedState activesync.PresenceState = "stopped"

func (a *app) agentStatus() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "Say what the agent does and why; none is started", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withClient(false, func(c *agent.Client) error {
				s, err := c.Presence(cmd.Context())
				if errors.Is(err, agent.ErrNotRunning) {
					s, err = activesync.Presence{State: stoppedState, Accounts: []activesync.AccountWatch{}}, nil
				}
				switch {
				case err != nil:
					return err
				case a.json:
					return a.printJSON(s)
				case s.State == stoppedState:
					return a.line("No agent runs.")
				}
				return a.printPresence(s)
			})
		},
	}
}

func (a *app) printPresence(s activesync.Presence) error {
	if err := a.line("process %d, version %s, since %s", s.PID, s.Version, localTime(s.Since)); err != nil {
		return err
	}
	clients := fmt.Sprintf("%d attached", s.Clients)
	if !s.Until.IsZero() {
		clients += ", until " + s.Until.Local().Format("15:04:05")
	}
	if err := a.line("%s: %s; in the background: %s", string(s.State), clients, string(s.Mode)); err != nil {
		return err
	}
	if s.Push != "" {
		if err := a.line("push channel: %s", s.Push); err != nil {
			return err
		}
	}
	if s.Notify != "" {
		if err := a.line("you are told: %s", s.Notify); err != nil {
			return err
		}
	}
	for _, w := range s.Accounts {
		if err := a.line("%s: %s", w.Name, watchWords(w)); err != nil {
			return err
		}
	}
	if hint := lingerHint(); hint != "" {
		return a.line("%s", hint)
	}
	return nil
}

// watchWords say how an account is looked after.
func watchWords(w activesync.AccountWatch) string {
	text := string(w.Mode)
	if !w.Next.IsZero() {
		text += ", next wake " + w.Next.Local().Format("15:04:05")
	}
	if len(w.Why) > 0 {
		text += " (" + strings.Join(w.Why, "; ") + ")"
	}
	if w.Problem != "" {
		text += "; " + w.Problem
	}
	return text
}

func (a *app) agentSet() *cobra.Command {
	var refresh, mode, topic string
	var grace time.Duration
	var token bool
	c := &cobra.Command{
		Use: "set", Short: "Settings › Background: what goes on while no screen is attached", Args: noArgs,
		Long: `Change Settings › Background: whether mail is received while no screen is attached, how,
and how long the agent goes on as before after the last screen has gone.`,
	}
	f := c.Flags()
	f.StringVar(&refresh, "refresh", "", "Background refresh: `on|off`")
	f.StringVar(&mode, "mode", "", "how: `persistent|refresh|push`")
	f.DurationVar(&grace, "grace", 0, "grace period: `TIME` such as 30s")
	f.StringVar(&topic, "topic", "", "`URL` of the ntfy topic of the push channel")
	f.BoolVar(&token, "token-stdin", false, "read the token of the topic from the first line of standard input")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		change := func(b *activesync.Background) error {
			if refresh != "" {
				if refresh != "on" && refresh != "off" {
					return usage(fmt.Errorf("--refresh %q is not one of on, off", refresh))
				}
				b.RefreshOff = refresh == "off"
			}
			if mode != "" {
				m, err := activesync.ParseBackgroundMode(mode)
				if err != nil {
					return usage(err)
				}
				b.Mode = m
			}
			if f.Changed("grace") {
				b.Grace = &grace
			}
			if f.Changed("topic") {
				if err := notify.CheckTopic(topic); topic != "" && err != nil {
					return usage(fmt.Errorf("--topic is %w", err))
				}
				b.Topic = topic
			}
			return a.readToken(token, b)
		}
		return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error {
			b, err := l.Background(ctx)
			if err != nil {
				return err
			}
			if err := change(&b); err != nil {
				return err
			}
			if err := l.SetBackground(ctx, b); err != nil {
				return err
			}
			if a.json {
				if b, err = l.Background(ctx); err != nil {
					return err
				}
				return a.printJSON(b)
			}
			return a.line("In the background: %s; grace period %s.", string(b.Chosen()), b.GracePeriod().String())
		})
	}
	return c
}

func (a *app) readToken(wanted bool, b *activesync.Background) error {
	if !wanted {
		return nil
	}
	line, err := a.inputLine()
	if err != nil {
		return fmt.Errorf("read the token: %w", err)
	}
	if b.Token = strings.TrimSpace(line); b.Token == "" {
		return usage(errors.New("standard input holds no token"))
	}
	return nil
}
