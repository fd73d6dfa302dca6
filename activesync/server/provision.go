package server

import (
	"context"
	"fmt"
	"hash/fnv"
	"net/http"
	"strconv"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

// provision hands out policies and takes their acknowledgement (MS-ASPROV 3.2.5).
func (x *exchange) provision() *reply {
	if x.root != nil && len(x.root.Children) == 0 || x.root == nil {
		return document(x.wiping(&wire.ProvisionResponse{Status: 1}))
	}
	var req wire.ProvisionRequest
	if x.decode(&req) != nil {
		return document(&wire.ProvisionResponse{Status: 2})
	}
	if said := cmpOr(req.RemoteWipe, req.AccountOnlyRemoteWipe); said != nil {
		return document(x.erased(said.Status))
	}
	out := x.wiping(&wire.ProvisionResponse{Status: 1})
	if req.DeviceInformation != nil {
		if x.Version < activesync.V141 {
			return x.failure(103, 400)
		}
		x.d.introduced = true
		out.DeviceInformation = &wire.SettingsStatus{Status: 1}
	}
	if req.Policies == nil {
		return document(&wire.ProvisionResponse{Status: 2})
	}
	p := req.Policies.Policy
	answer := wire.PolicyAnswer{PolicyType: p.PolicyType, Status: 1}
	switch {
	case p.PolicyType != wire.PolicyType:
		answer.Status = 3
	case p.Key == "" && !x.d.introduced && x.Version >= activesync.V141:
		return x.failure(165, 400)
	case x.s.cfg.Policies == nil:
		answer.Status = 2
	case p.Key == "":
		x.d.offered = x.d.newPolicyKey()
		answer.Key = activesync.PolicyKey(strconv.FormatUint(uint64(x.d.offered), 10))
		answer.Data = &wire.PolicyData{Document: *wire.NewProvisionDoc(x.s.cfg.Policies)}
	case string(p.Key) != strconv.FormatUint(uint64(x.d.offered), 10) || x.d.offered == 0 || x.PolicyKey != x.d.offered:
		answer.Status = 5 // the key is not the one that was handed out, or the header has another
	case p.Status < 1 || p.Status > 4:
		return x.failure(103, 400)
	case p.Status != wire.PolicyApplied && x.s.cfg.AllPolicies:
		return x.failure(139, http.StatusForbidden)
	default:
		x.d.policyKey, x.d.offered, x.d.outdated = x.d.newPolicyKey(), 0, false
		answer.Key = activesync.PolicyKey(strconv.FormatUint(uint64(x.d.policyKey), 10))
	}
	out.Policies = &wire.PolicyAnswers{Policies: []wire.PolicyAnswer{answer}}
	return document(out)
}

// wipe is what the devices of a user are asked to erase.
type wipe uint8

const (
	wipeNothing wipe = iota
	wipeAccount      // what belongs to the account, from 16.1 on
	wipeDevice
)

// erased takes the word of a device that was to erase itself (MS-ASPROV
// 3.2.5.1.2.2 and .3).
func (x *exchange) erased(status int) *wire.ProvisionResponse {
	switch {
	case status != wire.WipeDone:
		return x.wiping(&wire.ProvisionResponse{Status: 2})
	case x.m.wipe != wipeNothing:
		x.m.wipe, x.m.wiped, x.d.policyKey = wipeNothing, x.m.wipe, 0
	}
	return &wire.ProvisionResponse{Status: 1}
}

// wiping puts into an answer what the device is to erase.
func (x *exchange) wiping(out *wire.ProvisionResponse) *wire.ProvisionResponse {
	switch {
	case x.m.wipe == wipeDevice:
		out.RemoteWipe = &wire.WipeStatus{}
	case x.mustWipe():
		out.AccountOnlyRemoteWipe = &wire.WipeStatus{}
	}
	return out
}

// mustWipe reports whether the device may do nothing but erase. Below 16.1
// there is no way to ask for the account alone (MS-ASPROV 2.2.2.1).
func (x *exchange) mustWipe() bool {
	return x.m.wipe == wipeDevice || x.m.wipe == wipeAccount && x.Version >= activesync.V161
}

// Wipe asks the devices of the user to erase themselves.
func (m *Mailbox) Wipe() { m.erase(wipeDevice) }

// WipeAccount asks the devices of the user to erase what belongs to this
// account. Those that speak less than 16.1 are not asked.
func (m *Mailbox) WipeAccount() { m.erase(wipeAccount) }

func (m *Mailbox) erase(what wipe) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wipe = what
	m.touch()
}

// Wiped reports whether a device said that it erased itself, or the account.
func (m *Mailbox) Wiped() (device, account bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.wiped == wipeDevice, m.wiped == wipeAccount
}

// DropPolicyKeys makes all devices of the user acknowledge the policies anew.
func (m *Mailbox) DropPolicyKeys() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, d := range m.devices {
		d.outdated = true
	}
}

// newPolicyKey makes a key that the device has not had.
func (d *device) newPolicyKey() uint32 {
	d.counter++
	h := fnv.New32a()
	fmt.Fprint(h, d.id, d.counter)
	return h.Sum32() | 1
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
