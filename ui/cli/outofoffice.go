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
	"eas.example/securemail/activesync/message"
)

func (a *app) oofCommand() *cobra.Command {
	var from, to, inside, outside string
	c := &cobra.Command{
		Use: "out-of-office [on|off]", Aliases: []string{"oof"}, Short: "Show or set what the server answers while you are away", Args: maxArgs(1),
		Long: `Without a word it shows the out-of-office message that the server has. With on it is
sent from now on, or between --from and --to; a text that is not given stays as the
server has it.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error {
				acc, err := a.chosen(ctx, l)
				if err != nil {
					return err
				}
				have, err := l.OutOfOffice(ctx, acc.ID)
				if err != nil {
					return err
				}
				if len(args) == 0 {
					return a.showOof(have)
				}
				next, err := newOof(args[0], from, to, inside, outside, have)
				if err != nil {
					return err
				}
				return l.SetOutOfOffice(ctx, acc.ID, next)
			})
		},
	}
	f := c.Flags()
	f.StringVar(&from, "from", "", "first `DAY`, such as 2026-11-24")
	f.StringVar(&to, "to", "", "last `DAY`")
	f.StringVar(&inside, "inside", "", "`TEXT` for people of the organisation")
	f.StringVar(&outside, "outside", "", "`TEXT` for all others")
	return c
}

// newOof is what the words of the command ask for.
func newOof(word, from, to, inside, outside string, have activesync.OutOfOffice) (activesync.OutOfOffice, error) {
	o := activesync.OutOfOffice{State: activesync.OofState(word), Inside: inside, Outside: outside}
	switch {
	case word != string(activesync.OofOn) && word != string(activesync.OofOff):
		return o, usage(fmt.Errorf("say on or off, not %q", word))
	case (from == "") != (to == ""):
		return o, usage(errors.New("say both --from and --to"))
	case word == string(activesync.OofOff):
		return o, nil
	}
	if o.Inside+o.Outside == "" {
		o.Inside, o.Outside = have.Inside, have.Outside
	}
	if from == "" {
		return o, nil
	}
	var err error
	if o.From, err = parseDay(from); err != nil {
		return o, err
	}
	if o.To, err = parseDay(to); err != nil {
		return o, err
	}
	o.State, o.To = activesync.OofTimed, o.To.AddDate(0, 0, 1)
	if !o.To.After(o.From) {
		return o, usage(errors.New("--to lies before --from"))
	}
	return o, nil
}

func (a *app) showOof(o activesync.OutOfOffice) error {
	if a.json {
		return a.printJSON(o)
	}
	state := map[activesync.OofState]string{activesync.OofOff: "off", activesync.OofOn: "on"}[o.State]
	if o.State == activesync.OofTimed {
		state = fmt.Sprintf("from %s to %s", localTime(o.From), localTime(o.To))
		if now := time.Now(); now.After(o.To) {
			state += ", over"
		}
	}
	if err := a.line("Out of office is %s.", state); err != nil {
		return err
	}
	for _, t := range []struct{ who, text string }{{"People of the organisation are told", o.Inside}, {"All others are told", o.Outside}} {
		if t.text == "" {
			continue
		}
		if err := a.line("%s:", t.who); err != nil {
			return err
		}
		for l := range strings.SplitSeq(strings.TrimSpace(message.CleanText(t.text)), "\n") {
			if err := a.line("  %s", l); err != nil {
				return err
			}
		}
	}
	return nil
}
