package agent

import (
	"context"

	"eas.example/securemail/activesync"
)

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
)

// accountCalls are the calls about accounts, their folders and this machine.
type accountCalls struct {
	accounts         call[nothing, []activesync.Account]
	addAccount       call[newAccount, activesync.Account]
	signIn           call[newAccount, nothing]
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
	presence         call[nothing, activesync.Presence]
	background       call[nothing, activesync.Background]
	setBackground    call[activesync.Background, nothing]
	notifications    call[nothing, activesync.Notifications]
	setNotifications call[activesync.Notifications, nothing]
}

func newAccountCalls(t *table) accountCalls {
	return accountCalls{
		accounts: bare(t, "accounts", again, (*Local).Accounts),
		addAccount: on(t, "accounts/add", once, func(ctx context.Context, l *Local, q newAccount) (activesync.Account, error) {
			return l.AddAccount(ctx, q.Account, q.Password)
		}),
		signIn: on(t, "accounts/sign-in", once, func(ctx context.Context, l *Local, q newAccount) (nothing, error) {
			return nothing{}, l.SignIn(ctx, q.Account, q.Password)
		}),
		removeAccount: byAccount(t, "accounts/remove", once, done((*Local).RemoveAccount)),
		status: byAccount(t, "status", again, func(l *Local, ctx context.Context, id activesync.AccountID) (statusLine, error) {
			s, err := l.Status(ctx, id)
			return newStatusLine(s), err
		}),
		state: byAccount(t, "state", again, (*Local).State),
		setAutoRefresh: on(t, "auto-refresh", again, func(ctx context.Context, l *Local, q autoRefresh) (nothing, error) {
			return nothing{}, l.SetAutoRefresh(ctx, q.Account, q.On)
		}),
		folders: byAccount(t, "folders", again, (*Local).Folders),
		setFolderOptions: on(t, "folders/options", again, func(ctx context.Context, l *Local, q folderOptions) (nothing, error) {
			return nothing{}, l.SetFolderOptions(ctx, q.Folder, q.Options)
		}),
		syncNow: on(t, "sync/now", again, func(ctx context.Context, l *Local, q someFolders) (nothing, error) {
			return nothing{}, l.SyncNow(ctx, q.Account, q.Folders...)
		}),
		push:  byAccount(t, "push", again, done((*Local).Push)),
		check: byAccount(t, "check", again, done((*Local).Check)),
		sound: on(t, "sound", again, func(ctx context.Context, l *Local, _ nothing) (nothing, error) {
			return nothing{}, l.Sound(ctx)
		}),
		traffic:          byAccount(t, "traffic", again, (*Local).Traffic),
		presence:         bare(t, "presence", again, (*Local).Presence),
		background:       bare(t, "background", again, (*Local).Background),
		setBackground:    by(t, "background/set", again, done((*Local).SetBackground)),
		notifications:    bare(t, "notifications", again, (*Local).Notifications),
		setNotifications: by(t, "notifications/set", again, done((*Local).SetNotifications)),
	}
}
