package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/notify"
)

func (a *app) notificationsCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "notifications", Short: "How you learn of news, and how much is told", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.with(cmd.Context(), a.showNotifications) },
	}
	c.AddCommand(a.notificationsSet())
	return c
}

func (a *app) showNotifications(ctx context.Context, l agent.Service) error {
	n, err := l.Notifications(ctx)
	if err != nil {
		return err
	}
	if a.json { // what holds, also where nobody chose it
		snooze := n.SnoozeFor()
		n.Way, n.Terminal, n.Content, n.Snooze = n.Chosen(), cmp.Or(n.Terminal, "auto"), n.Content.Stricter(""), &snooze
		return a.printJSON(n)
	}
	p, err := l.Presence(ctx)
	if err != nil {
		return err
	}
	lines := []string{"how: " + string(n.Chosen()), "now: " + p.Notify, "they tell: " + string(n.Content.Stricter(""))}
	if n.Limit != "" && n.Limit != activesync.ContentAllow {
		lines = append(lines, "allowed is no more than: "+string(n.Limit)+"; "+n.LimitBy)
	}
	lines = append(lines, "snooze: "+n.SnoozeFor().String())
	if len(n.VIPs) > 0 {
		lines = append(lines, "VIP senders: "+strings.Join(n.VIPs, ", "))
	}
	for _, acc := range p.Accounts {
		of := n.Accounts[acc.Account]
		words := []string{map[bool]string{true: "off", false: "on"}[of.Off]}
		if of.VIPOnly {
			words = append(words, "VIP senders only")
		}
		if of.RemindersOff {
			words = append(words, "no reminders")
		}
		if of.Content != "" {
			words = append(words, "they tell "+string(of.Content))
		}
		for _, q := range of.Quiet {
			words = append(words, "quiet "+q.String())
		}
		if of.QuietServer {
			words = append(words, "the server is left alone meanwhile")
		}
		lines = append(lines, acc.Name+": "+strings.Join(words, ", "))
	}
	for _, line := range lines {
		if err := a.line("%s", line); err != nil {
			return err
		}
	}
	return nil
}

// notifyFlags are the words of notifications set.
type notifyFlags struct {
	way, terminal, content, on, vipOnly, reminders, quietServer string
	command, addVIP, removeVIP, quiet                           []string
	snooze                                                      time.Duration
}

func (a *app) notificationsSet() *cobra.Command {
	var o notifyFlags
	c := &cobra.Command{
		Use: "set", Short: "Change Settings › Notifications", Args: noArgs,
		Long: `Change Settings › Notifications. With --account, --content is for that account alone;
--on, --vip-only, --reminders and --quiet are for one account in any case. What one
mailbox tells is set by: securemail folders set FOLDER --notify`,
	}
	f := c.Flags()
	f.StringVar(&o.way, "way", "", "how: `auto|desktop|terminal|command|none`")
	f.StringVar(&o.terminal, "terminal", "", "what a terminal is told with: `auto|osc99|osc777|osc9|bell|none`")
	f.StringArrayVar(&o.command, "command", nil, "a `WORD` of your command, once for each; it gets each event as JSON")
	f.StringVar(&o.content, "content", "", "how much they tell: `allow|sender-or-subject|count-only|block`")
	f.DurationVar(&o.snooze, "snooze", 0, "how much `TIME` Snooze puts off, such as 10m")
	f.StringArrayVar(&o.addVIP, "vip", nil, "make `ADDRESS`, or @domain, a VIP sender")
	f.StringArrayVar(&o.removeVIP, "no-vip", nil, "make `ADDRESS` no VIP sender any more")
	f.StringVar(&o.on, "on", "", "notifications of the account: `on|off`")
	f.StringVar(&o.vipOnly, "vip-only", "", "new mail of VIP senders only: `on|off`")
	f.StringVar(&o.reminders, "reminders", "", "reminders of events: `on|off`")
	f.StringVar(&o.quietServer, "quiet-server", "", "leave the server alone in quiet hours, while no screen is attached: `on|off`")
	f.StringArrayVar(&o.quiet, "quiet", nil, "quiet `HOURS` such as 22:00-07:00 or \"sat,sun 00:00-24:00\", once for each; none for no more")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		if o.empty() {
			return usage(errors.New("say what: see securemail notifications set --help"))
		}
		return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error {
			n, err := l.Notifications(ctx)
			if err != nil {
				return err
			}
			if err := o.change(&n, a.account != ""); err != nil {
				return usage(err)
			}
			if o.ofAccount(a.account != "") {
				acc, err := a.chosen(ctx, l)
				if err != nil {
					return err
				}
				of := n.Accounts[acc.ID]
				if err := o.changeAccount(&of); err != nil {
					return usage(err)
				}
				if n.Accounts == nil {
					n.Accounts = map[activesync.AccountID]activesync.AccountNotifications{}
				}
				n.Accounts[acc.ID] = of
			}
			if err := l.SetNotifications(ctx, n); err != nil {
				return err
			}
			return a.showNotifications(ctx, l)
		})
	}
	return c
}

// empty reports whether nothing is to be changed.
func (o *notifyFlags) empty() bool {
	return o.way+o.terminal+o.content+o.on+o.vipOnly+o.reminders+o.quietServer == "" && o.snooze == 0 &&
		len(o.command)+len(o.addVIP)+len(o.removeVIP)+len(o.quiet) == 0
}

// ofAccount reports whether something is to be changed for one account.
func (o *notifyFlags) ofAccount(named bool) bool {
	return o.on+o.vipOnly+o.reminders+o.quietServer != "" || len(o.quiet) > 0 || named && o.content != ""
}

func (o *notifyFlags) change(n *activesync.Notifications, named bool) (err error) {
	if len(o.command) > 0 {
		n.Command, n.Way = o.command, activesync.NotifyCommand
	}
	if o.way != "" {
		if n.Way, err = activesync.ParseNotifyWay(o.way); err != nil {
			return err
		}
	}
	if o.terminal != "" {
		if _, err := notify.ParseKind(o.terminal); err != nil {
			return err
		}
		n.Terminal = o.terminal
	}
	if o.content != "" && !named {
		if n.Content, err = activesync.ParseNotifyContent(o.content); err != nil {
			return err
		}
	}
	if o.snooze != 0 {
		n.Snooze = &o.snooze
	}
	for _, v := range o.addVIP {
		if !strings.Contains(v, "@") {
			return fmt.Errorf("%q is no address", v)
		}
		if !slices.Contains(n.VIPs, v) {
			n.VIPs = append(n.VIPs, v)
		}
	}
	n.VIPs = slices.DeleteFunc(n.VIPs, func(v string) bool {
		return slices.ContainsFunc(o.removeVIP, func(r string) bool { return strings.EqualFold(r, v) })
	})
	return nil
}

func (o *notifyFlags) changeAccount(of *activesync.AccountNotifications) error {
	if o.content != "" {
		level, err := activesync.ParseNotifyContent(o.content)
		if err != nil {
			return err
		}
		of.Content = level
	}
	for _, s := range []struct {
		flag, value string
		set         func(on bool)
	}{
		{"on", o.on, func(on bool) { of.Off = !on }}, {"vip-only", o.vipOnly, func(on bool) { of.VIPOnly = on }},
		{"reminders", o.reminders, func(on bool) { of.RemindersOff = !on }}, {"quiet-server", o.quietServer, func(on bool) { of.QuietServer = on }},
	} {
		switch s.value {
		case "":
		case "on", "off":
			s.set(s.value == "on")
		default:
			return fmt.Errorf("--%s is on or off, not %q", s.flag, s.value)
		}
	}
	if len(o.quiet) == 0 {
		return nil
	}
	of.Quiet = nil
	for _, s := range o.quiet {
		if s == "none" {
			continue
		}
		q, err := activesync.ParseQuietHours(s)
		if err != nil {
			return err
		}
		of.Quiet = append(of.Quiet, q)
	}
	return nil
}
