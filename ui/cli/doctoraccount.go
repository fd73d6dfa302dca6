package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
)

// examine looks at one account and its server.
func (x *examination) examine(ctx context.Context, l agent.Service, acc activesync.Account) {
	x.add(fine, "sign-in", authWords(acc), "")
	if !x.offline {
		x.server(ctx, l, acc)
	}
	st, err := l.State(ctx, acc.ID)
	if err != nil {
		x.add(problem, "account", err.Error(), "")
		return
	}
	x.speaks(acc, st)
	x.policies(st)
	for _, q := range st.Learned() {
		does, about := q.Words()
		x.add(remark, "this server", does+": "+about, "")
	}
	x.mailboxes(ctx, l, acc, st.DeviceID)
	x.waiting(ctx, l, acc)
}

// server signs in.
func (x *examination) server(ctx context.Context, l agent.Service, acc activesync.Account) {
	ctx, cancel := context.WithTimeout(ctx, doctorPatience)
	defer cancel()
	err := l.Check(ctx, acc.ID)
	switch {
	case err == nil:
		x.add(fine, "server", "it answers and lets this device in", "")
	case errors.Is(err, activesync.ErrUnreachable):
		x.add(problem, "server", activesync.Unreached(err.Error()), "Check the network and the address "+acc.Server+".")
	case errors.Is(err, activesync.ErrWipe):
		x.add(problem, "server", err.Error(), "An administrator asked for it; ask them.")
	default:
		x.add(problem, "server", err.Error(), hint(err))
	}
}

// speaks tells of the version and what it means.
func (x *examination) speaks(acc activesync.Account, st activesync.AccountState) {
	where := acc.Server
	if st.Endpoint != "" {
		where = st.Endpoint + ", to which " + acc.Server + " pointed"
	}
	switch {
	case st.Version == 0:
		x.add(remark, "version", "the server was never reached", "")
	case st.Version < activesync.V160:
		x.add(remark, "version", "ActiveSync "+st.Version.String()+" at "+where+": drafts are not in step, they stay on this machine", "")
	default:
		x.add(fine, "version", "ActiveSync "+st.Version.String()+" at "+where, "")
	}
	var missing []string
	for _, c := range []string{"Sync", "SendMail", "MoveItems", "Ping", "ItemOperations"} {
		if len(st.Commands) > 0 && !slices.Contains(st.Commands, c) {
			missing = append(missing, c)
		}
	}
	if len(missing) > 0 {
		x.add(problem, "version", "the server does not offer "+strings.Join(missing, ", "), "Not everything can work with this server.")
	}
	if st.Heartbeat > 0 {
		x.add(fine, "waiting for news", fmt.Sprintf("waits of %v come back", st.Heartbeat), "")
	}
}

func (x *examination) policies(st activesync.AccountState) {
	switch {
	case len(st.PolicyUnmet) > 0:
		x.add(remark, "policies", fmt.Sprintf("%d policies of the server are not carried out here; the server was told so", len(st.PolicyUnmet)),
			"securemail policy lists them. If the server refuses this device, ask your administrator.")
	case len(st.Policy) > 0:
		x.add(fine, "policies", fmt.Sprintf("all %d are carried out", len(st.Policy)), "")
	default:
		x.add(fine, "policies", "the server demands nothing", "")
	}
}

// mailboxes tells of those that are not in step.
func (x *examination) mailboxes(ctx context.Context, l agent.Service, acc activesync.Account, device string) {
	all, err := l.Folders(ctx, acc.ID)
	if err != nil {
		x.add(problem, "mailboxes", err.Error(), "")
		return
	}
	withheld, err := l.Withheld(ctx, acc.ID)
	if err != nil {
		x.add(problem, "mailboxes", err.Error(), "")
		return
	}
	waits := map[activesync.FolderID]int{}
	for _, w := range withheld {
		waits[w.Folder] = len(w.Items)
	}
	if activesync.HeldBack(all) {
		x.add(remark, "mailboxes", "the server shows next to nothing", "If there should be more, your administrator may have to allow this device first; its id is "+device+".")
	}
	bad := 0
	for _, f := range all {
		switch path := folderPath(f, all); {
		case waits[f.ID] > 0:
			bad++
			x.add(problem, "mailboxes", fmt.Sprintf("%s: the server removed %d items at once", path, waits[f.ID]), "Decide: securemail removed keep|accept|again "+path)
		case f.Problem != "":
			bad++
			x.add(problem, "mailboxes", path+": "+f.Problem, "It is tried again by itself. What it is about can be seen in the webmail.")
		}
	}
	if bad == 0 {
		x.add(fine, "mailboxes", fmt.Sprintf("%d, none has a problem", len(all)), "")
	}
}

// waiting tells of what was not carried out.
func (x *examination) waiting(ctx context.Context, l agent.Service, acc activesync.Account) {
	ops, err := l.Outbox(ctx, acc.ID)
	if err != nil {
		x.add(problem, "outbox", err.Error(), "")
		return
	}
	waiting := 0
	for _, op := range ops {
		if op.State != activesync.OpParked && op.State != activesync.OpUncertain {
			waiting++
			continue
		}
		x.add(problem, "outbox", whatOf(&op)+": "+op.Reason, "Decide: securemail problems retry|discard|export "+op.ID.String())
	}
	if waiting > 0 {
		x.add(remark, "outbox", fmt.Sprintf("%d wait to be carried out", waiting), "")
	} else if len(ops) == 0 {
		x.add(fine, "outbox", "nothing waits", "")
	}
}
