package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync/agent"
)

func (a *app) agentInstall() *cobra.Command {
	var print bool
	c := &cobra.Command{
		Use: "install", Short: "Have the system bring the agent back whenever it was ended by force", Args: noArgs,
		Long: `Write a unit for the person's service manager, systemd or launchd, and switch it on. It
starts the agent at log-in and brings it back when it was ended by force.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			u, err := a.unit()
			if err != nil {
				return err
			}
			if print {
				_, err := fmt.Fprintf(a.stdout, "%s", u.Content)
				return err
			}
			return a.install(cmd.Context(), u)
		},
	}
	c.Flags().BoolVar(&print, "print", false, "print the unit and change nothing")
	return c
}

// unit is the one of this system for the data directory of this run.
func (a *app) unit() (agent.Unit, error) {
	program, err := os.Executable()
	if err != nil {
		return agent.Unit{}, fmt.Errorf("find this program: %w", err)
	}
	args, err := a.agentArgs()
	if err != nil {
		return agent.Unit{}, err
	}
	name := "securemail"
	if a.data != "" {
		sum := sha256.Sum256([]byte(strings.Join(args, "\x00")))
		name += "-" + hex.EncodeToString(sum[:4])
	}
	if runtime.GOOS == "darwin" {
		home, err := os.UserHomeDir()
		if err != nil {
			return agent.Unit{}, fmt.Errorf("find the home directory: %w", err)
		}
		return agent.LaunchdAgent(home, "example.eas."+name, program, args), nil
	}
	config, err := os.UserConfigDir()
	if err != nil {
		return agent.Unit{}, fmt.Errorf("find the configuration directory: %w", err)
	}
	return agent.SystemdUnit(config, name, program, args), nil
}

// install writes the unit and switches it on. Where that does not work, as in a
// session without a service manager, it says what to type later.
func (a *app) install(ctx context.Context, u agent.Unit) error {
	if err := u.Write(); err != nil {
		return err
	}
	if err := a.line("Wrote %s.", u.Path); err != nil {
		return err
	}
	for i, words := range u.Enable {
		out, err := exec.CommandContext(ctx, words[0], words[1:]...).CombinedOutput()
		if err == nil {
			continue
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		reason := strings.TrimSpace(string(out))
		if reason == "" {
			reason = err.Error()
		}
		if err := a.line("It could not be switched on from here (%s). Type:", reason); err != nil {
			return err
		}
		for _, w := range u.Enable[i:] {
			if err := a.line("  %s", strings.Join(w, " ")); err != nil {
				return err
			}
		}
		break
	}
	if hint := lingerHint(); hint != "" {
		return a.line("%s", hint)
	}
	return nil
}

// lingerHint says what becomes of the agent at the last log-out, where that
// can be changed.
func lingerHint() string {
	who, err := user.Current()
	if err != nil {
		return ""
	}
	_, err = os.Stat("/run/systemd/system")
	return lingerWords(err == nil, agent.Lingers(filepath.Base(who.Username)))
}

func lingerWords(systemd, lingers bool) string {
	if !systemd || lingers {
		return ""
	}
	return "It ends with your last log-out; to have it go on: loginctl enable-linger"
}
