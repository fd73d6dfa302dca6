package agent

import (
	"context"
	"time"

	"eas.example/securemail/activesync"
)

type (
	rows struct {
		Folder activesync.FolderID    `json:"folder"`
		Query  activesync.WindowQuery `json:"query"`
	}
	response struct {
		Item   activesync.ItemID   `json:"id"`
		Answer activesync.Response `json:"answer"`
	}
	decision struct {
		Folder   activesync.FolderID `json:"folder"`
		Decision activesync.Decision `json:"decision"`
	}
	keptDraft struct {
		Key   string           `json:"key"`
		Draft activesync.Draft `json:"draft"`
	}
	whenDue struct {
		Op  activesync.OpID `json:"op"`
		Due time.Time       `json:"due,omitzero"`
	}
	// taken is a draft that is written again.
	taken struct {
		Draft activesync.Draft `json:"draft"`
	}
)

// mailCalls are the calls about messages, from the list to the outbox.
type mailCalls struct {
	window     call[rows, activesync.Window]
	thread     call[ofItem, []activesync.Header]
	message    call[ofItem, activesync.Message]
	fetchBody  call[ofItem, activesync.Message]
	change     call[changes, made]
	respond    call[response, made]
	undo       call[ofOps, nothing]
	send       call[activesync.Draft, made]
	keepDraft  call[keptDraft, nothing]
	drafts     call[nothing, map[string]activesync.Draft]
	dropDraft  call[keptDraft, nothing]
	openDraft  call[ofItem, activesync.Draft]
	takeDraft  call[ofOps, taken]
	postpone   call[whenDue, nothing]
	outbox     call[ofAccount, []activesync.Op]
	retry      call[ofOps, nothing]
	discard    call[ofOps, nothing]
	withheld   call[ofAccount, []activesync.Withheld]
	unreadable call[ofAccount, []activesync.Header]
	decide     call[decision, nothing]
}

func newMailCalls(t *table) mailCalls {
	return mailCalls{
		window: on(t, "window", again, func(ctx context.Context, l *Local, q rows) (activesync.Window, error) {
			return l.Window(ctx, q.Folder, q.Query)
		}),
		thread:    byItem(t, "thread", again, (*Local).Thread),
		message:   byItem(t, "message", again, (*Local).Message),
		fetchBody: byItem(t, "message/whole", again, (*Local).FetchBody),
		change: on(t, "do", once, func(ctx context.Context, l *Local, q changes) (made, error) {
			ids, err := l.Do(ctx, q.Ops...)
			return made{ids, newFault(err)}, nil
		}),
		respond: on(t, "respond", once, func(ctx context.Context, l *Local, q response) (made, error) {
			id, err := l.Respond(ctx, q.Item, q.Answer)
			return made{Ops: []activesync.OpID{id}}, err
		}),
		undo: byOps(t, "undo", (*Local).Undo),
		send: on(t, "send", once, func(ctx context.Context, l *Local, d activesync.Draft) (made, error) {
			id, err := l.Send(ctx, d)
			return made{Ops: []activesync.OpID{id}}, err
		}),
		keepDraft: on(t, "drafts/keep", again, func(ctx context.Context, l *Local, q keptDraft) (nothing, error) {
			return nothing{}, l.KeepDraft(ctx, q.Key, q.Draft)
		}),
		drafts: bare(t, "drafts", again, (*Local).Drafts),
		dropDraft: on(t, "drafts/drop", again, func(ctx context.Context, l *Local, q keptDraft) (nothing, error) {
			return nothing{}, l.DropDraft(ctx, q.Key, q.Draft.Stamp)
		}),
		openDraft: byItem(t, "drafts/open", again, (*Local).OpenDraft),
		takeDraft: on(t, "outbox/take", once, func(ctx context.Context, l *Local, q ofOps) (taken, error) {
			if len(q.Ops) != 1 {
				return taken{}, ErrDone
			}
			d, err := l.TakeDraft(ctx, q.Ops[0])
			return taken{d}, err
		}),
		postpone: on(t, "outbox/postpone", again, func(ctx context.Context, l *Local, q whenDue) (nothing, error) {
			return nothing{}, l.Postpone(ctx, q.Op, q.Due)
		}),
		outbox:     byAccount(t, "outbox", again, (*Local).Outbox),
		retry:      byOps(t, "outbox/retry", each((*Local).Retry)),
		discard:    byOps(t, "outbox/discard", each((*Local).Discard)),
		withheld:   byAccount(t, "withheld", again, (*Local).Withheld),
		unreadable: byAccount(t, "unreadable", again, (*Local).Unreadable),
		decide: on(t, "withheld/decide", again, func(ctx context.Context, l *Local, q decision) (nothing, error) {
			return nothing{}, l.Decide(ctx, q.Folder, q.Decision)
		}),
	}
}
