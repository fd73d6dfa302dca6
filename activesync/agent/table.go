package agent

import (
	"context"
	"errors"

	"eas.example/securemail/activesync"
)

// calls is the one table of what can be asked on the socket, save what is
// streamed: events, attachments, whole messages and the progress of a sync.
type calls struct {
	accountCalls
	mailCalls
	agendaCalls
	serverCalls
	keyCalls
	reminderCalls
	confirmCalls
	people peopleCalls
}

// table is what the server answers: each call is noted in it as it is made.
type table struct{ endpoints []endpoint }

func newCalls(t *table) calls {
	return calls{newAccountCalls(t), newMailCalls(t), newAgendaCalls(t), newServerCalls(t), newKeyCalls(t), newReminderCalls(t), newConfirmCalls(t), newPeopleCalls(t)}
}

// Whether a call may be asked again when the agent died over it.
const (
	again = true
	once  = false
)

// on makes a call and notes it. The functions below make those whose question is
// nothing, one value, or one id.
func on[Q, A any](t *table, name string, harmless bool, do func(context.Context, *Local, Q) (A, error)) call[Q, A] {
	c := call[Q, A]{name, harmless, do}
	t.endpoints = append(t.endpoints, c)
	return c
}

func bare[A any](t *table, name string, harmless bool, do func(*Local, context.Context) (A, error)) call[nothing, A] {
	return on(t, name, harmless, func(ctx context.Context, l *Local, _ nothing) (A, error) { return do(l, ctx) })
}

func by[Q, A any](t *table, name string, harmless bool, do func(*Local, context.Context, Q) (A, error)) call[Q, A] {
	return on(t, name, harmless, func(ctx context.Context, l *Local, q Q) (A, error) { return do(l, ctx, q) })
}

func byAccount[A any](t *table, name string, harmless bool, do func(*Local, context.Context, activesync.AccountID) (A, error)) call[ofAccount, A] {
	return on(t, name, harmless, func(ctx context.Context, l *Local, q ofAccount) (A, error) { return do(l, ctx, q.Account) })
}

func byItem[A any](t *table, name string, harmless bool, do func(*Local, context.Context, activesync.ItemID) (A, error)) call[ofItem, A] {
	return on(t, name, harmless, func(ctx context.Context, l *Local, q ofItem) (A, error) { return do(l, ctx, q.Item) })
}

func byOps(t *table, name string, do func(*Local, context.Context, ...activesync.OpID) error) call[ofOps, nothing] {
	return on(t, name, once, func(ctx context.Context, l *Local, q ofOps) (nothing, error) { return nothing{}, do(l, ctx, q.Ops...) })
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
