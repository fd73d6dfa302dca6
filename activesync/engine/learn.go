package engine

import (
	"context"
	"errors"

	"eas.example/securemail/activesync"
)

// yes is the value of a quirk that was seen.
const yes = "yes"

// learn keeps what was seen of the server. It writes nothing where that is
// known.
func (e *Engine) learn(ctx context.Context, q activesync.Quirk, value string) error {
	state, err := e.state(ctx)
	if err != nil || state.Quirk(q) == value {
		return err
	}
	e.log.Info("learned of the server", "quirk", string(q))
	return e.store.UpdateState(ctx, e.account.ID, func(s *activesync.AccountState) error {
		if s.Quirks == nil {
			s.Quirks = map[string]string{}
		}
		s.Quirks[string(q)] = value
		return nil
	})
}

// learnFrom keeps what a failed exchange tells of the server. What cannot be
// kept is learned another time.
func (e *Engine) learnFrom(ctx context.Context, err error) {
	page := errors.Is(err, activesync.ErrNotActiveSync)
	if _, answered := errors.AsType[*activesync.HTTPError](err); page && !answered { // a page in place of an answer
		_ = e.learn(ctx, activesync.QuirkPages, yes)
	}
	if h, ok := errors.AsType[*activesync.HTTPError](err); ok && h.Code == 405 && h.Command == "OPTIONS" {
		_ = e.learn(ctx, activesync.QuirkNoOptions, yes)
	}
}

// learnFromFolders keeps what the names of the folders tell of the server.
func (e *Engine) learnFromFolders(ctx context.Context) error {
	all, err := e.store.Folders(ctx, e.account.ID)
	if err != nil {
		return err
	}
	for _, q := range activesync.QuirksByFolder(all) {
		if err := e.learn(ctx, q, yes); err != nil {
			return err
		}
	}
	return nil
}

// named says of a refusal which device it is about: an administrator who allows
// devices one by one needs the id.
func (e *Engine) named(err error) error {
	if e.deviceID == "" || !errors.Is(err, activesync.ErrForbidden) {
		return err
	}
	if _, ok := errors.AsType[*activesync.DeviceError](err); ok {
		return err
	}
	return &activesync.DeviceError{ID: e.deviceID, Err: err}
}
