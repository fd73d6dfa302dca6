package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/policy"
	"eas.example/securemail/activesync/wire"
)

// openSession agrees on a version and sees to it that the policies are
// acknowledged, once in a process and again when the server asks. The caller
// holds the lane.
func (e *Engine) openSession(ctx context.Context) error {
	e.mu.Lock()
	open := e.session
	e.mu.Unlock()
	if open {
		return nil
	}
	state, err := e.state(ctx)
	if err != nil {
		return err
	}
	if state.Erase {
		return activesync.ErrWipe
	}
	if state.Endpoint != "" {
		if err := e.server.SetEndpoint(state.Endpoint); err != nil {
			return fmt.Errorf("use the address the server named: %w", err)
		}
	}
	if err := e.negotiate(ctx, &state); err != nil {
		return err
	}
	e.server.SetVersion(state.Version)
	e.server.SetPolicyKey(state.PolicyKey)
	// A server may never ask, and yet serve nothing to a device it has not been
	// introduced to; so introduce it once before the first Sync.
	if !state.Provisioned {
		if err := e.provision(ctx); err != nil {
			return err
		}
	}
	e.mu.Lock()
	e.session = true
	e.mu.Unlock()
	return nil
}

// negotiate chooses the highest version that both sides speak. The version of
// a partnership stays as long as the server still offers it; in another one every
// folder starts anew, which the store survives.
func (e *Engine) negotiate(ctx context.Context, state *activesync.AccountState) error {
	caps, err := e.server.Options(ctx)
	if err != nil {
		if h, ok := errors.AsType[*activesync.HTTPError](err); ok && h.Code == 405 { // a proxy forbids OPTIONS
			e.learnFrom(ctx, err)
			return e.withoutOptions(ctx, state)
		}
		return fmt.Errorf("ask for the server's versions: %w", err)
	}
	if len(caps.Versions) == 0 {
		return fmt.Errorf("%w: it speaks none of the versions 12.1, 14.0, 14.1, 16.0, 16.1", activesync.ErrNotActiveSync)
	}
	version := caps.Versions[0]
	if state.Version != 0 && state.Version != version {
		if slices.Contains(caps.Versions, state.Version) {
			version = state.Version
		} else if err := e.restartAll(ctx); err != nil {
			return err
		}
	}
	return e.store.UpdateState(ctx, e.account.ID, func(s *activesync.AccountState) error {
		s.Version, s.Commands, s.Build = version, caps.Commands, caps.Build
		if *state = *s; version < activesync.V121 {
			return fmt.Errorf("version %v is too old", version)
		}
		return nil
	})
}

// withoutOptions goes on with the version that worked, else with the one that most
// servers speak.
func (e *Engine) withoutOptions(ctx context.Context, state *activesync.AccountState) error {
	if state.Version != 0 {
		return nil
	}
	return e.store.UpdateState(ctx, e.account.ID, func(s *activesync.AccountState) error {
		s.Version = activesync.V141
		*state = *s
		return nil
	})
}

func (e *Engine) restartAll(ctx context.Context) error {
	folders, err := e.store.Folders(ctx, e.account.ID)
	if err != nil {
		return err
	}
	for _, f := range folders {
		if err := e.startAnew(ctx, f.ID); err != nil {
			return fmt.Errorf("start %s anew: %w", f.Name, err)
		}
	}
	return nil
}

// provision fetches the policies, keeps them as received and acknowledges them
// truthfully (MS-ASPROV 3.1.5.1).
func (e *Engine) provision(ctx context.Context) error {
	state, err := e.state(ctx)
	if err != nil {
		return err
	}
	later, err := e.introduce(ctx, state)
	if err != nil {
		return err
	}
	if len(state.Commands) > 0 && !slices.Contains(state.Commands, "Provision") {
		if err := e.learn(ctx, activesync.QuirkNoPolicies, yes); err != nil {
			return err
		}
		return e.provisioned(ctx, "0", nil, nil)
	}
	e.server.SetPolicyKey("0")
	answer, err := e.server.Provision(ctx, wire.NewProvisionRequest(state.Version, e.device))
	if err != nil {
		if h, ok := errors.AsType[*activesync.HTTPError](err); ok && h.Code == 501 {
			if lerr := e.learn(ctx, activesync.QuirkNoPolicies, yes); lerr != nil {
				return lerr
			}
			return e.provisioned(ctx, "0", nil, nil) // the command does not exist there
		}
		return fmt.Errorf("ask for the policies: %w", err)
	}
	if answer.Wipe() {
		return e.mustErase(ctx, answer)
	}
	offer := answer.Policy()
	if offer.Status == 2 || offer.Key == "" { // no policy for this user
		return e.provisioned(ctx, "0", nil, nil)
	}
	doc := offer.Doc()
	p := policy.FromServer(doc)
	e.server.SetPolicyKey(offer.Key)
	answer, err = e.server.Provision(ctx, wire.AcknowledgeProvision(state.Version, offer.Key, p.Acknowledgement()))
	if err != nil {
		if errors.Is(err, activesync.ErrForbidden) { // so that it is seen which of them are not kept
			err = errors.Join(err, e.keepPolicies(ctx, doc, p.Unmet()))
		}
		return fmt.Errorf("acknowledge the policies: %w", err)
	}
	if answer.Wipe() {
		return e.mustErase(ctx, answer)
	}
	final := answer.Policy()
	if final.Key == "" {
		return fmt.Errorf("acknowledge the policies: %w", &activesync.StatusError{Command: "Provision", Code: final.Status})
	}
	if later {
		e.server.SetPolicyKey(final.Key)
		if _, err := e.introduce(ctx, state); err != nil {
			return err
		}
	}
	e.log.Info("policies acknowledged", "unmet", strings.Join(p.Unmet(), " "))
	return e.provisioned(ctx, final.Key, doc, p.Unmet())
}

// keepPolicies keeps what the server demands of a device that it does not let in.
func (e *Engine) keepPolicies(ctx context.Context, doc map[string]string, unmet []string) error {
	return e.store.UpdateState(ctx, e.account.ID, func(s *activesync.AccountState) error {
		s.Policy, s.PolicyUnmet = doc, unmet
		return nil
	})
}

func (e *Engine) provisioned(ctx context.Context, key activesync.PolicyKey, doc map[string]string, unmet []string) error {
	e.server.SetPolicyKey(key)
	err := e.store.UpdateState(ctx, e.account.ID, func(s *activesync.AccountState) error {
		s.Provisioned, s.PolicyKey, s.Policy, s.PolicyUnmet = true, key, doc, unmet
		return nil
	})
	if err == nil {
		e.tell(activesync.Notice{Kind: activesync.NoticePolicy})
	}
	return err
}

// introduce tells a server below 14.1 what this device is; from 14.1 on the
// Provision command does (MS-ASCMD 2.2.1.18). later: the server wants its policies
// acknowledged before it is told, as Z-Push does.
func (e *Engine) introduce(ctx context.Context, state activesync.AccountState) (later bool, err error) {
	if state.Version >= activesync.V141 || !slices.Contains(state.Commands, "Settings") {
		return false, nil
	}
	_, err = e.server.Settings(ctx, wire.NewDeviceInformation(e.device))
	switch {
	case errors.Is(err, activesync.ErrProvision):
		return true, nil
	case err != nil && !harmless(err):
		return false, fmt.Errorf("introduce this device: %w", err)
	}
	return false, nil
}

// harmless reports whether the server merely did not like a request that is
// no condition for going on.
func harmless(err error) bool {
	return errors.Is(err, activesync.ErrRejected) || errors.Is(err, activesync.ErrNotActiveSync)
}

// exchange runs do in the lane, in an open session, and does once or twice
// what a server may ask for before it serves: policies, another address.
func (e *Engine) exchange(ctx context.Context, do func(context.Context) error) error {
	if err := e.lane.enter(ctx); err != nil {
		return err
	}
	defer e.lane.leave()
	var err error
	for range 3 {
		if err = e.openSession(ctx); err == nil {
			err = do(ctx)
		}
		switch {
		case err == nil:
			e.mu.Lock()
			e.shutOut = false
			e.mu.Unlock()
			return nil
		case e.mayWantPolicies(err):
			if e.provision(ctx) != nil {
				return e.named(err)
			}
		case errors.Is(err, activesync.ErrWipe):
			if state, serr := e.state(ctx); serr != nil || state.Erase {
				return errors.Join(err, serr)
			}
			return e.askWipe(ctx)
		case errors.Is(err, activesync.ErrProvision):
			if state, serr := e.state(ctx); serr == nil && state.PolicyKey != "" && state.PolicyKey != "0" {
				_ = e.learn(ctx, activesync.QuirkPoliciesAgain, yes)
			}
			if perr := e.provision(ctx); perr != nil {
				return e.named(perr)
			}
		case moved(err) != "":
			if merr := e.moveTo(ctx, moved(err)); merr != nil {
				return merr
			}
		case anotherVersion(err):
			e.mu.Lock()
			e.session = false
			e.mu.Unlock()
		default:
			e.learnFrom(ctx, err)
			return e.named(err)
		}
	}
	return e.named(err)
}

// mayWantPolicies reports whether a 403 is met for the first time: some servers want
// their policies acknowledged anew when they say it.
func (e *Engine) mayWantPolicies(err error) bool {
	h, ok := errors.AsType[*activesync.HTTPError](err)
	if !ok || h.Code != 403 || h.Command == "OPTIONS" || h.Command == "Provision" || h.Command == "Settings" {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	first := !e.shutOut
	e.shutOut = true
	return first
}

// anotherVersion reports whether the server no longer speaks the version that was
// agreed on (MS-ASCMD 2.2.2, 138).
func anotherVersion(err error) bool {
	s, ok := errors.AsType[*activesync.StatusError](err)
	return ok && s.Code == 138
}

func moved(err error) string {
	if h, ok := errors.AsType[*activesync.HTTPError](err); ok && h.Code == 451 {
		return h.Location
	}
	return ""
}

// moveTo keeps the address that a 451 named and agrees on versions there anew
// (MS-ASHTTP 3.1.5.2.2).
func (e *Engine) moveTo(ctx context.Context, endpoint string) error {
	if err := e.server.SetEndpoint(endpoint); err != nil {
		return fmt.Errorf("the server names another address: %w", err)
	}
	e.mu.Lock()
	e.session = false
	e.mu.Unlock()
	return e.store.UpdateState(ctx, e.account.ID, func(s *activesync.AccountState) error {
		s.Endpoint = endpoint
		return nil
	})
}
