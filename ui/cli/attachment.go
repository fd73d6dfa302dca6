package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/message"
)

func (a *app) attachmentCommand() *cobra.Command {
	return group("attachment", "List and save attachments", a.attachmentList(), a.attachmentSave())
}

func (a *app) attachmentList() *cobra.Command {
	return &cobra.Command{
		Use: "list ID", Short: "List the attachments of a message", Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ids, err := parseItems(args)
			if err != nil {
				return err
			}
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error {
				m, err := l.Message(ctx, ids[0])
				if err != nil {
					return err
				}
				list := shownAttachments(m.Attachments)
				if a.json {
					return a.printJSON(list)
				}
				for _, at := range list {
					if err := a.line("%3d  %-40s %-28s %s", at.N, at.Name, at.ContentType, size(at.Size)); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
}

func (a *app) attachmentSave() *cobra.Command {
	return &cobra.Command{
		Use: "save ID N [DIR]", Short: "Save attachment N of a message; nothing is written over", Args: rangeArgs(2, 3),
		RunE: func(cmd *cobra.Command, args []string) error {
			ids, err := parseItems(args[:1])
			if err != nil {
				return err
			}
			n, err := strconv.Atoi(args[1])
			if err != nil || n < 1 {
				return usage(fmt.Errorf("%q is not the number of an attachment; see securemail attachment list", args[1]))
			}
			dir := "."
			if len(args) == 3 {
				dir = args[2]
			}
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error {
				return a.saveAttachment(ctx, l, ids[0], n-1, dir)
			})
		},
	}
}

func (a *app) saveAttachment(ctx context.Context, l agent.Service, id activesync.ItemID, n int, dir string) error {
	m, err := l.Message(ctx, id)
	if err != nil {
		return err
	}
	if n >= len(m.Attachments) {
		return fmt.Errorf("%w: the message has %d attachments", activesync.ErrNotFound, len(m.Attachments))
	}
	path, err := saveFile(dir, message.FileName(m.Attachments[n].Name), func(w io.Writer) error { return l.Attachment(ctx, id, n, w) })
	if err != nil {
		return fmt.Errorf("save the attachment: %w", err)
	}
	if a.json {
		return a.printJSON(struct {
			Path string `json:"path"`
		}{path})
	}
	return a.line("%s", path)
}

// saveFile writes a file of that name into dir, under another name when there
// is one already. A file is there whole or not at all.
func saveFile(dir, name string, write func(io.Writer) error) (path string, err error) {
	tmp, err := os.CreateTemp(dir, ".securemail-*")
	if err != nil {
		return "", err
	}
	defer os.Remove(tmp.Name())
	if err := write(tmp); err != nil {
		tmp.Close()
		return "", err
	}
	if err := tmp.Sync(); err != nil {
		tmp.Close()
		return "", err
	}
	if err := tmp.Close(); err != nil {
		return "", err
	}
	ext := filepath.Ext(name)
	base := name[:len(name)-len(ext)]
	for i := 1; i < 10_000; i++ {
		path = filepath.Join(dir, name)
		if i > 1 {
			path = filepath.Join(dir, fmt.Sprintf("%s (%d)%s", base, i, ext))
		}
		// A link, unlike a rename, never replaces a file.
		if err = os.Link(tmp.Name(), path); !os.IsExist(err) {
			return path, err
		}
	}
	return "", err
}
