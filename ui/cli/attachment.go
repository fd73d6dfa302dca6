package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/policy"
)

func (a *app) attachmentCommand() *cobra.Command {
	return group("attachment", "List, save and open attachments", a.attachmentList(), a.attachmentSave(), a.governed(policy.OpenIn, a.attachmentOpen()))
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
				x, err := a.unpackItem(ctx, l, ids[0])
				if err != nil && x.ID == 0 {
					return err
				}
				if err != nil {
					fmt.Fprintf(a.stderr, "securemail: what is inside the message is not here: %s\n", message.Clean(err.Error()))
				}
				list := shownAttachments(x.Attachments)
				if a.json {
					return a.printJSON(list)
				}
				for _, at := range list {
					if err := a.row([]int{-3, -11}, strconv.Itoa(at.N), size(at.Size), "", at.Name, "", at.ContentType); err != nil {
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
		Use: "save ID N|all [DIR]", Short: "Save attachment N of a message, or all of them; nothing is written over", Args: rangeArgs(2, 3),
		Long: "Save attachment N of a message, or all that are no part of its text. Nothing is written over: a file whose name is taken gets another one.\n" +
			"What is broken off is gone on with the next time.",
		RunE: func(cmd *cobra.Command, args []string) error {
			ids, err := parseItems(args[:1])
			if err != nil {
				return err
			}
			n := 0
			if args[1] != "all" {
				if n, err = strconv.Atoi(args[1]); err != nil || n < 1 {
					return usage(fmt.Errorf("%q is not the number of an attachment; see securemail attachment list", args[1]))
				}
			}
			dir := "."
			if len(args) == 3 {
				dir = args[2]
			}
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error {
				return a.saveAttachments(ctx, l, ids[0], n, dir)
			})
		},
	}
}

// saveAttachments saves attachment n, counted from 1, or all that are listed
// where it is 0.
func (a *app) saveAttachments(ctx context.Context, l agent.Service, id activesync.ItemID, n int, dir string) error {
	m, err := a.unpackItem(ctx, l, id)
	if err != nil {
		return err
	}
	var which []int
	for _, at := range shownAttachments(m.Attachments) {
		if n == 0 {
			which = append(which, at.N-1)
		}
	}
	if n > 0 {
		which = []int{n - 1}
	}
	switch {
	case len(which) == 0:
		return errors.New("the message has no attachments")
	case n > len(m.Attachments):
		return fmt.Errorf("the message has no attachment %d; see securemail attachment list %s", n, id)
	}
	type saved struct {
		Path string `json:"path"`
	}
	var out []saved
	for _, i := range which {
		path, err := a.saveAttachment(ctx, l, &m, i, dir)
		if err != nil {
			return fmt.Errorf("save the attachment %s: %w", message.Clean(m.Attachments[i].Name), err)
		}
		out = append(out, saved{path})
		if !a.json {
			if err := a.line("%s", path); err != nil {
				return err
			}
		}
	}
	switch {
	case !a.json:
		return nil
	case n > 0:
		return a.printJSON(out[0])
	}
	return a.printJSON(out)
}

func (a *app) saveAttachment(ctx context.Context, l agent.Service, m *unpacked, i int, dir string) (string, error) {
	at := m.Attachments[i]
	name := message.FileName(at.Name)
	p := a.newBar(name)
	err := m.fetch(ctx, l, i, p.show)
	p.end()
	if err != nil {
		return "", err
	}
	path, err := saveFile(dir, name, m.content(ctx, l, i))
	if err == nil {
		if risk := message.Risk(at.Name, at.ContentType); risk != "" {
			fmt.Fprintf(a.stderr, "securemail: think before you open %s. %s\n", filepath.Base(path), risk)
		}
	}
	return path, err
}

// saveFile writes a file of that name into dir, under another name when there
// is one already. A file is there whole or not at all.
func saveFile(dir, name string, write func(io.Writer) error) (path string, err error) {
	tmp, err := os.CreateTemp(dir, ".securemail-*")
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("there is no directory %s", dir)
	}
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
		// A link, unlike a rename, never replaces a file; some file systems have none.
		if err = os.Link(tmp.Name(), path); err != nil && !os.IsExist(err) {
			err = placeFile(tmp.Name(), path)
		}
		if err == nil {
			return path, nil
		}
		if !os.IsExist(err) {
			return "", err
		}
	}
	return "", err
}

// placeFile gives a file its name where links cannot be made: the name is taken
// first, which fails where it is taken already.
func placeFile(from, path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Close(), os.Rename(from, path)); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}
