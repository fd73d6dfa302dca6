package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
)

// folderRow is a folder as `folders --json` has it.
type folderRow struct {
	ID          activesync.FolderID       `json:"id"`
	Name        string                    `json:"name"`
	Path        string                    `json:"path"`
	Parent      activesync.FolderID       `json:"parent"`
	Class       activesync.Class          `json:"class"`
	Type        activesync.FolderType     `json:"type"`
	Unread      int                       `json:"unread"`
	Total       int                       `json:"total"`
	Carried     bool                      `json:"carried"` // kept in step with this server
	AutoRefresh bool                      `json:"autoRefresh"`
	Check       activesync.CheckFrequency `json:"check"`
	Period      activesync.Period         `json:"period"`
	Notify      activesync.NotifyFolder   `json:"notify,omitempty"`
	Content     activesync.NotifyContent  `json:"notifyContent,omitempty"`
	LastSync    string                    `json:"lastSync"`
	Problem     string                    `json:"problem,omitempty"`
}

func (a *app) foldersCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "folders", Short: "List the folders with their Sync options", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.with(cmd.Context(), a.folders) },
	}
	c.AddCommand(a.foldersSet(), a.foldersCreate(), a.foldersRename(), a.foldersDelete())
	return c
}

func (a *app) folders(ctx context.Context, l agent.Service) error {
	acc, err := a.chosen(ctx, l)
	if err != nil {
		return err
	}
	all, err := l.Folders(ctx, acc.ID)
	if err != nil {
		return err
	}
	st, err := l.State(ctx, acc.ID)
	if err != nil {
		return err
	}
	rows := []folderRow{}
	for _, f := range all {
		row := folderRow{ID: f.ID, Name: f.Name, Path: folderPath(f, all), Parent: f.Parent, Class: f.Class, Type: f.Type,
			Unread: f.Unread, Total: f.Total, Carried: f.Carried(st.Version), AutoRefresh: f.AutoRefresh, Check: f.Check, Period: f.Period, LastSync: jsonTime(f.LastSync), Problem: f.Problem}
		if len(activesync.NotifyFolders(f.Class)) > 0 {
			row.Notify, row.Content = f.Notified(), f.NotifyContent.Stricter("")
		}
		rows = append(rows, row)
	}
	if a.json {
		return a.printJSON(rows)
	}
	if len(rows) == 0 {
		return a.line("No folders yet; bring them here: securemail sync")
	}
	widths := []int{4, 32, 8, -6, -6, 4, 6, 6}
	if n := a.columns(); n > 0 {
		widths[1] = max(min(n-58, 32), 12)
	}
	if err := a.row(widths, "ID", "Folder", "Holds", "Unread", "Total", "Auto", "Check", "Period", "In step"); err != nil {
		return err
	}
	for _, r := range rows {
		if err := a.row(widths, append([]string{r.ID.String(), r.Path, string(r.Class), strconv.Itoa(r.Unread), strconv.Itoa(r.Total)}, r.watched()...)...); err != nil {
			return err
		}
		if r.Problem != "" {
			if err := a.line("       ! %s", r.Problem); err != nil {
				return err
			}
		}
	}
	if slices.ContainsFunc(rows, func(r folderRow) bool { return !r.Carried }) {
		if err := a.line("A folder with – is not kept in step: it stays on this machine, or holds what securemail does not show."); err != nil {
			return err
		}
	}
	return a.line("Public folders and shared mailboxes are not carried by ActiveSync.")
}

// watched says how a folder is looked at, and when it was last.
func (r folderRow) watched() []string {
	if !r.Carried {
		return []string{"–", "–", "–", "–"}
	}
	auto := "off"
	if r.AutoRefresh {
		auto = "on"
	}
	last, _ := time.Parse(time.RFC3339, r.LastSync)
	return []string{auto, string(r.Check), string(r.Period), dayOrTime(last, time.Now())}
}

func (a *app) foldersSet() *cobra.Command {
	var auto, check, period, tell, content string
	c := &cobra.Command{
		Use: "set FOLDER", Short: "Change the Sync options of a folder", Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if auto+check+period+tell+content == "" {
				return usage(errors.New("say what: --auto-refresh, --check, --period, --notify or --notify-content"))
			}
			if auto != "" && auto != "on" && auto != "off" {
				return usage(fmt.Errorf("--auto-refresh is on or off, not %q", auto))
			}
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error {
				f, err := a.folder(ctx, l, args[0])
				if err != nil {
					return err
				}
				if !f.Carried(activesync.V161) {
					return usage(fmt.Errorf("%s is not kept in step with the server: that are mail, calendars and contacts", f.Name))
				}
				o := f.FolderOptions
				if auto != "" {
					o.AutoRefresh = auto == "on"
				}
				if check != "" {
					if o.Check, err = activesync.ParseCheckFrequency(check); err != nil {
						return usage(err)
					}
				}
				if period != "" {
					if o.Period, err = activesync.ParsePeriod(f.Class, period); err != nil {
						return usage(err)
					}
				}
				if tell != "" {
					if o.Notify, err = activesync.ParseNotifyFolder(f.Class, tell); err != nil {
						return usage(err)
					}
				}
				if content != "" {
					if len(activesync.NotifyFolders(f.Class)) == 0 {
						return usage(fmt.Errorf("nothing is told of a folder that holds %s", f.Class))
					}
					if o.NotifyContent, err = activesync.ParseNotifyContent(content); err != nil {
						return usage(err)
					}
				}
				return l.SetFolderOptions(ctx, f.ID, o)
			})
		},
	}
	c.Flags().StringVar(&auto, "auto-refresh", "", "look at it by itself: `on|off`")
	c.Flags().StringVar(&check, "check", "", "check frequency: `push|5m|15m|30m|1h|2h|4h|12h|1d|manual`")
	c.Flags().StringVar(&period, "period", "", "how far back: `1d|3d|1w|2w|1m|all`; of calendars 2w|1m|3m|6m|all")
	c.Flags().StringVar(&tell, "notify", "", "of which new messages you are told: `usual|all|vip|none`; of calendars, whether of their reminders: all|none")
	c.Flags().StringVar(&content, "notify-content", "", "how much: `allow|sender-or-subject|count-only|block`")
	return c
}
