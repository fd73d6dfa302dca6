package client

import (
	"errors"
	"fmt"
	"testing"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

func TestStatusOfEveryCommand(t *testing.T) {
	answers := map[string]func(code int) any{
		"Provision":       func(n int) any { return &wire.ProvisionResponse{Status: n} },
		"FolderSync":      func(n int) any { return &wire.FolderSyncResponse{Status: n, SyncKey: "1"} },
		"FolderCreate":    func(n int) any { return &wire.FolderCreateResponse{Status: n, SyncKey: "1"} },
		"FolderUpdate":    func(n int) any { return &wire.FolderUpdateResponse{Status: n, SyncKey: "1"} },
		"FolderDelete":    func(n int) any { return &wire.FolderDeleteResponse{Status: n, SyncKey: "1"} },
		"Sync":            func(n int) any { return &wire.SyncResponse{Status: n} },
		"Ping":            func(n int) any { return &wire.PingResponse{Status: n} },
		"MoveItems":       func(n int) any { return &wire.MoveItemsResponse{Status: n} },
		"Settings":        func(n int) any { return &wire.SettingsResponse{Status: n} },
		"GetItemEstimate": func(n int) any { return &wire.GetItemEstimateResponse{Status: n} },
		"ItemOperations":  func(n int) any { return &wire.ItemOperationsResponse{Status: n} },
		"FetchAttachment": func(n int) any { return &wire.ItemOperationsResponse{Status: n} },
		"SendMail":        func(n int) any { return &wire.SendMailResponse{Status: n} },
	}
	common := map[int]error{
		110: activesync.ErrBusy, 111: activesync.ErrBusy, 113: activesync.ErrQuota, 126: activesync.ErrForbidden, 129: activesync.ErrForbidden,
		140: activesync.ErrWipe, 141: activesync.ErrProvision, 142: activesync.ErrProvision, 143: activesync.ErrProvision, 144: activesync.ErrProvision,
		177: activesync.ErrForbidden, 101: activesync.ErrRejected, 103: activesync.ErrRejected, 166: activesync.ErrRejected,
	}
	for _, cmd := range commands() {
		answer := answers[cmd.name]
		if answer == nil {
			continue
		}
		name := cmd.name
		if name == "FetchAttachment" {
			name = "ItemOperations"
		}
		for code, want := range common {
			err := cmd.call(t.Context(), open(t, always(200, encode(t, answer(code)), "Content-Type", typeWBXML)))
			only(t, fmt.Sprintf("%s, status %d", cmd.name, code), err, want)
			if s, ok := errors.AsType[*activesync.StatusError](err); !ok || s.Code != code || s.Command != name {
				t.Errorf("%s, status %d: %v", cmd.name, code, err)
			}
		}
	}
	for _, tt := range []struct {
		command string
		code    int
		want    error
	}{
		{"FolderSync", 9, activesync.ErrBadSyncKey}, {"FolderCreate", 9, activesync.ErrBadSyncKey}, {"FolderSync", 6, activesync.ErrBusy},
		{"FolderCreate", 2, activesync.ErrRejected}, {"FolderDelete", 4, activesync.ErrNotFound}, {"Sync", 3, activesync.ErrBadSyncKey},
		{"Sync", 12, activesync.ErrFolderGone}, {"Sync", 5, activesync.ErrBusy}, {"Sync", 4, activesync.ErrRejected}, {"SendMail", 118, activesync.ErrAlreadySent},
		{"SendMail", 120, activesync.ErrBusy}, {"SendMail", 115, activesync.ErrQuota},
	} {
		for _, cmd := range commands() {
			if cmd.name == tt.command {
				err := cmd.call(t.Context(), open(t, always(200, encode(t, answers[cmd.name](tt.code)))))
				only(t, fmt.Sprintf("%s, status %d", tt.command, tt.code), err, tt.want)
			}
		}
	}
}

func TestWipe(t *testing.T) {
	// In the answer to any command it is status 140, in that to Provision an element.
	_, err := open(t, always(200, encode(t, &wire.FolderSyncResponse{Status: 140}))).FolderSync(t.Context(), "0")
	only(t, "140", err, activesync.ErrWipe)
	for _, accountOnly := range []bool{false, true} {
		answer := &wire.ProvisionResponse{Status: 1}
		if accountOnly {
			answer.AccountOnlyRemoteWipe = &wire.WipeStatus{}
		} else {
			answer.RemoteWipe = &wire.WipeStatus{}
		}
		out, err := open(t, always(200, encode(t, answer))).Provision(t.Context(), &wire.ProvisionRequest{})
		if err != nil || (out.RemoteWipe != nil) == accountOnly || (out.AccountOnlyRemoteWipe != nil) != accountOnly {
			t.Errorf("account only %v: %+v, %v", accountOnly, out, err)
		}
	}
	// It is acknowledged without policies.
	s := always(200, encode(t, &wire.ProvisionResponse{Status: 1}))
	if _, err := open(t, s, func(c *Config) { c.DeviceInfo = wire.DeviceInformation{Model: "m"} }).Provision(t.Context(),
		&wire.ProvisionRequest{RemoteWipe: &wire.WipeStatus{Status: 1}}); err != nil {
		t.Fatal(err)
	}
	if want := encode(t, &wire.ProvisionRequest{RemoteWipe: &wire.WipeStatus{Status: 1}}); string(s.bodies[0]) != string(want) {
		t.Errorf("sent % x, want % x", s.bodies[0], want)
	}
}

func TestPingStatusIsLeftToTheCaller(t *testing.T) {
	for code := 1; code <= 8; code++ {
		out, err := open(t, always(200, encode(t, &wire.PingResponse{Status: code}))).Ping(t.Context(), &wire.PingRequest{})
		if err != nil || out.Status != code {
			t.Errorf("status %d: %+v, %v", code, out, err)
		}
	}
	if _, err := open(t, always(200, encode(t, &wire.PingResponse{}))).Ping(t.Context(), &wire.PingRequest{}); err == nil {
		t.Error("a Ping without a status is taken")
	}
}
