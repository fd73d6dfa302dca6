package cli

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/message"
)

// problemRow is what `problems --json` says of one thing that is set aside.
type problemRow struct {
	Kind   string              `json:"kind"` // refused, maybe-sent, removed, mailbox, versions, unreadable
	ID     activesync.OpID     `json:"id,omitempty"`
	Folder activesync.FolderID `json:"folder,omitempty"`
	Person activesync.ItemID   `json:"person,omitempty"` // of whom there are two versions
	// Message is one that cannot be read.
	Message activesync.ItemID `json:"message,omitempty"`
	What    string            `json:"what"`
	Reason  string            `json:"reason"`
	Do      string            `json:"do"` // what can be done, in words
}

func (a *app) problemsCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "problems", Short: "What is set aside until you decide",
		Long: `What is set aside until you decide: changes and messages that the server refused,
messages that may have been sent, what it removed in great numbers at once, people
of whom there are two versions, messages that cannot be read, and mailboxes of
which it gives nothing.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.with(cmd.Context(), a.problems) },
	}
	c.AddCommand(
		a.problemDo("retry ID", "Try again what was refused; a message that may have been sent is sent again", func(ctx context.Context, l agent.Service, op activesync.Op) error {
			if err := l.Retry(ctx, op.ID); err != nil {
				return err
			}
			return a.changed(ctx, l, []activesync.OpID{op.ID})
		}),
		a.problemDo("discard ID", "Give up what was refused", func(ctx context.Context, l agent.Service, op activesync.Op) error {
			return l.Discard(ctx, op.ID)
		}),
		a.problemDo("export ID", "Write it into a file of the working directory", func(ctx context.Context, l agent.Service, op activesync.Op) error {
			name, write := whatOf(&op)+".txt", func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "%s\n%s\n", whatOf(&op), op.Reason)
				return err
			}
			if ext := op.Extension(); ext != "" {
				name, write = nameOf(&op)+ext, func(w io.Writer) error { return l.OutboxSource(ctx, op.ID, w) }
			}
			path, err := saveFile(".", message.FileName(name), write)
			if err != nil {
				return err
			}
			return a.line("%s", path)
		}),
	)
	return c
}

// nameOf is what a record is about, "" for nothing that has a name.
func nameOf(op *activesync.Op) string {
	switch {
	case op.Send != nil:
		return message.Clean(op.Send.Subject)
	case op.Before != nil:
		return message.Clean(op.Before.Subject)
	}
	return message.Clean(op.Name)
}

// whatOf names a record.
func whatOf(op *activesync.Op) string {
	if name := nameOf(op); name != "" || op.Send != nil {
		return string(op.Kind) + " “" + name + "”"
	}
	return string(op.Kind)
}

// setAside are the records of an account that wait for the person.
func setAside(ctx context.Context, l agent.Service, acc activesync.AccountID) (out []activesync.Op, err error) {
	ops, err := l.Outbox(ctx, acc)
	for _, op := range ops {
		if !op.TwoVersions() && (op.State == activesync.OpParked || op.State == activesync.OpUncertain) {
			out = append(out, op)
		}
	}
	return out, err
}

func (a *app) problems(ctx context.Context, l agent.Service) error {
	acc, err := a.chosen(ctx, l)
	if err != nil {
		return err
	}
	ops, err := setAside(ctx, l, acc.ID)
	if err != nil {
		return err
	}
	rows := []problemRow{}
	for i := range ops {
		r := problemRow{Kind: "refused", ID: ops[i].ID, What: whatOf(&ops[i]), Reason: message.Clean(ops[i].Reason),
			Do: fmt.Sprintf("securemail problems retry|discard|export %s", ops[i].ID)}
		if ops[i].State == activesync.OpUncertain {
			r.Kind, r.Reason = "maybe-sent", "it may have been sent; look into Sent first"
		}
		rows = append(rows, r)
	}
	all, err := l.Folders(ctx, acc.ID)
	if err != nil {
		return err
	}
	withheld, err := l.Withheld(ctx, acc.ID)
	if err != nil {
		return err
	}
	waits := map[activesync.FolderID]int{}
	for _, w := range withheld {
		waits[w.Folder] = len(w.Items)
	}
	for _, f := range all {
		path := folderPath(f, all)
		switch {
		case waits[f.ID] > 0:
			rows = append(rows, problemRow{Kind: "removed", Folder: f.ID, What: path, Reason: fmt.Sprintf("the server removed %d items at once", waits[f.ID]),
				Do: fmt.Sprintf("securemail removed keep|accept|again %q", path)})
		case f.Problem != "":
			rows = append(rows, problemRow{Kind: "mailbox", Folder: f.ID, What: path, Reason: message.Clean(f.Problem), Do: fmt.Sprintf("it is tried again by itself; securemail sync %q tries now", path)})
		}
	}
	unreadable, err := l.Unreadable(ctx, acc.ID)
	if err != nil {
		return err
	}
	for _, h := range unreadable {
		if i := slices.IndexFunc(all, func(f activesync.Folder) bool { return f.ID == h.Folder }); i >= 0 {
			rows = append(rows, problemRow{Kind: "unreadable", Message: h.ID, Folder: h.Folder, What: "a message in " + folderPath(all[i], all),
				Reason: "the server gives it in a form that cannot be read", Do: fmt.Sprintf("securemail show %s --raw may show its source", h.ID)})
		}
	}
	people, err := l.Conflicts(ctx, acc.ID)
	if err != nil {
		return err
	}
	for _, p := range people {
		rows = append(rows, problemRow{Kind: "versions", Person: p.ID, What: message.Clean(p.Name), Reason: "there are two versions of this person",
			Do: "securemail contacts conflicts shows both, contacts resolve keeps one"})
	}
	if a.json {
		return a.printJSON(rows)
	}
	for _, r := range rows {
		if err := a.line("%s: %s\n  %s", r.What, r.Reason, r.Do); err != nil {
			return err
		}
	}
	if len(rows) == 0 {
		return a.line("Nothing is set aside.")
	}
	return nil
}

// problemDo is a command that does something with one record that is set aside.
func (a *app) problemDo(use, short string, do func(context.Context, agent.Service, activesync.Op) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error {
				acc, err := a.chosen(ctx, l)
				if err != nil {
					return err
				}
				ops, err := setAside(ctx, l, acc.ID)
				if err != nil {
					return err
				}
				for _, op := range ops {
					if op.ID.String() == args[0] {
						return do(ctx, l, op)
					}
				}
				return fmt.Errorf("nothing is set aside under %q; securemail problems lists what is", args[0])
			})
		},
	}
}
