package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/policy"
	"eas.example/securemail/notify"
)

// How long a wake-up waits for others to be told with it, and after a failure.
const (
	relayMail   = 2 * time.Second // new mail
	relayOther  = time.Minute     // what else changed
	relayFailed = 30 * time.Second
)

func (a *app) pushCommand() *cobra.Command {
	return group("push", "The push channel: an ntfy topic that tells other machines of news", a.governed(policy.BackgroundRefresh, a.pushRelay()))
}

func (a *app) pushRelay() *cobra.Command {
	var topic string
	var token bool
	c := &cobra.Command{
		Use: "relay", Short: "Keep the connection open on this machine and wake others, until interrupted", Args: noArgs,
		Long: `Keep a connection to the server open on this machine, which is always on, and publish
a wake-up without any content to an ntfy topic when something new has come. Machines
whose Background refresh is Push and whose topic is the same look at the server then.
Without --topic it is the topic of this machine's settings.`,
	}
	c.Flags().StringVar(&topic, "topic", "", "`URL` of the topic, such as https://ntfy.example/mailbox")
	c.Flags().BoolVar(&token, "token-stdin", false, "read the token of the topic from the first line of standard input")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		var given activesync.Background
		if err := a.readToken(token, &given); err != nil {
			return err
		}
		return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error {
			t, err := a.topic(ctx, l, topic, given.Token)
			if err != nil {
				return err
			}
			return a.relay(ctx, l, t)
		})
	}
	return c
}

// topic is the one given, else that of the settings.
func (a *app) topic(ctx context.Context, l agent.Service, address, token string) (notify.Topic, error) {
	b, err := l.Background(ctx)
	if err != nil {
		return notify.Topic{}, err
	}
	switch {
	case address == "" && b.Topic == "":
		return notify.Topic{}, usage(errors.New("say where to publish: --topic URL"))
	case address == "":
		address = b.Topic
	}
	if err := notify.CheckTopic(address); err != nil {
		return notify.Topic{}, usage(fmt.Errorf("--topic is %w", err))
	}
	if token == "" && address == b.Topic && b.HasToken {
		if token, err = a.storedToken(ctx); err != nil {
			return notify.Topic{}, err
		}
	}
	return notify.Topic{URL: address, Token: token}, nil
}

// relay publishes until ctx ends, or a policy forbids it. News that come close
// together are one wake-up; one that could not be published is published later.
func (a *app) relay(ctx context.Context, l agent.Service, t notify.Topic) (err error) {
	defer l.Attach(true)() // keeps the connection open
	notices, stop := listenTo(ctx, l)
	defer func() { err = cmp.Or(err, stop()) }()
	timer := time.NewTimer(0)
	defer timer.Stop()
	if !timer.Stop() {
		<-timer.C
	}
	var at time.Time // of the wake-up that is due, zero for none
	within := func(d time.Duration) {
		if due := time.Now().Add(d); at.IsZero() || due.Before(at) {
			at = due
			timer.Reset(d)
		}
	}
	for {
		select {
		case n, ok := <-notices:
			switch {
			case !ok && ctx.Err() != nil:
				return errInterrupted
			case !ok:
				return errors.New("the stream of events has ended")
			case n.Kind == activesync.NoticePolicy:
				if err := a.allowed(policy.BackgroundRefresh); err != nil {
					return err
				}
			case n.Kind == activesync.NoticeStopped:
				fmt.Fprintln(a.stderr, "securemail: the background process was stopped; nobody is woken until it runs again")
			case n.Kind == activesync.NoticeMailNew, n.Kind == activesync.NoticeOverflow: // which may hide one
				within(relayMail)
			case n.Kind == activesync.NoticeFolder:
				within(relayOther)
			}
		case <-timer.C:
			at = time.Time{}
			if err := t.Wake(ctx); err != nil && ctx.Err() == nil {
				fmt.Fprintf(a.stderr, "securemail: %s; it is tried again\n", message.Clean(err.Error()))
				within(relayFailed)
			}
		}
	}
}
