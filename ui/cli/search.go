package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/message"
)

// foundRow is a message as `search --json` has it. ID is 0 where the message is
// on the server only.
type foundRow struct {
	row
	Path string `json:"path"`
	date time.Time
}

func (a *app) searchCommand() *cobra.Command {
	var folder string
	var server bool
	var limit, show int
	c := &cobra.Command{
		Use: "search WORDS...", Short: "Search the mail, here or on the server", Args: minArgs(1),
		Long: `Searches senders, recipients, subjects and first words of the mail that is here, in all
mailboxes. With --server the server searches, texts and files included, and finds
what lies beyond the period that is kept here as well; --show N prints the Nth of
what it found.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			words := strings.Join(args, " ")
			if show > 0 && !server {
				return usage(fmt.Errorf("--show is for what --server finds; show ID shows what is here"))
			}
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error {
				if server {
					return a.searchServer(ctx, l, words, folder, max(limit, show), show)
				}
				return a.searchHere(ctx, l, words, folder, limit)
			})
		},
	}
	f := c.Flags()
	f.StringVar(&folder, "folder", "", "only in this `FOLDER`")
	f.BoolVar(&server, "server", false, "have the server search")
	f.IntVar(&limit, "limit", 100, "at most `N` messages")
	f.IntVar(&show, "show", 0, "print the `N`th message that was found")
	return c
}

// places are the folders to search: the one that is named, or all with mail.
func (a *app) places(ctx context.Context, l agent.Service, name string) (acc activesync.Account, chosen, all []activesync.Folder, err error) {
	if acc, err = a.chosen(ctx, l); err != nil {
		return acc, nil, nil, err
	}
	if all, err = l.Folders(ctx, acc.ID); err != nil {
		return acc, nil, nil, err
	}
	if name != "" {
		f, err := findFolder(name, all)
		return acc, []activesync.Folder{f}, all, err
	}
	for _, f := range all {
		if f.Class == activesync.ClassEmail {
			chosen = append(chosen, f)
		}
	}
	return acc, chosen, all, nil
}

func (a *app) searchHere(ctx context.Context, l agent.Service, words, name string, limit int) error {
	_, chosen, all, err := a.places(ctx, l, name)
	if err != nil {
		return err
	}
	want := strings.Fields(strings.ToLower(words))
	rows := []foundRow{}
	for _, f := range chosen {
		for offset := 0; len(rows) < limit; offset += listStep {
			win, err := l.Window(ctx, f.ID, activesync.WindowQuery{Offset: offset, Count: listStep})
			if err != nil {
				return err
			}
			for _, h := range win.Rows {
				if len(rows) < limit && holdsAll(h, want) {
					rows = append(rows, foundRow{newRow(h), folderPath(f, all), h.Date})
				}
			}
			if len(win.Rows) == 0 || offset+len(win.Rows) >= win.Total {
				break
			}
		}
	}
	return a.printFound(rows, len(rows))
}

// holdsAll reports whether each word stands somewhere in what the list shows of
// a message.
func holdsAll(h activesync.Header, words []string) bool {
	text := h.Subject + "\n" + h.Preview + "\n" + h.From.Name + "\n" + h.From.Address
	for _, list := range [][]activesync.Address{h.To, h.Cc} {
		for _, ad := range list {
			text += "\n" + ad.Name + "\n" + ad.Address
		}
	}
	text = strings.ToLower(text)
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

func (a *app) searchServer(ctx context.Context, l agent.Service, words, name string, limit, show int) error {
	acc, chosen, all, err := a.places(ctx, l, name)
	if err != nil {
		return err
	}
	var ids []activesync.FolderID
	if name != "" {
		ids = append(ids, chosen[0].ID)
	}
	found, err := l.Search(ctx, acc.ID, words, ids, limit)
	if err != nil {
		return err
	}
	if show > 0 {
		if show > len(found.Messages) {
			return fmt.Errorf("the server found %d messages", len(found.Messages))
		}
		m, err := l.FetchFound(ctx, acc.ID, found.Messages[show-1])
		if err != nil {
			return err
		}
		return a.printMessage(m, message.PlainText(m.Body))
	}
	rows := []foundRow{}
	for _, m := range found.Messages {
		path := ""
		for _, f := range all {
			if f.ID == m.Header.Folder {
				path = folderPath(f, all)
			}
		}
		rows = append(rows, foundRow{newRow(m.Header), path, m.Header.Date})
	}
	return a.printFound(rows, found.Total)
}

func (a *app) printFound(rows []foundRow, total int) error {
	if a.json {
		return a.printJSON(rows)
	}
	for i, r := range rows {
		id := r.ID.String()
		if r.ID == 0 {
			id = fmt.Sprintf("(%d)", i+1)
		}
		if err := a.row([]int{8, 16, 24, 20}, id, localTime(r.date), r.From.Label(), r.Path, r.Subject); err != nil {
			return err
		}
	}
	if total > len(rows) {
		return a.line("%d of %d", len(rows), total)
	}
	return nil
}
