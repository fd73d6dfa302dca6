package client

import (
	"context"
	"fmt"
	"time"

	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

// EncodeSync is the body of a Sync request. The same bytes sent again are the
// same request.
func (c *Client) EncodeSync(in *wire.SyncRequest) ([]byte, error) {
	b, err := wbxml.Marshal(in)
	if err != nil {
		return nil, fmt.Errorf("Sync: %w", err)
	}
	return b, nil
}

// Sync asks for changes and sends own ones (MS-ASCMD 2.2.1.21).
func (c *Client) Sync(ctx context.Context, in *wire.SyncRequest) (*wire.SyncResponse, error) {
	body, err := c.EncodeSync(in)
	if err != nil {
		return nil, err
	}
	wait := time.Duration(in.Wait)*time.Minute + time.Duration(in.HeartbeatInterval)*time.Second
	return c.sync(ctx, body, silentSync+wait)
}

// SyncRaw sends the body that EncodeSync made, which waits for nothing. An
// answer without a body says that nothing changed: Empty is set. The error is
// that of the whole command; each folder has a Status of its own.
func (c *Client) SyncRaw(ctx context.Context, body []byte) (*wire.SyncResponse, error) {
	return c.sync(ctx, body, silentSync)
}

// SyncAgain asks once more what the last Sync that stated everything asked, at
// the keys that its answer gave: an empty request (MS-ASCMD 2.2.1.21). wait is
// what that one was ready to wait. A server that does not remember answers 13,
// an ErrRejected.
func (c *Client) SyncAgain(ctx context.Context, wait time.Duration) (*wire.SyncResponse, error) {
	return c.sync(ctx, nil, silentSync+wait)
}

func (c *Client) sync(ctx context.Context, body []byte, silent time.Duration) (*wire.SyncResponse, error) {
	data, a, err := c.exchange(ctx, &request{command: "Sync", code: codeSync, silent: silent}, body)
	if err != nil {
		return nil, err
	}
	if len(data) == 0 {
		return &wire.SyncResponse{Empty: true}, nil
	}
	out := &wire.SyncResponse{}
	if err := a.decode(data, out); err != nil {
		return nil, err
	}
	if err := status("Sync", out.Status); err != nil {
		return out, err
	}
	return out, nil
}
