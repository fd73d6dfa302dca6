package agent

import (
	"context"
	"fmt"
	"slices"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/policy"
)

// ReportPhishing sends a message as it is to those whom the policy Report
// phishing addresses names, and moves it to Junk, or to Deleted Items where
// there is no Junk. It waits for the network where the whole message is not
// here.
func (l *Local) ReportPhishing(ctx context.Context, item activesync.ItemID) (activesync.PhishingReport, error) {
	now := l.managed()
	if err := now.AsError(policy.PhishingAddresses); err != nil {
		return activesync.PhishingReport{}, err
	}
	m, err := l.ofItem(ctx, item)
	if err != nil {
		return activesync.PhishingReport{}, err
	}
	mail, err := l.Store.Message(ctx, item)
	if err != nil {
		return activesync.PhishingReport{}, err
	}
	source, err := l.Source(ctx, item)
	if err != nil {
		return activesync.PhishingReport{}, fmt.Errorf("get the message that is reported: %w", err)
	}
	out := activesync.PhishingReport{To: now.List(policy.PhishingAddresses), Ops: []activesync.OpID{}}
	d := activesync.Draft{Account: m.account.ID, Subject: "Phishing report: " + mail.Subject,
		Text:        fmt.Sprintf("The attached message was reported as phishing by %s on %s.\n", m.account.Email, time.Now().UTC().Format(time.RFC1123)),
		Attachments: []activesync.DraftAttachment{{Name: "reported.eml", ContentType: "message/rfc822", Data: source}}}
	for _, to := range out.To {
		d.To = append(d.To, activesync.Address{Address: to})
	}
	if _, err := l.Send(ctx, d); err != nil {
		return activesync.PhishingReport{}, fmt.Errorf("send the report: %w", err)
	}
	to, err := l.junk(ctx, m.account.ID)
	if err != nil || to.ID == 0 || to.ID == mail.Folder {
		return out, err
	}
	if out.Ops, err = l.Do(ctx, activesync.Op{Kind: activesync.OpMove, Item: item, Folder: mail.Folder, To: to.ID}); err != nil {
		return out, fmt.Errorf("the message is reported but stays where it is: %w", err)
	}
	out.Into = to.Name
	return out, nil
}

// junk is where unwanted mail goes; its id is 0 where there is no such folder.
func (l *Local) junk(ctx context.Context, id activesync.AccountID) (activesync.Folder, error) {
	all, err := l.Store.Folders(ctx, id)
	if err != nil {
		return activesync.Folder{}, err
	}
	for _, is := range []func(activesync.Folder) bool{activesync.Folder.IsJunk, func(f activesync.Folder) bool { return f.Type == activesync.FolderDeleted }} {
		if i := slices.IndexFunc(all, is); i >= 0 {
			return all[i], nil
		}
	}
	return activesync.Folder{}, nil
}

// ReportPhishing is Local.ReportPhishing.
func (c *Client) ReportPhishing(ctx context.Context, item activesync.ItemID) (activesync.PhishingReport, error) {
	return c.calls.report.ask(ctx, c, ofItem{item})
}
