package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/store/paths"
	"eas.example/securemail/store/secret"
)

// statusRow is an account as `status --json` has it.
type statusRow struct {
	Account  string   `json:"account"`
	Unread   int      `json:"unread"` // in the Inbox
	Waiting  int      `json:"waiting"`
	Parked   int      `json:"parked"`
	LastSync string   `json:"lastSync"`
	State    string   `json:"state"`    // of the agent: foreground, grace, background or stopped
	Mode     string   `json:"mode"`     // in force now: persistent, refresh, push or off
	Phase    string   `json:"phase"`    // of the connection
	NextWake string   `json:"nextWake"` // "" where no time is set
	Why      []string `json:"why"`
	Push     string   `json:"push,omitempty"`
	Problem  string   `json:"problem,omitempty"`
}

func (a *app) statusCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use: "status", Short: "One line for each account: unread mail, what waits, when it was last in step", Args: noArgs,
		Long: `One line for each account: unread mail, what waits, when it was last in step, whether
the agent is in the foreground or the background, how mail comes in and why. Nothing is
started and nothing is asked of a server.

--format is for status bars and prompts. In it stand {account}, {unread}, {waiting},
{parked}, {lastSync}, {state}, {mode}, {phase}, {nextWake}, and {total}, which is the
unread mail of all accounts.`,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.status(cmd.Context(), format) },
	}
	c.Flags().StringVar(&format, "format", "", "print each account as `TEXT` says")
	return c
}

func (a *app) status(ctx context.Context, format string) error {
	s, err := a.glance(ctx)
	if err != nil {
		return err
	}
	rows, watches := []statusRow{}, []activesync.AccountWatch{}
	total := 0
	for _, w := range s.Accounts {
		total += w.Unread
		if a.account != "" && !strings.EqualFold(a.account, w.Name) && a.account != string(w.Account) {
			continue
		}
		watches = append(watches, w)
		rows = append(rows, statusRow{Account: w.Name, Unread: w.Unread, Waiting: w.Waiting, Parked: w.Parked, LastSync: jsonTime(w.LastSuccess),
			State: string(s.State), Mode: string(w.Mode), Phase: string(w.Phase), NextWake: jsonTime(w.Next), Why: append([]string{}, w.Why...),
			Push: s.Push, Problem: w.Problem})
	}
	switch {
	case len(rows) == 0 && a.account != "":
		return fmt.Errorf("%w: %q", agent.ErrNoAccount, a.account)
	case format != "":
		return a.printFormat(format, rows, total)
	case a.json:
		return a.printJSON(rows)
	case len(rows) == 0:
		return a.line("No account is set up; add one: securemail account add EMAIL")
	}
	for i, r := range rows {
		if err := a.line("%s", statusText(r, watches[i])); err != nil {
			return err
		}
	}
	return nil
}

func statusText(r statusRow, w activesync.AccountWatch) string {
	text := fmt.Sprintf("%s: %d unread, in step %s", r.Account, r.Unread, localTime(w.LastSuccess))
	if r.Waiting > 0 {
		text += fmt.Sprintf(", %d waiting to be sent", r.Waiting)
	}
	if r.Parked > 0 {
		text += fmt.Sprintf(", %d need you (see the outbox)", r.Parked)
	}
	text += "; " + r.State
	if r.State == string(activesync.Locked) {
		return text + "; " + activesync.Unreached(r.Problem)
	}
	if r.State != string(stoppedState) {
		text += ": " + watchWords(w)
	}
	if r.Push != "" {
		text += "; push channel " + r.Push
	}
	return text
}

var placeholder = regexp.MustCompile(`\{[A-Za-z]*\}`)

func (a *app) printFormat(format string, rows []statusRow, total int) error {
	for _, r := range rows {
		values := map[string]string{"{account}": r.Account, "{unread}": strconv.Itoa(r.Unread), "{waiting}": strconv.Itoa(r.Waiting),
			"{parked}": strconv.Itoa(r.Parked), "{lastSync}": r.LastSync, "{state}": r.State, "{mode}": r.Mode, "{phase}": r.Phase,
			"{nextWake}": r.NextWake, "{total}": strconv.Itoa(total)}
		var unknown string
		text := placeholder.ReplaceAllStringFunc(format, func(p string) string {
			v, ok := values[p]
			if !ok {
				unknown = p
			}
			return v
		})
		if unknown != "" {
			return usage(fmt.Errorf("--format knows no %s", unknown))
		}
		if err := a.line("%s", text); err != nil {
			return err
		}
	}
	return nil
}

// glance is what the agent does, or what is here where none runs. It wakes
// nothing.
func (a *app) glance(ctx context.Context) (activesync.Presence, error) {
	p, err := paths.Find(a.data)
	if err != nil {
		return activesync.Presence{}, err
	}
	c := a.client(p, false)
	defer c.Close()
	s, err := c.Presence(ctx)
	if !errors.Is(err, agent.ErrNotRunning) {
		return s, err
	}
	if _, err := os.Stat(p.Config); errors.Is(err, os.ErrNotExist) {
		return activesync.Presence{State: stoppedState}, nil // nothing was set up yet, and nothing is made
	}
	k, err := a.openKeys(ctx, p, secret.Attempt{})
	if errors.Is(err, activesync.ErrLocked) {
		return lockedPresence(p, reason(err)), nil
	}
	if err != nil {
		return activesync.Presence{}, err
	}
	err = a.alone(ctx, p, k, func(ctx context.Context, l agent.Service) (err error) {
		s, err = l.Presence(ctx)
		return err
	})
	s.State = stoppedState
	for i := range s.Accounts {
		w := &s.Accounts[i]
		w.Mode, w.Why = activesync.ModeOff, []string{"no agent runs"}
	}
	return s, err
}
