// Package cli is the command line: it reads arguments, wires the program
// together and turns results into text, JSON and exit codes. It decides
// nothing about mail.
//
// A command runs on one goroutine; what it starts it waits for before it
// returns, but for the agent and programs of the desktop.
package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"syscall"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/notify"
	"eas.example/securemail/store/secret"
)

// app is one run of the program.
type app struct {
	version string
	stdin   io.Reader
	stdout  io.Writer
	stderr  io.Writer

	ring secret.Ring // the keyring of this system

	data    string // --data
	account string // --account
	json    bool   // --json
	phrase  bool   // --passphrase-stdin

	passphrase string // that it gave
	open       string // --open
	reply      bool   // --reply
	// asksItself: what runs asks for the passphrase on its screen.
	asksItself bool
}

// Main runs the program and returns its exit code. Without a version it has that of
// the commit it was built from.
func Main(version string, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	info, _ := debug.ReadBuildInfo()
	a := &app{version: versionOf(version, info), stdin: stdin, stdout: stdout, stderr: stderr,
		ring: &secret.SystemRing{Address: func() (string, error) { return notify.SessionBus(os.Getenv) }}}
	root := a.command()
	a.hide(root, args)
	if slices.Contains(args, cobra.ShellCompRequestCmd) || slices.Contains(args, cobra.ShellCompNoDescRequestCmd) {
		a.complete(root) // cobra keeps for ever what is registered, with the whole tree of commands
	}
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if err != nil && ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = errInterrupted
	}
	a.report(cmd, err)
	return exitCode(err)
}

func (a *app) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "securemail",
		Short: "Secure Mail for the terminal",
		Long: `Secure Mail for the terminal: mail, contacts and calendar of an Exchange account,
kept in step over Exchange ActiveSync. Without a command it shows the screens.`,
		Version:       a.version,
		Args:          noArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) (err error) {
			if err := cmd.ValidateFlagGroups(); err != nil {
				return usage(excluding(err))
			}
			if a.phrase { // it is the first line, whatever else is read
				a.passphrase, err = a.secretLine("passphrase", "", true)
			}
			return err
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return a.screens(cmd.Context()) },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage(flagError(err)) })
	f := root.PersistentFlags()
	f.StringVar(&a.data, "data", os.Getenv("SECUREMAIL_DATA"), "keep everything of this run under `DIR`")
	f.StringVar(&a.account, "account", "", "use the account `NAME`")
	f.BoolVar(&a.json, "json", false, "print JSON")
	f.BoolVar(&a.phrase, "passphrase-stdin", false, "read the passphrase of what is kept here from the first line of standard input")
	root.Flags().StringVar(&a.open, "open", "", "show the message `ID`")
	root.Flags().BoolVar(&a.reply, "reply", false, "with --open: answer it")
	root.AddCommand(a.oofCommand(), a.problemsCommand())
	root.AddCommand(
		a.demoCommand(), a.accountCommand(), a.syncCommand(), a.foldersCommand(), a.listCommand(), a.searchCommand(), a.showCommand(),
		a.markCommand(), a.flagCommand(), a.moveCommand(), a.deleteCommand(), a.reportCommand(), a.sendCommand(), a.outboxCommand(), a.attachmentCommand(),
		a.contactsCommand(), a.calendarCommand(), a.watchCommand(), a.statusCommand(), a.policyCommand(), a.removedCommand(), a.doctorCommand(),
		a.agentCommand(), a.keyCommand(), a.notificationsCommand(), a.pushCommand(),
	)
	return root
}

// Exit codes, as the documentation promises them.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitAuth        = 3
	exitPolicy      = 4
	exitUnreachable = 5
	exitInterrupted = 130

	// exitHandedOver is of an agent in whose place another one came, for its service
	// manager.
	exitHandedOver = agent.HandedOverCode
)

var (
	errInterrupted = errors.New("interrupted")
	errHandedOver  = errors.New("another program has become the agent")
)

type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usage(err error) error {
	if err == nil {
		return nil
	}
	return usageError{err}
}

func exitCode(err error) int {
	var wrong usageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errInterrupted):
		return exitInterrupted
	case errors.Is(err, errHandedOver):
		return exitHandedOver
	case errors.As(err, &wrong), errors.Is(err, agent.ErrSetting):
		return exitUsage
	case errors.Is(err, activesync.ErrAuth):
		return exitAuth
	case errors.Is(err, activesync.ErrPolicy):
		return exitPolicy
	case errors.Is(err, activesync.ErrUnreachable):
		return exitUnreachable
	}
	return exitFailed
}
