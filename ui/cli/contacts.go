package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/policy"
	"eas.example/securemail/contacts"
)

func (a *app) contactsCommand() *cobra.Command {
	leaves := func(c *cobra.Command) *cobra.Command { return a.governed(policy.ExportContacts, c) }
	return group("contacts", "People: find, show, make, change and import them", a.contactsList(), a.contactsShow(), a.contactsSearch(),
		a.contactsAdd(), a.contactsEdit(), a.contactsDelete(), a.contactsImport(), leaves(a.contactsExport()), leaves(a.contactsShare()),
		leaves(a.contactsSync()), a.contactsConflicts(), a.contactsResolve())
}

func (a *app) contactsList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List all people", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error {
				acc, err := a.chosen(ctx, l)
				if err != nil {
					return err
				}
				rows, err := l.Contacts(ctx, acc.ID)
				if err != nil {
					return err
				}
				if a.json {
					if rows == nil {
						rows = []activesync.ContactRow{}
					}
					for i := range rows {
						if rows[i].Emails == nil {
							rows[i].Emails = []string{}
						}
					}
					return a.printJSON(rows)
				}
				for _, r := range rows {
					if err := a.row([]int{8, 30}, r.ID.String(), r.Name, strings.Join(r.Emails, ", ")); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
}

// contact runs do with one contact.
func (a *app) contact(ctx context.Context, id string, do func(context.Context, agent.Service, activesync.Contact) error) error {
	ids, err := parseItems([]string{id})
	if err != nil {
		return err
	}
	return a.with(ctx, func(ctx context.Context, l agent.Service) error {
		c, err := l.Contact(ctx, ids[0])
		if err != nil {
			return err
		}
		return do(ctx, l, c)
	})
}

// printContact prints all fields of a person as JSON, by the names that Exchange has
// for them, in camel case as everywhere. A day that is not known is left out.
func (a *app) printContact(c activesync.Contact) error {
	b, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("print: %w", err)
	}
	var fields map[string]any
	if err := json.Unmarshal(b, &fields); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	for name, day := range map[string]time.Time{"Anniversary": c.Anniversary, "Birthday": c.Birthday} {
		if day.IsZero() {
			delete(fields, name)
		}
	}
	return a.printJSON(camelCase(fields))
}

// camelCase writes the names of fields small at their beginning: FileAs becomes
// fileAs, IMAddress imAddress.
func camelCase(v any) any {
	fields, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := make(map[string]any, len(fields))
	for name, v := range fields {
		n := 0
		for n < len(name) && unicode.IsUpper(rune(name[n])) {
			n++
		}
		if n > 1 && n < len(name) {
			n-- // the last of them begins the next word
		}
		out[strings.ToLower(name[:n])+name[n:]] = camelCase(v)
	}
	return out
}

func (a *app) contactsShow() *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Show one person", Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.contact(cmd.Context(), args[0], func(_ context.Context, _ agent.Service, c activesync.Contact) error {
				if a.json {
					return a.printContact(c)
				}
				for _, f := range contacts.Fields(c) {
					value := strings.ReplaceAll(message.CleanText(f.Value), "\n", "\n                      ")
					if _, err := a.stdout.Write([]byte(cut(f.Label, 20) + strings.Repeat(" ", max(1, 22-len([]rune(cut(f.Label, 20))))) + value + "\n")); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
}

func (a *app) contactsExport() *cobra.Command {
	var version string
	var toBook bool
	c := &cobra.Command{
		Use: "export ID", Short: "Print the vCard of a person, or store it in the local address book", Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if version != "3.0" && version != "4.0" {
				return usage(errors.New("--vcard is 3.0 or 4.0"))
			}
			return a.contact(cmd.Context(), args[0], func(ctx context.Context, l agent.Service, c activesync.Contact) error {
				if toBook {
					path, err := l.ExportContact(ctx, c.ID)
					if err != nil {
						return err
					}
					if a.json {
						return a.printJSON(struct {
							File string `json:"file"`
						}{path})
					}
					return a.line("%s", path)
				}
				m, err := a.managed()
				if err != nil {
					return err
				}
				card, err := contacts.ToVCard(contacts.Selection(m.Word(policy.ContactFields)).Of(c), version)
				if err != nil {
					return err
				}
				_, err = a.stdout.Write(card)
				return err
			})
		},
	}
	c.Flags().BoolVar(&toBook, "to-address-book", false, "store it in the local address book; print its file")
	c.Flags().StringVar(&version, "vcard", "4.0", "the `VERSION`: 3.0 or 4.0")
	return c
}

func (a *app) contactsShare() *cobra.Command {
	var to []string
	c := &cobra.Command{
		Use: "share ID... --to ADDR", Short: "Mail the vCards of people", Args: minArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			rcpts, err := message.ParseAddressList(strings.Join(to, ","))
			if err != nil {
				return usage(err)
			}
			if len(rcpts) == 0 {
				return usage(errors.New("say to whom: --to ADDR"))
			}
			items, err := parseItems(args)
			if err != nil {
				return err
			}
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error {
				d, err := l.ShareDraft(ctx, items...)
				if err != nil {
					return err
				}
				d.To = rcpts
				id, err := l.Send(ctx, d)
				if err != nil {
					return err
				}
				return a.sendNow(ctx, l, d.Account, id, false)
			})
		},
	}
	c.Flags().StringArrayVar(&to, "to", nil, "the `ADDR`ess to send it to; may be repeated")
	return c
}
