package agent

import (
	"context"
	"errors"
	"time"

	"eas.example/securemail/activesync"
)

// The questions of calls with more than one word.
type (
	newAccount struct {
		Account  activesync.Account `json:"account"`
		Password string             `json:"password"`
	}
	autoRefresh struct {
		Account activesync.AccountID `json:"account"`
		On      bool                 `json:"on"`
	}
	folderOptions struct {
		Folder  activesync.FolderID      `json:"folder"`
		Options activesync.FolderOptions `json:"options"`
	}
	someFolders struct {
		Account activesync.AccountID  `json:"account"`
		Folders []activesync.FolderID `json:"folders"`
	}
	rows struct {
		Folder activesync.FolderID    `json:"folder"`
		Query  activesync.WindowQuery `json:"query"`
	}
	span struct {
		Account activesync.AccountID `json:"account"`
		From    time.Time            `json:"from"`
		To      time.Time            `json:"to"`
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

// Questions and answers that are ids stand in an object, so that each of them
// has a name on the socket.
type (
	ofAccount struct {
		Account activesync.AccountID `json:"account"`
	}
	ofItem struct {
		Item activesync.ItemID `json:"id"`
	}
	ofOps struct {
		Ops []activesync.OpID `json:"ops"`
	}
	changes struct {
		Ops []activesync.Op `json:"ops"`
	}
	// made is what was begun before it went wrong, and what went wrong.
	made struct {
		Ops   []activesync.OpID `json:"ops"`
		Fault *fault            `json:"fault,omitempty"`
	}
)

func byAccount[A any](name string, harmless bool, do func(*Local, context.Context, activesync.AccountID) (A, error)) call[ofAccount, A] {
	return call[ofAccount, A]{name, harmless, func(ctx context.Context, l *Local, q ofAccount) (A, error) { return do(l, ctx, q.Account) }}
}

func byItem[A any](name string, harmless bool, do func(*Local, context.Context, activesync.ItemID) (A, error)) call[ofItem, A] {
	return call[ofItem, A]{name, harmless, func(ctx context.Context, l *Local, q ofItem) (A, error) { return do(l, ctx, q.Item) }}
}

func byOps(name string, do func(*Local, context.Context, ...activesync.OpID) error) call[ofOps, nothing] {
	return call[ofOps, nothing]{name, false, func(ctx context.Context, l *Local, q ofOps) (nothing, error) {
		return nothing{}, do(l, ctx, q.Ops...)
	}}
}

// done turns a method without an answer into one.
func done[Q any](do func(*Local, context.Context, Q) error) func(*Local, context.Context, Q) (nothing, error) {
	return func(l *Local, ctx context.Context, q Q) (nothing, error) { return nothing{}, do(l, ctx, q) }
}

// each has a method of one record done for all of them.
func each(do func(*Local, context.Context, activesync.OpID) error) func(*Local, context.Context, ...activesync.OpID) error {
	return func(l *Local, ctx context.Context, ids ...activesync.OpID) error {
		var failure error
		for _, id := range ids {
			failure = errors.Join(failure, do(l, ctx, id))
		}
		return failure
	}
}

// calls is the one table of what can be asked on the socket, save what is
// streamed: events, attachments, whole messages and the progress of a sync.
type calls struct {
	serverCalls
	accounts         call[nothing, []activesync.Account]
	addAccount       call[newAccount, activesync.Account]
	removeAccount    call[ofAccount, nothing]
	status           call[ofAccount, statusLine]
	state            call[ofAccount, activesync.AccountState]
	setAutoRefresh   call[autoRefresh, nothing]
	folders          call[ofAccount, []activesync.Folder]
	setFolderOptions call[folderOptions, nothing]
	syncNow          call[someFolders, nothing]
	push             call[ofAccount, nothing]
	check            call[ofAccount, nothing]
	sound            call[nothing, nothing]
	traffic          call[ofAccount, Traffic]
	window           call[rows, activesync.Window]
	thread           call[ofItem, []activesync.Header]
	message          call[ofItem, activesync.Message]
	fetchBody        call[ofItem, activesync.Message]
	change           call[changes, made]
	respond          call[response, made]
	undo             call[ofOps, nothing]
	send             call[activesync.Draft, made]
	keepDraft        call[keptDraft, nothing]
	drafts           call[nothing, map[string]activesync.Draft]
	dropDraft        call[keptDraft, nothing]
	openDraft        call[ofItem, activesync.Draft]
	takeDraft        call[ofOps, taken]
	postpone         call[whenDue, nothing]
	outbox           call[ofAccount, []activesync.Op]
	retry            call[ofOps, nothing]
	discard          call[ofOps, nothing]
	withheld         call[ofAccount, []activesync.Withheld]
	decide           call[decision, nothing]
	contacts         call[ofAccount, []activesync.ContactRow]
	contact          call[ofItem, activesync.Contact]
	events           call[span, []activesync.Event]
	event            call[ofItem, activesync.Event]
	people           peopleCalls
	presence         call[nothing, activesync.Presence]
	background       call[nothing, activesync.Background]
	setBackground    call[activesync.Background, nothing]
	notifications    call[nothing, activesync.Notifications]
	setNotifications call[activesync.Notifications, nothing]
}

func newCalls() calls {
	return calls{
		serverCalls: newServerCalls(),
		accounts: call[nothing, []activesync.Account]{"accounts", true, func(ctx context.Context, l *Local, _ nothing) ([]activesync.Account, error) {
			return l.Accounts(ctx)
		}},
		addAccount: call[newAccount, activesync.Account]{"accounts/add", false, func(ctx context.Context, l *Local, q newAccount) (activesync.Account, error) {
			return l.AddAccount(ctx, q.Account, q.Password)
		}},
		removeAccount: byAccount("accounts/remove", false, done((*Local).RemoveAccount)),
		status: byAccount("status", true, func(l *Local, ctx context.Context, id activesync.AccountID) (statusLine, error) {
			s, err := l.Status(ctx, id)
			return newStatusLine(s), err
		}),
		state: byAccount("state", true, (*Local).State),
		setAutoRefresh: call[autoRefresh, nothing]{"auto-refresh", true, func(ctx context.Context, l *Local, q autoRefresh) (nothing, error) {
			return nothing{}, l.SetAutoRefresh(ctx, q.Account, q.On)
		}},
		folders: byAccount("folders", true, (*Local).Folders),
		setFolderOptions: call[folderOptions, nothing]{"folders/options", true, func(ctx context.Context, l *Local, q folderOptions) (nothing, error) {
			return nothing{}, l.SetFolderOptions(ctx, q.Folder, q.Options)
		}},
		syncNow: call[someFolders, nothing]{"sync/now", true, func(ctx context.Context, l *Local, q someFolders) (nothing, error) {
			return nothing{}, l.SyncNow(ctx, q.Account, q.Folders...)
		}},
		push:  byAccount("push", true, done((*Local).Push)),
		check: byAccount("check", true, done((*Local).Check)),
		sound: call[nothing, nothing]{"sound", true, func(ctx context.Context, l *Local, _ nothing) (nothing, error) {
			return nothing{}, l.Sound(ctx)
		}},
		traffic: byAccount("traffic", true, (*Local).Traffic),
		window: call[rows, activesync.Window]{"window", true, func(ctx context.Context, l *Local, q rows) (activesync.Window, error) {
			return l.Window(ctx, q.Folder, q.Query)
		}},
		thread:    byItem("thread", true, (*Local).Thread),
		message:   byItem("message", true, (*Local).Message),
		fetchBody: byItem("message/whole", true, (*Local).FetchBody),
		change: call[changes, made]{"do", false, func(ctx context.Context, l *Local, q changes) (made, error) {
			ids, err := l.Do(ctx, q.Ops...)
			return made{ids, newFault(err)}, nil
		}},
		respond: call[response, made]{"respond", false, func(ctx context.Context, l *Local, q response) (made, error) {
			id, err := l.Respond(ctx, q.Item, q.Answer)
			return made{Ops: []activesync.OpID{id}}, err
		}},
		undo: byOps("undo", (*Local).Undo),
		send: call[activesync.Draft, made]{"send", false, func(ctx context.Context, l *Local, d activesync.Draft) (made, error) {
			id, err := l.Send(ctx, d)
			return made{Ops: []activesync.OpID{id}}, err
		}},
		keepDraft: call[keptDraft, nothing]{"drafts/keep", true, func(ctx context.Context, l *Local, q keptDraft) (nothing, error) {
			return nothing{}, l.KeepDraft(ctx, q.Key, q.Draft)
		}},
		drafts: call[nothing, map[string]activesync.Draft]{"drafts", true, func(ctx context.Context, l *Local, _ nothing) (map[string]activesync.Draft, error) {
			return l.Drafts(ctx)
		}},
		dropDraft: call[keptDraft, nothing]{"drafts/drop", true, func(ctx context.Context, l *Local, q keptDraft) (nothing, error) {
			return nothing{}, l.DropDraft(ctx, q.Key, q.Draft.Stamp)
		}},
		openDraft: byItem("drafts/open", true, (*Local).OpenDraft),
		takeDraft: call[ofOps, taken]{"outbox/take", false, func(ctx context.Context, l *Local, q ofOps) (taken, error) {
			if len(q.Ops) != 1 {
				return taken{}, ErrDone
			}
			d, err := l.TakeDraft(ctx, q.Ops[0])
			return taken{d}, err
		}},
		postpone: call[whenDue, nothing]{"outbox/postpone", true, func(ctx context.Context, l *Local, q whenDue) (nothing, error) {
			return nothing{}, l.Postpone(ctx, q.Op, q.Due)
		}},
		outbox:   byAccount("outbox", true, (*Local).Outbox),
		retry:    byOps("outbox/retry", each((*Local).Retry)),
		discard:  byOps("outbox/discard", each((*Local).Discard)),
		withheld: byAccount("withheld", true, (*Local).Withheld),
		decide: call[decision, nothing]{"withheld/decide", true, func(ctx context.Context, l *Local, q decision) (nothing, error) {
			return nothing{}, l.Decide(ctx, q.Folder, q.Decision)
		}},
		contacts: byAccount("contacts", true, (*Local).Contacts),
		contact:  byItem("contact", true, (*Local).Contact),
		events: call[span, []activesync.Event]{"events/agenda", true, func(ctx context.Context, l *Local, q span) ([]activesync.Event, error) {
			return l.outlines(ctx, q.Account, q.From, q.To)
		}},
		event:  byItem("event", true, (*Local).Event),
		people: newPeopleCalls(),
		presence: call[nothing, activesync.Presence]{"presence", true, func(ctx context.Context, l *Local, _ nothing) (activesync.Presence, error) {
			return l.Presence(ctx)
		}},
		background: call[nothing, activesync.Background]{"background", true, func(ctx context.Context, l *Local, _ nothing) (activesync.Background, error) {
			return l.Background(ctx)
		}},
		setBackground: call[activesync.Background, nothing]{"background/set", true, func(ctx context.Context, l *Local, b activesync.Background) (nothing, error) {
			return nothing{}, l.SetBackground(ctx, b)
		}},
		notifications: call[nothing, activesync.Notifications]{"notifications", true, func(ctx context.Context, l *Local, _ nothing) (activesync.Notifications, error) {
			return l.Notifications(ctx)
		}},
		setNotifications: call[activesync.Notifications, nothing]{"notifications/set", true, func(ctx context.Context, l *Local, n activesync.Notifications) (nothing, error) {
			return nothing{}, l.SetNotifications(ctx, n)
		}},
	}
}

// endpoints are all of them, for the server.
func (c calls) endpoints() []endpoint {
	return append([]endpoint{c.thread,
		c.accounts, c.addAccount, c.removeAccount, c.respond, c.status, c.state, c.setAutoRefresh, c.folders, c.setFolderOptions,
		c.syncNow, c.push, c.check, c.traffic, c.sound, c.window, c.message, c.fetchBody, c.change, c.undo, c.send, c.keepDraft, c.drafts, c.dropDraft, c.openDraft, c.outbox, c.retry, c.discard,
		c.withheld, c.decide,
		c.contacts, c.contact, c.events, c.event, c.presence, c.background, c.setBackground, c.notifications, c.setNotifications,
		c.takeDraft, c.postpone}, c.serverCalls.endpoints()...)
}
