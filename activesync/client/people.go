package client

import (
	"context"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

// MeetingResponse answers invitations. Each has a Status of its own in the
// answer.
func (c *Client) MeetingResponse(ctx context.Context, in *wire.MeetingResponseRequest) (*wire.MeetingResponseResponse, error) {
	out := &wire.MeetingResponseResponse{}
	if err := c.call(ctx, &request{command: "MeetingResponse", code: codeMeetingResponse}, in, out); err != nil {
		return nil, err
	}
	if len(out.Results) == 0 {
		return nil, &activesync.StatusError{Command: "MeetingResponse"}
	}
	return out, nil
}

// ResolveRecipients asks who is meant and what is known of them. Each question
// has a Status of its own in the answer.
func (c *Client) ResolveRecipients(ctx context.Context, in *wire.ResolveRecipientsRequest) (*wire.ResolveRecipientsResponse, error) {
	out := &wire.ResolveRecipientsResponse{}
	if err := c.call(ctx, &request{command: "ResolveRecipients", code: codeResolveRecipients}, in, out); err != nil {
		return nil, err
	}
	if err := status("ResolveRecipients", out.Status); err != nil {
		return nil, err
	}
	return out, nil
}

// ValidateCert asks the server whether certificates are good.
func (c *Client) ValidateCert(ctx context.Context, in *wire.ValidateCertRequest) (*wire.ValidateCertResponse, error) {
	out := &wire.ValidateCertResponse{}
	if err := c.call(ctx, &request{command: "ValidateCert", code: codeValidateCert}, in, out); err != nil {
		return nil, err
	}
	if err := status("ValidateCert", out.Status); err != nil {
		return nil, err
	}
	return out, nil
}
