package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/store/paths"
	"eas.example/securemail/ui"
)

func (a *app) attachmentOpen() *cobra.Command {
	var anyway bool
	c := &cobra.Command{
		Use: "open ID N", Short: "Open attachment N of a message with the system's program", Args: exactArgs(2),
		Long: "Open attachment N of a message with the system's program. The copy lies in the runtime\n" +
			"directory and is removed later. One that can do harm is opened with --anyway only.",
		RunE: func(cmd *cobra.Command, args []string) error {
			ids, err := parseItems(args[:1])
			if err != nil {
				return err
			}
			n, err := strconv.Atoi(args[1])
			if err != nil || n < 1 {
				return usage(fmt.Errorf("%q is not the number of an attachment; see securemail attachment list", args[1]))
			}
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error { return a.openAttachment(ctx, l, ids[0], n, anyway) })
		},
	}
	c.Flags().BoolVar(&anyway, "anyway", false, "open it although it can do harm")
	return c
}

// openAttachment opens attachment n, counted from 1.
func (a *app) openAttachment(ctx context.Context, l agent.Service, id activesync.ItemID, n int, anyway bool) error {
	p, err := paths.Find(a.data)
	if err != nil {
		return err
	}
	m, err := a.unpackItem(ctx, l, id)
	if err != nil {
		return err
	}
	if n > len(m.Attachments) {
		return fmt.Errorf("the message has no attachment %d; see securemail attachment list %s", n, id)
	}
	at := m.Attachments[n-1]
	if risk := message.Risk(at.Name, at.ContentType); risk != "" && !anyway {
		return errors.New(risk + " Say --anyway if you know what it is and expected it from this sender")
	}
	name := message.FileName(at.Name)
	bar := a.newBar(name)
	err = m.fetch(ctx, l, n-1, bar.show)
	bar.end()
	if err != nil {
		return fmt.Errorf("open the attachment %s: %w", name, err)
	}
	_, path, err := ui.Unsealed(p.Runtime, name, m.content(ctx, l, n-1))
	if err == nil {
		err = openURL((&url.URL{Scheme: "file", Path: path}).String())
	}
	if err != nil {
		return fmt.Errorf("open the attachment %s: %w", name, err)
	}
	if a.json {
		return a.printJSON(struct {
			Path string `json:"path"`
		}{path})
	}
	return a.line("%s", path)
}
