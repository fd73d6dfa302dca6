package client

import (
	"context"
	"io"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

// SearchMail looks for messages on the server, n of them from first on: by
// Search up to 16.0, by Find later unless the question has bounds in time
// (MS-ASCMD 2.2.1.16 and 2.2.1.2). searchID names one search over its pages.
func (c *Client) SearchMail(ctx context.Context, searchID string, q activesync.MailQuery, first, n int) (activesync.FoundMail, error) {
	_, v, _ := c.current()
	if v >= activesync.V161 && q.Before.IsZero() && len(q.Folders) < 2 {
		folder := activesync.ServerID("")
		if len(q.Folders) == 1 {
			folder = q.Folders[0]
		}
		out := &wire.FindMailResponse{}
		if err := c.call(ctx, &request{command: "Find", code: codeFind}, wire.NewFindMail(searchID, wire.FindWords(q), folder, first, n), out); err != nil {
			return activesync.FoundMail{}, err
		}
		if err := status("Find", out.Status); err != nil || out.Response == nil {
			return activesync.FoundMail{}, err
		}
		return out.Response.Found(), status("Find", out.Response.Status)
	}
	out := &wire.MailSearchResponse{}
	if err := c.call(ctx, &request{command: "Search", code: codeSearch}, wire.NewMailSearch(v, q, first, n), out); err != nil {
		return activesync.FoundMail{}, err
	}
	if err := status("Search", out.Status); err != nil || out.Store == nil {
		return activesync.FoundMail{}, err
	}
	if out.Store.Status == searchPastEnd && first > 0 {
		return activesync.FoundMail{Messages: []activesync.FoundMessage{}}, nil
	}
	return out.Store.Found(), status("Search/store", out.Store.Status)
}

// searchPastEnd is the Status of a Range that begins behind the last result.
const searchPastEnd = 12

// SearchLibrary lists what is at an address of the document library, the
// address itself first (MS-ASDOC).
func (c *Client) SearchLibrary(ctx context.Context, link string, first, n int) ([]wire.Document, error) {
	out := &wire.LibrarySearchResponse{}
	if err := c.call(ctx, &request{command: "Search", code: codeSearch}, wire.NewLibrarySearch(link, first, n), out); err != nil {
		return nil, err
	}
	if err := status("Search", out.Status); err != nil || out.Store == nil {
		return nil, err
	}
	return out.Store.Documents(), status("Search/store", out.Store.Status)
}

// FetchDocument writes a file of the document library to w as it comes in, and
// tells how many bytes it wrote.
func (c *Client) FetchDocument(ctx context.Context, link string, w io.Writer) (n int64, err error) {
	_, n, err = c.fetchWhole(ctx, wire.FetchDocument(link), w)
	return n, err
}
