package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/store/config"
	"eas.example/securemail/store/paths"
	"eas.example/securemail/store/secret"
)

// keys is the opened key of a data directory, with the file that says what
// holds it.
type keys struct {
	file secret.KeyFile
	key  secret.Key
}

// State implements agent.Keys.
func (k keys) State() (activesync.KeyState, error) { return k.file.State() }

// Hold implements agent.Keys.
func (k keys) Hold(ctx context.Context, c activesync.KeyChoice) error {
	return k.file.Hold(ctx, k.key, c)
}

func (a *app) keyFile(p paths.Paths) secret.KeyFile {
	return secret.KeyFile{Path: p.KeyFile, Ring: a.ring, Run: firstLine}
}

// openKeys opens the key and makes one on the first start. With --data everything
// lies under one directory, so that the keyring is used only where the person
// says so.
func (a *app) openKeys(ctx context.Context, p paths.Paths, try secret.Attempt) (keys, error) {
	return openKeys(ctx, a.keyFile(p), p, try, a.data == "")
}

func openKeys(ctx context.Context, f secret.KeyFile, p paths.Paths, try secret.Attempt, inRing bool) (keys, error) {
	key, err := f.Open(ctx, try)
	if errors.Is(err, secret.ErrNoKey) {
		if err := unsealed(f, p); err != nil {
			return keys{}, err
		}
		key, err = f.Make(ctx, inRing)
	}
	if err != nil && !errors.Is(err, activesync.ErrLocked) && !errors.Is(err, activesync.ErrPassphrase) {
		err = fmt.Errorf("open the key of this installation: %w", err)
	}
	return keys{f, key}, err
}

// unsealed sees that nothing is here that a new key could not open.
func unsealed(f secret.KeyFile, p paths.Paths) error {
	for _, path := range []string{p.Store, p.Secrets} {
		info, err := os.Stat(path)
		if err != nil || info.Size() == 0 {
			continue
		}
		if _, err := f.State(); !errors.Is(err, secret.ErrNoKey) {
			return nil // another process has just made it
		}
		return fmt.Errorf("%w at %s, but %s was sealed under one: bring the key file back from a backup, or move %s away to begin anew", secret.ErrNoKey, p.KeyFile, path, path)
	}
	return nil
}

// askKeys is openKeys where the person can be asked.
func (a *app) askKeys(ctx context.Context, p paths.Paths) (k keys, err error) {
	if k, err = a.openKeys(ctx, p, secret.Attempt{}); !errors.Is(err, activesync.ErrLocked) {
		return k, err
	}
	s, serr := k.file.State()
	if serr != nil {
		return k, serr
	}
	s.Why = err.Error()
	err = a.unlock(ctx, s, func(ctx context.Context, passphrase string) (err error) {
		k, err = a.openKeys(ctx, p, secret.Attempt{Passphrase: passphrase, Ask: true})
		return err
	})
	return k, err
}

// passphraseTries is how often a person is asked on the terminal.
const passphraseTries = 3

// unlock has try open what is locked, with a passphrase where one is needed.
func (a *app) unlock(ctx context.Context, s activesync.KeyState, try func(ctx context.Context, passphrase string) error) error {
	if s.Holder != activesync.KeyByPassphrase {
		return try(ctx, "")
	}
	for n := 1; ; n++ {
		passphrase, err := a.passphrase, error(nil)
		if passphrase == "" {
			passphrase, err = a.secretLine("passphrase", "Passphrase: ", false)
		}
		if err == nil {
			err = try(ctx, passphrase)
		}
		if !errors.Is(err, activesync.ErrPassphrase) || a.phrase || n == passphraseTries {
			return err
		}
		fmt.Fprintln(a.stderr, "That is not the passphrase.")
	}
}

// lockedPresence is what can be told of the accounts while their key is not at
// hand.
func lockedPresence(p paths.Paths, why string) activesync.Presence {
	s := activesync.Presence{State: activesync.Locked, Mode: activesync.ModeOff, Accounts: []activesync.AccountWatch{}}
	cfg, err := config.Load(p.Config)
	if err != nil {
		return s
	}
	for _, c := range cfg.Accounts {
		s.Accounts = append(s.Accounts, activesync.AccountWatch{Account: c.ID, Name: c.Name, Phase: activesync.PhasePaused, Mode: activesync.ModeOff,
			Why: []string{why}, Problem: why})
	}
	return s
}

func (a *app) keyCommand() *cobra.Command {
	c := group("key", "What holds the key under which everything here is sealed", a.keyShow(), a.keySet(), a.keyUnlock())
	c.Long = `Everything that is kept on this machine is sealed under one key. That key is held by the
keyring of the desktop, by a passphrase, by a command that prints a passphrase, or by a
file that only you can read. The first start chooses the keyring where there is an
open one, else (and always with --data) the file.`
	return c
}

func (a *app) keyShow() *cobra.Command {
	return &cobra.Command{
		Use: "show", Short: "Say what holds the key, and whether it is at hand", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := paths.Find(a.data)
			if err != nil {
				return err
			}
			s, err := a.keyFile(p).State()
			if errors.Is(err, secret.ErrNoKey) {
				return a.line("There is no key yet; the first start makes it.")
			}
			if err != nil {
				return err
			}
			c := a.client(p, false)
			defer c.Close()
			switch h, err := c.Hello(cmd.Context()); {
			case err == nil && h.Locked != nil:
				s = *h.Locked
			case errors.Is(err, agent.ErrNotRunning) && s.Holder != activesync.KeyByPassphrase:
				if _, err := a.openKeys(cmd.Context(), p, secret.Attempt{}); errors.Is(err, activesync.ErrLocked) {
					s.Locked, s.Why = true, err.Error()
				} else if err != nil {
					return err
				}
			case errors.Is(err, agent.ErrNotRunning):
				s.Locked, s.Why = true, "the passphrase is asked for when the background process starts"
			case err != nil:
				return err
			}
			if a.json {
				return a.printJSON(s)
			}
			return a.line("%s", keyWords(s, p.KeyFile))
		},
	}
}

// keyWords say what holds the key.
func keyWords(s activesync.KeyState, file string) string {
	words := map[activesync.KeyHolder]string{
		activesync.KeyInFile: "the file " + file + " holds the key", activesync.KeyInKeyring: "the keyring holds the key",
		activesync.KeyByPassphrase: "a passphrase holds the key", activesync.KeyByCommand: "a command holds the key: " + strings.Join(s.Command, " "),
	}[s.Holder]
	if s.Locked {
		return words + "; locked: " + s.Why
	}
	return words
}

func (a *app) keySet() *cobra.Command {
	var fromStdin bool
	c := &cobra.Command{
		Use: "set keyring|passphrase|file|command [COMMAND ARG…]", Short: "Have something else hold the key; nothing is sealed anew", Args: minArgs(1),
		Long: `Have something else hold the key. This can be changed at any time and takes a moment,
because only the key is sealed anew. A passphrase is asked for each time the background
process starts. Of a command the first line of what it prints counts, as of pass or rbw:

  securemail key set command -- pass show securemail

A backup of the key file made before still opens with what held the key then.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			choice := activesync.KeyChoice{Holder: activesync.KeyHolder(args[0]), Command: args[1:]}
			switch choice.Holder {
			case activesync.KeyInKeyring, activesync.KeyInFile, activesync.KeyByPassphrase:
				if len(args) > 1 {
					return usage(fmt.Errorf("%s takes nothing else", args[0]))
				}
			case activesync.KeyByCommand:
				if len(args) < 2 {
					return usage(errors.New("name the command that prints the passphrase"))
				}
			default:
				return usage(fmt.Errorf("%q is not one of keyring, passphrase, file, command", args[0]))
			}
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error {
				if choice.Holder == activesync.KeyByPassphrase {
					var err error
					if choice.Passphrase, err = a.newPassphrase(fromStdin); err != nil {
						return err
					}
				}
				if err := l.HoldKey(ctx, choice); err != nil {
					return fmt.Errorf("nothing was changed: %w", err)
				}
				s, err := l.Key(ctx)
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(s)
				}
				p, err := paths.Find(a.data)
				if err != nil {
					return err
				}
				return a.line("Now %s.", keyWords(s, p.KeyFile))
			})
		},
	}
	c.Flags().BoolVar(&fromStdin, "new-passphrase-stdin", false, "read the new passphrase from the next line of standard input")
	return c
}

// newPassphrase asks twice, since nobody else knows it.
func (a *app) newPassphrase(fromStdin bool) (string, error) {
	first, err := a.secretLine("new-passphrase", "New passphrase: ", fromStdin)
	if err != nil || fromStdin {
		return first, err
	}
	again, err := a.secretLine("new-passphrase", "Once more: ", false)
	if err == nil && again != first {
		err = errors.New("the two are not the same; nothing was changed")
	}
	return first, err
}

func (a *app) keyUnlock() *cobra.Command {
	return &cobra.Command{
		Use: "unlock", Short: "Start the background process and give it the passphrase", Args: noArgs,
		Long: `Start the background process where it does not run, and give it the passphrase, or have
it ask the keyring or the command again. For a script, --passphrase-stdin reads it.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(context.Context, agent.Service) error { return a.line("Unlocked.") })
		},
	}
}
