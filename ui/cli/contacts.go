package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/contacts"
)

func (a *app) contactsCommand() *cobra.Command {
	return group("contacts", "List, show, export and share people", a.contactsList(), a.contactsShow(), a.contactsExport(), a.contactsShare())
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
					if err := a.line("%-8s %-30s %s", r.ID.String(), cut(r.Name, 30), strings.Join(r.Emails, ", ")); err != nil {
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

func (a *app) contactsShow() *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Show one person", Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.contact(cmd.Context(), args[0], func(_ context.Context, _ agent.Service, c activesync.Contact) error {
				if a.json {
					return a.printJSON(c)
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
	c := &cobra.Command{
		Use: "export ID", Short: "Print the vCard of a person", Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if version != "3.0" && version != "4.0" {
				return usage(errors.New("--vcard is 3.0 or 4.0"))
			}
			return a.contact(cmd.Context(), args[0], func(_ context.Context, _ agent.Service, c activesync.Contact) error {
				card, err := contacts.ToVCard(c, version)
				if err != nil {
					return err
				}
				_, err = a.stdout.Write(card)
				return err
			})
		},
	}
	c.Flags().StringVar(&version, "vcard", "4.0", "the `VERSION`: 3.0 or 4.0")
	return c
}

func (a *app) contactsShare() *cobra.Command {
	var to []string
	c := &cobra.Command{
		Use: "share ID --to ADDR", Short: "Mail the vCard of a person", Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			rcpts, err := message.ParseAddressList(strings.Join(to, ","))
			if err != nil {
				return usage(err)
			}
			if len(rcpts) == 0 {
				return usage(errors.New("say to whom: --to ADDR"))
			}
			return a.contact(cmd.Context(), args[0], func(ctx context.Context, l agent.Service, c activesync.Contact) error {
				card, err := contacts.ToVCard(c, "3.0")
				if err != nil {
					return err
				}
				acc, err := a.chosen(ctx, l)
				if err != nil {
					return err
				}
				id, err := l.Send(ctx, activesync.Draft{Account: acc.ID, To: rcpts, Subject: "Contact: " + c.Name(),
					Text:        "The contact " + c.Name() + " is attached as a vCard.\n",
					Attachments: []activesync.DraftAttachment{{Name: contacts.FileName(c), ContentType: "text/vcard", Data: card}}})
				if err != nil {
					return err
				}
				return a.sendNow(ctx, l, acc.ID, id, false)
			})
		},
	}
	c.Flags().StringArrayVar(&to, "to", nil, "the `ADDR`ess to send it to; may be repeated")
	return c
}
