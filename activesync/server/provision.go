package server

import (
	"context"
	"fmt"
	"hash/fnv"
	"strconv"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

// provision hands out policies and takes their acknowledgement (MS-ASPROV 3.2.5).
func (x *exchange) provision() *reply {
	if x.root != nil && len(x.root.Children) == 0 || x.root == nil {
		return document(&wire.ProvisionResponse{Status: 1, RemoteWipe: x.wiping()})
	}
	var req wire.ProvisionRequest
	if x.decode(&req) != nil {
		return document(&wire.ProvisionResponse{Status: 2})
	}
	if req.RemoteWipe != nil {
		if req.RemoteWipe.Status == wire.WipeDone {
			x.m.wipe, x.d.policyKey = false, 0
		}
		return document(&wire.ProvisionResponse{Status: 1, RemoteWipe: x.wiping()})
	}
	out := &wire.ProvisionResponse{Status: 1, RemoteWipe: x.wiping()}
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
	case string(p.Key) != strconv.FormatUint(uint64(x.d.offered), 10) || x.d.offered == 0:
		answer.Status = 5 // the key is not the one that was handed out
	case p.Status < 1 || p.Status > 4:
		return x.failure(103, 400)
	default:
		x.d.policyKey, x.d.offered, x.d.outdated = x.d.newPolicyKey(), 0, false
		answer.Key = activesync.PolicyKey(strconv.FormatUint(uint64(x.d.policyKey), 10))
	}
	out.Policies = &wire.PolicyAnswers{Policies: []wire.PolicyAnswer{answer}}
	return document(out)
}

func (x *exchange) wiping() *wire.WipeStatus {
	if x.m.wipe {
		return &wire.WipeStatus{}
	}
	return nil
}

// Wipe asks the devices of the user to erase themselves.
func (m *Mailbox) Wipe() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wipe = true
	m.touch()
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

// settings takes DeviceInformation and gives UserInformation (MS-ASCMD 2.2.1.18).
func (x *exchange) settings() *reply {
	var req wire.SettingsRequest
	if x.decode(&req) != nil {
		return document(&wire.SettingsResponse{Status: 2})
	}
	out := &wire.SettingsResponse{Status: 1}
	if req.DeviceInformation != nil {
		x.d.introduced = true
		out.DeviceInformation = &wire.SettingsStatus{Status: 1}
	}
	if req.UserInformation != nil {
		given := &wire.UserInformationGiven{}
		addresses := &wire.EmailAddresses{SMTPAddresses: []string{x.m.email}}
		if x.Version >= activesync.V141 {
			addresses.PrimarySMTPAddress = x.m.email
			given.Accounts = []wire.UserAccount{{EmailAddresses: addresses}}
		} else {
			given.EmailAddresses = addresses
		}
		out.UserInformation = &wire.UserInformation{Status: 1, Get: given}
	}
	return document(out)
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
