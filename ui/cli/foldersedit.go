package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
)

// holds are the words for what a folder is for.
var holds = map[string]activesync.Class{"mail": activesync.ClassEmail, "contacts": activesync.ClassContacts, "calendar": activesync.ClassCalendar,
	"tasks": activesync.ClassTasks, "notes": activesync.ClassNotes}

func (a *app) foldersCreate() *cobra.Command {
	var kind string
	c := &cobra.Command{
		Use: "create PATH", Short: "Make a folder on the server, such as Projects/Harbour", Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			class, ok := holds[kind]
			if !ok {
				return usage(fmt.Errorf("--for is mail, contacts, calendar, tasks or notes, not %q", kind))
			}
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error { return a.makeFolder(ctx, l, args[0], class) })
		},
	}
	c.Flags().StringVar(&kind, "for", "mail", "what it is to hold: `mail|contacts|calendar|tasks|notes`")
	return c
}

func (a *app) makeFolder(ctx context.Context, l agent.Service, path string, class activesync.Class) error {
	acc, err := a.chosen(ctx, l)
	if err != nil {
		return err
	}
	parent, name := activesync.FolderID(0), path
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		above, err := a.folder(ctx, l, path[:i])
		if err != nil {
			return err
		}
		parent, name = above.ID, path[i+1:]
	}
	id, err := l.MakeFolder(ctx, acc.ID, parent, name, class)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(map[string]activesync.FolderID{"id": id})
	}
	return a.line("%s", id.String())
}

func (a *app) foldersRename() *cobra.Command {
	return &cobra.Command{
		Use: "rename FOLDER NAME", Short: "Rename a folder on the server", Args: exactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if strings.Contains(args[1], "/") {
				return usage(fmt.Errorf("%q: a name has no slash", args[1]))
			}
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error {
				f, err := a.folder(ctx, l, args[0])
				if err != nil {
					return err
				}
				return l.ChangeFolder(ctx, f.ID, f.Parent, args[1])
			})
		},
	}
}

func (a *app) foldersDelete() *cobra.Command {
	var forGood bool
	c := &cobra.Command{
		Use: "delete FOLDER", Short: "Move a folder to Deleted Items", Args: exactArgs(1),
		Long: `Moves a folder with all that is in it to Deleted Items. With --for-good, and for
folders that lie in Deleted Items already, it is removed for good; so are folders
that hold no mail, which therefore need --for-good.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error { return a.dropFolder(ctx, l, args[0], forGood) })
		},
	}
	c.Flags().BoolVar(&forGood, "for-good", false, "do not move it to Deleted Items")
	return c
}

func (a *app) dropFolder(ctx context.Context, l agent.Service, name string, forGood bool) error {
	f, err := a.folder(ctx, l, name)
	if err != nil {
		return err
	}
	all, err := l.Folders(ctx, f.Account)
	if err != nil {
		return err
	}
	bin, binned := deletedItems(f, all)
	switch {
	case forGood || binned:
		return l.DropFolder(ctx, f.ID)
	case f.Class != activesync.ClassEmail || bin == 0:
		return usage(fmt.Errorf("%s cannot go to Deleted Items; with --for-good it is removed with all that is in it", f.Name))
	}
	return l.ChangeFolder(ctx, f.ID, bin, f.Name)
}

// deletedItems is the folder of deleted items, 0 where there is none, and
// whether a folder lies in it.
func deletedItems(f activesync.Folder, all []activesync.Folder) (bin activesync.FolderID, within bool) {
	parents := map[activesync.FolderID]activesync.FolderID{}
	for _, o := range all {
		parents[o.ID] = o.Parent
		if o.Type == activesync.FolderDeleted {
			bin = o.ID
		}
	}
	for id, depth := f.Parent, 0; id != 0 && depth < len(all); id, depth = parents[id], depth+1 {
		if id == bin {
			return bin, true
		}
	}
	return bin, false
}
