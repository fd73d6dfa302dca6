package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/contacts"
)

const setHelp = `Fields are set with --set FIELD=VALUE, which may be repeated; FIELD= empties one. Fields
are those of Exchange, such as FirstName, LastName, CompanyName, JobTitle, Email1 to Email3,
MobilePhoneNumber, Birthday (2001-12-31), Children and Categories (with commas) and Note; short
names such as first, last, company, email, mobile and work do too.`

// flags adds the flags of a contact to a command.
func (s *contactSettings) flags(c *cobra.Command) {
	c.Flags().StringArrayVar(&s.set, "set", nil, "set a `FIELD=VALUE`")
	c.Flags().StringVar(&s.picture, "picture", "", "the picture is in `FILE`; none takes it away")
}

// changedContact is what is printed of a contact that was made or changed.
type changedContact struct {
	ID      activesync.ItemID `json:"id"`
	Waiting int               `json:"waiting"` // changes that the server does not have yet
}

func (a *app) contactsAdd() *cobra.Command {
	var s contactSettings
	c := &cobra.Command{
		Use: "add --set FIELD=VALUE...", Short: "Make a person", Args: noArgs, Long: "Make a person.\n\n" + setHelp,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var person activesync.Contact
			if err := s.apply(&person); err != nil {
				return err
			}
			if person.Name() == "" {
				return usage(errors.New("say who it is: --set first=Ana --set last=Souza"))
			}
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error {
				acc, err := a.chosen(ctx, l)
				if err != nil {
					return err
				}
				id, op, err := l.AddContact(ctx, acc.ID, person)
				if err != nil {
					return err
				}
				return a.contactDone(ctx, l, id, op)
			})
		},
	}
	s.flags(c)
	return c
}

// contactDone tells the server of a change and says what became of it.
func (a *app) contactDone(ctx context.Context, l agent.Service, id activesync.ItemID, op activesync.OpID) error {
	waits, err := a.push(ctx, l, []activesync.OpID{op})
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(changedContact{id, waits})
	}
	return a.line("%s", id.String())
}

func (a *app) contactsEdit() *cobra.Command {
	var s contactSettings
	c := &cobra.Command{
		Use: "edit ID --set FIELD=VALUE...", Short: "Change a person", Args: exactArgs(1), Long: "Change a person.\n\n" + setHelp,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(s.set) == 0 && s.picture == "" {
				return usage(errors.New("say what: --set FIELD=VALUE"))
			}
			return a.contact(cmd.Context(), args[0], func(ctx context.Context, l agent.Service, before activesync.Contact) error {
				after := before
				if err := s.apply(&after); err != nil {
					return err
				}
				op, err := l.ChangeContact(ctx, before, after)
				if err != nil {
					return err
				}
				return a.contactDone(ctx, l, before.ID, op)
			})
		},
	}
	s.flags(c)
	return c
}

func (a *app) contactsDelete() *cobra.Command {
	return &cobra.Command{
		Use: "delete ID...", Short: "Delete people", Args: minArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.change(cmd.Context(), args, activesync.Op{Kind: activesync.OpDelete})
		},
	}
}

func (a *app) contactsImport() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use: "import FILE...", Short: "Take people over from vCards; - reads them from standard input", Args: minArgs(1),
		Long: `Take people over from files of vCards, of any number of cards each. Without --yes it is
only shown what would be done: who is new, of whom more would be known, and who is known already.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			var cards []byte
			for _, name := range args {
				b, err := a.readFile(name, "vCards")
				if err != nil {
					return err
				}
				cards = append(append(cards, b...), '\n')
			}
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error { return a.importCards(ctx, l, cards, yes) })
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "do it")
	return c
}

// readFile reads a file that holds something, - is standard input.
func (a *app) readFile(name, what string) ([]byte, error) {
	read := func() ([]byte, error) { return os.ReadFile(name) }
	if name == "-" {
		read = func() ([]byte, error) { return io.ReadAll(a.stdin) }
	}
	b, err := read()
	if err != nil {
		return nil, fmt.Errorf("read the %s: %w", what, err)
	}
	return b, nil
}

func (a *app) importCards(ctx context.Context, l agent.Service, cards []byte, yes bool) error {
	acc, err := a.chosen(ctx, l)
	if err != nil {
		return err
	}
	list, err := l.PreviewImport(ctx, acc.ID, cards)
	if err != nil {
		return err
	}
	waits := 0
	if yes {
		ids, err := l.ImportContacts(ctx, acc.ID, cards, nil)
		if err != nil {
			return err
		}
		if waits, err = a.push(ctx, l, ids); err != nil {
			return err
		}
	}
	if a.json {
		return a.printJSON(struct {
			Cards   []contacts.Import `json:"cards"`
			Done    bool              `json:"done"`
			Waiting int               `json:"waiting"`
		}{list, yes, waits})
	}
	count := map[contacts.Kind]int{}
	for _, in := range list {
		count[in.Kind]++
		if err := a.row([]int{7, 30}, string(in.Kind), in.Name, strings.Join(in.Emails, ", ")); err != nil {
			return err
		}
		for _, d := range in.Changes {
			if err := a.line("        %s: %s → %s", d.Label, cut(d.Exchange, 40), cut(d.File, 40)); err != nil {
				return err
			}
		}
		if in.Note != "" {
			if err := a.line("        %s", in.Note); err != nil {
				return err
			}
		}
	}
	if err := a.line("%d new, %d changed; %d known already, %d twice in the file.", count[contacts.New], count[contacts.Update], count[contacts.Same], count[contacts.Twice]); err != nil || yes {
		return err
	}
	return a.line("Nothing is changed yet; --yes does it.")
}

// foundPeople is what a search prints.
type foundPeople struct {
	Contacts []activesync.ContactRow `json:"contacts"`
	// Directory are people of the organisation's address list.
	Directory []activesync.Person `json:"directory"`
	Problem   string              `json:"problem,omitempty"` // why the list was not searched
}

func (a *app) contactsSearch() *cobra.Command {
	var here bool
	c := &cobra.Command{
		Use: "search WORDS...", Short: "Find people here and in the organisation's address list", Args: minArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			words := strings.Join(args, " ")
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error { return a.search(ctx, l, words, here) })
		},
	}
	c.Flags().BoolVar(&here, "here", false, "only what is kept here; the server is not asked")
	return c
}

func (a *app) search(ctx context.Context, l agent.Service, words string, here bool) error {
	acc, err := a.chosen(ctx, l)
	if err != nil {
		return err
	}
	rows, err := l.Contacts(ctx, acc.ID)
	if err != nil {
		return err
	}
	out := foundPeople{Contacts: contacts.Search(words, rows), Directory: []activesync.Person{}}
	for i := range out.Contacts {
		if out.Contacts[i].Emails == nil {
			out.Contacts[i].Emails = []string{}
		}
	}
	if !here {
		people, err := l.FindPeople(ctx, acc.ID, words)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			out.Problem = err.Error()
			fmt.Fprintf(a.stderr, "securemail: the address list was not searched: %s\n", message.Clean(err.Error()))
		}
		for _, p := range people.People {
			p.Picture = nil
			out.Directory = append(out.Directory, p)
		}
	}
	if a.json {
		return a.printJSON(out)
	}
	for _, r := range out.Contacts {
		if err := a.row([]int{8, 30}, r.ID.String(), r.Name, strings.Join(r.Emails, ", ")); err != nil {
			return err
		}
	}
	for _, p := range out.Directory {
		if err := a.row([]int{8, 30}, "list", p.Name, strings.Join(slices.DeleteFunc([]string{p.Email, p.Phone, p.Mobile}, func(s string) bool { return s == "" }), ", ")); err != nil {
			return err
		}
	}
	return nil
}
