package cli

import (
	"context"
	"fmt"
	"math"
	"slices"
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
	f.IntVar(&limit, "limit", 100, "at most `N` messages, the newest; 0 for all")
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
	var ids []activesync.FolderID
	for _, f := range chosen {
		ids = append(ids, f.ID)
	}
	found, n, err := activesync.WordsOf(words).Find(ctx, l, ids, limit)
	if err != nil {
		return err
	}
	return a.printFound(found, n, all)
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
	if limit == 0 {
		limit = math.MaxInt32
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
	var messages []activesync.Header
	for _, m := range found.Messages {
		messages = append(messages, m.Header)
	}
	return a.printFound(messages, found.Total, all)
}

// printFound prints messages of those folders, of which there are more in all.
func (a *app) printFound(found []activesync.Header, total int, folders []activesync.Folder) error {
	rows := []foundRow{}
	for _, h := range found {
		path := ""
		if i := slices.IndexFunc(folders, func(f activesync.Folder) bool { return f.ID == h.Folder }); i >= 0 {
			path = folderPath(folders[i], folders)
		}
		rows = append(rows, foundRow{newRow(h), path, h.Date})
	}
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
