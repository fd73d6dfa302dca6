package engine

import (
	"context"
	"fmt"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

// askWipe asks a server that refuses everything with 140 what is to be erased.
// Only an answer that says so is an order (MS-ASPROV 3.1.5.1).
func (e *Engine) askWipe(ctx context.Context) error {
	answer, err := e.server.Provision(ctx, &wire.ProvisionRequest{})
	if err != nil {
		return fmt.Errorf("ask what is to be erased: %w", err)
	}
	if !answer.Wipe() {
		return fmt.Errorf("%w: it speaks of erasing, and then of nothing to erase", activesync.ErrProvision)
	}
	return e.mustErase(ctx, answer)
}

// mustErase notes that the account has to go, which no crash undoes, and tells
// the server so. That comes before the erasing, after which nobody could sign in;
// what the server says to it changes nothing (MS-ASPROV 2.2.2.45). Both wipes
// erase this account alone, which is all that is the organisation's here.
func (e *Engine) mustErase(ctx context.Context, answer *wire.ProvisionResponse) error {
	if err := e.store.UpdateState(ctx, e.account.ID, func(s *activesync.AccountState) error { s.Erase = true; return nil }); err != nil {
		return storeFailed(err)
	}
	e.mu.Lock()
	e.session = false
	e.mu.Unlock()
	if _, err := e.server.Provision(ctx, wire.AcknowledgeWipe(answer, wire.WipeDone)); err != nil {
		e.log.Warn("the server was not told that the account is erased", "error", err)
	}
	return activesync.ErrWipe
}

// mustGo reports whether the server has ordered the account to be erased. What else
// speaks of erasing is no order.
func (e *Engine) mustGo(ctx context.Context) bool {
	state, err := e.state(ctx)
	return err == nil && state.Erase
}
