package cli

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Checks of the number of arguments; failing them is a usage error.

func noArgs(cmd *cobra.Command, args []string) error { return rangeArgs(0, 0)(cmd, args) }

func exactArgs(n int) cobra.PositionalArgs { return rangeArgs(n, n) }

func minArgs(n int) cobra.PositionalArgs { return rangeArgs(n, -1) }

func maxArgs(n int) cobra.PositionalArgs { return rangeArgs(0, n) }

// rangeArgs takes low to high arguments, any number from low on where high is negative.
func rangeArgs(low, high int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch line := strings.TrimSuffix(cmd.UseLine(), " [flags]"); {
		case len(args) < low:
			return usage(fmt.Errorf("something is missing; it is used as: %s", line))
		case high < 0 || len(args) <= high:
			return nil
		case high == 0 && cmd.HasSubCommands():
			return usage(unknownCommand(cmd, args[0]))
		default:
			return usage(fmt.Errorf("%q is too much; it is used as: %s", args[high], line))
		}
	}
}

// group is a command that only holds others.
func group(use, short string, sub ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Args: func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usage(unknownCommand(cmd, args[0]))
		}
		var names []string
		for _, c := range sub {
			names = append(names, c.Name())
		}
		return usage(errors.New("say what: " + strings.Join(names, ", ")))
	}, RunE: func(*cobra.Command, []string) error { return nil }}
	c.AddCommand(sub...)
	return c
}

// unknownCommand says that cmd has no command of that name, and which is meant perhaps.
func unknownCommand(cmd *cobra.Command, name string) error {
	text := fmt.Sprintf("there is no command %s %s", cmd.CommandPath(), name)
	cmd.SuggestionsMinimumDistance = 2
	if meant := cmd.SuggestionsFor(name); len(meant) > 0 {
		text += "; is it " + strings.Join(meant, " or ") + "?"
	}
	return errors.New(text)
}

// flagError says what is wrong with a flag, without what Go says of it.
func flagError(err error) error {
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		wanted := map[string]string{"int": "a number", "int64": "a number", "duration": "a time such as 90s, 10m or 2h", "bool": "true or false"}[e.GetFlag().Value.Type()]
		if wanted != "" {
			return fmt.Errorf("--%s takes %s, not %q", e.GetFlag().Name, wanted, e.GetValue())
		}
	}
	return err
}

var flagGroup = regexp.MustCompile(`\[([^\[\]]+)\] were all set`)

// excluding says which flags exclude each other, in the words of a person.
func excluding(err error) error {
	m := flagGroup.FindStringSubmatch(err.Error())
	if m == nil {
		return err
	}
	return fmt.Errorf("--%s exclude each other", strings.Join(strings.Fields(m[1]), " and --"))
}
