package client

import (
	"context"
	"fmt"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

// call does an exchange of a command whose request and answer are structs.
func (c *Client) call(ctx context.Context, r *request, in, out any) error {
	body, err := wbxml.Marshal(in)
	if err != nil {
		return fmt.Errorf("%s: %w", r.command, err)
	}
	data, a, err := c.exchange(ctx, r, body)
	if err != nil {
		return err
	}
	return a.decode(data, out)
}

// Provision asks for policies or acknowledges them (MS-ASPROV). The error is
// that of the whole command; the Status of the policy is left to the caller.
func (c *Client) Provision(ctx context.Context, in *wire.ProvisionRequest) (*wire.ProvisionResponse, error) {
	if _, v, _ := c.current(); v >= activesync.V141 && in.DeviceInformation == nil && in.Policies != nil &&
		in.Policies.Policy.Key == "" && c.cfg.DeviceInfo != (wire.DeviceInformation{}) {
		with := *in
		with.DeviceInformation = &wire.DeviceInformationSet{Set: c.cfg.DeviceInfo}
		in = &with
	}
	out := &wire.ProvisionResponse{}
	if err := c.call(ctx, &request{command: "Provision", code: codeProvision}, in, out); err != nil {
		return nil, err
	}
	if err := status("Provision", out.Status); err != nil {
		return nil, err
	}
	return out, nil
}

// FolderSync asks for the changes of the folder hierarchy since key (MS-ASCMD
// 2.2.1.5). A key that is no longer known is an ErrBadSyncKey.
func (c *Client) FolderSync(ctx context.Context, key activesync.SyncKey) (*wire.FolderSyncResponse, error) {
	out := &wire.FolderSyncResponse{}
	if err := c.call(ctx, &request{command: "FolderSync", code: codeFolderSync}, &wire.FolderSyncRequest{SyncKey: key}, out); err != nil {
		return nil, err
	}
	return out, hierarchy("FolderSync", out.Status, out.SyncKey)
}

// FolderCreate makes a folder.
func (c *Client) FolderCreate(ctx context.Context, in *wire.FolderCreateRequest) (*wire.FolderCreateResponse, error) {
	out := &wire.FolderCreateResponse{}
	if err := c.call(ctx, &request{command: "FolderCreate", code: codeFolderCreate}, in, out); err != nil {
		return nil, err
	}
	return out, hierarchy("FolderCreate", out.Status, out.SyncKey)
}

// FolderUpdate renames or moves a folder.
func (c *Client) FolderUpdate(ctx context.Context, in *wire.FolderUpdateRequest) (*wire.FolderUpdateResponse, error) {
	out := &wire.FolderUpdateResponse{}
	if err := c.call(ctx, &request{command: "FolderUpdate", code: codeFolderUpdate}, in, out); err != nil {
		return nil, err
	}
	return out, hierarchy("FolderUpdate", out.Status, out.SyncKey)
}

// FolderDelete removes a folder for good.
func (c *Client) FolderDelete(ctx context.Context, in *wire.FolderDeleteRequest) (*wire.FolderDeleteResponse, error) {
	out := &wire.FolderDeleteResponse{}
	if err := c.call(ctx, &request{command: "FolderDelete", code: codeFolderDelete}, in, out); err != nil {
		return nil, err
	}
	return out, hierarchy("FolderDelete", out.Status, out.SyncKey)
}

// hierarchy is the error of a command on the hierarchy: without a new key it
// has not succeeded.
func hierarchy(command string, code int, key activesync.SyncKey) error {
	if err := status(command, code); err != nil {
		return err
	}
	if key == "" {
		return fmt.Errorf("%s: %w: the answer has no SyncKey", command, activesync.ErrTruncated)
	}
	return nil
}

// Ping waits until something changes in the folders or the heartbeat is over
// (MS-ASCMD 2.2.1.13). What the answer's Status of 1 to 8 means is left to the
// caller; common ones from 100 on are errors.
func (c *Client) Ping(ctx context.Context, in *wire.PingRequest) (*wire.PingResponse, error) {
	r := &request{command: "Ping", code: codePing, noKey: true}
	r.silent = time.Duration(in.HeartbeatInterval)*time.Second + pingGrace
	if in.HeartbeatInterval == 0 { // as in the last Ping
		r.silent = time.Hour
	}
	out := &wire.PingResponse{}
	if err := c.call(ctx, r, in, out); err != nil {
		return nil, err
	}
	if out.Status == 0 || out.Status >= 100 {
		return nil, &activesync.StatusError{Command: "Ping", Code: out.Status}
	}
	return out, nil
}

// MoveItems moves items. Each has a Status of its own in the answer, where
// wire.MoveSuccess is success.
func (c *Client) MoveItems(ctx context.Context, in *wire.MoveItemsRequest) (*wire.MoveItemsResponse, error) {
	out := &wire.MoveItemsResponse{}
	if err := c.call(ctx, &request{command: "MoveItems", code: codeMoveItems}, in, out); err != nil {
		return nil, err
	}
	if len(out.Responses) == 0 && out.Status != 0 {
		return nil, &activesync.StatusError{Command: "MoveItems", Code: out.Status}
	}
	return out, nil
}

// Settings reads and writes settings.
func (c *Client) Settings(ctx context.Context, in *wire.SettingsRequest) (*wire.SettingsResponse, error) {
	out := &wire.SettingsResponse{}
	if err := c.call(ctx, &request{command: "Settings", code: codeSettings}, in, out); err != nil {
		return nil, err
	}
	codes := []int{out.Status}
	for _, s := range []*wire.SettingsStatus{out.DeviceInformation, out.DevicePassword} {
		if s != nil {
			codes = append(codes, s.Status)
		}
	}
	if out.Oof != nil {
		codes = append(codes, out.Oof.Status)
	}
	if out.UserInformation != nil {
		codes = append(codes, out.UserInformation.Status)
	}
	for _, code := range codes {
		if err := status("Settings", code); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// GetItemEstimate asks how many items a Sync would bring. Each folder has a
// Status of its own in the answer.
func (c *Client) GetItemEstimate(ctx context.Context, in *wire.GetItemEstimateRequest) (*wire.GetItemEstimateResponse, error) {
	_, v, _ := c.current()
	out := &wire.GetItemEstimateResponse{}
	if err := c.call(ctx, &request{command: "GetItemEstimate", code: codeGetItemEstimate}, in.At(v), out); err != nil {
		return nil, err
	}
	if len(out.Responses) == 0 {
		if err := status("GetItemEstimate", out.Status); err != nil {
			return nil, err
		}
	}
	return out, nil
}
