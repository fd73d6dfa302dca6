package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/client"
	"eas.example/securemail/activesync/message"
)

func (a *app) accountCommand() *cobra.Command {
	return group("account", "Set up accounts", a.accountAdd(), a.accountList(), a.accountCheck(), a.accountSignIn(), a.accountRemove())
}

func (a *app) accountAdd() *cobra.Command {
	var acc activesync.Account
	var how signInFlags
	c := &cobra.Command{
		Use: "add EMAIL", Short: "Add an account; it is tried by signing in", Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			acc.Email = args[0]
			if !strings.Contains(acc.Email, "@") {
				return usage(fmt.Errorf("%q is not an e-mail address", acc.Email))
			}
			if acc.Server != "" {
				acc.Server = endpoint(acc.Server)
				if err := client.CheckEndpoint(acc.Server); err != nil {
					return usage(err)
				}
			}
			if err := how.into(&acc); err != nil {
				return err
			}
			secret, err := a.getSecret(cmd.Context(), acc, how)
			if err != nil {
				return err
			}
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error {
				added, err := l.AddAccount(ctx, acc, secret)
				if err != nil {
					return fmt.Errorf("add %s: %w", acc.Email, err)
				}
				if a.json {
					return a.printJSON(added)
				}
				return a.line("Added %s.", added.Name)
			})
		},
	}
	c.Flags().StringVar(&acc.Name, "name", "", "call it `N`; the address when not given")
	c.Flags().StringVar(&acc.Server, "server", "", "the server's `URL` or host; found through Autodiscover when not given")
	c.Flags().StringVar(&acc.User, "user", "", "sign in as `U`; the address when not given")
	c.Flags().StringVar(&acc.CAFile, "ca-file", "", "trust the certificates in `FILE` (PEM) as well")
	how.add(c.Flags())
	return c
}

// endpoint completes what a person types as the server.
func endpoint(s string) string {
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	scheme, rest, _ := strings.Cut(s, "://")
	if !strings.Contains(strings.TrimSuffix(rest, "/"), "/") {
		rest = strings.TrimSuffix(rest, "/") + "/Microsoft-Server-ActiveSync"
	}
	return scheme + "://" + rest
}

// secretLine reads one line, from standard input or from the person. what names
// it, as the option for standard input does.
func (a *app) secretLine(what, prompt string, fromStdin bool) (string, error) {
	name := strings.ReplaceAll(what, "-", " ")
	if fromStdin {
		line, err := a.inputLine()
		if err != nil {
			return "", fmt.Errorf("read the %s: %w", name, err)
		}
		if line == "" {
			return "", usage(fmt.Errorf("standard input holds no %s", name))
		}
		return line, nil
	}
	in, ok := a.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return "", usage(fmt.Errorf("standard input is no terminal; give the %s with --%s-stdin", name, what))
	}
	fmt.Fprint(a.stderr, prompt)
	b, err := term.ReadPassword(int(in.Fd()))
	fmt.Fprintln(a.stderr)
	if err != nil {
		return "", fmt.Errorf("read the %s: %w", name, err)
	}
	if len(b) == 0 {
		return "", fmt.Errorf("no %s was typed", name)
	}
	return string(b), nil
}

// confirmed asks a person who sits at the terminal whether to do what cannot be
// taken back. A script has said so by its command.
func (a *app) confirmed(question string) (bool, error) {
	if !isTerminal(a.stdin) {
		return true, nil
	}
	fmt.Fprint(a.stderr, message.Clean(question)+" [y/N] ")
	answer, err := a.inputLine()
	if err != nil {
		return false, fmt.Errorf("read the answer: %w", err)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return true, nil
	}
	fmt.Fprintln(a.stderr, "Nothing was changed.")
	return false, nil
}

// inputLine reads the next line of standard input and nothing beyond it.
func (a *app) inputLine() (string, error) {
	var line []byte
	for b := make([]byte, 1); ; {
		n, err := a.stdin.Read(b)
		if n > 0 && b[0] != '\n' {
			line = append(line, b[0])
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		if err != nil || n > 0 && b[0] == '\n' {
			return strings.TrimRight(string(line), "\r"), nil
		}
	}
}

func (a *app) accountList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the accounts", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error {
				all, err := l.Accounts(ctx)
				if err != nil {
					return err
				}
				if a.json {
					if all == nil {
						all = []activesync.Account{}
					}
					return a.printJSON(all)
				}
				for _, acc := range all {
					if err := a.line("%-20s %-30s %-12s %s", acc.Name, acc.Email, acc.Auth, acc.Server); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
}

func (a *app) accountCheck() *cobra.Command {
	return &cobra.Command{
		Use: "check", Short: "Sign in and say what the server is", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error {
				acc, err := a.chosen(ctx, l)
				if err != nil {
					return err
				}
				if err := l.Check(ctx, acc.ID); err != nil {
					return fmt.Errorf("check %s: %w", acc.Name, err)
				}
				st, err := l.State(ctx, acc.ID)
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(struct {
						Account string   `json:"account"`
						Version string   `json:"version"`
						Server  string   `json:"server"`
						Unmet   []string `json:"policiesNotMet"`
					}{acc.Name, st.Version.String(), acc.Server, append([]string{}, st.PolicyUnmet...)})
				}
				if err := a.line("%s is in order: ActiveSync %s at %s", acc.Name, st.Version.String(), acc.Server); err != nil {
					return err
				}
				if len(st.PolicyUnmet) > 0 {
					return a.line("Not all policies of the server are met here; see securemail policy.")
				}
				return nil
			})
		},
	}
}

func (a *app) accountRemove() *cobra.Command {
	return &cobra.Command{
		Use: "remove NAME", Short: "Remove an account and erase its mail here; nothing is deleted on the server", Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.choose(args[0]); err != nil {
				return err
			}
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error {
				acc, err := a.chosen(ctx, l)
				if err != nil {
					return err
				}
				ops, err := l.Outbox(ctx, acc.ID)
				if err != nil {
					return err
				}
				question := "Remove " + acc.Name + "? Its mail, contacts, calendar and drafts go from this machine"
				if len(ops) > 0 {
					question += ", and " + numberOf(len(ops), "thing") + " not sent or changed on the server yet"
				}
				if yes, err := a.confirmed(question + "."); err != nil || !yes {
					return err
				}
				if err := l.RemoveAccount(ctx, acc.ID); err != nil {
					return err
				}
				return a.line("Removed %s.", acc.Name)
			})
		},
	}
}
